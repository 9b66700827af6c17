"""Reading invitations and bindings of personal accounts, how many there are of each, and what may be done with them."""

from collections.abc import Sequence
from dataclasses import dataclass

from tortoise.queryset import QuerySet

from core import db
from models.accounts import Account
from models.partners import Partner
from models.specialists import (
    SpecialistApplication,
    SpecialistBinding,
    SpecialistCancellation,
    SpecialistInvitation,
)
from resolvers.actions import ActionState, action
from resolvers.context import Context
from resolvers.members.scope import visible as visible_members
from resolvers.nodes import sees_all
from resolvers.paths.facts import enrolled_paths
from resolvers.per_parent import newest_of
from resolvers.query import query
from resolvers.related import WHOLE, Selection, to_one
from resolvers.specialists.answering import accept_specialist_invitation, decline_specialist_invitation
from resolvers.specialists.expiry import state_of
from resolvers.specialists.facts import base_locations, entitlement, oneself_for, sent_today
from resolvers.specialists.inviting import resend_specialist_invitation, revoke_specialist_invitation
from resolvers.specialists.parting import request_specialist_unbind, unbind_specialist
from resolvers.specialists.qualifying import (
    apply_for_specialists,
    cancel_specialist,
    request_specialist_cancellation,
    withdraw_specialist_cancellation,
)
from resolvers.specialists.scope import visible_applications, visible_cancellations
from rules.access import VENDOR_ROLES, Permission, may
from rules.errors import ErrorCode, Violation
from rules.specialists import (
    BINDING,
    INVITATION,
    BindingState,
    Link,
    SpecialistInvitationState,
    check_apply,
    check_link,
    check_on_path,
    check_person,
    check_request_unbind,
    check_resend,
    check_unbind,
)

_COUNTED = """
    select state, count(*) as number from (
      select distinct on (account_id) state from (
        select account_id, id,
          case when state = 'INVITED' and valid_until <= $2 then 'EXPIRED' else state end as state
          from specialist_invitation where partner_id = $1
        union all
        select account_id, id, state from specialist_binding where partner_id = $1
      ) happened order by account_id, id desc
    ) newest group by state
"""


def _of_partner(ctx: Context) -> dict[str, object]:
    return {} if ctx.actor.roles & VENDOR_ROLES else {"partner_id": ctx.actor.partner_id}


@query(permission=Permission.SPECIALISTS_READ)
def specialist_invitations(
    ctx: Context, *, state: SpecialistInvitationState | None = None
) -> QuerySet[SpecialistInvitation]:
    """The partner's invitations to personal accounts; all for the vendor. One past its end is EXPIRED."""
    return _in_state(ctx, SpecialistInvitation.filter(**_of_partner(ctx)), state)


@query(permission=Permission.SPECIALISTS_ANSWER_INVITATION)
def my_specialist_invitations(
    ctx: Context, *, state: SpecialistInvitationState | None = None
) -> QuerySet[SpecialistInvitation]:
    """The invitations to the caller's own account."""
    return _in_state(ctx, SpecialistInvitation.filter(account_id=ctx.actor.account_id), state)


def _in_state(
    ctx: Context, rows: QuerySet[SpecialistInvitation], state: SpecialistInvitationState | None
) -> QuerySet[SpecialistInvitation]:
    if state is SpecialistInvitationState.INVITED:
        return rows.filter(state=state, valid_until__gt=ctx.now)
    if state is SpecialistInvitationState.EXPIRED:
        return rows.filter(state__in=(SpecialistInvitationState.INVITED, state), valid_until__lte=ctx.now)
    return rows if state is None else rows.filter(state=state)


@query(permission=Permission.SPECIALISTS_READ)
def specialist_bindings(ctx: Context, *, state: BindingState | None = None) -> QuerySet[SpecialistBinding]:
    """The personal accounts that are or were bound to the partner; all for the vendor."""
    rows = SpecialistBinding.filter(**_of_partner(ctx))
    return rows if state is None else rows.filter(state=state)


@query(permission=Permission.SPECIALISTS_REQUEST_UNBIND)
def my_specialist_bindings(ctx: Context) -> QuerySet[SpecialistBinding]:
    """The partners that the caller's own account is or was bound to."""
    return SpecialistBinding.filter(account_id=ctx.actor.account_id)


@dataclass(frozen=True, slots=True)
class SpecialistOverview:
    """How many accounts are in each state; one that was invited again or bound since counts with its newest state."""

    invited: int = 0
    declined: int = 0
    expired: int = 0
    revoked: int = 0
    bound: int = 0
    specialist_review: int = 0
    specialist_rejected: int = 0
    specialist: int = 0
    cancel_review: int = 0
    cancelled: int = 0
    vendor_cancelled: int = 0
    unbound: int = 0


@query(permission=Permission.SPECIALISTS_READ)
async def specialist_overview(ctx: Context) -> SpecialistOverview | None:
    """The acting partner's accounts by state; None where no partner acts."""
    if ctx.actor.partner_id is None:
        return None
    rows = await db.fetch(_COUNTED, ctx.actor.partner_id, ctx.now)
    return SpecialistOverview(**{row["state"].lower(): row["number"] for row in rows})


partners_of = to_one("partner_id", Partner)
"""The partner of each invitation or binding, for those who see it."""
members_of = to_one("member_id", Account, visible=visible_members)
"""The member that each bound person is, for the partner's people."""


async def applications_of(
    ctx: Context, bindings: Sequence[SpecialistBinding], *, first: int, selection: Selection = WHOLE
) -> list[list[SpecialistApplication]]:
    """What was handed in for each person, newest first. One statement."""
    rows = visible_applications(ctx)
    return await newest_of(ctx, rows, "binding_id", bindings, first=first, selection=selection)


async def base_locations_of(ctx: Context, applications: Sequence[SpecialistApplication]) -> list[str | None]:
    """Where each person was based when its partner applied, as long as the actor may know. One statement for a partner,
    which knows it while the person is bound to it; none for the person and the vendor.
    """
    if sees_all(ctx):
        return [row.base_location for row in applications]
    others = {row.binding_id for row in applications if row.account_id != ctx.actor.account_id}
    over = SpecialistBinding.filter(id__in=list(others), unbound_at__isnull=False)
    ended = {row.id for row in await over.only("id")} if others else set()
    return [None if row.binding_id in ended else row.base_location for row in applications]


async def cancellations_of(
    ctx: Context, bindings: Sequence[SpecialistBinding], *, first: int, selection: Selection = WHOLE
) -> list[list[SpecialistCancellation]]:
    """Why each person was to be cancelled, newest first. One statement."""
    rows = visible_cancellations(ctx)
    return await newest_of(ctx, rows, "binding_id", bindings, first=first, selection=selection)


def _of_person(ctx: Context, row: SpecialistInvitation | SpecialistBinding) -> list[Violation]:
    """What the person itself alone does with a row."""
    return [] if row.account_id == ctx.actor.account_id else [Violation(ErrorCode.PERMISSION_DENIED)]


async def invitation_actions(ctx: Context, rows: Sequence[SpecialistInvitation]) -> list[list[ActionState]]:
    """For each invitation whether it may be sent again, revoked, accepted or declined now. A few statements for all.

    What the person accepts with, the statement, and what entitles the partner are asked when it accepts.
    """
    own = await Partner.get(id=ctx.actor.partner_id) if may(ctx.actor, Permission.SPECIALISTS_INVITE) else None
    sent, entitled = (0, []) if own is None else (await sent_today(ctx, own), await entitlement(own))
    asking = {row.partner_id for row in rows if row.account_id == ctx.actor.account_id}
    oneself = await oneself_for(ctx, asking) if asking else {}
    found = []
    for row in rows:
        state = state_of(ctx, row)
        again = check_resend(state, row.sent_at, sent_today=sent, now=ctx.now, policy=ctx.policy)
        closed = _of_person(ctx, row) or check_link(Link(row.state, row.valid_until), now=ctx.now)
        unfit = closed or check_person(oneself[row.partner_id], policy=ctx.policy, path=())
        found.append(
            [
                action(ctx, "RESEND", resend_specialist_invitation, entitled + again),
                action(ctx, "REVOKE", revoke_specialist_invitation, INVITATION.check(state, "revoke")),
                action(ctx, "ACCEPT", accept_specialist_invitation, unfit),
                action(ctx, "DECLINE", decline_specialist_invitation, closed),
            ]
        )
    return found


async def binding_actions(ctx: Context, rows: Sequence[SpecialistBinding]) -> list[list[ActionState]]:
    """For each binding whether the actor may apply for its person, cancel it, or end it, now.

    A few statements for all, and only for those who may apply.
    """
    own = ctx.actor.partner_id if may(ctx.actor, Permission.SPECIALISTS_APPLY) else None
    locations = {} if own is None else await base_locations(rows)
    pathless = [] if own is None else check_on_path(await enrolled_paths(own))
    return [
        [
            action(
                ctx,
                "APPLY",
                apply_for_specialists,
                pathless + check_apply(row.state, locations.get(row.account_id)),
            ),
            action(
                ctx,
                "REQUEST_CANCELLATION",
                request_specialist_cancellation,
                BINDING.check(row.state, "request_cancellation"),
            ),
            action(
                ctx,
                "WITHDRAW_CANCELLATION",
                withdraw_specialist_cancellation,
                BINDING.check(row.state, "withdraw_cancellation"),
            ),
            action(ctx, "CANCEL", cancel_specialist, BINDING.check(row.state, "cancel_by_vendor")),
            action(ctx, "UNBIND", unbind_specialist, check_unbind(row.state)),
            action(
                ctx,
                "REQUEST_UNBIND",
                request_specialist_unbind,
                _of_person(ctx, row) + check_request_unbind(row.state, row.unbind_requested_at),
            ),
        ]
        for row in rows
    ]
