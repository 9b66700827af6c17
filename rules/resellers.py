"""Links between distributors and resellers: joining by application or by invitation, and parting."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rules.errors import ErrorCode, Violation
from rules.partners import PartnerKind, Standing, Undertaking, check_standing
from rules.plans import MembershipState, Plan
from rules.policy import RESELLERS_INVITATION_LIFE, Policy
from rules.registry import rule
from rules.transitions import machine

_REVIEW_PAGE = (
    "https://huaweicloud.com/s/JW15c3Fs5om56YeP55Sf5oiQ5Y2h5Y-35ZKM5a-G56CBJQ/t_30_p_3/JeWQiOS9nOS8meS8tOS4reW_gyU"
)
_APPLY_PAGE = "https://huaweicloud.com/s/JeWfn-WQjeato-WcqOiuv-mXruWNh-e6pyU/t_30_p_18/JeWQiOS9nOS8meS8tOS4reW_gyU"
_INVITE_PAGE = "https://huaweicloud.com/s/Jeiuv-mXruWbveWklue9keermeS7o-eQhuacjeWKoeWZqOiuvue9riU/t_30_p_22/JeWQiOS9nOS8meS8tOS4reW_gyU"


class ApplicationStatus(StrEnum):
    """Where a company's wish to become a distributor's reseller stands."""

    VENDOR_REVIEW = "VENDOR_REVIEW"
    DISTRIBUTOR_REVIEW = "DISTRIBUTOR_REVIEW"
    ASSOCIATED = "ASSOCIATED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"


class LinkStatus(StrEnum):
    """Whether a reseller belongs to its distributor; while EXITING it gets no new quota."""

    ACTIVE = "ACTIVE"
    EXITING = "EXITING"
    ENDED = "ENDED"


A, L, E = ApplicationStatus, LinkStatus, ErrorCode
APPLICATION = machine(
    "reseller_application",
    ApplicationStatus,
    (A.VENDOR_REVIEW,),
    "B 11.2",
    (A.VENDOR_REVIEW, "pass_on", "vendor", A.DISTRIBUTOR_REVIEW),
    (A.VENDOR_REVIEW, "reject", "vendor", A.REJECTED),
    (A.DISTRIBUTOR_REVIEW, "approve", "distributor", A.ASSOCIATED),
    (A.DISTRIBUTOR_REVIEW, "decline", "distributor", A.REJECTED),
    (A.VENDOR_REVIEW, "withdraw", "reseller", A.WITHDRAWN),
    (A.DISTRIBUTOR_REVIEW, "withdraw", "reseller", A.WITHDRAWN),
)
LINK = machine(
    "reseller_link",
    LinkStatus,
    (L.ACTIVE,),
    "B 11.2",
    (L.ACTIVE, "exit", "distributor or vendor", L.EXITING),
    (L.EXITING, "end", "distributor or vendor", L.ENDED),
)
OPEN = (A.VENDOR_REVIEW, A.DISTRIBUTOR_REVIEW)
LIVE = (L.ACTIVE, L.EXITING)
AFTER_PLAN = {
    MembershipState.DISTRIBUTOR_REVIEW: "pass_on",
    MembershipState.REJECTED: "reject",
    MembershipState.WITHDRAWN: "withdraw",
}
"""What a step of the membership means to its application, by the state it led to."""


@rule(
    "resellers.intended_distributor",
    "B 11.1",
    codes=(E.DISTRIBUTOR_REQUIRED, E.NOT_FOUND, E.PARTNER_FROZEN),
    page=_APPLY_PAGE,
)
def check_intended_distributor(plan: Plan, *, named: bool, standing: Standing | None) -> list[Violation]:
    """DISTRIBUTOR_REQUIRED unless one is named where the plan has distributors decide; NOT_FOUND for one that is no
    distributor of the site (no `standing`), or where the plan knows none; PARTNER_FROZEN for one that is frozen.
    """
    path, name = ("input", "distributorId"), "resellers.intended_distributor"
    if not named:
        return [Violation(E.DISTRIBUTOR_REQUIRED, path, name)] if plan.distributor else []
    if not plan.distributor or standing is None:
        return [Violation(E.NOT_FOUND, path, name)]
    return [Violation(E.PARTNER_FROZEN, path, name)] if standing is Standing.FROZEN else []


@dataclass(frozen=True, slots=True)
class Reviewed:
    """An application as its decision sees it: whose it is to decide, and what became of both companies meanwhile."""

    status: ApplicationStatus
    by_distributor: bool
    standing: Standing
    linked: bool


@rule("resellers.review", "B 11.2", codes=(E.NOT_A_DISTRIBUTOR, E.PLAN_HAS_DISTRIBUTOR), page=_REVIEW_PAGE)
def check_review(reviewed: Reviewed, *, approve: bool, place: tuple[str, ...] = ()) -> list[Violation]:
    """All reasons against deciding: NOT_A_DISTRIBUTOR for others than the intended one, STATE_CONFLICT unless it is its
    turn; against approving also PARTNER_FROZEN for a frozen distributor and PLAN_HAS_DISTRIBUTOR for a company that
    belongs to one by now. `place` leads to the application in the input.
    """
    violations = []
    if not reviewed.by_distributor:
        violations.append(Violation(E.NOT_A_DISTRIBUTOR, place, "resellers.review"))
    found = APPLICATION.check(reviewed.status, "approve" if approve else "decline")
    if approve:
        found += check_standing(reviewed.standing, Undertaking.INVITE_RESELLER)
    violations += [Violation(one.code, place, one.rule, one.parameters) for one in found]
    if approve and reviewed.linked:
        violations.append(Violation(E.PLAN_HAS_DISTRIBUTOR, place, "resellers.review"))
    return violations


@dataclass(frozen=True, slots=True)
class Inviter:
    """A partner that invites a reseller; `open_until`: until when the link opens that it sent to this address last."""

    kind: PartnerKind | None
    standing: Standing
    open_until: datetime | None = None


@rule("resellers.invite", "B 11.1", codes=(E.NOT_A_DISTRIBUTOR, E.INVITATION_STILL_VALID), page=_INVITE_PAGE)
def check_invite(inviter: Inviter, *, now: datetime) -> list[Violation]:
    """All reasons against inviting: NOT_A_DISTRIBUTOR, PARTNER_FROZEN, INVITATION_STILL_VALID while the last link to
    the same address opens.
    """
    violations = []
    if inviter.kind is not PartnerKind.DISTRIBUTOR:
        violations.append(Violation(E.NOT_A_DISTRIBUTOR, rule="resellers.invite"))
    violations += check_standing(inviter.standing, Undertaking.INVITE_RESELLER)
    if inviter.open_until is not None and now < inviter.open_until:
        path = ("input", "email")
        until = inviter.open_until
        violations.append(Violation(E.INVITATION_STILL_VALID, path, "resellers.invite", available_at=until))
    return violations


@rule("resellers.invitation_life", "B 11.1", policy=(RESELLERS_INVITATION_LIFE,), page=_INVITE_PAGE)
def compute_invitation_end(now: datetime, *, policy: Policy) -> datetime:
    """The first instant at which the link opens no more."""
    return now + policy[RESELLERS_INVITATION_LIFE]


@rule("resellers.exit", "B 11.2", codes=(E.NOT_A_DISTRIBUTOR, E.REASON_REQUIRED), page=_INVITE_PAGE)
def check_exit(status: LinkStatus, reason: str | None, *, by_reseller: bool) -> list[Violation]:
    """All reasons against beginning to part: STATE_CONFLICT unless ACTIVE, NOT_A_DISTRIBUTOR for the reseller itself,
    REASON_REQUIRED.
    """
    violations = _check_side(by_reseller) + LINK.check(status, "exit")
    if not (reason and reason.strip()):
        violations.append(Violation(E.REASON_REQUIRED, ("input", "reason"), "resellers.exit"))
    return violations


@rule("resellers.end", "B 11.2", codes=(E.NOT_A_DISTRIBUTOR, E.RESELLER_HOLDS_QUOTA), page=_INVITE_PAGE)
def check_end(status: LinkStatus, *, by_reseller: bool, holds_quota: bool) -> list[Violation]:
    """All reasons against the end: STATE_CONFLICT unless EXITING, NOT_A_DISTRIBUTOR for the reseller itself,
    RESELLER_HOLDS_QUOTA while money of the distributor's quotas is left at the reseller.
    """
    violations = _check_side(by_reseller) + LINK.check(status, "end")
    if holds_quota:
        violations.append(Violation(E.RESELLER_HOLDS_QUOTA, rule="resellers.end"))
    return violations


def _check_side(by_reseller: bool) -> list[Violation]:
    return [Violation(E.NOT_A_DISTRIBUTOR, rule="resellers.exit")] if by_reseller else []
