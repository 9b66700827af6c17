"""Reporting a customer: who may, what a report says, the application for a review, the decision, the validity."""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from rules.customers.forms import check_text
from rules.customers.kinds import REPORT, AssociationType, ReportStatus
from rules.customers.prospects import Prospect, Trait, check_prospect, compute_review_reasons
from rules.errors import ErrorCode, Violation
from rules.partners import Standing, Undertaking, check_standing
from rules.policy import REPORTS_EXPIRY_NOTICE, REPORTS_OPEN_MAX, REPORTS_VALIDITY, Policy
from rules.registry import rule
from rules.sites import Site

NAME_LENGTH = 256
"""Longest full name of a reported customer, in characters."""

REASON_LENGTH = 500
"""Longest reason for a rejection, in characters."""

REVIEW_TEXT_LENGTH = 2000
"""Longest project detail or communication log of an application for a review, in characters."""

CUSTOMER_ACCOUNT_LENGTH = 128
"""Longest customer account named in an application for a review, in characters."""

EXPECTED_MONTHS_MAX = 120
"""Longest period of expected new spending, in months."""

OPEN_STATUSES = frozenset({ReportStatus.PENDING_REVIEW, ReportStatus.REPORTED})
"""Reports that count towards the limit; of those REPORTED only while they hold, see `is_live`."""

_LIMITS_PAGE = (
    "https://huaweicloud.com/s/JeWNleWPsOacjeWKoeWZqOaUr-aMgeWkmuWkp-W5tuWPkemHjyU/t_30_p_15/"
    "JeWQiOS9nOS8meS8tOS4reW_gyU"
)
_FORM_PAGE = "https://huaweicloud.com/s/Jem8oOagh-eCueWHu-mAn-W6pua1i-ivlSU/t_30_p_6/JeWQiOS9nOS8meS8tOS4reW_gyU"
_VALIDITY_PAGE = "https://huaweicloud.com/s/JXB5dGhvbiDmtYvor5XnlKjkvovnrqHnkIYl/t_30_p_32/JeWQiOS9nOS8meS8tOS4reW_gyU"
_EMAIL_LOCAL_PART = re.compile(r"[A-Za-z0-9_.-]+")


@dataclass(frozen=True, slots=True)
class Reporter:
    """The partner that reports or invites, and the person who does it for the partner.

    `has_contact`: the person's own account has a mobile number or an e-mail address. `open_reports`: the partner's
    reports in review, and those REPORTED that still hold. `standing` is the effective one.
    """

    standing: Standing = Standing.ACTIVE
    may_develop: bool = True
    may_refer: bool = True
    has_contact: bool = True
    open_reports: int = 0


@dataclass(frozen=True, slots=True)
class ReportDraft:
    """A report as entered; contacts in their stored form, `None` for those left out."""

    customer_name: str
    mobile: str | None
    email: str | None
    send_invite: bool
    association_type: AssociationType | None


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """A draft with all that decides on it. `own_open`: the partner has an open report for one of the contacts."""

    draft: ReportDraft
    reporter: Reporter
    prospect: Prospect
    own_open: bool = False


@dataclass(frozen=True, slots=True)
class ReviewApplication:
    """What a partner says for a manual review: new spending expected within so many months, in minor units, and why."""

    expected_spend_minor: int
    expected_months: int
    project_detail: str
    customer_account: str
    communication_log: str


def check_report(facts: ReportFacts, *, policy: Policy) -> list[Violation]:
    """All reasons against a direct report.

    REPORT_REVIEW_REQUIRED, with the `reasons` as parameter, only where no reason is left that a review could not lift.
    """
    return _check_entry(facts, policy=policy) + _check_direct(facts.prospect, facts.prospect, site=policy.site)


def _check_direct(prospect: Prospect, reviewed: Prospect, *, site: Site) -> list[Violation]:
    """What stands against a report without a review; the reasons for one are looked for in `reviewed`."""
    refused = check_prospect(prospect, site=site)
    reasons = compute_review_reasons(reviewed, site=site)
    if reasons and not refused:
        names = [reason.value for reason in reasons]
        refused = [Violation(ErrorCode.REPORT_REVIEW_REQUIRED, rule="reports.review", parameters={"reasons": names})]
    return refused


def check_review_application(application: ReviewApplication, facts: ReportFacts, *, policy: Policy) -> list[Violation]:
    """All reasons against applying for a manual review; STATE_CONFLICT when the customer can be reported directly."""
    violations = _check_entry(facts, policy=policy) + check_prospect(facts.prospect, site=policy.site)
    if not violations and not compute_review_reasons(facts.prospect, site=policy.site):
        parameters = {"event": "apply", "state": "DIRECT", "allowed": "REVIEW_REQUIRED"}
        violations = [Violation(ErrorCode.STATE_CONFLICT, rule="reports.review", parameters=parameters)]
    return violations + _check_application(application)


def _check_entry(facts: ReportFacts, *, policy: Policy) -> list[Violation]:
    """What direct report and application have in common."""
    return [
        *_check_form(facts.draft),
        *check_development(facts.reporter, facts.draft.association_type),
        *_check_reporter(facts.reporter, policy=policy),
        *_check_own(facts.own_open),
    ]


@rule(
    "reports.form",
    "B 2.1",
    codes=(
        ErrorCode.REQUIRED,
        ErrorCode.OUT_OF_RANGE,
        ErrorCode.EMAIL_INVALID,
        ErrorCode.INVITATION_EMAIL_REQUIRED,
    ),
    page=_FORM_PAGE,
)
def _check_form(draft: ReportDraft) -> list[Violation]:
    """The name, the contact that the way of inviting needs, and the type where the invitation goes out at once."""
    name = "reports.form"
    violations = check_text(draft.customer_name, "input", "customerName", rule=name, longest=NAME_LENGTH)
    if draft.send_invite and not draft.email:
        violations.append(Violation(ErrorCode.INVITATION_EMAIL_REQUIRED, ("input", "email"), name))
    if draft.send_invite and draft.association_type is None:
        violations.append(Violation(ErrorCode.REQUIRED, ("input", "associationType"), name))
    if not draft.send_invite and not draft.mobile:
        violations.append(Violation(ErrorCode.REQUIRED, ("input", "mobile"), name))
    if draft.email and not _EMAIL_LOCAL_PART.fullmatch(draft.email.rpartition("@")[0]):
        violations.append(Violation(ErrorCode.EMAIL_INVALID, ("input", "email"), name))
    return violations


@rule("reports.development", "B 2.2 G6", codes=(ErrorCode.DEVELOPMENT_NOT_ALLOWED,), page=_FORM_PAGE)
@rule("invitations.type", "B 3.1", codes=(ErrorCode.INVITATION_TYPE_NOT_ALLOWED,))
def check_development(reporter: Reporter, association_type: AssociationType | None) -> list[Violation]:
    """Whether the partner may develop customers at all, and with this type of association where one is chosen.

    DEVELOPMENT_NOT_ALLOWED, INVITATION_TYPE_NOT_ALLOWED, PARTNER_FROZEN for resale by a frozen partner.
    """
    violations = []
    if not reporter.may_develop:
        violations.append(Violation(ErrorCode.DEVELOPMENT_NOT_ALLOWED, rule="reports.development"))
    if association_type is AssociationType.REFERRAL and not reporter.may_refer:
        path = ("input", "associationType")
        violations.append(Violation(ErrorCode.INVITATION_TYPE_NOT_ALLOWED, path, "invitations.type"))
    if association_type is AssociationType.RESALE:
        violations += check_standing(reporter.standing, Undertaking.DEVELOP_RESALE_CUSTOMER)
    return violations


@rule("reports.reporter", "B 2.2 G1", codes=(ErrorCode.REPORT_CONTACT_REQUIRED,), page=_VALIDITY_PAGE)
@rule(
    "reports.limit",
    "B 2.2 G2",
    policy=(REPORTS_OPEN_MAX,),
    codes=(ErrorCode.REPORT_LIMIT_REACHED,),
    page=_LIMITS_PAGE,
)
def _check_reporter(reporter: Reporter, *, policy: Policy) -> list[Violation]:
    violations = []
    if not reporter.has_contact:
        violations.append(Violation(ErrorCode.REPORT_CONTACT_REQUIRED, rule="reports.reporter"))
    if reporter.open_reports >= policy[REPORTS_OPEN_MAX]:
        violations.append(
            Violation(
                ErrorCode.REPORT_LIMIT_REACHED,
                rule="reports.limit",
                limit=Decimal(policy[REPORTS_OPEN_MAX]),
                used=Decimal(reporter.open_reports),
                requested=Decimal(1),
            )
        )
    return violations


@rule("reports.own", "B 2.6", codes=(ErrorCode.REPORT_DUPLICATE_OWN,))
def _check_own(own_open: bool) -> list[Violation]:
    return [Violation(ErrorCode.REPORT_DUPLICATE_OWN, rule="reports.own")] if own_open else []


@rule("reports.application", "B 2.1", codes=(ErrorCode.REQUIRED, ErrorCode.OUT_OF_RANGE), page=_LIMITS_PAGE)
def _check_application(application: ReviewApplication) -> list[Violation]:
    name = "reports.application"
    violations = []
    if application.expected_spend_minor <= 0:
        parameters = {"min": 1, "max": None, "unit": "minor units"}
        violations.append(Violation(ErrorCode.OUT_OF_RANGE, ("input", "expectedSpend"), name, parameters))
    if not 1 <= application.expected_months <= EXPECTED_MONTHS_MAX:
        bounds = {"min": 1, "max": EXPECTED_MONTHS_MAX, "unit": "months"}
        violations.append(Violation(ErrorCode.OUT_OF_RANGE, ("input", "expectedMonths"), name, bounds))
    for field, text, longest in (
        ("projectDetail", application.project_detail, REVIEW_TEXT_LENGTH),
        ("customerAccount", application.customer_account, CUSTOMER_ACCOUNT_LENGTH),
        ("communicationLog", application.communication_log, REVIEW_TEXT_LENGTH),
    ):
        violations += check_text(text, "input", field, rule=name, longest=longest)
    return violations


@rule("reports.decision", "B 2.3", codes=(ErrorCode.REASON_REQUIRED, ErrorCode.OUT_OF_RANGE))
def check_report_decision(
    status: ReportStatus, *, approve: bool, reason: str | None, prospect: Prospect, site: Site
) -> list[Violation]:
    """All reasons against a reviewer's decision; a customer who may not be reported (any more) cannot be approved."""
    violations = REPORT.check(status, "approve" if approve else "reject")
    if approve:
        return violations + check_prospect(prospect, site=site)
    return violations + check_text(
        reason,
        "input",
        "reason",
        rule="reports.decision",
        longest=REASON_LENGTH,
        missing=ErrorCode.REASON_REQUIRED,
    )


@rule("reports.correction", "B 3.1", codes=(ErrorCode.STATE_CONFLICT, ErrorCode.REPORT_REVIEW_REQUIRED))
def check_correction(status: ReportStatus, facts: ReportFacts, changed: Prospect, *, policy: Policy) -> list[Violation]:
    """All reasons against correcting the contact of a report, which must hold and becomes no report of somebody else.

    `facts` speak of the report as it would be, `changed` of the customer behind the new number or address alone. Who
    needs a review cannot come in by a correction; an account counts as old as it was when the report was made.
    """
    return [
        *check_still_reported(status),
        *_check_form(facts.draft),
        *_check_own(facts.own_open),
        *_check_direct(facts.prospect, changed, site=policy.site),
    ]


def check_still_reported(status: ReportStatus) -> list[Violation]:
    """STATE_CONFLICT unless the report holds; `status` is the one that counts now."""
    if status is ReportStatus.REPORTED:
        return []
    parameters = {"event": "correct", "state": status.value, "allowed": ReportStatus.REPORTED.value}
    return [Violation(ErrorCode.STATE_CONFLICT, rule="reports.correction", parameters=parameters)]


@rule("reports.release", "B 2.3", codes=(ErrorCode.STATE_CONFLICT,))
def check_release(status: ReportStatus, prospect: Prospect) -> list[Violation]:
    """All reasons against releasing the customer to the public pool: only one who has no account yet is released."""
    violations = REPORT.check(status, "release")
    if not violations and Trait.HAS_ACCOUNT in prospect:
        parameters = {"event": "release", "state": Trait.HAS_ACCOUNT.value, "allowed": status.value}
        violations = [Violation(ErrorCode.STATE_CONFLICT, rule="reports.release", parameters=parameters)]
    return violations


@rule("reports.validity", "B 2.3", policy=(REPORTS_VALIDITY,), page=_LIMITS_PAGE)
def compute_report_validity(reported_at: datetime, policy: Policy) -> datetime:
    """The first instant at which the report holds no more and any partner may report the customer."""
    return reported_at + policy[REPORTS_VALIDITY]


@rule("reports.expiry_notice", "B 2.3", policy=(REPORTS_EXPIRY_NOTICE,))
def compute_expiry_notice(valid_until: datetime, policy: Policy) -> datetime:
    """When the partner is told that the report will expire."""
    return valid_until - policy[REPORTS_EXPIRY_NOTICE]


def is_live(status: ReportStatus, valid_until: datetime | None, *, now: datetime) -> bool:
    """Whether the report holds now, also before the schedule has got round to marking it expired."""
    return status is ReportStatus.REPORTED and valid_until is not None and now < valid_until


def compute_report_status(status: ReportStatus, valid_until: datetime | None, *, now: datetime) -> ReportStatus:
    """The status that counts now: a report past its end is EXPIRED, also before the schedule has marked it."""
    over = status is ReportStatus.REPORTED and not is_live(status, valid_until, now=now)
    return ReportStatus.EXPIRED if over else status
