"""Companies and their partner accounts."""

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.base import Entity, Scoped
from rules.errors import ErrorCode
from rules.partners import AdmissionState, PartnerKind, Standing

CONSTRAINTS = {"partner_main_account_once": ErrorCode.ALREADY_PARTNER, "company_credit_code_once": ErrorCode.CONFLICT}


class Company(Entity):
    """A legal entity. It may hold several partner accounts; its credit code never changes."""

    prefix = "com"
    scope = Scoped(public=True)

    site = fields.CharField(max_length=4)
    name = fields.CharField(max_length=256)
    credit_code = fields.CharField(max_length=40)

    class Meta:
        table = "company"
        constraints = (UniqueConstraint(fields=("site", "credit_code"), name="company_credit_code_once"),)


class Partner(Entity):
    """A company's account in the partner network: the tenant of everything a partner owns."""

    prefix = "par"
    scope = Scoped(partner="id", customer_through=("customer_association", "partner_id"), account="main_account_id")

    company: fields.ForeignKeyRelation[Company] = fields.ForeignKeyField(
        "models.Company", related_name="partners", on_delete=fields.RESTRICT, db_index=True
    )
    company_id: UUID
    main_account_id = fields.UUIDField()
    site = fields.CharField(max_length=4)
    name = fields.CharField(max_length=256)
    kind = fields.CharEnumField(PartnerKind, max_length=30, null=True)
    tier = fields.CharField(max_length=30, null=True)
    admission_state = fields.CharEnumField(AdmissionState, max_length=20)
    admitted_at = fields.DatetimeField(null=True)
    rejection_reason = fields.CharField(max_length=500, null=True)
    standing = fields.CharEnumField(Standing, max_length=20, default=Standing.ACTIVE)
    rep_office = fields.CharField(max_length=64, null=True)
    eco_manager_id = fields.UUIDField(null=True)
    step_up_enabled = fields.BooleanField(default=False, db_default=False)
    may_develop = fields.BooleanField(default=True, db_default=True)
    may_refer = fields.BooleanField(default=True, db_default=True)
    external_ref = fields.CharField(max_length=64, null=True)

    class Meta:
        table = "partner"
        indexes = (
            Index(fields=("site", "admission_state", "id"), name="partner_by_state"),
            Index(fields=("eco_manager_id", "id"), name="partner_by_eco_manager"),
        )
        constraints = (
            UniqueConstraint(fields=("main_account_id",), name="partner_main_account_once"),
            UniqueConstraint(fields=("site", "external_ref"), name="partner_external_ref_once"),
            CheckConstraint(check="site IN ('CN','INTL')", name="partner_site"),
        )
