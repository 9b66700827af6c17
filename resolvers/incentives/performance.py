"""A partner's performance: its sheets and lines with the reasons, questions about them, the audit that settles it."""

from collections.abc import Sequence
from uuid import UUID

from tortoise.queryset import QuerySet

from models.bills import ConsumptionLine
from models.customers import Customer
from models.partners import Partner
from models.performance import PerformanceFeedback, PerformanceLine, PerformanceSheet
from resolvers.actions import ActionState, action
from resolvers.command import command, expect_version
from resolvers.context import Context
from resolvers.incentives.generation import generate
from resolvers.nodes import findable, own_rows
from resolvers.query import query
from resolvers.related import to_one
from rules.access import Permission
from rules.errors import ErrorCode, refuse, require
from rules.incentives.performance import FEEDBACK, SHEET, FeedbackStatus, SheetStatus, check_feedback


def visible_sheets(ctx: Context) -> QuerySet[PerformanceSheet]:
    """The sheets the actor may see."""
    return own_rows(ctx, PerformanceSheet)


def visible_lines(ctx: Context) -> QuerySet[PerformanceLine]:
    """The lines of the sheets the actor may see."""
    return own_rows(ctx, PerformanceLine)


def visible_feedback(ctx: Context) -> QuerySet[PerformanceFeedback]:
    """The questions about the sheets the actor may see."""
    return own_rows(ctx, PerformanceFeedback)


findable(PerformanceSheet, Permission.INCENTIVES_READ_PERFORMANCE, visible_sheets)
findable(PerformanceLine, Permission.INCENTIVES_READ_PERFORMANCE, visible_lines)
findable(PerformanceFeedback, Permission.INCENTIVES_READ_PERFORMANCE, visible_feedback)


async def access_sheet(ctx: Context, sheet_id: UUID) -> PerformanceSheet:
    """The sheet, locked until the transaction ends; NOT_FOUND where the actor does not see it."""
    row = await visible_sheets(ctx).filter(id=sheet_id).select_for_update(no_key=True).first()
    if row is None:
        raise refuse(ErrorCode.NOT_FOUND, "input", "id")
    return row


async def access_feedback(ctx: Context, feedback_id: UUID) -> PerformanceFeedback:
    """The question, locked until the transaction ends; NOT_FOUND where the actor does not see it."""
    row = await visible_feedback(ctx).filter(id=feedback_id).select_for_update(no_key=True).first()
    if row is None:
        raise refuse(ErrorCode.NOT_FOUND, "input", "id")
    return row


@query(permission=Permission.INCENTIVES_READ_PERFORMANCE)
def performance_sheets(
    ctx: Context, *, period: str | None = None, status: SheetStatus | None = None
) -> QuerySet[PerformanceSheet]:
    """What the partner's customers amount to, month by month: estimated, drafted, final."""
    rows = visible_sheets(ctx)
    rows = rows if period is None else rows.filter(period=period)
    return rows if status is None else rows.filter(status=status)


@query(permission=Permission.INCENTIVES_READ_PERFORMANCE)
def performance_lines(
    ctx: Context, *, sheet_id: UUID | None = None, counted: bool | None = None
) -> QuerySet[PerformanceLine]:
    """The lines of a sheet, or of every one: those of which something counts, those of which nothing does, or all."""
    rows = visible_lines(ctx)
    rows = rows if sheet_id is None else rows.filter(sheet_id=sheet_id)
    if counted is None:
        return rows
    return rows.exclude(amount=0) if counted else rows.filter(amount=0)


@query(permission=Permission.INCENTIVES_READ_PERFORMANCE)
def performance_feedback(ctx: Context, *, status: FeedbackStatus | None = None) -> QuerySet[PerformanceFeedback]:
    """Questions about performance and their answers."""
    rows = visible_feedback(ctx)
    return rows if status is None else rows.filter(status=status)


@command(
    permission=Permission.INCENTIVES_AUDIT_PERFORMANCE,
    refuses=(ErrorCode.STATE_CONFLICT,),
    emits=("performance_sheet.finalised", "incentive.generated"),
    sensitive=True,
)
async def audit_performance(ctx: Context, *, sheet_id: UUID, expected_version: int | None = None) -> PerformanceSheet:
    """Confirms a drafted sheet: it is final and the partner is told. What it earns follows at once."""
    sheet = await access_sheet(ctx, sheet_id)
    expect_version(sheet, expected_version)
    status = SHEET.after(sheet.status, "audit")
    await sheet.change(now=ctx.now, status=status, audited_at=ctx.now, audited_by=ctx.actor.account_id)
    ctx.effect("performance_sheet.finalised", sheet)
    ctx.event(
        "performance_sheet.finalised", sheet, partner_id=sheet.partner_id, period=sheet.period, status=status.value
    )
    partner = await Partner.get(id=sheet.partner_id)
    ctx.notify("performance_final", partner, about=sheet, facts={"period": sheet.period})
    await generate(ctx, sheet)
    return sheet


@command(
    permission=Permission.INCENTIVES_GIVE_FEEDBACK,
    refuses=(ErrorCode.STATE_CONFLICT, ErrorCode.REQUIRED, ErrorCode.OUT_OF_RANGE),
    emits=("performance_feedback.given",),
)
async def give_performance_feedback(
    ctx: Context, *, sheet_id: UUID, text: str, line_id: UUID | None = None
) -> PerformanceFeedback:
    """Asks the vendor about a drafted sheet, or about one of its lines. The sheet stays a draft until it is audited."""
    sheet = await access_sheet(ctx, sheet_id)
    line = None
    if line_id is not None:
        line = await visible_lines(ctx).get_or_none(id=line_id, sheet_id=sheet.id)
        if line is None:
            raise refuse(ErrorCode.NOT_FOUND, "input", "lineId")
    require([*SHEET.check(sheet.status, "give_feedback"), *check_feedback(text, "input", "text")])
    feedback = await PerformanceFeedback.insert(
        now=ctx.now,
        sheet_id=sheet.id,
        line_id=None if line is None else line.id,
        partner_id=sheet.partner_id,
        status=FeedbackStatus.OPEN,
        text=text.strip(),
        asked_by=ctx.actor.account_id,
    )
    ctx.effect("performance_feedback.given", feedback)
    ctx.event(
        "performance_feedback.given", feedback, partner_id=sheet.partner_id, sheet=str(sheet.id), period=sheet.period
    )
    return feedback


@command(
    permission=Permission.INCENTIVES_ANSWER_FEEDBACK,
    refuses=(ErrorCode.STATE_CONFLICT, ErrorCode.REQUIRED, ErrorCode.OUT_OF_RANGE),
    emits=("performance_feedback.answered",),
)
async def answer_performance_feedback(ctx: Context, *, feedback_id: UUID, answer: str) -> PerformanceFeedback:
    """Answers a partner's question about its performance; the partner is told."""
    feedback = await access_feedback(ctx, feedback_id)
    require([*FEEDBACK.check(feedback.status, "answer"), *check_feedback(answer, "input", "answer")])
    await feedback.change(
        now=ctx.now,
        status=FEEDBACK.after(feedback.status, "answer"),
        answer=answer.strip(),
        answered_by=ctx.actor.account_id,
        answered_at=ctx.now,
    )
    ctx.effect("performance_feedback.answered", feedback)
    ctx.event("performance_feedback.answered", feedback, partner_id=feedback.partner_id, status=feedback.status.value)
    sheet, partner = await PerformanceSheet.get(id=feedback.sheet_id), await Partner.get(id=feedback.partner_id)
    ctx.notify("performance_answered", partner, about=feedback, facts={"period": sheet.period})
    return feedback


async def sheet_actions(ctx: Context, sheets: Sequence[PerformanceSheet]) -> list[list[ActionState]]:
    """For each sheet whether it may be audited or asked about now."""
    return [
        [
            action(ctx, "AUDIT", audit_performance, SHEET.check(row.status, "audit")),
            action(ctx, "GIVE_FEEDBACK", give_performance_feedback, SHEET.check(row.status, "give_feedback")),
        ]
        for row in sheets
    ]


async def feedback_actions(ctx: Context, feedback: Sequence[PerformanceFeedback]) -> list[list[ActionState]]:
    """For each question whether it may be answered now."""
    return [
        [action(ctx, "ANSWER", answer_performance_feedback, FEEDBACK.check(row.status, "answer"))] for row in feedback
    ]


partners_of_sheets = to_one("partner_id", Partner)
"""For each sheet its partner."""


customers_of_performance = to_one("customer_id", Customer)
"""For each line its customer, where the actor may (still) see it."""


consumption_of_performance = to_one("consumption_line_id", ConsumptionLine)
"""For each line what was consumed; both have the same scope, and performance shows it however old."""


sheets_of_feedback = to_one("sheet_id", PerformanceSheet)
"""For each question the sheet it is about."""


lines_of_feedback = to_one("line_id", PerformanceLine)
"""For each question the line it is about; None for one about the whole sheet."""
