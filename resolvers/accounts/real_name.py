"""Real-name authentication: an account submits who it is, the vendor decides."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from tortoise.queryset import QuerySet

from models.accounts import Account, RealNameCase
from models.specialists import SpecialistBinding
from resolvers import uploads
from resolvers.actions import ActionState, action
from resolvers.command import command
from resolvers.context import Context
from resolvers.nodes import findable, sees_all
from resolvers.query import query
from resolvers.reviews import engine as reviews
from rules.access import Permission
from rules.accounts import REAL_NAME, RealNameKind, RealNameState
from rules.accounts.real_name import (
    FIELDS,
    RealNameFileKind,
    check_contents,
    check_files,
    check_real_name,
    check_submission,
    check_unbound,
    is_change,
)
from rules.documents import Document
from rules.errors import ErrorCode, Violation, refuse, require
from rules.reviews import ReviewKind, check_reason

K = RealNameFileKind


def visible(ctx: Context) -> QuerySet[RealNameCase]:
    """The vendor sees every case, an account its own."""
    if sees_all(ctx):
        return RealNameCase.all()
    return RealNameCase.filter(account_id=ctx.actor.account_id)


findable(RealNameCase, Permission.NODES_READ, visible)


@query(permission=Permission.ACCOUNTS_DECIDE_REAL_NAME)
def real_name_cases(ctx: Context, *, state: RealNameState | None = None) -> QuerySet[RealNameCase]:
    """Real-name cases, also those that are decided; what waits stands in the queue of reviews too."""
    return visible(ctx) if state is None else visible(ctx).filter(state=state)


@command(
    permission=Permission.ACCOUNTS_SUBMIT_REAL_NAME,
    refuses=(
        ErrorCode.STATE_CONFLICT,
        ErrorCode.REQUIRED,
        ErrorCode.CREDIT_CODE_INVALID,
        ErrorCode.REAL_NAME_FILE_UNWANTED,
        ErrorCode.TOO_MANY,
        ErrorCode.INVALID_FORMAT,
        ErrorCode.OUT_OF_RANGE,
        ErrorCode.NOT_FOUND,
        ErrorCode.REAL_NAME_PERSON_BOUND,
        *uploads.REFUSALS,
    ),
    emits=("account.real_name_submitted",),
)
async def submit_real_name(
    ctx: Context,
    *,
    kind: RealNameKind,
    legal_name: str,
    document_number: str,
    certificates: Sequence[UUID] = (),
    licences: Sequence[UUID] = (),
    powers_of_attorney: Sequence[UUID] = (),
) -> RealNameCase:
    """Submits the real name, with pictures of the documents that show it, for review; again after a failure, never
    beside an open case. A person shows its certificate, a company its licence, and the stamped power of attorney of
    who acts for its legal person.

    A person that has passed may become a company while it is bound to no partner: until that has passed, too, the
    person's real name holds.
    """
    account = await Account.filter(id=ctx.actor.account_id).select_for_update().get()
    changes = is_change(account.real_name_state, account.real_name_kind, kind)
    shown = {K.CERTIFICATE: certificates, K.LICENCE: licences, K.POWER_OF_ATTORNEY: powers_of_attorney}
    wrong = check_files(kind, {one: len(ids) for one, ids in shown.items()}, policy=ctx.policy)
    require(
        check_submission(
            account.real_name_state, account.real_name_kind, kind, in_review=changes and await _in_review(account)
        )
        + check_unbound(changes and await _is_bound(account))
        + check_real_name(kind, legal_name, document_number, site=ctx.actor.site)
        + wrong
    )
    files = await _shown(ctx, shown)
    if not changes:
        state = REAL_NAME.after(account.real_name_state, "submit")
        await account.change(now=ctx.now, real_name_state=state, real_name_kind=kind)
    case = await RealNameCase.insert(
        now=ctx.now,
        account_id=account.id,
        kind=kind,
        legal_name=legal_name.strip(),
        document_number=document_number.strip(),
        files=files,
        state=RealNameState.IN_REVIEW,
    )
    await reviews.submit(ctx, ReviewKind.REAL_NAME, case, account)
    ctx.event("account.real_name_submitted", account, kind=kind.value)
    ctx.effect("real_name.submitted", case)
    return case


async def _in_review(account: Account) -> bool:
    return await RealNameCase.filter(account_id=account.id, state=RealNameState.IN_REVIEW).exists()


async def _is_bound(account: Account) -> bool:
    return await SpecialistBinding.filter(account_id=account.id, unbound_at=None).exists()


async def _shown(ctx: Context, uploaded: dict[RealNameFileKind, Sequence[UUID]]) -> list[dict[str, Any]]:
    """The files as a case keeps them, each with its kind; raises `Rejected` with what is wrong with any."""
    files: dict[RealNameFileKind, list[Document]] = {}
    wrong: list[Violation] = []
    for kind, upload_ids in uploaded.items():
        files[kind], against = await uploads.find_documents(ctx, upload_ids, "input", FIELDS[kind])
        wrong += against
    require(wrong or check_contents(files, policy=ctx.policy))
    return [{"kind": kind.value, "file": asdict(one)} for kind, documents in files.items() for one in documents]


@command(
    permission=Permission.ACCOUNTS_DECIDE_REAL_NAME,
    refuses=(
        ErrorCode.STATE_CONFLICT,
        ErrorCode.REASON_REQUIRED,
        ErrorCode.REAL_NAME_PERSON_BOUND,
        ErrorCode.REVIEW_CLAIMED,
    ),
    emits=("account.real_name_decided",),
)
async def decide_real_name(ctx: Context, *, case_id: UUID, approve: bool, reason: str | None = None) -> RealNameCase:
    """Passes or fails a case; failing needs a reason. The account is told.

    A person that would become a company stays what it was when that fails, and must be bound to no partner to pass.
    """
    found = await RealNameCase.filter(id=case_id).only("id", "account_id").first()
    if found is None:
        raise refuse(ErrorCode.NOT_FOUND, "input", "id")
    account = await Account.filter(id=found.account_id).select_for_update().get()
    case = await RealNameCase.filter(id=case_id).select_for_update().get()
    event = "approve" if approve else "reject"
    changes = is_change(account.real_name_state, account.real_name_kind, case.kind)
    bound = changes and approve and await _is_bound(account)
    require(REAL_NAME.check(case.state, event) + check_reason(approve, reason) + check_unbound(bound))
    await reviews.settle(ctx, ReviewKind.REAL_NAME, case, approve, reason)
    target, words = REAL_NAME.after(case.state, event), reason.strip() if reason else None
    await case.change(now=ctx.now, state=target, reason=words, decided_by=ctx.actor.account_id, decided_at=ctx.now)
    if approve or not changes:
        await account.change(now=ctx.now, real_name_state=target, real_name_kind=case.kind)
    ctx.event("account.real_name_decided", account, state=target.value)
    ctx.effect("real_name.decided", case, state=target.value)
    if approve:
        ctx.notify("real_name_passed", account, about=case)
    else:
        ctx.notify("real_name_failed", account, about=case, facts={"reason": words or ""})
    return case


async def withdraw_real_names(ctx: Context, accounts: Sequence[Account]) -> None:
    """Ends the open cases of these locked accounts, which are going, without a verdict."""
    rows = RealNameCase.filter(account_id__in=[one.id for one in accounts], state=RealNameState.IN_REVIEW)
    held = {account.id: account for account in accounts}
    for case in await rows.select_for_update().order_by("id"):
        account, target = held[case.account_id], REAL_NAME.after(case.state, "withdraw")
        await reviews.withdraw(ctx, ReviewKind.REAL_NAME, case)
        await case.change(now=ctx.now, state=target)
        if account.real_name_state is RealNameState.IN_REVIEW:
            await account.change(now=ctx.now, real_name_state=target)


async def actions_of(ctx: Context, parents: Sequence[RealNameCase]) -> list[list[ActionState]]:
    """What the actor may do with each case."""
    return [[action(ctx, "DECIDE", decide_real_name, REAL_NAME.check(parent.state, "approve"))] for parent in parents]
