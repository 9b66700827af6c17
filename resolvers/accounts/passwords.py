"""Passwords: reset with a code, change with the old one; either ends every session."""

from dataclasses import dataclass, field
from uuid import UUID

from core import db
from core.passwords import hash_password, verify_password
from core.scope import EVERYTHING
from models.accounts import Account, SessionEnd
from models.verifications import Verification
from resolvers import codes
from resolvers.accounts.guards import count_try, forgive, unlock
from resolvers.accounts.sessions import end_sessions, lock_account
from resolvers.accounts.signing import PASSWORD_REFUSALS, is_replaced
from resolvers.command import command
from resolvers.context import Context
from rules.access import Permission
from rules.accounts import check_lock
from rules.errors import ErrorCode, Violation, refuse, require
from rules.passwords import check_password
from rules.policy import PASSWORD_HISTORY, Policy
from rules.verifications import Scene


@dataclass(frozen=True, slots=True)
class NewPassword:
    """What is worked out before the transaction: how the try went, the new hash, whether it is the old password, and
    the account as it was then.

    Only a right code or password is worth the costly hashes.
    """

    tried: codes.TriedCode | None = None
    violations: list[Violation] = field(default_factory=list)
    same: bool = False
    password_hash: str = ""
    account: Account | None = None


async def _prepare_reset(ctx: Context, *, verification_id: UUID, code: str, new_password: str) -> NewPassword:
    tried = await codes.attempt(ctx, verification_id, Scene.RESET_PASSWORD, code)
    if tried.row is None or tried.row.account_id is None or not tried.attempt.right:
        return NewPassword(tried)
    same = await was_used(await _account(tried.row.account_id), new_password)
    return NewPassword(tried, [], same, await hash_password(new_password))


async def _account(account_id: UUID) -> Account:
    async with db.read(EVERYTHING):
        return await Account.get(id=account_id)


async def was_used(account: Account, password: str) -> bool:
    """Whether it is the account's password, or one of those before it that are remembered."""
    for stored in (account.password_hash, *account.former_hashes):
        if await verify_password(stored, password):
            return True
    return False


def remembered(account: Account, *, policy: Policy) -> list[str]:
    """The hashes to remember, newest first, when the account's password is taken away or replaced."""
    present = [] if account.password_hash is None else [account.password_hash]
    return [*present, *account.former_hashes][: policy[PASSWORD_HISTORY] - 1]


@command(
    permission=Permission.ACCOUNTS_RESET_PASSWORD,
    refuses=(
        ErrorCode.CODE_WRONG,
        ErrorCode.CODE_EXPIRED,
        ErrorCode.CODE_TOO_MANY_TRIES,
        *PASSWORD_REFUSALS,
        ErrorCode.PASSWORD_REUSED,
        ErrorCode.ACCOUNT_LOCKED,
    ),
    emits=("account.password_changed",),
    as_system=True,
    secret=_prepare_reset,
)
async def reset_password(ctx: Context, *, verification_id: UUID, code: str, new_password: str) -> Account:
    """Sets a new password with a code sent to the account's contact. Every session ends; the account is told.

    Ends a lock after wrong passwords; a lock after wrong codes lasts.
    """
    prepared: NewPassword = ctx.verdict
    assert prepared.tried is not None
    proven = prepared.tried.require(ctx)
    account = await lock_account(proven.account_id)
    await codes.spend(ctx, proven)
    require(check_lock(account.locked_until, now=ctx.now))
    await unlock(ctx, account)
    return await replace_password(ctx, account, new_password, prepared)


async def _prepare_change(ctx: Context, *, old_password: str, new_password: str) -> NewPassword:
    assert ctx.actor.account_id is not None
    guard_id, locked = await count_try(ctx, ctx.actor.site, ctx.actor.account_id.hex)
    if locked:
        return NewPassword(violations=locked)
    account = await _account(ctx.actor.account_id)
    if not await verify_password(account.password_hash, old_password):
        wrong = Violation(ErrorCode.SIGN_IN_FAILED, ("input", "oldPassword"), "accounts.sign_in")
        return NewPassword(violations=[wrong])
    await forgive(guard_id)
    same = await was_used(account, new_password)
    return NewPassword(same=same, password_hash=await hash_password(new_password), account=account)


@command(
    permission=Permission.ACCOUNTS_CHANGE_PASSWORD,
    refuses=(ErrorCode.SIGN_IN_FAILED, ErrorCode.ACCOUNT_LOCKED, *PASSWORD_REFUSALS, ErrorCode.PASSWORD_REUSED),
    emits=("account.password_changed",),
    secret=_prepare_change,
)
async def change_password(ctx: Context, *, old_password: str, new_password: str) -> Account:
    """Sets a new password with the old one. Every session ends, this one included; the account is told.

    Wrong old passwords are counted like failed sign-ins.
    """
    prepared: NewPassword = ctx.verdict
    require(prepared.violations)
    assert prepared.account is not None
    account = await lock_account(prepared.account.id)
    if is_replaced(prepared.account, account):
        raise refuse(ErrorCode.SIGN_IN_FAILED, "input", "oldPassword", rule="accounts.sign_in")
    return await replace_password(ctx, account, new_password, prepared)


async def replace_password(ctx: Context, account: Account, new_password: str, prepared: NewPassword) -> Account:
    """Stores the new password of a locked account, ends its sessions and its tickets for another one, and tells it."""
    policy = ctx.policy_of(account)
    path = ("input", "newPassword")
    require(check_password(new_password, mobile=account.mobile, email=account.email, policy=policy, path=path))
    if prepared.same:
        raise refuse(ErrorCode.PASSWORD_REUSED, *path, rule="accounts.password_history")
    kept = remembered(account, policy=policy)
    await account.change(now=ctx.now, password_hash=prepared.password_hash, former_hashes=kept)
    await end_sessions(ctx, account, SessionEnd.PASSWORD_CHANGED)
    await void_tickets(ctx, account.id)
    ctx.event("account.password_changed", account)
    ctx.effect("account.password_changed", account)
    ctx.notify("sessions_revoked", account, about=account)
    return account


async def void_tickets(ctx: Context, account_id: UUID) -> None:
    """Lets no ticket of an account open any more."""
    tickets = Verification.filter(account_id=account_id, scene=Scene.RESET_MEMBER_PASSWORD, proof_used_at=None)
    await tickets.exclude(proof_digest=None).update(proof_used_at=ctx.now)
