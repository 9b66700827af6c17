"""The sample data is whole and true, those shown can sign in, and the explorer's tabs work with it in their order."""

import json
import re
from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from rules.experts import ExpertSchemeCode
from rules.partners import PartnerKind
from rules.transitions import MACHINES
from schema.explorer_tabs import HEADERS, TABS, Tab
from tasks import experts, funds
from tasks.samples import fill
from tasks.samples.specimens import kinds
from tasks.samples.stage import PASSWORD
from tasks.sequencer import verify_audit
from tests.client import Answer, Api

PLACES = {
    "real_name": ("account", "real_name_state"),
    "customer_report": ("customer_report", "status"),
    "invitation": ("customer_invitation", "state"),
    "association_attempt": ("association_attempt", "state"),
    "admission": ("partner", "admission_state"),
    "standing": ("partner", "standing"),
    "member": ("account", "status"),
    "company_change": ("company_change", "state"),
    "association": ("customer_association", "status"),
    "association_request": ("association_request", "status"),
    "business_info": ("business_info", "state"),
    "micro_deposit": ("micro_deposit", "state"),
    "capability_application": ("capability_application", "state"),
    "capability_assessment": ("capability_assessment", "state"),
    "feed": ("feed", "state"),
    "feed_delivery": ("feed_delivery", "state"),
    "performance_sheet": ("performance_sheet", "status"),
    "performance_feedback": ("performance_feedback", "status"),
    "incentive": ("incentive", "status"),
    "payout": ("payout_request", "status"),
    "deferred_payout": ("deferred_payout", "status"),
    "opportunity": ("opportunity", "state"),
    "path_enrollment": ("path_enrollment", "state"),
    "path_annual_review": ("path_enrollment", "annual_state"),
    "plan_membership": ("plan_membership", "state"),
    "tier_upgrade": ("tier_upgrade", "state"),
    "reseller_application": ("reseller_application", "status"),
    "reseller_link": ("reseller_link", "status"),
    "review": ("review_case", "state"),
    "solution": ("solution", "state"),
    "specialist_invitation": ("specialist_invitation", "state"),
    "specialist_binding": ("specialist_binding", "state"),
    "upload": ("upload", "state"),
    "licence_reading": ("upload", "reading"),
    "ledger_hold": ("ledger_hold", "state"),
    "voucher_quota": ("voucher_quota", "status"),
    "voucher": ("voucher", "status"),
    "closing": ("account", "status"),
    "expert_qualification": ("expert_qualification", "state"),
    "expert_incentive": ("expert_incentive", "status"),
    "mdf_case": ("mdf_case", "state"),
}
"""Where the state of each machine stands."""

MISSING: dict[str, dict[Any, str]] = {
    "admission": {"SUBMITTED": "the worker decides within seconds"},
    "association_attempt": {"PENDING": "an attempt ends in the transaction after its own"},
    "business_info": {"NONE": "until something is entered there is no row"},
    "deferred_payout": dict.fromkeys(
        ("WAITING", "RESUBMITTED", "DROPPED", "WITHDRAWN"), "whose incentives are paid was certified before"
    ),
    "feed": {"VERIFYING": "the worker checks a bucket within seconds"},
    "feed_delivery": {"DUE": "the worker delivers a file within seconds"},
    "incentive": dict.fromkeys(("EXPIRED", "LAPSED"), "of two months none expires by today's policies, or lapses"),
    "ledger_hold": {"EXPIRED": "no hold for a payout has an end of its own"},
    "licence_reading": dict.fromkeys(
        ("WAITING", "READ", "NOT_READ", "FAILED"), "nobody reads licences unless an installation names a provider"
    ),
    "performance_sheet": {"ESTIMATE": "made by the job of the morning"},
    "upload": dict.fromkeys(
        ("OPEN", "RECEIVED", "QUARANTINED", "EXPIRED", "ERASED"), "files are looked at and cleaned away by the worker"
    ),
}
"""States that the sample data does not rest in, and why."""

REFUSED = {
    "AnswerPartner": {"STEP_UP_REQUIRED"},
    "SubmitTooEarly": {
        *("PO_FIELD_REQUIRED", "PO_BANT_INCOMPLETE", "PO_REVENUE_TOO_SMALL"),
        *("PO_SOLUTION_REQUIRED", "PO_CONSENT_REQUIRED"),
    },
    "VerifyTooLate": {"PO_ALREADY_PROCESSED"},
}
"""Tabs that show a refusal: the codes."""


async def test_sample_data_and_tabs(api: Api) -> None:
    lines = await fill(api.settings, api.clock())

    await every_state_is_there(api)
    await history_is_true(api)
    await every_message_is_in_the_inbox(api)
    await everybody_shown_can_sign_in(api, lines)
    await tabs_work(api)


@pytest.mark.long
@pytest.mark.parametrize("day", ["2026-01-01", "2026-03-04", "2026-06-30", "2026-09-16", "2026-12-31", "2028-02-29"])
async def test_the_history_may_end_on_any_day(api: Api, day: str) -> None:
    api.clock.at = datetime.combine(date.fromisoformat(day), time(9, 30), UTC)
    await fill(api.settings, api.clock())

    await every_state_is_there(api)
    await history_is_true(api)
    await nothing_is_late(api)


async def every_state_is_there(api: Api) -> None:
    assert await api.value("select count(*) from customer") == 40
    assert set(PLACES) == set(MACHINES)
    held: dict[tuple[str, str], set[str]] = {}
    for name, place in PLACES.items():
        wanted = {str(state.value) for state in MACHINES[name].states} - set(MISSING.get(name, {}))
        held[place] = held.get(place, set()) | wanted
    for (table, column), states in held.items():
        rows = await api.rows(f'select distinct {column} as state from "{table}" where {column} is not null')
        assert {row["state"] for row in rows} == states, (table, column)
    asked = await api.rows("select distinct kind, initiator, status from association_request")
    outcomes = {"DONE", "REJECTED", "WITHDRAWN", "EXPIRED"}
    assert {(row["kind"], row["initiator"], row["status"]) for row in asked} == {
        *(("UNBIND", "PARTNER", status) for status in outcomes | {"PENDING_CUSTOMER"}),
        *(("SWITCH", "PARTNER", status) for status in outcomes | {"PENDING_CUSTOMER"}),
        *(("UNBIND", "CUSTOMER", status) for status in outcomes | {"PENDING_PARTNER"}),
    }
    assert await api.value("select count(*) from partner where benefits_frozen_since is not null") == 1
    assert await api.value("select count(*) from custom_role") == 2
    assert await api.value("select count(*) from account where roles_in_review <> '[]'") == 1
    assert await api.value("select count(*) from path_enrollment where at_risk") == 1
    assert await api.value("select count(*) from solution_share") == 1
    schemes = await api.rows("select distinct scheme from expert_incentive")
    assert {row["scheme"] for row in schemes} == set(ExpertSchemeCode)
    abroad = "select count(*) from expert e join partner p on p.id = e.partner_id where p.site = 'INTL'"
    assert await api.value(abroad) == 1
    tiers = await api.rows("select distinct kind, tier from partner where kind is not null")
    for kind in PartnerKind:
        assert len({row["tier"] for row in tiers if row["kind"] == kind}) >= 2, kind


async def history_is_true(api: Api) -> None:
    """Everything was sent, numbered and chained; each feed goes forward in time and ends before now."""
    assert [row["state"] for row in await api.rows("select distinct state from outbox")] == ["done"]
    events = await api.rows("select partner_id, sequence, occurred_at from event order by partner_id, sequence")
    for tenant in {event["partner_id"] for event in events}:
        feed = [event for event in events if event["partner_id"] == tenant]
        assert [event["sequence"] for event in feed] == list(range(1, len(feed) + 1))
        instants = [event["occurred_at"] for event in feed]
        assert instants == sorted(instants)
        assert instants[-1] < api.clock()
        assert await verify_audit(tenant) == []
    assert await api.value("select max(sent_at) < $1 from recorded_message", api.clock())


async def nothing_is_late(api: Api) -> None:
    """What rests in a state of experts and market funds stays there when their clocks strike."""
    stands = "select id, status as state from expert_incentive union all select id, state from mdf_case order by id"
    before = await api.rows(stands)
    for strike in (experts.close_quarters, experts.pass_time, funds.pass_time):
        await strike(api.settings, api.clock)
    assert await api.rows(stands) == before


async def every_message_is_in_the_inbox(api: Api) -> None:
    rows = await api.rows("select distinct template, channel, locale from recorded_message where channel <> 'BANK'")
    assert {(row["template"], row["channel"], row["locale"]) for row in rows} >= kinds(api.post)


async def everybody_shown_can_sign_in(api: Api, lines: list[str]) -> None:
    shown = [line.split(maxsplit=2) for line in lines if "@" in line]
    assert len(shown) >= 6
    for site, email, _ in shown:
        answer = await api.anonymous.do("signIn", "accessToken", site=site, email=email, password=PASSWORD)
        assert answer["accessToken"], (email, answer)


async def tabs_work(api: Api) -> None:
    """In their order, by whom the first line says, with the variables as they stand and what is to be filled in."""
    answers: dict[str, dict[str, Any]] = {}
    for tab in TABS:
        name = re.search(r"^(?:query|mutation) (\w+)", tab.query, re.MULTILINE)
        who = re.match(r"# As (\S+)\.\n", tab.query)
        assert name, tab
        assert who, tab
        answer = await send(api, tab, who[1], answers)
        if name[1] == "UnbindAsMember":
            assert answer.error["reason"] == "ADMIN_ONLY"
            continue
        answers[name[1]] = answer.data
        expected = REFUSED.get(name[1], set())
        for payload in answer.data.values():
            errors = payload.get("userErrors", []) if isinstance(payload, dict) else []
            assert {error["code"] for error in errors} == expected, (name[1], errors)


async def send(api: Api, tab: Tab, who: str, answers: dict[str, dict[str, Any]]) -> Answer:
    caller = api.anonymous
    if who != "nobody":
        opened = await caller.do("signIn", "accessToken", site="CN", email=who, password=PASSWORD)
        caller = caller.as_(opened["accessToken"])
        assert tab.headers == HEADERS
    variables = await filled_in(api, json.loads(tab.variables or "{}"), answers)
    return await caller.send(tab.query, **variables)


async def filled_in(api: Api, value: Any, answers: dict[str, dict[str, Any]]) -> Any:
    """Variables as a person fills them in: `<… from Tab: path>` from an earlier answer, the code from the inbox."""
    if isinstance(value, dict):
        return {key: await filled_in(api, entry, answers) for key, entry in value.items()}
    if isinstance(value, list):
        return [await filled_in(api, entry, answers) for entry in value]
    if not isinstance(value, str) or not value.startswith("<"):
        return value
    if value == "<code from the inbox>":
        await api.deliver()
        body = await api.value(
            "select body from recorded_message where template like 'code_%' order by id desc limit 1"
        )
        return re.findall(r"\d{6}", body)[0]
    source = re.fullmatch(r"<\w+ from (\w+): ([\w.]+)>", value)
    assert source, value
    found: Any = answers[source[1]]
    for step in source[2].split("."):
        found = found[int(step)] if step.isdecimal() else found[step]
    return found
