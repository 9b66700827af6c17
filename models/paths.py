"""Partners' ways along development paths; the catalogue of paths itself is data of the rules."""

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.base import Entity, Scoped
from models.partners import Company, Partner
from rules.errors import ErrorCode
from rules.paths import AnnualState, PathCode, PathRecordKind, PathState

CONSTRAINTS = {
    "path_enrollment_one_live": ErrorCode.PATH_ALREADY_CHOSEN,
    "path_enrollment_one_per_company": ErrorCode.PATH_TAKEN_BY_SIBLING,
    "path_enrollment_certificate_once": ErrorCode.CONFLICT,
    "path_record_once": ErrorCode.CONFLICT,
}


class PathEnrollment(Entity):
    """One partner's way along one path, from invitation or choice to its end.

    `certified_at` and `differentiated_at` are the last time it reached the stage, `valid_until` is the end of the
    present certificate, `certificates` counts those it has had. `case_materials` and `business_plan` say where the
    reviewers find them.
    """

    prefix = "pen"
    scope = Scoped(partner="partner_id")

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="paths", on_delete=fields.RESTRICT, db_index=True
    )
    partner_id: UUID
    company: fields.ForeignKeyRelation[Company] = fields.ForeignKeyField(
        "models.Company", related_name="paths", on_delete=fields.RESTRICT, db_index=True
    )
    company_id: UUID
    path = fields.CharEnumField(PathCode, max_length=20)
    state = fields.CharEnumField(PathState, max_length=30)
    invited_at: datetime | None = fields.DatetimeField(null=True)
    invited_until: datetime | None = fields.DatetimeField(null=True)
    selected_at: datetime | None = fields.DatetimeField(null=True)
    certified_at: datetime | None = fields.DatetimeField(null=True)
    differentiated_at: datetime | None = fields.DatetimeField(null=True)
    ended_at: datetime | None = fields.DatetimeField(null=True)
    case_materials = fields.CharField(max_length=500, null=True)
    business_plan = fields.CharField(max_length=500, null=True)
    certificate_no = fields.CharField(max_length=40, null=True)
    certificates = fields.IntField(default=0, db_default=0)
    valid_until: datetime | None = fields.DatetimeField(null=True)
    annual_state = fields.CharEnumField(AnnualState, max_length=20)
    annual_due_at: datetime | None = fields.DatetimeField(null=True)
    at_risk = fields.BooleanField(default=False, db_default=False)
    reason = fields.CharField(max_length=500, null=True)

    class Meta:
        table = "path_enrollment"
        indexes = (
            Index(fields=("path", "state", "id"), name="path_enrollment_by_path"),
            Index(fields=("state", "annual_state", "valid_until"), name="path_enrollment_by_year"),
            Index(fields=("partner_id", "id"), name="path_enrollment_of_partner"),
        )
        constraints = (
            UniqueConstraint(
                fields=("partner_id", "path"),
                name="path_enrollment_one_live",
                condition="state NOT IN ('EXPIRED','EXITED')",
            ),
            UniqueConstraint(
                fields=("company_id", "path"),
                name="path_enrollment_one_per_company",
                condition="path IN ('SERVICE','SI') AND state NOT IN ('INVITED','EXPIRED','EXITED')",
            ),
            UniqueConstraint(fields=("certificate_no",), name="path_enrollment_certificate_once"),
            CheckConstraint(
                check="state IN ('INVITED','EXPIRED') OR selected_at IS NOT NULL", name="path_enrollment_selected_whole"
            ),
            CheckConstraint(
                check="state NOT IN ('CERTIFIED','DIFFERENTIATION_REVIEW','DIFFERENTIATED')"
                " OR (certificate_no IS NOT NULL AND valid_until IS NOT NULL AND certified_at IS NOT NULL)",
                name="path_enrollment_certified_whole",
            ),
            CheckConstraint(
                check="annual_state = 'NOT_DUE' OR annual_due_at IS NOT NULL", name="path_enrollment_annual_whole"
            ),
        )


class PathRecord(Entity):
    """How many of something the vendor knows a partner to have, where no other table says."""

    prefix = "prc"
    scope = Scoped(partner="partner_id")

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="path_records", on_delete=fields.RESTRICT
    )
    partner_id: UUID
    kind = fields.CharEnumField(PathRecordKind, max_length=30)
    count = fields.IntField()

    class Meta:
        table = "path_record"
        constraints = (
            UniqueConstraint(fields=("partner_id", "kind"), name="path_record_once"),
            CheckConstraint(check="count >= 0", name="path_record_count"),
        )
