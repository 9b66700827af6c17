"""Types of messages, what may be set about them, and working hours to the millisecond in every kind of zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.templates import load_templates
from rules.access import Role
from rules.calendar import NO_ENTRIES, Entries
from rules.errors import ErrorCode
from rules.messages import (
    TYPE_OF,
    TYPES,
    Audience,
    MessageChannel,
    MessageType,
    check_account,
    check_announcement,
    check_channels,
    check_contacts,
    check_has_recipients,
    check_recipients,
    check_recipients_left,
    check_zone,
    compute_audiences,
    compute_send_at,
    is_elsewhere,
    zone_of,
)
from rules.policy import Policy
from rules.sites import Site

T = MessageType
MS = timedelta(milliseconds=1)
PERSONAL = {T.VERIFICATION, T.SECURITY, T.INVITATION, T.REVIEW, T.ASSESSMENT}
DAY = date(2026, 3, 2)
POLICY = {site: Policy.at(site, DAY) for site in Site}


def test_each_template_is_of_one_type_and_each_type_has_templates() -> None:
    assert set(TYPE_OF) == load_templates().names("en")
    assert set(TYPE_OF.values()) == set(MessageType) == set(TYPES)


def test_codes_and_security_are_urgent_personal_and_fixed_and_money_is_fixed() -> None:
    for name, kind in TYPE_OF.items():
        if name.startswith("code_") or name in {"step_up_on", "step_up_off", "account_locked", "sessions_revoked"}:
            assert TYPES[kind].urgent, name
            assert TYPES[kind].personal, name
            assert TYPES[kind].fixed, name
    assert {kind for kind in T if TYPES[kind].fixed and not TYPES[kind].personal} == {
        T.ACCOUNT_CHANGE,
        T.ACCOUNT_BALANCE,
    }


@pytest.mark.parametrize("kind", T)
def test_channels_can_be_deselected_unless_they_are_fixed(kind: T) -> None:
    off = dict.fromkeys(MessageChannel, False)
    fixed = kind in PERSONAL | {T.ACCOUNT_CHANGE, T.ACCOUNT_BALANCE}
    refused = [ErrorCode.MESSAGE_CHANNEL_FIXED] * 3 if fixed else []
    assert [violation.code for violation in check_channels(kind, off)] == refused
    assert check_channels(kind, dict.fromkeys(MessageChannel, True)) == []
    assert check_channels(kind, dict.fromkeys(MessageChannel)) == []


def test_the_path_names_the_channel() -> None:
    [violation] = check_channels(T.SECURITY, {MessageChannel.SITE: True, MessageChannel.SMS: False})
    assert violation.path == ("input", "bySms")


@pytest.mark.parametrize("kind", T)
def test_recipients_can_be_chosen_unless_a_message_is_personal(kind: T) -> None:
    personal = kind in PERSONAL
    assert [v.code for v in check_has_recipients(kind)] == ([ErrorCode.MESSAGE_TYPE_PERSONAL] if personal else [])


@pytest.mark.parametrize("kind", T)
def test_opportunities_are_told_to_the_main_account_alone(kind: T) -> None:
    refused = [ErrorCode.MESSAGE_TYPE_MAIN_ACCOUNT] if kind is T.OPPORTUNITY else []
    assert [violation.code for violation in check_account(kind, is_main=False)] == refused
    assert check_account(kind, is_main=True) == []


def test_each_type_keeps_a_recipient() -> None:
    violations = check_recipients_left({T.PLAN: 0, T.VOUCHER: 1, T.CUSTOMER: 0}, "input", "id")
    assert [(v.code, v.path, v.parameters["type"]) for v in violations] == [
        (ErrorCode.LAST_RECIPIENT, ("input", "id"), "PLAN"),
        (ErrorCode.LAST_RECIPIENT, ("input", "id"), "CUSTOMER"),
    ]


@pytest.mark.parametrize(("present", "refused"), [(0, []), (19, []), (20, [ErrorCode.TOO_MANY])])
def test_contacts_are_limited(present: int, refused: list[ErrorCode]) -> None:
    assert [violation.code for violation in check_contacts(present, policy=POLICY[Site.CN])] == refused


@pytest.mark.parametrize(("present", "refused"), [(0, []), (49, []), (50, [ErrorCode.TOO_MANY])])
def test_recipients_by_name_are_limited(present: int, refused: list[ErrorCode]) -> None:
    assert [violation.code for violation in check_recipients(present, policy=POLICY[Site.CN])] == refused


@pytest.mark.parametrize(
    ("own", "shown", "told"),
    [(Site.CN, Site.CN, False), (Site.CN, Site.INTL, True), (Site.INTL, Site.CN, True), (Site.CN, None, False)],
)
def test_who_looks_at_the_other_sites_pages_is_told(own: Site, shown: Site | None, told: bool) -> None:
    assert is_elsewhere(own, shown) is told


@pytest.mark.parametrize(
    ("role", "audiences"),
    [
        (Role.ANONYMOUS, []),
        (Role.ACCOUNT, [Audience.EVERYBODY]),
        (Role.FINANCE, [Audience.EVERYBODY, Audience.PARTNERS]),
        (Role.MAIN_ACCOUNT, [Audience.EVERYBODY, Audience.PARTNERS]),
        (Role.CUSTOMER, [Audience.EVERYBODY, Audience.CUSTOMERS]),
        (Role.PSM, [Audience.EVERYBODY, Audience.STAFF]),
    ],
)
def test_each_role_belongs_to_its_audiences(role: Role, audiences: list[Audience]) -> None:
    assert compute_audiences(frozenset({role})) == audiences


NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end", "refused"),
    [
        (0, 1, False), (1, 1, True), (2, 1, True), (-5, 0, True), (-5, 1, False), (5, 6, False), (-5, -1, True),
    ],
)  # fmt: skip
def test_an_announcement_ends_after_it_starts_and_after_now(start: int, end: int, refused: bool) -> None:
    violations = check_announcement(NOON + start * MS, NOON + end * MS, None, now=NOON)
    assert [violation.path for violation in violations] == ([("input", "endsAt")] if refused else [])


@pytest.mark.parametrize(
    ("link", "fine"),
    [
        (None, True), ("https://vendor.example/news", True), ("http://vendor.example", True), ("", False),
        ("javascript:alert(1)", False), ("//vendor.example", False), ("https:///x", False), ("https://a b", False),
    ],
)  # fmt: skip
def test_a_link_is_an_address_of_the_web(link: str | None, fine: bool) -> None:
    violations = check_announcement(NOON, NOON + MS, link, now=NOON)
    assert [violation.code for violation in violations] == ([] if fine else [ErrorCode.INVALID_FORMAT])


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("Asia/Shanghai", True), ("America/Argentina/Buenos_Aires", True), ("UTC", True), ("Etc/GMT+12", True),
        ("", False), ("asia/shanghai", False), ("Asia/Nowhere", False), ("localtime", False), ("posixrules", False),
        ("../etc/passwd", False), ("/etc/localtime", False), ("CST", False),
    ],
)  # fmt: skip
def test_a_zone_is_a_name_of_the_database(name: str, known: bool) -> None:
    assert check_zone(name) == [] if known else [v.code for v in check_zone(name)] == [ErrorCode.INVALID_FORMAT]
    assert zone_of(Site.CN, name).key == (name if known else "Asia/Shanghai")


def test_the_first_zone_that_is_named_holds() -> None:
    assert zone_of(Site.INTL, None, "Asia/Tokyo", "Europe/Paris").key == "Asia/Tokyo"
    assert zone_of(Site.INTL, None, None).key == "UTC"


def at(text: str, zone: str) -> datetime:
    """An instant as the zone's clocks show it."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def send_at(now: datetime, zone: str, site: Site = Site.INTL, entries: Entries = NO_ENTRIES) -> datetime:
    """When it goes out."""
    return compute_send_at(now, ZoneInfo(zone), policy=POLICY[site], entries=entries)


ZONES = ["UTC", "Asia/Shanghai", "America/Los_Angeles", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu",
         "Australia/Lord_Howe"]  # fmt: skip


@pytest.mark.parametrize("zone", ZONES)
def test_both_sides_of_both_boundaries(zone: str) -> None:
    start, end = at("2026-03-04T09:00", zone), at("2026-03-04T18:00", zone)  # a Wednesday
    tomorrow = at("2026-03-05T09:00", zone)
    evening, midnight = at("2026-03-04T23:00", zone), at("2026-03-05T00:00", zone)
    waits = {start - MS: start} | dict.fromkeys((end, end + MS, evening, midnight), tomorrow)
    cases = {now: now for now in (start, start + MS, end - MS)} | waits
    assert {now: send_at(now, zone) for now in cases} == cases


@pytest.mark.parametrize("zone", ZONES)
def test_what_has_waited_is_not_put_off_again(zone: str) -> None:
    now = at("2026-03-06T18:00", zone)
    for _ in range(3):
        due = send_at(now, zone)
        assert send_at(due, zone) == due
        now = due + timedelta(hours=9)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-03-06T17:59:59.999", "2026-03-06T17:59:59.999"),
        ("2026-03-06T18:00", "2026-03-09T09:00"),
        ("2026-03-07T12:00", "2026-03-09T09:00"),
        ("2026-03-08T23:59", "2026-03-09T09:00"),
    ],
)
def test_a_weekend_is_no_working_day(now: str, due: str) -> None:
    assert send_at(at(now, "Europe/Berlin"), "Europe/Berlin") == at(due, "Europe/Berlin")


def test_the_mainlands_holidays_and_make_up_days_count_in_every_zone_of_its_people() -> None:
    for zone in ("Asia/Shanghai", "Europe/Berlin"):
        # 1 to 8 October 2025 are free; the Sunday before is worked instead.
        assert send_at(at("2025-09-30T18:00", zone), zone, Site.CN) == at("2025-10-09T09:00", zone)
        assert send_at(at("2025-09-28T10:00", zone), zone, Site.CN) == at("2025-09-28T10:00", zone)
        assert send_at(at("2025-09-28T10:00", zone), zone, Site.INTL) == at("2025-09-29T09:00", zone)


def test_what_operations_entered_wins() -> None:
    wednesday, sunday = date(2026, 3, 4), date(2026, 3, 8)
    assert send_at(at("2026-03-04T10:00", "UTC"), "UTC", entries={wednesday: False}) == at("2026-03-05T09:00", "UTC")
    assert send_at(at("2026-03-08T10:00", "UTC"), "UTC", entries={sunday: True}) == at("2026-03-08T10:00", "UTC")


class _Override:
    """A value that operations set."""

    site, effective_on = "INTL", DAY

    def __init__(self, key: str, value: object) -> None:
        self.key, self.value = key, value


def policy(**values: object) -> Policy:
    """The international site's policy with other hours."""
    return Policy.at(Site.INTL, DAY, [_Override(f"messages.{name}", value) for name, value in values.items()])


def test_hours_and_days_are_the_policys() -> None:
    other = policy(hours_from=0, hours_until=24, working_days=["SUN", "MON", "TUE", "WED", "THU"])
    zone = ZoneInfo("Asia/Riyadh")
    for now, due in (
        ("2026-03-05T23:59:59.999", "2026-03-05T23:59:59.999"),
        ("2026-03-06T00:00", "2026-03-08T00:00"),
        ("2026-03-08T00:00", "2026-03-08T00:00"),
    ):
        assert compute_send_at(at(now, zone.key), zone, policy=other) == at(due, zone.key)


def test_where_nobody_ever_works_it_goes_out() -> None:
    now = at("2026-03-04T03:00", "UTC")
    assert compute_send_at(now, ZoneInfo("UTC"), policy=policy(working_days=[])) == now


def test_hours_follow_the_clocks_when_they_change() -> None:
    zone = "America/New_York"  # summer time from Sunday 8 March 2026
    assert send_at(at("2026-03-06T18:00", zone), zone) == datetime(2026, 3, 9, 13, tzinfo=UTC)
    assert send_at(at("2026-03-05T18:00", zone), zone) == datetime(2026, 3, 6, 14, tzinfo=UTC)
    zone = "Europe/Berlin"  # winter time from Sunday 25 October 2026
    assert send_at(at("2026-10-23T18:00", zone), zone) == datetime(2026, 10, 26, 8, tzinfo=UTC)


def test_an_hour_that_the_clocks_skip_or_show_twice() -> None:
    every_day = policy(hours_from=2, working_days=["SUN"])
    zone = ZoneInfo("Europe/Berlin")
    skipped = compute_send_at(datetime(2026, 3, 28, 20, tzinfo=UTC), zone, policy=every_day)
    assert skipped == datetime(2026, 3, 29, 1, tzinfo=UTC)  # 03:00, what 02:00 has become
    twice = compute_send_at(datetime(2026, 10, 24, 20, tzinfo=UTC), zone, policy=every_day)
    assert twice == datetime(2026, 10, 25, 0, tzinfo=UTC)  # the first 02:00, of summer time


def test_an_instant_needs_no_day_of_the_sites_own() -> None:
    """In Kiritimati it is Monday morning while it is Sunday in Greenwich and on Pago Pago."""
    now = datetime(2026, 3, 1, 20, tzinfo=UTC)
    assert send_at(now, "Pacific/Kiritimati") == now
    assert send_at(now, "UTC") == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert send_at(now, "Pacific/Pago_Pago") == datetime(2026, 3, 2, 20, tzinfo=UTC)
