"""How long things last in a plan: a membership with its certificate, notices before its end, renewal, an invitation."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from rules.calendar import add_months, day_of, start_of_day
from rules.errors import ErrorCode as E
from rules.errors import Violation
from rules.plans.catalogue import Plan, PlanCode
from rules.plans.joining import MEMBERSHIP, Candidate, MembershipState, check_conditions
from rules.policy import (
    PLANS_CO_SELL_VALID_MONTHS,
    PLANS_COMPETENCY_VALID_MONTHS,
    PLANS_EXPIRY_NOTICE_DAYS,
    PLANS_INVITATION_LIFE,
    PLANS_INVITATION_NOTICE_DAYS,
    PLANS_MARKETPLACE_SALES_VALID_MONTHS,
    PLANS_MARKETPLACE_SELLER_VALID_MONTHS,
    PLANS_SERVICE_COMPETENCY_VALID_MONTHS,
    Policy,
    PolicyKey,
)
from rules.registry import rule
from rules.sites import Site

_CERTIFICATE_PAGE = (
    "https://huaweicloud.com/s/JeWNjuS4uuW8gOWPkeiAheW5s-WPsOWFpeWPoyU/t_30_p_10/JeWQiOS9nOS8meS8tOS4reW_gyU"
)

# What makes a partner a seller has no end of its own: links, quotas and customers must be parted with first.
_VALID_MONTHS: Mapping[PlanCode, PolicyKey[int]] = {
    PlanCode.CO_SELL: PLANS_CO_SELL_VALID_MONTHS,
    PlanCode.COMPETENCY: PLANS_COMPETENCY_VALID_MONTHS,
    PlanCode.MARKETPLACE_SELLER: PLANS_MARKETPLACE_SELLER_VALID_MONTHS,
    PlanCode.MARKETPLACE_SALES: PLANS_MARKETPLACE_SALES_VALID_MONTHS,
    PlanCode.SERVICE_COMPETENCY: PLANS_SERVICE_COMPETENCY_VALID_MONTHS,
}


@rule("plans.validity", "A 8.3", policy=tuple(_VALID_MONTHS.values()), page=_CERTIFICATE_PAGE)
def compute_valid_to(plan: Plan, begins_at: datetime, *, policy: Policy) -> datetime | None:
    """The first instant at which a membership that begins (or goes on) at `begins_at` holds no more; None for no end.

    It is 00:00 in the site's zone, of the same day of the month so many months later.
    """
    key = _VALID_MONTHS.get(plan.code)
    if key is None or not policy[key]:
        return None
    return start_of_day(add_months(day_of(begins_at, policy.site), policy[key], policy.site.zone), policy.site)


def compute_certificate_no(plan: Plan, site: Site, joined_at: datetime, membership_id: UUID) -> str:
    """The certificate's number: site, plan and day for people to read, then what nobody can guess from another one."""
    return f"{site}-{plan.mark}-{day_of(joined_at, site):%Y%m%d}-{membership_id.hex[-12:].upper()}"


def is_over(ends_at: datetime | None, *, now: datetime) -> bool:
    """Whether something with this end, or with none, has ended."""
    return ends_at is not None and now >= ends_at


@rule("plans.notices", "A 8.4", policy=(PLANS_EXPIRY_NOTICE_DAYS, PLANS_INVITATION_NOTICE_DAYS))
def compute_notice(
    state: MembershipState, ends_at: datetime | None, noticed: int | None, *, now: datetime, policy: Policy
) -> int | None:
    """How many days before the end is the notice that is to be given now, None for no notice.

    `noticed` is the last one given. Of several that were missed only the latest is given: nobody needs the others.
    """
    if ends_at is None or now >= ends_at:
        return None
    due = [days for days in compute_notices(state, policy) if now >= ends_at - timedelta(days=days)]
    return min(due) if due and (noticed is None or min(due) < noticed) else None


def compute_first_notice(state: MembershipState, ends_at: datetime, *, policy: Policy) -> datetime:
    """When the first of the notices is given; a membership is renewed from then on."""
    return ends_at - _first(state, policy)


def compute_renewal_window(policy: Policy) -> timedelta:
    """How long before its end a membership can be renewed."""
    return _first(MembershipState.JOINED, policy)


_NOTICES = {
    MembershipState.JOINED: PLANS_EXPIRY_NOTICE_DAYS,
    MembershipState.INVITED: PLANS_INVITATION_NOTICE_DAYS,
}


def _first(state: MembershipState, policy: Policy) -> timedelta:
    return timedelta(days=max(compute_notices(state, policy), default=0))


def compute_notices(state: MembershipState, policy: Policy) -> list[int]:
    """How many days before the end of a membership or an invitation its notices are given."""
    return [int(days) for days in policy[_NOTICES[state]]]


@rule("plans.renewal", "A 8.4", policy=(PLANS_EXPIRY_NOTICE_DAYS,), codes=(E.PLAN_RENEWAL_NOT_DUE, E.PLAN_WITHOUT_END))
def check_renewal(
    candidate: Candidate,
    plan: Plan,
    state: MembershipState,
    valid_to: datetime | None,
    *,
    now: datetime,
    policy: Policy,
) -> list[Violation]:
    """All reasons against renewing: STATE_CONFLICT unless joined and not over, PLAN_WITHOUT_END where nothing ends,
    PLAN_RENEWAL_NOT_DUE before the first notice; the plan's conditions that are no longer met.
    """
    standing = MembershipState.EXPIRED if state is MembershipState.JOINED and is_over(valid_to, now=now) else state
    violations = MEMBERSHIP.check(standing, "renew")
    details = {"plan": plan.code.value}
    if valid_to is None:
        violations.append(Violation(E.PLAN_WITHOUT_END, rule="plans.renewal", parameters=details))
    elif now < (first := compute_first_notice(MembershipState.JOINED, valid_to, policy=policy)):
        violations.append(
            Violation(E.PLAN_RENEWAL_NOT_DUE, rule="plans.renewal", parameters=details, available_at=first)
        )
    return violations + check_conditions(candidate, plan)


@rule("plans.reacceptance", "A 8.3", codes=(E.PLAN_AGREEMENT_ACCEPTED,))
def check_acceptance(state: MembershipState, plan: Plan, signed: str | None) -> list[Violation]:
    """All reasons against accepting the agreement of a joined plan anew: STATE_CONFLICT unless joined,
    PLAN_AGREEMENT_ACCEPTED when the version that is `signed` is the present one.
    """
    violations = MEMBERSHIP.check(state, "accept_agreement")
    if signed == plan.agreement:
        details = {"plan": plan.code.value, "version": plan.agreement}
        violations.append(Violation(E.PLAN_AGREEMENT_ACCEPTED, rule="plans.reacceptance", parameters=details))
    return violations


@rule("plans.invitation_life", "A 6.3", policy=(PLANS_INVITATION_LIFE,))
def compute_invitation_end(now: datetime, *, policy: Policy) -> datetime:
    """The first instant at which an invitation into a plan cannot be followed any more."""
    return now + policy[PLANS_INVITATION_LIFE]


def compute_invited_state(state: MembershipState, ends_at: datetime | None, *, now: datetime) -> MembershipState:
    """The state that counts now: an invitation past its end is EXPIRED, whether or not it is marked so already."""
    over = state is MembershipState.INVITED and is_over(ends_at, now=now)
    return MembershipState.EXPIRED if over else state
