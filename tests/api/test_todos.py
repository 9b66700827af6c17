"""To-dos: each kind is there while its subject waits, for those who may act, and goes away with the step."""

from datetime import timedelta
from typing import Any

import pytest

from resolvers.todos import SOURCES
from rules.access import ACCESS, Role
from rules.todos import SHOWN, TodoKind
from schema.inputs import camel
from tasks.solutions import pass_time as solutions_time
from tests import (
    business_info,
    capabilities,
    development,
    distribution,
    earning,
    opportunities,
    paths,
    solutions,
    specialists,
    todos,
)
from tests.api.leaving import answer, leave, signed_in_again, unbind
from tests.api.test_customers_reviews import in_review
from tests.api.test_incentives_payouts import waiting as waiting_payout
from tests.api.test_members_directors import direct, team
from tests.api.test_paths import refresh
from tests.api.test_plans import change
from tests.api.test_plans_lasting import END, seller
from tests.api.test_plans_lasting import at as later
from tests.business_info import letter_required, send_letter
from tests.client import Api, codes
from tests.factories import (
    admitted_partner,
    application_in_review,
    co_sell_partner,
    key,
    sign_in,
    staff,
)
from tests.feeds import broken, check
from tests.todos import Scene, Waiting, groups
from tests.world import world

SECOND = timedelta(seconds=1)


async def specialist_invitation(api: Api) -> Waiting:
    partner, who = await specialists.employer(api), await specialists.employee(api)
    invited = (await specialists.invite(partner.main.api, who.email))["invitation"]["id"]
    return Waiting(who.api, invited, lambda: specialists.accept(who.api, id=invited))


async def specialist_employment(api: Api) -> Waiting:
    partner = await specialists.employer(api)
    who, binding = await specialists.bound(api, partner)
    return Waiting(who.api, binding, lambda: specialists.save_employment(who.api))


async def assessment(api: Api) -> Waiting:
    application = await capabilities.submitted(await paths.walker(api))
    vendor, who = await capabilities.reviewer(api), await capabilities.assessor(api)
    asked = (await capabilities.ask(vendor.api, application, who.email))["assessment"]
    return Waiting(who.api, asked["id"], lambda: capabilities.give(who.api, asked))


async def partner_request(api: Api) -> Waiting:
    stage = await world(api)
    asked = (await unbind(stage.main.client, stage))["request"]["id"]
    return Waiting(stage.customer.client, asked, lambda: answer(api, stage, asked))


async def leave_request(api: Api) -> Waiting:
    stage = await world(api)
    asked = (await leave(api, stage))["request"]["id"]
    given = {"id": asked, "approve": False, "reason": "The contract runs on.", "idempotencyKey": key()}
    return Waiting(
        stage.main.client, asked, lambda: stage.main.client.do("answerLeaveRequest", "request { id }", **given)
    )


async def plan_invitation(api: Api) -> Waiting:
    partner, manager = await admitted_partner(api), await staff(api, Role.ECO_MANAGER)
    given = {"partnerId": partner.id, "plan": "DISTRIBUTOR", "idempotencyKey": key()}
    invited = (await manager.api.do("inviteToPlan", "membership { id }", **given))["membership"]["id"]
    join = {"plan": "DISTRIBUTOR", "agreementVersion": "1.0", "idempotencyKey": key()}
    return Waiting(partner.main.api, invited, lambda: partner.main.api.do("joinPlan", "membership { id }", **join))


async def plan_agreement(api: Api) -> Waiting:
    partner = await co_sell_partner(api)
    [joined] = (await partner.main.api.send("{ joinedPlans { id } }")).data["joinedPlans"]
    await api.database.superuser.execute("update plan_membership set agreement_version = '0.9'")
    given = {"id": joined["id"], "agreementVersion": "1.0", "idempotencyKey": key()}
    return Waiting(
        partner.main.api,
        joined["id"],
        lambda: partner.main.api.do("acceptPlanAgreement", "membership { id }", **given),
    )


async def plan_renewal(api: Api) -> Waiting:
    partner, membership = await seller(api)
    partner = await later(api, END - timedelta(days=60), partner)
    given = {"agreementVersion": "1.0"}
    return Waiting(
        partner.main.api, membership["id"], lambda: change(partner.main.api, "renewPlan", membership, **given)
    )


async def path_invitation(api: Api) -> Waiting:
    who = await paths.walker(api)
    invited = (await paths.invite(who, "SI"))["enrollment"]
    return Waiting(who.api, invited["id"], lambda: paths.step(who.api, "acceptPathInvitation", invited))


async def annual_review(api: Api) -> Waiting:
    who = await paths.walker(api)
    held = await paths.certified(api, who)
    await paths.make_due(api, held)
    return Waiting(who.api, held["id"], lambda: paths.step(who.api, "submitAnnualReview", held))


async def recertification(api: Api) -> Waiting:
    who = await solutions.builder(api)
    held = await solutions.certified(who)
    api.clock.advance(days=306)
    await solutions_time(api.settings, api.clock)
    await refresh(api)
    return Waiting(who.api, held["id"], lambda: solutions.step(who.api, "submitSolution", held))


async def expired_business_info(api: Api) -> Waiting:
    record = await business_info.submitted(api, on := await world(api))
    await business_info.expire(api, on)
    assert codes(await business_info.save(api, on)) == []
    return Waiting(on.main.client, record["id"], lambda: business_info.submit(on))


async def micro_deposit(api: Api) -> Waiting:
    record = await business_info.submitted(api, on := await world(api))
    amount = await business_info.arrived(api, on)
    return Waiting(on.main.client, record["id"], lambda: business_info.confirm(on, amount))


async def bank_letter(api: Api) -> Waiting:
    on = await letter_required(api)
    found = await on.main.client.send("{ partner { businessInfo { id } } }")
    return Waiting(on.main.client, found.data["partner"]["businessInfo"]["id"], lambda: send_letter(on))


async def reseller_application(api: Api) -> Waiting:
    to = await distribution.distributor(api)
    _, application = await distribution.applied(api, to)
    return Waiting(to.main.api, application, lambda: distribution.decide(to.main.api, application))


async def incentive(api: Api) -> Waiting:
    stage = await earning.stage(api)
    [made] = await earning.generated(api, stage, (earning.RESALE, 1_000_000_00))
    awake = await earning.awake(api, stage)
    return Waiting(awake.clerk, made, lambda: earning.confirm(awake.clerk, made))


async def correction(api: Api) -> Waiting:
    at = await opportunities.desk(api)
    made = await opportunities.submitted(api, at)
    rejected: dict[str, Any] = {"approve": False, "reason": "INCOMPLETE", "note": "Say more about the need."}
    assert codes(await opportunities.audit(at.manager.client, made, **rejected)) == []
    return Waiting(at.main.client, made, lambda: opportunities.submit(at.main.client, made))


async def specialist_correction(api: Api) -> Waiting:
    partner = await specialists.path_employer(api)
    _, binding = await specialists.told_employee(api, partner)
    assert codes(await specialists.apply_for(partner.main.api, binding)) == []
    assert codes(await specialists.verdict(api, approve=False, reason="No proof of work.")) == []
    return Waiting(partner.main.api, binding, lambda: specialists.apply_for(partner.main.api, binding))


async def unbinding(api: Api) -> Waiting:
    partner = await specialists.employer(api)
    who, binding = await specialists.bound(api, partner)
    assert codes(await specialists.wish_to_leave(who.api, binding)) == []
    return Waiting(partner.main.api, binding, lambda: specialists.unbind(partner.main.api, binding))


async def cancellation(api: Api) -> Waiting:
    partner = await specialists.path_employer(api)
    who, binding = await specialists.specialist(api, partner)
    assert codes(await specialists.wish_to_leave(who.api, binding)) == []
    assert "SPECIALIST_UNBINDING" not in await groups(partner.main.api)
    return Waiting(partner.main.api, binding, lambda: specialists.ask_cancellation(partner.main.api, binding))


async def without_director(api: Api) -> Waiting:
    partner, director, (first, _) = await team(api)
    await direct(partner.main.api, None, first.id)
    return Waiting(partner.main.api, partner.id, lambda: direct(partner.main.api, director.id, first.id))


async def review(api: Api) -> Waiting:
    _, applicant = await application_in_review(api)
    reviewer = await staff(api, Role.VENDOR_REVIEWER)
    case = (await reviewer.api.send("{ reviewQueue { nodes { id } } }")).data["reviewQueue"]["nodes"][0]["id"]
    given = {"id": applicant, "approve": True, "idempotencyKey": key()}
    return Waiting(reviewer.api, case, lambda: reviewer.api.do("decideAdmission", "partner { id }", **given))


async def broken_feed(api: Api) -> Waiting:
    client, feed = await broken(api)
    return Waiting(client, feed["id"], lambda: check(client, feed))


async def audit(api: Api) -> Waiting:
    at = await opportunities.desk(api)
    made = await opportunities.submitted(api, at)
    return Waiting(at.manager.client, made, lambda: opportunities.audit(at.manager.client, made))


async def verification(api: Api) -> Waiting:
    at = await opportunities.desk(api)
    made = await opportunities.verifying(api, at)
    return Waiting(at.psm.client, made, lambda: opportunities.verify(at.colleague.client, made))


async def report_review(api: Api) -> Waiting:
    _, _, report = await in_review(api)
    reviewer = await development.staff(api, Role.ECO_MANAGER)
    return Waiting(reviewer.client, report, lambda: development.decide(api, report))


async def payout(api: Api) -> Waiting:
    on = await earning.stage(api)
    waits = await waiting_payout(api, on, "BANK_TRANSFER")
    given = {"id": waits, "idempotencyKey": key()}
    return Waiting(on.finance, waits, lambda: on.finance.do("completePayout", "payout { id }", **given))


SCENES: dict[TodoKind, Scene] = {
    TodoKind.SPECIALIST_INVITATION: specialist_invitation,
    TodoKind.SPECIALIST_EMPLOYMENT: specialist_employment,
    TodoKind.CAPABILITY_ASSESSMENT: assessment,
    TodoKind.PARTNER_REQUEST: partner_request,
    TodoKind.LEAVE_REQUEST: leave_request,
    TodoKind.PLAN_INVITATION: plan_invitation,
    TodoKind.PLAN_AGREEMENT: plan_agreement,
    TodoKind.PLAN_RENEWAL: plan_renewal,
    TodoKind.PATH_INVITATION: path_invitation,
    TodoKind.PATH_ANNUAL_REVIEW: annual_review,
    TodoKind.SOLUTION_RECERTIFICATION: recertification,
    TodoKind.BUSINESS_INFO_RENEWAL: expired_business_info,
    TodoKind.MICRO_DEPOSIT_AMOUNT: micro_deposit,
    TodoKind.BANK_LETTER: bank_letter,
    TodoKind.RESELLER_APPLICATION: reseller_application,
    TodoKind.INCENTIVE_CONFIRMATION: incentive,
    TodoKind.OPPORTUNITY_CORRECTION: correction,
    TodoKind.SPECIALIST_CORRECTION: specialist_correction,
    TodoKind.SPECIALIST_UNBINDING: unbinding,
    TodoKind.SPECIALIST_CANCELLATION: cancellation,
    TodoKind.MANAGERS_WITHOUT_DIRECTOR: without_director,
    TodoKind.FEED_CHECK: broken_feed,
    TodoKind.REVIEW: review,
    TodoKind.OPPORTUNITY_AUDIT: audit,
    TodoKind.OPPORTUNITY_VERIFICATION: verification,
    TodoKind.REPORT_REVIEW: report_review,
    TodoKind.PAYOUT_COMPLETION: payout,
    **todos.SCENES,
}


@pytest.mark.parametrize("kind", SCENES)
async def test_it_is_there_until_the_step_is_taken(api: Api, kind: TodoKind) -> None:
    waiting = await SCENES[kind](api)

    group = (await groups(waiting.client))[kind.value]

    source = next(source for source in SOURCES if source.kind is kind)
    assert group["mutation"] == camel(source.step.spec.name)
    assert [item["subject"] and item["subject"]["id"] for item in group["items"]] == [waiting.subject]
    assert (group["overdue"], group["more"]) == (0, False)
    assert codes(await waiting.step()) == []
    assert kind.value not in await groups(waiting.client)


@pytest.mark.parametrize("kind", SCENES)
async def test_strangers_have_none_of_it(api: Api, kind: TodoKind) -> None:
    await SCENES[kind](api)
    needed = ACCESS[next(source for source in SOURCES if source.kind is kind).step.spec.permission].roles
    other = await admitted_partner(api)
    outsider = await staff(api, Role.VENDOR_FINANCE if Role.VENDOR_FINANCE not in needed else Role.PSM)

    for client in (other.main.api, outsider.api):
        assert kind.value not in await groups(client)
    assert (await api.anonymous.send("{ todos { kind } }")).error["code"] == "UNAUTHENTICATED"


def test_every_kind_has_one_source_in_the_order_shown_and_a_scene() -> None:
    assert [source.kind for source in SOURCES] == list(TodoKind)
    assert set(SCENES) == set(TodoKind)


async def test_only_kinds_that_are_asked_for(api: Api) -> None:
    waiting = await reseller_application(api)

    assert await groups(waiting.client, TodoKind.LEAVE_REQUEST) == {}
    assert set(await groups(waiting.client, TodoKind.RESELLER_APPLICATION)) == {"RESELLER_APPLICATION"}


async def test_late_from_its_due_instant_on(api: Api) -> None:
    await review(api)
    due = await api.value("select due_at from review_case where kind = 'ADMISSION'")
    for at, late in ((due - SECOND, 0), (due, 1)):
        api.clock.at = at
        reviewer = await staff(api, Role.VENDOR_REVIEWER)
        assert (await groups(reviewer.api))["REVIEW"]["overdue"] == late


async def test_a_request_that_nobody_answered_in_time_waits_for_nobody(api: Api) -> None:
    stage = await world(api)
    await unbind(stage.main.client, stage)
    deadline = await api.value("select deadline from association_request")
    for at, there in ((deadline - SECOND, True), (deadline, False)):
        api.clock.at = at
        stage = await signed_in_again(api, stage)
        assert ("PARTNER_REQUEST" in await groups(stage.customer.client)) is there


async def test_an_invitation_to_a_path_waits_until_it_opens_no_more(api: Api) -> None:
    waiting = await path_invitation(api)
    until = await api.value("select invited_until from path_enrollment")
    for at, there in ((until - SECOND, True), (until, False)):
        api.clock.at = at
        await refresh(api)
        assert ("PATH_INVITATION" in await groups(waiting.client)) is there


async def test_a_yearly_review_waits_until_it_is_over(api: Api) -> None:
    waiting = await annual_review(api)
    over = await api.value("select annual_due_at from path_enrollment")
    for at, there in ((over - SECOND, True), (over, False)):
        api.clock.at = at
        await refresh(api)
        assert ("PATH_ANNUAL_REVIEW" in await groups(waiting.client)) is there


async def test_off_the_software_path_no_solution_waits(api: Api) -> None:
    waiting = await recertification(api)
    assert "SOLUTION_RECERTIFICATION" in await groups(waiting.client)
    await api.rows("update path_enrollment set state = 'EXITED', ended_at = now() returning id")
    assert "SOLUTION_RECERTIFICATION" not in await groups(waiting.client)


async def test_no_more_than_a_hundred_are_shown(api: Api) -> None:
    partner = await admitted_partner(api)
    await api.rows(
        "insert into review_case (id, version, created_at, updated_at, partner_id, site, kind, subject_type,"
        " subject_id, round, state, submitted_at, due_at) select gen_random_uuid(), 1, now(), now(), $1, 'CN', 'PLAN',"
        " 'PlanMembership', gen_random_uuid(), 1, 'SUBMITTED', now(), now() + n * interval '1 hour'"
        " from generate_series(0, $2) n",
        partner.partner_id,
        SHOWN,
    )
    reviewer = await staff(api, Role.VENDOR_REVIEWER)

    group = (await groups(reviewer.api))["REVIEW"]

    assert (len(group["items"]), group["more"]) == (SHOWN, True)
    assert [item["dueAt"] for item in group["items"]] == sorted(item["dueAt"] for item in group["items"])


async def test_an_invitation_that_is_over_waits_for_nobody(api: Api) -> None:
    await plan_invitation(api)
    until = await api.value("select invited_until from plan_membership")
    for instant, there in ((until - SECOND, True), (until, False)):
        api.clock.at = instant
        main = await sign_in(api, await api.value("select main_account_id from partner"))
        assert ("PLAN_INVITATION" in await groups(main.api)) is there


@pytest.mark.parametrize(
    ("days", "real_name", "there"),
    [(60, "PASSED", True), (60, "NONE", False), (61, "PASSED", False), (0, "PASSED", False)],
)
async def test_a_membership_is_to_be_renewed_while_it_may_be(api: Api, days: int, real_name: str, there: bool) -> None:
    partner, _ = await seller(api)
    await api.database.superuser.execute("update account set real_name_state = $1 where is_main", real_name)
    partner = await later(api, END - timedelta(days=days), partner)

    assert ("PLAN_RENEWAL" in await groups(partner.main.api)) is there
