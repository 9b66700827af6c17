"""Which customer belongs to which partner, the requests to end or change that, and the records of all of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.base import Entity, Row, Scoped
from models.customers import Customer
from models.partners import Partner
from rules.associations import (
    AssociationSource,
    AssociationStatus,
    RecordAction,
    RecordResult,
    RequestInitiator,
    RequestKind,
    RequestStatus,
)
from rules.customers import AssociationType
from rules.errors import ErrorCode

CONSTRAINTS = {
    "customer_association_one_active": ErrorCode.ASSOCIATION_ALREADY_ASSOCIATED,
    "customer_association_external_user_once": ErrorCode.CONFLICT,
    "association_request_one_open": ErrorCode.REQUEST_ALREADY_OPEN,
    "customer_assignment_one_open": ErrorCode.CONFLICT,
}


class CustomerAssociation(Entity):
    """A customer's belonging to a partner, from its start to its end.

    `indirect_partner_id` is the reseller when a distributor has the customer through one. `external_user_*` is how the
    partner's own system calls the customer. `account_manager_id` is the account of the member in charge.
    """

    prefix = "aso"
    scope = Scoped(partner="partner_id", customer="customer_id")

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="associations", on_delete=fields.RESTRICT, db_index=True
    )
    partner_id: UUID
    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        "models.Customer", related_name="associations", on_delete=fields.RESTRICT, db_index=True
    )
    customer_id: UUID
    indirect_partner_id = fields.UUIDField(null=True)
    type = fields.CharEnumField(AssociationType, max_length=10)
    status = fields.CharEnumField(AssociationStatus, max_length=10)
    source = fields.CharEnumField(AssociationSource, max_length=20)
    started_at = fields.DatetimeField()
    ended_at: datetime | None = fields.DatetimeField(null=True)
    account_manager_id = fields.UUIDField(null=True)
    label = fields.CharField(max_length=64, null=True)
    external_user_id = fields.CharField(max_length=128, null=True)
    external_user_type = fields.CharField(max_length=64, null=True)

    class Meta:
        table = "customer_association"
        indexes = (
            Index(fields=("partner_id", "status", "id"), name="customer_association_by_partner"),
            Index(fields=("account_manager_id", "id"), name="customer_association_by_manager"),
        )
        constraints = (
            UniqueConstraint(
                fields=("customer_id",), name="customer_association_one_active", condition="status = 'ACTIVE'"
            ),
            UniqueConstraint(
                fields=("partner_id", "external_user_id"),
                name="customer_association_external_user_once",
                condition="status = 'ACTIVE'",
            ),
            CheckConstraint(
                check="(status = 'ENDED') = (ended_at IS NOT NULL)", name="customer_association_ended_when"
            ),
        )


class CustomerAssignment(Row):
    """A member's being in charge of a customer, from the assignment to the next one. What the customer pays in between
    is the member's, also where it arrives later; the end of the association ends it without a word here.
    """

    prefix = "asg"
    scope = Scoped(partner="partner_id")

    association: fields.ForeignKeyRelation[CustomerAssociation] = fields.ForeignKeyField(
        "models.CustomerAssociation", related_name="assignments", on_delete=fields.RESTRICT
    )
    association_id: UUID
    partner_id = fields.UUIDField(db_index=True)
    account_manager_id = fields.UUIDField(db_index=True)
    started_at = fields.DatetimeField()
    ended_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "customer_assignment"
        indexes = (Index(fields=("association_id", "id"), name="customer_assignment_newest"),)
        constraints = (
            UniqueConstraint(
                fields=("association_id",), name="customer_assignment_one_open", condition="ended_at IS NULL"
            ),
            CheckConstraint(check="ended_at IS NULL OR ended_at >= started_at", name="customer_assignment_in_order"),
        )


class AssociationRequest(Entity):
    """One side's request to unbind or switch, and the other side's answer.

    `check_snapshot` holds the codes that the account check gave when the request was made. `submitted_at` counts for
    the windows whatever becomes of the request; `deadline` is the first instant too late for an answer.
    """

    prefix = "arq"
    scope = Scoped(partner="partner_id", customer="customer_id")

    association: fields.ForeignKeyRelation[CustomerAssociation] = fields.ForeignKeyField(
        "models.CustomerAssociation", related_name="requests", on_delete=fields.RESTRICT, db_index=True
    )
    association_id: UUID
    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="association_requests", on_delete=fields.RESTRICT
    )
    partner_id: UUID
    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        "models.Customer", related_name="association_requests", on_delete=fields.RESTRICT
    )
    customer_id: UUID
    kind = fields.CharEnumField(RequestKind, max_length=10)
    initiator = fields.CharEnumField(RequestInitiator, max_length=10)
    from_type = fields.CharEnumField(AssociationType, max_length=10)
    target_type = fields.CharEnumField(AssociationType, max_length=10, null=True)
    reason = fields.CharField(max_length=500, null=True)
    acknowledged = fields.BooleanField()
    requested_by = fields.UUIDField()
    submitted_at = fields.DatetimeField()
    deadline = fields.DatetimeField()
    check_snapshot: dict[str, Any] = fields.JSONField[dict[str, Any]](default=dict)
    status = fields.CharEnumField(RequestStatus, max_length=20)
    processed_by = fields.UUIDField(null=True)
    processed_at: datetime | None = fields.DatetimeField(null=True)
    decision_reason = fields.CharField(max_length=500, null=True)

    class Meta:
        table = "association_request"
        indexes = (
            Index(fields=("customer_id", "submitted_at"), name="association_request_by_customer"),
            Index(fields=("partner_id", "id"), name="association_request_newest_of_partner"),
            Index(fields=("partner_id", "status", "id"), name="association_request_by_partner"),
            Index(fields=("status", "deadline"), name="association_request_by_deadline"),
        )
        constraints = (
            UniqueConstraint(
                fields=("association_id",),
                name="association_request_one_open",
                condition="status IN ('PENDING_CUSTOMER','PENDING_PARTNER')",
            ),
            CheckConstraint(
                check="(kind = 'SWITCH') = (target_type IS NOT NULL)", name="association_request_switch_has_target"
            ),
            CheckConstraint(check="target_type <> from_type", name="association_request_switch_changes_type"),
            CheckConstraint(
                check="initiator = 'PARTNER' OR kind = 'UNBIND'", name="association_request_customer_unbinds"
            ),
            CheckConstraint(
                check="initiator = 'CUSTOMER' OR reason IS NOT NULL", name="association_request_partner_says_why"
            ),
            CheckConstraint(check="acknowledged", name="association_request_acknowledged"),
            CheckConstraint(check="deadline > submitted_at", name="association_request_deadline_ahead"),
            CheckConstraint(
                check="(status IN ('PENDING_CUSTOMER','PENDING_PARTNER')) = (processed_at IS NULL)",
                name="association_request_processed_when",
            ),
        )


class AssociationRecord(Row):
    """One line of the association records: who did what when, and what came of it. Lines are only added."""

    prefix = "arc"
    scope = Scoped(partner="partner_id", customer="customer_id")

    association: fields.ForeignKeyNullableRelation[CustomerAssociation] = fields.ForeignKeyField(
        "models.CustomerAssociation", related_name="records", on_delete=fields.RESTRICT, db_index=True, null=True
    )
    association_id: UUID | None
    request: fields.ForeignKeyNullableRelation[AssociationRequest] = fields.ForeignKeyField(
        "models.AssociationRequest", related_name="records", on_delete=fields.RESTRICT, db_index=True, null=True
    )
    request_id: UUID | None
    partner_id = fields.UUIDField()
    customer_id = fields.UUIDField(null=True)
    action = fields.CharEnumField(RecordAction, max_length=20)
    result = fields.CharEnumField(RecordResult, max_length=20)
    actor = fields.CharField(max_length=64)
    at = fields.DatetimeField()
    detail: dict[str, Any] = fields.JSONField[dict[str, Any]](default=dict)

    class Meta:
        table = "association_record"
        indexes = (
            Index(fields=("partner_id", "id"), name="association_record_newest_of_partner"),
            Index(fields=("customer_id", "at", "id"), name="association_record_by_customer"),
        )
