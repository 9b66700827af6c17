"""Partners' applications for capability labels; the catalogue of labels is data of the rules."""

from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.base import Entity, Scoped
from models.partners import Partner
from rules.capabilities import CODE_LENGTH, SELF_CHECK_LENGTH, CapabilityState
from rules.errors import ErrorCode

CONSTRAINTS = {
    "capability_application_one_open": ErrorCode.CAPABILITY_ALREADY_OPEN,
    "capability_application_badge_once": ErrorCode.CONFLICT,
}


class CapabilityApplication(Entity):
    """An application for a level-1 label with some of its level-2 labels, and the label that it leads to.

    `evidence` holds Documents as JSON. `noticed_at` is set once the partner has been told that the end is near.
    """

    prefix = "cap"
    scope = Scoped(partner="partner_id")

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="capabilities", on_delete=fields.RESTRICT
    )
    partner_id: UUID
    level1 = fields.CharField(max_length=CODE_LENGTH)
    level2: list[str] = fields.JSONField(default=list)
    self_check = fields.CharField(max_length=SELF_CHECK_LENGTH)
    evidence: list[dict[str, Any]] = fields.JSONField(default=list)
    state = fields.CharEnumField(CapabilityState, max_length=20)
    submitted_at: datetime | None = fields.DatetimeField(null=True)
    badge_no = fields.CharField(max_length=40, null=True)
    valid_from: datetime | None = fields.DatetimeField(null=True)
    valid_until: datetime | None = fields.DatetimeField(null=True)
    noticed_at: datetime | None = fields.DatetimeField(null=True)
    reason = fields.CharField(max_length=500, null=True)

    class Meta:
        table = "capability_application"
        indexes = (
            Index(fields=("partner_id", "id"), name="capability_of_partner"),
            Index(fields=("state", "valid_until"), name="capability_by_end"),
        )
        constraints = (
            UniqueConstraint(
                fields=("partner_id", "level1"),
                name="capability_application_one_open",
                condition="state NOT IN ('PASSED','EXPIRED')",
            ),
            UniqueConstraint(fields=("badge_no",), name="capability_application_badge_once"),
            CheckConstraint(
                check="(state IN ('PASSED','EXPIRED')) = (valid_until IS NOT NULL)"
                " AND num_nulls(badge_no, valid_from, valid_until) IN (0, 3)",
                name="capability_application_validity_whole",
            ),
            CheckConstraint(
                check="state IN ('DRAFT','REJECTED') OR submitted_at IS NOT NULL",
                name="capability_application_submitted_whole",
            ),
            CheckConstraint(
                check="state <> 'REJECTED' OR reason IS NOT NULL", name="capability_application_rejected_with_reason"
            ),
        )
