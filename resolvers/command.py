"""The way of every mutation: access, key, transaction, guards, step-up, record, commit. Declared per use case.

`@command` states what is a use case's own; `run` carries it out. Refused or dry runs are rolled back and leave nothing;
what must outlive a refusal goes through `secret` or `compares` (before), `ctx.afterwards` or `ctx.keep` (after), in
transactions of their own. A run that the database made fail and that is tried again starts with nothing left over from
the first try.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from enum import Enum, StrEnum
from functools import partial
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar, cast
from uuid import UUID

import orjson

from core import db
from core.scope import EVERYTHING, Scope
from core.settings import Env
from models.base import Row, StaleVersion
from resolvers import journal, keys, step_up
from resolvers.batch import Batch
from resolvers.context import Context, Effect, Work
from resolvers.refusals import conflict_of, violation_of
from rules.access import ACCESS, ANONYMOUS, Permission, Role, may
from rules.errors import Conflict, ErrorCode, Rejected, StepUpRequired, Violation
from rules.verifications import Channel

P = ParamSpec("P")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Key(StrEnum):
    """Whether the caller's idempotency key is required, optional, or impossible (commands that check a secret)."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    NONE = "none"


class StepUp(StrEnum):
    """When a code is asked: never, when the partner's switch is on, or always."""

    NEVER = "never"
    IF_SWITCH_ON = "if_switch_on"
    ALWAYS = "always"


_PIPELINE_CODES = frozenset({ErrorCode.NOT_FOUND, ErrorCode.CONFLICT})
_KEY_CODES = frozenset({ErrorCode.IDEMPOTENCY_KEY_REUSED, ErrorCode.IDEMPOTENCY_IN_PROGRESS})
_STEP_UP_CODES = frozenset(
    {
        ErrorCode.STEP_UP_REQUIRED,
        ErrorCode.PROOF_INVALID,
        ErrorCode.CODE_TOO_SOON,
        ErrorCode.CODE_SEND_LIMIT,
        ErrorCode.CONTACT_NOT_BOUND,
    }
)


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """What a use case declares about itself."""

    name: str
    permission: Permission
    refuses: frozenset[ErrorCode]
    emits: tuple[str, ...]
    key: Key
    step_up: StepUp
    as_system: bool
    sensitive: bool
    secret: Callable[..., Awaitable[Any]] | None
    step_up_if: Callable[[Mapping[str, Any]], bool] | None
    step_up_by: Callable[[Mapping[str, Any]], Channel | None] | None = None
    step_up_prefers: Channel | None = None
    step_up_always: Callable[[Mapping[str, Any]], bool] | None = None
    compares: Callable[..., Awaitable[Any]] | None = None

    @property
    def codes(self) -> frozenset[ErrorCode]:
        """Every code a caller may meet, the pipeline's own included."""
        codes = self.refuses | _PIPELINE_CODES
        codes |= _KEY_CODES if self.key is not Key.NONE else frozenset()
        return codes | _STEP_UP_CODES if self.step_up is not StepUp.NEVER else codes


class Command(Protocol, Generic[P, T_co]):
    """A use case that writes: callable inside an open transaction, run from outside by `run`."""

    spec: CommandSpec

    def __call__(self, ctx: Context, *args: P.args, **kwargs: P.kwargs) -> Awaitable[T_co]:
        """The use case itself."""


COMMANDS: dict[str, Command[Any, Any]] = {}
"""Every command by its name; the schema, the matrices and the pages are made from it."""


def command(
    *,
    permission: Permission,
    refuses: tuple[ErrorCode, ...] = (),
    emits: tuple[str, ...] = (),
    key: Key = Key.REQUIRED,
    step_up: StepUp = StepUp.NEVER,
    step_up_if: Callable[[Mapping[str, Any]], bool] | None = None,
    step_up_by: Callable[[Mapping[str, Any]], Channel | None] | None = None,
    step_up_prefers: Channel | None = None,
    step_up_always: Callable[[Mapping[str, Any]], bool] | None = None,
    as_system: bool = False,
    sensitive: bool = False,
    secret: Callable[..., Awaitable[Any]] | None = None,
    compares: Callable[..., Awaitable[Any]] | None = None,
) -> Callable[[Callable[Concatenate[Context, P], Awaitable[T]]], Command[P, T]]:
    """Declares a command.

    `as_system` runs it in the scope of everything (only where the caller has no scope of its own yet); `sensitive`
    allows one such field a document; `secret` is awaited with the inputs before the business transaction, in ones of
    its own (its result is `ctx.verdict`); `compares` is the same of a command that keeps its key, and is not awaited
    for a key that was used; both are in a dry run too. `step_up_if` narrows step-up to some inputs, `step_up_always`
    asks for some whatever the switch says, `step_up_by` lets the input choose the channel of the code;
    `step_up_prefers` goes before the site's own where the account has a contact for it.
    """

    def declare(function: Callable[Concatenate[Context, P], Awaitable[T]]) -> Command[P, T]:
        declared = cast("Command[P, T]", function)
        declared.spec = CommandSpec(
            name=function.__name__,
            permission=permission,
            refuses=frozenset(refuses),
            emits=emits,
            key=Key.NONE if secret is not None else key,
            step_up=step_up,
            as_system=as_system,
            sensitive=sensitive or step_up is not StepUp.NEVER or secret is not None,
            secret=secret,
            step_up_if=step_up_if,
            step_up_by=step_up_by,
            step_up_prefers=step_up_prefers,
            step_up_always=step_up_always,
            compares=compares,
        )
        COMMANDS[function.__name__] = declared
        return declared

    return declare


@dataclass(frozen=True, slots=True)
class Options:
    """What the caller says about how to run, beside the inputs."""

    key: str | None = None
    dry_run: bool = False
    proof: str | None = None


@dataclass(slots=True)
class Outcome(Generic[T]):
    """What came of a run: a result, or the reasons of the refusal. A dry run has effects and no result (of a batch only
    the reasons against its entries): what it made is rolled back and can be neither shown nor found again.
    """

    result: T | None = None
    violations: list[Violation] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    replayed: bool = False


class AccessDenied(Exception):
    """The actor lacks the permission; `reason` is one of `rules.errors.ACCESS_CODES`, None for one not signed in."""

    def __init__(self, permission: Permission, reason: ErrorCode | None) -> None:
        super().__init__(f"{permission}: {reason or 'not signed in'}")
        self.permission = permission
        self.reason = reason


class UndeclaredRefusal(AssertionError):
    """A command refused with a code it does not declare: raised under test only."""


class UndeclaredEvent(AssertionError):
    """A command appended an event it does not declare: raised under test only."""


class _RollBack(Exception):
    """Ends the transaction without writing; carries the outcome out of it."""

    def __init__(self, outcome: Outcome[Any]) -> None:
        self.outcome = outcome


def authorise(ctx: Context, permission: Permission) -> None:
    """Raises `AccessDenied` unless the actor holds the permission."""
    if may(ctx.actor, permission):
        return
    signed_in = ctx.actor.roles != ANONYMOUS.roles
    raise AccessDenied(permission, ACCESS[permission].refusal if signed_in else None)


async def run(
    ctx: Context, use_case: Command[P, T], options: Options = Options(), /, *args: P.args, **inputs: P.kwargs
) -> Outcome[T]:
    """Runs a command from outside. Raises `AccessDenied` or a `DatabaseFailure`; refusals are in the outcome."""
    spec = use_case.spec
    authorise(ctx, spec.permission)
    fingerprint = _fingerprint(spec.name, inputs)
    if spec.secret is not None:
        ctx.verdict = await spec.secret(ctx, **inputs)
    if spec.compares is not None and not await _is_repeated(ctx, options, fingerprint):
        ctx.verdict = await db.retrying(partial(spec.compares, ctx, **inputs))
    outcome = await db.retrying(lambda: _attempt(ctx, use_case, options, fingerprint, inputs))
    kept = ctx.work.kept
    for step in () if options.dry_run else ctx.work.afterwards:
        await db.retrying(partial(_follow_up, ctx, spec, step))
    if kept is not None and outcome.violations and not options.dry_run:
        prove = partial(_prove, ctx, spec, options, fingerprint, inputs)
        outcome = await db.retrying(partial(_keep, ctx, spec, prove, kept, outcome))
    if StepUpRequired in map(type, outcome.violations):
        outcome = await db.retrying(lambda: _challenge(ctx, spec, fingerprint, inputs))
    _assert_declared(ctx, spec, outcome)
    if ctx.sent:
        ctx.sent = False
        await ctx.wakeup.wake()
    return outcome


async def _is_repeated(ctx: Context, options: Options, fingerprint: bytes) -> bool:
    # The pipeline looks again under the key's lock; here a first answer is only not to be counted a second time.
    if options.key is None or options.dry_run:
        return False
    return await keys.is_used(keys.caller(ctx, fingerprint), options.key)


async def _attempt(
    ctx: Context, use_case: Command[P, T], options: Options, fingerprint: bytes, inputs: dict[str, Any]
) -> Outcome[T]:
    ctx.work = Work()
    try:
        async with db.transaction(_scope(ctx, use_case.spec)):
            return await _work(ctx, use_case, options, fingerprint, inputs)
    except _RollBack as rolled_back:
        outcome: Outcome[T] = rolled_back.outcome
    except Rejected as refusal:
        outcome = Outcome(violations=refusal.violations)
    except StaleVersion as stale:
        async with db.read(_scope(ctx, use_case.spec)):
            outcome = Outcome(violations=[await conflict_of(stale)])
    except db.ConstraintViolated as violated:
        outcome = Outcome(violations=[violation_of(violated)])
    # Nothing was written: drop what would have been sent, keep what must outlive the refusal.
    ctx.work = Work(afterwards=ctx.work.afterwards, kept=ctx.work.kept)
    return outcome


async def _work(
    ctx: Context, use_case: Command[P, T], options: Options, fingerprint: bytes, inputs: dict[str, Any]
) -> Outcome[T]:
    """What happens inside the business transaction; leaving by an exception rolls it back."""
    # A dry run leaves the key alone: it neither uses it up nor shows what came of it.
    spec, key = use_case.spec, None if options.dry_run else options.key
    caller = keys.caller(ctx, fingerprint)
    if key is not None:
        stored = await keys.claim(caller, key, spec.name, fingerprint)
        if stored is not None:
            again = cast("T", await keys.reload(ctx, spec, stored))
            return Outcome(result=again, effects=keys.effects(stored), replayed=True)
    result = await use_case(ctx, **inputs)  # type: ignore[call-arg]
    if options.dry_run or (isinstance(result, Batch) and result.refused):
        shown = result.without_rows() if isinstance(result, Batch) else None
        raise _RollBack(Outcome(result=shown, effects=ctx.work.effects))
    _assert_announced(ctx, spec)
    await _prove(ctx, spec, options, fingerprint, inputs)
    kept = None if key is None else keys.kept(ctx, caller, key, fingerprint, result)
    await journal.write(ctx, spec, result, kept)
    return Outcome(result=result, effects=ctx.work.effects)


async def _follow_up(ctx: Context, spec: CommandSpec, step: Callable[[], Awaitable[None]]) -> None:
    ctx.work = Work()
    async with db.transaction(EVERYTHING):
        await step()
        _assert_announced(ctx, spec)
        await journal.write(ctx, spec, None)


async def _keep(
    ctx: Context,
    spec: CommandSpec,
    prove: Callable[[], Awaitable[None]],
    step: Callable[[], Awaitable[None]],
    refused: Outcome[T],
) -> Outcome[T]:
    """What came of a refused run that asks to be kept: why it was refused, or what is wrong with its proof."""

    async def proven() -> None:
        await prove()
        await step()

    try:
        await _follow_up(ctx, spec, proven)
    except Rejected as refusal:
        return Outcome(violations=refusal.violations)
    return refused


def _scope(ctx: Context, spec: CommandSpec) -> Scope:
    return EVERYTHING if spec.as_system else ctx.actor.scope


async def _prove(
    ctx: Context, spec: CommandSpec, options: Options, fingerprint: bytes, inputs: Mapping[str, Any]
) -> None:
    if not asks_code(ctx, spec, inputs):
        return
    if options.proof is None:
        raise Rejected([StepUpRequired(ErrorCode.STEP_UP_REQUIRED)])
    await step_up.consume(ctx, options.proof, fingerprint)


def asks_code(ctx: Context, spec: CommandSpec, inputs: Mapping[str, Any]) -> bool:
    """Whether this call needs a proof by code."""
    if Role.SYSTEM in ctx.actor.roles or spec.step_up is StepUp.NEVER:
        return False
    if spec.step_up_if is not None and not spec.step_up_if(inputs):
        return False
    always = spec.step_up_always is not None and spec.step_up_always(inputs)
    return always or spec.step_up is StepUp.ALWAYS or ctx.actor.step_up_enabled


async def _challenge(ctx: Context, spec: CommandSpec, fingerprint: bytes, inputs: Mapping[str, Any]) -> Outcome[Any]:
    """Opens (or finds again) the challenge in a transaction of its own: it outlives the refusal that asks for it."""
    ctx.work = Work()
    try:
        async with db.transaction(EVERYTHING):
            channel = None if spec.step_up_by is None else spec.step_up_by(inputs)
            challenge = await step_up.challenge(ctx, spec.name, fingerprint, channel, spec.step_up_prefers)
            await journal.write_messages(ctx)
    except Rejected as refusal:
        return Outcome(violations=refusal.violations)
    return Outcome(violations=[StepUpRequired(ErrorCode.STEP_UP_REQUIRED, challenge=challenge)])


def _assert_announced(ctx: Context, spec: CommandSpec) -> None:
    undeclared = {event["type"] for event in ctx.work.events} - set(spec.emits)
    if undeclared and ctx.settings.env is Env.TEST:
        raise UndeclaredEvent(f"{spec.name} does not declare {sorted(undeclared)}")


def _assert_declared(ctx: Context, spec: CommandSpec, outcome: Outcome[Any]) -> None:
    inside = outcome.result.violations if isinstance(outcome.result, Batch) else []
    undeclared = {violation.code for violation in [*outcome.violations, *inside]} - spec.codes
    if undeclared and ctx.settings.env is Env.TEST:
        raise UndeclaredRefusal(f"{spec.name} does not declare {sorted(undeclared)}")


def _fingerprint(operation: str, inputs: Mapping[str, Any]) -> bytes:
    """SHA-256 over the operation and its coerced inputs; equal inputs give equal bytes whatever their order."""
    text = orjson.dumps([operation, inputs], default=_plain, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    return hashlib.sha256(text).digest()


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if isinstance(value, (Decimal, timedelta)):
        return str(value)
    raise TypeError(f"no input of a command may be a {type(value).__name__}")


def expect_version(row: Row, expected: int | None) -> None:
    """Refuses with CONFLICT carrying the present row unless `expected` is None or the row's version."""
    version = getattr(row, "version", 1)
    if expected is not None and expected != version:
        raise Rejected(
            [
                Conflict(
                    ErrorCode.CONFLICT,
                    ("input", "expectedVersion"),
                    retryable=True,
                    parameters={"expected": expected, "current": version},
                    current=row,
                    expected_version=expected,
                )
            ]
        )
