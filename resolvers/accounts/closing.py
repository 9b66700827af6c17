"""Closing an account: what stands in the way, the closing itself, restoring within the time, deletion after it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from core import db
from core.scope import EVERYTHING
from models.accounts import Account
from models.partners import Partner
from resolvers import codes
from resolvers.accounts.erasure import erase
from resolvers.accounts.signing import CODE_REFUSALS
from resolvers.actions import ActionState, action
from resolvers.command import Key, StepUp, command
from resolvers.context import Context
from resolvers.partners.keeping import lock_with_company, pass_on
from resolvers.query import query
from rules.access import Permission
from rules.accounts import AccountKind, AccountStatus, check_lock
from rules.accounts.closing import CLOSING_REFUSALS, Closing, check_close, check_restore, compute_retention_end
from rules.errors import ErrorCode, require
from rules.partners import STANDING, AdmissionState
from rules.verifications import Scene

BATCH = 500
_KNOWN = "select guard_closing($1) as known"
_PATH = "PATH_"


async def _closing(account: Account) -> Closing:
    """The one place where facts against closing come together: `guard_closing` tells them all, those of other tenants'
    rows too. `PATH_<path>` is a development path that has been entered and not left.
    """
    row = await db.fetch_one(_KNOWN, account.id)
    known = frozenset([] if row is None else row["known"])
    paths = {code for code in known if code.startswith(_PATH)}
    return Closing(known - paths, tuple(sorted(code.removeprefix(_PATH) for code in paths)))


@query(permission=Permission.ACCOUNTS_READ_SELF)
async def cancellation_precheck(ctx: Context) -> ActionState:
    """Whether the caller's account can be closed now, by the guards of the closing itself."""
    account = await Account.get(id=ctx.actor.account_id)
    return action(ctx, "CANCEL_ACCOUNT", cancel_account, check_close(account.status, await _closing(account)))


@command(
    permission=Permission.ACCOUNTS_CLOSE,
    refuses=(*CLOSING_REFUSALS, ErrorCode.STATE_CONFLICT),
    emits=("account.closed",),
    step_up=StepUp.ALWAYS,
)
async def cancel_account(ctx: Context) -> Account:
    """Closes your account. Always needs a code.

    A main account closes its partner's with it: no session lives on and no member works any more. The account is kept
    for 90 days and can be restored until then; afterwards personal data are erased, and the books stay.
    """
    partner = await Partner.filter(main_account_id=ctx.actor.account_id).select_for_update().first()
    account = await Account.filter(id=ctx.actor.account_id).select_for_update().get()
    require(check_close(account.status, await _closing(account)))
    until = compute_retention_end(ctx.now, policy=ctx.policy)
    if partner is not None and partner.admission_state is AdmissionState.JOINED:
        await partner.change(now=ctx.now, standing=STANDING.after(partner.standing, "close"))
        await _stop_members(ctx, partner, until)
    await account.change(now=ctx.now, status=AccountStatus.CLOSED_RETAINED, retained_until=until)
    ctx.event("account.closed", account, retained_until=until.isoformat())
    ctx.effect("account.closed", account)
    ctx.notify("account_closed", account, about=account, instants={"until": until})
    return account


def _members(partner: Partner) -> dict[str, Any]:
    return {"partner_id": partner.id, "kind": AccountKind.IAM_USER}


async def _stop_members(ctx: Context, partner: Partner, until: datetime) -> None:
    """Members that the closing stops are marked with its end, so that restoring starts these again and no others."""
    working = Account.filter(**_members(partner), status=AccountStatus.ACTIVE).select_for_update().order_by("id")
    for member in await working:
        await member.change(now=ctx.now, status=AccountStatus.DISABLED, retained_until=until)


async def _start_members(ctx: Context, partner: Partner) -> None:
    stopped = Account.filter(**_members(partner), status=AccountStatus.DISABLED, retained_until__isnull=False)
    for member in await stopped.select_for_update().order_by("id"):
        await member.change(now=ctx.now, status=AccountStatus.ACTIVE, retained_until=None)


async def _try_code(ctx: Context, *, verification_id: UUID, code: str) -> codes.TriedCode:
    return await codes.attempt(ctx, verification_id, Scene.RESTORE_ACCOUNT, code)


@command(
    permission=Permission.ACCOUNTS_RESTORE,
    refuses=(*CODE_REFUSALS, ErrorCode.ACCOUNT_LOCKED, ErrorCode.STATE_CONFLICT, ErrorCode.RESTORE_TOO_LATE),
    emits=("account.restored",),
    as_system=True,
    secret=_try_code,
)
async def restore_account(ctx: Context, *, verification_id: UUID, code: str) -> Account:
    """Takes a closing back within the 90 days, by a code sent to the account's contact.

    The members that were stopped by it work again. Sessions do not come back: sign in afterwards.
    """
    tried: codes.TriedCode = ctx.verdict
    proven = tried.require(ctx)
    partner = await Partner.filter(main_account_id=proven.account_id).select_for_update().first()
    account = await Account.filter(id=proven.account_id).select_for_update().get()
    require(check_lock(account.locked_until, now=ctx.now))
    require(check_restore(account.status, account.retained_until, now=ctx.now))
    await codes.spend(ctx, proven)
    if partner is not None and partner.admission_state is AdmissionState.JOINED:
        await partner.change(now=ctx.now, standing=STANDING.after(partner.standing, "reopen"))
        await _start_members(ctx, partner)
    await account.change(now=ctx.now, status=AccountStatus.ACTIVE, retained_until=None)
    ctx.event("account.restored", account, partner_id=account.partner_id)
    ctx.effect("account.restored", account)
    ctx.notify("account_restored", account, about=account)
    return account


async def accounts_to_delete(ctx: Context, *, without: Sequence[UUID] = ()) -> list[UUID]:
    """Closed accounts whose time is over, oldest end first; none of those `without`."""
    async with db.read(EVERYTHING):
        over = Account.filter(status=AccountStatus.CLOSED_RETAINED, retained_until__lte=ctx.now)
        over = over.exclude(id__in=list(without)).order_by("retained_until", "id")
        return [row.id for row in await over.limit(BATCH).only("id")]


@command(
    permission=Permission.RUN_SCHEDULES,
    emits=(
        "account.deleted",
        "message_contact.removed",
        "upload.ended",
        "feed.cancelled",
        "company.keeper_changed",
        "business_info.expired",
    ),
    key=Key.OPTIONAL,
    as_system=True,
)
async def delete_account(ctx: Context, *, account_id: UUID) -> Account | None:
    """Erases the personal data of a closed account and of its partner's members; the books and the log stay. What the
    partner kept of its company passes to another account of the company.
    """
    partner = await lock_with_company(account_id)
    account = await Account.filter(id=account_id).select_for_update().get()
    against_restoring = check_restore(account.status, account.retained_until, now=ctx.now)
    if [one.code for one in against_restoring] != [ErrorCode.RESTORE_TOO_LATE]:
        return None
    members = [] if partner is None else await Account.filter(**_members(partner)).select_for_update().order_by("id")
    if partner is not None:
        await pass_on(ctx, partner)
    await erase(ctx, [account, *members], partner)
    ctx.event("account.deleted", account, partner_id=account.partner_id)
    ctx.effect("account.deleted", account)
    return account
