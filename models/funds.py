"""Market development funds: a partner's quotas year by year, what changed them, and its cases."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.base import Entity, Row, Scoped
from models.partners import Partner
from rules.errors import ErrorCode
from rules.funds.kinds import (
    INVOICE_LENGTH,
    KEY_LENGTH,
    NAME_LENGTH,
    REASON_LENGTH,
    MdfActivityType,
    MdfLine,
    MdfState,
    MdfViolationKind,
)

CONSTRAINTS = {
    "mdf_quota_once": ErrorCode.MDF_QUOTA_OPENED,
    "mdf_case_invoice_once": ErrorCode.MDF_INVOICE_USED,
}


class MdfQuota(Entity):
    """What one line of benefits gives a partner in one year, in minor units: granted, and how much of it approved or
    submitted applications hold (`reserved`) and approved claims have used (`consumed`).
    """

    prefix = "mdq"
    scope = Scoped(partner="partner_id")

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="mdf_quotas", on_delete=fields.RESTRICT
    )
    partner_id: UUID
    line = fields.CharEnumField(MdfLine, max_length=30)
    year = fields.IntField()
    currency = fields.CharField(max_length=3)
    granted = fields.BigIntField()
    reserved = fields.BigIntField(default=0)
    consumed = fields.BigIntField(default=0)

    class Meta:
        table = "mdf_quota"
        indexes = (
            Index(fields=("partner_id", "id"), name="mdf_quota_of_partner"),
            Index(fields=("year", "id"), name="mdf_quota_by_year"),
        )
        constraints = (
            UniqueConstraint(fields=("partner_id", "line", "year"), name="mdf_quota_once"),
            CheckConstraint(
                check="reserved >= 0 AND consumed >= 0 AND reserved + consumed <= granted",
                name="mdf_quota_never_negative",
            ),
        )


class MdfAdjustment(Row):
    """One change of what a quota grants, up or down, by the ecosystem manager; rows are only added."""

    scope = Scoped(partner="partner_id")

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="mdf_adjustments", on_delete=fields.RESTRICT, db_index=True
    )
    partner_id: UUID
    quota: fields.ForeignKeyRelation[MdfQuota] = fields.ForeignKeyField(
        "models.MdfQuota", related_name="adjustments", on_delete=fields.RESTRICT
    )
    quota_id: UUID
    amount = fields.BigIntField()
    currency = fields.CharField(max_length=3)
    reason = fields.CharField(max_length=REASON_LENGTH)
    made_by: UUID = fields.UUIDField()
    made_at: datetime = fields.DatetimeField()

    class Meta:
        table = "mdf_adjustment"
        indexes = (Index(fields=("quota_id", "id"), name="mdf_adjustment_of_quota"),)
        constraints = (CheckConstraint(check="amount <> 0", name="mdf_adjustment_something"),)


class MdfCase(Entity):
    """One activity from its plan to its payment; amounts in minor units.

    `events` and `budget` hold MdfEvents and MdfExpenses as JSON, `claim` an MdfClaimForm, `findings` MdfFindings. The
    keys are name, audience and places for comparison. `reserved` is what it holds of its quota now. `due_at` is the
    first instant too late for the partner's next step, `noticed_days` the last notice given before it. `host_name` is
    the partner's name at the submission: invoices of expenses must be made out to it.
    """

    prefix = "mdf"
    named_by = "name"
    scope = Scoped(partner="partner_id")

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="mdf_cases", on_delete=fields.RESTRICT
    )
    partner_id: UUID
    quota: fields.ForeignKeyRelation[MdfQuota] = fields.ForeignKeyField(
        "models.MdfQuota", related_name="cases", on_delete=fields.RESTRICT
    )
    quota_id: UUID
    currency = fields.CharField(max_length=3)
    state = fields.CharEnumField(MdfState, max_length=20)
    name = fields.CharField(max_length=NAME_LENGTH)
    activity_type = fields.CharEnumField(MdfActivityType, max_length=30, null=True)
    audience = fields.CharField(max_length=NAME_LENGTH)
    department = fields.CharField(max_length=NAME_LENGTH)
    late_reason = fields.CharField(max_length=REASON_LENGTH)
    expected_leads: int | None = fields.IntField(null=True)
    expected_opportunities: int | None = fields.IntField(null=True)
    events: list[dict[str, Any]] = fields.JSONField(default=list)
    budget: list[dict[str, Any]] = fields.JSONField(default=list)
    findings: list[dict[str, Any]] = fields.JSONField(default=list)
    starts_on: date | None = fields.DateField(null=True)
    ends_on: date | None = fields.DateField(null=True)
    name_key = fields.CharField(max_length=KEY_LENGTH)
    audience_key = fields.CharField(max_length=KEY_LENGTH)
    place_key = fields.CharField(max_length=KEY_LENGTH)
    planned = fields.BigIntField()
    fund_planned = fields.BigIntField()
    reserved = fields.BigIntField(default=0)
    agreement_version = fields.CharField(max_length=20, null=True)
    signed_by: UUID | None = fields.UUIDField(null=True)
    host_name = fields.CharField(max_length=NAME_LENGTH, null=True)
    submitted_at: datetime | None = fields.DatetimeField(null=True)
    due_at: datetime | None = fields.DatetimeField(null=True)
    noticed_days: int | None = fields.IntField(null=True)
    reason = fields.CharField(max_length=REASON_LENGTH, null=True)
    claim: dict[str, Any] | None = fields.JSONField(null=True)
    claimed: int | None = fields.BigIntField(null=True)
    claimed_at: datetime | None = fields.DatetimeField(null=True)
    invoice_number = fields.CharField(max_length=INVOICE_LENGTH, null=True)
    invoiced_at: datetime | None = fields.DatetimeField(null=True)
    paid_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "mdf_case"
        indexes = (
            Index(fields=("partner_id", "id"), name="mdf_case_of_partner"),
            Index(fields=("quota_id", "id"), name="mdf_case_of_quota"),
            Index(fields=("state", "due_at"), name="mdf_case_by_due"),
            Index(fields=("state", "id"), name="mdf_case_by_state"),
        )
        constraints = (
            UniqueConstraint(fields=("partner_id", "invoice_number"), name="mdf_case_invoice_once"),
            CheckConstraint(check="reserved >= 0 AND fund_planned >= 0", name="mdf_case_amounts"),
            CheckConstraint(
                check="reserved = 0 OR state IN ('USE_REVIEW','USE_APPROVED','EVENT_RUNNING','CLAIM_DRAFT',"
                "'CLAIM_REVIEW','CLAIM_REJECTED')",
                name="mdf_case_reserves_while_open",
            ),
            CheckConstraint(
                check="state IN ('DRAFT','CANCELLED','VOID') OR (submitted_at IS NOT NULL AND starts_on IS NOT NULL"
                " AND ends_on IS NOT NULL AND host_name IS NOT NULL AND agreement_version IS NOT NULL)",
                name="mdf_case_submitted_whole",
            ),
            CheckConstraint(
                check="state NOT IN ('CLAIM_REVIEW','CLAIM_APPROVED','CLAIM_REJECTED','INVOICED','PAID')"
                " OR (claimed IS NOT NULL AND claimed_at IS NOT NULL)",
                name="mdf_case_claimed_whole",
            ),
            CheckConstraint(
                check="state NOT IN ('INVOICED','PAID') OR invoice_number IS NOT NULL", name="mdf_case_invoiced_whole"
            ),
            CheckConstraint(check="(state = 'PAID') = (paid_at IS NOT NULL)", name="mdf_case_paid_when"),
            CheckConstraint(
                check="state NOT IN ('USE_REJECTED','CLAIM_REJECTED') OR reason IS NOT NULL",
                name="mdf_case_rejected_with_reason",
            ),
        )


class MdfViolation(Entity):
    """A breach of the fund's rules as the vendor decided it, with the penalty in its words.

    Until `suspended_until` the partner applies for nothing; `lifted_at` is when that ended.
    """

    prefix = "mdv"
    scope = Scoped(partner="partner_id")

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="mdf_violations", on_delete=fields.RESTRICT
    )
    partner_id: UUID
    case: fields.ForeignKeyRelation[MdfCase] = fields.ForeignKeyField(
        "models.MdfCase", related_name="violations", on_delete=fields.RESTRICT, db_index=True
    )
    case_id: UUID
    kind = fields.CharEnumField(MdfViolationKind, max_length=30)
    penalty = fields.CharField(max_length=REASON_LENGTH)
    year = fields.IntField()
    decided_by: UUID = fields.UUIDField()
    decided_at: datetime = fields.DatetimeField()
    suspended_until: datetime = fields.DatetimeField()
    lifted_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "mdf_violation"
        indexes = (
            Index(fields=("partner_id", "id"), name="mdf_violation_of_partner"),
            Index(fields=("lifted_at", "suspended_until"), name="mdf_violation_by_end"),
        )
