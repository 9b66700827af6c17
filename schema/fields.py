"""Root fields made from use cases: who may, which codes and events, are read from the use case and shown in the SDL."""

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Annotated, Any, Self

import strawberry
from strawberry.schema_directive import Location

from core.analyser.limits import Cost
from core.execution.errors import Code, RequestError
from core.i18n import translate
from core.ids import encode_id
from models.base import Mask
from models.registry import model_named
from resolvers.command import AccessDenied, Command, CommandSpec, Key, Outcome, StepUp, authorise, run
from resolvers.context import Context
from resolvers.context import Effect as EffectData
from resolvers.query import Query
from resolvers.related import ToOne
from rules.access import ACCESS, EVERYBODY, SIGNED_IN, Actor, Permission, Role, may, sentence
from rules.contacts import mask_email, mask_identifier, mask_mobile, mask_name
from rules.errors import ErrorCode, Rejected
from schema.columns import COLUMNS, looks_at
from schema.context import Batch, Info, database_errors
from schema.errors import UserError
from schema.inputs import camel, check_arguments, input_codes, options, unpack
from schema.planning import plan_relation
from schema.scalars import Money, money

PARENT: Any = strawberry.Parent[Any]  # type: ignore[misc]

_MASKS: dict[Mask, Callable[[str], str]] = {
    Mask.MOBILE: mask_mobile,
    Mask.EMAIL: mask_email,
    Mask.NAME: mask_name,
    Mask.IDENTIFIER: mask_identifier,
}


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="access",
    description="Who may use the field: the permission it asks for, and the roles that hold it.",
)
class AccessDirective:
    """Who may use the field."""

    permission: str
    roles: list[str]


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="raises",
    description="Every code that its user errors may carry.",
)
class Raises:
    """The codes its user errors may carry."""

    codes: list[ErrorCode]


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="emits",
    description="The events that it appends to the log.",
)
class Emits:
    """The events it appends to the log."""

    events: list[str]


@strawberry.type(description="One consequence, reported by a dry run and a real run alike.")
class Effect:
    """The source object is the use case's Effect."""

    kind: str = strawberry.field(description="Stable name, as association.ended.")

    @strawberry.field(description="Id of what it concerns; in a dry run also of what would be made, and is not kept.")
    def subject_id(self) -> strawberry.ID | None:
        """The typed id, where the subject's kind has one."""
        effect: Any = self
        prefix = "" if effect.subject_type is None else model_named(effect.subject_type).prefix
        return strawberry.ID(encode_id(prefix, effect.subject_id)) if prefix else None

    @strawberry.field(description="The money it moves; null where it moves none.")
    def amount(self) -> Money | None:
        """Amount and currency."""
        effect: Any = self
        return None if effect.amount is None else Money(amount=effect.amount, currency=effect.currency)

    @strawberry.field(description="One sentence in the caller's language.")
    def summary(self, info: Info) -> str:
        """The catalogue's text."""
        effect: Any = self
        return translate(f"effects.{effect.kind}", info.context.ctx.locale, effect.parameters)


@strawberry.interface(description="What every mutation answers: the reasons of a refusal, or what it did.")
class Payload:
    """The base of every payload; its own fields hold the result, null when refused."""

    user_errors: list[UserError] = strawberry.field(description="Every reason at once; empty when it was done.")
    effects: list[Effect] = strawberry.field(description="What was done, or would be done by a real run.")

    @classmethod
    def of(cls, outcome: Outcome[Any]) -> Self:
        """The payload of an outcome."""
        names = [name for name in cls.__annotations__ if name not in Payload.__annotations__]
        return cls(**cls.values(outcome.result, names), user_errors=outcome.violations, effects=outcome.effects)  # type: ignore[arg-type]

    @classmethod
    def values(cls, result: Any, names: list[str]) -> dict[str, Any]:
        """A single field is the result itself; several are its attributes."""
        if len(names) == 1:
            return {names[0]: result}
        return {name: None if result is None else getattr(result, name) for name in names}


def mutation(use_case: Command[Any, Any], input_type: type, payload_type: type[Payload]) -> Any:
    """A root mutation field: unpack, run, wrap."""
    spec = use_case.spec
    codes = sorted(spec.codes | input_codes(input_type))

    async def resolve(self: Any, info: Any, input: Any) -> Any:
        return await _perform(info, use_case, input, payload_type)

    resolve.__name__ = spec.name
    resolve.__annotations__ = {"info": Info, "input": input_type, "return": payload_type}
    return strawberry.field(
        resolver=resolve,
        description=f"{_story(use_case)}\n\n{_terms(spec, codes)}",
        directives=_directives(spec, codes),
        metadata={"use_case": use_case, "extensions": {"sensitive": spec.sensitive, "cost": Cost(weight=10)}},
    )


async def _perform(info: Info, use_case: Command[Any, Any], given: Any, payload_type: type[Payload]) -> Payload:
    request = info.context
    await request.close_read()
    with access_errors(), database_errors():
        authorise(request.ctx, use_case.spec.permission)
        try:
            outcome = await run(request.ctx, use_case, options(given), **unpack(given))
        except Rejected as refusal:
            outcome = Outcome(violations=refusal.violations)
        if outcome.replayed:
            request.response_extensions["idempotency"] = {"replayed": True}
        await request.open_read()
    return payload_type.of(outcome)


def query(
    use_case: Query[Any, Any], *, cost: Cost | None = None, planner: Callable[..., Any] | None = None
) -> Callable[[Callable[..., Any]], Any]:
    """Decorates a root query field: its body calls the use case, this asks for the permission first.

    `planner` works out from the selection what the body needs to read.
    """
    permission = use_case.spec.permission
    extensions = {"cost": cost, "planner": planner}

    def decorate(resolve: Callable[..., Any]) -> Any:
        @functools.wraps(resolve)
        async def guarded(self: Any, info: Info, **arguments: Any) -> Any:
            with access_errors(), database_errors():
                authorise(info.context.ctx, permission)
                check_arguments(arguments)
                return await resolve(self, info, **arguments)

        return strawberry.field(
            resolver=guarded,
            description=f"{_story(resolve)}\n\nWho: {sentence(permission)}",
            directives=[_access(permission)],
            metadata={"use_case": use_case, "extensions": extensions},
        )

    return decorate


class access_errors:
    """Turns a missing permission into FORBIDDEN with its reason, or UNAUTHENTICATED for one not signed in."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if not isinstance(error, AccessDenied):
            return
        if error.reason is None:
            raise RequestError(Code.UNAUTHENTICATED, "Sign in first.") from error
        extra = {"reason": error.reason.value, "permission": error.permission.value}
        raise RequestError(Code.FORBIDDEN, sentence(error.permission), extra=extra) from error


@dataclass(frozen=True, slots=True)
class HowMany:
    """An argument of a relation that says how many rows each parent gets: within bounds, priced as a list that long."""

    default: int
    most: int
    description: str

    def parameter(self, name: str) -> inspect.Parameter:
        """The argument as the field's resolver declares it."""
        words = strawberry.argument(description=f"{self.description}, 1 to {self.most}.")
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        return inspect.Parameter(name, kind, default=self.default, annotation=Annotated[int, words])

    def check(self, name: str, value: int, locale: str) -> None:
        """Refuses a number out of bounds with BAD_QUERY."""
        if not 1 <= value <= self.most:
            shown = {"argument": camel(name), "min": 1, "max": self.most}
            raise RequestError(
                Code.BAD_QUERY,
                translate("requests.argument_out_of_range", locale, shown),
                extra={"argument": [camel(name)]},
            )


def relation(
    batch: Batch,
    type_: Any,
    description: str,
    *,
    arguments: Mapping[str, HowMany] = MappingProxyType({}),
    columns: tuple[str, ...] | None = None,
    cost: Cost | None = None,
) -> Any:
    """A field that leads to other rows, declared by the batch function over all parents of a wave.

    The batch function takes the `arguments` by these names and is called once for each set of values in a wave. What
    stands in the field's `extensions["batch"]` takes them too, and refuses what is out of bounds. A batch function with
    a parameter `selection` is told what of its rows is asked for. `columns` are those of a parent that it looks at;
    None where nobody has said, and then parents are read whole.
    """
    to_one: ToOne | None = getattr(batch, "to_one", None)
    if arguments:
        batch = _bounded(batch, arguments)
        cost = cost or Cost(multiplier=tuple(map(camel, arguments)))

    async def resolve(root: Any, info: Any, **given: Any) -> Any:
        with database_errors():
            return await info.context.loader(batch, tuple(sorted(given.items()))).load(root)

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    own = [inspect.Parameter("root", kind, annotation=PARENT), inspect.Parameter("info", kind, annotation=Info)]
    parameters = [*own, *(one.parameter(name) for name, one in arguments.items())]
    resolve.__signature__ = inspect.Signature(parameters, return_annotation=type_)  # type: ignore[attr-defined]
    return strawberry.field(
        resolver=resolve,
        description=description,
        metadata={
            "extensions": {
                "batch": batch,
                "to_one": to_one,
                COLUMNS: columns if to_one is None else (to_one.column,),
                "planner": plan_relation if "selection" in inspect.signature(batch).parameters else None,
                "cost": cost,
            }
        },
    )


def _bounded(batch: Batch, arguments: Mapping[str, HowMany]) -> Batch:
    """The batch function, asked only what its arguments' bounds permit."""

    @functools.wraps(batch)
    async def checked(ctx: Context, parents: Sequence[Any], **given: Any) -> Sequence[Any]:
        for name, argument in arguments.items():
            argument.check(name, given[name], ctx.locale)
        return await batch(ctx, parents, **given)

    return checked


def _with_parent(resolve: Callable[..., Any]) -> Callable[..., Any]:
    resolve.__annotations__["root"] = PARENT
    return resolve


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a row is: the column with its partner's or account's id, and the permission that its people need."""

    column: str
    permission: Permission

    def is_own(self, actor: Actor, row: Any) -> bool:
        """Whether the row is the actor's, or its partner's, and the actor holds the permission."""
        owner = getattr(row, self.column)
        return owner is not None and owner in (actor.account_id, actor.partner_id) and may(actor, self.permission)


def masked(
    column: str, mask: Mask, description: str, *, seen_with: Sequence[Permission] = (), owner: Owner | None = None
) -> Any:
    """A field with personal data: masked unless the row is, or belongs to, the viewer's own account.

    Viewers with one of the permissions `seen_with` see it too, for those whose work it is, and those of its `owner`.
    """

    hide = _MASKS[mask]

    def resolve(root: Any, info: Any) -> Any:
        value, actor = getattr(root, column), info.context.ctx.actor
        own = actor.account_id is not None and actor.account_id in (root.id, getattr(root, "account_id", None))
        owned = owner is not None and owner.is_own(actor, root)
        if value is None or own or owned or any(may(actor, permission) for permission in seen_with):
            return value
        return hide(value)

    resolve.__annotations__ = {"info": Info, "return": str | None}
    looked_at = ("id", "account_id") if owner is None else ("id", "account_id", owner.column)
    return strawberry.field(
        resolver=_with_parent(resolve),
        description=f"{description} Masked, unless it is your own{_also(seen_with, owner)}.",
        metadata={"mask": mask, **looks_at(column, *looked_at)},
    )


def amount_of(column: str, description: str, *, looks: tuple[str, ...] = (), optional: bool = False) -> Any:
    """A field with the amount in a column of minor units beside the row's `currency`.

    `looks` names what the row looks at instead where `column` is computed; an `optional` one is null where it is empty.
    """

    def resolve(root: Any) -> Any:
        return None if optional and getattr(root, column) is None else money(root, column)

    resolve.__annotations__ = {"return": Money | None if optional else Money}
    return strawberry.field(
        resolver=_with_parent(resolve),
        description=description,
        metadata=looks_at(*(looks or (column,)), "currency"),
    )


def _also(seen_with: Sequence[Permission], owner: Owner | None) -> str:
    owned = "" if owner is None else f", or your partner's and you have {owner.permission.value}"
    return owned + "".join(f", or you have {permission.value}" for permission in seen_with)


def _story(source: Any) -> str:
    """The use case's docstring: it is the public documentation."""
    lines = (source.__doc__ or "").strip().splitlines()
    return "\n".join(line.strip() for line in lines)


def _terms(spec: CommandSpec, codes: Sequence[ErrorCode]) -> str:
    lines = [f"Who: {sentence(spec.permission)}"]
    if spec.step_up is StepUp.ALWAYS:
        lines.append("Code: always asked.")
    if spec.step_up is StepUp.IF_SWITCH_ON:
        some = "" if spec.step_up_always is None else ", for some inputs always"
        lines.append(f"Code: asked when the partner's switch is on{some}.")
    if spec.key is Key.NONE:
        lines.append("Takes, checks or ends a secret: has neither idempotency key nor dry run.")
    lines.append(f"Refuses with: {', '.join(codes)}.")
    if spec.emits:
        lines.append(f"Events: {', '.join(spec.emits)}.")
    return "\n".join(lines)


def _access(permission: Permission) -> AccessDirective:
    roles = ACCESS[permission].roles
    named = {EVERYBODY: ["*"], SIGNED_IN: ["SIGNED_IN"]}.get(roles)
    return AccessDirective(permission=permission.value, roles=named or [role.value for role in Role if role in roles])


def _directives(spec: CommandSpec, codes: Sequence[ErrorCode]) -> Sequence[object]:
    found: list[object] = [_access(spec.permission), Raises(codes=list(codes))]
    return [*found, Emits(events=list(spec.emits))] if spec.emits else found


__all__ = [
    "Effect",
    "EffectData",
    "Enum",
    "HowMany",
    "Owner",
    "Payload",
    "amount_of",
    "masked",
    "mutation",
    "query",
    "relation",
]
