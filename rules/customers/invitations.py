"""Inviting a reported customer by mail or anybody by a general link, and whether a link still opens the door."""

from dataclasses import dataclass
from datetime import datetime

from rules.customers.kinds import AssociationType, InvitationChannel, InvitationState, ReportStatus
from rules.customers.reports import Reporter, check_development, is_live
from rules.errors import ErrorCode, Violation
from rules.policy import INVITATIONS_OFFLINE_LIFE, INVITATIONS_ONLINE_LIFE, Policy
from rules.registry import rule

TAG_LENGTH = 64
"""Longest tag of a general link, in characters; customers who come by it get it as their label."""

_ONLINE_PAGE = "https://huaweicloud.com/s/JeS6uuiEuOebuOS8vOW6puWcqOe6v-a1i-ivlSU/t_30_p_4/JeWQiOS9nOS8meS8tOS4reW_gyU"
_OFFLINE_PAGE = "https://huaweicloud.com/s/JeWNjuS4uueahGVycCU/t_30_p_49/JeWQiOS9nOS8meS8tOS4reW_gyU"


@dataclass(frozen=True, slots=True)
class InvitedReport:
    """The report an invitation is about, and until when the one sent last still opens (`None` when it does not)."""

    status: ReportStatus
    valid_until: datetime | None
    email: str | None
    open_invitation_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class InviteFacts:
    """An invitation to be made; `report` is `None` for a general link."""

    channel: InvitationChannel
    association_type: AssociationType
    reporter: Reporter
    report: InvitedReport | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """An invitation as somebody opens it. `report_live` is `None` for a general link."""

    state: InvitationState
    valid_until: datetime | None
    report_live: bool | None = None


def check_invite(facts: InviteFacts, *, now: datetime) -> list[Violation]:
    """All reasons against inviting. A general link asks nothing of reports, an online invitation everything."""
    violations = check_development(facts.reporter, facts.association_type)
    if facts.channel is InvitationChannel.ONLINE_MAIL:
        violations += _check_online(facts.report, now=now)
    return violations


@rule(
    "invitations.online",
    "B 3.1",
    codes=(
        ErrorCode.INVITATION_NOT_REPORTED,
        ErrorCode.INVITATION_EMAIL_REQUIRED,
        ErrorCode.INVITATION_STILL_VALID,
    ),
    page=_ONLINE_PAGE,
)
def _check_online(report: InvitedReport | None, *, now: datetime) -> list[Violation]:
    """The report must hold and have an e-mail address; a second mail goes out when the first link has ended."""
    name = "invitations.online"
    if report is None or not is_live(report.status, report.valid_until, now=now):
        return [Violation(ErrorCode.INVITATION_NOT_REPORTED, rule=name)]
    violations = []
    if not report.email:
        violations.append(Violation(ErrorCode.INVITATION_EMAIL_REQUIRED, rule=name))
    until = report.open_invitation_until
    if until is not None and now < until:
        violations.append(Violation(ErrorCode.INVITATION_STILL_VALID, rule=name, available_at=until))
    return violations


@rule("invitations.online_life", "B 3.1", policy=(INVITATIONS_ONLINE_LIFE,), page=_ONLINE_PAGE)
@rule("invitations.offline_life", "B 3.1", policy=(INVITATIONS_OFFLINE_LIFE,), page=_OFFLINE_PAGE)
def compute_invitation_validity(channel: InvitationChannel, now: datetime, policy: Policy) -> datetime | None:
    """The first instant at which the link opens no more; `None` for one that does not expire."""
    if channel is InvitationChannel.ONLINE_MAIL:
        return now + policy[INVITATIONS_ONLINE_LIFE]
    life = policy[INVITATIONS_OFFLINE_LIFE]
    return None if life is None else now + life


@rule(
    "invitations.link",
    "B 3.4",
    codes=(ErrorCode.LINK_INVALID, ErrorCode.LINK_USED, ErrorCode.LINK_EXPIRED),
    page=_ONLINE_PAGE,
)
def check_link(link: Link | None, *, now: datetime) -> list[Violation]:
    """Whether the link opens: LINK_INVALID for an unknown or revoked one, LINK_USED, LINK_EXPIRED.

    An online invitation ends with its report, even within its own time.
    """
    code = _link_refusal(link, now=now)
    if code is None:
        return []
    deadline = link.valid_until if link is not None and code is ErrorCode.LINK_EXPIRED else None
    return [Violation(code, ("input", "token"), "invitations.link", deadline=deadline)]


def _link_refusal(link: Link | None, *, now: datetime) -> ErrorCode | None:
    if link is None or link.state is InvitationState.REVOKED:
        return ErrorCode.LINK_INVALID
    if link.state is InvitationState.USED:
        return ErrorCode.LINK_USED
    over = link.valid_until is not None and now >= link.valid_until
    if link.state is InvitationState.EXPIRED or over or link.report_live is False:
        return ErrorCode.LINK_EXPIRED
    return None


def compute_invitation_state(state: InvitationState, valid_until: datetime | None, *, now: datetime) -> InvitationState:
    """The state that counts now: an invitation past its end is EXPIRED, also before the schedule has marked it."""
    over = state is InvitationState.ACTIVE and valid_until is not None and now >= valid_until
    return InvitationState.EXPIRED if over else state
