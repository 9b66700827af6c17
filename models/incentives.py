"""What partners have earned, how it was reconciled, and how it is paid out."""

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.base import Entity, Row, Scoped
from models.partners import Partner
from models.performance import PerformanceSheet
from rules.customers import AssociationType
from rules.errors import ErrorCode
from rules.incentives.kinds import DeferredStatus, IncentiveStatus, OnDeadline, PayoutMethod, PayoutStatus

CONSTRAINTS = {
    "deferred_payout_once": ErrorCode.CONFLICT,
    "incentive_once": ErrorCode.CONFLICT,
    "payout_item_once_at_a_time": ErrorCode.PAYOUT_METHOD_LOCKED,
}


class Incentive(Entity):
    """What one policy gives a partner for one month and association type; made once, when the month's sheet is final.

    Amounts are minor units of `currency`. `computed_amount` and everything it came from never change; `amount` is what
    is left of it after offsets. `threshold_value` is minor units or heads, as the policy's indicator says; `step_from`
    is null and `rate` 0 below the first step. `digest` is the SHA-256 of the explanation. `confirmed_by` is null when
    the deadline confirmed it. `deadline_provisional` while a day on the way is not published yet. A positive one
    lapses from `claim_until` on, which is set once the partner has left its selling plan. `reminded` is how many
    working days before the deadline the last reminder went out.
    """

    prefix = "inc"
    scope = Scoped(partner="partner_id")

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="incentives", on_delete=fields.RESTRICT
    )
    partner_id: UUID
    sheet: fields.ForeignKeyRelation[PerformanceSheet] = fields.ForeignKeyField(
        "models.PerformanceSheet", related_name="incentives", on_delete=fields.RESTRICT, db_index=True
    )
    sheet_id: UUID
    period = fields.CharField(max_length=7)
    site = fields.CharField(max_length=4)
    policy_id = fields.CharField(max_length=40)
    policy_version = fields.IntField()
    association_type = fields.CharEnumField(AssociationType, max_length=10)
    currency = fields.CharField(max_length=3)
    line_count = fields.IntField()
    base_value = fields.BigIntField()
    threshold_value = fields.BigIntField()
    step_from = fields.BigIntField(null=True)
    rate = fields.DecimalField(max_digits=9, decimal_places=8)
    computed_amount = fields.BigIntField()
    digest = fields.BinaryField()
    amount = fields.BigIntField()
    generated_at = fields.DatetimeField()
    on_deadline = fields.CharEnumField(OnDeadline, max_length=20)
    confirm_deadline = fields.DatetimeField()
    deadline_provisional = fields.BooleanField()
    status = fields.CharEnumField(IncentiveStatus, max_length=20)
    confirmed_at: datetime | None = fields.DatetimeField(null=True)
    confirmed_by = fields.UUIDField(null=True)
    frozen = fields.BooleanField(default=False, db_default=False)
    freeze_reason = fields.CharField(max_length=500, null=True)
    reminded: int | None = fields.SmallIntField(null=True)
    claim_until: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "incentive"
        indexes = (
            Index(fields=("partner_id", "id"), name="incentive_newest_of_partner"),
            Index(
                fields=("partner_id", "status", "id", "confirm_deadline", "claim_until", "amount"),
                name="incentive_of_partner_by_status",
            ),
            Index(fields=("status", "confirm_deadline"), name="incentive_by_deadline"),
            Index(fields=("status", "claim_until"), name="incentive_by_claim_end"),
            Index(
                fields=("partner_id", "currency", "status", "period", "association_type", "frozen", "amount"),
                name="incentive_sums",
            ),
        )
        constraints = (
            UniqueConstraint(fields=("partner_id", "policy_id", "period", "association_type"), name="incentive_once"),
            CheckConstraint(check="site IN ('CN','INTL')", name="incentive_site"),
            CheckConstraint(check="computed_amount <> 0", name="incentive_of_something"),
            CheckConstraint(
                check="amount BETWEEN least(computed_amount, 0) AND greatest(computed_amount, 0)",
                name="incentive_offset_within",
            ),
            CheckConstraint(check="frozen = (freeze_reason IS NOT NULL)", name="incentive_frozen_with_reason"),
            CheckConstraint(
                check="status = 'LAPSED' OR (status IN ('PENDING_CONFIRM','EXPIRED')) = (confirmed_at IS NULL)",
                name="incentive_confirmed_when",
            ),
            CheckConstraint(check="confirm_deadline > generated_at", name="incentive_deadline_ahead"),
            CheckConstraint(check="status <> 'LAPSED' OR claim_until IS NOT NULL", name="incentive_lapsed_when"),
        )


class IncentiveOffset(Row):
    """What an expired incentive took off a negative one that existed then; minor units."""

    prefix = "ico"
    scope = Scoped(partner="partner_id")

    partner_id = fields.UUIDField()
    expired: fields.ForeignKeyRelation[Incentive] = fields.ForeignKeyField(
        "models.Incentive", related_name="offsets_given", on_delete=fields.RESTRICT
    )
    expired_id: UUID
    negative: fields.ForeignKeyRelation[Incentive] = fields.ForeignKeyField(
        "models.Incentive", related_name="offsets", on_delete=fields.RESTRICT, db_index=True
    )
    negative_id: UUID
    amount = fields.BigIntField()
    at = fields.DatetimeField()

    class Meta:
        table = "incentive_offset"
        constraints = (
            UniqueConstraint(fields=("expired_id", "negative_id"), name="incentive_offset_once"),
            CheckConstraint(check="amount > 0", name="incentive_offset_positive"),
        )


class PayoutRequest(Entity):
    """A partner's request to be paid out some incentives by one method, and what came of it.

    `amount` is the sum of the incentives in minor units, `netted` what of the positive ones pays for the negative ones.
    `hold_id` is the ledger's hold while an invoice is awaited, `quota_id` the voucher quota that was granted.
    """

    prefix = "pay"
    scope = Scoped(partner="partner_id")

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="payouts", on_delete=fields.RESTRICT
    )
    partner_id: UUID
    method = fields.CharEnumField(PayoutMethod, max_length=30)
    status = fields.CharEnumField(PayoutStatus, max_length=20)
    amount = fields.BigIntField()
    netted = fields.BigIntField()
    currency = fields.CharField(max_length=3)
    requested_by = fields.UUIDField(null=True)
    requested_at = fields.DatetimeField()
    ended_at: datetime | None = fields.DatetimeField(null=True)
    ended_by = fields.UUIDField(null=True)
    reason = fields.CharField(max_length=500, null=True)
    hold_id = fields.UUIDField(null=True)
    quota_id = fields.UUIDField(null=True)

    class Meta:
        table = "payout_request"
        indexes = (
            Index(fields=("partner_id", "status", "id"), name="payout_request_by_partner"),
            Index(fields=("status", "id"), name="payout_request_by_status"),
        )
        constraints = (
            CheckConstraint(check="amount > 0 AND netted >= 0", name="payout_request_positive"),
            CheckConstraint(check="(status = 'WAIT_INVOICE') = (ended_at IS NULL)", name="payout_request_ended_when"),
            CheckConstraint(
                check="(status = 'REJECTED') = (reason IS NOT NULL)", name="payout_request_rejected_with_reason"
            ),
            CheckConstraint(
                check="(method IN ('BANK_TRANSFER','ACCOUNT')) = (hold_id IS NOT NULL)",
                name="payout_request_invoiced_is_held",
            ),
            CheckConstraint(
                check="(method = 'VOUCHER_QUOTA') = (quota_id IS NOT NULL)", name="payout_request_quota_granted"
            ),
        )


class PayoutItem(Row):
    """An incentive in a request, with what it counts there in minor units; `released` when the request was rejected."""

    prefix = "pit"
    scope = Scoped(partner="partner_id")

    partner_id = fields.UUIDField()
    payout: fields.ForeignKeyRelation[PayoutRequest] = fields.ForeignKeyField(
        "models.PayoutRequest", related_name="items", on_delete=fields.RESTRICT, db_index=True
    )
    payout_id: UUID
    incentive: fields.ForeignKeyRelation[Incentive] = fields.ForeignKeyField(
        "models.Incentive", related_name="payouts", on_delete=fields.RESTRICT, db_index=True
    )
    incentive_id: UUID
    amount = fields.BigIntField()
    released = fields.BooleanField(default=False, db_default=False)

    class Meta:
        table = "payout_item"
        constraints = (
            UniqueConstraint(fields=("incentive_id",), name="payout_item_once_at_a_time", condition="NOT released"),
        )


class OwedInvoice(Entity):
    """Invoices that a partner owes the vendor for money it got without one; minor units.

    `remaining` is what later consumption has yet to make up for, before the partner gets more invoices itself.
    """

    prefix = "owi"
    scope = Scoped(partner="partner_id")

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="owed_invoices", on_delete=fields.RESTRICT
    )
    partner_id: UUID
    payout: fields.ForeignKeyRelation[PayoutRequest] = fields.ForeignKeyField(
        "models.PayoutRequest", related_name="owed_invoices", on_delete=fields.RESTRICT
    )
    payout_id: UUID
    amount = fields.BigIntField()
    remaining = fields.BigIntField()
    currency = fields.CharField(max_length=3)
    tax_rate = fields.DecimalField(max_digits=7, decimal_places=6)
    incurred_at = fields.DatetimeField()

    class Meta:
        table = "owed_invoice"
        indexes = (Index(fields=("partner_id", "id"), name="owed_invoice_newest_of_partner"),)
        constraints = (
            UniqueConstraint(fields=("payout_id",), name="owed_invoice_once"),
            CheckConstraint(check="remaining BETWEEN 0 AND amount AND amount > 0", name="owed_invoice_remaining"),
        )


class DeferredPayout(Entity):
    """A payout that was refused for business information that was being certified, to be asked for again after it.

    `incentive_ids` are in the order in which they were given; `content` is their digest with the method, so that the
    same request is kept once. `codes` say why it was dropped.
    """

    prefix = "dpo"
    scope = Scoped(partner="partner_id")

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="deferred_payouts", on_delete=fields.RESTRICT
    )
    partner_id: UUID
    method = fields.CharEnumField(PayoutMethod, max_length=30)
    incentive_ids = fields.JSONField[list[str]]()
    content = fields.BinaryField()
    status = fields.CharEnumField(DeferredStatus, max_length=20)
    requested_by = fields.UUIDField(null=True)
    requested_at = fields.DatetimeField()
    ended_at: datetime | None = fields.DatetimeField(null=True)
    codes = fields.JSONField[list[str]](default=list, db_default=[])
    payout_id: UUID | None = fields.UUIDField(null=True)

    class Meta:
        table = "deferred_payout"
        indexes = (
            Index(fields=("partner_id", "id"), name="deferred_payout_of_partner"),
            Index(fields=("status", "id"), name="deferred_payout_by_status"),
        )
        constraints = (
            UniqueConstraint(
                fields=("partner_id", "content"), name="deferred_payout_once", condition="status = 'WAITING'"
            ),
            CheckConstraint(check="(status = 'WAITING') = (ended_at IS NULL)", name="deferred_payout_ended_when"),
            CheckConstraint(
                check="(status = 'RESUBMITTED') = (payout_id IS NOT NULL)", name="deferred_payout_resubmitted_whole"
            ),
        )
