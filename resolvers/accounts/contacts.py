"""Another mobile number or e-mail address: one code proves who asks, a second one that the new contact is his."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from tortoise.expressions import Q

from models.accounts import Account, ContactChange, QuickRegistration
from models.customers import Customer
from models.resellers import ResellerApplication, ResellerLink
from models.verifications import Verification
from resolvers import codes
from resolvers.accounts.passwords import void_tickets
from resolvers.accounts.signing import CONTACT_REFUSALS, SENT_CODE_REFUSALS, find_account
from resolvers.command import StepUp, command
from resolvers.context import Context
from rules.access import Permission
from rules.accounts import check_contact_change, check_lock
from rules.customers import INVITATION, InvitationState
from rules.errors import ErrorCode, refuse, require
from rules.resellers import LIVE, OPEN
from rules.sites import Site
from rules.verifications import Channel, CodeState, Scene

CONTACT_TOPIC = "contact_change"
SEND_ATTEMPTS = 12


def column_of(channel: Channel) -> str:
    """The column of an account, and of the copies of its contacts, that a channel leads to."""
    return "mobile" if channel is Channel.SMS else "email"


def _proven_by(given: Mapping[str, Any]) -> Channel | None:
    channel: Channel | None = given.get("prove_by")
    return channel


@command(
    permission=Permission.ACCOUNTS_CHANGE_CONTACT,
    refuses=(*CONTACT_REFUSALS, ErrorCode.CONTACT_UNCHANGED),
    step_up=StepUp.ALWAYS,
    step_up_by=_proven_by,
    as_system=True,
)
async def request_contact_change(
    ctx: Context, *, mobile: str | None = None, email: str | None = None, prove_by: Channel | None = None
) -> Verification:
    """Sends a code to the mobile number or e-mail address that your account shall have; changeContact takes it.

    Always needs a code sent to a present contact first: by the site's channel, or by the one you name when you can no
    longer read the other. Whether somebody has the new contact shows nowhere in the answer.
    """
    account = await Account.get(id=ctx.actor.account_id)
    site = Site(account.site)
    channel, target = codes.normalise_target(ctx, site, mobile, email)
    require(check_contact_change(getattr(account, column_of(channel)), target, field=column_of(channel)))
    to = codes.Recipient(site, channel, target, account.id, ctx.actor.partner_id)
    code = await codes.issue(ctx, Scene.CHANGE_CONTACT, to)
    ctx.effect("account.contact_change_requested", account)
    return code


async def _try_code(ctx: Context, *, verification_id: UUID, code: str) -> codes.TriedCode:
    return await codes.attempt(ctx, verification_id, Scene.CHANGE_CONTACT, code)


@command(
    permission=Permission.ACCOUNTS_CHANGE_CONTACT,
    refuses=(*SENT_CODE_REFUSALS, ErrorCode.ACCOUNT_LOCKED, ErrorCode.CONTACT_TAKEN),
    emits=("account.contact_changed",),
    as_system=True,
    secret=_try_code,
)
async def change_contact(ctx: Context, *, verification_id: UUID, code: str) -> Account:
    """Gives your account the contact that the code was sent to; CONTACT_TAKEN only after the right code.

    The old contact and the account are told. Codes and links that were sent to the old contact open nothing more.
    """
    tried: codes.TriedCode = ctx.verdict
    proven = tried.require(ctx)
    account = await Account.filter(id=proven.account_id).select_for_update().get()
    require(check_lock(account.locked_until, now=ctx.now))
    if await find_account(Site(proven.site), proven.channel, proven.target) is not None:
        raise refuse(ErrorCode.CONTACT_TAKEN, "input", "verificationId", rule="accounts.contact")
    await codes.spend(ctx, proven)
    column = column_of(proven.channel)
    previous: str | None = getattr(account, column)
    await account.change(now=ctx.now, **{column: proven.target})
    await _follow(account, column)
    await _part_with(ctx, account, proven.channel, previous)
    ctx.event("account.contact_changed", account, channel=proven.channel.value)
    ctx.effect("account.contact_changed", account)
    ctx.notify("mobile_changed" if proven.channel is Channel.SMS else "email_changed", account, about=account)
    return account


async def _follow(account: Account, column: str) -> None:
    """The copies that customers' partners and resellers' distributors see follow the account."""
    contact = {column: getattr(account, column)}
    await Customer.filter(account_id=account.id).update(**contact)
    if account.is_main:
        await ResellerLink.filter(reseller_id=account.partner_id, status__in=LIVE).update(**contact)
        await ResellerApplication.filter(partner_id=account.partner_id, status__in=OPEN).update(**contact)


async def _part_with(ctx: Context, account: Account, channel: Channel, previous: str | None) -> None:
    """Tells the old contact, which may be all that the rightful owner still reads, and ends whatever was sent to it."""
    if previous is None:
        return
    # A member's code for a new password is counted by what was asked: its target names no contact.
    sent = Q(target=previous) | Q(scene=Scene.RESET_MEMBER_PASSWORD)
    await Verification.filter(sent, account_id=account.id, state__in=(CodeState.PENDING, CodeState.SENT)).update(
        state=CodeState.SUPERSEDED
    )
    await void_tickets(ctx, account.id)
    if channel is Channel.EMAIL:
        await _revoke_link(ctx, account)
    change = await ContactChange.create(account_id=account.id, channel=channel, previous=previous, created_at=ctx.now)
    ctx.enqueue(CONTACT_TOPIC, str(change.id), max_attempts=SEND_ATTEMPTS, change_id=str(change.id))


async def _revoke_link(ctx: Context, account: Account) -> None:
    """The link for a further account of the company, which went by mail."""
    links = QuickRegistration.filter(account_id=account.id, state=InvitationState.ACTIVE)
    link = await links.select_for_update().first()
    if link is not None:
        await link.change(now=ctx.now, state=INVITATION.after(link.state, "revoke"))
