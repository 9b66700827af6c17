"""A contact without an account gets nothing until a code that came there was told: nobody is written to unasked."""

from uuid import UUID

from models.messages import MessageContact
from models.verifications import Verification
from resolvers import codes
from resolvers.accounts.contacts import column_of
from resolvers.accounts.signing import SENT_CODE_REFUSALS
from resolvers.command import command
from resolvers.context import Context
from resolvers.messages.recipients import visible
from resolvers.messages.settings import lock_settings
from rules.access import Permission
from rules.errors import ErrorCode, refuse, require
from rules.messages import check_unconfirmed
from rules.sites import Site
from rules.verifications import Channel, Scene


@command(
    permission=Permission.MESSAGES_CHANGE_SETTINGS,
    refuses=(
        ErrorCode.CONTACT_NOT_BOUND,
        ErrorCode.MESSAGE_CONTACT_CONFIRMED,
        ErrorCode.CODE_TOO_SOON,
        ErrorCode.CODE_SEND_LIMIT,
    ),
    as_system=True,
)
async def request_message_contact_code(ctx: Context, *, contact_id: UUID, channel: Channel) -> Verification:
    """Sends a code to the contact's mobile number or e-mail address; who gets it tells you, and confirmMessageContact
    takes it.
    """
    partner = await lock_settings(ctx)
    contact = await visible(ctx).filter(id=contact_id).first()
    if contact is None:
        raise refuse(ErrorCode.NOT_FOUND, "input", "id")
    target: str | None = getattr(contact, column_of(channel))
    if target is None:
        raise refuse(ErrorCode.CONTACT_NOT_BOUND, "input", "channel")
    require(check_unconfirmed(getattr(contact, f"{column_of(channel)}_confirmed_at")))
    to = codes.Recipient(Site(partner.site), channel, target, ctx.actor.account_id, partner.id)
    code = await codes.issue(ctx, Scene.CONFIRM_CONTACT, to, fingerprint=contact.id.bytes)
    ctx.effect("message_contact.code_requested", contact)
    return code


async def _try_code(ctx: Context, *, verification_id: UUID, code: str) -> codes.TriedCode:
    return await codes.attempt(ctx, verification_id, Scene.CONFIRM_CONTACT, code)


@command(
    permission=Permission.MESSAGES_CHANGE_SETTINGS,
    refuses=SENT_CODE_REFUSALS,
    emits=("message_contact.confirmed",),
    as_system=True,
    secret=_try_code,
)
async def confirm_message_contact(ctx: Context, *, verification_id: UUID, code: str) -> MessageContact:
    """Confirms a contact with the code that came there, asked for by your own account. From now on it gets messages."""
    tried: codes.TriedCode = ctx.verdict
    proven = tried.require(ctx)
    await lock_settings(ctx)
    contact = await visible(ctx).filter(id=UUID(bytes=proven.fingerprint)).first()
    if contact is None:
        raise refuse(ErrorCode.NOT_FOUND, "input", "verificationId")
    await codes.spend(ctx, proven)
    await contact.change(now=ctx.now, **{f"{column_of(proven.channel)}_confirmed_at": ctx.now})
    ctx.event("message_contact.confirmed", contact, channel=proven.channel.value)
    ctx.effect("message_contact.confirmed", contact)
    return contact
