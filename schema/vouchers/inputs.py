"""What the mutations of vouchers take and answer."""

from datetime import datetime

import strawberry

from models.customers import Customer as CustomerRow
from models.partners import Partner as PartnerRow
from models.vouchers import Voucher as VoucherRow
from models.vouchers import VoucherQuota as QuotaRow
from models.vouchers import VoucherUse as UseRow
from rules.vouchers import QuotaChange, SpendingPurpose, SubscriptionType, VoucherKind
from schema.batch import BatchPayload, item, reasons
from schema.enums import AssociationType
from schema.fields import Payload
from schema.inputs import KeyedInput, SensitiveInput, ref, text
from schema.vouchers.types import Voucher, VoucherQuota, VoucherUse

strawberry.enum(QuotaChange, name="VoucherQuotaChange", description="What the vendor does with a quota's state.")

AMOUNT = "Decimal, in the quota's currency, as 1200.50."
AMOUNT_MOST = 20


@strawberry.input
class GrantQuotaInput(KeyedInput):
    """Whom, how much, for how long, and what its vouchers must keep."""

    partner_id: strawberry.ID = ref(PartnerRow, "The partner that gets it.")
    value: str = text("How much, decimal, in the currency of the partner's site.", most=AMOUNT_MOST)
    expires_at: datetime = strawberry.field(description="From this instant on it cannot be issued from.")
    effective_at: datetime | None = strawberry.field(default=None, description="From when on it can; absent: now.")
    kind: VoucherKind = strawberry.field(default=VoucherKind.VOUCHER, description="What its vouchers are.")
    services: list[str] | None = text("Only these types of services, 100 at most.", most=64, default=None)
    products: list[str] | None = text("Only these products, 100 at most.", most=64, default=None)
    subscriptions: list[SubscriptionType] | None = strawberry.field(default=None, description="Such orders; 3 at most.")
    face_min: str | None = text(f"Smallest face. {AMOUNT}", most=AMOUNT_MOST, default=None)
    face_max: str | None = text(f"Largest face. {AMOUNT}", most=AMOUNT_MOST, default=None)
    count_max: int | None = strawberry.field(default=None, description="How many vouchers at most.")
    total_max: str | None = text(f"Sum of all faces at most. {AMOUNT}", most=AMOUNT_MOST, default=None)
    first_association_only: bool = strawberry.field(
        default=False, description="Only for customers with their first partner."
    )
    association_type: AssociationType | None = strawberry.field(
        default=None, description="Only for customers of this type."
    )
    designated_customer_ids: list[strawberry.ID] | None = ref(
        CustomerRow, "Only for these customers, 100 at most.", argument="designated", default=None
    )
    own_use: bool = strawberry.field(default=False, description="For the partner's own bill alone.")
    marketplace: bool = strawberry.field(default=False, description="Its vouchers pay for marketplace goods, too.")
    remark: str | None = text("What to remark in its records.", most=256, default=None)


@strawberry.input
class SetQuotaStateInput(KeyedInput):
    """Which quota, and what becomes of it."""

    quota_id: strawberry.ID = ref(QuotaRow, "The quota.")
    change: QuotaChange = strawberry.field(description="INVALIDATE cannot be undone.")
    remark: str | None = text("Why.", most=256, default=None)
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class IssueQuotaToResellersInput(SensitiveInput):
    """Which quota, to whom, and how much each."""

    quota_id: strawberry.ID = ref(QuotaRow, "A quota of your own.")
    reseller_ids: list[strawberry.ID] = ref(PartnerRow, "Resellers of yours, 100 at most.")
    amount: str = text(f"How much for each. {AMOUNT}", most=AMOUNT_MOST)


@strawberry.input
class RecallQuotasInput(SensitiveInput):
    """Which quotas."""

    quota_ids: list[strawberry.ID] = ref(QuotaRow, "Quotas that you issued, 10 at most.")
    remark: str | None = text("Why.", most=256, default=None)


@strawberry.input
class IssueVouchersInput(SensitiveInput):
    """From which quota, to whom, and what each voucher is."""

    quota_id: strawberry.ID = ref(QuotaRow, "A quota of your own.")
    customer_ids: list[strawberry.ID] = ref(CustomerRow, "Customers of yours, 100 at most.")
    face_value: str = text(f"What each gets. {AMOUNT}", most=AMOUNT_MOST)
    min_order_amount: str | None = text(f"The smallest order it pays for. {AMOUNT}", most=AMOUNT_MOST, default=None)
    valid_from: datetime | None = strawberry.field(default=None, description="Absent: from the quota's start on.")
    expires_at: datetime | None = strawberry.field(default=None, description="Absent: as long as the quota.")
    services: list[str] | None = text("Only these types of services, 10 at most.", most=64, default=None)
    products: list[str] | None = text("Only these products, 10 at most.", most=64, default=None)
    subscriptions: list[SubscriptionType] | None = strawberry.field(default=None, description="Such orders; 3 at most.")
    memo: str | None = text("A note that only your company sees.", most=256, default=None)


@strawberry.input
class RecallVouchersInput(SensitiveInput):
    """Which vouchers."""

    voucher_ids: list[strawberry.ID] = ref(VoucherRow, "Vouchers that you issued, 100 at most.")


@strawberry.input
class RecordVoucherUseInput(KeyedInput):
    """Which voucher paid how much of which order."""

    voucher_id: strawberry.ID = ref(VoucherRow, "The voucher.")
    order_ref: str = text("The order.", most=64)
    amount: str = text(f"What the voucher pays. {AMOUNT}", most=AMOUNT_MOST)
    order_amount: str = text(f"The whole order. {AMOUNT}", most=AMOUNT_MOST)
    service: str | None = text("The type of service ordered.", most=64, default=None)
    product: str | None = text("The product ordered.", most=64, default=None)
    subscription: SubscriptionType | None = strawberry.field(default=None, description="The kind of order.")
    purpose: SpendingPurpose = strawberry.field(default=SpendingPurpose.PURCHASE, description="What is paid.")


@strawberry.input
class RefundVoucherUseInput(KeyedInput):
    """Which payment was refunded."""

    id: strawberry.ID = ref(UseRow, "The use of the voucher.", argument="use_id")


@strawberry.type(description="The quota concerned.")
class VoucherQuotaPayload(Payload):
    """The source object is a VoucherQuota."""

    quota: VoucherQuota | None = strawberry.field(description="The quota as it stands now.")


@strawberry.type(description="The use concerned.")
class VoucherUsePayload(Payload):
    """The source object is a VoucherUse."""

    use: VoucherUse | None = strawberry.field(description="The use as it stands now.")


@strawberry.type(description="What became of one reseller or one quota of the list.")
class VoucherQuotaResult:
    """The source object is an item of a batch."""

    quota = item(VoucherQuota, "The quota as it stands now.")
    user_errors = reasons()


@strawberry.type(description="What became of one customer or one voucher of the list.")
class VoucherResult:
    """The source object is an item of a batch."""

    voucher = item(Voucher, "The voucher as it stands now.")
    user_errors = reasons()


@strawberry.type(description="A result for each entry of the list, in its order; none when the whole was refused.")
class VoucherQuotasPayload(BatchPayload):
    """The source object is a batch of quotas."""

    results: list[VoucherQuotaResult] = strawberry.field(description="One for each entry of the list, in its order.")


@strawberry.type(description="A result for each entry of the list, in its order; none when the whole was refused.")
class VouchersPayload(BatchPayload):
    """The source object is a batch of vouchers."""

    results: list[VoucherResult] = strawberry.field(description="One for each entry of the list, in its order.")
