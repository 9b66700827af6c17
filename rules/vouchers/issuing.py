"""Vouchers: issuing them from a quota to customers, and recalling them."""

from dataclasses import dataclass
from datetime import datetime

from rules.customers import AssociationType
from rules.errors import ErrorCode, Violation
from rules.policy import (
    VOUCHERS_CUSTOMERS_MAX,
    VOUCHERS_PRODUCTS_MAX,
    VOUCHERS_SERVICES_MAX,
    Policy,
)
from rules.registry import rule
from rules.vouchers.kinds import (
    VOUCHER,
    QuotaFacts,
    QuotaLimits,
    SubscriptionType,
    VoucherFacts,
    VoucherRange,
    VoucherStatus,
)
from rules.vouchers.quotas import VOUCHER_UPSTREAM, check_amount, check_quota_balance, check_quota_usable

MEMO_LENGTH = 256
"""Longest memo of the issuing partner, in characters."""

_ISSUE_PAGE = "https://support.huaweicloud.com/usermanual-bpconsole/zd_000011.html"
_ERRORS_PAGE = "https://huaweicloud.com/guide/productsdesc-bms_4c0cd5e5a9f78e09873f0cb78500c42fsupport0"
_RECALL_PAGE = "https://support.huaweicloud.com/usermanual-bpconsole/zd_000012.html"


@dataclass(frozen=True, slots=True)
class VoucherTerms:
    """What a voucher is to be; amounts in minor units. None and empty take what the quota has."""

    face: int
    min_order: int | None = None
    valid_from: datetime | None = None
    expires_at: datetime | None = None
    services: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    subscriptions: tuple[SubscriptionType, ...] = ()


@dataclass(frozen=True, slots=True)
class Issued:
    """What was ever issued from a quota: how many vouchers, and their faces in minor units."""

    count: int = 0
    total: int = 0


@rule(
    "vouchers.issue",
    "B 12.4",
    policy=(VOUCHERS_CUSTOMERS_MAX, VOUCHERS_SERVICES_MAX, VOUCHERS_PRODUCTS_MAX),
    codes=(ErrorCode.OUT_OF_RANGE, ErrorCode.TOO_MANY, ErrorCode.REQUIRED),
    page=_ISSUE_PAGE,
)
def check_issue(
    terms: VoucherTerms, quota: QuotaFacts, issued: Issued, customers: int, *, now: datetime, policy: Policy
) -> list[Violation]:
    """All reasons against issuing such vouchers to so many customers; none of the customers is looked at yet."""
    return [
        *_check_form(terms, customers, policy=policy),
        *check_voucher_opening(quota, now=now),
        *_check_validity(terms, quota, now=now),
        *_check_face(terms, quota.limits),
        *_check_totals(terms, quota.limits, issued, customers),
        *_check_range(terms, quota.limits),
        *([] if quota.balance < 1 else check_quota_balance(quota, max(terms.face, 1), max(customers, 1))),
    ]


@rule("vouchers.own_use", "B 12.4", codes=(ErrorCode.PARTNER_USES_VOUCHERS,), page=_ERRORS_PAGE)
def check_voucher_opening(quota: QuotaFacts, *, now: datetime) -> list[Violation]:
    """What stands in the way of issuing any voucher from the quota: what `actions` shows."""
    violations = check_quota_usable(quota, now=now, upstream=VOUCHER_UPSTREAM)
    if quota.limits.own_use:
        violations.append(Violation(ErrorCode.PARTNER_USES_VOUCHERS, ("input", "quotaId"), "vouchers.own_use"))
    return violations + check_quota_balance(quota, 1)


def _check_form(terms: VoucherTerms, customers: int, *, policy: Policy) -> list[Violation]:
    name = "vouchers.issue"
    violations = check_amount(terms.face, "faceValue", rule=name)
    if terms.min_order is not None:
        violations += check_amount(terms.min_order, "minOrderAmount", rule=name)
    if customers < 1:
        violations.append(Violation(ErrorCode.REQUIRED, ("input", "customerIds"), name))
    counted = (
        (customers, policy[VOUCHERS_CUSTOMERS_MAX], "customerIds"),
        (len(terms.services), policy[VOUCHERS_SERVICES_MAX], "services"),
        (len(terms.products), policy[VOUCHERS_PRODUCTS_MAX], "products"),
    )
    return violations + [
        Violation(ErrorCode.TOO_MANY, ("input", place), name, {"max": most})
        for count, most, place in counted
        if count > most
    ]


@rule("vouchers.validity", "B 12.4", codes=(ErrorCode.OUT_OF_RANGE,), page=_ISSUE_PAGE)
def _check_validity(terms: VoucherTerms, quota: QuotaFacts, *, now: datetime) -> list[Violation]:
    """A voucher lives inside its quota's validity and does not end before it begins or has been issued."""
    start, end = compute_validity(terms, quota)
    violations = []
    if terms.valid_from is not None and not quota.effective_at <= start < quota.expires_at:
        violations.append(Violation(ErrorCode.OUT_OF_RANGE, ("input", "validFrom"), "vouchers.validity"))
    if terms.expires_at is not None and not max(now, start) < end <= quota.expires_at:
        violations.append(Violation(ErrorCode.OUT_OF_RANGE, ("input", "expiresAt"), "vouchers.validity"))
    return violations


def compute_validity(terms: VoucherTerms, quota: QuotaFacts) -> tuple[datetime, datetime]:
    """From when on, and the first instant too late: the quota's where the terms name none. B 12.4."""
    return terms.valid_from or quota.effective_at, terms.expires_at or quota.expires_at


@rule("vouchers.face", "B 12.4", codes=(ErrorCode.FACE_BELOW_MINIMUM, ErrorCode.FACE_ABOVE_MAXIMUM), page=_ERRORS_PAGE)
def _check_face(terms: VoucherTerms, limits: QuotaLimits) -> list[Violation]:
    path = ("input", "faceValue")
    if limits.face_min is not None and terms.face < limits.face_min:
        return [Violation(ErrorCode.FACE_BELOW_MINIMUM, path, "vouchers.face")]
    if limits.face_max is not None and terms.face > limits.face_max:
        return [Violation(ErrorCode.FACE_ABOVE_MAXIMUM, path, "vouchers.face")]
    return []


@rule(
    "vouchers.totals",
    "B 12.4",
    codes=(ErrorCode.VOUCHER_COUNT_LIMIT, ErrorCode.VOUCHER_TOTAL_LIMIT),
    page=_ERRORS_PAGE,
)
def _check_totals(terms: VoucherTerms, limits: QuotaLimits, issued: Issued, customers: int) -> list[Violation]:
    """Every voucher ever issued from the quota counts, and all of this request."""
    violations = []
    if limits.count_max is not None and issued.count + customers > limits.count_max:
        path = ("input", "customerIds")
        violations.append(Violation(ErrorCode.VOUCHER_COUNT_LIMIT, path, "vouchers.totals", {"max": limits.count_max}))
    if limits.total_max is not None and issued.total + terms.face * customers > limits.total_max:
        violations.append(Violation(ErrorCode.VOUCHER_TOTAL_LIMIT, ("input", "faceValue"), "vouchers.totals"))
    return violations


@rule(
    "vouchers.range",
    "B 12.4",
    codes=(ErrorCode.RANGE_OUTSIDE_QUOTA, ErrorCode.SUBSCRIPTION_OUTSIDE_QUOTA),
    page=_ERRORS_PAGE,
)
def _check_range(terms: VoucherTerms, limits: QuotaLimits) -> list[Violation]:
    """At its place each service, product or subscription type that the quota does not allow."""
    places = (
        ("services", terms.services, limits.services, ErrorCode.RANGE_OUTSIDE_QUOTA),
        ("products", terms.products, limits.products, ErrorCode.RANGE_OUTSIDE_QUOTA),
        ("subscriptions", terms.subscriptions, limits.subscriptions, ErrorCode.SUBSCRIPTION_OUTSIDE_QUOTA),
    )
    return [
        Violation(code, ("input", place, str(number)), "vouchers.range")
        for place, asked, allowed, code in places
        for number, one in enumerate(asked)
        if allowed and one not in allowed
    ]


def compute_range(terms: VoucherTerms, limits: QuotaLimits) -> VoucherRange:
    """What the voucher may pay for: what the terms name, else what the quota allows. B 12.4."""
    return VoucherRange(
        terms.services or limits.services,
        terms.products or limits.products,
        terms.subscriptions or limits.subscriptions,
    )


@dataclass(frozen=True, slots=True)
class Recipient:
    """A customer of the partner as issuing sees it.

    `first`: it never was another partner's, nor this one's before. `designated`: the quota names it. `own_account`: it
    is the partner itself. `unified_member`: its master pays for it.
    """

    type: AssociationType
    first: bool = True
    designated: bool = False
    own_account: bool = False
    unified_member: bool = False


_RECIPIENT_CODES = (
    ErrorCode.QUOTA_WRONG_ASSOCIATION_TYPE,
    ErrorCode.FIRST_ASSOCIATION_ONLY,
    ErrorCode.DESIGNATED_CUSTOMERS_ONLY,
    ErrorCode.SELF_ISSUE,
    ErrorCode.VOUCHER_UNIFIED_MEMBER,
)


@rule("vouchers.recipient", "B 12.4", codes=_RECIPIENT_CODES, page=_ERRORS_PAGE)
def check_recipient(recipient: Recipient, limits: QuotaLimits, place: tuple[str, ...]) -> list[Violation]:
    """All reasons against this customer; resale and referral customers are alike unless the quota says which."""
    wrong = (
        limits.association_type not in (None, recipient.type),
        limits.first_association_only and not recipient.first,
        bool(limits.designated) and not recipient.designated,
        recipient.own_account,
        recipient.unified_member,
    )
    return [
        Violation(code, place, "vouchers.recipient")
        for code, is_wrong in zip(_RECIPIENT_CODES, wrong, strict=True)
        if is_wrong
    ]


@rule("vouchers.recall", "B 12.5", codes=(ErrorCode.ALREADY_EXPIRED_OR_RECALLED,), page=_RECALL_PAGE)
@rule("vouchers.recall_referral", "B 12.5", codes=(ErrorCode.NOT_RECALLABLE_REFERRAL,), page=_RECALL_PAGE)
def check_recall(
    voucher: VoucherFacts, type: AssociationType | None, place: tuple[str, ...] = (), *, now: datetime
) -> list[Violation]:
    """All reasons against recalling what is left of a voucher.

    ALREADY_EXPIRED_OR_RECALLED also for one past its end that no job has marked yet; STATE_CONFLICT when it is used up;
    NOT_RECALLABLE_REFERRAL while its customer is the partner's by referral (`type` None: no longer its customer).
    """
    violations = []
    over = voucher.status is VoucherStatus.USABLE and now >= voucher.expires_at
    if over or voucher.status in (VoucherStatus.EXPIRED, VoucherStatus.RECALLED):
        violations.append(Violation(ErrorCode.ALREADY_EXPIRED_OR_RECALLED, place, "vouchers.recall"))
    elif found := VOUCHER.check(voucher.status, "recall"):
        violations += [Violation(one.code, place, one.rule, one.parameters) for one in found]
    if type is AssociationType.REFERRAL:
        violations.append(Violation(ErrorCode.NOT_RECALLABLE_REFERRAL, place, "vouchers.recall_referral"))
    return violations
