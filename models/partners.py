"""Companies and their partner accounts."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.base import Entity, Mask, Scoped, Through
from rules.errors import ErrorCode
from rules.partners import COMPANY_NAME_LENGTH, AdmissionState, PartnerKind, Standing

if TYPE_CHECKING:
    from models.opportunities import RepOffice

CONSTRAINTS = {
    "company_credit_code_once": ErrorCode.CONFLICT,
    "partner_main_account_once": ErrorCode.ALREADY_PARTNER,
    "partner_external_ref_once": ErrorCode.CONFLICT,
}


class Company(Entity):
    """A legal entity with at least one admitted partner account; its credit code never changes.

    It is made on admission, not on application: else anybody could register a foreign code under a name of his own.
    """

    prefix = "com"
    scope = Scoped(public=True)
    masks = {"credit_code": Mask.IDENTIFIER}

    site = fields.CharField(max_length=4)
    name = fields.CharField(max_length=COMPANY_NAME_LENGTH)
    credit_code = fields.CharField(max_length=40)

    class Meta:
        table = "company"
        constraints = (
            UniqueConstraint(fields=("site", "credit_code"), name="company_credit_code_once"),
            CheckConstraint(check="site IN ('CN','INTL')", name="company_site"),
        )


class Partner(Entity):
    """A company's account in the partner network: the tenant of everything a partner owns.

    `name` and `credit_code` are what the application says; `company` is set with admission.
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
    credit_code = fields.CharField(max_length=40)
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
    external_ref = fields.CharField(max_length=64, null=True)
    locale = fields.CharField(max_length=10, null=True)
    time_zone = fields.CharField(max_length=40, null=True)

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
