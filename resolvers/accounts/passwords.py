"""Passwords: reset with a code, change with the old one; either ends every session."""

from dataclasses import dataclass
from uuid import UUID

from core import db
from core.passwords import hash_password, verify_password
from core.scope import EVERYTHING
from models.accounts import Account, SessionEnd
from resolvers import codes
from resolvers.accounts.sessions import end_sessions
from resolvers.accounts.signing import PASSWORD_REFUSALS
from resolvers.command import command
from resolvers.context import Context
from rules.access import Permission
from rules.errors import ErrorCode, refuse, require
from rules.passwords import check_password
from rules.sites import Site
from rules.verifications import Scene


@dataclass(frozen=True, slots=True)
class NewPassword:
    """What is worked out before the transaction: whether the caller may, the new hash, whether it is the old."""

    tried: codes.TriedCode | None
    right: bool
    same: bool
    password_hash: str


async def _prepare_reset(ctx: Context, *, verification_id: UUID, code: str, new_password: str) -> NewPassword:
    tried = await codes.attempt(ctx, verification_id, Scene.RESET_PASSWORD, code)
    stored = None
    if tried.row is not None and tried.row.account_id is not None:
        stored = await _stored_hash(tried.row.account_id)
    same = await verify_password(stored, new_password)
    return NewPassword(tried, tried.attempt.right, same, await hash_password(new_password))


async def _stored_hash(account_id: UUID) -> str | None:
    async with db.read(EVERYTHING):
        return (await Account.get(id=account_id)).password_hash


@command(
    permission=Permission.ACCOUNTS_RESET_PASSWORD,
    refuses=(
        ErrorCode.CODE_WRONG,
        ErrorCode.CODE_EXPIRED,
        ErrorCode.CODE_TOO_MANY_TRIES,
        *PASSWORD_REFUSALS,
        ErrorCode.PASSWORD_REUSED,
    ),
    emits=("account.password_changed",),
    as_system=True,
    secret=_prepare_reset,
)
async def reset_password(ctx: Context, *, verification_id: UUID, code: str, new_password: str) -> Account:
    """Sets a new password with a code sent to the account's contact. Every session ends; the account is told."""
    prepared: NewPassword = ctx.verdict
    if prepared.tried is None:
        raise refuse(ErrorCode.CODE_WRONG, "input", "code")
    proven = prepared.tried.require(ctx)
    account = await Account.get(id=proven.account_id)
    await codes.spend(ctx, proven)
    return await _replace(ctx, account, new_password, prepared)


async def _prepare_change(ctx: Context, *, old_password: str, new_password: str) -> NewPassword:
    assert ctx.actor.account_id is not None
    stored = await _stored_hash(ctx.actor.account_id)
    right = await verify_password(stored, old_password)
    same = await verify_password(stored, new_password)
    return NewPassword(None, right, same, await hash_password(new_password))


@command(
    permission=Permission.ACCOUNTS_CHANGE_PASSWORD,
    refuses=(ErrorCode.SIGN_IN_FAILED, *PASSWORD_REFUSALS, ErrorCode.PASSWORD_REUSED),
    emits=("account.password_changed",),
    secret=_prepare_change,
)
async def change_password(ctx: Context, *, old_password: str, new_password: str) -> Account:
    """Sets a new password with the old one. Every session ends, this one included; the account is told."""
    prepared: NewPassword = ctx.verdict
    if not prepared.right:
        raise refuse(ErrorCode.SIGN_IN_FAILED, "input", "oldPassword", rule="accounts.sign_in")
    account = await Account.get(id=ctx.actor.account_id)
    return await _replace(ctx, account, new_password, prepared)


async def _replace(ctx: Context, account: Account, new_password: str, prepared: NewPassword) -> Account:
    policy = ctx.policies.at(Site(account.site), ctx.now)
    path = ("input", "newPassword")
    require(check_password(new_password, mobile=account.mobile, email=account.email, policy=policy, path=path))
    if prepared.same:
        raise refuse(ErrorCode.PASSWORD_REUSED, *path, rule="accounts.password_history")
    await account.change(now=ctx.now, password_hash=prepared.password_hash)
    await end_sessions(ctx, account.id, SessionEnd.PASSWORD_CHANGED)
    ctx.event("account.password_changed", account)
    ctx.effect("account.password_changed", account)
    ctx.notify("sessions_revoked", account, about=account)
    return account
