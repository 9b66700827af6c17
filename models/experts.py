"""Partners' experts for whom the vendor pays: qualifications for schemes, persons, and the list of each month."""

from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.base import Entity, Row, Scoped
from models.incentives import PayoutRequest
from models.partners import Partner
from models.specialists import SpecialistBinding
from rules.errors import ErrorCode
from rules.experts import (
    PROJECT_LENGTH,
    WORDS_LENGTH,
    ExpertIncentiveStatus,
    ExpertLevel,
    ExpertQualificationState,
    ExpertSchemeCode,
)

CONSTRAINTS = {
    "expert_qualification_once": ErrorCode.CONFLICT,
    "expert_one_scheme": ErrorCode.PERSON_IN_OTHER_SCHEME,
    "expert_project_once": ErrorCode.PROJECT_ALREADY_USED,
    "expert_incentive_once": ErrorCode.EXPERT_LIST_THERE,
    "expert_incentive_line_once": ErrorCode.CONFLICT,
}


class ExpertQualification(Entity):
    """A partner's qualification for a scheme, from its application on; what is applied for again is the same row.

    `last_period` is the latest month for which the scheme's list was made, or found to have nobody on it.
    """

    prefix = "exq"
    scope = Scoped(partner="partner_id")

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="expert_qualifications", on_delete=fields.RESTRICT
    )
    partner_id: UUID
    scheme = fields.CharEnumField(ExpertSchemeCode, max_length=20)
    state = fields.CharEnumField(ExpertQualificationState, max_length=20)
    agreement_version = fields.CharField(max_length=20)
    accepted_by = fields.UUIDField(null=True)
    submitted_at: datetime = fields.DatetimeField()
    qualified_at: datetime | None = fields.DatetimeField(null=True)
    reason = fields.CharField(max_length=500, null=True)
    last_period = fields.CharField(max_length=7, null=True)

    class Meta:
        table = "expert_qualification"
        indexes = (
            Index(fields=("partner_id", "id"), name="expert_qualification_of_partner"),
            Index(fields=("state", "scheme", "id"), name="expert_qualification_by_scheme"),
        )
        constraints = (
            UniqueConstraint(fields=("partner_id", "scheme"), name="expert_qualification_once"),
            CheckConstraint(
                check="(state = 'QUALIFIED') = (qualified_at IS NOT NULL)", name="expert_qualification_qualified_when"
            ),
            CheckConstraint(
                check="(state = 'REJECTED') = (reason IS NOT NULL)", name="expert_qualification_rejected_with_reason"
            ),
        )


class Expert(Entity):
    """Somebody whom the vendor's operations have entered for a partner's scheme. In one scheme at a time.

    `account_id` is the person's. Whether it counts for a month is asked when the month's list is made.
    """

    prefix = "exp"
    named_by = "masked_name"
    scope = Scoped(partner="partner_id")

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="experts", on_delete=fields.RESTRICT
    )
    partner_id: UUID
    binding: fields.ForeignKeyRelation[SpecialistBinding] = fields.ForeignKeyField(
        "models.SpecialistBinding", related_name="experts", on_delete=fields.RESTRICT, db_index=True
    )
    binding_id: UUID
    account_id = fields.UUIDField()
    masked_name = fields.CharField(max_length=300)
    scheme = fields.CharEnumField(ExpertSchemeCode, max_length=20)
    level = fields.CharEnumField(ExpertLevel, max_length=20)
    assessed = fields.BooleanField()
    project = fields.CharField(max_length=PROJECT_LENGTH, null=True)
    entered_at: datetime = fields.DatetimeField()
    entered_by = fields.UUIDField(null=True)
    ended_at: datetime | None = fields.DatetimeField(null=True)
    reason = fields.CharField(max_length=500, null=True)

    class Meta:
        table = "expert"
        indexes = (Index(fields=("partner_id", "id"), name="expert_of_partner"),)
        constraints = (
            UniqueConstraint(fields=("account_id",), name="expert_one_scheme", condition="ended_at IS NULL"),
            UniqueConstraint(
                fields=("partner_id", "project"), name="expert_project_once", condition="ended_at IS NULL"
            ),
            CheckConstraint(check="(ended_at IS NULL) = (reason IS NULL)", name="expert_ended_with_reason"),
        )


class ExpertIncentive(Entity):
    """A scheme's list of one month for one partner: how many experts, how much for them, and how it goes on.

    `amount` in minor units of `currency`. The present step's time runs from `waits_since` to `deadline`, which is
    `deadline_provisional` while a day on the way is not published yet; `reminded` is how many working days before it
    the last reminder went out. The proofs hold Documents as JSON. `reason` is the vendor's, for the last rejection,
    `payout_id` the payout it is in.
    """

    prefix = "exi"
    scope = Scoped(partner="partner_id")

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="expert_incentives", on_delete=fields.RESTRICT
    )
    partner_id: UUID
    site = fields.CharField(max_length=4)
    scheme = fields.CharEnumField(ExpertSchemeCode, max_length=20)
    period = fields.CharField(max_length=7)
    currency = fields.CharField(max_length=3)
    head_count = fields.IntField()
    amount = fields.BigIntField()
    generated_at: datetime = fields.DatetimeField()
    status = fields.CharEnumField(ExpertIncentiveStatus, max_length=20)
    waits_since: datetime = fields.DatetimeField()
    deadline: datetime = fields.DatetimeField()
    deadline_provisional = fields.BooleanField()
    reminded: int | None = fields.SmallIntField(null=True)
    confirmed_at: datetime | None = fields.DatetimeField(null=True)
    confirmed_by = fields.UUIDField(null=True)
    objection = fields.CharField(max_length=WORDS_LENGTH, null=True)
    answer = fields.CharField(max_length=WORDS_LENGTH, null=True)
    employment_proofs: list[dict[str, Any]] = fields.JSONField[list[dict[str, Any]]](default=list)
    insurance_proofs: list[dict[str, Any]] = fields.JSONField[list[dict[str, Any]]](default=list)
    acceptance_proofs: list[dict[str, Any]] = fields.JSONField[list[dict[str, Any]]](default=list)
    submitted_at: datetime | None = fields.DatetimeField(null=True)
    approved_at: datetime | None = fields.DatetimeField(null=True)
    reason = fields.CharField(max_length=500, null=True)
    payout: fields.ForeignKeyNullableRelation[PayoutRequest] = fields.ForeignKeyField(
        "models.PayoutRequest", related_name="expert_incentives", on_delete=fields.RESTRICT, null=True
    )
    payout_id: UUID | None

    class Meta:
        table = "expert_incentive"
        indexes = (
            Index(fields=("partner_id", "id"), name="expert_incentive_of_partner"),
            Index(fields=("partner_id", "status", "id"), name="expert_incentive_by_status"),
            Index(fields=("status", "deadline"), name="expert_incentive_by_deadline"),
            Index(fields=("payout_id",), name="expert_incentive_of_payout"),
        )
        constraints = (
            UniqueConstraint(fields=("scheme", "period", "partner_id"), name="expert_incentive_once"),
            CheckConstraint(check="site IN ('CN','INTL')", name="expert_incentive_site"),
            CheckConstraint(check="head_count > 0 AND amount > 0", name="expert_incentive_of_somebody"),
            CheckConstraint(check="deadline > waits_since", name="expert_incentive_deadline_ahead"),
            CheckConstraint(
                check="status NOT IN ('WAIT_MATERIALS','IN_REVIEW','APPROVED') OR confirmed_at IS NOT NULL",
                name="expert_incentive_confirmed_when",
            ),
            CheckConstraint(
                check="status NOT IN ('IN_REVIEW','APPROVED') OR submitted_at IS NOT NULL",
                name="expert_incentive_submitted_when",
            ),
            CheckConstraint(
                check="(status IN ('PAYING_OUT','PAID')) = (payout_id IS NOT NULL)", name="expert_incentive_in_payout"
            ),
            CheckConstraint(
                check="status <> 'DISPUTED' OR objection IS NOT NULL", name="expert_incentive_disputed_with_words"
            ),
        )


class ExpertIncentiveLine(Row):
    """One expert on a list, as the person was called and what its level gave then; minor units."""

    prefix = "exl"
    scope = Scoped(partner="partner_id")

    partner_id = fields.UUIDField()
    incentive: fields.ForeignKeyRelation[ExpertIncentive] = fields.ForeignKeyField(
        "models.ExpertIncentive", related_name="lines", on_delete=fields.RESTRICT
    )
    incentive_id: UUID
    expert: fields.ForeignKeyRelation[Expert] = fields.ForeignKeyField(
        "models.Expert", related_name="lines", on_delete=fields.RESTRICT, db_index=True
    )
    expert_id: UUID
    account_id = fields.UUIDField()
    masked_name = fields.CharField(max_length=300)
    level = fields.CharEnumField(ExpertLevel, max_length=20)
    amount = fields.BigIntField()
    currency = fields.CharField(max_length=3)

    class Meta:
        table = "expert_incentive_line"
        indexes = (Index(fields=("account_id", "id"), name="expert_incentive_line_of_person"),)
        constraints = (
            UniqueConstraint(fields=("incentive_id", "expert_id"), name="expert_incentive_line_once"),
            CheckConstraint(check="amount > 0", name="expert_incentive_line_positive"),
        )
