"""How many SQL statements each operation of the journey takes: committed numbers, and no more for a longer page."""

import tomllib
from pathlib import Path
from typing import Any

from graphql import get_named_type

from core import db
from core.ids import encode_id
from resolvers.nodes import findable_models
from rules.access import Role
from tests import modes
from tests.client import Api, Client
from tests.contracts.journey import STAGES, counting
from tests.contracts.population import (
    Tenant,
    foreign_keys,
    insert,
    open_person,
    open_tenant,
    scoped_models,
    states,
    unchecked,
)
from tests.contracts.root_fields import ROOT_FIELDS, leaves

COMMITTED = Path(__file__).with_name("statements.toml")
LONG = 20
NOT_COUNTED: dict[str, str] = {
    "assignCustomers": "beside the journey",
    "assignDirector": "beside the journey",
    "signInAsMember": "beside the journey",
    "changeSigningEntity": "beside the journey",
    "confirmMicroDeposit": "beside the journey",
    "openBusinessInfo": "beside the journey",
    "recordMicroDeposit": "beside the journey",
    "reportMissingMicroDeposit": "beside the journey",
    "revealMicroDeposit": "beside the journey",
    "saveBusinessInfo": "beside the journey",
    "importSuppliers": "beside the journey",
    "removeSupplier": "beside the journey",
    "saveSupplier": "beside the journey",
    "submitBankLetter": "beside the journey",
    "withdrawDeferredPayout": "beside the journey",
    "submitBusinessInfo": "beside the journey",
    "unlockBusinessInfo": "beside the journey",
    "addMessageContact": "beside the journey",
    "confirmMessageContact": "beside the journey",
    "requestMessageContactCode": "beside the journey",
    "addMessageRecipient": "beside the journey",
    "addRole": "beside the journey",
    "applyForReportReview": "beside the journey",
    "assignSpecialistMember": "beside the journey",
    "cancelSpecialist": "beside the journey",
    "changeContact": "beside the journey",
    "changeRole": "beside the journey",
    "claimReview": "beside the journey",
    "completeQuickRegistration": "beside the journey",
    "decideReportReview": "beside the journey",
    "cancelAccount": "beside the journey",
    "assignPartner": "beside the journey",
    "setPartnerTags": "beside the journey",
    "clearOverdueBills": "beside the journey",
    "declineSpecialistInvitation": "beside the journey",
    "deleteRole": "beside the journey",
    "recordCustomerFacts": "beside the journey",
    "recordOverdueBills": "beside the journey",
    "recordPlanExit": "beside the journey",
    "recordReportRelease": "beside the journey",
    "releaseReview": "beside the journey",
    "removeMember": "beside the journey",
    "removeMessageContact": "beside the journey",
    "removeMessageRecipient": "beside the journey",
    "removeSpecialistCertificate": "beside the journey",
    "removeSpecialistProject": "beside the journey",
    "removeSpecialistTraining": "beside the journey",
    "requestContactChange": "beside the journey",
    "requestSpecialistCancellation": "beside the journey",
    "requestSpecialistUnbind": "beside the journey",
    "resendChallenge": "beside the journey",
    "restoreAccount": "beside the journey",
    "resendSpecialistInvitation": "beside the journey",
    "revealContact": "beside the journey",
    "revealMember": "beside the journey",
    "revokeSpecialistInvitation": "beside the journey",
    "saveSpecialistProject": "beside the journey",
    "saveSpecialistTraining": "beside the journey",
    "startQuickRegistration": "beside the journey",
    "submitCompanyChange": "beside the journey",
    "unbindSpecialist": "beside the journey",
    "dismissNotice": "beside the journey",
    "publishAnnouncement": "beside the journey",
    "withdrawAnnouncement": "beside the journey",
    "retryFailedMessage": "beside the journey",
    "setMessageChannels": "beside the journey",
    "setOwnPreferences": "beside the journey",
    "setPartnerPreferences": "beside the journey",
    "updateReportContact": "beside the journey",
    "acceptPlanAgreement": "beside the journey",
    "declinePlanInvitation": "beside the journey",
    "renewPlan": "beside the journey",
    "revokePlanInvitation": "beside the journey",
    "withdrawCompanyChange": "beside the journey",
    "withdrawPlanApplication": "beside the journey",
    "proposeTier": "beside the journey",
    "upgradeTier": "beside the journey",
    "startMdfEvent": "beside the journey",
    "saveMdfClaim": "beside the journey",
    "submitMdfClaim": "beside the journey",
    "recordMdfFinding": "beside the journey",
    "recordMdfViolation": "beside the journey",
    "endMdfCase": "beside the journey",
    "sendMdfInvoice": "beside the journey",
    "decideMdfInvoice": "beside the journey",
    "withdrawTierUpgrade": "beside the journey",
    "requestMemberPasswordReset": "beside the journey",
    "resetMemberPassword": "beside the journey",
    "setCustomerContact": "beside the journey",
    "setPassword": "beside the journey",
    "updateProfile": "beside the journey",
    "verifyResetCode": "beside the journey",
    "withdrawReport": "beside the journey",
    "withdrawSpecialistCancellation": "beside the journey",
}
"""Mutations off the journey; each has its own test of what it does."""


def committed(section: str) -> dict[str, int]:
    """The numbers that stand in statements.toml."""
    return dict(tomllib.loads(COMMITTED.read_text(encoding="utf-8")).get(section, {}))


def table(title: str, counts: dict[str, Any]) -> str:
    """The numbers as they belong into statements.toml."""
    return "\n".join([f"[{title}]", *(f"{name} = {counts[name]}" for name in sorted(counts))])


async def test_the_journeys_operations_take_as_many_statements_as_agreed(api: Api) -> None:
    with counting(api) as counts:
        for stage in STAGES:
            await stage(api)
    mutations = {name: number for name, number in counts.items() if name in MUTATIONS}
    print("\n" + table("mutations", mutations))
    assert mutations.keys() == committed("mutations").keys()
    if modes.PLANNED:  # otherwise what a payload relates to is a statement of its own
        assert mutations == committed("mutations"), table("mutations", mutations)


MUTATIONS = {field.name for field in ROOT_FIELDS if field.is_mutation}


def test_every_mutation_is_counted_or_known_to_be_off_the_journey() -> None:
    counted = committed("mutations").keys()
    assert MUTATIONS - counted - NOT_COUNTED.keys() == set()
    assert NOT_COUNTED.keys() & counted == set()
    assert (counted | NOT_COUNTED.keys()) - MUTATIONS == set()


async def _crowd(api: Api) -> tuple[dict[str, Any], dict[str, Client]]:
    """One tenant with many rows in every table: the id of one of each, and those who may look at them."""
    tenant = await open_tenant(api.database, "crowded")
    made = {"Partner": tenant.partner_id, "Account": tenant.main.account_id, "Customer": tenant.customer.customer_id}
    waiting = [model for model in scoped_models() if model.scope.columns() or model in findable_models()]
    for model in sorted(waiting, key=_depth):
        await _many(api, model, tenant, made)
    for _ in range(LONG):
        await open_person(api.database, Role.FINANCE, mark="member", partner_id=tenant.partner_id)
    vendor = await open_person(api.database, Role.VENDOR_ADMIN, mark="vendor")
    tokens = {"partner": tenant.main.token, "customer": tenant.customer.token, "vendor": vendor.token}
    return made, {name: api.anonymous.as_(token) for name, token in tokens.items()}


def _depth(model: Any) -> int:
    parents = [parent for parent in foreign_keys(model).values() if parent is not model]
    return 1 + max(map(_depth, parents), default=0)


async def _many(api: Api, model: Any, tenant: Tenant, made: dict[str, Any]) -> None:
    own = {"partner": tenant.partner_id, "customer": tenant.customer.customer_id, "account": tenant.main.account_id}
    values = {
        column: made[parent.__name__] for column, parent in foreign_keys(model).items() if parent.__name__ in made
    }
    values |= {column: own[kind] for kind, column in model.scope.columns() if column != "id"}
    for place in ({}, *states(model)):
        for number in range(LONG):
            row = await insert(api.database, model, f"crowded-{number}", **values, **place)
            made.setdefault(model.__name__, row["id"])


async def _count(client: Client, document: str, **variables: Any) -> tuple[int, Any]:
    """Statements and data of one query; (0, None) for one that may not ask."""
    with db.observed() as statements:
        answer = await client.send(document, **variables)
    if "errors" in answer.body:
        codes = {error["extensions"]["code"] for error in answer.body["errors"]}
        assert codes <= {"FORBIDDEN", "UNAUTHENTICATED"}, answer.body
        return 0, None
    return len(statements), answer.data


async def test_a_long_page_takes_no_more_statements_than_a_short_one(api: Api) -> None:
    counts: dict[str, int] = {}
    async with unchecked(api.database, unique=False):
        made, clients = await _crowd(api)
        for field in (field for field in ROOT_FIELDS if field.is_list):
            entry: Any = get_named_type(field.field.type)
            given = field.variables(made)
            selection = f"nodes {{ {leaves(entry.fields['nodes'].type)} }}"
            for client in clients.values():
                _, data = await _count(client, field.document(selection, f"first: {LONG}"), **given)
                if data is None or len(data[field.name]["nodes"]) < LONG:
                    continue
                many, _ = await _count(client, field.document(selection, f"first: {LONG}"), **given)
                one, _ = await _count(client, field.document(selection, "first: 1"), **given)
                assert many == one, f"{field}: {one} for one entry, {many} for {LONG}"
                counts[field.name] = many
    print("\n" + table("lists", counts))
    assert {field.name for field in ROOT_FIELDS if field.is_list} - counts.keys() == set(), "nobody had a long page"
    if modes.PLANNED:
        assert counts == committed("lists"), table("lists", counts)


async def test_finding_many_nodes_takes_no_more_than_finding_one(api: Api) -> None:
    async with unchecked(api.database, unique=False):
        _, clients = await _crowd(api)
        for model in findable_models():
            rows = await api.rows(f'select id from "{model._meta.db_table}" limit {LONG}')
            keys = [encode_id(model.prefix, row["id"]) for row in rows]
            document = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
            many, data = await _count(clients["vendor"], document, ids=keys)
            one, _ = await _count(clients["vendor"], document, ids=keys[:1])
            assert many == one, model.__name__
            assert data is not None


READS = [field for field in ROOT_FIELDS if not field.is_list and not field.is_mutation]


async def test_a_single_read_takes_as_many_statements_as_agreed(api: Api) -> None:
    counts: dict[str, int] = {}
    async with unchecked(api.database, unique=False):
        _, clients = await _crowd(api)
        for field in READS:
            document = field.document(leaves(field.field.type))
            numbers = [(await _count(client, document, **field.variables()))[0] for client in clients.values()]
            counts[field.name] = max(numbers)
    print("\n" + table("reads", counts))
    assert counts == committed("reads"), table("reads", counts)
