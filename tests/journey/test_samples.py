"""The sample data is whole and true, those shown can sign in, and the explorer's tabs work with it in their order."""

import json
import re
from typing import Any

from rules.accounts import RealNameState
from rules.associations import AssociationStatus, RequestStatus
from rules.capabilities import CapabilityState
from rules.customers import InvitationState, ReportStatus
from rules.feeds import DeliveryState, FeedState
from rules.incentives.kinds import IncentiveStatus
from rules.incentives.performance import SheetStatus
from rules.opportunities import OpportunityState
from rules.partners import AdmissionState, PartnerKind, Standing
from rules.partners.companies import CompanyChangeState
from rules.paths import AnnualState, PathState
from rules.plans import MembershipState
from rules.solutions import SolutionState
from rules.specialists import BindingState, SpecialistInvitationState
from rules.vouchers import VoucherStatus
from schema.explorer_tabs import HEADERS, TABS, Tab
from tasks.samples import fill
from tasks.samples.stage import PASSWORD
from tasks.sequencer import verify_audit
from tests.client import Answer, Api

STATES = (
    ("account", "real_name_state", RealNameState, ()),
    # The worker decides on an application within seconds: SUBMITTED is not seen at rest.
    ("partner", "admission_state", AdmissionState, (AdmissionState.SUBMITTED,)),
    ("partner", "standing", Standing, (Standing.CLOSED,)),
    ("company_change", "state", CompanyChangeState, ()),
    ("plan_membership", "state", MembershipState, ()),
    ("specialist_invitation", "state", SpecialistInvitationState, ()),
    ("specialist_binding", "state", BindingState, ()),
    ("path_enrollment", "state", PathState, ()),
    ("path_enrollment", "annual_state", AnnualState, ()),
    ("solution", "state", SolutionState, ()),
    ("capability_application", "state", CapabilityState, ()),
    # The worker checks a bucket and delivers a file within seconds.
    ("feed", "state", FeedState, (FeedState.VERIFYING,)),
    ("feed_delivery", "state", DeliveryState, (DeliveryState.DUE,)),
    ("customer_report", "status", ReportStatus, ()),
    ("customer_invitation", "state", InvitationState, ()),
    ("customer_association", "status", AssociationStatus, ()),
    ("association_request", "status", RequestStatus, ()),
    ("opportunity", "state", OpportunityState, ()),
    ("voucher", "status", VoucherStatus, ()),
    # An estimate is made by the job of the morning; no incentive of two months expires by today's policies, or lapses.
    ("performance_sheet", "status", SheetStatus, (SheetStatus.ESTIMATE,)),
    ("incentive", "status", IncentiveStatus, (IncentiveStatus.EXPIRED, IncentiveStatus.LAPSED)),
)

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
    await everybody_shown_can_sign_in(api, lines)
    await tabs_work(api)


async def every_state_is_there(api: Api) -> None:
    assert await api.value("select count(*) from customer") == 40
    for table, column, states, missing in STATES:
        rows = await api.rows(f'select distinct {column} as state from "{table}"')
        assert {row["state"] for row in rows} == set(states) - set(missing), (table, column)
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
