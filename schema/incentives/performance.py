"""GraphQL of performance: sheets, lines with the reasons why they count or not, and questions about them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from tortoise.queryset import QuerySet

from core.i18n import translate
from core.ids import filter_id
from models.performance import PerformanceFeedback as FeedbackRow
from models.performance import PerformanceLine as LineRow
from models.performance import PerformanceSheet as SheetRow
from resolvers.context import Context
from resolvers.incentives import explaining, performance
from rules.incentives.performance import FEEDBACK_LENGTH, Exclusion, FeedbackStatus, SheetStatus
from schema.actions import ActionState
from schema.bills import ConsumptionLine
from schema.columns import looks_at
from schema.context import Info
from schema.enums import AssociationType
from schema.fields import Payload, amount_of, mutation, relation
from schema.incentives.types import IncentiveShare
from schema.inputs import KeyedInput, ref, text
from schema.nodes import Node, OfRow, Versioned
from schema.pages import connection
from schema.scalars import Money, money_of

strawberry.enum(SheetStatus, name="PerformanceStatus", description="How settled a month's performance is.")
strawberry.enum(FeedbackStatus, name="FeedbackStatus", description="Whether the vendor has answered.")
strawberry.enum(Exclusion, name="PerformanceExclusion", description="Why something is no performance.")

if TYPE_CHECKING:
    from schema.customers import Customer
    from schema.partners import Partner

CustomerType = Annotated["Customer", strawberry.lazy("schema.customers")]
PartnerType = Annotated["Partner", strawberry.lazy("schema.partners")]
SheetId = Annotated[strawberry.ID | None, strawberry.argument(description="Those of this sheet.")]
Period = Annotated[str | None, strawberry.argument(description="Accounting month, as 2026-03.")]
IsCounted = Annotated[
    bool | None, strawberry.argument(description="true: something of it counts; false: nothing does.")
]


@strawberry.type(description="What a partner's customers of one accounting month and currency amount to.")
class PerformanceSheet(Versioned, Node, OfRow):
    """The source object is a PerformanceSheet row."""

    period: str = strawberry.field(description="Accounting month, as 2026-03, cut in the site's zone.")
    status: SheetStatus = strawberry.field(description="ESTIMATE while the month is open; FINAL sheets earn.")
    line_count: int = strawberry.field(description="How many lines of consumption it was counted from.")
    closed_at: datetime | None = strawberry.field(description="When it was counted for good; null for an estimate.")
    audited_at: datetime | None = strawberry.field(description="When the vendor confirmed it.")
    partner = relation(performance.partners_of_sheets, PartnerType, "Whose it is.")
    actions = relation(
        performance.sheet_actions,
        list[ActionState],
        "What you may do with it now: AUDIT, GIVE_FEEDBACK.",
        columns=("status",),
    )

    total = amount_of("total", "The sum of its lines.")

    @strawberry.field(
        description="SHA-256 of its lines in canonical form, in hexadecimal digits; null for an estimate.",
        metadata=looks_at("digest"),
    )
    def digest(self) -> str | None:
        """The stored digest."""
        row: Any = self
        return None if row.digest is None else bytes(row.digest).hex()


@strawberry.type(description="A part of a line that is no performance, and why.")
class PerformanceLeftOut:
    """Made from the line's reasons."""

    reason: Exclusion = strawberry.field(description="Why it does not count.")
    amount: Money = strawberry.field(description="How much of the line.")

    @strawberry.field(description="The reason in the caller's language.")
    def explanation(self, info: Info) -> str:
        """The catalogue's text."""
        return translate(f"exclusions.{self.reason.value}", info.context.ctx.locale)


@strawberry.type(description="What of one line of consumption counts as performance, and what does not.")
class PerformanceLine(Node, OfRow):
    """The source object is a PerformanceLine row."""

    product_code: str = strawberry.field(description="The product.")
    association_type: AssociationType = strawberry.field(description="How the customer bought when it paid.")
    paid_at: datetime = strawberry.field(description="When it was paid; you were the customer's partner then.")
    consumption = relation(performance.consumption_of_performance, ConsumptionLine, "The line of consumption.")
    customer = relation(
        performance.customers_of_performance, CustomerType | None, "The customer; null when it is yours no more."
    )

    shares = relation(
        explaining.shares_of,
        list[IncentiveShare],
        "What it has in each incentive of its month.",
        columns=("id", "sheet_id", "association_type", "amount"),
    )

    amount = amount_of("amount", "What counts.")

    @strawberry.field(
        description="What does not count, by reason; empty when all of it counts.",
        metadata=looks_at("left_out", "currency"),
    )
    def left_out(self) -> list[PerformanceLeftOut]:
        """The stored reasons."""
        row: Any = self
        return [
            PerformanceLeftOut(reason=Exclusion(reason), amount=money_of(amount, row.currency))
            for reason, amount in sorted(row.left_out.items())
        ]


@strawberry.type(description="A partner's question about its performance, and the vendor's answer.")
class PerformanceFeedback(Versioned, Node, OfRow):
    """The source object is a PerformanceFeedback row."""

    status: FeedbackStatus = strawberry.field(description="OPEN until it is answered.")
    text: str = strawberry.field(description="The question.")
    answer: str | None = strawberry.field(description="The answer.")
    answered_at: datetime | None = strawberry.field(description="When it was answered.")
    sheet = relation(performance.sheets_of_feedback, PerformanceSheet, "The sheet it is about.")
    line = relation(performance.lines_of_feedback, PerformanceLine | None, "The line; null: the whole sheet.")
    actions = relation(
        performance.feedback_actions, list[ActionState], "What you may do with it now: ANSWER.", columns=("status",)
    )


@strawberry.input
class AuditPerformanceInput(KeyedInput):
    """A drafted sheet."""

    id: strawberry.ID = ref(SheetRow, "The sheet.", argument="sheet_id")
    expected_version: int | None = strawberry.field(
        default=None, description="The version you know; CONFLICT when it is another by now."
    )


@strawberry.input
class GivePerformanceFeedbackInput(KeyedInput):
    """A drafted sheet or one of its lines, and what is to be asked."""

    id: strawberry.ID = ref(SheetRow, "The sheet.", argument="sheet_id")
    text: str = text("What you ask.", most=FEEDBACK_LENGTH)
    line_id: strawberry.ID | None = ref(LineRow, "One of its lines; absent: the whole sheet.", default=None)


@strawberry.input
class AnswerPerformanceFeedbackInput(KeyedInput):
    """An open question and its answer."""

    id: strawberry.ID = ref(FeedbackRow, "The question.", argument="feedback_id")
    answer: str = text("What you answer; the partner reads it.", most=FEEDBACK_LENGTH)


@strawberry.type(description="The sheet concerned.")
class PerformanceSheetPayload(Payload):
    """The source object is a PerformanceSheet."""

    sheet: PerformanceSheet | None = strawberry.field(description="The sheet as it stands now.")


@strawberry.type(description="The question concerned.")
class PerformanceFeedbackPayload(Payload):
    """The source object is a PerformanceFeedback."""

    feedback: PerformanceFeedback | None = strawberry.field(description="The question as it stands now.")


@strawberry.type
class PerformanceQueries:
    """Root reads of performance."""

    @connection(performance.performance_sheets, PerformanceSheet)
    def performance_sheets(
        self, ctx: Context, period: Period = None, status: SheetStatus | None = None
    ) -> QuerySet[SheetRow]:
        """What your customers amount to, month by month: estimated, drafted, final; newest first."""
        return performance.performance_sheets(ctx, period=period, status=status)

    @connection(performance.performance_lines, PerformanceLine)
    def performance_lines(self, ctx: Context, sheet: SheetId = None, counted: IsCounted = None) -> QuerySet[LineRow]:
        """The lines of your sheets, with what counts of each and what does not and why; newest first."""
        return performance.performance_lines(ctx, sheet_id=filter_id(SheetRow.prefix, sheet), counted=counted)

    @connection(performance.performance_feedback, PerformanceFeedback)
    def performance_feedback(self, ctx: Context, status: FeedbackStatus | None = None) -> QuerySet[FeedbackRow]:
        """Questions about performance and their answers, newest first."""
        return performance.performance_feedback(ctx, status=status)


@strawberry.type
class PerformanceMutations:
    """Root mutations of performance."""

    audit_performance = mutation(performance.audit_performance, AuditPerformanceInput, PerformanceSheetPayload)
    give_performance_feedback = mutation(
        performance.give_performance_feedback, GivePerformanceFeedbackInput, PerformanceFeedbackPayload
    )
    answer_performance_feedback = mutation(
        performance.answer_performance_feedback, AnswerPerformanceFeedbackInput, PerformanceFeedbackPayload
    )
