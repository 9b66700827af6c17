"""How a partner gets each type of messages, and in which language and time zone people are written to."""

from collections.abc import Mapping
from typing import Any, TypedDict, Unpack
from uuid import UUID

from tortoise.queryset import QuerySet

from core.i18n import Locale
from models.accounts import Account
from models.messages import MessageSetting
from models.partners import Partner
from resolvers.command import command, expect_version
from resolvers.context import Context
from resolvers.query import query
from rules.access import Permission
from rules.errors import ErrorCode, Violation, refuse, require
from rules.messages import TYPES, MessageChannel, MessageType, check_channels, check_zone


class Preferences(TypedDict, total=False):
    """What is to change; None goes back to what holds for those who have chosen nothing."""

    locale: str | None
    time_zone: str | None


def visible(ctx: Context) -> QuerySet[MessageSetting]:
    """The settings of the actor's partner, of the types it has set anything about."""
    return MessageSetting.filter(partner_id=ctx.actor.partner_id)


@query(permission=Permission.MESSAGES_READ_SETTINGS)
async def message_settings(ctx: Context) -> list[MessageSetting]:
    """The partner's settings of every type, in the catalogue's order; for a type never set what holds without."""
    stored = {row.type: row for row in await visible(ctx)}
    return [stored.get(kind) or MessageSetting(partner_id=_partner_of(ctx), type=kind) for kind in TYPES]


def _partner_of(ctx: Context) -> UUID:
    assert ctx.actor.partner_id is not None
    return ctx.actor.partner_id


async def lock_settings(ctx: Context) -> Partner:
    """The actor's partner, locked: what changes its settings, contacts and recipients comes one after the other."""
    return await Partner.filter(id=_partner_of(ctx)).select_for_update(no_key=True).get()


async def setting_of(ctx: Context, kind: MessageType) -> MessageSetting:
    """The partner's setting of a type, made where there was none; the partner is locked."""
    found = await visible(ctx).filter(type=kind).first()
    return found or await MessageSetting.insert(now=ctx.now, partner_id=_partner_of(ctx), type=kind)


@command(
    permission=Permission.MESSAGES_CHANGE_SETTINGS,
    refuses=(ErrorCode.REQUIRED, ErrorCode.MESSAGE_CHANNEL_FIXED),
    emits=("message_setting.changed",),
)
async def set_message_channels(
    ctx: Context,
    *,
    type: MessageType,
    on_site: bool | None = None,
    by_email: bool | None = None,
    by_sms: bool | None = None,
) -> MessageSetting:
    """Chooses by which channels the partner's people get a type of messages; those left out stay as they are.

    Messages about security, the account and its balance go by every channel. A message takes the channels that it has:
    most have a mail and a place inside the product, few an SMS.
    """
    chosen: Mapping[MessageChannel, bool | None] = {
        MessageChannel.SITE: on_site,
        MessageChannel.EMAIL: by_email,
        MessageChannel.SMS: by_sms,
    }
    if all(on is None for on in chosen.values()):
        raise refuse(ErrorCode.REQUIRED, "input")
    require(check_channels(type, chosen))
    await lock_settings(ctx)
    setting = await setting_of(ctx, type)
    await setting.change(now=ctx.now, **{channel.field: on for channel, on in chosen.items() if on is not None})
    shown: dict[str, Any] = {channel.field: channel in setting.channels for channel in MessageChannel}
    ctx.event("message_setting.changed", setting, message_type=type.value, **shown)
    ctx.effect("message_setting.changed", setting, type=type.value)
    return setting


def check_preferences(chosen: Preferences) -> list[Violation]:
    """REQUIRED when nothing is chosen, INVALID_FORMAT for a language or a zone that is none."""
    if not chosen:
        return [Violation(ErrorCode.REQUIRED, ("input",))]
    locale, zone = chosen.get("locale"), chosen.get("time_zone")
    wrong = (
        [] if locale is None or locale in list(Locale) else [Violation(ErrorCode.INVALID_FORMAT, ("input", "locale"))]
    )
    return wrong if zone is None else wrong + check_zone(zone, "input", "timeZone")


@command(
    permission=Permission.MESSAGES_SET_OWN,
    refuses=(ErrorCode.REQUIRED, ErrorCode.INVALID_FORMAT),
    emits=("account.preferences_changed",),
)
async def set_own_preferences(
    ctx: Context, *, expected_version: int | None = None, **chosen: Unpack[Preferences]
) -> Account:
    """Chooses the language and the time zone in which you are written to; what is left out stays as it is.

    Null goes back to your partner's choice, or where it has none to your site's.
    """
    require(check_preferences(chosen))
    own = await Account.filter(id=ctx.actor.account_id).select_for_update(no_key=True).get()
    expect_version(own, expected_version)
    await own.change(now=ctx.now, **chosen)
    ctx.event("account.preferences_changed", own, **chosen)
    ctx.effect("account.preferences_changed", own)
    return own


@command(
    permission=Permission.MESSAGES_CHANGE_SETTINGS,
    refuses=(ErrorCode.REQUIRED, ErrorCode.INVALID_FORMAT),
    emits=("partner.preferences_changed",),
)
async def set_partner_preferences(
    ctx: Context, *, expected_version: int | None = None, **chosen: Unpack[Preferences]
) -> Partner:
    """Chooses the language and the time zone in which the partner's people and contacts are written to; null goes back
    to the site's. What an account has chosen for itself holds for it.
    """
    require(check_preferences(chosen))
    own = await lock_settings(ctx)
    expect_version(own, expected_version)
    await own.change(now=ctx.now, **chosen)
    ctx.event("partner.preferences_changed", own, **chosen)
    ctx.effect("partner.preferences_changed", own)
    return own
