"""Messages to people: their types, what a partner sets about each, the hours they go out in; notices in the pages."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from rules.access import PARTNER_ROLES, SIGNED_IN, VENDOR_ROLES, Role
from rules.calendar import NO_ENTRIES, Entries, is_settled, is_working_day
from rules.errors import ErrorCode, Violation
from rules.policy import (
    MESSAGES_CONTACTS_MAX,
    MESSAGES_HOURS_FROM,
    MESSAGES_HOURS_UNTIL,
    MESSAGES_RECIPIENTS_MAX,
    MESSAGES_WORKING_DAYS,
    Policy,
)
from rules.registry import rule
from rules.sites import Site

_CENTRE_PAGE = "https://support.huaweicloud.com/intl/id-id/mc_faq/mc_faq_005.html"
_ZONE_PAGE = "https://support.huaweicloud.com/intl/zh-cn/usermanual-bpconsole/zh-cn_topic_0072335190.html"

_WEB = re.compile(r"https?://[^\s/]+\S*")
_ONE_DAY = timedelta(days=1)
_DAYS_LOOKED_AT = 31
_WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")


class MessageType(StrEnum):
    """What a message is about, as people choose how to get it."""

    VERIFICATION = "VERIFICATION"
    SECURITY = "SECURITY"
    INVITATION = "INVITATION"
    REVIEW = "REVIEW"
    ASSESSMENT = "ASSESSMENT"
    ACCOUNT_CHANGE = "ACCOUNT_CHANGE"
    ACCOUNT_BALANCE = "ACCOUNT_BALANCE"
    PLAN = "PLAN"
    PATH = "PATH"
    CUSTOMER = "CUSTOMER"
    ASSOCIATION = "ASSOCIATION"
    RESELLER = "RESELLER"
    SPECIALIST = "SPECIALIST"
    VOUCHER = "VOUCHER"
    PERFORMANCE = "PERFORMANCE"
    INCENTIVE = "INCENTIVE"
    OPPORTUNITY = "OPPORTUNITY"
    BUSINESS_INFO = "BUSINESS_INFO"
    FEED = "FEED"
    FUND = "FUND"


class MessageChannel(StrEnum):
    """A way to somebody: inside the product, by mail, by SMS."""

    SITE = "SITE"
    EMAIL = "EMAIL"
    SMS = "SMS"

    @property
    def field(self) -> str:
        """How settings call it: `on_site`, `by_email`, `by_sms`."""
        return f"{'on' if self is MessageChannel.SITE else 'by'}_{self.lower()}"


@dataclass(frozen=True, slots=True)
class TypeFacts:
    """What holds for a type of messages; the fields are described at the head of messages.toml."""

    personal: bool = False
    fixed: bool = False
    main: bool = False
    urgent: bool = False


def _load() -> tuple[Mapping[MessageType, TypeFacts], Mapping[str, MessageType]]:
    data: dict[str, Any] = tomllib.loads(Path(__file__).with_name("messages.toml").read_text("utf-8"))
    types = {MessageType(name): TypeFacts(**facts) for name, facts in data["types"].items()}
    templates = {name: MessageType(value) for name, value in data["templates"].items()}
    return MappingProxyType({kind: types[kind] for kind in MessageType}), MappingProxyType(templates)


TYPES, TYPE_OF = _load()
"""Every type with its facts, in the order they are shown; the type of each template."""

ALL_CHANNELS = frozenset(MessageChannel)


_PATHS = {
    MessageChannel.SITE: ("input", "onSite"),
    MessageChannel.EMAIL: ("input", "byEmail"),
    MessageChannel.SMS: ("input", "bySms"),
}


@rule("messages.channels", "A 17.2", codes=(ErrorCode.MESSAGE_CHANNEL_FIXED,), page=_CENTRE_PAGE)
def check_channels(kind: MessageType, chosen: Mapping[MessageChannel, bool | None]) -> list[Violation]:
    """Whether a partner may choose these channels for the type; null leaves one as it is."""
    if not TYPES[kind].fixed:
        return []
    off = [_PATHS[channel] for channel, on in chosen.items() if on is False]
    return [Violation(ErrorCode.MESSAGE_CHANNEL_FIXED, path, "messages.channels") for path in off]


@rule("messages.personal", "A 17.2", codes=(ErrorCode.MESSAGE_TYPE_PERSONAL,))
def check_has_recipients(kind: MessageType) -> list[Violation]:
    """Whether a partner may choose who receives the type."""
    if not TYPES[kind].personal:
        return []
    return [Violation(ErrorCode.MESSAGE_TYPE_PERSONAL, ("input", "type"), "messages.personal")]


@rule("messages.main_account", "A 21.1", codes=(ErrorCode.MESSAGE_TYPE_MAIN_ACCOUNT,))
def check_account(kind: MessageType, *, is_main: bool) -> list[Violation]:
    """Whether an account of the partner may get the type: only the main one where no other sees what it is about."""
    if is_main or not TYPES[kind].main:
        return []
    return [Violation(ErrorCode.MESSAGE_TYPE_MAIN_ACCOUNT, ("input", "memberId"), "messages.main_account")]


@rule("messages.last_recipient", "A 17.2", codes=(ErrorCode.LAST_RECIPIENT,), page=_CENTRE_PAGE)
def check_recipients_left(left: Mapping[MessageType, int], *path: str) -> list[Violation]:
    """Each type keeps a recipient: one reason for each type that would be `left` with none."""
    return [
        Violation(ErrorCode.LAST_RECIPIENT, path, "messages.last_recipient", parameters={"type": kind.value})
        for kind, number in left.items()
        if number < 1
    ]


@rule("messages.recipients", "A 17.2", policy=(MESSAGES_RECIPIENTS_MAX,), codes=(ErrorCode.TOO_MANY,))
def check_recipients(present: int, *, policy: Policy) -> list[Violation]:
    """Whether a type with `present` recipients by name may have another."""
    if present < policy[MESSAGES_RECIPIENTS_MAX]:
        return []
    return [Violation(ErrorCode.TOO_MANY, ("input",), "messages.recipients")]


@rule("messages.contacts", "A 17.2", policy=(MESSAGES_CONTACTS_MAX,), codes=(ErrorCode.TOO_MANY,))
def check_contacts(present: int, *, policy: Policy) -> list[Violation]:
    """Whether a partner that has `present` contacts may add another."""
    if present < policy[MESSAGES_CONTACTS_MAX]:
        return []
    return [Violation(ErrorCode.TOO_MANY, ("input",), "messages.contacts")]


@rule("messages.confirmed", "A 17.2", codes=(ErrorCode.MESSAGE_CONTACT_CONFIRMED,))
def check_unconfirmed(confirmed_at: datetime | None) -> list[Violation]:
    """MESSAGE_CONTACT_CONFIRMED for a contact that a code has confirmed already."""
    if confirmed_at is None:
        return []
    return [Violation(ErrorCode.MESSAGE_CONTACT_CONFIRMED, ("input", "channel"), "messages.confirmed")]


@cache
def _zone_names() -> frozenset[str]:
    """Names that people live by; files of the database beside them (`localtime`, `posixrules`) are none."""
    return frozenset(name for name in available_timezones() if "/" in name or name == "UTC")


def check_zone(name: str, *path: str) -> list[Violation]:
    """INVALID_FORMAT unless it is a name of the time zone database, as Asia/Shanghai."""
    return [] if name in _zone_names() else [Violation(ErrorCode.INVALID_FORMAT, path)]


def zone_of(site: Site, *names: str | None) -> ZoneInfo:
    """The first zone that is named and known, else the site's."""
    return next((ZoneInfo(name) for name in names if name is not None and name in _zone_names()), site.zone)


@rule(
    "messages.working_hours",
    "A 17.2",
    policy=(MESSAGES_HOURS_FROM, MESSAGES_HOURS_UNTIL, MESSAGES_WORKING_DAYS),
    page=_ZONE_PAGE,
)
def compute_send_at(now: datetime, zone: ZoneInfo, *, policy: Policy, entries: Entries = NO_ENTRIES) -> datetime:
    """When a message that is not urgent goes out: `now` within working hours in `zone`, else their next beginning.

    The first instant of the hours is within them, the last is not. Which days are worked is the matter of the policy's
    site: what operations entered, then the published holidays, then the days of the week that the policy names. After
    a month without a working day it goes out.
    """
    day = now.astimezone(zone).date()
    for _ in range(_DAYS_LOOKED_AT):
        if _is_worked(day, policy, entries) and now < _hour(day, policy[MESSAGES_HOURS_UNTIL], zone):
            return max(now, _hour(day, policy[MESSAGES_HOURS_FROM], zone))
        day += _ONE_DAY
    return now


def _is_worked(day: date, policy: Policy, entries: Entries) -> bool:
    if day in entries or (policy.site is Site.CN and is_settled(day, policy.site)):
        return is_working_day(day, policy.site, entries)
    return _WEEKDAYS[day.weekday()] in policy[MESSAGES_WORKING_DAYS]


def _hour(day: date, hour: int, zone: ZoneInfo) -> datetime:
    """An hour of the day as the zone's clocks show it, as UTC; 24 is the end of the day. One that a change of the
    clocks skips is moved on by the change, of one that comes twice it is the first.
    """
    return (datetime.combine(day, time.min, zone) + timedelta(hours=hour)).astimezone(UTC)


class NoticeKind(StrEnum):
    """Why a notice stands above the pages."""

    SITE_MISMATCH = "SITE_MISMATCH"
    ANNOUNCEMENT = "ANNOUNCEMENT"


class Audience(StrEnum):
    """Whom the vendor announces something to."""

    EVERYBODY = "EVERYBODY"
    PARTNERS = "PARTNERS"
    CUSTOMERS = "CUSTOMERS"
    STAFF = "STAFF"


_ADDRESSED: Mapping[Audience, frozenset[Role]] = {
    Audience.EVERYBODY: SIGNED_IN,
    Audience.PARTNERS: PARTNER_ROLES,
    Audience.CUSTOMERS: frozenset({Role.CUSTOMER}),
    Audience.STAFF: VENDOR_ROLES,
}


def compute_audiences(roles: frozenset[Role]) -> list[Audience]:
    """The audiences that somebody with these roles belongs to."""
    return [audience for audience in Audience if roles & _ADDRESSED[audience]]


@rule("messages.site_mismatch", "D 2")
def is_elsewhere(own: Site, shown: Site | None) -> bool:
    """Whether the pages that somebody looks at are of another site than the account. It stands in nobody's way."""
    return shown is not None and shown is not own


@rule("messages.announcement", "A 17.4", codes=(ErrorCode.OUT_OF_RANGE, ErrorCode.INVALID_FORMAT))
def check_announcement(starts_at: datetime, ends_at: datetime, link: str | None, *, now: datetime) -> list[Violation]:
    """Whether it can be announced: it ends after it starts and after now, and its link is an address of the web."""
    wrong = []
    if ends_at <= max(starts_at, now):
        wrong.append(Violation(ErrorCode.OUT_OF_RANGE, ("input", "endsAt"), "messages.announcement"))
    if link is not None and not _WEB.fullmatch(link):
        wrong.append(Violation(ErrorCode.INVALID_FORMAT, ("input", "link"), "messages.announcement"))
    return wrong
