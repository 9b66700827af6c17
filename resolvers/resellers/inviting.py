"""Inviting companies to become resellers, by a link in a mail, and taking an invitation back."""

from uuid import UUID

from core.tokens import digest, link, link_token, new_salt
from models.partners import Partner
from models.resellers import ResellerInvitation
from resolvers.command import command
from resolvers.context import Context
from resolvers.resellers.scope import access_invitation, locked_partners
from rules.access import Permission
from rules.contacts import normalise_email
from rules.customers import INVITATION, InvitationState, compute_invitation_state
from rules.errors import ErrorCode, Rejected, Violation, require
from rules.resellers import Inviter, check_invite, compute_invitation_end

SEND_ATTEMPTS = 12
TOPIC = "reseller_invitation.email"


def token_of(secret: bytes, nonce: bytes) -> str:
    """The token that follows from the installation's key and an invitation's nonce; it is stored nowhere."""
    return link_token(secret, "reseller_invitation", nonce)


def link_of(public_url: str, secret: bytes, invitation: ResellerInvitation) -> str:
    """The address an invited company opens."""
    return link(public_url, "reseller-invitation", token_of(secret, bytes(invitation.nonce)))


def state_of(ctx: Context, invitation: ResellerInvitation) -> InvitationState:
    """The state that counts now."""
    return compute_invitation_state(invitation.state, invitation.valid_until, now=ctx.now)


@command(
    permission=Permission.RESELLERS_INVITE,
    refuses=(
        ErrorCode.EMAIL_INVALID,
        ErrorCode.NOT_A_DISTRIBUTOR,
        ErrorCode.PARTNER_FROZEN,
        ErrorCode.INVITATION_STILL_VALID,
    ),
    emits=("reseller_invitation.sent",),
    sensitive=True,
)
async def invite_reseller(ctx: Context, *, email: str) -> ResellerInvitation:
    """Invites a company of the partner network by mail to become your reseller. The link opens for some days, once.

    It opens for the company's account with that address. Another mail can be sent when the last link has ended.
    """
    address = normalise_email(email, path=("input", "email"))
    if isinstance(address, Violation):
        raise Rejected([address])
    assert ctx.actor.partner_id is not None
    own = (await locked_partners([ctx.actor.partner_id]))[ctx.actor.partner_id]
    last = await ResellerInvitation.get_or_none(distributor_id=own.id, email=address, state=InvitationState.ACTIVE)
    require(check_invite(Inviter(own.kind, own.standing, last.valid_until if last else None), now=ctx.now))
    if last is not None:
        await last.change(now=ctx.now, state=INVITATION.after(last.state, "expire"))
    invitation = await _issue(ctx, own, address)
    ctx.enqueue(
        TOPIC,
        str(invitation.id),
        max_attempts=SEND_ATTEMPTS,
        expires_in=(invitation.valid_until - ctx.now).total_seconds(),
        invitation_id=str(invitation.id),
    )
    ctx.event("reseller_invitation.sent", invitation)
    ctx.effect("reseller_invitation.sent", invitation)
    return invitation


async def _issue(ctx: Context, own: Partner, email: str) -> ResellerInvitation:
    nonce = new_salt()
    return await ResellerInvitation.insert(
        now=ctx.now,
        distributor_id=own.id,
        created_by=ctx.actor.account_id,
        email=email,
        nonce=nonce,
        token_digest=digest(token_of(ctx.secret, nonce)),
        valid_until=compute_invitation_end(ctx.now, policy=ctx.policy_of(own)),
        state=InvitationState.ACTIVE,
    )


@command(
    permission=Permission.RESELLERS_INVITE,
    refuses=(ErrorCode.STATE_CONFLICT,),
    emits=("reseller_invitation.revoked",),
)
async def revoke_reseller_invitation(ctx: Context, *, invitation_id: UUID) -> ResellerInvitation:
    """Ends an invitation: its link opens no more."""
    invitation = await access_invitation(ctx, invitation_id)
    require(INVITATION.check(state_of(ctx, invitation), "revoke"))
    await invitation.change(now=ctx.now, state=INVITATION.after(invitation.state, "revoke"))
    ctx.event("reseller_invitation.revoked", invitation, partner_id=invitation.distributor_id)
    ctx.effect("reseller_invitation.revoked", invitation)
    return invitation
