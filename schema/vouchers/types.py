"""What quotas, vouchers, uses and records show."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from core.ids import encode_id
from models.customers import Customer as CustomerRow
from models.vouchers import Voucher as VoucherRow
from models.vouchers import VoucherQuota as QuotaRow
from resolvers import vouchers
from resolvers.context import Context
from rules.vouchers import (
    Destination,
    QuotaOperation,
    QuotaStatus,
    SpendingPurpose,
    SubscriptionType,
    VoucherKind,
    VoucherOperation,
    VoucherStatus,
)
from rules.vouchers import QuotaLimits as Limits
from schema.actions import ActionState
from schema.columns import looks_at
from schema.context import Info
from schema.enums import AssociationType
from schema.fields import amount_of, relation
from schema.nodes import Node, OfRow, Versioned
from schema.scalars import Money, money_of

strawberry.enum(VoucherKind, description="Vouchers, of which an order takes one, or cash coupons, which stack.")
strawberry.enum(QuotaStatus, name="VoucherQuotaStatus", description="Whether a quota can be issued from.")
strawberry.enum(VoucherStatus, description="Where a voucher stands.")
strawberry.enum(SubscriptionType, description="Kinds of orders that a voucher may pay for.")
strawberry.enum(SpendingPurpose, name="VoucherSpendingPurpose", description="What a voucher is spent on.")
strawberry.enum(QuotaOperation, name="QuotaRecordOperation", description="What a quota record is about.")
strawberry.enum(VoucherOperation, name="VoucherRecordOperation", description="What a voucher record is about.")
strawberry.enum(Destination, name="VoucherMoneyDestination", description="Where money of a quota or voucher went.")

if TYPE_CHECKING:
    from schema.customers import Customer
    from schema.partners import Partner

CustomerType = Annotated["Customer", strawberry.lazy("schema.customers")]
PartnerType = Annotated["Partner", strawberry.lazy("schema.partners")]


async def _quota_balances(ctx: Context, rows: Sequence[QuotaRow]) -> list[Money]:
    found = await vouchers.balances_of_quotas(ctx, rows)
    return [money_of(minor, row.currency) for row, minor in zip(rows, found, strict=True)]


async def _voucher_balances(ctx: Context, rows: Sequence[VoucherRow]) -> list[Money]:
    found = await vouchers.balances_of_vouchers(ctx, rows)
    return [money_of(minor, row.currency) for row, minor in zip(rows, found, strict=True)]


@strawberry.type(description="What a quota allows its vouchers; empty lists and nulls allow anything.")
class VoucherQuotaLimits:
    """Made from a quota's row."""

    services: list[str] = strawberry.field(description="Types of services.")
    products: list[str] = strawberry.field(description="Products.")
    subscriptions: list[SubscriptionType] = strawberry.field(description="Kinds of orders.")
    face_min: Money | None = strawberry.field(description="Smallest face.")
    face_max: Money | None = strawberry.field(description="Largest face.")
    count_max: int | None = strawberry.field(description="How many vouchers, recalled ones included.")
    total_max: Money | None = strawberry.field(description="Sum of all faces, recalled ones included.")
    first_association_only: bool = strawberry.field(description="Only for customers with their first partner.")
    association_type: AssociationType | None = strawberry.field(description="Only for customers of this type.")
    designated_customer_ids: list[strawberry.ID] = strawberry.field(description="Only for these customers.")
    own_use: bool = strawberry.field(description="For the partner's own bill: no vouchers are issued from it.")
    marketplace: bool = strawberry.field(description="Its vouchers pay for goods of the marketplace, too.")

    @classmethod
    def of(cls, quota: QuotaRow) -> "VoucherQuotaLimits":
        """The limits in a quota's row."""
        limits = Limits.of(quota.limits)

        def limit(minor: int | None) -> Money | None:
            return None if minor is None else money_of(minor, quota.currency)

        return cls(
            services=list(limits.services),
            products=list(limits.products),
            subscriptions=list(limits.subscriptions),
            face_min=limit(limits.face_min),
            face_max=limit(limits.face_max),
            count_max=limits.count_max,
            total_max=limit(limits.total_max),
            first_association_only=limits.first_association_only,
            association_type=limits.association_type,
            designated_customer_ids=[
                strawberry.ID(encode_id(CustomerRow.prefix, customer)) for customer in limits.designated
            ],
            own_use=limits.own_use,
            marketplace=limits.marketplace,
        )


@strawberry.type(description="What a partner may issue vouchers from: granted by the vendor, or by its distributor.")
class VoucherQuota(Versioned, Node, OfRow):
    """The source object is a VoucherQuota row."""

    kind: VoucherKind = strawberry.field(description="What its vouchers are.")
    status: QuotaStatus = strawberry.field(description="Whether it can be issued from.")
    value = amount_of("value_minor", "What it began with.")
    balance = relation(_quota_balances, Money, "What is left of it.", columns=("id", "account_id", "currency"))
    effective_at: datetime = strawberry.field(description="From when on it can be issued from.")
    expires_at: datetime = strawberry.field(description="From this instant on it cannot.")
    ended_at: datetime | None = strawberry.field(description="When it became invalid or was recalled.")
    owner = relation(vouchers.owners_of, PartnerType | None, "Whose it is; null for a partner you may not see.")
    issuer = relation(vouchers.issuers_of, PartnerType | None, "The distributor that issued it; null for the vendor.")
    parent = relation(
        vouchers.parents_of,
        Annotated["VoucherQuota", strawberry.lazy("schema.vouchers.types")] | None,
        "What it was issued from; null for one of the vendor's, and for the reseller that has it.",
    )
    actions = relation(
        vouchers.quota_actions,
        list[ActionState],
        "What you may do with it now: ISSUE_TO_RESELLERS, ISSUE_VOUCHERS, RECALL, FREEZE, UNFREEZE, ADJUST, RESUME,"
        " INVALIDATE.",
        columns=(
            "id",
            "account_id",
            "owner_partner_id",
            "issuer_partner_id",
            "status",
            "effective_at",
            "expires_at",
            "limits",
        ),
    )

    @strawberry.field(description="What it allows its vouchers.", metadata=looks_at("limits", "currency"))
    def limits(self) -> VoucherQuotaLimits:
        """From the row's data."""
        row: Any = self
        return VoucherQuotaLimits.of(row)


@strawberry.type(description="A customer's voucher. Face, range and validity never change.")
class Voucher(Versioned, Node, OfRow):
    """The source object is a Voucher row."""

    kind: VoucherKind = strawberry.field(description="A voucher or a cash coupon.")
    status: VoucherStatus = strawberry.field(description="Where it stands.")
    face = amount_of("face_minor", "What it was issued with.")
    balance = relation(_voucher_balances, Money, "What is left of it.", columns=("id", "account_id", "currency"))
    min_order_amount = amount_of("min_order_minor", "The smallest order it pays for; null for any.", optional=True)
    valid_from: datetime = strawberry.field(description="From when on it can be spent.")
    expires_at: datetime = strawberry.field(description="From this instant on it cannot.")
    ended_at: datetime | None = strawberry.field(description="When it was used up, expired or recalled.")
    services: list[str] = strawberry.field(description="The types of services it pays for; empty for any.")
    products: list[str] = strawberry.field(description="The products it pays for; empty for any.")
    subscriptions: list[SubscriptionType] = strawberry.field(description="The kinds of orders; empty for any.")
    marketplace: bool = strawberry.field(description="Whether it pays for goods of the marketplace.")
    quota = relation(vouchers.quotas_of, VoucherQuota | None, "What it was issued from; null for its customer.")
    customer = relation(vouchers.customers_of, CustomerType | None, "Whose it is; null for a customer that has left.")
    partner = relation(vouchers.partners_of, PartnerType | None, "Who issued it; null for a partner that has left.")
    actions = relation(
        vouchers.voucher_actions,
        list[ActionState],
        "What you may do with it now: RECALL, USE.",
        columns=(
            "id",
            "account_id",
            "partner_id",
            "customer_id",
            "kind",
            "status",
            "valid_from",
            "expires_at",
            "min_order_minor",
            "services",
            "products",
            "subscriptions",
            "marketplace",
        ),
    )

    @strawberry.field(
        description="A note of the issuing partner's; null for everybody else.", metadata=looks_at("memo", "partner_id")
    )
    def memo(self, info: Info) -> str | None:
        """For the issuing partner alone."""
        row: Any = self
        return row.memo if info.context.ctx.actor.partner_id == row.partner_id else None


@strawberry.type(description="What a voucher paid of one order.")
class VoucherUse(Versioned, Node, OfRow):
    """The source object is a VoucherUse row."""

    order_ref: str = strawberry.field(description="The order.")
    order_amount = amount_of("order_amount_minor", "The whole order.")
    amount = amount_of("amount_minor", "What the voucher paid of it.")
    service: str | None = strawberry.field(description="The type of service ordered.")
    product: str | None = strawberry.field(description="The product ordered.")
    subscription: SubscriptionType | None = strawberry.field(description="The kind of order.")
    purpose: SpendingPurpose = strawberry.field(description="What it was spent on.")
    used_at: datetime = strawberry.field(description="When.")
    refunded_at: datetime | None = strawberry.field(description="When the order was refunded.")
    refunded_to: Destination | None = strawberry.field(description="Where the refund went.")
    voucher = relation(vouchers.vouchers_of, Voucher | None, "The voucher.")
    customer = relation(vouchers.customers_of, CustomerType | None, "Whose order; null for a customer that has left.")


@strawberry.type(description="One line of the quota records. Lines are only added.")
class QuotaRecord(Node, OfRow):
    """The source object is a QuotaRecord row."""

    operation: QuotaOperation = strawberry.field(description="What was done.")
    amount = amount_of("amount_minor", "How much moved; 0.00 where only the state changed.")
    destination: Destination | None = strawberry.field(description="Where it went, when it came back.")
    remark: str | None = strawberry.field(description="What was remarked.")
    actor: str = strawberry.field(description="system, or account: and its UUID.")
    at: datetime = strawberry.field(description="When.")
    quota = relation(vouchers.quotas_of, VoucherQuota | None, "The quota.")


@strawberry.type(description="One line of the voucher records. Lines are only added.")
class VoucherRecord(Node, OfRow):
    """The source object is a VoucherRecord row."""

    operation: VoucherOperation = strawberry.field(description="What was done.")
    amount = amount_of("amount_minor", "How much moved.")
    destination: Destination = strawberry.field(description="Where it went.")
    actor: str = strawberry.field(description="system, or account: and its UUID.")
    at: datetime = strawberry.field(description="When.")
    voucher = relation(vouchers.vouchers_of, Voucher | None, "The voucher.")
    quota = relation(vouchers.quotas_of, VoucherQuota | None, "The quota it was issued from; null for its customer.")
    customer = relation(vouchers.customers_of, CustomerType | None, "Whose; null for a customer that has left.")
