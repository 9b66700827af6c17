"""The API's conventions, read off the schema itself: a new field that forgets one fails here by name."""

import inspect
import re
from collections.abc import Iterator
from typing import Any

import pytest
import strawberry
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
)

from models.base import Mask
from resolvers.command import CommandSpec, Key
from schema import sdl
from schema.build import Unclassified, complete
from schema.fields import masked
from schema.inputs import CommandInput, KeyedInput, SecretInput
from scripts.pages import ROOT
from tests.client import Api
from tests.contracts.bounded import BOUNDED, BOUNDED_TYPES
from tests.contracts.root_fields import ROOT_FIELDS, SCHEMA, RootField, metadata

TYPES = [kind for name, kind in sorted(SCHEMA.type_map.items()) if not name.startswith("__")]
COMPOSITE = [kind for kind in TYPES if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)]
INPUTS = [kind for kind in TYPES if isinstance(kind, GraphQLInputObjectType)]
MUTATIONS = [field for field in ROOT_FIELDS if field.is_mutation]

SERVER_OWNED = re.compile(
    r"(?:partner|tenant|account|actor|owner)(?:Id)?|status|state|balance|roles?|isMain|version|sequence|"
    r"(?:created|updated|submitted|approved|decided|processed|joined|admitted|valid)(?:By|At|Until|On)|standing"
)
"""Names of what the server alone decides; an input that has one invites mass assignment."""

CHOSEN_BY_THE_CALLER: dict[str, str] = {
    "RequestAssessmentInput.accountId": "the vendor says which of several accounts it means; not whom it acts for",
    "ClearOverdueBillsInput.partnerId": "the vendor names the partner that has paid",
    "RecordOverdueBillsInput.partnerId": "the vendor names the partner that has not paid",
    "GrantQuotaInput.partnerId": "the vendor names the partner that gets it; not whom the caller acts for",
    "QuotaRecordFilter.owner": "a filter, not a change",
    "VoucherFilter.status": "a filter, not a change",
    "VoucherQuotaFilter.owner": "a filter, not a change",
    "VoucherQuotaFilter.status": "a filter, not a change",
    "AddMemberInput.roles": "the administrator chooses a member's roles, the rules which ones",
    "ChangeMemberRolesInput.roles": "the administrator chooses a member's roles, the rules which ones",
    "InviteSpecialistInput.accountId": "the main account names whom it invites; only what the identifier means",
    "InviteToPlanInput.partnerId": "the vendor names the partner it invites; not whom the caller acts for",
    "SetMemberStatusInput.status": "the administrator's decision itself",
    "CustomerReportFilter.status": "a filter, not a change",
    "RecordCustomerFactsInput.accountId": "the vendor names the account it knows something of",
    "CreateMemberInput.roles": "the administrator chooses a member's roles, the rules which ones",
    "SetMemberRolesInput.roles": "the administrator chooses a member's roles, the rules which ones",
    "InviteToPathInput.partnerId": "the vendor names the partner it invites; not whom the caller acts for",
    "SetPathRecordInput.partnerId": "the vendor names the partner it knows of; not whom the caller acts for",
    "RecordBusinessInfoInput.partnerId": "the vendor names the partner it has looked into",
    "SetOfficeMemberInput.accountId": "the vendor's administrator says who works at an office",
    "SetPartnerStandingInput.standing": "the vendor's decision itself",
}
"""Inputs of such a name in which the caller does decide, and why that is right."""

# fmt: off
VERBS = {
    "accept", "add", "admit", "answer", "apply", "approve", "assign", "audit", "cancel", "change", "check",
    "claim", "clear", "complete", "confirm", "create", "decide", "declare", "decline", "delete", "disable",
    "dismiss", "dispute", "enable", "end", "enter", "exit", "freeze", "give", "grant", "import", "invite", "issue",
    "join", "leave", "mark", "open", "propose", "publish", "recall", "record", "redeliver", "refresh", "refund",
    "reject", "release", "remove", "renew", "report", "request", "resend", "reset", "restore", "reveal",
    "retry", "review", "revoke", "save", "select", "send", "set", "share", "sign", "start", "submit", "unbind",
    "unfreeze", "unlock", "update", "upgrade", "verify", "withdraw",
}
# fmt: on
"""What a mutation's name may begin with; a new one is a word of the product, not of a table."""


def test_the_committed_schema_is_the_one_the_code_makes() -> None:
    assert (ROOT / "schema.graphql").read_text(encoding="utf-8") == sdl(), "run: make schema"


def undescribed() -> Iterator[str]:
    """Everything in the schema without a word of explanation."""
    for directive in SCHEMA.directives:
        if not directive.description:
            yield f"@{directive.name}"
    for kind in TYPES:
        if not kind.description:
            yield kind.name
        if isinstance(kind, GraphQLEnumType):
            yield from (f"{kind.name}.{name}" for name, value in kind.values.items() if not value.description)
        for name, field in getattr(kind, "fields", {}).items():
            if not field.description:
                yield f"{kind.name}.{name}"
            arguments = getattr(field, "args", {}).items()
            yield from (f"{kind.name}.{name}({arg}:)" for arg, argument in arguments if not argument.description)


def test_everything_is_described() -> None:
    """Values of enums get theirs from locales: `[enums.<Enum>] VALUE = "…"`, in both languages."""
    assert list(undescribed()) == []


def is_list(kind: Any) -> bool:
    """Whether a field of this type answers several."""
    kind = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    return isinstance(kind, GraphQLList)


def test_every_list_is_a_connection_or_bounded() -> None:
    inherited = {f"{kind.name}.{name}" for kind in COMPOSITE for face in kind.interfaces for name in face.fields}
    unbounded = [
        f"{kind.name}.{name}"
        for kind in COMPOSITE
        for name, field in kind.fields.items()
        if is_list(field.type)
        and not kind.name.endswith(("Connection", "Payload"))
        and not (f"{kind.name}.{name}" in inherited and not is_node_list(kind, name))
        and f"{kind.name}.{name}" not in BOUNDED
        and get_named_type(field.type).name not in BOUNDED_TYPES
    ]
    assert unbounded == []


def is_node_list(kind: Any, name: str) -> bool:
    """Whether the list holds objects with ids."""
    inner = get_named_type(kind.fields[name].type)
    return isinstance(inner, GraphQLObjectType) and any(face.name == "Node" for face in inner.interfaces)


def test_connections_take_a_page_and_nothing_else_does() -> None:
    page = {"first", "after", "last", "before"}
    for kind in COMPOSITE:
        for name, field in kind.fields.items():
            connection = get_named_type(field.type).name.endswith("Connection")
            assert (page <= field.args.keys()) == connection, f"{kind.name}.{name}"


def test_a_mutation_begins_with_a_verb() -> None:
    heads = {re.match(r"[a-z]+", field.name)[0]: field.name for field in MUTATIONS}  # type: ignore[index]
    assert {name for verb, name in heads.items() if verb not in VERBS} == set()


def test_inputs_hold_nothing_that_the_server_decides() -> None:
    owned = [
        f"{kind.name}.{name}"
        for kind in INPUTS
        for name in kind.fields
        if SERVER_OWNED.fullmatch(name) and f"{kind.name}.{name}" not in CHOSEN_BY_THE_CALLER
    ]
    assert owned == []


def test_a_list_of_inputs_says_how_long_it_may_be() -> None:
    for kind in INPUTS:
        for name, field in kind.fields.items():
            if is_list(field.type):
                assert re.search(r"(?i)\d|one to |most ", field.description or ""), f"{kind.name}.{name}"


@pytest.mark.parametrize("field", MUTATIONS, ids=str)
def test_the_input_fits_the_command(field: RootField) -> None:
    spec: CommandSpec = field.use_case.spec
    [(name, argument)] = field.field.args.items()
    assert name == "input"
    kind: Any = get_named_type(argument.type)
    origin, fields = kind.extensions["strawberry-definition"].origin, kind.fields

    assert spec.name == _snake(field.name)
    assert issubclass(origin, SecretInput) == (spec.key is Key.NONE)
    if spec.key is Key.NONE:
        assert not {"idempotencyKey", "dryRun", "proof"} & fields.keys()
        return
    assert issubclass(origin, KeyedInput | CommandInput)
    assert isinstance(fields["idempotencyKey"].type, GraphQLNonNull) == (spec.key is Key.REQUIRED)
    assert fields["dryRun"].default_value is False
    assert ("proof" in fields) == (spec.step_up.value != "never"), "SensitiveInput exactly where a code may be asked"


@pytest.mark.parametrize("field", MUTATIONS, ids=str)
def test_the_payload_says_why_not(field: RootField) -> None:
    payload: Any = get_named_type(field.field.type)
    assert payload.name.endswith("Payload")
    assert {"userErrors", "effects"} <= payload.fields.keys()
    assert str(payload.fields["userErrors"].type) == "[UserError!]!"
    own = payload.fields.keys() - {"userErrors", "effects"}
    assert own, "a payload holds what was done"
    whole = own - {"results"}  # of a batch: empty when the whole is refused
    assert [name for name in whole if isinstance(payload.fields[name].type, GraphQLNonNull)] == [], "null when refused"


@pytest.mark.parametrize("field", MUTATIONS, ids=str)
def test_the_directives_say_what_the_command_declares(field: RootField) -> None:
    text = sdl().split(f"\n  {field.name}(", 1)[1].split('\n\n  "', 1)[0].split("\n}", 1)[0]
    for code in field.use_case.spec.codes:
        assert code.value in text
    for event in field.use_case.spec.emits:
        assert f'"{event}"' in text
    assert f'permission: "{field.permission.value}"' in text


def test_every_text_input_has_bounds() -> None:
    loose = [
        f"{kind.name}.{name}"
        for kind in INPUTS
        for name, field in kind.fields.items()
        if get_named_type(field.type).name == "String" and "text" not in metadata(field)
    ]
    assert loose == []


def test_every_id_input_names_its_kind() -> None:
    loose = [
        f"{kind.name}.{name}"
        for kind in INPUTS
        for name, field in kind.fields.items()
        if get_named_type(field.type).name == "ID" and "ref" not in metadata(field)
    ]
    assert loose == []


def test_money_is_never_a_float() -> None:
    floats = [
        f"{kind.name}.{name}"
        for kind in [*COMPOSITE, *INPUTS]
        for name, field in kind.fields.items()
        if get_named_type(field.type).name == "Float"
    ]
    assert floats == []


def test_a_leaf_is_never_resolved_asynchronously_by_accident() -> None:
    """A trivial field that awaits costs a task each; only root fields and relations, asked once for all, have reason
    to.
    """
    late = []
    for kind in COMPOSITE:
        for name, field in kind.fields.items():
            if "batch" in field.extensions:
                continue
            resolver = field.extensions["strawberry-definition"].base_resolver
            is_async = resolver is not None and inspect.iscoroutinefunction(resolver.wrapped_func)
            if is_async and is_leaf_type(get_named_type(field.type)) and kind.name not in ("Query", "Mutation"):
                late.append(f"{kind.name}.{name}")
    assert late == []


async def test_an_unknown_input_field_is_refused_before_anything_happens(api: Api) -> None:
    for field in MUTATIONS:
        variables = field.variables()
        variables["input"]["isAdministrator"] = True
        answer = await api.anonymous.send(field.document(), **variables)
        assert (answer.status, answer.error["code"]) == (400, "BAD_QUERY"), field


@strawberry.type(description="Somebody.")
class Account:
    """Has the name of a model with personal data."""

    mobile: str = strawberry.field(description="Shown as it is.")


@strawberry.type(description="A masked one.")
class Careful:
    """Its name is no model's."""

    mobile = masked("mobile", Mask.MOBILE, "Shown masked.")


def test_a_root_field_without_a_use_case_does_not_build() -> None:
    @strawberry.type(description="All reads.")
    class Query:
        open: str = strawberry.field(description="Nobody has said who may.", resolver=lambda: "")

    with pytest.raises(Unclassified, match=r"Query\.open has no use case"):
        complete(strawberry.Schema(query=Query))


def test_personal_data_without_a_mask_does_not_build() -> None:
    with pytest.raises(Unclassified, match=r"Account\.mobile shows personal data without a mask"):
        complete(strawberry.Schema(query=Account))
    complete(strawberry.Schema(query=Careful))


def test_the_reviewed_lists_name_what_exists() -> None:
    """A word of explanation that outlives its field misleads."""
    fields = {f"{kind.name}.{name}" for kind in [*COMPOSITE, *INPUTS] for name in kind.fields}
    here = {name for name in {**BOUNDED, **CHOSEN_BY_THE_CALLER} if name.partition(".")[0] in SCHEMA.type_map}
    assert here - fields == set()


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
