"""Who may invite a personal account, whom, how often, and for how long its link opens."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from rules.accounts import AccountKind
from rules.calendar import add_months, end_of_day
from rules.errors import ErrorCode, Violation
from rules.paths import PathCode
from rules.plans import PlanCode
from rules.policy import (
    SPECIALISTS_INVITATION_LIFE,
    SPECIALISTS_INVITATIONS_PER_DAY,
    SPECIALISTS_INVITEE_CHECKS_PER_HOUR,
    SPECIALISTS_PARTNERS_MAX,
    SPECIALISTS_REAL_NAME_REQUIRED,
    SPECIALISTS_RESEND_GAP,
    SPECIALISTS_WINDOW_MONTHS,
    Policy,
)
from rules.registry import rule
from rules.specialists.kinds import INVITATION, SpecialistInvitationState
from rules.statements import StatementCode, check_accepted

E, S = ErrorCode, SpecialistInvitationState
ENTITLING_PLANS = frozenset({PlanCode.DISTRIBUTOR, PlanCode.SOLUTION_PROVIDER})
"""Plans whose members invite employees."""
SPECIALIST_PATHS = frozenset({PathCode.SERVICE, PathCode.SI, PathCode.LEARNING})
"""Development paths that know project specialists; whoever is on one invites employees, too."""

_INVITE_PAGE = "https://support.huaweicloud.com/usermanual-bpconsole/prsp_0012.html"
_CHECK_PAGE = "https://support.huaweicloud.com/intl/en-us/bpconsole_faq/faq_org_1014.html"
_ENTITLED_PAGE = "https://huaweicloud.com/s/JXdpbmRvd3PliLfmlrDot6_nlLHooagl/t_30_p_13"
_ACCEPT_PAGE = "https://huaweicloud.com/s/JeWNjuS4uuW8gOWPkeiAheW5s-WPsOWFpeWPoyU/t_30_p_10"
_AT = ("input", "identifier")


@dataclass(frozen=True, slots=True)
class Invitee:
    """What a partner's invitation asks about one account.

    `partners` counts the different partners it was bound to at any moment of the window; `invited_until` is the end of
    the inviting partner's invitation that still opens.
    """

    kind: AccountKind
    is_enterprise: bool
    is_real_named: bool
    is_partner: bool
    is_bound_elsewhere: bool
    partners: int
    is_bound_here: bool = False
    invited_until: datetime | None = None


@rule("specialists.entitled", "A 11.2", codes=(E.INVITE_NOT_ENTITLED,), page=_ENTITLED_PAGE)
def check_entitled(plans: AbstractSet[PlanCode], paths: AbstractSet[PathCode] = frozenset()) -> list[Violation]:
    """INVITE_NOT_ENTITLED unless the partner is in one of the plans, or on one of the paths, that entitle to it."""
    if ENTITLING_PLANS & plans or SPECIALIST_PATHS & paths:
        return []
    return [Violation(E.INVITE_NOT_ENTITLED, rule="specialists.entitled")]


@rule(
    "specialists.person",
    "A 11.3",
    policy=(SPECIALISTS_REAL_NAME_REQUIRED, SPECIALISTS_PARTNERS_MAX, SPECIALISTS_WINDOW_MONTHS),
    codes=(
        E.INVITEE_NOT_PERSONAL,
        E.INVITEE_ENTERPRISE_REALNAME,
        E.INVITEE_BOUND_ELSEWHERE,
        E.INVITEE_REALNAME_REQUIRED,
        E.INVITEE_IS_PARTNER,
        E.INVITEE_PARTNER_LIMIT,
    ),
    page=_CHECK_PAGE,
)
def check_person(invitee: Invitee, *, policy: Policy, path: tuple[str, ...] = _AT) -> list[Violation]:
    """All reasons against the account itself, in their fixed order; asked when it is invited and when it accepts.

    INVITEE_NOT_PERSONAL: a company's account or a member's; INVITEE_ENTERPRISE_REALNAME: real-named as a company;
    INVITEE_BOUND_ELSEWHERE: bound to another partner now, never which; INVITEE_REALNAME_REQUIRED where the site asks
    for a real name; INVITEE_IS_PARTNER; INVITEE_PARTNER_LIMIT: bound to as many partners within the window as are
    allowed, whichever they are.
    """
    most = policy[SPECIALISTS_PARTNERS_MAX]
    parameters = {"max": most, "months": policy[SPECIALISTS_WINDOW_MONTHS]}
    reasons = (
        (invitee.kind is not AccountKind.PERSONAL, E.INVITEE_NOT_PERSONAL),
        (invitee.is_enterprise, E.INVITEE_ENTERPRISE_REALNAME),
        (invitee.is_bound_elsewhere, E.INVITEE_BOUND_ELSEWHERE),
        (policy[SPECIALISTS_REAL_NAME_REQUIRED] and not invitee.is_real_named, E.INVITEE_REALNAME_REQUIRED),
        (invitee.is_partner, E.INVITEE_IS_PARTNER),
        (invitee.partners >= most, E.INVITEE_PARTNER_LIMIT),
    )
    return [
        Violation(code, path, "specialists.person", parameters if code is E.INVITEE_PARTNER_LIMIT else {})
        for hit, code in reasons
        if hit
    ]


@rule(
    "specialists.choice",
    "A 11.2",
    codes=(E.INVITEE_NOT_FOUND, E.INVITEE_AMBIGUOUS),
    page="https://huaweicloud.com/s/JeetieS_nTIuMOajgOafpeihqCU/t_30_p_3",
)
def check_choice(found: int) -> list[Violation]:
    """Why none of the accounts found is the one meant: INVITEE_NOT_FOUND, or INVITEE_AMBIGUOUS for several of which
    none was named.
    """
    return [Violation(E.INVITEE_AMBIGUOUS if found > 1 else E.INVITEE_NOT_FOUND, _AT, "specialists.choice")]


@rule(
    "specialists.invitee",
    "A 11.3",
    codes=(E.ALREADY_BOUND, E.ALREADY_INVITED),
    page=_INVITE_PAGE,
)
def check_invitable(invitee: Invitee, *, sent_today: int, now: datetime, policy: Policy) -> list[Violation]:
    """All reasons against inviting this account, in their fixed order: those against the account itself, then
    INVITE_DAILY_LIMIT, then ALREADY_BOUND and ALREADY_INVITED to the inviting partner itself.
    """
    violations = check_person(invitee, policy=policy) + check_daily_limit(sent_today, now=now, policy=policy)
    if invitee.is_bound_here:
        violations.append(Violation(E.ALREADY_BOUND, _AT, "specialists.invitee"))
    if invitee.invited_until is not None and now < invitee.invited_until:
        until = invitee.invited_until
        violations.append(Violation(E.ALREADY_INVITED, _AT, "specialists.invitee", available_at=until))
    return violations


@rule(
    "specialists.invitations_per_day",
    "A 11.3",
    policy=(SPECIALISTS_INVITATIONS_PER_DAY,),
    codes=(E.INVITE_DAILY_LIMIT,),
    page=_INVITE_PAGE,
)
def check_daily_limit(sent_today: int, *, now: datetime, policy: Policy) -> list[Violation]:
    """INVITE_DAILY_LIMIT when the partner has sent as many invitations on the site's day as are allowed, those sent
    again included.
    """
    most = policy[SPECIALISTS_INVITATIONS_PER_DAY]
    if sent_today < most:
        return []
    return [
        Violation(
            E.INVITE_DAILY_LIMIT,
            rule="specialists.invitations_per_day",
            parameters={"max": most},
            limit=Decimal(most),
            used=Decimal(sent_today),
            requested=Decimal(1),
            resets_at=end_of_day(policy.day, policy.site),
        )
    ]


@rule(
    "specialists.invitee_checks",
    "A 11.3",
    policy=(SPECIALISTS_INVITEE_CHECKS_PER_HOUR,),
    codes=(E.INVITEE_CHECK_LIMIT,),
)
def check_lookups(wait: timedelta | None, *, now: datetime, policy: Policy) -> list[Violation]:
    """INVITEE_CHECK_LIMIT while the partner has to `wait`, for it has looked up as many identifiers within an hour as
    are allowed: whoever tries names one after the other comes to an end.
    """
    if wait is None:
        return []
    most = policy[SPECIALISTS_INVITEE_CHECKS_PER_HOUR]
    return [
        Violation(
            E.INVITEE_CHECK_LIMIT,
            rule="specialists.invitee_checks",
            parameters={"max": most},
            retryable=True,
            limit=Decimal(most),
            requested=Decimal(1),
            resets_at=now + wait,
        )
    ]


@rule("specialists.resend", "A 11.4", policy=(SPECIALISTS_RESEND_GAP,), codes=(E.INVITE_TOO_SOON,), page=_INVITE_PAGE)
def check_resend(
    state: SpecialistInvitationState, last_sent_at: datetime, *, sent_today: int, now: datetime, policy: Policy
) -> list[Violation]:
    """All reasons against sending an invitation again: STATE_CONFLICT unless it waits for its answer, INVITE_TOO_SOON
    within the gap after the last one, INVITE_DAILY_LIMIT.
    """
    violations = INVITATION.check(state, "resend")
    open_at = last_sent_at + policy[SPECIALISTS_RESEND_GAP]
    if now < open_at:
        violations.append(Violation(E.INVITE_TOO_SOON, rule="specialists.resend", retryable=True, available_at=open_at))
    return violations + check_daily_limit(sent_today, now=now, policy=policy)


@rule("specialists.invitation_life", "A 11.2", policy=(SPECIALISTS_INVITATION_LIFE,), page=_INVITE_PAGE)
def compute_invitation_end(now: datetime, *, policy: Policy) -> datetime:
    """The first instant at which the link opens no more."""
    return now + policy[SPECIALISTS_INVITATION_LIFE]


@rule("specialists.partners_window", "A 11.3", policy=(SPECIALISTS_WINDOW_MONTHS,), page=_CHECK_PAGE)
def compute_window_start(now: datetime, *, policy: Policy) -> datetime:
    """A binding that ended at this instant or before counts no more; one that still stands always does."""
    return add_months(now, -policy[SPECIALISTS_WINDOW_MONTHS], policy.site.zone)


@dataclass(frozen=True, slots=True)
class Link:
    """An invitation as whoever opens its link finds it."""

    state: SpecialistInvitationState
    valid_until: datetime


@rule("specialists.link", "A 11.4", codes=(E.LINK_INVALID, E.LINK_USED, E.LINK_EXPIRED), page=_ACCEPT_PAGE)
def check_link(link: Link | None, *, now: datetime) -> list[Violation]:
    """Whether an invitation can still be answered: LINK_INVALID for one that is unknown, replaced, revoked or another
    one's; LINK_USED when it has been answered; LINK_EXPIRED from its end on.
    """
    code, deadline = _link_refusal(link, now=now), None
    if code is None:
        return []
    if link is not None and code is E.LINK_EXPIRED:
        deadline = link.valid_until
    return [Violation(code, ("input", "token"), "specialists.link", deadline=deadline)]


def _link_refusal(link: Link | None, *, now: datetime) -> ErrorCode | None:
    if link is None or link.state is S.REVOKED:
        return E.LINK_INVALID
    if link.state in (S.ACCEPTED, S.DECLINED):
        return E.LINK_USED
    return E.LINK_EXPIRED if link.state is S.EXPIRED or now >= link.valid_until else None


@rule(
    "specialists.statement",
    "A 11.4",
    codes=(E.AGREEMENT_REQUIRED,),
    page="https://support.huaweicloud.com/intl/ja-jp/usermanual-bpconsole/dp_111000.html",
)
def check_statement(version: str | None) -> list[Violation]:
    """AGREEMENT_REQUIRED unless the present version of the statement on what is shared is accepted."""
    return check_accepted(StatementCode.SHARING, version, "input", "statementVersion", rule="specialists.statement")
