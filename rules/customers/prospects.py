"""What is known of the customer behind a contact, and whether that forbids a report or asks for a manual review."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from rules.customers.kinds import CustomerFact
from rules.errors import ErrorCode, Violation
from rules.policy import REPORTS_OWN_ACCOUNT, Policy
from rules.registry import Rule, register, rule
from rules.sites import Site

_REFUSALS_PAGE = (
    "https://huaweicloud.com/s/JWRuc-acjeWKoeWZqOS4rea3u-WKoOS4u-acuuiusOW9lSU/t_30_p_17/JeWQiOS9nOS8meS8tOS4reW_gyU"
)
_REVIEW_PAGE = (
    "https://huaweicloud.com/s/JeWNleWPsOacjeWKoeWZqOaUr-aMgeWkmuWkp-W5tuWPkemHjyU/t_30_p_15/"
    "JeWQiOS9nOS8meS8tOS4reW_gyU"
)


class Trait(StrEnum):
    """What the system itself knows about a contact, also from other partners' rows: never more than that it is so."""

    HAS_ACCOUNT = "HAS_ACCOUNT"
    AGED_ACCOUNT = "AGED_ACCOUNT"
    ON_OTHER_SITE = "ON_OTHER_SITE"
    ASSOCIATED = "ASSOCIATED"
    IS_PARTNER = "IS_PARTNER"
    REPORTED_BY_OTHER = "REPORTED_BY_OTHER"


class ReviewReason(StrEnum):
    """Why a customer can be reported only after a manual review."""

    AGED_ACCOUNT = "AGED_ACCOUNT"
    CASH_CONSUMPTION = "CASH_CONSUMPTION"
    REPORTED_BY_VENDOR = "REPORTED_BY_VENDOR"
    ONLINE_SALES_TEAM = "ONLINE_SALES_TEAM"
    SUPPORT_CENTRE = "SUPPORT_CENTRE"
    OTHER_COUNTRY = "OTHER_COUNTRY"


Known = Trait | CustomerFact


@dataclass(frozen=True, slots=True)
class Prospect:
    """All that holds of the customer behind a contact; nothing of a person who has no account yet."""

    known: frozenset[Known] = frozenset()

    @classmethod
    def of(cls, codes: Iterable[str]) -> Self:
        """From the codes that `guard_prospect` answers; `ValueError` for one that is neither trait nor fact."""
        return cls(frozenset(Trait(code) if code in Trait.__members__ else CustomerFact(code) for code in codes))

    def __contains__(self, known: Known) -> bool:
        return known in self.known


@dataclass(frozen=True, slots=True)
class ReportRefusal:
    """A row of the table: `known` forbids a report on `sites`, unless `unless` holds too."""

    known: Known
    code: ErrorCode
    unless: Known | None = None
    sites: frozenset[Site] = frozenset(Site)


_CN = frozenset({Site.CN})
_INTL = frozenset({Site.INTL})
F = CustomerFact
E = ErrorCode

REPORT_REFUSALS = (
    ReportRefusal(Trait.ON_OTHER_SITE, E.REPORT_CUSTOMER_OTHER_SITE),
    ReportRefusal(F.OTHER_SITE, E.REPORT_CUSTOMER_OTHER_SITE),
    ReportRefusal(Trait.ASSOCIATED, E.REPORT_CUSTOMER_ALREADY_ASSOCIATED),
    ReportRefusal(Trait.REPORTED_BY_OTHER, E.REPORT_CUSTOMER_REPORTED_BY_OTHER),
    ReportRefusal(F.CONSUMER_CLOUD_USER, E.REPORT_CUSTOMER_CONSUMER_USER),
    ReportRefusal(F.SIGNED_CONTRACT, E.REPORT_CUSTOMER_CONTRACT),
    ReportRefusal(F.CASH_CONSUMPTION, E.REPORT_CUSTOMER_CASH_NOT_FOLLOWED, unless=F.FOLLOWED_BY_DIRECT_SALES),
    ReportRefusal(F.UNIFIED_MEMBER, E.REPORT_CUSTOMER_UNIFIED_MEMBER),
    ReportRefusal(F.REFERRAL_REWARD_PLAN, E.REPORT_CUSTOMER_REFERRAL_PLAN, sites=_CN),
)
"""Refusals that no review can lift. B 2.2 G3."""

REPORT_REVIEWS: tuple[tuple[ReviewReason, frozenset[Known], frozenset[Site]], ...] = (
    (ReviewReason.AGED_ACCOUNT, frozenset({Trait.AGED_ACCOUNT}), frozenset(Site)),
    (ReviewReason.CASH_CONSUMPTION, frozenset({F.CASH_CONSUMPTION, F.FOLLOWED_BY_DIRECT_SALES}), frozenset(Site)),
    (ReviewReason.REPORTED_BY_VENDOR, frozenset({F.REPORTED_BY_VENDOR}), frozenset(Site)),
    (ReviewReason.ONLINE_SALES_TEAM, frozenset({F.ONLINE_SALES_TEAM}), frozenset(Site)),
    (ReviewReason.SUPPORT_CENTRE, frozenset({F.SUPPORT_CENTRE}), frozenset(Site)),
    (ReviewReason.OTHER_COUNTRY, frozenset({F.OTHER_COUNTRY}), _INTL),
)
"""A reason holds where all of its facts do, on its sites. B 2.2 G4."""

register(
    Rule(
        "reports.review",
        "B 2.2 G4",
        _REVIEW_PAGE,
        policy=(REPORTS_OWN_ACCOUNT,),
        codes=(ErrorCode.REPORT_REVIEW_REQUIRED, ErrorCode.STATE_CONFLICT),
    )
)


@rule(
    "reports.refusals",
    "B 2.2 G3",
    codes=tuple(dict.fromkeys(refusal.code for refusal in REPORT_REFUSALS)),
    page=_REFUSALS_PAGE,
)
def check_prospect(prospect: Prospect, *, site: Site) -> list[Violation]:
    """Every reason for which this customer may not be reported at all, each code once."""
    codes = [
        refusal.code
        for refusal in REPORT_REFUSALS
        if refusal.known in prospect and site in refusal.sites and not _excused(refusal, prospect)
    ]
    return [Violation(code, rule="reports.refusals") for code in dict.fromkeys(codes)]


def _excused(refusal: ReportRefusal, prospect: Prospect) -> bool:
    return refusal.unless is not None and refusal.unless in prospect


def compute_review_reasons(prospect: Prospect, *, site: Site) -> list[ReviewReason]:
    """Why a report of this customer needs a manual review; empty when it can be made directly."""
    return [reason for reason, needs, sites in REPORT_REVIEWS if site in sites and needs <= prospect.known]


def is_review_needed(prospect: Prospect, *, site: Site) -> bool:
    """Whether a report of this customer needs a manual review."""
    return bool(compute_review_reasons(prospect, site=site))


def compute_aged_before(now: datetime, policy: Policy) -> datetime:
    """An account registered before this instant is no longer new; exactly at it, it still is."""
    return now - policy[REPORTS_OWN_ACCOUNT]
