"""The numbers and switches of the business rules as they hold on one site and day; data in policy.toml.

`policy[CODES_MAX_TRIES]` is an `int`, `policy[CODES_LIFE]` a `timedelta`: each parameter has one typed constant here.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Generic, Protocol, Self, TypeVar, cast

from rules.calendar import day_of
from rules.errors import ErrorCode, Violation
from rules.policy_data import PARAMETERS, BadValue, InvalidPolicy, Kind, decode, decode_or_fail
from rules.sites import Site

T = TypeVar("T")
_POLICIES_KEPT = 64


class Override(Protocol):
    """A value that operations set over the shipped one; rows of the policy table have this shape."""

    @property
    def site(self) -> str:
        """Value of a `Site`."""

    @property
    def key(self) -> str:
        """Name of a parameter, as `codes.max_tries`."""

    @property
    def effective_on(self) -> date:
        """First day, in the site's zone, on which it holds."""

    @property
    def value(self) -> object:
        """As JSON has it: number, switch, text, list of texts; a decimal is a string; `null` is an endless duration."""


@dataclass(frozen=True, slots=True)
class PolicyKey(Generic[T]):
    """The typed name of a parameter; made in this module only, so a key that is not in the data cannot exist."""

    name: str


@dataclass(frozen=True, slots=True)
class Policy:
    """Every parameter as it holds on `site` on `day` (a day of the site's zone)."""

    site: Site
    day: date
    _values: Mapping[str, object]

    @classmethod
    def at(cls, site: Site, on_date: date, overrides: Iterable[Override] = ()) -> Self:
        """The policy of that day: of the overrides in force the latest per parameter, else the shipped value.

        An override in force wins over every shipped value, also over one dated later: operations have spoken. Overrides
        of other sites, of later days and of parameters this release does not know are passed over; `InvalidPolicy` when
        one in force has a value its parameter may not take.
        """
        values = dict(_shipped(site, on_date))
        in_force = (row for row in overrides if row.site == site and row.effective_on <= on_date)
        for row in sorted(in_force, key=lambda row: row.effective_on):
            if row.key in PARAMETERS:
                values[row.key] = decode_or_fail(PARAMETERS[row.key], row.value)
        return cls(site, on_date, MappingProxyType(values))

    def __getitem__(self, key: PolicyKey[T]) -> T:
        return cast(T, self._values[key.name])


class PolicyBook:
    """An installation's overrides and the policies they lead to; make a new one when an override is written."""

    def __init__(self, overrides: Iterable[Override] = ()) -> None:
        """`InvalidPolicy` when any override, whatever its day, has a value its parameter may not take."""
        self._overrides = tuple(overrides)
        self._policies: dict[tuple[Site, date], Policy] = {}
        for row in self._overrides:
            if row.key in PARAMETERS:
                decode_or_fail(PARAMETERS[row.key], row.value)

    def at(self, site: Site, now: datetime) -> Policy:
        """The policy of the site's day that `now` falls on."""
        place = site, day_of(now, site)
        if place not in self._policies:
            if len(self._policies) >= _POLICIES_KEPT:
                self._policies.clear()
            self._policies[place] = Policy.at(*place, self._overrides)
        return self._policies[place]


def check_override(key: str, value: object, *path: str) -> list[Violation]:
    """Whether operations may set `value` (as JSON) for `key`: NOT_FOUND, INVALID_FORMAT or OUT_OF_RANGE at `path`."""
    parameter = PARAMETERS.get(key)
    if parameter is None:
        return [Violation(ErrorCode.NOT_FOUND, path)]
    try:
        decode(parameter, value)
    except BadValue as problem:
        low, high = parameter.bounds or (None, None)
        return [Violation(problem.code, path, parameters={"min": low, "max": high, "unit": parameter.unit})]
    return []


@lru_cache(maxsize=_POLICIES_KEPT)
def _shipped(site: Site, on_date: date) -> Mapping[str, object]:
    values = {}
    for parameter in PARAMETERS.values():
        history = parameter.history[site]
        values[parameter.key] = history[bisect_right(history, on_date, key=lambda dated: dated.day) - 1].value
    return values


def _key(name: str, kind: Kind) -> PolicyKey[Any]:
    if name not in PARAMETERS or PARAMETERS[name].kind is not kind:
        raise InvalidPolicy(f"{name}: not in the data as {kind}")
    return PolicyKey(name)


def _int(name: str) -> PolicyKey[int]:
    return _key(name, Kind.INT)


def _decimal(name: str) -> PolicyKey[Decimal]:
    return _key(name, Kind.DECIMAL)


def _switch(name: str) -> PolicyKey[bool]:
    return _key(name, Kind.BOOL)


def _text(name: str) -> PolicyKey[str]:
    return _key(name, Kind.TEXT)


def _texts(name: str) -> PolicyKey[tuple[str, ...]]:
    return _key(name, Kind.TEXTS)


def _duration(name: str) -> PolicyKey[timedelta]:
    return _key(name, Kind.DURATION)


CODES_LENGTH = _int("codes.length")
CODES_LIFE = _duration("codes.life_minutes")
CODES_LIFE_LONGEST = _duration("codes.life_longest_minutes")
CODES_LIFE_CLAMPED = _duration("codes.life_clamped_minutes")
CODES_MAX_TRIES = _int("codes.max_tries")
CODES_CHANNEL = _text("codes.channel")
CODES_GAP = _duration("codes.gap_seconds")
CODES_PER_TARGET_HOUR = _int("codes.per_target_hour")
CODES_PER_TARGET_DAY = _int("codes.per_target_day")
CODES_PER_ADDRESS_HOUR = _int("codes.per_address_hour")
CODES_PER_PREFIX_HOUR = _int("codes.per_prefix_hour")
CODES_PER_ACCOUNT_HOUR = _int("codes.per_account_hour")
CODES_PER_PARTNER_HOUR = _int("codes.per_partner_hour")
CODES_MESSAGE_PRICE = _decimal("codes.message_price")
CODES_MONEY_PER_HOUR = _decimal("codes.money_per_hour")
CODES_ACCOUNT_FAILURES_MAX = _int("codes.account_failures_max")
STEP_UP_PROOF_LIFE = _duration("step_up.proof_life_minutes")
STEP_UP_SWITCH_DEFAULT = _switch("step_up.switch_default")
LOGIN_MAX_FAILURES = _int("login.max_failures")
LOGIN_LOCK = _duration("login.lock_minutes")
LOGIN_RESET = _duration("login.reset_minutes")
PASSWORD_HISTORY = _int("password.history")
PASSWORD_MIN_LENGTH = _int("password.min_length")
PASSWORD_MAX_LENGTH = _int("password.max_length")
PASSWORD_MIN_CLASSES = _int("password.min_classes")
PASSWORD_TICKET_LIFE = _duration("password.ticket_minutes")
PASSWORD_LINK_LIFE = _duration("password.link_hours")
SESSIONS_ACCESS = _duration("sessions.access_minutes")
SESSIONS_REFRESH = _duration("sessions.refresh_days")
ACCOUNTS_SIGN_UPS_PER_ADDRESS_HOUR = _int("accounts.sign_ups_per_address_hour")
ACCOUNTS_MOBILE_REGIONS = _texts("accounts.mobile_regions")
ACCOUNTS_REAL_NAME_PERSONAL_FILES = _texts("accounts.real_name_personal_files")
ACCOUNTS_REAL_NAME_ENTERPRISE_FILES = _texts("accounts.real_name_enterprise_files")
ACCOUNTS_REAL_NAME_MEDIA_TYPES = _texts("accounts.real_name_media_types")
ACCOUNTS_REAL_NAME_FILES_MAX = _int("accounts.real_name_files_max")
ACCOUNTS_REAL_NAME_FILE_SIZE_MAX = _int("accounts.real_name_file_size_max_kilobytes")
ACCOUNTS_RESET_TICKET = _duration("accounts.reset_ticket_minutes")
ACCOUNTS_QUICK_REGISTER = _duration("accounts.quick_register_hours")
ACCOUNTS_CLOSED_RETENTION = _duration("accounts.closed_retention_days")
PARTNERS_AUTOMATIC_ADMISSION = _switch("partners.automatic_admission")
PARTNERS_CONTACTS_MAX = _int("partners.contacts_max")
PARTNERS_TAGS_MAX = _int("partners.tags_max")
PARTNERS_LICENCE_SIZE_MAX = _int("partners.licence_size_max_kilobytes")
PLANS_CO_SELL_AUTOMATIC = _switch("plans.co_sell_automatic")
PLANS_CO_SELL_VALID_MONTHS = _int("plans.co_sell_valid_months")
PLANS_COMPETENCY_VALID_MONTHS = _int("plans.competency_valid_months")
PLANS_MARKETPLACE_SELLER_VALID_MONTHS = _int("plans.marketplace_seller_valid_months")
PLANS_MARKETPLACE_SALES_VALID_MONTHS = _int("plans.marketplace_sales_valid_months")
PLANS_SERVICE_COMPETENCY_VALID_MONTHS = _int("plans.service_competency_valid_months")
PLANS_EXPIRY_NOTICE_DAYS = _texts("plans.expiry_notice_days")
PLANS_INVITATION_LIFE = _duration("plans.invitation_life_days")
PLANS_INVITATION_NOTICE_DAYS = _texts("plans.invitation_notice_days")
PLANS_TIER_PERFORMANCE = _texts("plans.tier_performance")
PLANS_TIER_SPECIALISTS = _texts("plans.tier_specialists")
PLANS_TIER_MONTHS = _int("plans.tier_months")
PLANS_CLAIM_AFTER_EXIT = _duration("plans.claim_after_exit_days")
PLANS_DECLARATION_VALID = _duration("plans.declaration_valid_days")
PATHS_INVITATION_LIFE = _duration("paths.invitation_life_days")
PATHS_CERTIFICATE_MONTHS = _int("paths.certificate_months")
PATHS_ANNUAL_WINDOW = _duration("paths.annual_window_days")
PATHS_ADVANCED_DIFFERENTIATES = _switch("paths.advanced_differentiates")
PATHS_ASSOCIATE_CERTIFICATES = _int("paths.associate_certificates")
PATHS_PROFESSIONAL_CERTIFICATES = _int("paths.professional_certificates")
PATHS_TRAINERS = _int("paths.trainers")
PATHS_COURSES = _int("paths.courses")
PATHS_CAPABILITY_LABELS = _int("paths.capability_labels")
PATHS_HO_DELIVERIES = _int("paths.ho_deliveries")
PATHS_HO_MONTHS = _int("paths.ho_months")
PATHS_HO_COUNTED_ONLY = _switch("paths.ho_counted_only")
SOLUTIONS_VALID_MONTHS = _int("solutions.valid_months")
SOLUTIONS_RECERTIFICATION_WINDOW = _duration("solutions.recertification_days")
CAPABILITIES_VALID_MONTHS = _int("capabilities.valid_months")
CAPABILITIES_NOTICE = _duration("capabilities.notice_days")
CAPABILITIES_EVIDENCE_MAX = _int("capabilities.evidence_max")
CAPABILITIES_ASSESSMENT_DAYS = _int("capabilities.assessment_days")
MDF_SOLUTION_PROVIDER_AMOUNTS = _texts("mdf.solution_provider_amounts")
MDF_SOFTWARE_AMOUNTS = _texts("mdf.software_amounts")
MDF_SERVICE_AMOUNTS = _texts("mdf.service_amounts")
MDF_SI_AMOUNTS = _texts("mdf.si_amounts")
MDF_ACTIVITY_TYPES = _texts("mdf.activity_types")
MDF_MIN_LEAD_WORKING_DAYS = _int("mdf.min_lead_working_days")
MDF_BATCH_SPAN_MONTHS = _int("mdf.batch_span_months")
MDF_GIFT_CAP = _decimal("mdf.gift_cap")
MDF_CLAIM_DAYS = _duration("mdf.claim_days")
MDF_DELAY_DAYS = _duration("mdf.delay_days")
MDF_FIX_DAYS = _duration("mdf.fix_days")
MDF_INVOICE_DAYS = _duration("mdf.invoice_days")
MDF_CLAIM_NOTICE_DAYS = _texts("mdf.claim_notice_days")
REVIEWS_CLAIM = _duration("reviews.claim_hours")
REVIEWS_WORKING_DAYS = _int("reviews.working_days")
MEMBERS_CONTACTS_TAKEN_MAX = _int("members.contacts_taken_max")
MEMBERS_CONTACTS_TAKEN_WINDOW = _duration("members.contacts_taken_hours")
MEMBERS_ROLES_MAX = _int("members.roles_max")
MEMBERS_CUSTOM_ROLES_MAX = _int("members.custom_roles_max")
SPECIALISTS_INVITATION_LIFE = _duration("specialists.invitation_life_days")
SPECIALISTS_INVITATIONS_PER_DAY = _int("specialists.invitations_per_day")
SPECIALISTS_INVITEE_CHECKS_PER_HOUR = _int("specialists.invitee_checks_per_hour")
SPECIALISTS_RESEND_GAP = _duration("specialists.resend_gap_seconds")
SPECIALISTS_PARTNERS_MAX = _int("specialists.partners_max")
SPECIALISTS_WINDOW_MONTHS = _int("specialists.window_months")
SPECIALISTS_REAL_NAME_REQUIRED = _switch("specialists.real_name_required")
SPECIALISTS_ENTRIES_MAX = _int("specialists.entries_max")
SPECIALISTS_REMINDER_DAY = _int("specialists.reminder_day")
DOCUMENTS_SIZE_MAX = _int("documents.size_max_kilobytes")
DOCUMENTS_MEDIA_TYPES = _texts("documents.media_types")
UPLOADS_SLOT_LIFE = _duration("uploads.slot_minutes")
UPLOADS_UNUSED_LIFE = _duration("uploads.unused_hours")
UPLOADS_QUARANTINE_LIFE = _duration("uploads.quarantine_days")
UPLOADS_DAILY_MAX = _int("uploads.daily_max")
UPLOADS_PIXELS_MAX = _int("uploads.pixels_max")
FEEDS_TOPICS_MAX = _int("feeds.topics_max")
FEEDS_CHECKS_DAILY_MAX = _int("feeds.checks_daily_max")
FEEDS_ATTEMPTS = _int("feeds.attempts")
FEEDS_FAILED_DAYS_MAX = _int("feeds.failed_days_max")
FEEDS_REDELIVERY_DAYS = _duration("feeds.redelivery_days")
FEEDS_ROUNDS_MAX = _int("feeds.rounds_max")
FEEDS_HISTORY = _duration("feeds.history_days")
REPORTS_OPEN_MAX = _int("reports.open_max")
REPORTS_VALIDITY = _duration("reports.validity_days")
REPORTS_OWN_ACCOUNT = _duration("reports.own_account_days")
REPORTS_EXPIRY_NOTICE = _duration("reports.expiry_notice_days")
REPORTS_NO_ACCOUNT_RELEASE = _duration("reports.no_account_release_days")
INVITATIONS_ONLINE_LIFE = _duration("invitations.online_life_days")
INVITATIONS_OFFLINE_LIFE: PolicyKey[timedelta | None] = _key("invitations.offline_life_days", Kind.OPTIONAL_DURATION)
RESELLERS_INVITATION_LIFE = _duration("resellers.invitation_life_days")
ASSOCIATIONS_WINDOW_MONTHS = _int("associations.window_months")
ASSOCIATIONS_PARTNER_REQUESTS_MAX = _int("associations.partner_requests_max")
ASSOCIATIONS_CUSTOMER_REQUESTS_MAX = _int("associations.customer_requests_max")
ASSOCIATIONS_REQUEST_LIFE = _duration("associations.request_life_days")
VOUCHERS_CUSTOMERS_MAX = _int("vouchers.customers_max")
VOUCHERS_SERVICES_MAX = _int("vouchers.services_max")
VOUCHERS_PRODUCTS_MAX = _int("vouchers.products_max")
VOUCHERS_QUOTA_RESELLERS_MAX = _int("vouchers.quota_resellers_max")
VOUCHERS_QUOTA_RECALLS_MAX = _int("vouchers.quota_recalls_max")
VOUCHERS_SHOWN_MONTHS = _int("vouchers.shown_months")
BILLS_CONSUMPTION_MONTHS = _int("bills.consumption_months")
PERFORMANCE_REBIND_MONTHS = _int("performance.rebind_no_incentive_months")
PERFORMANCE_REBIND_FROM = _text("performance.rebind_no_incentive_from")
INCENTIVES_CONFIRM_TOGETHER = _switch("incentives.confirm_together")
INCENTIVES_REMINDER_WORKING_DAYS = _texts("incentives.reminder_working_days")
EXPERTS_GENERATION_DAY = _int("experts.generation_day")
EXPERTS_CONFIRM_WORKING_DAYS = _int("experts.confirm_working_days")
EXPERTS_MONTH_START_CONFIRM_WORKING_DAYS = _int("experts.month_start_confirm_working_days")
EXPERTS_MATERIALS_WORKING_DAYS = _int("experts.materials_working_days")
EXPERTS_FILES_MAX = _int("experts.files_max")
PAYOUTS_RESALE_NO_INVOICE_FROM = _text("payouts.resale_no_invoice_from")
PAYOUTS_MINIMUM = _decimal("payouts.minimum")
PAYOUTS_QUOTA_LIFE_MONTHS = _int("payouts.quota_life_months")
PAYOUTS_OWED_INVOICE_TAX_RATE = _decimal("payouts.owed_invoice_tax_rate")
BUSINESS_INFO_TRIES = _int("business_info.tries")
BUSINESS_INFO_DEPOSIT_MOST = _decimal("business_info.deposit_most")
BUSINESS_INFO_DEPOSIT_DAYS = _int("business_info.deposit_working_days")
BUSINESS_INFO_AUTOMATIC = _switch("business_info.automatic")
BUSINESS_INFO_EDITABLE = _switch("business_info.editable_after_pass")
BUSINESS_INFO_AUTO_CHECK = _duration("business_info.auto_check_hours")
BUSINESS_INFO_AUTO_WARN = _duration("business_info.auto_warn_hours")
BUSINESS_INFO_TRANSFER_DAYS = _int("business_info.transfer_working_days")
BUSINESS_INFO_UNLOCK_DAYS = _int("business_info.unlock_working_days")
BUSINESS_INFO_REVIEW_DAYS = _int("business_info.review_working_days")
BUSINESS_INFO_LETTER_DAYS = _int("business_info.letter_working_days")
BUSINESS_INFO_LETTER_SIZE_MAX = _int("business_info.letter_size_max")
BUSINESS_INFO_GENERAL_RATES = _texts("business_info.general_rates")
BUSINESS_INFO_SMALL_SCALE_RATES = _texts("business_info.small_scale_rates")
OPPORTUNITIES_MIN_REVENUE = _decimal("opportunities.min_revenue")
OPPORTUNITIES_BANT_LENGTH = _int("opportunities.bant_length")
OPPORTUNITIES_VERIFICATION_DAYS = _int("opportunities.verification_working_days")
OPPORTUNITIES_REMINDER_DAYS = _int("opportunities.reminder_working_days")
MESSAGES_HOURS_FROM = _int("messages.hours_from")
MESSAGES_HOURS_UNTIL = _int("messages.hours_until")
MESSAGES_WORKING_DAYS = _texts("messages.working_days")
MESSAGES_CONTACTS_MAX = _int("messages.contacts_max")
MESSAGES_RECIPIENTS_MAX = _int("messages.recipients_max")
IDEMPOTENCY_LIFE = _duration("idempotency.life_days")
