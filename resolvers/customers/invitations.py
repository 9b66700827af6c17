"""Inviting customers: by mail about one report, or by a general link or code; taking an invitation back."""

from uuid import UUID

from core.tokens import digest, link, link_token, new_salt
from models.accounts import Account
from models.customers import CustomerInvitation, CustomerReport
from models.partners import Partner
from resolvers.command import command
from resolvers.context import Context
from resolvers.customers.facts import reporter_of
from resolvers.customers.scope import access_invitation, access_report
from rules.access import ADMINISTRATORS, Permission
from rules.customers import (
    INVITATION,
    AssociationType,
    InvitationChannel,
    InvitationState,
    InvitedReport,
    InviteFacts,
    check_invite,
    compute_invitation_state,
    compute_invitation_validity,
)
from rules.customers.invitations import TAG_LENGTH
from rules.errors import ErrorCode, refuse, require
from rules.sites import Site

SEND_ATTEMPTS = 12
TOPIC = "invitation.email"
_TYPE_REFUSALS = (
    ErrorCode.DEVELOPMENT_NOT_ALLOWED,
    ErrorCode.INVITATION_TYPE_NOT_ALLOWED,
    ErrorCode.PARTNER_FROZEN,
)


def token_of(secret: bytes, nonce: bytes) -> str:
    """The token that follows from the installation's key and an invitation's nonce; it is stored nowhere."""
    return link_token(secret, "customer_invitation", nonce)


def link_of(public_url: str, secret: bytes, invitation: CustomerInvitation) -> str:
    """The address an invited customer opens."""
    return link(public_url, "invitation", token_of(secret, bytes(invitation.nonce)))


def url_of(ctx: Context, invitation: CustomerInvitation) -> str | None:
    """The link for its creator and the administrators; None for others, for one by mail, and once it has ended."""
    mine = invitation.created_by == ctx.actor.account_id or bool(ctx.actor.roles & ADMINISTRATORS)
    general = invitation.channel is not InvitationChannel.ONLINE_MAIL
    if not (mine and general) or state_of(ctx, invitation) is not InvitationState.ACTIVE:
        return None
    return link_of(ctx.settings.public_url, ctx.secret, invitation)


def state_of(ctx: Context, invitation: CustomerInvitation) -> InvitationState:
    """The state that counts now."""
    return compute_invitation_state(invitation.state, invitation.valid_until, now=ctx.now)


async def issue_online(
    ctx: Context, report: CustomerReport, association_type: AssociationType | None = None
) -> CustomerInvitation:
    """A new invitation about a report, on its way by mail once the transaction commits."""
    chosen = association_type or report.association_type
    assert chosen is not None
    invitation = await _issue(
        ctx,
        report.partner_id,
        Site(report.site),
        InvitationChannel.ONLINE_MAIL,
        chosen,
        report_id=report.id,
        created_by=report.created_by if ctx.actor.partner_id is None else ctx.actor.account_id,
    )
    assert invitation.valid_until is not None
    ctx.enqueue(
        TOPIC,
        str(invitation.id),
        max_attempts=SEND_ATTEMPTS,
        expires_in=(invitation.valid_until - ctx.now).total_seconds(),
        invitation_id=str(invitation.id),
    )
    ctx.event("customer_invitation.sent", invitation, partner_id=report.partner_id, report_id=str(report.id))
    ctx.effect("customer_invitation.sent", invitation)
    return invitation


async def _issue(
    ctx: Context,
    partner_id: UUID,
    site: Site,
    channel: InvitationChannel,
    association_type: AssociationType,
    *,
    created_by: UUID | None,
    report_id: UUID | None = None,
    tag: str | None = None,
) -> CustomerInvitation:
    nonce = new_salt()
    return await CustomerInvitation.insert(
        now=ctx.now,
        partner_id=partner_id,
        report_id=report_id,
        created_by=created_by,
        channel=channel,
        association_type=association_type,
        tag=tag,
        nonce=nonce,
        token_digest=digest(token_of(ctx.secret, nonce)),
        valid_until=compute_invitation_validity(channel, ctx.now, ctx.policies.at(site, ctx.now)),
        state=InvitationState.ACTIVE,
    )


async def end_invitations(ctx: Context, report: CustomerReport, event: str) -> None:
    """Revokes (`revoke`) or expires (`expire`) every invitation of a report that is still marked active."""
    rows = CustomerInvitation.filter(report_id=report.id, state=InvitationState.ACTIVE)
    for invitation in await rows.select_for_update(no_key=True).order_by("id"):
        await end_invitation(ctx, invitation, event)


async def end_invitation(ctx: Context, invitation: CustomerInvitation, event: str) -> None:
    """Revokes (`revoke`) or expires (`expire`) one locked invitation."""
    await invitation.change(now=ctx.now, state=INVITATION.after(invitation.state, event))
    ctx.event(f"customer_invitation.{invitation.state.lower()}", invitation, partner_id=invitation.partner_id)
    ctx.effect(f"customer_invitation.{invitation.state.lower()}", invitation)


@command(
    permission=Permission.CUSTOMERS_INVITE,
    refuses=(
        *_TYPE_REFUSALS,
        ErrorCode.REQUIRED,
        ErrorCode.INVITATION_NOT_REPORTED,
        ErrorCode.INVITATION_EMAIL_REQUIRED,
        ErrorCode.INVITATION_STILL_VALID,
    ),
    emits=("customer_invitation.sent", "customer_invitation.expired"),
    sensitive=True,
)
async def invite_customer(
    ctx: Context, *, report_id: UUID, association_type: AssociationType | None = None
) -> CustomerInvitation:
    """Invites a reported customer by mail. The link opens for 7 days, and only for the customer that was reported.

    Another mail can be sent when the last link has ended. The type is the report's unless you say another.
    """
    report = await access_report(ctx, report_id)
    chosen = association_type or report.association_type
    if chosen is None:
        raise refuse(ErrorCode.REQUIRED, "input", "associationType", rule="reports.form")
    require(check_invite(await invite_facts(ctx, report, chosen), now=ctx.now))
    await end_invitations(ctx, report, "expire")
    return await issue_online(ctx, report, chosen)


async def invite_facts(ctx: Context, report: CustomerReport, association_type: AssociationType) -> InviteFacts:
    """What decides on an invitation by mail."""
    partner = await Partner.get(id=report.partner_id)
    last = await CustomerInvitation.filter(report_id=report.id, state=InvitationState.ACTIVE).order_by("-id").first()
    return InviteFacts(
        channel=InvitationChannel.ONLINE_MAIL,
        association_type=association_type,
        reporter=await reporter_of(ctx, partner),
        report=invited(report, last),
    )


def invited(report: CustomerReport, last: CustomerInvitation | None) -> InvitedReport:
    """A report as the rules of inviting see it."""
    return InvitedReport(report.status, report.valid_until, report.email, last.valid_until if last else None)


@command(
    permission=Permission.CUSTOMERS_INVITE,
    refuses=_TYPE_REFUSALS,
    emits=("customer_invitation.created",),
    sensitive=True,
)
async def create_invitation_link(
    ctx: Context, *, association_type: AssociationType, qr_code: bool = False, tag: str | None = None
) -> CustomerInvitation:
    """Makes a general link, or the content of a QR code, that any customer can come by. It does not expire.

    Customers get its tag as their label; without one it is the name of your account.
    """
    partner = await Partner.get(id=ctx.actor.partner_id)
    channel = InvitationChannel.OFFLINE_QR if qr_code else InvitationChannel.OFFLINE_LINK
    require(check_invite(InviteFacts(channel, association_type, await reporter_of(ctx, partner)), now=ctx.now))
    invitation = await _issue(
        ctx,
        partner.id,
        Site(partner.site),
        channel,
        association_type,
        created_by=ctx.actor.account_id,
        tag=(tag or await _own_name(ctx))[:TAG_LENGTH],
    )
    ctx.event("customer_invitation.created", invitation)
    ctx.effect("customer_invitation.created", invitation)
    return invitation


async def _own_name(ctx: Context) -> str:
    account = await Account.get(id=ctx.actor.account_id)
    return account.name or account.full_name


@command(
    permission=Permission.CUSTOMERS_INVITE,
    refuses=(ErrorCode.STATE_CONFLICT,),
    emits=("customer_invitation.revoked",),
)
async def revoke_invitation(ctx: Context, *, invitation_id: UUID) -> CustomerInvitation:
    """Ends an invitation: its link opens no more. Customers who came by it stay."""
    invitation = await access_invitation(ctx, invitation_id)
    require(INVITATION.check(state_of(ctx, invitation), "revoke"))
    await end_invitation(ctx, invitation, "revoke")
    return invitation
