"""Accepting an invitation: which accounts may be associated with a partner, and what an association brings about."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rules.customers.invitations import Link, check_link
from rules.customers.kinds import AssociationType, CustomerFact
from rules.customers.prospects import Known, Prospect, Trait
from rules.errors import ErrorCode, Violation
from rules.partners import Standing, Undertaking, check_standing
from rules.policy import REPORTS_OWN_ACCOUNT, Policy
from rules.registry import rule
from rules.sites import Site

_CUSTOMER_PAGE = (
    "https://huaweicloud.com/guide/category-ec9e4e263ad287bc82370fb2bf672c55d703d0eded87447e21683c290cff292a-1"
)
_NOTICE_PAGE = "https://support.huaweicloud.com/intl/zh-cn/usermanual-bpconsole/zh-cn_topic_0045531772.html"
_MOBILE_PAGE = "https://huaweicloud.com/s/JXB5dGhvbiDmtYvor5XnlKjkvovnrqHnkIYl/t_30_p_32/JeWQiOS9nOS8meS8tOS4reW_gyU"


@dataclass(frozen=True, slots=True)
class AssociationRefusal:
    """A row of the table: `known` forbids an association of these types on these sites."""

    known: Known
    code: ErrorCode
    types: frozenset[AssociationType] = frozenset(AssociationType)
    sites: frozenset[Site] = frozenset(Site)


_CN = frozenset({Site.CN})
_INTL = frozenset({Site.INTL})
_RESALE = frozenset({AssociationType.RESALE})
F = CustomerFact
E = ErrorCode
_row = AssociationRefusal

ASSOCIATION_REFUSALS = (
    _row(Trait.ON_OTHER_SITE, E.ASSOCIATION_OTHER_SITE),
    _row(F.OTHER_SITE, E.ASSOCIATION_OTHER_SITE),
    _row(Trait.ASSOCIATED, E.ASSOCIATION_ALREADY_ASSOCIATED),
    _row(Trait.IS_PARTNER, E.ASSOCIATION_CUSTOMER_IS_PARTNER),
    _row(F.INTERNAL_ACCOUNT, E.ASSOCIATION_INTERNAL_ACCOUNT),
    _row(F.SUBSIDY_PLAN, E.ASSOCIATION_SUBSIDY_PLAN),
    _row(F.REFERRAL_REWARD_PLAN, E.ASSOCIATION_REWARD_PLAN),
    _row(F.CONSUMER_CLOUD_USER, E.ASSOCIATION_CONSUMER_USER),
    _row(F.ARREARS, E.ASSOCIATION_ARREARS),
    _row(F.UNSETTLED_BILL, E.ASSOCIATION_UNSETTLED_BILL, sites=_INTL),
    _row(F.UNIFIED_MEMBER, E.ASSOCIATION_UNIFIED_MEMBER),
    _row(F.SPECIAL_CONTRACT, E.ASSOCIATION_SPECIAL_CONTRACT, types=_RESALE, sites=_CN),
    _row(F.SPECIAL_CONTRACT, E.ASSOCIATION_SPECIAL_CONTRACT, sites=_INTL),
    _row(F.PROFESSIONAL_SERVICE_CONTRACT, E.ASSOCIATION_SPECIAL_CONTRACT, types=_RESALE),
    _row(F.RESERVED_INSTANCE, E.ASSOCIATION_RESERVED_INSTANCE, types=_RESALE),
    _row(F.OWED_INVOICE, E.ASSOCIATION_OWED_INVOICE, types=_RESALE),
    _row(F.STORED_VALUE_CARD, E.ASSOCIATION_STORED_VALUE_CARD, types=_RESALE),
    _row(F.MASTER_WITH_NON_UNIFIED_MEMBERS, E.ASSOCIATION_MASTER_WITH_MEMBERS, types=_RESALE),
    _row(F.NON_UNIFIED_MEMBER, E.ASSOCIATION_IS_MEMBER, types=_RESALE),
    _row(F.GIFT_BALANCE, E.ASSOCIATION_GIFT_BALANCE, types=_RESALE),
    _row(F.CREDIT_ACCOUNT, E.ASSOCIATION_CREDIT_ACCOUNT, types=_RESALE),
)
"""Facts that forbid an association whatever has been reported. B 3.3."""


class ReportBacking(StrEnum):
    """How the partner's own live report of this very account backs the association."""

    NONE = "NONE"
    DIRECT = "DIRECT"
    REVIEWED = "REVIEWED"


@dataclass(frozen=True, slots=True)
class Contact:
    """The contacts of a report or of an account, in their stored form."""

    mobile: str | None
    email: str | None


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A customer about to accept an invitation. `link` is `None` when there is none with that token.

    `reported_contact` is the contact of the report the invitation is about, `None` for a general link.
    """

    link: Link | None
    association_type: AssociationType
    standing: Standing
    account: Contact
    prospect: Prospect
    backing: ReportBacking
    notice_accepted: bool
    reported_contact: Contact | None = None


def check_accept(facts: Acceptance, *, now: datetime, policy: Policy) -> list[Violation]:
    """All reasons against associating; a link that does not open tells nothing else about partner or account."""
    closed = check_link(facts.link, now=now)
    if closed:
        return closed
    return [
        *_check_notice(facts),
        *check_standing(facts.standing, Undertaking.ASSOCIATE_CUSTOMER),
        *_check_contact(facts),
        *check_customer(facts.prospect, facts.association_type, site=policy.site),
        *_check_reported(facts.prospect, facts.backing),
    ]


@rule("associations.invitee", "B 3.1", codes=(ErrorCode.LINK_INVALID,), page=_MOBILE_PAGE)
def compute_answer(facts: Acceptance, violations: list[Violation], *, now: datetime) -> list[Violation]:
    """What the account that tries is told: one that the invitation is not for learns nothing, not even that there is
    one. The partner is told the true reasons.
    """
    return check_link(None, now=now) if _check_contact(facts) else violations


@rule("associations.notice", "B 3.3", codes=(ErrorCode.NOTICE_REQUIRED,), page=_NOTICE_PAGE)
def _check_notice(facts: Acceptance) -> list[Violation]:
    """Only a resale association changes how the customer pays, so only it needs the notice ticked."""
    if facts.notice_accepted or facts.association_type is AssociationType.REFERRAL:
        return []
    return [Violation(ErrorCode.NOTICE_REQUIRED, ("input", "noticeAccepted"), "associations.notice")]


@rule("associations.contact", "B 2.1", codes=(ErrorCode.ASSOCIATION_CONTACT_MISMATCH,), page=_MOBILE_PAGE)
def _check_contact(facts: Acceptance) -> list[Violation]:
    if facts.reported_contact is None or is_same_contact(facts.reported_contact, facts.account):
        return []
    return [Violation(ErrorCode.ASSOCIATION_CONTACT_MISMATCH, rule="associations.contact")]


def is_same_contact(reported: Contact, account: Contact) -> bool:
    """Whether a report is about this account: by mobile number where both have one, else by e-mail address."""
    if reported.mobile and account.mobile:
        return reported.mobile == account.mobile
    return bool(reported.email) and reported.email == account.email


@rule(
    "associations.customer",
    "B 3.3",
    codes=tuple(dict.fromkeys(refusal.code for refusal in ASSOCIATION_REFUSALS)),
    page=_CUSTOMER_PAGE,
)
def check_customer(prospect: Prospect, association_type: AssociationType, *, site: Site) -> list[Violation]:
    """Every fact that forbids an association of this type, each code once."""
    codes = [
        refusal.code
        for refusal in ASSOCIATION_REFUSALS
        if refusal.known in prospect and association_type in refusal.types and site in refusal.sites
    ]
    return [Violation(code, rule="associations.customer") for code in dict.fromkeys(codes)]


@rule(
    "associations.reported",
    "B 3.3",
    policy=(REPORTS_OWN_ACCOUNT,),
    codes=(
        ErrorCode.ASSOCIATION_NOT_REPORTED,
        ErrorCode.ASSOCIATION_REPORTED_BY_VENDOR,
        ErrorCode.ASSOCIATION_REGISTERED_BY_OTHER,
    ),
    page=_NOTICE_PAGE,
)
def _check_reported(prospect: Prospect, backing: ReportBacking) -> list[Violation]:
    """Who may come without a report, and whose report stands in the way.

    A vendor's own report gives way to one of the partner that the vendor has reviewed and approved: that was the very
    reason for the review.
    """
    codes = []
    if Trait.REPORTED_BY_OTHER in prospect and backing is ReportBacking.NONE:
        codes.append(ErrorCode.ASSOCIATION_REGISTERED_BY_OTHER)
    if F.REPORTED_BY_VENDOR in prospect and backing is not ReportBacking.REVIEWED:
        codes.append(ErrorCode.ASSOCIATION_REPORTED_BY_VENDOR)
    known_before = Trait.AGED_ACCOUNT in prospect or F.CASH_CONSUMPTION in prospect
    if known_before and backing is ReportBacking.NONE:
        codes.append(ErrorCode.ASSOCIATION_NOT_REPORTED)
    return [Violation(code, rule="associations.reported") for code in codes]
