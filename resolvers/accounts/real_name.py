"""Real-name authentication: an account submits who it is, the vendor decides."""

from collections.abc import Sequence
from uuid import UUID

from tortoise.queryset import QuerySet

from models.accounts import Account, RealNameCase
from resolvers.actions import ActionState, action
from resolvers.command import command
from resolvers.context import Context
from resolvers.nodes import findable, sees_all
from resolvers.query import query
from rules.access import Permission
from rules.accounts import REAL_NAME, RealNameKind, RealNameState, check_real_name
from rules.errors import ErrorCode, refuse, require


def visible(ctx: Context) -> QuerySet[RealNameCase]:
    """The vendor sees every case, an account its own."""
    if sees_all(ctx):
        return RealNameCase.all()
    return RealNameCase.filter(account_id=ctx.actor.account_id)


findable(RealNameCase, Permission.NODES_READ, visible)


@query(permission=Permission.ACCOUNTS_DECIDE_REAL_NAME)
def real_name_cases(ctx: Context, *, state: RealNameState | None = None) -> QuerySet[RealNameCase]:
    """The vendor's queue of real-name cases."""
    return visible(ctx) if state is None else visible(ctx).filter(state=state)


@command(
    permission=Permission.ACCOUNTS_SUBMIT_REAL_NAME,
    refuses=(ErrorCode.STATE_CONFLICT, ErrorCode.REQUIRED, ErrorCode.CREDIT_CODE_INVALID),
    emits=("account.real_name_submitted",),
)
async def submit_real_name(ctx: Context, *, kind: RealNameKind, legal_name: str, document_number: str) -> RealNameCase:
    """Submits the real name for review; again after a failure, never beside an open case or after passing."""
    account = await Account.filter(id=ctx.actor.account_id).select_for_update().get()
    require(
        REAL_NAME.check(account.real_name_state, "submit")
        + check_real_name(kind, legal_name, document_number, site=ctx.actor.site)
    )
    await account.change(
        now=ctx.now, real_name_state=REAL_NAME.after(account.real_name_state, "submit"), real_name_kind=kind
    )
    case = await RealNameCase.insert(
        now=ctx.now,
        account_id=account.id,
        kind=kind,
        legal_name=legal_name.strip(),
        document_number=document_number.strip(),
        state=RealNameState.IN_REVIEW,
    )
    ctx.event("account.real_name_submitted", account, kind=kind.value)
    ctx.effect("real_name.submitted", case)
    return case


@command(
    permission=Permission.ACCOUNTS_DECIDE_REAL_NAME,
    refuses=(ErrorCode.STATE_CONFLICT, ErrorCode.REASON_REQUIRED),
    emits=("account.real_name_decided",),
)
async def decide_real_name(ctx: Context, *, case_id: UUID, approve: bool, reason: str | None = None) -> RealNameCase:
    """Passes or fails a case; failing needs a reason. The account is told."""
    case = await RealNameCase.filter(id=case_id).select_for_update().first()
    if case is None:
        raise refuse(ErrorCode.NOT_FOUND, "input", "id")
    event = "approve" if approve else "reject"
    require(REAL_NAME.check(case.state, event))
    if not approve and not (reason or "").strip():
        raise refuse(ErrorCode.REASON_REQUIRED, "input", "reason", rule="accounts.real_name")
    target = REAL_NAME.after(case.state, event)
    await case.change(now=ctx.now, state=target, reason=reason, decided_by=ctx.actor.account_id, decided_at=ctx.now)
    account = await Account.filter(id=case.account_id).select_for_update().get()
    await account.change(now=ctx.now, real_name_state=target)
    ctx.event("account.real_name_decided", account, state=target.value)
    ctx.effect("real_name.decided", case, state=target.value)
    if approve:
        ctx.notify("real_name_passed", account, about=case)
    else:
        ctx.notify("real_name_failed", account, about=case, facts={"reason": reason or ""})
    return case


async def actions_of(ctx: Context, parents: Sequence[RealNameCase]) -> list[list[ActionState]]:
    """What the actor may do with each case."""
    return [[action(ctx, "DECIDE", decide_real_name, REAL_NAME.check(parent.state, "approve"))] for parent in parents]
