"""Voucher quotas, the vouchers issued from them, what these paid, and the records of all of it.

Balances stand in the ledger alone: every quota and every voucher has an account of its own there.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.base import Entity, Row, Scoped
from models.customers import Customer
from models.partners import Partner
from models.wallets import LedgerAccount
from rules.errors import ErrorCode
from rules.vouchers import (
    MEMO_LENGTH,
    ORDER_LENGTH,
    REMARK_LENGTH,
    Destination,
    QuotaLimits,
    QuotaOperation,
    QuotaStatus,
    SpendingPurpose,
    SubscriptionType,
    VoucherKind,
    VoucherOperation,
    VoucherStatus,
)

CONSTRAINTS = {"voucher_use_one_per_order": ErrorCode.VOUCHER_ONE_PER_ORDER}


class VoucherQuota(Entity):
    """What a partner may issue vouchers from: granted by the vendor, or issued by its distributor out of `parent`.

    `value_minor` is what it began with; `limits` holds a `QuotaLimits` as data. `issuer_partner_id` is the distributor.
    """

    prefix = "vqt"
    scope = Scoped(partner=("owner_partner_id", "issuer_partner_id"))

    owner_partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="quotas", on_delete=fields.RESTRICT
    )
    owner_partner_id: UUID
    issuer_partner: fields.ForeignKeyNullableRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="issued_quotas", on_delete=fields.RESTRICT, null=True
    )
    issuer_partner_id: UUID | None
    parent: fields.ForeignKeyNullableRelation["VoucherQuota"] = fields.ForeignKeyField(
        "models.VoucherQuota", related_name="children", on_delete=fields.RESTRICT, db_index=True, null=True
    )
    parent_id: UUID | None
    account: fields.ForeignKeyRelation[LedgerAccount] = fields.ForeignKeyField(
        "models.LedgerAccount", related_name="quotas", on_delete=fields.RESTRICT, db_index=True
    )
    account_id: UUID
    kind = fields.CharEnumField(VoucherKind, max_length=10)
    value_minor = fields.BigIntField()
    currency = fields.CharField(max_length=3)
    effective_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    limits: dict[str, Any] = fields.JSONField[dict[str, Any]](default=QuotaLimits().data)
    status = fields.CharEnumField(QuotaStatus, max_length=10)
    ended_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "voucher_quota"
        indexes = (
            Index(fields=("owner_partner_id", "id"), name="voucher_quota_newest_of_owner"),
            Index(fields=("issuer_partner_id", "id"), name="voucher_quota_newest_of_issuer"),
            Index(fields=("owner_partner_id", "status", "id"), name="voucher_quota_by_owner"),
            Index(fields=("status", "expires_at"), name="voucher_quota_by_end"),
        )
        constraints = (
            CheckConstraint(check="value_minor > 0", name="voucher_quota_value_positive"),
            CheckConstraint(check="expires_at > effective_at", name="voucher_quota_ends_after_start"),
            CheckConstraint(
                check="(parent_id IS NULL) = (issuer_partner_id IS NULL)", name="voucher_quota_issued_from_parent"
            ),
            CheckConstraint(
                check="issuer_partner_id IS NULL OR issuer_partner_id <> owner_partner_id",
                name="voucher_quota_issued_to_another",
            ),
            CheckConstraint(
                check="(status IN ('INVALID','RECALLED')) = (ended_at IS NOT NULL)", name="voucher_quota_ended_when"
            ),
        )


class Voucher(Entity):
    """A customer's voucher; face, range and validity never change. `memo` is for the issuing partner alone.

    Empty `services`, `products` and `subscriptions` mean any. `ended_at`: when it was used up, expired or recalled.
    """

    prefix = "vou"
    scope = Scoped(partner="partner_id", customer="customer_id")

    quota: fields.ForeignKeyRelation[VoucherQuota] = fields.ForeignKeyField(
        "models.VoucherQuota", related_name="vouchers", on_delete=fields.RESTRICT, db_index=True
    )
    quota_id: UUID
    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="vouchers", on_delete=fields.RESTRICT
    )
    partner_id: UUID
    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        "models.Customer", related_name="vouchers", on_delete=fields.RESTRICT
    )
    customer_id: UUID
    account: fields.ForeignKeyRelation[LedgerAccount] = fields.ForeignKeyField(
        "models.LedgerAccount", related_name="vouchers", on_delete=fields.RESTRICT, db_index=True
    )
    account_id: UUID
    kind = fields.CharEnumField(VoucherKind, max_length=10)
    face_minor = fields.BigIntField()
    currency = fields.CharField(max_length=3)
    min_order_minor = fields.BigIntField(null=True)
    valid_from = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    services: list[str] = fields.JSONField[list[str]](default=list)
    products: list[str] = fields.JSONField[list[str]](default=list)
    subscriptions: list[str] = fields.JSONField[list[str]](default=list)
    marketplace = fields.BooleanField(default=False)
    memo = fields.CharField(max_length=MEMO_LENGTH, null=True)
    status = fields.CharEnumField(VoucherStatus, max_length=10)
    ended_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "voucher"
        indexes = (
            Index(fields=("partner_id", "id"), name="voucher_newest_of_partner"),
            Index(fields=("partner_id", "status", "id", "ended_at"), name="voucher_by_partner"),
            Index(fields=("customer_id", "status", "id"), name="voucher_by_customer"),
            Index(fields=("customer_id", "id"), name="voucher_newest_of_customer"),
            Index(fields=("status", "expires_at"), name="voucher_by_end"),
        )
        constraints = (
            CheckConstraint(check="face_minor > 0", name="voucher_face_positive"),
            CheckConstraint(check="min_order_minor > 0", name="voucher_min_order_positive"),
            CheckConstraint(check="expires_at > valid_from", name="voucher_ends_after_start"),
            CheckConstraint(check="(status = 'USABLE') = (ended_at IS NULL)", name="voucher_ended_when"),
        )


class VoucherUse(Entity):
    """What a voucher paid of one order, as the vendor's ordering reported it; refunded once and whole, or not.

    `transaction_id` is the ledger's. `refunded_to`: where the refund went.
    """

    prefix = "vus"
    scope = Scoped(partner="partner_id", customer="customer_id")

    voucher: fields.ForeignKeyRelation[Voucher] = fields.ForeignKeyField(
        "models.Voucher", related_name="uses", on_delete=fields.RESTRICT, db_index=True
    )
    voucher_id: UUID
    partner_id = fields.UUIDField()
    customer_id = fields.UUIDField()
    kind = fields.CharEnumField(VoucherKind, max_length=10)
    order_ref = fields.CharField(max_length=ORDER_LENGTH)
    order_amount_minor = fields.BigIntField()
    amount_minor = fields.BigIntField()
    currency = fields.CharField(max_length=3)
    service = fields.CharField(max_length=64, null=True)
    product = fields.CharField(max_length=64, null=True)
    subscription = fields.CharEnumField(SubscriptionType, max_length=10, null=True)
    purpose = fields.CharEnumField(SpendingPurpose, max_length=20)
    used_at = fields.DatetimeField()
    transaction_id = fields.UUIDField()
    refunded_at: datetime | None = fields.DatetimeField(null=True)
    refunded_to = fields.CharEnumField(Destination, max_length=10, null=True)

    class Meta:
        table = "voucher_use"
        indexes = (
            Index(fields=("partner_id", "id"), name="voucher_use_by_partner"),
            Index(fields=("customer_id", "order_ref"), name="voucher_use_by_order"),
        )
        constraints = (
            UniqueConstraint(
                fields=("customer_id", "order_ref"),
                name="voucher_use_one_per_order",
                condition="kind = 'VOUCHER' AND refunded_at IS NULL",
            ),
            CheckConstraint(
                check="amount_minor > 0 AND amount_minor <= order_amount_minor", name="voucher_use_within_order"
            ),
            CheckConstraint(
                check="(refunded_at IS NULL) = (refunded_to IS NULL)", name="voucher_use_refunded_somewhere"
            ),
        )


class QuotaRecord(Row):
    """One line of the quota records: who did what with which quota, when, for how much. Lines are only added.

    `partner_id` owns the quota, `issuer_partner_id` issued it. `amount_minor` is what moved; nothing for a state alone.
    """

    prefix = "vqr"
    scope = Scoped(partner=("partner_id", "issuer_partner_id"))

    quota: fields.ForeignKeyRelation[VoucherQuota] = fields.ForeignKeyField(
        "models.VoucherQuota", related_name="records", on_delete=fields.RESTRICT, db_index=True
    )
    quota_id: UUID
    parent_quota_id = fields.UUIDField(null=True)
    partner_id = fields.UUIDField()
    issuer_partner_id = fields.UUIDField(null=True)
    operation = fields.CharEnumField(QuotaOperation, max_length=20)
    amount_minor = fields.BigIntField()
    currency = fields.CharField(max_length=3)
    destination = fields.CharEnumField(Destination, max_length=10, null=True)
    remark = fields.CharField(max_length=REMARK_LENGTH, null=True)
    actor = fields.CharField(max_length=64)
    at = fields.DatetimeField()
    transaction_id = fields.UUIDField(null=True)

    class Meta:
        table = "quota_record"
        indexes = (
            Index(fields=("partner_id", "at", "id"), name="quota_record_by_partner"),
            Index(fields=("issuer_partner_id", "at", "id"), name="quota_record_by_issuer"),
        )
        constraints = (CheckConstraint(check="amount_minor >= 0", name="quota_record_amount"),)


class VoucherRecord(Row):
    """One line of the voucher records, as `QuotaRecord` is of quotas; `destination` is where the amount went."""

    prefix = "vrc"
    scope = Scoped(partner="partner_id", customer="customer_id")

    voucher: fields.ForeignKeyRelation[Voucher] = fields.ForeignKeyField(
        "models.Voucher", related_name="records", on_delete=fields.RESTRICT, db_index=True
    )
    voucher_id: UUID
    quota_id = fields.UUIDField()
    partner_id = fields.UUIDField()
    customer_id = fields.UUIDField()
    operation = fields.CharEnumField(VoucherOperation, max_length=20)
    amount_minor = fields.BigIntField()
    currency = fields.CharField(max_length=3)
    destination = fields.CharEnumField(Destination, max_length=10)
    actor = fields.CharField(max_length=64)
    at = fields.DatetimeField()
    transaction_id = fields.UUIDField()

    class Meta:
        table = "voucher_record"
        indexes = (
            Index(fields=("partner_id", "id"), name="voucher_record_newest_of_partner"),
            Index(fields=("partner_id", "at", "id"), name="voucher_record_by_partner"),
            Index(fields=("customer_id", "at", "id"), name="voucher_record_by_customer"),
            Index(fields=("quota_id", "id"), name="voucher_record_by_quota"),
        )
        constraints = (CheckConstraint(check="amount_minor > 0", name="voucher_record_amount"),)
