"""What a partner's opportunity must say before it may be submitted: all reasons at once, each with its field."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from rules.errors import ErrorCode, Violation
from rules.opportunities.kinds import (
    EDITABLE,
    DuplicateMatch,
    OpportunityState,
    OpportunityWarning,
)
from rules.opportunities.offerings import check_named_offering
from rules.policy import OPPORTUNITIES_BANT_LENGTH, OPPORTUNITIES_MIN_REVENUE, Policy
from rules.registry import rule

BANT = ("budget", "authority", "need", "timeline")
"""The four parts of the description."""

_FORM_PAGE = "https://support.huaweicloud.com/usermanual-bpconsole/chpo_1101.html"
_REASONABLE_PAGE = "https://huaweicloud.com/s/JeWNjuS4uuW6lOeUqOS4reW_gyU/t_30_p_5/JeWQiOS9nOS8meS8tOS4reW_gyU"
_DUPLICATES_PAGE = "https://huaweicloud.com/s/JeermeeCueWSjOWfn-WQjeeahOWMuuWIqyU/t_30_p_3/JeWQiOS9nOS8meS8tOS4reW_gyU"
_VALIDITY_PAGE = "https://huaweicloud.com/s/Jei0reS5sOiKgueCuSU/t_30_p_4/JeWQiOS9nOS8meS8tOS4reW_gyU"
_OFFERING_PAGE = "https://huaweicloud.com/s/JWV1bGVyb3MgbGludXgl/t_30_p_2/JeWQiOS9nOS8meS8tOS4reW_gyU"
_NAME = "opportunity"


@dataclass(frozen=True, slots=True)
class NamedOffering:
    """An offering that an opportunity names: whose it is, as seen from its partner, and whether it holds today."""

    own: bool
    vendor_led: bool
    holds: bool


@dataclass(frozen=True, slots=True)
class Content:
    """An opportunity as written so far.

    `required` maps the API's name of each field that must be filled in to its value; empty texts and lists are missing.
    `described` has the four parts of the description. `today` is the site's.
    """

    today: date
    required: Mapping[str, Any] = field(default_factory=dict)
    described: Mapping[str, str | None] = field(default_factory=dict)
    has_contact: bool = False
    revenue_minor: int | None = None
    solution: str | None = None
    offerings: tuple[NamedOffering, ...] = ()
    cloud_services: int = 0
    expected_sign_on: date | None = None
    expected_delivery_on: date | None = None
    consent_confirmed: bool = False
    consent_statement: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides on an opportunity besides its content.

    `in_plan`: the partner is in the co-sell plan. `duplicates`: by what it is about the same customer and need as one
    that has been verified already.
    """

    state: OpportunityState
    in_plan: bool
    duplicates: tuple[DuplicateMatch, ...] = ()


def check_submission(content: Content, standing: Standing, *, policy: Policy) -> list[Violation]:
    """All reasons against submitting an opportunity as it is written; paths begin with `opportunity`."""
    return [
        *check_edit(standing.state),
        *check_plan(standing.in_plan),
        *check_content(content, policy=policy),
        *check_duplicate(standing.duplicates),
    ]


def check_content(content: Content, *, policy: Policy) -> list[Violation]:
    """Completeness and reasonableness, as far as the partner answers for them. Asked again when it is audited."""
    return [
        *_check_complete(content),
        *_check_bant(content.described, policy=policy),
        *_check_dates(content),
        *_check_revenue(content.revenue_minor, policy=policy),
        *_check_solution(content),
        *_check_offerings(content.offerings),
        *_check_consent(content),
    ]


@rule("opportunities.edit", "B 6.5", codes=(ErrorCode.PO_NOT_EDITABLE,), page=_FORM_PAGE)
def check_edit(state: OpportunityState) -> list[Violation]:
    """PO_NOT_EDITABLE once submitted, unless the audit has sent it back."""
    if state in EDITABLE:
        return []
    parameters = {"state": state.value, "allowed": sorted(EDITABLE)}
    return [Violation(ErrorCode.PO_NOT_EDITABLE, rule="opportunities.edit", parameters=parameters)]


@rule("opportunities.delete", "B 6.5", codes=(ErrorCode.PO_NOT_EDITABLE,), page=_FORM_PAGE)
def check_delete(state: OpportunityState) -> list[Violation]:
    """PO_NOT_EDITABLE for all but drafts: what the vendor has seen stays on record."""
    if state is OpportunityState.DRAFT:
        return []
    parameters = {"state": state.value, "allowed": OpportunityState.DRAFT.value}
    return [Violation(ErrorCode.PO_NOT_EDITABLE, rule="opportunities.delete", parameters=parameters)]


@rule("opportunities.plan", "B 6.1", codes=(ErrorCode.PCE_NOT_JOINED,), page=_FORM_PAGE)
def check_plan(in_plan: bool) -> list[Violation]:
    """PCE_NOT_JOINED unless the partner is in the co-sell plan."""
    return [] if in_plan else [Violation(ErrorCode.PCE_NOT_JOINED, rule="opportunities.plan")]


@rule("opportunities.complete", "B 6.2", codes=(ErrorCode.PO_FIELD_REQUIRED,), page=_FORM_PAGE)
def _check_complete(content: Content) -> list[Violation]:
    missing = [name for name, value in content.required.items() if not _is_given(value)]
    if not content.has_contact:
        missing.append("contactMobile")
    return [Violation(ErrorCode.PO_FIELD_REQUIRED, (_NAME, name), "opportunities.complete") for name in missing]


def _is_given(value: Any) -> bool:
    return bool(value.strip()) if isinstance(value, str) else bool(value)


@rule(
    "opportunities.bant",
    "B 6.3",
    policy=(OPPORTUNITIES_BANT_LENGTH,),
    codes=(ErrorCode.PO_BANT_INCOMPLETE,),
    page=_FORM_PAGE,
)
def _check_bant(described: Mapping[str, str | None], *, policy: Policy) -> list[Violation]:
    """Each part says something, and none says what another part says already."""
    least, seen, violations = policy[OPPORTUNITIES_BANT_LENGTH], set[str](), []
    for part in BANT:
        text = folded(described.get(part) or "")
        if len((described.get(part) or "").strip()) < least or text in seen:
            parameters = {"min": least}
            violations.append(Violation(ErrorCode.PO_BANT_INCOMPLETE, (_NAME, part), "opportunities.bant", parameters))
        if text:
            seen.add(text)
    return violations


def folded(text: str) -> str:
    """A text without case, width and spaces, to be compared."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


@rule("opportunities.dates", "B 6.3", codes=(ErrorCode.OUT_OF_RANGE,), page=_VALIDITY_PAGE)
def _check_dates(content: Content) -> list[Violation]:
    """The project lies ahead, and is delivered after it is signed."""
    sign, deliver = content.expected_sign_on, content.expected_delivery_on
    violations = []
    if sign is not None and sign < content.today:
        violations.append(_before("expectedSignOn", content.today))
    earliest = max(content.today, sign or content.today)
    if deliver is not None and deliver < earliest:
        violations.append(_before("expectedDeliveryOn", earliest))
    return violations


def _before(name: str, earliest: date) -> Violation:
    parameters = {"min": earliest.isoformat(), "max": None}
    return Violation(ErrorCode.OUT_OF_RANGE, (_NAME, name), "opportunities.dates", parameters)


@rule(
    "opportunities.revenue",
    "B 6.3",
    policy=(OPPORTUNITIES_MIN_REVENUE,),
    codes=(ErrorCode.PO_REVENUE_TOO_SMALL,),
    page=_REASONABLE_PAGE,
)
def _check_revenue(revenue_minor: int | None, *, policy: Policy) -> list[Violation]:
    """Not zero and not very small; a missing one is missed by the completeness already."""
    least = policy[OPPORTUNITIES_MIN_REVENUE]
    if revenue_minor is None or Decimal(revenue_minor) >= least * 100:
        return []
    path, parameters = (_NAME, "expectedRevenue"), {"min": f"{least:.2f}"}
    return [Violation(ErrorCode.PO_REVENUE_TOO_SMALL, path, "opportunities.revenue", parameters)]


@rule("opportunities.solution", "B 6.3", codes=(ErrorCode.PO_SOLUTION_REQUIRED,), page=_REASONABLE_PAGE)
def _check_solution(content: Content) -> list[Violation]:
    """The partner's own solution meets the need: one of its offerings, or one it describes."""
    if any(offering.own for offering in content.offerings) or folded(content.solution or ""):
        return []
    path = (_NAME, "solutionDescription")
    return [Violation(ErrorCode.PO_SOLUTION_REQUIRED, path, "opportunities.solution")]


def _check_offerings(offerings: tuple[NamedOffering, ...]) -> list[Violation]:
    return [
        violation
        for place, one in enumerate(offerings)
        for violation in check_named_offering(
            usable=one.own or one.vendor_led, holds=one.holds, path=(_NAME, "offeringIds", str(place))
        )
    ]


@rule("opportunities.consent", "B 6.1", codes=(ErrorCode.PO_CONSENT_REQUIRED,), page=_REASONABLE_PAGE)
def _check_consent(content: Content) -> list[Violation]:
    """The customer has agreed that its data is shared, and it is stated how."""
    given = {"consentConfirmed": content.consent_confirmed, "consentStatement": folded(content.consent_statement or "")}
    name = "opportunities.consent"
    return [Violation(ErrorCode.PO_CONSENT_REQUIRED, (_NAME, part), name) for part, value in given.items() if not value]


@rule("opportunities.duplicate", "B 6.4", codes=(ErrorCode.PO_DUPLICATE_VERIFIED,), page=_DUPLICATES_PAGE)
def check_duplicate(duplicates: tuple[DuplicateMatch, ...]) -> list[Violation]:
    """PO_DUPLICATE_VERIFIED, without a word about whose the other one is."""
    return [Violation(ErrorCode.PO_DUPLICATE_VERIFIED, rule="opportunities.duplicate")] if duplicates else []


@rule("opportunities.vendor_business", "D 2", codes=(ErrorCode.PO_NOT_VENDOR_BUSINESS,), page=_REASONABLE_PAGE)
def check_vendor_business(content: Content, *, ticked: bool) -> list[Violation]:
    """PO_NOT_VENDOR_BUSINESS unless a cloud service or offering is named, or the reviewer says that it is."""
    if ticked or content.cloud_services or content.offerings:
        return []
    path = ("input", "vendorBusiness")
    return [Violation(ErrorCode.PO_NOT_VENDOR_BUSINESS, path, "opportunities.vendor_business")]


@rule("opportunities.warnings", "B 2.5, 6.7", page=_OFFERING_PAGE)
def compute_warnings(*, has_account: bool, offerings: int, vendor_business: bool) -> list[OpportunityWarning]:
    """What the partner should know: none of it stands in the way, and each goes away with its cause."""
    warnings = (
        (not has_account, OpportunityWarning.W_NO_ACCOUNT_REPORT),
        (not offerings, OpportunityWarning.W_NO_OFFERING),
        (not vendor_business, OpportunityWarning.W_NO_VENDOR_PRODUCT),
    )
    return [warning for holds, warning in warnings if holds]
