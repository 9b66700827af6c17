"""Invitations and their acceptance: links to the millisecond, every fact with every type on every site, failures."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from rules.customers import (
    ADVICE,
    ATTEMPT,
    CAUSES,
    INVITATION,
    Acceptance,
    AssociationType,
    AttemptState,
    Contact,
    CustomerFact,
    FailureAdvice,
    FailureCause,
    InvitationChannel,
    InvitationState,
    InvitedReport,
    InviteFacts,
    Link,
    Prospect,
    ReportBacking,
    Reporter,
    ReportStatus,
    Trait,
    check_accept,
    check_customer,
    check_invite,
    check_link,
    compute_causes,
    compute_invitation_validity,
    is_same_contact,
)
from rules.errors import ErrorCode
from rules.partners import Standing
from rules.policy import Policy
from rules.registry import RULES
from rules.sites import Site
from tests.rules.outcomes import codes

E, F, T = ErrorCode, CustomerFact, Trait
NOW = datetime(2026, 3, 10, 4, 30, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
POLICIES = {site: Policy.at(site, NOW.date()) for site in Site}
REFERRAL, RESALE = AssociationType.REFERRAL, AssociationType.RESALE

ALWAYS: dict[Trait | CustomerFact, ErrorCode] = {
    T.ON_OTHER_SITE: E.ASSOCIATION_OTHER_SITE,
    F.OTHER_SITE: E.ASSOCIATION_OTHER_SITE,
    T.ASSOCIATED: E.ASSOCIATION_ALREADY_ASSOCIATED,
    T.IS_PARTNER: E.ASSOCIATION_CUSTOMER_IS_PARTNER,
    F.INTERNAL_ACCOUNT: E.ASSOCIATION_INTERNAL_ACCOUNT,
    F.SUBSIDY_PLAN: E.ASSOCIATION_SUBSIDY_PLAN,
    F.REFERRAL_REWARD_PLAN: E.ASSOCIATION_REWARD_PLAN,
    F.CONSUMER_CLOUD_USER: E.ASSOCIATION_CONSUMER_USER,
    F.ARREARS: E.ASSOCIATION_ARREARS,
    F.UNIFIED_MEMBER: E.ASSOCIATION_UNIFIED_MEMBER,
}
RESALE_ONLY: dict[Trait | CustomerFact, ErrorCode] = {
    F.PROFESSIONAL_SERVICE_CONTRACT: E.ASSOCIATION_SPECIAL_CONTRACT,
    F.RESERVED_INSTANCE: E.ASSOCIATION_RESERVED_INSTANCE,
    F.OWED_INVOICE: E.ASSOCIATION_OWED_INVOICE,
    F.STORED_VALUE_CARD: E.ASSOCIATION_STORED_VALUE_CARD,
    F.MASTER_WITH_NON_UNIFIED_MEMBERS: E.ASSOCIATION_MASTER_WITH_MEMBERS,
    F.NON_UNIFIED_MEMBER: E.ASSOCIATION_IS_MEMBER,
    F.GIFT_BALANCE: E.ASSOCIATION_GIFT_BALANCE,
    F.CREDIT_ACCOUNT: E.ASSOCIATION_CREDIT_ACCOUNT,
}
UNREPORTED = {
    T.AGED_ACCOUNT: E.ASSOCIATION_NOT_REPORTED,
    F.CASH_CONSUMPTION: E.ASSOCIATION_NOT_REPORTED,
    T.REPORTED_BY_OTHER: E.ASSOCIATION_REGISTERED_BY_OTHER,
    F.REPORTED_BY_VENDOR: E.ASSOCIATION_REPORTED_BY_VENDOR,
}


def expected(known: Trait | CustomerFact, type: AssociationType, site: Site) -> list[ErrorCode]:
    if known in ALWAYS:
        return [ALWAYS[known]]
    if known is F.SPECIAL_CONTRACT and (type is RESALE or site is Site.INTL):
        return [E.ASSOCIATION_SPECIAL_CONTRACT]
    if known is F.UNSETTLED_BILL and site is Site.INTL:
        return [E.ASSOCIATION_UNSETTLED_BILL]
    return [RESALE_ONLY[known]] if known in RESALE_ONLY and type is RESALE else []


def prospect(*known: Trait | CustomerFact) -> Prospect:
    return Prospect(frozenset(known))


ACCOUNT = Contact("+8613812345678", "li.wei@example.com")
LINK = Link(InvitationState.ACTIVE, NOW + timedelta(days=7), report_live=True)
ACCEPTANCE = Acceptance(
    link=LINK,
    association_type=RESALE,
    standing=Standing.ACTIVE,
    account=ACCOUNT,
    prospect=prospect(T.HAS_ACCOUNT),
    backing=ReportBacking.DIRECT,
    notice_accepted=True,
    reported_contact=ACCOUNT,
)
GENERAL = replace(
    ACCEPTANCE,
    link=Link(InvitationState.ACTIVE, None),
    backing=ReportBacking.NONE,
    reported_contact=None,
)


def refusals(facts: Acceptance, site: Site = Site.CN) -> list[ErrorCode]:
    return codes(check_accept(facts, now=NOW, policy=POLICIES[site]))


@pytest.mark.parametrize(
    ("known", "type", "site", "backing"),
    list(product([*Trait, *CustomerFact], AssociationType, Site, ReportBacking)),
)
def test_one_fact(known: Trait | CustomerFact, type: AssociationType, site: Site, backing: ReportBacking) -> None:
    wanted = expected(known, type, site)
    assert codes(check_customer(prospect(known), type, site=site)) == wanted
    lifted = {ReportBacking.REVIEWED} if known is F.REPORTED_BY_VENDOR else {*ReportBacking} - {ReportBacking.NONE}
    if known in UNREPORTED and backing not in lifted:
        wanted = [UNREPORTED[known]]
    facts = replace(GENERAL, prospect=prospect(known), association_type=type, backing=backing)
    assert refusals(facts, site) == wanted


def test_every_code_of_the_section_is_expected_somewhere() -> None:
    wanted = {*ALWAYS.values(), *RESALE_ONLY.values(), *UNREPORTED.values(), E.ASSOCIATION_UNSETTLED_BILL}
    assert wanted | {E.ASSOCIATION_CONTACT_MISMATCH} == {code for code in ErrorCode if code.startswith("ASSOCIATION_")}


def test_all_reasons_come_at_once() -> None:
    facts = replace(
        GENERAL,
        prospect=prospect(T.AGED_ACCOUNT, F.CASH_CONSUMPTION, F.ARREARS),
        standing=Standing.FROZEN,
        notice_accepted=False,
    )
    assert refusals(facts) == [E.NOTICE_REQUIRED, E.PARTNER_FROZEN, E.ASSOCIATION_ARREARS, E.ASSOCIATION_NOT_REPORTED]


@pytest.mark.parametrize("facts", [ACCEPTANCE, GENERAL])
@pytest.mark.parametrize("site", Site)
def test_a_new_account_is_associated(facts: Acceptance, site: Site) -> None:
    assert refusals(facts, site) == []


@pytest.mark.parametrize(
    ("type", "accepted", "wanted"),
    [
        (RESALE, False, [E.NOTICE_REQUIRED]),
        (RESALE, True, []),
        (REFERRAL, False, []),
    ],
)
def test_only_resale_needs_the_notice(type: AssociationType, accepted: bool, wanted: list[ErrorCode]) -> None:
    assert refusals(replace(ACCEPTANCE, association_type=type, notice_accepted=accepted)) == wanted


@pytest.mark.parametrize(
    ("standing", "type", "wanted"),
    [
        (Standing.RESTRICTED, REFERRAL, [E.PARTNER_RESTRICTED]),
        (Standing.RESTRICTED, RESALE, [E.PARTNER_RESTRICTED]),
        (Standing.FROZEN, REFERRAL, [E.PARTNER_FROZEN]),
        (Standing.FROZEN, RESALE, [E.PARTNER_FROZEN]),
    ],
)
def test_a_partner_that_is_held_back_gains_nobody(
    standing: Standing, type: AssociationType, wanted: list[ErrorCode]
) -> None:
    assert refusals(replace(ACCEPTANCE, association_type=type, standing=standing)) == wanted


CONTACTS = [
    (Contact("+861", None), Contact("+861", None), True),
    (Contact("+861", "a@b.c"), Contact("+861", "x@y.z"), True),
    (Contact("+861", "a@b.c"), Contact("+862", "a@b.c"), False),
    (Contact("+861", "a@b.c"), Contact(None, "a@b.c"), True),
    (Contact(None, "a@b.c"), Contact("+861", "a@b.c"), True),
    (Contact(None, "a@b.c"), Contact("+861", "x@y.z"), False),
    (Contact("+861", None), Contact(None, "a@b.c"), False),
    (Contact("+861", None), Contact(None, None), False),
]


@pytest.mark.parametrize(("reported", "account", "same"), CONTACTS)
def test_whether_it_is_the_reported_account(reported: Contact, account: Contact, same: bool) -> None:
    assert is_same_contact(reported, account) is same
    found = refusals(replace(ACCEPTANCE, reported_contact=reported, account=account))
    assert found == ([] if same else [E.ASSOCIATION_CONTACT_MISMATCH])


LINKS = [
    (None, [E.LINK_INVALID]),
    (LINK, []),
    (replace(LINK, state=InvitationState.REVOKED), [E.LINK_INVALID]),
    (replace(LINK, state=InvitationState.USED), [E.LINK_USED]),
    (replace(LINK, state=InvitationState.EXPIRED), [E.LINK_EXPIRED]),
    (replace(LINK, valid_until=NOW + MILLISECOND), []),
    (replace(LINK, valid_until=NOW), [E.LINK_EXPIRED]),
    (replace(LINK, report_live=False), [E.LINK_EXPIRED]),
    (Link(InvitationState.ACTIVE, None, None), []),
]


@pytest.mark.parametrize(("link", "wanted"), LINKS)
def test_links(link: Link | None, wanted: list[ErrorCode]) -> None:
    found = check_link(link, now=NOW)
    assert codes(found) == wanted
    assert [violation.deadline for violation in found if violation.code is E.LINK_EXPIRED] == [
        link.valid_until for code in wanted if code is E.LINK_EXPIRED and link
    ]


@pytest.mark.parametrize(("link", "wanted"), [row for row in LINKS if row[1]])
def test_a_closed_link_tells_nothing_else(link: Link | None, wanted: list[ErrorCode]) -> None:
    facts = replace(ACCEPTANCE, link=link, prospect=prospect(F.ARREARS), standing=Standing.FROZEN)
    assert refusals(facts) == wanted


REPORT = InvitedReport(ReportStatus.REPORTED, NOW + MILLISECOND, "li.wei@example.com")
ONLINE = InviteFacts(InvitationChannel.ONLINE_MAIL, RESALE, Reporter(), REPORT)


INVITES = [
    (ONLINE, []),
    (replace(ONLINE, report=None), [E.INVITATION_NOT_REPORTED]),
    (replace(ONLINE, report=replace(REPORT, valid_until=NOW)), [E.INVITATION_NOT_REPORTED]),
    (replace(ONLINE, report=replace(REPORT, email=None)), [E.INVITATION_EMAIL_REQUIRED]),
    (replace(ONLINE, report=replace(REPORT, open_invitation_until=NOW)), []),
    (replace(ONLINE, report=replace(REPORT, open_invitation_until=NOW + MILLISECOND)), [E.INVITATION_STILL_VALID]),
    (replace(ONLINE, reporter=Reporter(may_refer=False)), []),
    (
        replace(ONLINE, reporter=Reporter(may_refer=False), association_type=REFERRAL),
        [E.INVITATION_TYPE_NOT_ALLOWED],
    ),
    (replace(ONLINE, reporter=Reporter(may_develop=False)), [E.DEVELOPMENT_NOT_ALLOWED]),
    (replace(ONLINE, reporter=Reporter(standing=Standing.FROZEN)), [E.PARTNER_FROZEN]),
    (replace(ONLINE, reporter=Reporter(standing=Standing.FROZEN), association_type=REFERRAL), []),
]


@pytest.mark.parametrize(("facts", "wanted"), INVITES)
def test_invitations(facts: InviteFacts, wanted: list[ErrorCode]) -> None:
    found = check_invite(facts, now=NOW)
    assert codes(found) == wanted
    if wanted == [E.INVITATION_STILL_VALID]:
        assert found[0].available_at == NOW + MILLISECOND


@pytest.mark.parametrize("status", ReportStatus)
def test_only_reported_customers_are_invited_online(status: ReportStatus) -> None:
    facts = replace(ONLINE, report=replace(REPORT, status=status))
    wanted = [] if status is ReportStatus.REPORTED else [E.INVITATION_NOT_REPORTED]
    assert codes(check_invite(facts, now=NOW)) == wanted


@pytest.mark.parametrize("channel", [InvitationChannel.OFFLINE_LINK, InvitationChannel.OFFLINE_QR])
def test_a_general_link_needs_the_permissions_only(channel: InvitationChannel) -> None:
    facts = InviteFacts(channel, RESALE, Reporter())
    assert codes(check_invite(facts, now=NOW)) == []
    frozen = replace(facts, reporter=Reporter(standing=Standing.FROZEN, may_develop=False))
    assert codes(check_invite(frozen, now=NOW)) == [E.DEVELOPMENT_NOT_ALLOWED, E.PARTNER_FROZEN]


@pytest.mark.parametrize("site", Site)
def test_how_long_links_live(site: Site) -> None:
    policy = POLICIES[site]
    assert compute_invitation_validity(InvitationChannel.ONLINE_MAIL, NOW, policy) == NOW + timedelta(days=7)
    assert compute_invitation_validity(InvitationChannel.OFFLINE_LINK, NOW, policy) is None
    assert compute_invitation_validity(InvitationChannel.OFFLINE_QR, NOW, policy) is None


def test_every_refusal_of_an_acceptance_has_a_cause_and_every_cause_an_advice() -> None:
    checks = ("invitations.link", "partners.standing", "associations.notice", "associations.contact")
    rules = (*checks, "associations.customer", "associations.reported")
    assert set(CAUSES) == {code for rule in rules for code in RULES[rule].codes}
    assert set(ADVICE) == set(FailureCause)
    assert set(ADVICE.values()) == set(FailureAdvice)
    assert len(set(CAUSES.values())) == len(CAUSES)


def test_causes_of_a_failure() -> None:
    found = check_accept(
        replace(GENERAL, prospect=prospect(F.ARREARS, T.AGED_ACCOUNT)), now=NOW, policy=POLICIES[Site.CN]
    )
    assert compute_causes(found) == [FailureCause.ARREARS, FailureCause.ACCOUNT_OLDER_THAN_7_DAYS]


def test_the_ways_of_invitations_and_attempts() -> None:
    V, A = InvitationState, AttemptState
    assert {(row.source, row.event, row.target) for row in INVITATION.transitions} == {
        (V.ACTIVE, "use", V.USED),
        (V.ACTIVE, "expire", V.EXPIRED),
        (V.ACTIVE, "revoke", V.REVOKED),
    }
    assert {(row.source, row.event, row.target) for row in ATTEMPT.transitions} == {
        (A.PENDING, "associate", A.ASSOCIATED),
        (A.PENDING, "fail", A.FAILED),
    }
