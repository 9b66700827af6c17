"""Whom a notice reaches, where, in which words and when: asked by the worker at the moment of sending."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from core import db
from core.scope import EVERYTHING
from models.accounts import Account
from models.base import Row
from models.customers import Customer
from models.messages import MessageContact, MessageRecipient, MessageSetting
from models.partners import Partner
from models.policy import PolicyValue
from models.schedules import calendar_entries
from resolvers.messages.reading import channels_of
from resolvers.policy import open_book
from rules.access import Role
from rules.accounts import AccountStatus
from rules.messages import (
    ALL_CHANNELS,
    TYPE_OF,
    TYPES,
    MessageChannel,
    MessageType,
    check_account,
    compute_send_at,
    zone_of,
)
from rules.sites import Site


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody to be told: the account that keeps the message (None for a contact), the ways to it, how it reads.

    `channels` are those that its partner has left on for the type; `of_partner` says that it has one.
    """

    account_id: UUID | None
    site: Site
    email: str | None
    mobile: str | None
    locale: str
    zone: ZoneInfo
    channels: frozenset[MessageChannel]
    of_partner: bool


async def address(row: Row, kind: MessageType) -> Addressee:
    """An account, a customer or a contact as the recipient of a message of this type; joins the open read."""
    account = await Account.get(id=row.account_id) if isinstance(row, Customer) else row
    if not isinstance(account, Account | MessageContact):
        raise TypeError(f"nobody is behind a {type(row).__name__}")
    partner = await Partner.get_or_none(id=account.partner_id) if account.partner_id is not None else None
    reached = row if isinstance(row, Customer) else account
    site = Site(account.site) if isinstance(account, Account) else Site(partner.site if partner else Site.CN)
    chosen = (account, partner) if isinstance(account, Account) else (partner,)
    return Addressee(
        account_id=account.id if isinstance(account, Account) else None,
        site=site,
        email=reached.reached_by_email if isinstance(reached, MessageContact) else reached.email,
        mobile=reached.reached_by_mobile if isinstance(reached, MessageContact) else reached.mobile,
        locale=next((one.locale for one in chosen if one is not None and one.locale is not None), site.locale),
        zone=zone_of(site, *(one.time_zone for one in chosen if one is not None)),
        channels=await _channels(account.partner_id, kind),
        of_partner=account.partner_id is not None,
    )


async def _channels(partner_id: UUID | None, kind: MessageType) -> frozenset[MessageChannel]:
    setting = await _setting(partner_id, kind)
    return ALL_CHANNELS if setting is None else setting.channels


async def _setting(partner_id: UUID | None, kind: MessageType) -> MessageSetting | None:
    if partner_id is None or TYPES[kind].fixed:
        return None
    return await MessageSetting.filter(partner_id=partner_id, type=kind).first()


async def recipients(partner: Partner, template: str) -> Sequence[Account | MessageContact]:
    """Who gets this message to a partner: those it has chosen for its type, by default its administrators. Of its
    accounts only the main one where no other sees what the type is about.

    Accounts that are disabled get none, nor do contacts that the message does not reach: by none of its channels that
    are left on has a code confirmed them. If nobody else is left, it is the administrators after all.
    """
    kind = TYPE_OF[template]
    accounts = await Account.filter(partner_id=partner.id, status=AccountStatus.ACTIVE).order_by("id")
    accounts = [row for row in accounts if not check_account(kind, is_main=row.is_main)]
    administrators = [row for row in accounts if row.is_main or Role.SYSTEM_ADMIN in row.roles]
    setting = await MessageSetting.filter(partner_id=partner.id, type=kind).first()
    if setting is None or TYPES[kind].personal:
        return administrators
    chosen = await MessageRecipient.filter(setting_id=setting.id)
    named = {row.account_id for row in chosen} | (
        {row.id for row in administrators} if setting.administrators else set()
    )
    contacts = await MessageContact.filter(id__in=[row.contact_id for row in chosen if row.contact_id]).order_by("id")
    reached = [row for row in contacts if row.is_reached_by(channels_of(template) & setting.channels)]
    return [*(row for row in accounts if row.id in named), *reached] or administrators


async def time_to_wait(to: Addressee, kind: MessageType, now: datetime) -> timedelta:
    """How long, from `now` of business time, a message waits for the working hours of its recipient."""
    if TYPES[kind].urgent:
        return timedelta(0)
    async with db.read(EVERYTHING):
        policy = open_book(await PolicyValue.all()).at(to.site, now)
        entries = await calendar_entries(to.site)
    return compute_send_at(now, to.zone, policy=policy, entries=entries) - now
