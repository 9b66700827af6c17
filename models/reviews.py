"""What waits for the vendor's verdict and what came of it: one row for each round of a review."""

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.accounts import Account
from models.base import Entity, Scoped
from models.partners import Partner
from rules.errors import ErrorCode
from rules.reviews import ReviewKind, ReviewState

CONSTRAINTS = {
    "review_case_account_round_once": ErrorCode.STATE_CONFLICT,
    "review_case_one_open": ErrorCode.STATE_CONFLICT,
    "review_case_round_once": ErrorCode.STATE_CONFLICT,
}


class ReviewCase(Entity):
    """One round of the review of one subject, from its submission to its end; `round` counts from 1.

    The subject has its own states in its own table; here stands who has to look, until when, who decided and why. It is
    a partner's, or an account's own: then each submission is a subject by itself, and the rounds are the account's.
    """

    prefix = "rev"
    scope = Scoped(partner="partner_id", account="account_id")

    partner: fields.ForeignKeyNullableRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="reviews", on_delete=fields.RESTRICT, null=True
    )
    partner_id: UUID | None
    account: fields.ForeignKeyNullableRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="reviews", on_delete=fields.RESTRICT, null=True
    )
    account_id: UUID | None
    site = fields.CharField(max_length=4)
    kind = fields.CharEnumField(ReviewKind, max_length=30)
    subject_type = fields.CharField(max_length=64)
    subject_id = fields.UUIDField()
    round = fields.IntField()
    state = fields.CharEnumField(ReviewState, max_length=20)
    submitted_at = fields.DatetimeField()
    submitted_by = fields.UUIDField(null=True)
    due_at = fields.DatetimeField()
    escalated_at: datetime | None = fields.DatetimeField(null=True)
    claimed_by: UUID | None = fields.UUIDField(null=True)
    claimed_at: datetime | None = fields.DatetimeField(null=True)
    decided_by: UUID | None = fields.UUIDField(null=True)
    decided_at: datetime | None = fields.DatetimeField(null=True)
    reason = fields.CharField(max_length=500, null=True)

    class Meta:
        table = "review_case"
        indexes = (
            Index(fields=("partner_id", "id"), name="review_case_of_partner"),
            Index(fields=("account_id", "id"), name="review_case_of_account"),
            Index(fields=("kind", "state", "due_at", "id"), name="review_case_queue"),
        )
        constraints = (
            UniqueConstraint(
                fields=("kind", "subject_id"), name="review_case_one_open", condition="state = 'SUBMITTED'"
            ),
            UniqueConstraint(fields=("kind", "subject_id", "round"), name="review_case_round_once"),
            UniqueConstraint(
                fields=("account_id", "kind", "round"),
                name="review_case_account_round_once",
                condition="account_id IS NOT NULL",
            ),
            CheckConstraint(
                check="(account_id IS NOT NULL) = (partner_id IS NULL)"
                " AND (account_id IS NOT NULL) = (kind = 'REAL_NAME')",
                name="review_case_of_one",
            ),
            CheckConstraint(check="site IN ('CN','INTL')", name="review_case_site"),
            CheckConstraint(check="round > 0", name="review_case_round"),
            CheckConstraint(check="state <> 'REJECTED' OR reason IS NOT NULL", name="review_case_rejected_with_reason"),
            CheckConstraint(
                check="(state IN ('APPROVED','REJECTED')) = (decided_at IS NOT NULL)", name="review_case_decided_whole"
            ),
        )
