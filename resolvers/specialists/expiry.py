"""What time does to invitations of personal accounts: one command for each that is over."""

from uuid import UUID

from core import db
from core.scope import EVERYTHING
from models.partners import Partner
from models.specialists import SpecialistInvitation
from resolvers.command import Key, command
from resolvers.context import Context
from rules.access import Permission
from rules.specialists import INVITATION, SpecialistInvitationState, compute_invitation_state

BATCH = 500


def state_of(ctx: Context, invitation: SpecialistInvitation) -> SpecialistInvitationState:
    """The state that counts now."""
    return compute_invitation_state(invitation.state, invitation.valid_until, now=ctx.now)


async def overdue_invitations(ctx: Context) -> list[UUID]:
    """Invitations past their end that still wait for an answer, oldest end first."""
    async with db.read(EVERYTHING):
        rows = SpecialistInvitation.filter(state=SpecialistInvitationState.INVITED, valid_until__lte=ctx.now)
        return [row[0] for row in await rows.order_by("valid_until").limit(BATCH).values_list("id")]


@command(
    permission=Permission.RUN_SCHEDULES,
    emits=("specialist_invitation.expired",),
    key=Key.OPTIONAL,
    as_system=True,
)
async def expire_specialist_invitation(ctx: Context, *, invitation_id: UUID) -> SpecialistInvitation | None:
    """Marks an invitation whose link opens no more and tells the partner, which may invite the account again."""
    rows = SpecialistInvitation.filter(id=invitation_id, state=SpecialistInvitationState.INVITED)
    invitation = await rows.select_for_update(no_key=True).first()
    if invitation is None or state_of(ctx, invitation) is not SpecialistInvitationState.EXPIRED:
        return None
    await expire(ctx, await Partner.get(id=invitation.partner_id), invitation)
    return invitation


async def expire(ctx: Context, partner: Partner, invitation: SpecialistInvitation) -> None:
    """Ends an invitation that was not answered in time; the partner is told."""
    await invitation.change(now=ctx.now, state=INVITATION.after(invitation.state, "expire"))
    ctx.event("specialist_invitation.expired", invitation, partner_id=partner.id)
    ctx.notify("specialist_invitation_expired", partner, about=invitation, names={"person": invitation})
