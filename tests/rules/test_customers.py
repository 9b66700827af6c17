"""Reports: every fact on every site, who may report, what a report says, the review, and how long it holds."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from rules.customers import (
    REPORT,
    AssociationType,
    CustomerFact,
    Prospect,
    ReportDraft,
    Reporter,
    ReportFacts,
    ReportStatus,
    ReviewApplication,
    ReviewReason,
    Trait,
    check_prospect,
    check_report,
    check_report_decision,
    check_reveal,
    check_review_application,
    compute_aged_before,
    compute_expiry_notice,
    compute_report_validity,
    compute_review_reasons,
    is_live,
    is_review_needed,
)
from rules.errors import ErrorCode
from rules.partners import Standing
from rules.policy import Policy
from rules.sites import Site
from tests.rules.outcomes import codes

E, F, T = ErrorCode, CustomerFact, Trait
NOW = datetime(2026, 3, 10, 4, 30, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
POLICIES = {site: Policy.at(site, NOW.date()) for site in Site}
KNOWN = [*Trait, *CustomerFact]

DRAFT = ReportDraft("海云科技有限公司", "+8613812345678", "li.wei@example.com", True, AssociationType.RESALE)
APPLICATION = ReviewApplication(100, 12, "Moves its shop to the cloud", "haiyun", "Two calls, one visit")
FACTS = ReportFacts(DRAFT, Reporter(), Prospect(frozenset({T.HAS_ACCOUNT})))
CN = POLICIES[Site.CN]

REFUSED = {
    T.ON_OTHER_SITE: E.REPORT_CUSTOMER_OTHER_SITE,
    F.OTHER_SITE: E.REPORT_CUSTOMER_OTHER_SITE,
    T.ASSOCIATED: E.REPORT_CUSTOMER_ALREADY_ASSOCIATED,
    T.REPORTED_BY_OTHER: E.REPORT_CUSTOMER_REPORTED_BY_OTHER,
    F.CONSUMER_CLOUD_USER: E.REPORT_CUSTOMER_CONSUMER_USER,
    F.SIGNED_CONTRACT: E.REPORT_CUSTOMER_CONTRACT,
    F.CASH_CONSUMPTION: E.REPORT_CUSTOMER_CASH_NOT_FOLLOWED,
    F.UNIFIED_MEMBER: E.REPORT_CUSTOMER_UNIFIED_MEMBER,
    (F.REFERRAL_REWARD_PLAN, Site.CN): E.REPORT_CUSTOMER_REFERRAL_PLAN,
}
REVIEWED = {
    T.AGED_ACCOUNT: ReviewReason.AGED_ACCOUNT,
    F.REPORTED_BY_VENDOR: ReviewReason.REPORTED_BY_VENDOR,
    F.ONLINE_SALES_TEAM: ReviewReason.ONLINE_SALES_TEAM,
    F.SUPPORT_CENTRE: ReviewReason.SUPPORT_CENTRE,
    (F.OTHER_COUNTRY, Site.INTL): ReviewReason.OTHER_COUNTRY,
}


def prospect(*known: Trait | CustomerFact) -> Prospect:
    return Prospect(frozenset(known))


def expected(table: dict, known: Trait | CustomerFact, site: Site) -> list:
    found = table.get(known, table.get((known, site)))
    return [] if found is None else [found]


@pytest.mark.parametrize("site", Site)
@pytest.mark.parametrize("known", KNOWN)
def test_one_fact(known: Trait | CustomerFact, site: Site) -> None:
    who, policy = prospect(known), POLICIES[site]
    refused, reasons = expected(REFUSED, known, site), expected(REVIEWED, known, site)
    assert codes(check_prospect(who, site=site)) == refused
    assert compute_review_reasons(who, site=site) == reasons
    assert is_review_needed(who, site=site) is bool(reasons)
    direct = codes(check_report(ReportFacts(DRAFT, Reporter(), who), policy=policy))
    applied = codes(check_review_application(APPLICATION, ReportFacts(DRAFT, Reporter(), who), policy=policy))
    assert direct == refused or direct == [E.REPORT_REVIEW_REQUIRED] * len(reasons)
    assert applied == (refused or ([] if reasons else [E.STATE_CONFLICT]))
    decided = check_report_decision(ReportStatus.PENDING_REVIEW, approve=True, reason=None, prospect=who, site=site)
    assert codes(decided) == refused


def test_the_tables_expect_something_of_every_kind() -> None:
    assert set(REFUSED.values()) == {code for code in ErrorCode if code.startswith("REPORT_CUSTOMER_")}
    assert set(REVIEWED.values()) | {ReviewReason.CASH_CONSUMPTION} == set(ReviewReason)


@pytest.mark.parametrize("site", Site)
def test_cash_consumption_needs_a_review_only_where_direct_sales_follow(site: Site) -> None:
    followed = prospect(F.CASH_CONSUMPTION, F.FOLLOWED_BY_DIRECT_SALES)
    assert check_prospect(followed, site=site) == []
    assert compute_review_reasons(followed, site=site) == [ReviewReason.CASH_CONSUMPTION]
    assert compute_review_reasons(prospect(F.CASH_CONSUMPTION), site=site) == []


def test_all_refusals_come_at_once_and_each_once() -> None:
    both = prospect(*KNOWN)
    assert codes(check_prospect(both, site=Site.CN)) == [
        E.REPORT_CUSTOMER_OTHER_SITE,
        E.REPORT_CUSTOMER_ALREADY_ASSOCIATED,
        E.REPORT_CUSTOMER_REPORTED_BY_OTHER,
        E.REPORT_CUSTOMER_CONSUMER_USER,
        E.REPORT_CUSTOMER_CONTRACT,
        E.REPORT_CUSTOMER_UNIFIED_MEMBER,
        E.REPORT_CUSTOMER_REFERRAL_PLAN,
    ]
    assert E.REPORT_REVIEW_REQUIRED not in codes(
        check_report(ReportFacts(DRAFT, Reporter(), both), policy=POLICIES[Site.CN])
    )


def test_all_reasons_of_a_review_are_named() -> None:
    who = prospect(T.AGED_ACCOUNT, F.SUPPORT_CENTRE, F.OTHER_COUNTRY)
    [violation] = check_report(ReportFacts(DRAFT, Reporter(), who), policy=POLICIES[Site.INTL])
    assert violation.parameters == {"reasons": ["AGED_ACCOUNT", "SUPPORT_CENTRE", "OTHER_COUNTRY"]}


def test_a_prospect_is_read_from_codes() -> None:
    assert Prospect.of(["HAS_ACCOUNT", "ARREARS"]) == prospect(T.HAS_ACCOUNT, F.ARREARS)
    assert not set(Trait.__members__) & set(CustomerFact.__members__), "one word is a trait or a fact"
    with pytest.raises(ValueError, match="NOBODY"):
        Prospect.of(["NOBODY"])


def refusals(facts: ReportFacts) -> list[tuple[ErrorCode, tuple[str, ...]]]:
    found = check_report(facts, policy=CN)
    codes(found)
    return [(violation.code, violation.path) for violation in found]


def test_a_new_customer_is_reported_directly() -> None:
    assert refusals(FACTS) == []


FORMS = [
    ({"customer_name": "  "}, [(E.REQUIRED, "customerName")]),
    ({"customer_name": "x" * 256}, []),
    ({"customer_name": f" {'x' * 256} "}, []),
    ({"customer_name": "x" * 257}, [(E.OUT_OF_RANGE, "customerName")]),
    ({"email": None}, [(E.INVITATION_EMAIL_REQUIRED, "email")]),
    ({"mobile": None}, []),
    ({"association_type": None}, [(E.REQUIRED, "associationType")]),
    ({"send_invite": False, "association_type": None, "email": None}, []),
    ({"send_invite": False, "mobile": None}, [(E.REQUIRED, "mobile")]),
    ({"email": "a_b-c.9@example.com"}, []),
    ({"email": "a+b@example.com"}, [(E.EMAIL_INVALID, "email")]),
    (
        {"customer_name": "", "email": None, "mobile": None, "association_type": None},
        [(E.REQUIRED, "customerName"), (E.INVITATION_EMAIL_REQUIRED, "email"), (E.REQUIRED, "associationType")],
    ),
]


@pytest.mark.parametrize(("changed", "wanted"), FORMS)
def test_what_a_report_says(changed: dict, wanted: list[tuple[ErrorCode, str]]) -> None:
    facts = replace(FACTS, draft=replace(DRAFT, **changed))
    assert refusals(facts) == [(code, ("input", field)) for code, field in wanted]


REFERRAL, RESALE = AssociationType.REFERRAL, AssociationType.RESALE
REPORTERS = [
    ({}, REFERRAL, []),
    ({"has_contact": False}, RESALE, [E.REPORT_CONTACT_REQUIRED]),
    ({"open_reports": 99}, RESALE, []),
    ({"open_reports": 100}, RESALE, [E.REPORT_LIMIT_REACHED]),
    ({"open_reports": 101}, RESALE, [E.REPORT_LIMIT_REACHED]),
    ({"may_develop": False}, RESALE, [E.DEVELOPMENT_NOT_ALLOWED]),
    ({"may_refer": False}, REFERRAL, [E.INVITATION_TYPE_NOT_ALLOWED]),
    ({"may_refer": False}, RESALE, []),
    ({"standing": Standing.FROZEN}, RESALE, [E.PARTNER_FROZEN]),
    ({"standing": Standing.FROZEN}, REFERRAL, []),
    ({"standing": Standing.RESTRICTED}, RESALE, []),
    (
        {"standing": Standing.FROZEN, "has_contact": False, "may_develop": False, "open_reports": 100},
        RESALE,
        [E.DEVELOPMENT_NOT_ALLOWED, E.PARTNER_FROZEN, E.REPORT_CONTACT_REQUIRED, E.REPORT_LIMIT_REACHED],
    ),
]


@pytest.mark.parametrize(("changed", "type", "wanted"), REPORTERS)
def test_who_may_report(changed: dict, type: AssociationType, wanted: list[ErrorCode]) -> None:
    facts = replace(FACTS, reporter=Reporter(**changed), draft=replace(DRAFT, association_type=type))
    assert codes(check_report(facts, policy=CN)) == wanted
    aged = replace(facts, prospect=prospect(T.AGED_ACCOUNT))
    assert codes(check_review_application(APPLICATION, aged, policy=CN)) == wanted


def test_the_limit_says_how_many() -> None:
    [violation] = check_report(replace(FACTS, reporter=Reporter(open_reports=100)), policy=CN)
    assert (violation.limit, violation.used, violation.requested) == (Decimal(100), Decimal(100), Decimal(1))


def test_an_open_report_of_ones_own_is_a_duplicate() -> None:
    assert refusals(replace(FACTS, own_open=True)) == [(E.REPORT_DUPLICATE_OWN, ())]


APPLICATIONS = [
    ({}, []),
    ({"expected_spend_minor": 1}, []),
    ({"expected_spend_minor": 0}, ["expectedSpend"]),
    ({"expected_spend_minor": -1}, ["expectedSpend"]),
    ({"expected_months": 1}, []),
    ({"expected_months": 0}, ["expectedMonths"]),
    ({"expected_months": 120}, []),
    ({"expected_months": 121}, ["expectedMonths"]),
    ({"project_detail": ""}, ["projectDetail"]),
    ({"project_detail": "x" * 2000}, []),
    ({"project_detail": "x" * 2001}, ["projectDetail"]),
    ({"customer_account": " "}, ["customerAccount"]),
    ({"customer_account": "x" * 128}, []),
    ({"customer_account": "x" * 129}, ["customerAccount"]),
    ({"communication_log": ""}, ["communicationLog"]),
    ({"communication_log": "x" * 2001}, ["communicationLog"]),
    ({"expected_spend_minor": 0, "communication_log": ""}, ["expectedSpend", "communicationLog"]),
]


@pytest.mark.parametrize(("changed", "fields"), APPLICATIONS)
def test_what_an_application_says(changed: dict, fields: list[str]) -> None:
    facts = replace(FACTS, prospect=prospect(T.AGED_ACCOUNT))
    found = check_review_application(replace(APPLICATION, **changed), facts, policy=CN)
    assert set(codes(found)) <= {E.REQUIRED, E.OUT_OF_RANGE}
    assert [violation.path for violation in found] == [("input", field) for field in fields]


@pytest.mark.parametrize("status", ReportStatus)
@pytest.mark.parametrize("approve", [True, False])
def test_only_a_report_in_review_is_decided(status: ReportStatus, approve: bool) -> None:
    found = check_report_decision(status, approve=approve, reason="why", prospect=prospect(), site=Site.CN)
    assert codes(found) == ([] if status is ReportStatus.PENDING_REVIEW else [E.STATE_CONFLICT])


@pytest.mark.parametrize(
    ("reason", "wanted"),
    [(None, [E.REASON_REQUIRED]), (" ", [E.REASON_REQUIRED]), ("x" * 500, []), ("x" * 501, [E.OUT_OF_RANGE])],
)
def test_a_rejection_says_why(reason: str | None, wanted: list[ErrorCode]) -> None:
    who = prospect(T.ASSOCIATED)
    found = check_report_decision(ReportStatus.PENDING_REVIEW, approve=False, reason=reason, prospect=who, site=Site.CN)
    assert codes(found) == wanted


def test_a_report_holds_fifteen_days_to_the_millisecond() -> None:
    until = compute_report_validity(NOW, CN)
    assert until == NOW + timedelta(days=15)
    assert is_live(ReportStatus.REPORTED, until, now=until - MILLISECOND)
    assert not is_live(ReportStatus.REPORTED, until, now=until)
    assert compute_expiry_notice(until, CN) == NOW + timedelta(days=12)


@pytest.mark.parametrize("status", ReportStatus)
def test_only_reported_ones_hold(status: ReportStatus) -> None:
    assert is_live(status, NOW + MILLISECOND, now=NOW) is (status is ReportStatus.REPORTED)
    assert not is_live(status, None, now=NOW)


def test_an_account_ages_after_seven_days() -> None:
    assert compute_aged_before(NOW, CN) == NOW - timedelta(days=7)


def test_the_ways_of_a_report() -> None:
    S = ReportStatus
    assert {(row.source, row.event, row.by, row.target) for row in REPORT.transitions} == {
        (S.PENDING_REVIEW, "approve", "vendor", S.REPORTED),
        (S.PENDING_REVIEW, "reject", "vendor", S.REJECTED),
        (S.PENDING_REVIEW, "withdraw", "partner", S.WITHDRAWN),
        (S.REPORTED, "associate", "customer", S.ASSOCIATED),
        (S.REPORTED, "expire", "system", S.EXPIRED),
        (S.REPORTED, "release", "vendor", S.RELEASED),
        (S.REPORTED, "cancel", "partner", S.CANCELLED),
    }
    assert REPORT.initial == (S.REPORTED, S.PENDING_REVIEW)


@pytest.mark.parametrize(
    ("reason", "wanted"),
    [
        (None, [ErrorCode.REASON_REQUIRED]),
        (" \n", [ErrorCode.REASON_REQUIRED]),
        ("x" * 500, []),
        ("x" * 501, [ErrorCode.OUT_OF_RANGE]),
    ],
)
def test_data_in_clear_need_a_reason(reason: str | None, wanted: list[ErrorCode]) -> None:
    assert codes(check_reveal(reason)) == wanted
