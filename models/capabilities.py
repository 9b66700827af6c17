"""Partners' applications for capability labels, and third parties' assessments of them; the catalogue of labels is data
of the rules.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.accounts import Account
from models.base import Entity, Scoped, Through
from models.partners import Partner
from rules.capabilities import CODE_LENGTH, SELF_CHECK_LENGTH, STATEMENT_LENGTH, AssessmentState, CapabilityState
from rules.errors import ErrorCode

CONSTRAINTS = {
    "capability_application_one_open": ErrorCode.CAPABILITY_ALREADY_OPEN,
    "capability_application_badge_once": ErrorCode.CONFLICT,
    "capability_assessment_one_open": ErrorCode.ASSESSMENT_OUTSTANDING,
}

_WHILE_ASSESSED = Through(
    "account", "capability_assessment", points_at="application_id", owner="assessor_id", until="ended_at"
)
"""An assessor sees the application as long as its assessment is waited for, and only sees it."""


class CapabilityApplication(Entity):
    """An application for a level-1 label with some of its level-2 labels, and the label that it leads to.

    `evidence` holds Documents as JSON. `noticed_at` is set once the partner has been told that the end is near.
    """

    prefix = "cap"
    scope = Scoped(partner="partner_id", through=(_WHILE_ASSESSED,))

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


class CapabilityAssessment(Entity):
    """What the vendor has asked a third party to say of an application; being named is the authorisation.

    `partner_name` and `level1` are what the assessor keeps of the application after the end. The applicant sees no
    assessment: the statement is written for the vendor. `due_at` is the first instant that is too late.
    """

    prefix = "cas"
    named_by = "masked_name"
    scope = Scoped(account="assessor_id")

    application: fields.ForeignKeyRelation[CapabilityApplication] = fields.ForeignKeyField(
        "models.CapabilityApplication", related_name="assessments", on_delete=fields.RESTRICT
    )
    application_id: UUID
    assessor: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="capability_assessments", on_delete=fields.RESTRICT
    )
    assessor_id: UUID
    partner_id = fields.UUIDField()
    partner_name = fields.CharField(max_length=256)
    masked_name = fields.CharField(max_length=300)
    level1 = fields.CharField(max_length=CODE_LENGTH)
    asked_by = fields.UUIDField()
    due_at: datetime = fields.DatetimeField()
    state = fields.CharEnumField(AssessmentState, max_length=20)
    favourable = fields.BooleanField(null=True)
    statement = fields.CharField(max_length=STATEMENT_LENGTH, null=True)
    ended_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "capability_assessment"
        indexes = (
            Index(fields=("application_id", "id"), name="capability_assessment_of_app"),
            Index(fields=("assessor_id", "id"), name="capability_assessment_of_one"),
            Index(fields=("state", "due_at"), name="capability_assessment_by_due"),
        )
        constraints = (
            UniqueConstraint(
                fields=("application_id",), name="capability_assessment_one_open", condition="ended_at IS NULL"
            ),
            CheckConstraint(
                check="(state = 'REQUESTED') = (ended_at IS NULL)", name="capability_assessment_ended_when"
            ),
            CheckConstraint(
                check="(state = 'GIVEN') = (favourable IS NOT NULL) AND num_nulls(favourable, statement) IN (0, 2)",
                name="capability_assessment_given_whole",
            ),
            CheckConstraint(check="due_at > created_at", name="capability_assessment_due_later"),
        )
