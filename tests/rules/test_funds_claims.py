"""Rules of claims of the market development fund: what they show, the two checks of categories, the money."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from rules.documents import Document
from rules.errors import ErrorCode, Violation
from rules.funds.claiming import (
    Claim,
    check_budget,
    check_categories,
    check_claim,
    check_claim_complete,
    check_claim_form,
    check_claim_time,
    check_claimant,
    check_days,
    check_expense_invoice,
    check_over,
    compute_splits,
)
from rules.funds.evidence import MdfClaimForm, MdfClaimLine, MdfHeldEvent
from rules.funds.kinds import MdfActivityType, MdfExpenseCategory, MdfGiftOccasion, MdfState
from rules.funds.settling import check_invoice, check_payment, is_invoice_late
from rules.policy import PolicyBook
from rules.sites import Site

NOW = datetime(2026, 4, 3, 4, tzinfo=UTC)
TODAY, ENDED = date(2026, 4, 3), date(2026, 4, 2)
POLICY = PolicyBook().at(Site.CN, NOW)
E, C = ErrorCode, MdfExpenseCategory
FILE = Document("receipt.pdf", "application/pdf", 1, "c" * 64, "upl_1")
LINE = MdfClaimLine(C.CATERING, 700_000, 350_000, C.CATERING, C.CATERING, "Harbour Kitchen", ENDED, FILE)
HELD = MdfHeldEvent(ENDED, ENDED, (FILE,))
FORM = MdfClaimForm("Eighty guests.", 0, 0, (HELD,), (LINE,), FILE, "Partner Ltd", 350_000)
AROUND = Claim(
    MdfState.CLAIM_DRAFT,
    MdfActivityType.JOINT_MARKETING,
    1,
    ENDED,
    NOW + timedelta(days=90),
    400_000,
    "PARTNER  ltd",
    certified=True,
    submitted_on=ENDED - timedelta(days=1),
)


def said(violations: list[Violation]) -> list[tuple[ErrorCode, str]]:
    return [(one.code, ".".join(one.path[1:])) for one in violations]


def test_a_whole_claim_has_nothing_against_it() -> None:
    assert check_claim(FORM, AROUND, today=TODAY, now=NOW, policy=POLICY) == []


def test_everything_is_said_at_once() -> None:
    wrong = replace(LINE, fund_amount=400_001, detail_category=C.VENUE, receipt_category=C.VENUE)
    form = replace(FORM, summary=" ", lines=(wrong,), invoice_title="Another")
    around = replace(AROUND, state=MdfState.PAID, due_at=NOW, certified=False)
    found = check_claim(form, around, today=ENDED, now=NOW, policy=POLICY)
    assert [one.code for one in found] == [
        *(E.STATE_CONFLICT, E.MDF_ACTIVITY_NOT_OVER, E.MDF_CLAIM_LATE, E.BUSINESS_INFO_REQUIRED, E.REQUIRED),
        *(E.MDF_INVOICE_CATEGORY_MISMATCH, E.MDF_EXPENSE_CATEGORY_MISMATCH, E.MDF_OVER_BUDGET),
        *(E.MDF_INVOICE_TITLE_MISMATCH, E.MDF_INVOICE_TOO_LOW),
    ]


def test_a_draft_may_be_empty_and_must_be_possible() -> None:
    assert check_claim_form(MdfClaimForm(), 3) == []
    backwards = replace(HELD, ends_on=ENDED - timedelta(days=1), photos=(FILE,) * 21, substitutes=(FILE,) * 21)
    form = MdfClaimForm(held=(HELD, backwards), lines=(replace(LINE, amount=0), LINE), opportunities=-1)
    assert said(check_claim_form(form, 2)) == [
        (E.TOO_MANY, "events.1.photoIds"),
        (E.TOO_MANY, "events.1.substituteIds"),
        (E.OUT_OF_RANGE, "events.1.endsOn"),
        (E.OUT_OF_RANGE, "lines.0.amount"),
        (E.OUT_OF_RANGE, "opportunities"),
    ]
    assert said(check_claim_form(MdfClaimForm(held=(HELD,), lines=(LINE,) * 51), 2)) == [
        (E.TOO_MANY, "lines"),
        (E.OUT_OF_RANGE, "events"),
    ]


def test_advertising_shows_the_media_too() -> None:
    assert check_claim_complete(FORM, MdfActivityType.JOINT_MARKETING) == []
    assert said(check_claim_complete(FORM, MdfActivityType.ADVERTISING)) == [(E.REQUIRED, "mediaSummaryId")]
    assert check_claim_complete(replace(FORM, media_summary=FILE), MdfActivityType.ADVERTISING) == []
    bare = replace(FORM, held=(MdfHeldEvent(ENDED, ENDED),), lines=(replace(LINE, receipt=None),))
    assert said(check_claim_complete(bare, None)) == [
        (E.REQUIRED, "events.0.photoIds"),
        (E.REQUIRED, "lines.0.receiptId"),
    ]


@pytest.mark.parametrize(
    ("receipt", "detail", "reason", "confirmed", "codes"),
    [
        (C.CATERING, C.CATERING, "", False, []),
        (C.LODGING, C.CATERING, "", False, [E.MDF_EXPENSE_CATEGORY_MISMATCH]),
        (C.LODGING, C.CATERING, "Form.", False, [E.MDF_EXPENSE_CATEGORY_MISMATCH]),
        (C.LODGING, C.CATERING, " ", True, [E.MDF_EXPENSE_CATEGORY_MISMATCH]),
        (C.LODGING, C.CATERING, "Form.", True, []),
        (C.CATERING, C.LODGING, "Form.", True, [E.MDF_INVOICE_CATEGORY_MISMATCH]),
    ],
)
def test_the_receipt_may_be_explained_and_the_detail_may_not(
    receipt: MdfExpenseCategory, detail: MdfExpenseCategory, reason: str, confirmed: bool, codes: list[ErrorCode]
) -> None:
    line = replace(LINE, receipt_category=receipt, detail_category=detail, mismatch_reason=reason)
    line = replace(line, confirmation=FILE if confirmed else None)
    assert [one.code for one in check_categories(line)] == codes


@pytest.mark.parametrize(
    ("title", "amount", "codes"),
    [
        ("Partner Ltd", 350_000, []),
        ("ＰＡＲＴＮＥＲ ltd", 350_001, []),
        ("Partner Limited", 349_999, [E.MDF_INVOICE_TITLE_MISMATCH, E.MDF_INVOICE_TOO_LOW]),
        ("", None, []),
    ],
)
def test_the_invoice_is_the_partners(title: str, amount: int | None, codes: list[ErrorCode]) -> None:
    form = replace(FORM, invoice_title=title, invoice_amount=amount)
    assert [one.code for one in check_expense_invoice(form, "Partner Ltd")] == codes


@pytest.mark.parametrize(
    ("claimed", "approved", "codes"),
    [(1, 1, []), (2, 1, [E.MDF_OVER_BUDGET]), (0, 1, [E.OUT_OF_RANGE]), (1, 0, [E.MDF_OVER_BUDGET])],
)
def test_no_more_than_was_approved(claimed: int, approved: int, codes: list[ErrorCode]) -> None:
    assert [one.code for one in check_budget(claimed, approved)] == codes


def test_after_the_activity_and_in_time() -> None:
    assert [one.code for one in check_over(ENDED, ENDED)] == [E.MDF_ACTIVITY_NOT_OVER]
    assert check_over(ENDED, TODAY) == check_claim_time(None, NOW) == []
    assert check_claim_time(NOW + timedelta(microseconds=1), NOW) == []
    [late] = check_claim_time(NOW, NOW)
    assert (late.code, late.deadline) == (E.MDF_CLAIM_LATE, NOW)
    assert check_claimant(True) == []
    assert [one.code for one in check_claimant(False)] == [E.BUSINESS_INFO_REQUIRED]


def test_what_is_claimed_happened_after_the_application_and_before_today() -> None:
    def on(starts_on: date, ends_on: date, paid_on: date) -> list[tuple[ErrorCode, str]]:
        held, paid = replace(HELD, starts_on=starts_on, ends_on=ends_on), replace(LINE, paid_on=paid_on)
        return said(check_days(replace(FORM, held=(HELD, held), lines=(LINE, paid)), AROUND.submitted_on, TODAY))

    after = TODAY + timedelta(days=1)
    assert on(ENDED, TODAY, TODAY) == []
    assert on(AROUND.submitted_on, TODAY, TODAY) == [(E.MDF_RETROACTIVE, "events.1.startsOn")]
    assert on(ENDED, after, after) == [(E.OUT_OF_RANGE, "events.1.endsOn"), (E.OUT_OF_RANGE, "lines.1.paidOn")]
    late = replace(FORM, held=(replace(HELD, ends_on=after),))
    assert said(check_claim(late, AROUND, today=TODAY, now=NOW, policy=POLICY)) == [(E.OUT_OF_RANGE, "events.0.endsOn")]


def test_one_expense_in_several_pieces_is_found_by_payee_or_day() -> None:
    other_day = replace(LINE, paid_on=TODAY, payee="HARBOUR kitchen")
    other_person = replace(LINE, payee="Somebody")
    apart = replace(LINE, payee="Third", paid_on=date(2026, 3, 1))
    transport = replace(LINE, category=C.TRANSPORT)
    assert compute_splits([LINE, other_day, other_person, apart, transport]) == [(0, 1), (0, 2)]


@pytest.mark.parametrize(
    ("state", "number", "codes"),
    [
        (MdfState.CLAIM_APPROVED, "I-1", []),
        (MdfState.CLAIM_APPROVED, " ", [E.REQUIRED]),
        (MdfState.INVOICED, "I-1", [E.STATE_CONFLICT]),
    ],
)
def test_an_invoice_has_a_number(state: MdfState, number: str, codes: list[ErrorCode]) -> None:
    assert [one.code for one in check_invoice(state, number)] == codes


def test_an_invoice_is_paid_or_returned_with_a_reason() -> None:
    invoiced = MdfState.INVOICED
    assert check_payment(invoiced, approve=True, reason=None) == []
    assert [one.code for one in check_payment(invoiced, approve=False, reason=" ")] == [E.REASON_REQUIRED]
    assert [one.code for one in check_payment(MdfState.PAID, approve=True, reason=None)] == [E.STATE_CONFLICT]


@pytest.mark.parametrize(
    ("state", "due", "noticed", "late"),
    [
        (MdfState.CLAIM_APPROVED, timedelta(), None, True),
        (MdfState.CLAIM_APPROVED, timedelta(microseconds=1), None, False),
        (MdfState.CLAIM_APPROVED, timedelta(), 0, False),
        (MdfState.CLAIM_REJECTED, timedelta(), None, False),
    ],
)
def test_of_a_late_invoice_they_are_told_once(state: MdfState, due: timedelta, noticed: int | None, late: bool) -> None:
    assert is_invoice_late(state, NOW + due, noticed, now=NOW) is late


def test_what_is_kept_as_json_comes_back() -> None:
    gift = replace(LINE, occasion=MdfGiftOccasion.ACTIVITY, item="Mouse", quantity=1, heads=2, confirmation=FILE)
    form = replace(FORM, lines=(LINE, gift), held=(replace(HELD, substitutes=(FILE,)),), delay_approval=FILE)
    assert MdfClaimForm.of(form.data()) == form
    assert MdfClaimForm.of(None) == MdfClaimForm.of({}) == MdfClaimForm()
