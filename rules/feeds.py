"""Feeds of data files: what can be delivered, to where, how a feed and its deliveries go on, when one is broken."""

import ipaddress
import re
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from rules.calendar import day_of
from rules.errors import ErrorCode, Violation
from rules.partners import PartnerKind
from rules.policy import (
    FEEDS_ATTEMPTS,
    FEEDS_CHECKS_DAILY_MAX,
    FEEDS_FAILED_DAYS_MAX,
    FEEDS_HISTORY,
    FEEDS_REDELIVERY_DAYS,
    FEEDS_ROUNDS_MAX,
    FEEDS_TOPICS_MAX,
    Policy,
)
from rules.registry import rule
from rules.sites import Site
from rules.transitions import machine

_PAGE = "https://huaweicloud.com/s/JeWtmOWCqOacjeWKoeWZqOmFjee9ruimgeaxguaMh-S7gOS5iCU/t_30_p_10/JeWQiOS9nOS8meS8tOS4reW_gyU"
DAY = timedelta(days=1)
CHECK_LIFE = timedelta(minutes=15)
"""How long the outcome of a check is waited for."""
DELIVERY_LIFE = timedelta(hours=24)
"""How long the outcome of a delivery is waited for, whatever became of its attempts."""
DELIVERED_AT = time(6, tzinfo=ZoneInfo("Asia/Shanghai"))
"""When the files of a day become due, on both sites."""
ENDPOINT_LENGTH, REGION_LENGTH, BUCKET_LENGTH, PREFIX_LENGTH = 255, 64, 63, 200
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", re.ASCII)
_REGION = re.compile(r"[A-Za-z0-9-]*", re.ASCII)
_PREFIX = re.compile(r"([A-Za-z0-9_=-][A-Za-z0-9._=-]*(/[A-Za-z0-9_=-][A-Za-z0-9._=-]*)*)?", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", re.ASCII)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

E = ErrorCode


class FeedTopic(StrEnum):
    """What a partner can have delivered; of each a file a day."""

    CUSTOMER_INFO = "CUSTOMER_INFO"
    CUSTOMER_CONSUMPTION = "CUSTOMER_CONSUMPTION"
    PERFORMANCE = "PERFORMANCE"
    ESTIMATED_INCENTIVE = "ESTIMATED_INCENTIVE"
    INCENTIVE = "INCENTIVE"
    INDICATOR_DETAIL = "INDICATOR_DETAIL"
    RESELLER_INFO = "RESELLER_INFO"

    @property
    def folder(self) -> str:
        """How the files' keys call it."""
        return self.value.lower().replace("_", "-")


class FeedState(StrEnum):
    """Where a partner's feed stands."""

    DRAFT = "DRAFT"
    VERIFYING = "VERIFYING"
    ACTIVE = "ACTIVE"
    BROKEN = "BROKEN"
    CANCELLED = "CANCELLED"


class DeliveryState(StrEnum):
    """What became of the file of one topic and day."""

    DUE = "DUE"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"
    WITHHELD = "WITHHELD"


class BucketProblem(StrEnum):
    """Why a bucket did not take a file, as far as its owner can mend it."""

    ADDRESS_NOT_ALLOWED = "ADDRESS_NOT_ALLOWED"
    UNREACHABLE = "UNREACHABLE"
    DENIED = "DENIED"
    NO_SUCH_BUCKET = "NO_SUCH_BUCKET"
    NOT_ACCEPTED = "NOT_ACCEPTED"
    NO_ANSWER = "NO_ANSWER"


class WithheldReason(StrEnum):
    """Why there is no file although the topic is subscribed to."""

    NOT_A_DISTRIBUTOR = "NOT_A_DISTRIBUTOR"
    FEED_NOT_ACTIVE = "FEED_NOT_ACTIVE"


S = FeedState
FEED = machine(
    "feed",
    FeedState,
    (S.DRAFT,),
    "A 17.3",
    (S.DRAFT, "change", "partner", S.DRAFT),
    (S.ACTIVE, "change", "partner", S.ACTIVE),
    (S.BROKEN, "change", "partner", S.BROKEN),
    (S.ACTIVE, "move", "partner, to another bucket", S.DRAFT),
    (S.BROKEN, "move", "partner, to another bucket", S.DRAFT),
    (S.DRAFT, "check", "partner", S.VERIFYING),
    (S.ACTIVE, "check", "partner, with other credentials", S.VERIFYING),
    (S.BROKEN, "check", "partner", S.VERIFYING),
    (S.VERIFYING, "verify", "system", S.ACTIVE),
    (S.VERIFYING, "fail", "system", S.DRAFT),
    (S.VERIFYING, "keep", "system, when an active feed's other credentials fail", S.ACTIVE),
    (S.VERIFYING, "stay_broken", "system", S.BROKEN),
    (S.ACTIVE, "redeliver", "partner", S.ACTIVE),
    (S.ACTIVE, "break", "system", S.BROKEN),
    (S.DRAFT, "cancel", "partner, or system with the account's data", S.CANCELLED),
    (S.VERIFYING, "cancel", "partner, or system with the account's data", S.CANCELLED),
    (S.ACTIVE, "cancel", "partner, or system with the account's data", S.CANCELLED),
    (S.BROKEN, "cancel", "partner, or system with the account's data", S.CANCELLED),
)
D = DeliveryState
DELIVERY = machine(
    "feed_delivery",
    DeliveryState,
    (D.DUE, D.WITHHELD),
    "B 20",
    (D.DUE, "deliver", "system", D.DELIVERED),
    (D.DUE, "give_up", "system", D.FAILED),
    (D.DUE, "withhold", "system", D.WITHHELD),
    (D.DELIVERED, "redeliver", "partner", D.DUE),
    (D.FAILED, "redeliver", "partner", D.DUE),
    (D.WITHHELD, "redeliver", "partner", D.DUE),
)


@rule("feeds.topics", "A 17.3", policy=(FEEDS_TOPICS_MAX,), codes=(E.TOPIC_REQUIRED, E.TOO_MANY), page=_PAGE)
def check_topics(topics: Sequence[FeedTopic], *, policy: Policy) -> list[Violation]:
    """A feed has one topic at least, and not more than the policy allows."""
    path = ("input", "topics")
    if not topics:
        return [Violation(E.TOPIC_REQUIRED, path, "feeds.topics")]
    if len(set(topics)) > policy[FEEDS_TOPICS_MAX]:
        return [Violation(E.TOO_MANY, path, "feeds.topics")]
    return []


@rule("feeds.distributors_only", "A 17.3", codes=(E.SUBSCRIPTION_NOT_ALLOWED,), page=_PAGE)
def check_allowed(topics: Collection[str], kind: PartnerKind | None, *path: str) -> list[Violation]:
    """Information on resellers is for distributors alone; every other topic for every partner."""
    if kind is PartnerKind.DISTRIBUTOR or FeedTopic.RESELLER_INFO not in topics:
        return []
    return [Violation(E.SUBSCRIPTION_NOT_ALLOWED, path, "feeds.distributors_only")]


@rule("feeds.place", "B 20", codes=(E.INVALID_FORMAT, E.BUCKET_ADDRESS_NOT_ALLOWED))
def check_place(endpoint: str, region: str, bucket: str, prefix: str, *, guarded: bool = True) -> list[Violation]:
    """Everything wrong with where files are to go: INVALID_FORMAT, and BUCKET_ADDRESS_NOT_ALLOWED for an endpoint
    without TLS or one that names an address inside; what a name leads to is asked when it is connected to. Not
    `guarded`: in development.
    """
    wrong = [
        Violation(E.INVALID_FORMAT, ("input", name), "feeds.place")
        for name, form, value in (("region", _REGION, region), ("bucket", _BUCKET, bucket), ("prefix", _PREFIX, prefix))
        if not form.fullmatch(value)
    ]
    return _check_endpoint(endpoint, guarded) + wrong


def _check_endpoint(endpoint: str, guarded: bool) -> list[Violation]:
    path = ("input", "endpoint")
    try:
        parts = urlsplit(endpoint)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return [Violation(E.INVALID_FORMAT, path, "feeds.place")]
    named = (parts.path in ("", "/")) and not (parts.query or parts.fragment or parts.username or parts.password)
    if parts.scheme not in ("http", "https") or not named or not _is_host(host):
        return [Violation(E.INVALID_FORMAT, path, "feeds.place")]
    if guarded and (parts.scheme == "http" or not _may_be_outside(host)):
        return [Violation(E.BUCKET_ADDRESS_NOT_ALLOWED, path, "feeds.place")]
    return []


def _is_host(host: str) -> bool:
    return bool(_HOST.fullmatch(host)) or _address(host) is not None


def _may_be_outside(host: str) -> bool:
    """Whether a host may be one of the internet: a public address, or a name with a point in it."""
    address = _address(host)
    return is_public(address) if address is not None else "." in host.rstrip(".")


def _address(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


@rule("feeds.public_address", "B 20")
def is_public(address: Address) -> bool:
    """Whether files may be sent to an address: one of the internet, not of this network, this machine or a cloud's
    inside; of an address that stands for another one, that one counts too.
    """
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None and not is_public(inner):
            return False
        if address.ipv4_mapped is not None:
            return True
    return address.is_global and not address.is_multicast and not address.is_reserved


@rule("feeds.check_limit", "B 20", policy=(FEEDS_CHECKS_DAILY_MAX,), codes=(E.FEED_CHECK_LIMIT,))
def check_checks(made: int, since: datetime | None, *, policy: Policy) -> list[Violation]:
    """A partner has buckets checked so many times within 24 hours, counted `since` the first of them: nobody probes
    others' addresses from here.
    """
    most = policy[FEEDS_CHECKS_DAILY_MAX]
    if made < most or since is None:
        return []
    return [
        Violation(
            E.FEED_CHECK_LIMIT,
            rule="feeds.check_limit",
            parameters={"most": most},
            retryable=True,
            limit=Decimal(most),
            used=Decimal(made),
            resets_at=since + DAY,
        )
    ]


@rule(
    "feeds.redelivery",
    "B 20",
    policy=(FEEDS_REDELIVERY_DAYS, FEEDS_ROUNDS_MAX),
    codes=(E.OUT_OF_RANGE, E.FEED_REDELIVERY_LIMIT),
)
def check_redelivery(day: date, due_day: date, rounds: Sequence[int], *, policy: Policy) -> list[Violation]:
    """A day is delivered again once its files were due and for some days more; `rounds` says how often each of its
    files was, which has a limit.
    """
    first, most, wrong = due_day - policy[FEEDS_REDELIVERY_DAYS], policy[FEEDS_ROUNDS_MAX], []
    if not first <= day <= due_day:
        bounds = {"min": first.isoformat(), "max": due_day.isoformat()}
        wrong.append(Violation(E.OUT_OF_RANGE, ("input", "day"), "feeds.redelivery", parameters=bounds))
    if any(number >= most for number in rounds):
        wrong.append(
            Violation(E.FEED_REDELIVERY_LIMIT, ("input", "day"), "feeds.redelivery", parameters={"most": most})
        )
    return wrong


@rule("feeds.due_day", "B 20")
def compute_due_day(now: datetime, site: Site) -> date:
    """The last day whose files are due: of the site's days the one before that on which it last was 06:00 UTC+8."""
    local = now.astimezone(DELIVERED_AT.tzinfo)
    last = datetime.combine(local.date(), DELIVERED_AT)
    last = last if last <= local else last - DAY
    return day_of(last, site) - DAY


@rule("feeds.broken", "A 17.3", policy=(FEEDS_FAILED_DAYS_MAX,))
def is_broken(failed: Sequence[bool], *, policy: Policy) -> bool:
    """Whether a feed is broken: `failed` says of its days, newest first, whether a file could not be delivered."""
    most = policy[FEEDS_FAILED_DAYS_MAX]
    return len(failed) >= most and all(failed[:most])


@rule("feeds.attempts", "B 20", policy=(FEEDS_ATTEMPTS,))
def is_last_attempt(attempt: int, *, policy: Policy) -> bool:
    """Whether a delivery is given up when this attempt, counted from 1, fails."""
    return attempt >= policy[FEEDS_ATTEMPTS]


@rule("feeds.history", "B 20", policy=(FEEDS_HISTORY,))
def compute_history_start(now: datetime, *, policy: Policy) -> datetime:
    """Deliveries that were last changed before this instant are forgotten; the files are the partner's."""
    return now - policy[FEEDS_HISTORY]


@rule("feeds.bucket_check", "A 17.3", codes=(E.BUCKET_CHECK_FAILED,), page=_PAGE)
def check_bucket(problem: BucketProblem | None) -> list[Violation]:
    """What stands in the way of deliveries since the bucket was last written to."""
    if problem is None:
        return []
    return [Violation(E.BUCKET_CHECK_FAILED, rule="feeds.bucket_check", parameters={"problem": problem.value})]


def object_key(prefix: str, topic: FeedTopic, partner: str, day: date, ending: str = "csv") -> str:
    """Where the file of a topic and day lies in the bucket; `partner` is the partner's public id."""
    folder = f"{prefix}/" if prefix else ""
    return f"{folder}{topic.folder}/{partner}/{day.isoformat()}.{ending}"


COLUMNS: dict[FeedTopic, tuple[str, ...]] = {
    FeedTopic.CUSTOMER_INFO: (
        *("customer_id", "name", "mobile", "email", "registered_at", "association_id", "association_type"),
        *("associated_since", "tag"),
    ),
    FeedTopic.CUSTOMER_CONSUMPTION: (
        *("line_id", "reference", "customer_id", "association_type", "order_ref", "bill_type", "service_code"),
        *("product_code", "charging_mode", "region", "paid_at", "imported_at", "period", "flags", "currency"),
        *("official_amount", "discount_amount", "rounding_amount", "cash_amount", "credit_amount", "voucher_amount"),
        *("cash_coupon_amount", "no_performance_coupon_amount", "card_amount", "bonus_amount", "debt_amount"),
        "write_off_amount",
    ),
    FeedTopic.PERFORMANCE: (
        *("line_id", "sheet_id", "period", "status", "customer_id", "association_type", "product_code", "paid_at"),
        *("currency", "amount", "left_out"),
    ),
    FeedTopic.ESTIMATED_INCENTIVE: ("period", "policy", "policy_version", "association_type", "currency", "amount"),
    FeedTopic.INCENTIVE: (
        *("incentive_id", "period", "policy", "policy_version", "association_type", "status", "frozen", "currency"),
        *("computed_amount", "amount", "generated_at", "confirm_deadline", "confirmed_at", "claim_until"),
    ),
    FeedTopic.INDICATOR_DETAIL: (
        *("period", "policy", "policy_version", "association_type", "estimated", "base_indicator", "base_value"),
        *("threshold_indicator", "threshold_value", "step_from", "rate", "currency", "amount"),
    ),
    FeedTopic.RESELLER_INFO: (
        *("link_id", "reseller_id", "company_name", "mobile", "email", "status", "began_at", "exiting_at", "ended_at"),
    ),
}
"""The columns of each topic's file, in their order; a new one is only ever added at the end."""


def ordered(topics: Iterable[str]) -> list[FeedTopic]:
    """Each topic once, in the catalogue's order."""
    wanted = set(topics)
    return [topic for topic in FeedTopic if topic in wanted]
