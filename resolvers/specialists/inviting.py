"""Inviting employees' personal accounts, sending invitations again, taking them back: for the main account alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from core.tokens import digest, link, link_token, new_salt
from models.accounts import Account
from models.partners import Partner
from models.specialists import SpecialistInvitation
from resolvers.command import command
from resolvers.context import Context, Somebody
from resolvers.query import query
from resolvers.specialists.expiry import expire, state_of
from resolvers.specialists.facts import Candidate, candidates, entitlement, sent_today
from resolvers.specialists.scope import access_invitation
from rules.access import Permission
from rules.accounts import AccountKind
from rules.calendar import day_of
from rules.contacts import mask_email, mask_mobile, mask_name
from rules.errors import ErrorCode, Rejected, Violation, require
from rules.policy import SPECIALISTS_INVITEE_CHECKS_PER_HOUR
from rules.sites import Site
from rules.specialists import (
    INVITATION,
    SpecialistInvitationState,
    check_choice,
    check_invitable,
    check_lookups,
    check_resend,
    compute_invitation_end,
)

SEND_ATTEMPTS = 12
TOPIC = "specialist_invitation.send"
PERSON_REFUSALS = (
    ErrorCode.INVITEE_NOT_PERSONAL,
    ErrorCode.INVITEE_ENTERPRISE_REALNAME,
    ErrorCode.INVITEE_BOUND_ELSEWHERE,
    ErrorCode.INVITEE_REALNAME_REQUIRED,
    ErrorCode.INVITEE_IS_PARTNER,
    ErrorCode.INVITEE_PARTNER_LIMIT,
    ErrorCode.INVITE_NOT_ENTITLED,
    ErrorCode.PARTNER_FROZEN,
)
"""What is asked when an account is invited, and again when it accepts."""


def token_of(secret: bytes, nonce: bytes) -> str:
    """The token that follows from the installation's key and an invitation's nonce; it is stored nowhere."""
    return link_token(secret, "specialist_invitation", nonce)


def link_of(public_url: str, secret: bytes, invitation: SpecialistInvitation) -> str:
    """The address an invited person opens."""
    return link(public_url, "specialist-invitation", token_of(secret, bytes(invitation.nonce)))


@dataclass(frozen=True, slots=True)
class CheckedInvitee:
    """An account that the identifier may mean, with every reason against inviting it.

    Of a person's own account its id, and name and contacts masked; of a company's or a member's no more than reasons.
    """

    account_id: UUID | None
    name: str | None
    mobile: str | None
    email: str | None
    blockers: Sequence[Violation]


@dataclass(frozen=True, slots=True)
class InviteeCheck:
    """What keeps the partner from inviting by this identifier at all, and the accounts that it may mean.

    Whoever may invite nobody is not told whom an identifier means, nor whether anybody.
    """

    blockers: Sequence[Violation]
    invitees: Sequence[CheckedInvitee]


@query(permission=Permission.SPECIALISTS_INVITE)
async def check_invitee(ctx: Context, *, identifier: str) -> InviteeCheck:
    """The accounts that a mobile number, an e-mail address or an account name means, with what stands in the way.

    A partner looks up a limited number an hour, invitations included.
    """
    own = await Partner.get(id=ctx.actor.partner_id)
    refused = await entitlement(own) or await _look_up(ctx)
    if refused:
        return InviteeCheck(refused, [])
    found, sent = await candidates(ctx, own, identifier), await sent_today(ctx, own)
    missing = [] if found else check_choice(0)
    return InviteeCheck(missing, [_shown(ctx, own, one, sent) for one in found])


async def _look_up(ctx: Context) -> list[Violation]:
    """Counts that the partner looks up an identifier; INVITEE_CHECK_LIMIT when it may not."""
    policy, key = ctx.policy, f"invitee:{ctx.actor.partner_id}"
    wait = await ctx.meter.count(key, policy[SPECIALISTS_INVITEE_CHECKS_PER_HOUR])
    return check_lookups(wait, now=ctx.now, policy=policy)


async def count_look_up(ctx: Context, **_: object) -> list[Violation]:
    """As for a look-up, before the invitation's transaction: nothing waits in it for what counts."""
    return await _look_up(ctx)


def _shown(ctx: Context, own: Partner, one: Candidate, sent: int) -> CheckedInvitee:
    against = check_invitable(one.invitee, sent_today=sent, now=ctx.now, policy=ctx.policy_of(own))
    if one.invitee.kind is not AccountKind.PERSONAL:
        return CheckedInvitee(None, None, None, None, against)
    return CheckedInvitee(
        one.account_id,
        mask_name(one.full_name),
        None if one.mobile is None else mask_mobile(one.mobile),
        None if one.email is None else mask_email(one.email),
        against,
    )


@command(
    permission=Permission.SPECIALISTS_INVITE,
    refuses=(
        *PERSON_REFUSALS,
        ErrorCode.INVITEE_NOT_FOUND,
        ErrorCode.INVITEE_AMBIGUOUS,
        ErrorCode.INVITE_DAILY_LIMIT,
        ErrorCode.INVITEE_CHECK_LIMIT,
        ErrorCode.ALREADY_BOUND,
        ErrorCode.ALREADY_INVITED,
    ),
    emits=("specialist_invitation.sent", "specialist_invitation.expired"),
    sensitive=True,
    compares=count_look_up,
)
async def invite_specialist(ctx: Context, *, identifier: str, account_id: UUID | None = None) -> SpecialistInvitation:
    """Invites an employee's personal account to be bound to your partner. The link opens for some days, once.

    Only the partner's main account may. The account is looked up by its mobile number, e-mail address or name on your
    site, a member by its name only in its own partner; where several match, name the one you mean. The person is told
    inside the product and by mail, or by SMS where it has no address.
    """
    require(ctx.verdict)
    own = await _own_locked(ctx)
    require(await entitlement(own))  # alone: nobody else is told whom an identifier means
    found = await candidates(ctx, own, identifier)
    wanted = [one for one in found if account_id in (None, one.account_id)]
    if len(wanted) != 1:
        raise Rejected(check_choice(len(found)))
    [one] = wanted
    sent, policy = await sent_today(ctx, own), ctx.policy_of(own)
    require(check_invitable(one.invitee, sent_today=sent, now=ctx.now, policy=policy))
    last = SpecialistInvitation.filter(
        partner_id=own.id, account_id=one.account_id, state=SpecialistInvitationState.INVITED
    )
    for over in await last.select_for_update(no_key=True):
        await expire(ctx, own, over)
    invitation = await SpecialistInvitation.insert(
        now=ctx.now,
        partner_id=own.id,
        account_id=one.account_id,
        partner_name=own.name,
        masked_name=mask_name(one.full_name),
        invited_by=ctx.actor.account_id,
        state=SpecialistInvitationState.INVITED,
        sent_count=1,
        sent_that_day=1,
        **_sending(ctx, own),
    )
    _send(ctx, own, invitation)
    return invitation


async def _own_locked(ctx: Context) -> Partner:
    """The acting partner, locked: what it sends on one day is counted under this lock."""
    return await Partner.filter(id=ctx.actor.partner_id).select_for_update(no_key=True).get()


def _sending(ctx: Context, own: Partner) -> dict[str, Any]:
    """What an invitation gets each time it is sent: a link of its own, the day, and its end."""
    nonce = new_salt()
    return {
        "nonce": nonce,
        "token_digest": digest(token_of(ctx.secret, nonce)),
        "sent_at": ctx.now,
        "sent_on": day_of(ctx.now, Site(own.site)),
        "valid_until": compute_invitation_end(ctx.now, policy=ctx.policy_of(own)),
    }


def _send(ctx: Context, own: Partner, invitation: SpecialistInvitation) -> None:
    ctx.enqueue(
        TOPIC,
        f"{invitation.id}:{invitation.sent_count}",
        max_attempts=SEND_ATTEMPTS,
        expires_in=(invitation.valid_until - ctx.now).total_seconds(),
        invitation_id=str(invitation.id),
        sent_count=invitation.sent_count,
    )
    ctx.notify(
        "specialist_invited",
        Somebody(Account, invitation.account_id),
        about=invitation,
        names={"partner": own},
        instants={"deadline": invitation.valid_until},
    )
    ctx.event("specialist_invitation.sent", invitation)
    ctx.effect("specialist_invitation.sent", invitation)


@command(
    permission=Permission.SPECIALISTS_INVITE,
    refuses=(
        ErrorCode.STATE_CONFLICT,
        ErrorCode.INVITE_TOO_SOON,
        ErrorCode.INVITE_DAILY_LIMIT,
        ErrorCode.INVITE_NOT_ENTITLED,
        ErrorCode.PARTNER_FROZEN,
    ),
    emits=("specialist_invitation.sent",),
    sensitive=True,
)
async def resend_specialist_invitation(ctx: Context, *, invitation_id: UUID) -> SpecialistInvitation:
    """Sends an invitation again with a new link, which opens as long as a first one; the old link opens no more."""
    own = await _own_locked(ctx)
    invitation = await access_invitation(ctx, invitation_id)
    sent, policy = await sent_today(ctx, own), ctx.policy_of(own)
    refusals = check_resend(state_of(ctx, invitation), invitation.sent_at, sent_today=sent, now=ctx.now, policy=policy)
    require(await entitlement(own) + refusals)
    fresh = _sending(ctx, own)
    that_day = invitation.sent_that_day + 1 if fresh["sent_on"] == invitation.sent_on else 1
    await invitation.change(now=ctx.now, sent_count=invitation.sent_count + 1, sent_that_day=that_day, **fresh)
    _send(ctx, own, invitation)
    return invitation


@command(
    permission=Permission.SPECIALISTS_INVITE,
    refuses=(ErrorCode.STATE_CONFLICT,),
    emits=("specialist_invitation.revoked",),
)
async def revoke_specialist_invitation(ctx: Context, *, invitation_id: UUID) -> SpecialistInvitation:
    """Takes an invitation back: its link opens no more."""
    invitation = await access_invitation(ctx, invitation_id)
    require(INVITATION.check(state_of(ctx, invitation), "revoke"))
    await invitation.change(now=ctx.now, state=INVITATION.after(invitation.state, "revoke"))
    ctx.event("specialist_invitation.revoked", invitation)
    ctx.effect("specialist_invitation.revoked", invitation)
    return invitation
