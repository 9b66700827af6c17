"""The root fields of vouchers."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from tortoise.queryset import QuerySet

from core.ids import filter_id
from models.customers import Customer as CustomerRow
from models.partners import Partner as PartnerRow
from models.vouchers import Voucher as VoucherRow
from models.vouchers import VoucherQuota as QuotaRow
from resolvers import vouchers as use_cases
from resolvers.context import Context
from rules.vouchers import QuotaOperation, QuotaStatus, VoucherKind, VoucherOperation, VoucherStatus
from schema.fields import mutation
from schema.inputs import ref
from schema.pages import connection
from schema.vouchers import inputs
from schema.vouchers.types import QuotaRecord, Voucher, VoucherQuota, VoucherRecord, VoucherUse

VoucherId = Annotated[strawberry.ID | None, strawberry.argument(description="Only of this voucher.")]
CustomerId = Annotated[strawberry.ID | None, strawberry.argument(description="Only of this customer.")]
OrderRef = Annotated[str | None, strawberry.argument(description="Only of this order.")]


@strawberry.input(description="Which quotas; every condition given must hold.")
class VoucherQuotaFilter:
    """Absent or null: any."""

    status: list[QuotaStatus] | None = strawberry.field(default=None, description="In one of these states; 5 at most.")
    kind: VoucherKind | None = strawberry.field(default=None, description="For vouchers or for cash coupons.")
    owner: strawberry.ID | None = ref(PartnerRow, "Of this partner.", default=None)
    parent: strawberry.ID | None = ref(QuotaRow, "Issued from this quota.", default=None)
    expires_before: datetime | None = strawberry.field(default=None, description="That end before this instant.")

    def condition(self) -> use_cases.QuotaFilter:
        """For the use case."""
        return use_cases.QuotaFilter(
            None if self.status is None else tuple(self.status),
            self.kind,
            filter_id(PartnerRow.prefix, self.owner),
            filter_id(QuotaRow.prefix, self.parent),
            self.expires_before,
        )


@strawberry.input(description="Which vouchers; every condition given must hold.")
class VoucherFilter:
    """Absent or null: any."""

    status: list[VoucherStatus] | None = strawberry.field(
        default=None, description="In one of these states; 5 at most."
    )
    kind: VoucherKind | None = strawberry.field(default=None, description="Vouchers or cash coupons.")
    customer: strawberry.ID | None = ref(CustomerRow, "Of this customer.", default=None)
    quota: strawberry.ID | None = ref(QuotaRow, "Issued from this quota.", default=None)
    expires_before: datetime | None = strawberry.field(default=None, description="That end before this instant.")

    def condition(self) -> use_cases.VoucherFilter:
        """For the use case."""
        return use_cases.VoucherFilter(
            None if self.status is None else tuple(self.status),
            self.kind,
            filter_id(CustomerRow.prefix, self.customer),
            filter_id(QuotaRow.prefix, self.quota),
            self.expires_before,
        )


@strawberry.input(description="Which quota records; every condition given must hold.")
class QuotaRecordFilter:
    """Absent or null: any."""

    operation: list[QuotaOperation] | None = strawberry.field(
        default=None, description="One of these operations; 10 at most."
    )
    quota: strawberry.ID | None = ref(QuotaRow, "On this quota.", default=None)
    parent: strawberry.ID | None = ref(QuotaRow, "On quotas issued from this one.", default=None)
    owner: strawberry.ID | None = ref(PartnerRow, "On quotas of this partner.", default=None)
    since: datetime | None = strawberry.field(default=None, description="From this instant on.")
    until: datetime | None = strawberry.field(default=None, description="Before this instant.")

    def condition(self) -> use_cases.QuotaRecordFilter:
        """For the use case."""
        return use_cases.QuotaRecordFilter(
            None if self.operation is None else tuple(self.operation),
            filter_id(QuotaRow.prefix, self.quota),
            filter_id(QuotaRow.prefix, self.parent),
            filter_id(PartnerRow.prefix, self.owner),
            self.since,
            self.until,
        )


@strawberry.input(description="Which voucher records; every condition given must hold.")
class VoucherRecordFilter:
    """Absent or null: any."""

    operation: list[VoucherOperation] | None = strawberry.field(
        default=None, description="One of these operations; 10 at most."
    )
    voucher: strawberry.ID | None = ref(VoucherRow, "On this voucher.", default=None)
    quota: strawberry.ID | None = ref(QuotaRow, "On vouchers of this quota.", default=None)
    customer: strawberry.ID | None = ref(CustomerRow, "On vouchers of this customer.", default=None)
    since: datetime | None = strawberry.field(default=None, description="From this instant on.")
    until: datetime | None = strawberry.field(default=None, description="Before this instant.")

    def condition(self) -> use_cases.VoucherRecordFilter:
        """For the use case."""
        return use_cases.VoucherRecordFilter(
            None if self.operation is None else tuple(self.operation),
            filter_id(VoucherRow.prefix, self.voucher),
            filter_id(QuotaRow.prefix, self.quota),
            filter_id(CustomerRow.prefix, self.customer),
            self.since,
            self.until,
        )


@strawberry.type
class VoucherQueries:
    """Root reads of this domain."""

    @connection(use_cases.voucher_quotas, VoucherQuota)
    def voucher_quotas(self, ctx: Context, filter: VoucherQuotaFilter | None = None) -> QuerySet[Any]:
        """Your partner's own quotas, newest first; for the vendor everybody's."""
        return use_cases.voucher_quotas(ctx, filter=(filter or VoucherQuotaFilter()).condition())

    @connection(use_cases.issued_quotas, VoucherQuota)
    def issued_quotas(self, ctx: Context, filter: VoucherQuotaFilter | None = None) -> QuerySet[Any]:
        """The quotas that your partner issued to its resellers, newest first; for the vendor all distributors'."""
        return use_cases.issued_quotas(ctx, filter=(filter or VoucherQuotaFilter()).condition())

    @connection(use_cases.quota_records, QuotaRecord)
    def quota_records(self, ctx: Context, filter: QuotaRecordFilter | None = None) -> QuerySet[Any]:
        """Every operation on your partner's quotas and on those it issued, newest first."""
        return use_cases.quota_records(ctx, filter=(filter or QuotaRecordFilter()).condition())

    @connection(use_cases.issued_vouchers, Voucher)
    def issued_vouchers(self, ctx: Context, filter: VoucherFilter | None = None) -> QuerySet[Any]:
        """The vouchers that your partner issued, newest first, without those that ended more than 12 months ago."""
        return use_cases.issued_vouchers(ctx, filter=(filter or VoucherFilter()).condition())

    @connection(use_cases.my_vouchers, Voucher)
    def my_vouchers(self, ctx: Context, filter: VoucherFilter | None = None) -> QuerySet[Any]:
        """For a customer: its own vouchers, newest first."""
        return use_cases.my_vouchers(ctx, filter=(filter or VoucherFilter()).condition())

    @connection(use_cases.voucher_uses, VoucherUse)
    def voucher_uses(
        self, ctx: Context, voucher: VoucherId = None, customer: CustomerId = None, order_ref: OrderRef = None
    ) -> QuerySet[Any]:
        """What was paid with your partner's vouchers, newest first."""
        return use_cases.voucher_uses(
            ctx,
            voucher=filter_id(VoucherRow.prefix, voucher),
            customer=filter_id(CustomerRow.prefix, customer),
            order_ref=order_ref,
        )

    @connection(use_cases.voucher_records, VoucherRecord)
    def voucher_records(self, ctx: Context, filter: VoucherRecordFilter | None = None) -> QuerySet[Any]:
        """Every operation on your partner's vouchers, newest first."""
        return use_cases.voucher_records(ctx, filter=(filter or VoucherRecordFilter()).condition())


@strawberry.type
class VoucherMutations:
    """Root mutations of this domain."""

    grant_quota = mutation(use_cases.grant_quota, inputs.GrantQuotaInput, inputs.VoucherQuotaPayload)
    set_quota_state = mutation(use_cases.set_quota_state, inputs.SetQuotaStateInput, inputs.VoucherQuotaPayload)
    issue_quota_to_resellers = mutation(
        use_cases.issue_quota_to_resellers, inputs.IssueQuotaToResellersInput, inputs.VoucherQuotasPayload
    )
    recall_quotas = mutation(use_cases.recall_quotas, inputs.RecallQuotasInput, inputs.VoucherQuotasPayload)
    issue_vouchers = mutation(use_cases.issue_vouchers, inputs.IssueVouchersInput, inputs.VouchersPayload)
    recall_vouchers = mutation(use_cases.recall_vouchers, inputs.RecallVouchersInput, inputs.VouchersPayload)
    record_voucher_use = mutation(use_cases.record_voucher_use, inputs.RecordVoucherUseInput, inputs.VoucherUsePayload)
    refund_voucher_use = mutation(use_cases.refund_voucher_use, inputs.RefundVoucherUseInput, inputs.VoucherUsePayload)
