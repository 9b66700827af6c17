"""Rules of market development funds: who gets how much, how early to apply, what a budget may hold, the dates."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from rules.errors import ErrorCode, Violation
from rules.funds.applying import (
    Application,
    Gift,
    Likeness,
    check_application,
    check_before,
    check_cancellation,
    check_complete,
    check_gift,
    check_lead,
    check_likeness,
    check_payment_agreement,
    check_plan,
    check_span,
    check_type,
    check_year,
    compute_keys,
)
from rules.funds.kinds import (
    CLAIMABLE,
    MDF_CASE,
    NEVER_FUNDED,
    MdfActivityType,
    MdfEvent,
    MdfEventForm,
    MdfExpense,
    MdfExpenseCategory,
    MdfGiftOccasion,
    MdfLine,
    MdfPlan,
    MdfState,
)
from rules.funds.quotas import (
    MdfBalance,
    MdfStanding,
    check_adjustment,
    check_available,
    check_opening,
    check_suspension,
    compute_entitlement,
    compute_year_end,
)
from rules.funds.timing import (
    compute_claim_deadline,
    compute_claim_notice,
    compute_fix_deadline,
    compute_invoice_deadline,
    compute_notice_horizon,
)
from rules.paths import PathCode, PathStage
from rules.plans import PlanCode
from rules.policy import Policy, PolicyBook
from rules.sites import Site

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
TODAY = date(2026, 3, 2)
POLICY, ABROAD = PolicyBook().at(Site.CN, NOW), PolicyBook().at(Site.INTL, NOW)
DAY, TICK = timedelta(days=1), timedelta(microseconds=1)
E, S, C = ErrorCode, MdfState, MdfExpenseCategory
EVENT = MdfEvent("Opening day", date(2026, 4, 1), date(2026, 4, 2), "Expo Centre", MdfEventForm.ON_SITE)
LUNCH = MdfExpense(C.CATERING, 800_000, 400_000)
GIFTS = MdfExpense(C.GIFTS, 200_000, 100_000, "", "Mouse", 10, 10, MdfGiftOccasion.ACTIVITY)
PLAN = MdfPlan(
    name="Cloud day",
    activity_type=MdfActivityType.JOINT_MARKETING,
    audience="Customers",
    department="Marketing",
    expected_leads=0,
    expected_opportunities=0,
    events=(EVENT,),
    budget=(LUNCH, GIFTS),
)
FREE = Application(S.DRAFT, 2026, MdfBalance(1_000_000), agreement="1.0")


def said(violations: list[Violation]) -> list[tuple[ErrorCode, str]]:
    return [(one.code, ".".join(one.path[1:])) for one in violations]


class TestStates:
    def test_what_can_be_claimed_can_expire_and_is_never_lost_otherwise(self) -> None:
        assert {state for state in S if MDF_CASE.target(state, "expire")} == CLAIMABLE

    def test_what_was_never_funded_holds_nothing(self) -> None:
        assert {S.USE_REVIEW, S.PAID}.isdisjoint(NEVER_FUNDED)
        assert not NEVER_FUNDED & CLAIMABLE

    def test_what_is_paid_void_or_expired_stays_so(self) -> None:
        for end in (S.PAID, S.VOID, S.CLAIM_EXPIRED):
            assert [event for event in MDF_CASE.events() if MDF_CASE.target(end, event)] == []


class TestQuota:
    @pytest.mark.parametrize(
        ("line", "standing", "policy", "amount"),
        [
            (MdfLine.SOLUTION_PROVIDER, MdfStanding(), POLICY, 0),
            (MdfLine.SOLUTION_PROVIDER, MdfStanding({PlanCode.SOLUTION_PROVIDER: None}), POLICY, 0),
            (MdfLine.SOLUTION_PROVIDER, MdfStanding({PlanCode.SOLUTION_PROVIDER: "SELECT"}), POLICY, 0),
            (MdfLine.SOLUTION_PROVIDER, MdfStanding({PlanCode.SOLUTION_PROVIDER: "LEADING"}), POLICY, 15_000_000),
            (MdfLine.SOLUTION_PROVIDER, MdfStanding({PlanCode.SOLUTION_PROVIDER: "CORE"}), POLICY, 50_000_000),
            (MdfLine.SOLUTION_PROVIDER, MdfStanding({PlanCode.SOLUTION_PROVIDER: "CORE"}), ABROAD, 8_000_000),
            (MdfLine.SOFTWARE, MdfStanding(stages={PathCode.SOFTWARE: PathStage.SELECTED}), POLICY, 0),
            (MdfLine.SOFTWARE, MdfStanding(stages={PathCode.SERVICE: PathStage.CERTIFIED}), POLICY, 0),
            (MdfLine.SERVICE, MdfStanding(stages={PathCode.SERVICE: PathStage.CERTIFIED}), POLICY, 5_000_000),
            (MdfLine.SI, MdfStanding(stages={PathCode.SI: PathStage.DIFFERENTIATED}), ABROAD, 2_000_000),
        ],
    )
    def test_a_tier_or_stage_gives_it(self, line: MdfLine, standing: MdfStanding, policy: Policy, amount: int) -> None:
        assert compute_entitlement(line, standing, policy=policy) == amount

    def test_opening_names_everything_that_is_missing(self) -> None:
        nothing = check_opening(MdfLine.SI, MdfStanding(), opened=True, policy=POLICY)
        assert said(nothing) == [
            (E.MDF_NOT_ENTITLED, "line"),
            (E.BUSINESS_INFO_REQUIRED, "line"),
            (E.MDF_QUOTA_OPENED, "line"),
        ]
        ready = MdfStanding(stages={PathCode.SI: PathStage.CERTIFIED}, certified=True)
        assert check_opening(MdfLine.SI, ready, opened=False, policy=POLICY) == []

    def test_what_is_reserved_and_consumed_is_not_available(self) -> None:
        balance = MdfBalance(1_000, 300, 200)
        assert balance.available == 500
        assert check_available(balance, 500) == []
        [over] = check_available(balance, 501, "input", "budget")
        assert over.code is E.MDF_OVER_QUOTA
        assert (over.limit, over.used, over.requested) == (Decimal(10), Decimal(5), Decimal("5.01"))

    @pytest.mark.parametrize(
        ("amount", "reason", "codes"),
        [
            (1, "More.", []),
            (-500, "Less.", []),
            (-501, "Less.", [E.MDF_OVER_QUOTA]),
            (0, " ", [E.OUT_OF_RANGE, E.REASON_REQUIRED]),
        ],
    )
    def test_an_adjustment_leaves_what_is_held(self, amount: int, reason: str, codes: list[ErrorCode]) -> None:
        assert [one.code for one in check_adjustment(MdfBalance(1_000, 300, 200), amount, reason)] == codes

    def test_a_suspension_ends_with_the_year_of_the_site(self) -> None:
        until = compute_year_end(TODAY, Site.CN)
        assert until == datetime(2026, 12, 31, 16, tzinfo=UTC)
        [barred] = check_suspension(until, now=until - TICK)
        assert (barred.code, barred.available_at) == (E.MDF_SUSPENDED, until)
        assert check_suspension(until, now=until) == check_suspension(None, now=NOW) == []


class TestApplication:
    def test_a_whole_one_has_nothing_against_it(self) -> None:
        assert check_application(PLAN, FREE, now=NOW, policy=POLICY, entries={}) == []

    def test_everything_is_said_at_once(self) -> None:
        wrong = replace(PLAN, name=" ", events=(replace(EVENT, location=" "),), budget=(replace(GIFTS, item=""),))
        given = replace(FREE, quota_year=2025, balance=MdfBalance(0), agreement=None, likeness=tuple(Likeness))
        given = replace(given, state=S.USE_REVIEW)
        found = check_application(wrong, given, now=NOW, policy=POLICY, entries={})
        assert [one.code for one in found] == [
            *(E.STATE_CONFLICT, E.MDF_QUOTA_CLOSED, E.REQUIRED, E.REQUIRED, E.MDF_GIFT_NOT_NAMED, E.MDF_OVER_QUOTA),
            *(E.MDF_DOUBLE_DIP, E.MDF_SIMILAR_ACTIVITY, E.AGREEMENT_REQUIRED),
        ]

    def test_a_late_one_is_not_asked_for_a_reason_when_it_comes_after_the_start(self) -> None:
        begun = replace(PLAN, events=(replace(EVENT, starts_on=TODAY, ends_on=TODAY),))
        found = check_application(begun, FREE, now=NOW, policy=POLICY, entries={})
        assert [one.code for one in found] == [E.MDF_RETROACTIVE]

    def test_a_draft_may_be_empty_and_must_be_possible(self) -> None:
        assert check_plan(MdfPlan()) == []
        assert [path for _, path in said(check_complete(MdfPlan()))] == [
            *("name", "activityType", "audience", "department", "expectedLeads", "expectedOpportunities"),
            *("events", "budget"),
        ]
        backwards = replace(EVENT, ends_on=EVENT.starts_on - DAY)
        more = replace(LUNCH, fund_amount=800_001)
        wrong = MdfPlan(events=(EVENT, backwards), budget=(LUNCH, more), expected_leads=-1)
        assert said(check_plan(wrong)) == [
            (E.OUT_OF_RANGE, "events.1.endsOn"),
            (E.OUT_OF_RANGE, "budget.1.fundAmount"),
            (E.OUT_OF_RANGE, "expectedLeads"),
        ]
        assert said(check_plan(MdfPlan(events=(EVENT,) * 21, budget=(LUNCH,) * 51))) == [
            (E.TOO_MANY, "events"),
            (E.TOO_MANY, "budget"),
        ]

    @pytest.mark.parametrize(("starts_on", "codes"), [(TODAY, [E.MDF_RETROACTIVE]), (TODAY + DAY, [])])
    def test_it_comes_before_the_first_day(self, starts_on: date, codes: list[ErrorCode]) -> None:
        assert [one.code for one in check_before(starts_on, TODAY)] == codes

    @pytest.mark.parametrize(
        ("starts_on", "reason", "entries", "codes"),
        [
            (date(2026, 3, 16), "", {}, []),
            (date(2026, 3, 15), "", {}, [E.MDF_LATE_REASON_REQUIRED]),
            (date(2026, 3, 15), " ", {}, [E.MDF_LATE_REASON_REQUIRED]),
            (date(2026, 3, 15), "Moved.", {}, []),
            (date(2026, 3, 14), "", {date(2026, 3, 14): True}, []),
            (date(2026, 3, 16), "", {date(2026, 3, 12): False}, [E.MDF_LATE_REASON_REQUIRED]),
        ],
    )
    def test_ten_working_days_before_or_a_reason(
        self, starts_on: date, reason: str, entries: dict[date, bool], codes: list[ErrorCode]
    ) -> None:
        found = check_lead(starts_on, reason, now=NOW, policy=POLICY, entries=entries)
        assert [one.code for one in found] == codes

    @pytest.mark.parametrize(("ends_on", "codes"), [(date(2026, 6, 30), []), (date(2026, 7, 1), [E.MDF_BATCH_SPAN])])
    def test_a_series_stays_within_a_quarter(self, ends_on: date, codes: list[ErrorCode]) -> None:
        assert [one.code for one in check_span(date(2026, 4, 1), ends_on, policy=POLICY)] == codes

    def test_only_types_of_the_policy(self) -> None:
        assert check_type(PLAN, policy=POLICY) == check_type(MdfPlan(), policy=POLICY) == []

    @pytest.mark.parametrize(
        ("gift", "reasons"),
        [
            (Gift(20_000, "Mouse", 1, 1, MdfGiftOccasion.ACTIVITY), []),
            (Gift(20_001, "Mouse", 1, 2, MdfGiftOccasion.ACTIVITY), [(E.MDF_GIFT_CAP, "quantity")]),
            (Gift(20_001, "Mouse", 2, 1, MdfGiftOccasion.ACTIVITY), [(E.MDF_GIFT_CAP, "heads")]),
            (Gift(100, "", 1, 1, MdfGiftOccasion.ACTIVITY), [(E.MDF_GIFT_NOT_NAMED, "item")]),
            (Gift(100, "Mouse", 1, 1, MdfGiftOccasion.OTHER), [(E.MDF_GIFT_UNRELATED, "occasion")]),
            (Gift(100, "Mouse", 1, 1, None), [(E.MDF_GIFT_UNRELATED, "occasion")]),
            (
                Gift(100, "Mouse", None, 0, MdfGiftOccasion.ACTIVITY),
                [(E.REQUIRED, "quantity"), (E.REQUIRED, "heads")],
            ),
        ],
    )
    def test_gifts(self, gift: Gift, reasons: list[tuple[ErrorCode, str]]) -> None:
        assert said(check_gift(gift, "input", policy=POLICY)) == reasons

    @pytest.mark.parametrize(
        ("likeness", "confirmed", "codes"),
        [
            ((), False, []),
            ((Likeness.SIMILAR,), False, [E.MDF_SIMILAR_ACTIVITY]),
            ((Likeness.SIMILAR,), True, []),
            ((Likeness.OTHER_LINE,), True, [E.MDF_DOUBLE_DIP]),
        ],
    )
    def test_what_else_the_company_does(
        self, likeness: tuple[Likeness, ...], confirmed: bool, codes: list[ErrorCode]
    ) -> None:
        assert [one.code for one in check_likeness(likeness, confirmed=confirmed)] == codes

    def test_names_and_places_are_compared_without_their_writing(self) -> None:
        wide = replace(PLAN, name="ＣＬＯＵＤ  day", audience="customers ", events=(EVENT, EVENT))
        assert compute_keys(wide) == compute_keys(PLAN)
        elsewhere = compute_keys(replace(PLAN, events=(replace(EVENT, location="Hall"),)))
        assert [ours == theirs for ours, theirs in zip(compute_keys(PLAN), elsewhere, strict=True)] == [
            True,
            True,
            False,
        ]

    def test_the_agreement_and_the_year_are_the_present_ones(self) -> None:
        assert check_payment_agreement("1.0") == check_year(2026, TODAY) == []
        assert [one.code for one in check_payment_agreement("0.9")] == [E.AGREEMENT_REQUIRED]
        assert [one.code for one in check_year(2025, TODAY)] == [E.MDF_QUOTA_CLOSED]

    @pytest.mark.parametrize(
        ("state", "starts_on", "codes"),
        [
            (S.USE_REVIEW, TODAY + DAY, []),
            (S.USE_APPROVED, TODAY, [E.MDF_ACTIVITY_STARTED]),
            (S.PAID, TODAY, [E.STATE_CONFLICT, E.MDF_ACTIVITY_STARTED]),
            (S.DRAFT, None, [E.STATE_CONFLICT]),
        ],
    )
    def test_cancelling(self, state: MdfState, starts_on: date | None, codes: list[ErrorCode]) -> None:
        assert [one.code for one in check_cancellation(state, starts_on, TODAY)] == codes


class TestDates:
    def test_days_end_in_the_zone_of_the_site(self) -> None:
        ends_on = date(2026, 4, 2)
        assert compute_claim_deadline(ends_on, policy=POLICY) == datetime(2026, 7, 1, 16, tzinfo=UTC)
        assert compute_claim_deadline(ends_on, policy=ABROAD) == datetime(2026, 7, 2, tzinfo=UTC)
        assert compute_claim_deadline(ends_on, delayed=True, policy=ABROAD) == datetime(2026, 8, 1, tzinfo=UTC)
        assert compute_fix_deadline(NOW, policy=ABROAD) == datetime(2026, 4, 17, tzinfo=UTC)
        assert compute_invoice_deadline(NOW, policy=ABROAD) == datetime(2026, 3, 18, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("before", "noticed", "days"),
        [
            (30 * DAY + TICK, None, None),
            (30 * DAY, None, 30),
            (30 * DAY, 30, None),
            (10 * DAY, 30, 10),
            (10 * DAY, None, 10),
            (TICK, 10, None),
            (timedelta(), 30, None),
        ],
    )
    def test_notices_come_once_each(self, before: timedelta, noticed: int | None, days: int | None) -> None:
        assert compute_claim_notice(NOW, noticed, now=NOW - before, policy=POLICY) == days
        assert compute_notice_horizon(POLICY) == 30 * DAY


def test_what_is_kept_as_json_comes_back() -> None:
    assert MdfEvent.of(EVENT.data()) == EVENT
    for expense in (LUNCH, GIFTS):
        assert MdfExpense.of(expense.data()) == expense
