"""Checking a list: the partner acknowledges heads and total, or objects; the vendor's operations answer."""

from uuid import UUID

from models.experts import ExpertIncentive, ExpertIncentiveLine
from models.schedules import calendar_entries
from resolvers.command import command, expect_version
from resolvers.context import Context
from resolvers.experts.generating import count, time_for
from resolvers.experts.scope import access_list, facts_of, stage_for
from resolvers.experts.telling import happened, told_of
from rules.access import Permission
from rules.errors import ErrorCode, Violation, require
from rules.experts import (
    EXPERT_INCENTIVE,
    SCHEMES,
    ListTotal,
    check_acknowledged,
    check_recount,
    check_step,
    check_words,
    compute_materials_deadline,
)
from rules.money import parse_amount
from rules.sites import Site

E = ErrorCode


@command(
    permission=Permission.EXPERTS_CONFIRM,
    refuses=(E.INCENTIVE_EXPIRED, E.STATE_CONFLICT, E.EXPERT_LIST_DIFFERS, E.INVALID_FORMAT),
    emits=("expert_incentive.confirmed",),
    sensitive=True,
)
async def confirm_expert_incentive(
    ctx: Context, *, incentive_id: UUID, head_count: int, total: str, expected_version: int | None = None
) -> ExpertIncentive:
    """Confirms a month's list before its deadline by naming the number of experts and the total that you have checked.
    The materials come next, by a date of their own.
    """
    own, row = await access_list(ctx, incentive_id)
    expect_version(row, expected_version)
    amount, facts = parse_amount(total, "input", "total"), facts_of(row)
    wrong = [amount] if isinstance(amount, Violation) else check_acknowledged(facts, ListTotal(head_count, amount))
    require(check_step(facts, "confirm", now=ctx.now) + wrong)
    entries = await calendar_entries(Site(own.site))
    deadline = compute_materials_deadline(ctx.now, policy=ctx.policy_of(own), entries=entries)
    await row.change(
        now=ctx.now,
        status=EXPERT_INCENTIVE.after(row.status, "confirm"),
        confirmed_at=ctx.now,
        confirmed_by=ctx.actor.account_id,
        waits_since=ctx.now,
        deadline=deadline.at,
        deadline_provisional=deadline.provisional,
        reminded=None,
    )
    happened(ctx, "expert_incentive.confirmed", row)
    ctx.effect("expert_incentive.confirmed", row, money=(row.amount, row.currency))
    return row


@command(
    permission=Permission.EXPERTS_CONFIRM,
    refuses=(E.INCENTIVE_EXPIRED, E.STATE_CONFLICT, E.REASON_REQUIRED, E.OUT_OF_RANGE),
    emits=("expert_incentive.disputed",),
)
async def dispute_expert_incentive(
    ctx: Context, *, incentive_id: UUID, objection: str, expected_version: int | None = None
) -> ExpertIncentive:
    """Objects to a list before its deadline. The time stands still until the vendor has answered."""
    _, row = await access_list(ctx, incentive_id)
    expect_version(row, expected_version)
    require(check_step(facts_of(row), "dispute", now=ctx.now) + check_words(objection, "objection"))
    status = EXPERT_INCENTIVE.after(row.status, "dispute")
    await row.change(now=ctx.now, status=status, objection=objection.strip(), answer=None, waits_since=ctx.now)
    happened(ctx, "expert_incentive.disputed", row)
    ctx.effect("expert_incentive.disputed", row, money=(row.amount, row.currency))
    return row


@command(
    permission=Permission.EXPERTS_ENTER,
    refuses=(E.STATE_CONFLICT, E.REASON_REQUIRED, E.OUT_OF_RANGE, E.EXPERT_LIST_EMPTY),
    emits=("expert_incentive.answered",),
)
async def answer_expert_dispute(
    ctx: Context, *, incentive_id: UUID, answer: str, recount: bool, expected_version: int | None = None
) -> ExpertIncentive:
    """Answers a partner's objection to a list. Counted anew the list has the experts who meet the conditions now;
    either way its partner has the whole time again to check it.
    """
    own, row = await access_list(ctx, incentive_id)
    expect_version(row, expected_version)
    require(EXPERT_INCENTIVE.check(row.status, "answer") + check_words(answer, "answer"))
    if recount:
        scheme = SCHEMES[row.scheme]
        counted = await count(ctx, own, scheme, row.period, await stage_for(own, scheme), without=row.id)
        require(check_recount(counted.total))
        await ExpertIncentiveLine.filter(incentive_id=row.id).delete()
        await ExpertIncentiveLine.bulk_create(counted.lines(row))
        heads, amount = counted.total.heads, counted.total.amount
    else:
        heads, amount = row.head_count, row.amount
    _, deadline = await time_for(ctx, own, SCHEMES[row.scheme])
    await row.change(
        now=ctx.now,
        status=EXPERT_INCENTIVE.after(row.status, "answer"),
        head_count=heads,
        amount=amount,
        answer=answer.strip(),
        waits_since=ctx.now,
        deadline=deadline.at,
        deadline_provisional=deadline.provisional,
        reminded=None,
    )
    happened(ctx, "expert_incentive.answered", row)
    ctx.effect("expert_incentive.answered", row, money=(row.amount, row.currency))
    facts = {**told_of(row), "answer": answer.strip()}
    ctx.notify("expert_list_recounted", own, about=row, facts=facts, instants={"deadline": row.deadline})
    return row
