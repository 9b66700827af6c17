"""Partners' solutions with their certifications, and the shares of them inside a company."""

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.base import Entity, Mask, Row, Scoped
from models.partners import Company, Partner
from rules.errors import ErrorCode
from rules.solutions import DESCRIPTION_LENGTH, SolutionForm, SolutionKind, SolutionState

CONSTRAINTS = {"solution_share_once": ErrorCode.ALREADY_CERTIFIED}


class Solution(Entity):
    """A solution of a partner. `valid_until` is the end of its last certification, whatever happens to the next one;
    `lapsed_at` is set once that end has been dealt with.
    """

    prefix = "sol"
    named_by = "name"
    scope = Scoped(partner="partner_id")
    masks = {"contact_name": Mask.NAME, "contact_mobile": Mask.MOBILE, "contact_email": Mask.EMAIL}

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="solutions", on_delete=fields.RESTRICT
    )
    partner_id: UUID
    company: fields.ForeignKeyRelation[Company] = fields.ForeignKeyField(
        "models.Company", related_name="solutions", on_delete=fields.RESTRICT, db_index=True
    )
    company_id: UUID
    kind = fields.CharEnumField(SolutionKind, max_length=20)
    form = fields.CharEnumField(SolutionForm, max_length=30)
    state = fields.CharEnumField(SolutionState, max_length=20)
    name = fields.CharField(max_length=200)
    description = fields.CharField(max_length=DESCRIPTION_LENGTH)
    industry = fields.CharField(max_length=100)
    services: list[str] = fields.JSONField(default=list)
    contact_name = fields.CharField(max_length=100)
    contact_mobile = fields.CharField(max_length=30)
    contact_email = fields.CharField(max_length=200)
    certified_at: datetime | None = fields.DatetimeField(null=True)
    valid_until: datetime | None = fields.DatetimeField(null=True)
    lapsed_at: datetime | None = fields.DatetimeField(null=True)
    reason = fields.CharField(max_length=500, null=True)

    class Meta:
        table = "solution"
        indexes = (
            Index(fields=("partner_id", "id"), name="solution_of_partner"),
            Index(fields=("state", "valid_until"), name="solution_by_end"),
        )
        constraints = (
            CheckConstraint(check="(certified_at IS NULL) = (valid_until IS NULL)", name="solution_certified_whole"),
            CheckConstraint(
                check="state NOT IN ('CERTIFIED','EXPIRING','EXPIRED') OR valid_until IS NOT NULL",
                name="solution_validity_whole",
            ),
            CheckConstraint(check="state <> 'REJECTED' OR reason IS NOT NULL", name="solution_rejected_with_reason"),
        )


class SolutionShare(Row):
    """An account's reference to a certification of another account of its company; it holds as long as that does."""

    prefix = "ssh"
    scope = Scoped(partner=("partner_id", "source_partner_id"))

    solution: fields.ForeignKeyRelation[Solution] = fields.ForeignKeyField(
        "models.Solution", related_name="shares", on_delete=fields.RESTRICT, db_index=True
    )
    solution_id: UUID
    partner_id = fields.UUIDField()
    source_partner_id = fields.UUIDField()
    solution_name = fields.CharField(max_length=200)
    shared_at = fields.DatetimeField()
    shared_by = fields.UUIDField(null=True)

    class Meta:
        table = "solution_share"
        indexes = (
            Index(fields=("partner_id", "id"), name="solution_share_of_partner"),
            Index(fields=("source_partner_id", "id"), name="solution_share_of_source"),
        )
        constraints = (UniqueConstraint(fields=("partner_id", "solution_id"), name="solution_share_once"),)
