"""Quotas: granting one, issuing it to resellers, recalling it, and whether it lives."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from rules.customers.forms import check_text
from rules.errors import ErrorCode, Violation
from rules.partners import PartnerKind
from rules.policy import VOUCHERS_QUOTA_RECALLS_MAX, VOUCHERS_QUOTA_RESELLERS_MAX, Policy
from rules.registry import rule
from rules.vouchers.kinds import QUOTA, QuotaFacts, QuotaLimits, QuotaStatus

AMOUNT_MOST = 10**15
"""First amount too large, in minor units: thirteen digits before the point."""
REMARK_LENGTH = 256
"""Longest remark on a grant, a recall or a change of state, in characters."""
RANGE_MOST = 100
"""Most services, products or designated customers that a quota names."""

ISSUE_UPSTREAM = "CBC.99000015"
"""The vendor's number for a quota in the wrong state when it is issued to resellers."""
VOUCHER_UPSTREAM = "CBC.99000012"
"""The same when vouchers are issued from it."""

_ISSUE_PAGE = "https://support.huaweicloud.com/usermanual-bpconsole/zd_000011.html"
_ERRORS_PAGE = "https://huaweicloud.com/guide/category-e3e4efd60ef32f69027e2912dec863f91735f85aea0ca2269faee7b103a177f0"
_RECALL_PAGE = "https://support.huaweicloud.com/usermanual-bpconsole/zd_000012.html"
_QUOTA = ("input", "quotaId")
_ENDED = frozenset({QuotaStatus.INVALID, QuotaStatus.RECALLED})
ALIVE = tuple(status for status in QuotaStatus if status not in _ENDED)
"""The states of a quota to which money may still return until its end."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A quota that the vendor is about to grant; `value` in minor units."""

    value: int
    effective_at: datetime
    expires_at: datetime
    limits: QuotaLimits


@rule("vouchers.grant", "B 12.2", codes=(ErrorCode.OUT_OF_RANGE, ErrorCode.TOO_MANY))
def check_grant(grant: Grant, *, now: datetime) -> list[Violation]:
    """OUT_OF_RANGE for amounts, counts and instants that make no sense together; TOO_MANY for too long lists."""
    limits, name = grant.limits, "vouchers.grant"
    wrong = [
        ("value", not 0 < grant.value < AMOUNT_MOST),
        ("expiresAt", grant.expires_at <= max(now, grant.effective_at)),
        ("faceMin", limits.face_min is not None and not 0 < limits.face_min <= grant.value),
        ("faceMax", limits.face_max is not None and limits.face_max < max(1, limits.face_min or 1)),
        ("countMax", limits.count_max is not None and limits.count_max < 1),
        ("totalMax", limits.total_max is not None and limits.total_max < 1),
    ]
    violations = [Violation(ErrorCode.OUT_OF_RANGE, ("input", place), name) for place, is_wrong in wrong if is_wrong]
    for place in ("services", "products", "designated"):
        if len(getattr(limits, place)) > RANGE_MOST:
            path = ("input", "designatedCustomerIds" if place == "designated" else place)
            violations.append(Violation(ErrorCode.TOO_MANY, path, name, {"max": RANGE_MOST}))
    return violations


@rule("vouchers.quota_state", "B 12.3, B 12.4", codes=(ErrorCode.QUOTA_NOT_USABLE,), page=_ERRORS_PAGE)
@rule("vouchers.quota_in_force", "B 12.3, B 12.4", codes=(ErrorCode.QUOTA_NOT_IN_FORCE,), page=_ERRORS_PAGE)
def check_quota_usable(quota: QuotaFacts, *, now: datetime, upstream: str) -> list[Violation]:
    """QUOTA_NOT_USABLE unless NORMAL, with the number `upstream`; QUOTA_NOT_IN_FORCE outside of its validity."""
    violations = []
    if quota.status is not QuotaStatus.NORMAL:
        state = {"state": quota.status.value}
        code = ErrorCode.QUOTA_NOT_USABLE
        violations.append(Violation(code, _QUOTA, "vouchers.quota_state", state, upstream_code=upstream))
    return violations + _check_in_force(quota, now=now)


def _check_in_force(quota: QuotaFacts, *, now: datetime) -> list[Violation]:
    if quota.effective_at <= now < quota.expires_at:
        return []
    early = now < quota.effective_at
    return [
        Violation(
            ErrorCode.QUOTA_NOT_IN_FORCE,
            _QUOTA,
            "vouchers.quota_in_force",
            available_at=quota.effective_at if early else None,
            deadline=None if early else quota.expires_at,
        )
    ]


@rule("vouchers.quota_balance", "B 12.3, B 12.4", codes=(ErrorCode.QUOTA_INSUFFICIENT,), page=_ERRORS_PAGE)
def check_quota_balance(quota: QuotaFacts, amount: int, receivers: int = 1) -> list[Violation]:
    """QUOTA_INSUFFICIENT unless `amount` for each of the receivers fits; all of them or nobody."""
    if amount * receivers <= quota.balance:
        return []
    return [Violation(ErrorCode.QUOTA_INSUFFICIENT, _QUOTA, "vouchers.quota_balance")]


def check_quota_opening(quota: QuotaFacts, kind: PartnerKind | None, *, now: datetime) -> list[Violation]:
    """What stands in the way of issuing the quota to any reseller: what `actions` shows. `kind` is the owner's."""
    return [
        *_check_distributor(kind),
        *check_quota_usable(quota, now=now, upstream=ISSUE_UPSTREAM),
        *check_quota_balance(quota, 1),
    ]


@rule("vouchers.distributor", "B 12.3", codes=(ErrorCode.NOT_A_DISTRIBUTOR,), page=_ERRORS_PAGE)
def _check_distributor(kind: PartnerKind | None) -> list[Violation]:
    """Only a distributor has resellers."""
    return (
        [] if kind is PartnerKind.DISTRIBUTOR else [Violation(ErrorCode.NOT_A_DISTRIBUTOR, (), "vouchers.distributor")]
    )


@rule(
    "vouchers.quota_issue",
    "B 12.3",
    policy=(VOUCHERS_QUOTA_RESELLERS_MAX,),
    codes=(ErrorCode.OUT_OF_RANGE, ErrorCode.TOO_MANY, ErrorCode.REQUIRED),
    page=_ISSUE_PAGE,
)
def check_quota_issue(
    quota: QuotaFacts, kind: PartnerKind | None, amount: int, resellers: int, *, now: datetime, policy: Policy
) -> list[Violation]:
    """All reasons against issuing `amount` minor units to each of so many resellers; none of them is looked at yet."""
    violations = _check_distributor(kind) + check_amount(amount, "amount", rule="vouchers.quota_issue")
    most = policy[VOUCHERS_QUOTA_RESELLERS_MAX]
    violations += _check_count(resellers, most, "resellerIds", rule="vouchers.quota_issue")
    violations += check_quota_usable(quota, now=now, upstream=ISSUE_UPSTREAM)
    return violations + check_quota_balance(quota, max(amount, 1), max(resellers, 1))


def check_amount(amount: int, place: str, *, rule: str) -> list[Violation]:
    """OUT_OF_RANGE unless above zero and small enough to be kept."""
    return [] if 0 < amount < AMOUNT_MOST else [Violation(ErrorCode.OUT_OF_RANGE, ("input", place), rule)]


def _check_count(count: int, most: int, place: str, *, rule: str) -> list[Violation]:
    if count < 1:
        return [Violation(ErrorCode.REQUIRED, ("input", place), rule)]
    return [Violation(ErrorCode.TOO_MANY, ("input", place), rule, {"max": most})] if count > most else []


@dataclass(frozen=True, slots=True)
class ResellerFacts:
    """A reseller of the distributor; `leaving`: the distributor and it are parting. `customers`: the designated
    customers of the quota that are the reseller's.
    """

    leaving: bool
    customers: AbstractSet[UUID] = frozenset()


@rule("vouchers.reseller", "B 12.3", codes=(ErrorCode.RESELLER_LEAVING,), page=_ERRORS_PAGE)
@rule("vouchers.designated_reseller", "B 12.3", codes=(ErrorCode.DESIGNATED_OF_OTHERS,), page=_ERRORS_PAGE)
def check_quota_receiver(quota: QuotaFacts, reseller: ResellerFacts, place: tuple[str, ...]) -> list[Violation]:
    """RESELLER_LEAVING, and DESIGNATED_OF_OTHERS when none of the quota's designated customers is the reseller's."""
    violations = []
    if reseller.leaving:
        violations.append(Violation(ErrorCode.RESELLER_LEAVING, place, "vouchers.reseller"))
    if quota.limits.designated and not reseller.customers:
        violations.append(Violation(ErrorCode.DESIGNATED_OF_OTHERS, place, "vouchers.designated_reseller"))
    return violations


@rule(
    "vouchers.quota_recalls",
    "B 12.7",
    policy=(VOUCHERS_QUOTA_RECALLS_MAX,),
    codes=(ErrorCode.TOO_MANY, ErrorCode.REQUIRED, ErrorCode.OUT_OF_RANGE),
    page=_RECALL_PAGE,
)
def check_quota_recalls(quotas: int, remark: str | None, *, policy: Policy) -> list[Violation]:
    """TOO_MANY or REQUIRED for the number of quotas, OUT_OF_RANGE for a remark that is too long."""
    name = "vouchers.quota_recalls"
    violations = _check_count(quotas, policy[VOUCHERS_QUOTA_RECALLS_MAX], "quotaIds", rule=name)
    if remark and remark.strip():
        violations += check_text(remark, "input", "remark", rule=name, longest=REMARK_LENGTH)
    return violations


def check_quota_recall(quota: QuotaFacts, place: tuple[str, ...] = (), *, now: datetime) -> list[Violation]:
    """STATE_CONFLICT unless the quota is NORMAL and not past its end: only a valid one is recalled. B 12.7."""
    status = quota.status if quota.status in _ENDED or now < quota.expires_at else QuotaStatus.INVALID
    return [_at(violation, place) for violation in QUOTA.check(status, "recall")]


def _at(violation: Violation, place: tuple[str, ...]) -> Violation:
    return Violation(violation.code, place, violation.rule, violation.parameters)


def is_alive(status: QuotaStatus, expires_at: datetime, *, now: datetime) -> bool:
    """Whether money may still return to a quota: neither ended nor past its end. Frozen or adjusting ones live."""
    return status not in _ENDED and now < expires_at
