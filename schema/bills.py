"""GraphQL of consumption: lines taken over from the vendor's billing, and what customers consumed."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from tortoise.queryset import QuerySet

from core.ids import filter_id
from models.bills import ConsumptionLine as ConsumptionLineRow
from models.customers import Customer as CustomerRow
from resolvers import bills
from resolvers.context import Context
from rules.bills import LINES_MOST, TEXTS_MOST, BillType, ChargingMode, ErrorPolicy, LineFlag
from schema.batch import BatchPayload, item, reasons
from schema.enums import AssociationType
from schema.fields import amount_of, mutation, relation
from schema.inputs import TEXT_MOST, KeyedInput, ref, text
from schema.nodes import Node, OfRow
from schema.pages import Order, connection

strawberry.enum(BillType, description="What a line of consumption bills.")
strawberry.enum(ChargingMode, description="How a service is charged.")
strawberry.enum(LineFlag, name="ConsumptionFlag", description="What else is to be known of a line of consumption.")
strawberry.enum(ErrorPolicy, name="ImportErrorPolicy", description="What becomes of a call with refused lines.")

if TYPE_CHECKING:
    from schema.customers import Customer

CustomerType = Annotated["Customer", strawberry.lazy("schema.customers")]
_NEWEST_PAID = Order("paid_at")


def _line_text(name: str, description: str, **more: Any) -> Any:
    """A text of a line. Its bounds are checked with the line, so that one wrong line has its own result."""
    most = TEXTS_MOST[name]
    bounds = {"text": (0, TEXT_MOST)}
    return strawberry.field(description=f"{description} 1 to {most} characters.", metadata=bounds, **more)


def _line_amount(description: str) -> Any:
    bounds = {"text": (0, TEXT_MOST)}
    return strawberry.field(description=f"{description} Absent: nothing.", metadata=bounds, default=None)


@strawberry.type(description="One line of what a customer consumed and how it was paid. Lines never change.")
class ConsumptionLine(Node, OfRow):
    """The source object is a ConsumptionLine row."""

    reference: str = strawberry.field(description="What the vendor's billing calls it; unique on its site.")
    order_ref: str | None = strawberry.field(description="The order it belongs to.")
    bill_type: BillType = strawberry.field(description="What it bills.")
    service_code: str = strawberry.field(description="The cloud service's type.")
    product_code: str = strawberry.field(description="The product.")
    charging_mode: ChargingMode = strawberry.field(description="How it is charged.")
    region: str | None = strawberry.field(description="Where it was used.")
    paid_at: datetime = strawberry.field(description="When it was paid. The partner at this moment earns on it.")
    period: str = strawberry.field(description="Accounting month, as 2026-03, cut in the site's zone.")
    flags: list[LineFlag] = strawberry.field(description="What else is to be known of it.")
    association_type: AssociationType | None = strawberry.field(description="How the customer bought when it paid.")
    imported_at: datetime = strawberry.field(description="When it arrived here.")
    customer = relation(bills.customers_of_lines, CustomerType | None, "The customer; null when it is yours no more.")
    official_amount = amount_of("official_amount", "The list price: discount, rounding and all payments together.")
    discount_amount = amount_of("discount_amount", "Taken off by discounts.")
    rounding_amount = amount_of("rounding_amount", "The fraction that is left out.")
    cash_amount = amount_of("cash_amount", "Paid from the cash balance.")
    credit_amount = amount_of("credit_amount", "Paid on the vendor's credit.")
    voucher_amount = amount_of("voucher_amount", "Paid with vouchers.")
    cash_coupon_amount = amount_of("cash_coupon_amount", "Paid with cash coupons that count as performance.")
    no_performance_coupon_amount = amount_of("no_performance_coupon_amount", "Paid with cash coupons that do not.")
    card_amount = amount_of("card_amount", "Paid with stored-value cards.")
    bonus_amount = amount_of("bonus_amount", "Paid with gift money.")
    debt_amount = amount_of("debt_amount", "Not paid yet.")
    write_off_amount = amount_of("write_off_amount", "Written off.")


@strawberry.type(description="What a customer paid in a calendar month of its site, in one currency.")
class MonthlyConsumption:
    """The source object is the use case's."""

    month: str = strawberry.field(description="As 2026-03.")
    lines: int = strawberry.field(description="How many lines.")
    official_amount = amount_of("official_amount", "The sum of their list prices.")
    cash_amount = amount_of("cash_amount", "The sum paid from the cash balance.")


@strawberry.input
class ConsumptionLineInput:
    """One line as the vendor's billing has it. Amounts are decimals with up to two places, as 1200.50."""

    reference: str = _line_text("reference", "What the billing calls it; unique on the customer's site.")
    customer_id: strawberry.ID = ref(CustomerRow, "The customer.")
    bill_type: BillType = strawberry.field(description="What it bills; a refund's amounts are negative.")
    service_code: str = _line_text("service_code", "The cloud service's type.")
    product_code: str = _line_text("product_code", "The product.")
    charging_mode: ChargingMode = strawberry.field(description="How it is charged.")
    paid_at: datetime = strawberry.field(description="When it was paid; not in the future.")
    official_amount: str = strawberry.field(
        description="The list price: the sum of all the others.", metadata={"text": (0, TEXT_MOST)}
    )
    order_ref: str | None = _line_text("order_ref", "The order it belongs to.", default=None)
    region: str | None = _line_text("region", "Where it was used.", default=None)
    currency: str | None = text("ISO 4217. Absent: the site's own.", least=0, most=TEXT_MOST, default=None)
    flags: list[LineFlag] | None = strawberry.field(
        default=None, description="What else is to be known of it; at most one of each."
    )
    discount_amount: str | None = _line_amount("Taken off by discounts.")
    rounding_amount: str | None = _line_amount("The fraction that is left out.")
    cash_amount: str | None = _line_amount("Paid from the cash balance.")
    credit_amount: str | None = _line_amount("Paid on the vendor's credit.")
    voucher_amount: str | None = _line_amount("Paid with vouchers.")
    cash_coupon_amount: str | None = _line_amount("Paid with cash coupons that count as performance.")
    no_performance_coupon_amount: str | None = _line_amount("Paid with cash coupons that do not.")
    card_amount: str | None = _line_amount("Paid with stored-value cards.")
    bonus_amount: str | None = _line_amount("Paid with gift money.")
    debt_amount: str | None = _line_amount("Not paid yet.")
    write_off_amount: str | None = _line_amount("Written off.")


@strawberry.input
class ImportConsumptionInput(KeyedInput):
    """The lines, and what becomes of all of them when one is refused."""

    lines: list[ConsumptionLineInput] = strawberry.field(
        description=f"1 to {LINES_MOST} lines.", metadata={"items": LINES_MOST}
    )
    error_policy: ErrorPolicy = strawberry.field(
        default=ErrorPolicy.ALL_OR_NOTHING, description="Whether refused lines keep the others from being taken over."
    )


@strawberry.type(description="What became of one line.")
class ConsumptionLineResult:
    """The source object is an Item."""

    line = item(ConsumptionLine, "The line as it is stored.")
    user_errors = reasons()

    @strawberry.field(description="Whether it was there already, saying the same; nothing was written then.")
    def duplicate(self) -> bool:
        """By the use case's note."""
        found: Any = self
        return bool(found.note == bills.DUPLICATE)


@strawberry.type(description="A result for each line, in the order given.")
class ImportConsumptionPayload(BatchPayload):
    """The source object is a Batch."""

    results: list[ConsumptionLineResult] = strawberry.field(description="What became of each line.")


@strawberry.input(description="Which lines; every condition given must hold.")
class ConsumptionFilter:
    """Absent or null: any."""

    customer: strawberry.ID | None = ref(CustomerRow, "The customer that consumed.", default=None)
    period: str | None = text("Accounting month, as 2026-03.", least=7, most=7, default=None)
    bill_type: BillType | None = strawberry.field(default=None, description="What they bill.")
    paid_from: datetime | None = strawberry.field(default=None, description="Paid at this instant or later.")
    paid_until: datetime | None = strawberry.field(default=None, description="Paid before this instant.")

    def condition(self) -> bills.ConsumptionFilter:
        """For the use case; an id that is none finds nothing."""
        customer = filter_id(CustomerRow.prefix, self.customer)
        return bills.ConsumptionFilter(customer, self.period, self.bill_type, self.paid_from, self.paid_until)


@strawberry.type
class BillQueries:
    """Root reads of this domain."""

    @connection(bills.consumption, ConsumptionLine, order=_NEWEST_PAID)
    def consumption(self, ctx: Context, filter: ConsumptionFilter | None = None) -> QuerySet[ConsumptionLineRow]:
        """What your customers paid while they were yours, last paid first, as far back as the policy says."""
        return bills.consumption(ctx, filter=filter.condition() if filter else bills.ConsumptionFilter())


@strawberry.type
class BillMutations:
    """Root mutations of this domain."""

    import_consumption = mutation(bills.import_consumption, ImportConsumptionInput, ImportConsumptionPayload)
