"""What a claim of the market development fund must show: real expenses with their receipts, the invoice, the time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from rules.business_info import folded_name
from rules.errors import ErrorCode, Violation
from rules.funds.applying import check_gifts, check_share
from rules.funds.evidence import MdfClaimForm, MdfClaimLine, MdfHeldEvent
from rules.funds.kinds import (
    FILES_MOST,
    LINES_MOST,
    MDF_CASE,
    MdfActivityType,
    MdfState,
)
from rules.policy import Policy
from rules.registry import rule

_CLAIM_PAGE = "https://support.huaweicloud.com/intl/en-us/usermanual-bpconsole/apb_060002.html"
_MATERIALS_PAGE = "https://support.huaweicloud.com/intl/en-us/bpconsole_faq/faq_mdf_000004.html"
_BUDGET_PAGE = "https://huaweicloud.com/s/JWFzcOS7o-eggeWcqOe6v-i_kOihjCU/t_30_p_11/JeWQiOS9nOS8meS8tOS4reW_gyU"
_MINOR = 100

E = ErrorCode


@dataclass(frozen=True, slots=True)
class Claim:
    """What stands around a claim: its case as it was approved, amounts in minor units, and the partner's standing."""

    state: MdfState
    activity_type: MdfActivityType | None
    event_count: int
    ends_on: date
    due_at: datetime | None
    fund_approved: int
    host_name: str
    certified: bool
    submitted_on: date


@rule("funds.claim_draft", "A 13.3", codes=(E.TOO_MANY, E.OUT_OF_RANGE), page=_CLAIM_PAGE)
def check_claim_form(form: MdfClaimForm, event_count: int) -> list[Violation]:
    """All reasons against keeping what a claim says, also as a draft: TOO_MANY expenses or files; OUT_OF_RANGE for
    another number of events than was approved, an event that ends before it starts, an expense of nothing, a share of
    the fund outside of its expense, a negative number.
    """
    violations = []
    if len(form.lines) > LINES_MOST:
        violations.append(Violation(E.TOO_MANY, ("input", "lines"), "funds.claim_draft"))
    if form.held and len(form.held) != event_count:
        details = {"min": event_count, "max": event_count}
        violations.append(Violation(E.OUT_OF_RANGE, ("input", "events"), "funds.claim_draft", details))
    for place, event in enumerate(form.held):
        violations += _check_held(event, "input", "events", str(place))
    for place, line in enumerate(form.lines):
        violations += check_share(line.amount, line.fund_amount, "input", "lines", str(place))
    results = {"leads": form.leads, "opportunities": form.opportunities}
    return violations + [
        Violation(E.OUT_OF_RANGE, ("input", name), "funds.claim_draft", {"min": 0})
        for name, number in results.items()
        if number is not None and number < 0
    ]


def _check_held(event: MdfHeldEvent, *path: str) -> list[Violation]:
    files = {"photoIds": event.photos, "substituteIds": event.substitutes}
    violations = [
        Violation(E.TOO_MANY, (*path, name), "funds.claim_draft")
        for name, there in files.items()
        if len(there) > FILES_MOST
    ]
    if event.ends_on < event.starts_on:
        details = {"min": event.starts_on.isoformat()}
        violations.append(Violation(E.OUT_OF_RANGE, (*path, "endsOn"), "funds.claim_draft", details))
    return violations


@rule("funds.claim", "A 13.3", codes=(E.REQUIRED,), page=_MATERIALS_PAGE)
def check_claim_complete(form: MdfClaimForm, activity_type: MdfActivityType | None) -> list[Violation]:
    """REQUIRED for each thing that a claim must show: the summary and results, of each event its photos or what takes
    their place, the expenses with their sealed receipts, the invoice, of advertising a summary of the media.
    """
    advertising = activity_type is MdfActivityType.ADVERTISING
    given: dict[str, object] = {
        "summary": form.summary.strip(),
        "leads": form.leads is not None,
        "opportunities": form.opportunities is not None,
        "events": form.held,
        "lines": form.lines,
        "invoiceId": form.invoice,
        "invoiceTitle": form.invoice_title.strip(),
        "invoiceAmount": form.invoice_amount is not None,
        "mediaSummaryId": not advertising or form.media_summary,
    }
    missing: list[tuple[str, ...]] = [(name,) for name, shown in given.items() if not shown]
    missing += [
        ("events", str(place), "photoIds")
        for place, event in enumerate(form.held)
        if not event.photos and not event.substitutes
    ]
    for place, line in enumerate(form.lines):
        missing += [("lines", str(place), name) for name in _blanks(line)]
    return [Violation(E.REQUIRED, ("input", *path), "funds.claim") for path in missing]


def _blanks(line: MdfClaimLine) -> list[str]:
    given = {"receiptId": line.receipt, "payee": line.payee.strip()}
    return [name for name, shown in given.items() if not shown]


@rule("funds.receipts", "A 13.3", codes=(E.MDF_EXPENSE_CATEGORY_MISMATCH,), page=_MATERIALS_PAGE)
@rule("funds.invoice_detail", "A 13.3", codes=(E.MDF_INVOICE_CATEGORY_MISMATCH,), page=_MATERIALS_PAGE)
def check_categories(line: MdfClaimLine, *path: str) -> list[Violation]:
    """The two checks of an expense's category: MDF_INVOICE_CATEGORY_MISMATCH when the detail of the invoice calls it
    something else, whatever is said about it; MDF_EXPENSE_CATEGORY_MISMATCH when the sealed receipt does, unless that
    is explained and the cooperation owner's confirmation is there.
    """
    violations = []
    if line.detail_category is not line.category:
        violations.append(Violation(E.MDF_INVOICE_CATEGORY_MISMATCH, (*path, "detailCategory"), "funds.invoice_detail"))
    explained = line.mismatch_reason.strip() and line.confirmation is not None
    if line.receipt_category is not line.category and not explained:
        violations.append(Violation(E.MDF_EXPENSE_CATEGORY_MISMATCH, (*path, "receiptCategory"), "funds.receipts"))
    return violations


@rule(
    "funds.expense_invoice",
    "A 13.3",
    codes=(E.MDF_INVOICE_TITLE_MISMATCH, E.MDF_INVOICE_TOO_LOW),
    page=_MATERIALS_PAGE,
)
def check_expense_invoice(form: MdfClaimForm, host_name: str) -> list[Violation]:
    """All reasons against the invoice of the expenses: MDF_INVOICE_TITLE_MISMATCH unless it is made out to the partner
    as the application names it, MDF_INVOICE_TOO_LOW for less than is claimed. Width of letters, capitals and blanks
    make no difference.
    """
    violations = []
    if form.invoice_title.strip() and folded_name(form.invoice_title) != folded_name(host_name):
        details = {"name": host_name}
        violations.append(
            Violation(E.MDF_INVOICE_TITLE_MISMATCH, ("input", "invoiceTitle"), "funds.expense_invoice", details)
        )
    if form.invoice_amount is not None and form.invoice_amount < form.fund_total:
        violations.append(Violation(E.MDF_INVOICE_TOO_LOW, ("input", "invoiceAmount"), "funds.expense_invoice"))
    return violations


@rule("funds.budget", "A 13.3", codes=(E.MDF_OVER_BUDGET, E.OUT_OF_RANGE), page=_BUDGET_PAGE)
def check_budget(fund_total: int, fund_approved: int) -> list[Violation]:
    """MDF_OVER_BUDGET for more than was approved: the partner bears the rest; OUT_OF_RANGE for nothing."""
    if fund_total == 0:
        return [Violation(E.OUT_OF_RANGE, ("input", "lines"), "funds.budget", {"min": "0.01"})]
    if fund_total <= fund_approved:
        return []
    limit, requested = Decimal(fund_approved) / _MINOR, Decimal(fund_total) / _MINOR
    details = {"approved": f"{limit:.2f}"}
    return [Violation(E.MDF_OVER_BUDGET, ("input", "lines"), "funds.budget", details, limit=limit, requested=requested)]


@rule("funds.activity_over", "A 13.4", codes=(E.MDF_ACTIVITY_NOT_OVER,), page=_CLAIM_PAGE)
def check_over(ends_on: date, today: date) -> list[Violation]:
    """MDF_ACTIVITY_NOT_OVER until the day after the activity's last one."""
    return [] if today > ends_on else [Violation(E.MDF_ACTIVITY_NOT_OVER, rule="funds.activity_over")]


@rule("funds.claim_time", "A 13.4", codes=(E.MDF_CLAIM_LATE,), page=_BUDGET_PAGE)
def check_claim_time(due_at: datetime | None, now: datetime) -> list[Violation]:
    """MDF_CLAIM_LATE when the time for the claim or its correction is over; an approval of the delay moves its end."""
    if due_at is None or now < due_at:
        return []
    return [Violation(E.MDF_CLAIM_LATE, rule="funds.claim_time", deadline=due_at)]


@rule("funds.claim_business_info", "A 13.4", codes=(E.BUSINESS_INFO_REQUIRED,), page=_CLAIM_PAGE)
def check_claimant(certified: bool) -> list[Violation]:
    """BUSINESS_INFO_REQUIRED until the partner's business information is certified."""
    return [] if certified else [Violation(E.BUSINESS_INFO_REQUIRED, rule="funds.claim_business_info")]


def check_claim(form: MdfClaimForm, around: Claim, *, today: date, now: datetime, policy: Policy) -> list[Violation]:
    """Everything against submitting a claim, at once; frozen benefits are asked beside it."""
    violations = MDF_CASE.check(around.state, "claim")
    violations += check_over(around.ends_on, today) + check_claim_time(around.due_at, now)
    violations += check_claimant(around.certified)
    violations += check_claim_form(form, around.event_count) + check_claim_complete(form, around.activity_type)
    for place, line in enumerate(form.lines):
        violations += check_categories(line, "input", "lines", str(place))
    violations += check_days(form, around.submitted_on, today)
    violations += check_gifts(form.lines, "input", "lines", policy=policy)
    if form.lines:
        violations += check_budget(form.fund_total, around.fund_approved)
    return violations + check_expense_invoice(form, around.host_name)


@rule("funds.claimed_days", "A 13.4", codes=(E.MDF_RETROACTIVE, E.OUT_OF_RANGE), page=_CLAIM_PAGE)
def check_days(form: MdfClaimForm, submitted_on: date, today: date) -> list[Violation]:
    """MDF_RETROACTIVE for an event that was held on the day of its application or before; OUT_OF_RANGE for one that is
    not over, and for an expense that is not paid yet.
    """
    violations = []
    for place, event in enumerate(form.held):
        path = ("input", "events", str(place))
        if event.starts_on <= submitted_on:
            violations.append(Violation(E.MDF_RETROACTIVE, (*path, "startsOn"), "funds.claimed_days"))
        if event.ends_on > today:
            violations.append(_after_today((*path, "endsOn"), today))
    paid = ((("input", "lines", str(place), "paidOn"), line.paid_on) for place, line in enumerate(form.lines))
    return violations + [_after_today(path, today) for path, day in paid if day > today]


def _after_today(path: tuple[str, ...], today: date) -> Violation:
    return Violation(E.OUT_OF_RANGE, path, "funds.claimed_days", {"max": today.isoformat()})


@rule("funds.splitting", "A 13.6", page=_BUDGET_PAGE)
def compute_splits(lines: Sequence[MdfClaimLine]) -> list[tuple[int, int]]:
    """Pairs of expenses of one category that may be one, cut into several invoices or persons: the same payee, or the
    same day. For the reviewers to look at; by their places.
    """
    return [
        (first, second)
        for second, later in enumerate(lines)
        for first, earlier in enumerate(lines[:second])
        if earlier.category is later.category
        and (folded_name(earlier.payee) == folded_name(later.payee) or earlier.paid_on == later.paid_on)
    ]
