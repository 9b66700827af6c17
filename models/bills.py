"""What customers consumed and paid for, line by line as the vendor's billing says it."""

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.base import Row, Scoped
from models.customers import Customer
from rules.bills import PAYMENTS, REDUCTIONS, BillType, ChargingMode
from rules.customers import AssociationType

_PARTS = " + ".join(f"{name}_amount" for name in (*REDUCTIONS, *PAYMENTS))


class ConsumptionLine(Row):
    """One line of consumption. It never changes: a correction is a line of its own.

    Who earns on it is settled when it arrives, since it was paid before: `partner_id`, `association_id` and
    `association_type` are those of the association at `paid_at`, all or none of them, and `account_manager_id` is the
    member who was in charge of the customer then. `period` is the accounting month (`YYYY-MM` in the site's zone),
    `content` the SHA-256 of what the line says. Amounts are minor units.
    """

    prefix = "con"
    scope = Scoped(partner="partner_id")

    site = fields.CharField(max_length=4)
    reference = fields.CharField(max_length=64)
    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        "models.Customer", related_name="consumption", on_delete=fields.RESTRICT
    )
    customer_id: UUID
    partner_id = fields.UUIDField(null=True)
    association_id = fields.UUIDField(null=True)
    association_type = fields.CharEnumField(AssociationType, max_length=10, null=True)
    account_manager_id = fields.UUIDField(null=True)
    order_ref = fields.CharField(max_length=64, null=True)
    bill_type = fields.CharEnumField(BillType, max_length=20)
    service_code = fields.CharField(max_length=64)
    product_code = fields.CharField(max_length=64)
    charging_mode = fields.CharEnumField(ChargingMode, max_length=20)
    region = fields.CharField(max_length=64, null=True)
    paid_at = fields.DatetimeField()
    currency = fields.CharField(max_length=3)
    official_amount = fields.BigIntField()
    discount_amount = fields.BigIntField()
    rounding_amount = fields.BigIntField()
    cash_amount = fields.BigIntField()
    credit_amount = fields.BigIntField()
    voucher_amount = fields.BigIntField()
    cash_coupon_amount = fields.BigIntField()
    no_performance_coupon_amount = fields.BigIntField()
    card_amount = fields.BigIntField()
    bonus_amount = fields.BigIntField()
    debt_amount = fields.BigIntField()
    write_off_amount = fields.BigIntField()
    flags: list[str] = fields.JSONField[list[str]](default=list)
    period = fields.CharField(max_length=7)
    content = fields.BinaryField()
    imported_at = fields.DatetimeField()

    class Meta:
        table = "consumption_line"
        indexes = (
            Index(fields=("partner_id", "paid_at", "id"), name="consumption_line_by_partner"),
            Index(fields=("partner_id", "imported_at", "id"), name="consumption_line_by_arrival"),
            Index(fields=("paid_at", "id"), name="consumption_line_by_payment"),
            Index(fields=("account_manager_id", "paid_at", "id"), name="consumption_line_by_manager"),
            Index(fields=("customer_id", "paid_at"), name="consumption_line_by_customer"),
            Index(fields=("site", "period", "partner_id", "currency", "id"), name="consumption_line_by_period"),
        )
        constraints = (
            UniqueConstraint(fields=("site", "reference"), name="consumption_line_reference_once"),
            CheckConstraint(check="site IN ('CN','INTL')", name="consumption_line_site"),
            CheckConstraint(check=f"official_amount = {_PARTS}", name="consumption_line_balanced"),
            CheckConstraint(
                check="num_nulls(partner_id, association_id, association_type) IN (0, 3)",
                name="consumption_line_attributed_whole",
            ),
            CheckConstraint(check="jsonb_typeof(flags) = 'array'", name="consumption_line_flags_list"),
        )


class AccountingMonth(Row):
    """A month of a site that no line can enter any more, and what was settled with it.

    `terms` are the conditions under which its performance is counted, whatever the policy says later. `digest` is the
    SHA-256 of all its performance, null until that is counted; `lines` how many lines it has.
    """

    prefix = "acm"

    site = fields.CharField(max_length=4)
    period = fields.CharField(max_length=7)
    closed_at = fields.DatetimeField()
    terms: dict[str, object] = fields.JSONField[dict[str, object]]()
    digest = fields.BinaryField(null=True)
    lines = fields.IntField(default=0, db_default=0)

    class Meta:
        table = "accounting_month"
        constraints = (
            UniqueConstraint(fields=("site", "period"), name="accounting_month_once"),
            CheckConstraint(check="site IN ('CN','INTL')", name="accounting_month_site"),
        )
