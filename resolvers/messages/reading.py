"""What people were told, as they find it inside the product: their own messages, and marking them as read."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from tortoise.queryset import QuerySet

from core import db
from core.i18n import Locale
from core.templates import AppText, load_templates
from models.messages import Message
from resolvers.command import Key, command
from resolvers.context import Context
from resolvers.nodes import findable
from resolvers.pages import COUNTED
from resolvers.query import query
from rules.access import Permission
from rules.errors import ErrorCode, Violation, refuse, require
from rules.messages import TYPE_OF, MessageChannel, MessageType, zone_of

TEMPLATES = load_templates()
if untyped := {name for locale in TEMPLATES.locales for name in TEMPLATES.names(locale)} ^ set(TYPE_OF):
    raise LookupError(f"rules/messages.toml and locales/messages.*.toml name different messages: {sorted(untyped)}")

_CHANNELS = {"app": MessageChannel.SITE, "email": MessageChannel.EMAIL, "sms": MessageChannel.SMS}

_NAMES = "select message_id, parameter, name from guard_message_names($1, $2)"


def visible(ctx: Context) -> QuerySet[Message]:
    """Everybody's own messages, and nobody else's: the vendor's staff reads no partner's either."""
    return Message.filter(account_id=ctx.actor.account_id)


findable(Message, Permission.MESSAGES_READ, visible)


def channels_of(template: str) -> frozenset[MessageChannel]:
    """The channels that a message has, in each language the same."""
    return frozenset(_CHANNELS[name] for name in TEMPLATES.get(template, Locale.EN).channels)


def channels_of_type(kind: MessageType) -> frozenset[MessageChannel]:
    """The channels that any message of the type has."""
    return frozenset[MessageChannel]().union(*(channels_of(name) for name, of in TYPE_OF.items() if of is kind))


@query(permission=Permission.MESSAGES_READ)
def messages(ctx: Context, *, unread_only: bool = False) -> QuerySet[Message]:
    """The caller's messages, all or those not read yet."""
    rows = visible(ctx)
    return rows.filter(read_at__isnull=True) if unread_only else rows


async def texts_of(ctx: Context, parents: Sequence[Message]) -> list[AppText]:
    """The words of each message in the reader's language. One statement for all the names in them."""
    names: dict[UUID, dict[str, str]] = defaultdict(dict)
    naming = [row.id for row in parents if row.parameters.get("names")]
    for told in await db.fetch(_NAMES, ctx.actor.account_id, naming) if naming else ():
        names[told["message_id"]][told["parameter"]] = told["name"]
    zone = zone_of(ctx.actor.site, ctx.actor.time_zone)
    return [
        TEMPLATES.app(row.template, ctx.locale, written(row.parameters, names[row.id], ctx.locale, zone))
        for row in parents
    ]


def written(parameters: Mapping[str, Any], names: Mapping[str, str], locale: str, zone: ZoneInfo) -> dict[str, str]:
    """A notice's parameters as people of the zone read them: instants to the minute, with the zone's name."""
    facts = parameters.get("facts", {})
    instants = {
        name: datetime.fromisoformat(text).astimezone(zone).strftime("%Y-%m-%d %H:%M %Z")
        for name, text in parameters.get("instants", {}).items()
    }
    said = {name: fact if isinstance(fact, str) else fact.get(locale, "–") for name, fact in facts.items()}
    return {**said, **names, **instants}


@dataclass(frozen=True, slots=True)
class Marked:
    """How many messages were unread until now, and those that were named."""

    marked: int
    messages: list[Message] | None


@command(
    permission=Permission.MESSAGES_MARK_READ,
    refuses=(ErrorCode.REQUIRED, ErrorCode.INVALID_FORMAT),
    key=Key.OPTIONAL,
)
async def mark_message_read(ctx: Context, *, message_ids: Sequence[UUID] | None = None, all: bool = False) -> Marked:
    """Marks messages of yours as read: those named by their ids, or all of them. One that is read stays as it is.

    With an id that is not one of your messages' nothing is marked.
    """
    if bool(message_ids) == all:
        raise refuse(ErrorCode.INVALID_FORMAT if all else ErrorCode.REQUIRED, "input", "all" if all else "ids")
    named = None if all else await _named(ctx, message_ids or ())
    wanted = visible(ctx).filter(read_at__isnull=True)
    if named is not None:
        wanted = wanted.filter(id__in=[row.id for row in named])
    marked = await wanted.update(read_at=ctx.now)
    ctx.effect("messages.marked_read", count=str(marked))
    return Marked(marked, named)


async def _named(ctx: Context, message_ids: Sequence[UUID]) -> list[Message]:
    """The messages in the order of their ids, as they will be; refuses with a NOT_FOUND for each that is no own one."""
    found = {row.id: row for row in await visible(ctx).filter(id__in=message_ids).select_for_update(no_key=True)}
    strangers = [place for place, row_id in enumerate(message_ids) if row_id not in found]
    require([Violation(ErrorCode.NOT_FOUND, ("input", "ids", str(place))) for place in strangers])
    for row in found.values():
        row.read_at = row.read_at or ctx.now
    return [found[row_id] for row_id in message_ids]


async def unread_count(ctx: Context) -> tuple[int, bool]:
    """How many of the caller's messages are unread, and whether that is exact; counting stops at ten thousand."""
    found = len(await messages(ctx, unread_only=True).limit(COUNTED + 1).values_list("id", flat=True))
    return min(found, COUNTED), found <= COUNTED
