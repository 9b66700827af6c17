"""Sessions: opaque access tokens of a quarter of an hour, refresh tokens that rotate, families that end together."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

import orjson
from tortoise.expressions import Subquery

from core import db
from core.ids import uuid7
from core.tokens import TokenKind, digest, kind_of, new_token
from models.accounts import Account, Session, SessionEnd
from resolvers.command import Key, command
from resolvers.context import Context
from resolvers.policy import open_book
from rules.access import GRANTABLE, MEMBER_ROLES, VENDOR_ROLES, Actor, Permission, Role
from rules.accounts import AccountKind, AccountStatus
from rules.errors import ErrorCode, refuse
from rules.policy import SESSIONS_ACCESS, SESSIONS_REFRESH, PolicyBook
from rules.sites import Site

_AUTHENTICATE = """
    select session.id as session_id, account.id as account_id, account.site, account.kind, account.is_main,
           account.roles, account.locale, account.status, partner.id as partner_id, partner.step_up_enabled,
           customer.id as customer_id, coalesce(account.time_zone, partner.time_zone) as time_zone, policy.overrides,
           (select jsonb_agg(jsonb_build_array(custom_role.id, custom_role.permissions))
            from member_role join custom_role on custom_role.id = member_role.role_id
            where member_role.account_id = account.id and custom_role.partner_id = partner.id) as custom_roles,
           case when account.roles @> '["ACCOUNT_DIRECTOR"]' then
             (select jsonb_agg(below.id) from account below
              where below.director_id = account.id and below.partner_id = partner.id)
           end as directed
    from (select coalesce(jsonb_agg(jsonb_build_array(site, key, effective_on, value)), '[]') as overrides
          from policy_value) as policy
    left join session on session.access_digest = $1 and session.revoked_at is null and session.rotated_at is null
         and session.access_expires_at > $2
    left join account on account.id = session.account_id
    left join partner on partner.id = account.partner_id and partner.admission_state = 'JOINED'
         and (partner.standing <> 'CLOSED' or account.is_main)
    left join customer on customer.account_id = account.id
"""


class CredentialInvalid(Exception):
    """The access token is unknown, expired or revoked."""


async def authenticate(token: str | None, now: datetime) -> tuple[Actor | None, PolicyBook]:
    """The actor behind an access token (None without a token) and the policy in force, in one statement.

    Nothing is cached: a revoked session or a changed role counts from the next request on. `CredentialInvalid` for a
    token that opens nothing.
    """
    if token is not None and kind_of(token) is not TokenKind.ACCESS:
        raise CredentialInvalid
    row, *_ = await db.look_up(_AUTHENTICATE, digest(token or ""), now)
    book = open_book([_override(*entry) for entry in orjson.loads(row["overrides"])])
    if token is None:
        return None, book
    if row["account_id"] is None or row["status"] != AccountStatus.ACTIVE:
        raise CredentialInvalid
    if row["kind"] == AccountKind.IAM_USER and row["partner_id"] is None:
        raise CredentialInvalid  # added or enabled in the moment in which its partner was closed
    return _actor(row), book


@dataclass(frozen=True, slots=True)
class _Override:
    """One row of the policy table, as the statement gives it."""

    site: str
    key: str
    effective_on: date
    value: object


def _override(site: str, key: str, effective_on: str, value: object) -> _Override:
    return _Override(site, key, date.fromisoformat(effective_on), value)


def _actor(row: Mapping[str, Any]) -> Actor:
    custom = orjson.loads(row["custom_roles"] or "[]") if row["kind"] == AccountKind.IAM_USER else []
    held = {permission for _, permissions in custom for permission in permissions}
    return Actor(
        roles=_roles(row),
        site=Site(row["site"]),
        account_id=row["account_id"],
        session_id=row["session_id"],
        partner_id=row["partner_id"],
        customer_id=row["customer_id"],
        step_up_enabled=bool(row["step_up_enabled"]),
        locale=row["locale"],
        time_zone=row["time_zone"],
        custom_roles=frozenset(UUID(role_id) for role_id, _ in custom),
        granted=frozenset(permission for permission in GRANTABLE if permission.value in held),
        directed=frozenset(map(UUID, orjson.loads(row["directed"] or "[]"))),
    )


def _roles(row: Mapping[str, Any]) -> frozenset[Role]:
    # The vendor's roles are of staff alone and a partner's of its members, whatever the column says.
    stored = frozenset(orjson.loads(row["roles"]))
    if row["kind"] == AccountKind.STAFF:
        return VENDOR_ROLES & stored
    # A member acts for its partner only: what anybody may do for itself is not among its roles.
    roles = set() if row["kind"] == AccountKind.IAM_USER else {Role.ACCOUNT}
    if row["partner_id"] is not None:
        roles |= {Role.MAIN_ACCOUNT} if row["is_main"] else {Role.MEMBER} | (MEMBER_ROLES & stored)
    if row["customer_id"] is not None:
        roles.add(Role.CUSTOMER)
    return frozenset(roles)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session just opened; the tokens are shown once and stored as digests."""

    account: Account
    session: Session
    access_token: str
    refresh_token: str

    @property
    def subject(self) -> Account:
        """What the audit row is about."""
        return self.account


async def lock_account(account_id: UUID | None) -> Account:
    """The account, locked: what opens, refreshes and ends its sessions goes one after the other, the account first."""
    return await Account.filter(id=account_id).select_for_update(no_key=True).get()


async def open_session(ctx: Context, account: Account, *, family_id: UUID | None = None) -> SignedIn:
    """A new session of a new or locked account in the open transaction, of a new family unless told."""
    policy = ctx.policy_of(account)
    access, refresh = new_token(TokenKind.ACCESS), new_token(TokenKind.REFRESH)
    session = await Session.create(
        account_id=account.id,
        family_id=family_id or uuid7(),
        access_digest=digest(access),
        access_expires_at=ctx.now + policy[SESSIONS_ACCESS],
        refresh_digest=digest(refresh),
        refresh_expires_at=ctx.now + policy[SESSIONS_REFRESH],
        user_agent=ctx.user_agent[:200],
        address=ctx.address,
        created_at=ctx.now,
    )
    return SignedIn(account, session, access, refresh)


@command(
    permission=Permission.ACCOUNTS_REFRESH_SESSION,
    refuses=(ErrorCode.SESSION_INVALID,),
    emits=("session.refreshed", "session.ended"),
    key=Key.NONE,
    as_system=True,
    sensitive=True,
)
async def refresh_session(ctx: Context, *, refresh_token: str) -> SignedIn:
    """Exchanges a refresh token for new tokens. A token used before ends its family: one of its holders is a thief."""
    presented = Session.filter(refresh_digest=digest(refresh_token))
    holder = Account.filter(id__in=Subquery(presented.values("account_id")))
    account = await holder.select_for_update(no_key=True).first()
    session = await presented.select_for_update().first()
    if account is None or session is None:
        raise refuse(ErrorCode.SESSION_INVALID, "input", "refreshToken", rule="accounts.session")
    if session.rotated_at is not None:
        ctx.afterwards(partial(_end_stolen, ctx, session))
        raise refuse(ErrorCode.SESSION_INVALID, "input", "refreshToken", rule="accounts.session")
    dead = session.revoked_at is not None or ctx.now >= session.refresh_expires_at
    if dead or account.status is not AccountStatus.ACTIVE:
        raise refuse(ErrorCode.SESSION_INVALID, "input", "refreshToken", rule="accounts.session")
    await Session.filter(id=session.id).update(rotated_at=ctx.now)
    opened = await open_session(ctx, account, family_id=session.family_id)
    ctx.event("session.refreshed", account)
    return opened


@command(permission=Permission.ACCOUNTS_SIGN_OUT, emits=("session.ended",), key=Key.OPTIONAL)
async def sign_out(ctx: Context) -> Account:
    """Ends the session of this device with all its tokens."""
    own = await Session.get(id=ctx.actor.session_id)
    account = await lock_account(own.account_id)
    await _end(ctx, SessionEnd.SIGNED_OUT, family_id=own.family_id)
    return _told(ctx, account, SessionEnd.SIGNED_OUT)


@command(permission=Permission.ACCOUNTS_REVOKE_SESSIONS, emits=("session.ended",), key=Key.OPTIONAL)
async def revoke_sessions(ctx: Context) -> Account:
    """Ends every session of the account on every device, this one included."""
    account = await lock_account(ctx.actor.account_id)
    await end_sessions(ctx, account, SessionEnd.REVOKED)
    return _told(ctx, account, SessionEnd.REVOKED)


async def end_sessions(ctx: Context, account: Account, reason: SessionEnd) -> None:
    """Ends every session of a locked account in the open transaction."""
    await _end(ctx, reason, account_id=account.id)


def _told(ctx: Context, account: Account, reason: SessionEnd) -> Account:
    ctx.event("session.ended", account, reason=reason.value)
    ctx.effect("session.ended", account)
    return account


async def _end_stolen(ctx: Context, used: Session) -> None:
    """Ends the family of a token that came twice, and tells the account once."""
    account = await lock_account(used.account_id)
    if not await _end(ctx, SessionEnd.REFRESH_REUSED, family_id=used.family_id):
        return
    ctx.event("session.ended", account, reason=SessionEnd.REFRESH_REUSED.value)
    ctx.notify("sessions_revoked", account, about=used)


async def _end(ctx: Context, reason: SessionEnd, **which: UUID | None) -> int:
    """Ends the sessions that still live and returns how many did."""
    ctx.audit(ended=reason.value)
    return await Session.filter(**which, revoked_at=None).update(revoked_at=ctx.now)
