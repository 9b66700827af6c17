"""Who gets a partner's messages: its administrators, accounts of it by name, and contacts without an account."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tortoise.queryset import QuerySet

from models.accounts import Account
from models.messages import MessageContact, MessageRecipient, MessageSetting
from resolvers.command import command
from resolvers.context import Context
from resolvers.messages.reading import channels_of_type
from resolvers.messages.settings import lock_settings, setting_of
from resolvers.nodes import findable
from resolvers.query import query
from resolvers.related import to_one
from rules.access import Permission
from rules.accounts import AccountStatus
from rules.contacts import normalise_email, normalise_mobile
from rules.errors import ErrorCode, Violation, refuse, require
from rules.messages import (
    MessageType,
    check_account,
    check_contacts,
    check_has_recipients,
    check_recipients,
    check_recipients_left,
)

_CHOICE = (ErrorCode.REQUIRED, ErrorCode.INVALID_FORMAT, ErrorCode.MESSAGE_TYPE_PERSONAL)


def visible(ctx: Context) -> QuerySet[MessageContact]:
    """The contacts of the actor's partner."""
    return MessageContact.filter(partner_id=ctx.actor.partner_id)


findable(MessageContact, Permission.MESSAGES_READ_SETTINGS, visible)
accounts_of = to_one("account_id", Account)
contacts_of = to_one("contact_id", MessageContact)


@query(permission=Permission.MESSAGES_READ_SETTINGS)
def message_contacts(ctx: Context) -> QuerySet[MessageContact]:
    """The partner's contacts."""
    return visible(ctx)


async def recipients_of(ctx: Context, parents: Sequence[MessageSetting]) -> list[list[MessageRecipient]]:
    """The accounts and contacts of each setting, in the order they were added. One statement."""
    found: dict[UUID, list[MessageRecipient]] = defaultdict(list)
    for row in await MessageRecipient.filter(setting_id__in=[row.id for row in parents]).order_by("id"):
        found[row.setting_id].append(row)
    return [found[row.id] for row in parents]


@command(
    permission=Permission.MESSAGES_CHANGE_SETTINGS,
    refuses=(ErrorCode.CONTACT_REQUIRED, ErrorCode.EMAIL_INVALID, ErrorCode.MOBILE_INVALID,
             ErrorCode.MOBILE_NOT_OF_SITE, ErrorCode.REQUIRED, ErrorCode.TOO_MANY),
    emits=("message_contact.added",),
)  # fmt: skip
async def add_message_contact(
    ctx: Context, *, name: str, email: str | None = None, mobile: str | None = None
) -> MessageContact:
    """Adds somebody without an account who can be made a recipient of the partner's messages.

    An e-mail address or a mobile number is needed. Contacts get mail and SMS and nothing inside the product, each only
    after a code has confirmed it: requestMessageContactCode, confirmMessageContact.
    """
    violations = [] if name.strip() else [Violation(ErrorCode.REQUIRED, ("input", "name"))]
    given = {
        "email": None if email is None else normalise_email(email, path=("input", "email")),
        "mobile": None if mobile is None else normalise_mobile(mobile, policy=ctx.policy, path=("input", "mobile")),
    }
    violations += [found for found in given.values() if isinstance(found, Violation)]
    if email is None and mobile is None:
        violations.append(Violation(ErrorCode.CONTACT_REQUIRED, ("input",)))
    partner = await lock_settings(ctx)
    require(violations + check_contacts(await visible(ctx).count(), policy=ctx.policy))
    contact = await MessageContact.insert(now=ctx.now, partner_id=partner.id, name=name.strip(), **given)
    ctx.event("message_contact.added", contact)
    ctx.effect("message_contact.added", contact)
    return contact


@command(
    permission=Permission.MESSAGES_CHANGE_SETTINGS,
    refuses=(ErrorCode.LAST_RECIPIENT,),
    emits=("message_contact.removed",),
)
async def remove_message_contact(ctx: Context, *, contact_id: UUID) -> MessageContact:
    """Removes a contact, also from the recipients of every type. Refused while it is the last one of any."""
    await lock_settings(ctx)
    contact = await visible(ctx).filter(id=contact_id).first()
    if contact is None:
        raise refuse(ErrorCode.NOT_FOUND, "input", "id")
    receives = await MessageRecipient.filter(contact_id=contact_id)
    settings = await MessageSetting.filter(id__in=[row.setting_id for row in receives]).order_by("type")
    gone = {row.id for row in receives}
    require(check_recipients_left({row.type: await _left(row, gone) for row in settings}, "input", "id"))
    await MessageRecipient.filter(contact_id=contact_id).delete()
    await contact.delete()
    ctx.event("message_contact.removed", contact)
    ctx.effect("message_contact.removed", contact)
    return contact


@dataclass(frozen=True, slots=True)
class _Whom:
    """One recipient as the caller names it: exactly one of the three."""

    administrators: bool
    member_id: UUID | None
    contact_id: UUID | None

    def check(self, kind: MessageType) -> list[Violation]:
        """REQUIRED for none, INVALID_FORMAT for several, and whether the type has recipients to choose."""
        named = sum((self.administrators, self.member_id is not None, self.contact_id is not None))
        wrong = [Violation(ErrorCode.INVALID_FORMAT if named else ErrorCode.REQUIRED, ("input",))] if named != 1 else []
        return wrong + check_has_recipients(kind)

    def among(self, rows: Sequence[MessageRecipient]) -> set[UUID]:
        """The ids of those of the rows that stand for it."""
        if self.administrators:
            return set()
        return {row.id for row in rows if (row.account_id, row.contact_id) == (self.member_id, self.contact_id)}

    def told(self) -> dict[str, Any]:
        """How the event log calls it."""
        return {
            "administrators": self.administrators,
            "member_id": self.member_id,
            "contact_id": self.contact_id,
        }


@command(
    permission=Permission.MESSAGES_CHANGE_SETTINGS,
    refuses=(*_CHOICE, ErrorCode.MESSAGE_TYPE_MAIN_ACCOUNT, ErrorCode.TOO_MANY),
    emits=("message_recipient.added",),
)
async def add_message_recipient(
    ctx: Context,
    *,
    type: MessageType,
    administrators: bool = False,
    member_id: UUID | None = None,
    contact_id: UUID | None = None,
) -> MessageSetting:
    """Makes the administrators, an account of the partner or a contact a recipient of a type; one that is stays one."""
    whom = _Whom(administrators, member_id, contact_id)
    require(whom.check(type))
    await lock_settings(ctx)
    await _require_own(ctx, whom, type)
    setting = await setting_of(ctx, type)
    if administrators:
        await setting.change(now=ctx.now, administrators=True)
    elif not whom.among(present := await _rows(setting)):
        require(check_recipients(len(present), policy=ctx.policy))
        await MessageRecipient.create(
            partner_id=setting.partner_id, setting_id=setting.id, account_id=member_id, contact_id=contact_id
        )
    ctx.event("message_recipient.added", setting, message_type=type.value, **whom.told())
    ctx.effect("message_recipient.added", setting, type=type.value)
    return setting


@command(
    permission=Permission.MESSAGES_CHANGE_SETTINGS,
    refuses=(*_CHOICE, ErrorCode.LAST_RECIPIENT),
    emits=("message_recipient.removed",),
)
async def remove_message_recipient(
    ctx: Context,
    *,
    type: MessageType,
    administrators: bool = False,
    member_id: UUID | None = None,
    contact_id: UUID | None = None,
) -> MessageSetting:
    """Takes the administrators, an account or a contact from the recipients of a type. Each type keeps at least one.

    A recipient whose account is disabled or may not get the type does not count as one that is left, nor does a contact
    that is confirmed by no channel that the type's messages have and that is left on.
    """
    whom = _Whom(administrators, member_id, contact_id)
    require(whom.check(type))
    await lock_settings(ctx)
    setting = await setting_of(ctx, type)
    gone = whom.among(await _rows(setting))
    if not administrators and not gone:
        raise refuse(ErrorCode.NOT_FOUND, "input", "contactId" if member_id is None else "memberId")
    require(check_recipients_left({type: await _left(setting, gone, administrators_gone=administrators)}, "input"))
    if administrators:
        await setting.change(now=ctx.now, administrators=False)
    await MessageRecipient.filter(id__in=gone).delete()
    ctx.event("message_recipient.removed", setting, message_type=type.value, **whom.told())
    ctx.effect("message_recipient.removed", setting, type=type.value)
    return setting


async def _require_own(ctx: Context, whom: _Whom, kind: MessageType) -> None:
    if whom.member_id is not None:
        accounts = Account.filter(partner_id=ctx.actor.partner_id, status=AccountStatus.ACTIVE)
        account = await accounts.filter(id=whom.member_id).first()
        if account is None:
            raise refuse(ErrorCode.NOT_FOUND, "input", "memberId")
        require(check_account(kind, is_main=account.is_main))
    if whom.contact_id is not None and not await visible(ctx).filter(id=whom.contact_id).exists():
        raise refuse(ErrorCode.NOT_FOUND, "input", "contactId")


async def _rows(setting: MessageSetting) -> list[MessageRecipient]:
    return await MessageRecipient.filter(setting_id=setting.id)


async def _left(setting: MessageSetting, gone: Collection[UUID], *, administrators_gone: bool = False) -> int:
    """How many recipients a type has without these: active accounts that may get it, and contacts that its messages
    reach. The administrators count as one, for there is always one.
    """
    rows = [row for row in await _rows(setting) if row.id not in gone]
    named = [row.account_id for row in rows if row.account_id is not None]
    contacts = [row.contact_id for row in rows if row.contact_id is not None]
    active = await Account.filter(id__in=named, status=AccountStatus.ACTIVE) if named else []
    reached = sum(not check_account(setting.type, is_main=account.is_main) for account in active)
    channels = channels_of_type(setting.type) & setting.channels
    told = await MessageContact.filter(id__in=contacts) if contacts else []
    reached += sum(contact.is_reached_by(channels) for contact in told)
    return reached + (setting.administrators and not administrators_gone)
