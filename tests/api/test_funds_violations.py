"""Monitoring of events and violations of the fund's rules: what they end and for how long; through the API."""

from typing import Any

from core.ids import decode_id
from rules.funds.kinds import MdfState
from rules.funds.violations import ENDED_AT_ONCE, check_finding, check_penalty, check_void, is_over
from tasks.funds import pass_time
from tests.client import NOON, Api, codes
from tests.funds import Funded, approved, at_day, create, drafted, funded, left, shown, step, submitted
from tests.opportunities import done, key
from tests.paths import mails


async def violate(who: Funded, case: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The vendor's record of a split campaign."""
    given = {"caseId": case["id"], "kind": "MDF_SPLIT", "penalty": "A warning.", "idempotencyKey": key(), **more}
    selection = "violation { id kind penalty year suspendedUntil liftedAt case { id } }"
    return await who.manager.client.do("recordMdfViolation", selection, **given)


async def test_while_an_event_runs_findings_are_recorded(api: Api) -> None:
    who = await funded(api)
    case = await approved(api, who)

    async def attempt() -> None:
        assert codes(await step(who.manager.client, "recordMdfFinding", case, note=" ")) == [
            "STATE_CONFLICT",
            "REQUIRED",
        ]

    assert await api.changes(attempt) == set()
    await done(await step(who.api, "startMdfEvent", case))
    await done(await step(who.manager.client, "recordMdfFinding", case, note="Sixty guests."))
    assert (await shown(who, case))["findings"] == [{"signal": "MONITORING", "note": "Sixty guests."}]


async def test_a_violation_ends_applying_until_the_year_is_over(api: Api) -> None:
    who = await funded(api)
    kept = await approved(api, who)
    draft = await drafted(api, who, name="Draft", audience="Others")
    waiting = await submitted(api, who, name="Waiting", audience="Somebody else")

    async def attempt() -> None:
        assert codes(await violate(who, kept, penalty=" ")) == ["REQUIRED"]

    assert await api.changes(attempt) == set()
    violation = (await done(await violate(who, kept)))["violation"]
    assert (violation["year"], violation["suspendedUntil"]) == (2026, "2026-12-31T16:00:00.000Z")
    assert [(await shown(who, one))["state"] for one in (kept, draft, waiting)] == ["USE_APPROVED", "VOID", "VOID"]
    assert await left(who) == ("4000.00", "0.00", "46000.00")
    assert codes(await create(api, who)) == ["MDF_SUSPENDED"]
    listed = "{ mdfViolations { nodes { id kind penalty } } mdfLines { suspendedUntil } }"
    found = (await who.api.send(listed)).data
    assert found["mdfViolations"]["nodes"][0]["id"] == violation["id"]
    assert found["mdfLines"][0]["suspendedUntil"] == violation["suspendedUntil"]
    assert "mdf_violation_recorded" in await mails(api, who)

    async def unsaid() -> None:
        refused = await step(who.manager.client, "endMdfCase", draft, reason=" ")
        assert codes(refused) == ["STATE_CONFLICT", "REASON_REQUIRED"]

    assert await api.changes(unsaid) == set()
    await done(await step(who.manager.client, "endMdfCase", kept, reason="It was one campaign."))
    assert await left(who) == ("0.00", "0.00", "50000.00")
    assert "mdf_case_voided" in await mails(api, who)

    await at_day(api, 305)
    api.clock.at = NOON.replace(month=12, day=31, hour=16)
    assert await pass_time(api.settings, api.clock) == 2  # with the quota of the new year
    assert await pass_time(api.settings, api.clock) == 0
    lifted = await api.value("select lifted_at from mdf_violation where id = $1", decode_id(violation["id"])[1])
    assert lifted == api.clock()
    assert "mdf_suspension_lifted" in await mails(api, who)
    assert codes(await create(api, who)) == []


def test_rules_of_violations() -> None:
    assert {MdfState.DRAFT, MdfState.USE_REVIEW} == ENDED_AT_ONCE
    assert check_finding(MdfState.EVENT_RUNNING, "Seen.") == check_penalty("A warning.") == []
    assert check_void(MdfState.USE_APPROVED, "One campaign.") == []
    assert is_over(NOON, None, now=NOON)
    assert not is_over(NOON, NOON, now=NOON)
