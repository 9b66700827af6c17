"""Companies, what they tell of themselves, their partner accounts, and the bills these have not paid in time."""

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.base import Entity, Mask, Scoped, Through
from rules.credit_codes import CREDIT_CODE_LENGTH
from rules.errors import ErrorCode
from rules.partners import COMPANY_NAME_LENGTH, AdmissionState, PartnerKind, Standing
from rules.partners.companies import ADDRESS_LENGTH, LEGAL_REPRESENTATIVE_LENGTH, CompanyChangeState

if TYPE_CHECKING:
    from models.opportunities import RepOffice

CONSTRAINTS = {
    "company_credit_code_once": ErrorCode.CONFLICT,
    "partner_main_account_once": ErrorCode.ALREADY_PARTNER,
    "partner_external_ref_once": ErrorCode.CONFLICT,
    "company_change_one_open": ErrorCode.COMPANY_CHANGE_OPEN,
    "overdue_bill_number_once": ErrorCode.OVERDUE_BILL_OF_OTHER,
}

_OF_COMPANY = Through("partner", "partner", points_at="company_id", owner="id", row="company_id")
"""Every partner account of a company sees what the company tells, and only sees it."""


class Company(Entity):
    """A legal entity with at least one admitted partner account; its credit code never changes.

    It is made on admission, not on application: else anybody could register a foreign code under a name of his own.
    """

    prefix = "com"
    scope = Scoped(public=True)
    masks = {"credit_code": Mask.IDENTIFIER}

    site = fields.CharField(max_length=4)
    name = fields.CharField(max_length=COMPANY_NAME_LENGTH)
    credit_code = fields.CharField(max_length=CREDIT_CODE_LENGTH)

    class Meta:
        table = "company"
        constraints = (
            UniqueConstraint(fields=("site", "credit_code"), name="company_credit_code_once"),
            CheckConstraint(check="site IN ('CN','INTL')", name="company_site"),
        )


class Partner(Entity):
    """A company's account in the partner network: the tenant of everything a partner owns.

    `name` and `credit_code` are what the application says, `name` then what the company is renamed to; `company` is set
    with admission. `benefits_frozen_since` is what the partner was told last: rules ask the bills themselves.
    `specialists_reminded_at` is when it was last told to look after its people's data.
    """

    prefix = "par"
    named_by = "name"
    scope = Scoped(
        partner="id",
        account="main_account_id",
        through=(
            Through("customer", "customer_association", points_at="partner_id", owner="customer_id"),
            Through("partner", "reseller_link", points_at="reseller_id", owner="distributor_id"),
            Through("partner", "reseller_link", points_at="distributor_id", owner="reseller_id"),
            Through("partner", "reseller_application", points_at="distributor_id", owner="partner_id"),
        ),
    )
    masks = {"credit_code": Mask.IDENTIFIER}

    company: fields.ForeignKeyNullableRelation[Company] = fields.ForeignKeyField(
        "models.Company", related_name="partners", on_delete=fields.RESTRICT, db_index=True, null=True
    )
    company_id: UUID | None
    main_account_id = fields.UUIDField()
    site = fields.CharField(max_length=4)
    name = fields.CharField(max_length=COMPANY_NAME_LENGTH)
    credit_code = fields.CharField(max_length=CREDIT_CODE_LENGTH)
    kind = fields.CharEnumField(PartnerKind, max_length=30, null=True)
    tier = fields.CharField(max_length=30, null=True)
    admission_state = fields.CharEnumField(AdmissionState, max_length=20)
    applied_at = fields.DatetimeField()
    admitted_at: datetime | None = fields.DatetimeField(null=True)
    rejection_reason = fields.CharField(max_length=500, null=True)
    decided_by = fields.UUIDField(null=True)
    decided_at: datetime | None = fields.DatetimeField(null=True)
    standing = fields.CharEnumField(Standing, max_length=20, default=Standing.ACTIVE)
    office: fields.ForeignKeyNullableRelation["RepOffice"] = fields.ForeignKeyField(
        "models.RepOffice", related_name="partners", on_delete=fields.RESTRICT, null=True
    )
    office_id: UUID | None
    eco_manager_id = fields.UUIDField(null=True)
    step_up_enabled = fields.BooleanField(default=False, db_default=False)
    may_develop = fields.BooleanField(default=True, db_default=True)
    may_refer = fields.BooleanField(default=True, db_default=True)
    customer_contact_id = fields.UUIDField(null=True)
    benefits_frozen_since: datetime | None = fields.DatetimeField(null=True)
    specialists_reminded_at: datetime | None = fields.DatetimeField(null=True)
    external_ref = fields.CharField(max_length=64, null=True)
    locale = fields.CharField(max_length=10, null=True)
    time_zone = fields.CharField(max_length=40, null=True)
    tags: list[str] = fields.JSONField[list[str]](default=list, db_default=[])

    class Meta:
        table = "partner"
        indexes = (
            Index(fields=("site", "admission_state", "id"), name="partner_by_state"),
            Index(fields=("eco_manager_id", "id"), name="partner_by_eco_manager"),
            Index(fields=("office_id", "id"), name="partner_by_office"),
        )
        constraints = (
            UniqueConstraint(fields=("main_account_id",), name="partner_main_account_once"),
            UniqueConstraint(fields=("site", "external_ref"), name="partner_external_ref_once"),
            CheckConstraint(check="site IN ('CN','INTL')", name="partner_site"),
            CheckConstraint(
                check="admission_state <> 'JOINED' OR (company_id IS NOT NULL AND admitted_at IS NOT NULL)",
                name="partner_joined_whole",
            ),
            CheckConstraint(
                check="admission_state <> 'REJECTED' OR rejection_reason IS NOT NULL",
                name="partner_rejected_with_reason",
            ),
        )


class CompanyProfile(Entity):
    """What a company tells of itself beside name and credit code; made with its first admitted account.

    That account is `main_partner`, which alone changes the information until it is deleted. `licence` is a Document as
    JSON, `contacts` are CompanyContacts.
    """

    prefix = "cpr"
    scope = Scoped(partner="main_partner_id", through=(_OF_COMPANY,))
    masks = {"legal_representative": Mask.NAME}

    company: fields.ForeignKeyRelation[Company] = fields.ForeignKeyField(
        "models.Company", related_name="profiles", on_delete=fields.RESTRICT
    )
    company_id: UUID
    main_partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="kept_profiles", on_delete=fields.RESTRICT, db_index=True
    )
    main_partner_id: UUID
    english_name = fields.CharField(max_length=256, null=True)
    legal_representative = fields.CharField(max_length=LEGAL_REPRESENTATIVE_LENGTH, null=True)
    address = fields.CharField(max_length=ADDRESS_LENGTH, null=True)
    website = fields.CharField(max_length=200, null=True)
    headcount: int | None = fields.IntField(null=True)
    introduction = fields.CharField(max_length=1000, null=True)
    licence: dict[str, Any] | None = fields.JSONField(null=True)
    contacts: list[dict[str, Any]] = fields.JSONField[list[dict[str, Any]]](default=list)

    class Meta:
        table = "company_profile"
        constraints = (UniqueConstraint(fields=("company_id",), name="company_profile_once"),)


class CompanyChange(Entity):
    """A change of a company's information on its way through review: the values of the columns that differ.

    Sent again after a rejection it is the same change with what is wanted now; each time is a round of its review, and
    `earlier` keeps what the rounds before said, oldest first.
    """

    prefix = "cch"
    scope = Scoped(partner="partner_id", through=(_OF_COMPANY,))

    company: fields.ForeignKeyRelation[Company] = fields.ForeignKeyField(
        "models.Company", related_name="changes", on_delete=fields.RESTRICT
    )
    company_id: UUID
    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="company_changes", on_delete=fields.RESTRICT, db_index=True
    )
    partner_id: UUID
    state = fields.CharEnumField(CompanyChangeState, max_length=20)
    before: dict[str, Any] = fields.JSONField(default=dict)
    after: dict[str, Any] = fields.JSONField(default=dict)
    earlier: list[dict[str, Any]] = fields.JSONField[list[dict[str, Any]]](default=list, db_default=[])
    submitted_by = fields.UUIDField()
    submitted_at = fields.DatetimeField()
    decided_at: datetime | None = fields.DatetimeField(null=True)
    reason = fields.CharField(max_length=500, null=True)

    class Meta:
        table = "company_change"
        indexes = (Index(fields=("company_id", "id"), name="company_change_newest"),)
        constraints = (
            UniqueConstraint(fields=("company_id",), name="company_change_one_open", condition="state = 'IN_REVIEW'"),
            CheckConstraint(
                check="state <> 'REJECTED' OR reason IS NOT NULL", name="company_change_rejected_with_reason"
            ),
            CheckConstraint(
                check="(state IN ('APPROVED','REJECTED')) = (decided_at IS NOT NULL)",
                name="company_change_decided_whole",
            ),
        )


class OverdueBill(Entity):
    """A bill that a partner has not paid in time, as the vendor says; `amount` in minor units of `currency`.

    It counts from `overdue_since` on, until `cleared_at`.
    """

    prefix = "odb"
    scope = Scoped(partner="partner_id")

    site = fields.CharField(max_length=4)
    number = fields.CharField(max_length=64)
    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="overdue_bills", on_delete=fields.RESTRICT
    )
    partner_id: UUID
    amount = fields.BigIntField()
    currency = fields.CharField(max_length=3)
    overdue_since: datetime = fields.DatetimeField()
    recorded_by = fields.UUIDField(null=True)
    cleared_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "overdue_bill"
        indexes = (
            Index(fields=("partner_id", "id"), name="overdue_bill_of_partner"),
            Index(fields=("cleared_at", "overdue_since"), name="overdue_bill_by_day"),
        )
        constraints = (
            UniqueConstraint(fields=("site", "number"), name="overdue_bill_number_once"),
            CheckConstraint(check="site IN ('CN','INTL')", name="overdue_bill_site"),
            CheckConstraint(check="amount > 0", name="overdue_bill_amount"),
        )
