"""`actions` says what the mutations do: every state, every action, every kind of person, both ways."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from rules.access import Role
from rules.opportunities import OpportunityState
from tests import opportunities as po
from tests.client import Answer, Api, Client
from tests.opportunities import Desk, desk, uuid_of

INPUTS: dict[str, tuple[str, dict[str, Any]]] = {
    "EDIT": ("saveOpportunityDraft", {"name": "Other"}),
    "DELETE": ("deleteOpportunityDraft", {}),
    "SUBMIT": ("submitOpportunity", {}),
    "AUDIT": ("auditOpportunity", {"approve": True}),
    "CLAIM": ("claimOpportunity", {}),
    "VERIFY": ("verifyOpportunity", {"approve": True}),
    "UPDATE": ("updateOpportunityProgress", {"text": "News."}),
    "SIGN": ("markOpportunitySigned", {"signedOn": "2026-03-02", "amount": "1", "contractRef": "C"}),
    "DELIVER": ("markOpportunityDelivered", {"deliveredOn": "2026-03-02", "acceptanceRef": "A"}),
    "LOSE": ("markOpportunityLost", {"reason": "Lost."}),
    "CANCEL": ("cancelOpportunity", {"reason": "Agreed."}),
}
"""One example input for each action."""

_WHOLE = """update opportunity set state = $1, submitted_at = created_at, audited_at = created_at, rep_office_id = $2,
    deadline = created_at + interval '14 days', verified_at = created_at, verdict_reason = 'VAGUE', verdict_note = '-',
    signed_at = created_at, signed_on = '2026-03-02', contract_minor = 1, contract_currency = 'CNY', contract_ref = 'C',
    delivered_at = created_at, delivered_on = '2026-03-02', acceptance_ref = 'A', closed_at = created_at,
    closing_reason = '-'"""


async def attempt(client: Client, action: str, opportunity: str) -> tuple[bool, list[str]]:
    """Whether a dry run of the action's example goes through, and the codes if not."""
    name, given = INPUTS[action]
    kind = name[0].upper() + name[1:] + "Input"
    document = f"mutation($input: {kind}!) {{ {name}(input: $input) {{ userErrors {{ code }} }} }}"
    values = {"id": opportunity, "dryRun": True, "idempotencyKey": po.key(), **given}
    answer: Answer = await client.send(document, input=values)
    if "errors" in answer.body:
        return False, [answer.error["reason"]]
    refused = [error["code"] for error in answer.data[name]["userErrors"]]
    return not refused, refused


async def actions(client: Client, opportunity: str) -> list[dict[str, Any]] | None:
    document = "query($id: ID!) { opportunity(id: $id) { actions { action allowed blockers { code } } } }"
    seen = (await client.send(document, id=opportunity)).data["opportunity"]
    return None if seen is None else seen["actions"]


async def wrongly_told(client: Client, who: str, opportunity: str) -> list[str]:
    """Where what is told and what is done differ."""
    wrong = []
    for told in await actions(client, opportunity) or ():
        done, refused = await attempt(client, told["action"], opportunity)
        blockers = {blocker["code"] for blocker in told["blockers"]}
        if done != told["allowed"] or (refused and not blockers & set(refused)):
            wrong.append(f"{told['action']} by {who}: told {told['allowed']} {blockers}, got {done} {refused}")
    return wrong


async def people_of(api: Api) -> tuple[Desk, dict[str, Client]]:
    at = await desk(api)
    bd = await po.office_member(api, at.office_id, duty="BD")
    admin = await po.staff(api, Role.VENDOR_ADMIN)
    people = {"main": at.main, "manager": at.manager, "psm": at.psm, "bd": bd, "admin": admin}
    return at, {name: person.client for name, person in people.items()}


@pytest.mark.parametrize("state", OpportunityState)
async def test_in_every_state(api: Api, state: OpportunityState) -> None:
    at, people = await people_of(api)
    opportunity = await po.drafted(at.main.client)
    await api.database.superuser.execute(_WHOLE, state.value, uuid_of(at.office_id))
    wrong, seen = [], 0
    for who, client in people.items():
        seen += await actions(client, opportunity) is not None
        wrong += await wrongly_told(client, who, opportunity)
    assert wrong == []
    assert seen == (1 if state is OpportunityState.DRAFT else 5)
    assert await api.value("select state from opportunity") == state.value


Change = Callable[[Api, Desk, str], Awaitable[Any]]


async def _out_of_plan(api: Api, at: Desk, opportunity: str) -> Any:
    await api.database.superuser.execute("update plan_membership set state = 'EXITED'")


async def _incomplete(api: Api, at: Desk, opportunity: str) -> Any:
    await api.database.superuser.execute("update opportunity set budget = null")


async def _claimed(api: Api, at: Desk, opportunity: str) -> Any:
    await api.database.superuser.execute("update opportunity set state = 'VERIFYING', claimed_by = $1", at.colleague.id)


async def _of_another_manager(api: Api, at: Desk, opportunity: str) -> Any:
    await api.database.superuser.execute("update opportunity set state = 'SUBMITTED'")
    await api.database.superuser.execute("update partner set eco_manager_id = $1", at.main.id)


@pytest.mark.parametrize("change", [_out_of_plan, _incomplete, _claimed, _of_another_manager])
async def test_whatever_else_stands_in_the_way(api: Api, change: Change) -> None:
    at, people = await people_of(api)
    opportunity = await po.drafted(at.main.client)
    await api.database.superuser.execute(_WHOLE, "AUDIT_REJECTED", uuid_of(at.office_id))
    await change(api, at, opportunity)
    wrong = [told for who, client in people.items() for told in await wrongly_told(client, who, opportunity)]
    assert wrong == []
