"""Codes of one use: issued under the send limits, tried with the count taken first, derived and never stored.

Used by sign-up, sign-in, password reset and step-up alike; the rules stand in rules/verifications.py.
"""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from core import db
from core.scope import EVERYTHING
from core.tokens import derive_code, equal, keyed, new_salt
from models.accounts import Account
from models.policy import PolicyValue
from models.verifications import Verification
from resolvers import journal
from resolvers.context import Context, Work
from resolvers.policy import open_book
from rules.contacts import normalise_email, normalise_mobile
from rules.errors import ErrorCode, Rejected, Violation, refuse, require
from rules.policy import CODES_ACCOUNT_FAILURES_MAX, CODES_LENGTH, CODES_MAX_TRIES, LOGIN_LOCK, Policy
from rules.sites import Site
from rules.verifications import OWN_SCENES, Channel, CodeState, Scene, Sends, Try, check_send, check_try, compute_life

SEND_ATTEMPTS = 3
HOUR = timedelta(hours=1)

_COUNTS = """
    with asked as (
      select $1::text as site, $2::text as target, $3::text as block, $4::uuid as account, $5::uuid as partner,
             $6::timestamptz as now
    ), counted as (
      select code.created_at, code.created_at > asked.now - interval '1 hour' as fresh,
             code.target = asked.target as same, code.address_block = asked.block as near,
             code.channel = 'SMS' and left(code.target, -4) = left(asked.target, -4) as alike,
             code.account_id = asked.account as own, code.partner_id = asked.partner as house
      from verification as code, asked
      where code.site = asked.site and code.state <> 'SEND_FAILED'
        and (code.created_at > asked.now - interval '1 hour'
             or code.target = asked.target and code.created_at > asked.now - interval '1 day')
    )
    select max(created_at) filter (where same) as last_to_target,
           count(*) filter (where same and fresh) as target_hour,
           min(created_at) filter (where same and fresh) as target_hour_since,
           count(*) filter (where same) as target_day,
           min(created_at) filter (where same) as target_day_since,
           count(*) filter (where near and fresh) as address_hour,
           count(*) filter (where alike and fresh) as prefix_hour,
           count(*) filter (where own and fresh) as account_hour,
           count(*) filter (where house and fresh) as partner_hour,
           count(*) filter (where fresh) as site_hour
    from counted
"""

_HOLD = """
    select id from account where id = (select account_id from verification where id = $1) for no key update
"""

_TRY = """
    update verification set tries = tries + 1, updated_at = $3
    where id = $1 and scene = $2 and tries < max_tries and used_at is null and state in ('PENDING', 'SENT')
      and (scene not in ('CHANGE_CONTACT', 'CONFIRM_CONTACT', 'SENSITIVE_OPERATION') or account_id = $4)
    returning tries
"""

_FAILED = """
    update account
    set failed_codes = case when $2 or failed_codes + 1 >= $3 then 0 else failed_codes + 1 end,
        locked_until = case when not $2 and failed_codes + 1 >= $3 then $4::timestamptz else locked_until end
    where id = $1 and (not $2 or failed_codes > 0)
    returning locked_until = $4::timestamptz and not $2 as locked
"""

_LOCK = "select pg_advisory_xact_lock(hashtextextended(name, 0)) from unnest($1::text[]) as name"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where a code goes, and for whom; `silent` ones are counted and answered like others, but nothing is sent."""

    site: Site
    channel: Channel
    target: str
    account_id: UUID | None = None
    partner_id: UUID | None = None
    known: bool = False
    silent: bool = False


async def issue(
    ctx: Context,
    scene: Scene,
    to: Recipient,
    *,
    operation: str | None = None,
    fingerprint: bytes | None = None,
    life: timedelta | None = None,
) -> Verification:
    """A new code, on its way once the transaction commits; the older ones of this target and scene die.

    Refuses with CODE_TOO_SOON or CODE_SEND_LIMIT. Callers that share a limit queue for its count; only the money cap,
    which is the whole site's, may be passed by as many codes as are asked for in the same instant.
    """
    alive = compute_life(life, ctx.policies.at(to.site, ctx.now))
    code = await record(ctx, scene, to, alive, operation=operation, fingerprint=fingerprint)
    ctx.enqueue(
        f"code.{to.channel.lower()}",
        str(code.id),
        max_attempts=SEND_ATTEMPTS,
        expires_in=alive.total_seconds(),
        verification_id=str(code.id),
    )
    return code


async def record(
    ctx: Context,
    scene: Scene,
    to: Recipient,
    alive: timedelta,
    *,
    operation: str | None = None,
    fingerprint: bytes | None = None,
    state: CodeState = CodeState.PENDING,
    used_at: datetime | None = None,
) -> Verification:
    """The row of a code within the limits of `issue`, whoever sends it and whatever it carries."""
    policy = ctx.policies.at(to.site, ctx.now)
    block = address_block(ctx.address)
    await db.fetch(_LOCK, _locks(scene, to, block))
    require(check_send(await _sends(ctx, scene, to, block), now=ctx.now, policy=policy))
    await Verification.filter(
        site=to.site,
        target=to.target,
        scene=scene,
        fingerprint=fingerprint,
        state__in=(CodeState.PENDING, CodeState.SENT),
    ).update(state=CodeState.SUPERSEDED)
    return await Verification.insert(
        now=ctx.now,
        site=to.site,
        scene=scene,
        channel=to.channel,
        target=to.target,
        locale=ctx.language_at(to.site),
        state=state,
        silent=to.silent,
        known=to.known,
        salt=new_salt(),
        max_tries=policy[CODES_MAX_TRIES],
        expires_at=ctx.now + alive,
        used_at=used_at,
        account_id=to.account_id,
        partner_id=to.partner_id,
        operation=operation,
        fingerprint=fingerprint,
        address_block=block,
    )


def contact_of(account: Account, preferred: Channel) -> tuple[Channel, str] | None:
    """The account's contact for the channel, or its only other one; None for a removed account, which has none."""
    contacts = {Channel.SMS: account.mobile, Channel.EMAIL: account.email}
    found = [(channel, target) for channel in (preferred, *Channel) if (target := contacts[channel])]
    return found[0] if found else None


async def destination(code: Verification) -> tuple[Channel, str] | None:
    """Where a code goes, in the open transaction: to its target; a member's, which is counted by what was asked, to
    the contact that the member has now, None when it is gone.
    """
    if code.scene is not Scene.RESET_MEMBER_PASSWORD or code.account_id is None:
        return code.channel, code.target
    return contact_of(await Account.get(id=code.account_id), code.channel)


def _locks(scene: Scene, to: Recipient, block: str | None) -> list[str]:
    shared = {to.target, to.target[:-4], block, to.partner_id, _asking(scene, to)}
    return sorted(f"code:{to.site}:{name}" for name in shared if name)


def _asking(scene: Scene, to: Recipient) -> UUID | None:
    # An account's own limit holds for what it asks for itself: elsewhere it would tell who has an account.
    return to.account_id if scene in OWN_SCENES else None


async def _sends(ctx: Context, scene: Scene, to: Recipient, block: str | None) -> Sends:
    row = await db.fetch_one(_COUNTS, to.site, to.target, block, _asking(scene, to), to.partner_id, ctx.now)
    return Sends(**(row or {}))


async def code_policy(code: Verification) -> Policy:
    """The numbers that held where and when the code was made, in the open transaction."""
    overrides = await PolicyValue.filter(site=code.site)
    return open_book(overrides).at(Site(code.site), code.created_at)


def derive(secret: bytes, code: Verification, policy: Policy) -> str:
    """The digits of a code: bound to its scene, target, operation and input, so that it opens nothing else."""
    salt = keyed(
        secret, "code", code.id.bytes, code.scene, code.target, code.operation or "", code.fingerprint or b"", code.salt
    )
    return derive_code(secret, salt, policy[CODES_LENGTH])


@dataclass(frozen=True, slots=True)
class TriedCode:
    """What a try found: the code's row (None for an unknown one) and how the try went."""

    row: Verification | None
    attempt: Try

    def require(self, ctx: Context) -> Verification:
        """The row of a right code in time; refuses otherwise."""
        require(check_try(self.attempt, now=ctx.now))
        if self.row is None:
            raise refuse(ErrorCode.CODE_WRONG, "input", "code")
        return self.row


async def attempt(ctx: Context, verification_id: UUID, scene: Scene, code: str) -> TriedCode:
    """Counts a try, then compares; in a transaction of its own, so that no refusal can take the count back.

    The account is locked before its codes, as by whoever changes it.
    """
    async with db.transaction(EVERYTHING):
        await db.fetch(_HOLD, verification_id)
        counted = await db.fetch_one(_TRY, verification_id, scene, ctx.now, ctx.actor.account_id)
        row = await Verification.get_or_none(id=verification_id, scene=scene)
        if row is None or not _belongs(ctx, row) or row.used_at or row.state is CodeState.SUPERSEDED:
            return TriedCode(None, Try(found=False))
        digits = derive(ctx.secret, row, ctx.policies.at(Site(row.site), row.created_at))
        right = equal(digits, code) and not row.silent
        if counted is not None and ctx.now < row.expires_at:
            await _count_failure(ctx, row, right=right)
        left, unsent = row.max_tries - row.tries, row.state is CodeState.SEND_FAILED
        return TriedCode(row, Try(True, counted is not None, right, row.expires_at, left, unsent))


def _belongs(ctx: Context, code: Verification) -> bool:
    """Some codes may be answered by their own account only; the others prove possession by themselves."""
    return code.scene not in OWN_SCENES or code.account_id == ctx.actor.account_id


async def _count_failure(ctx: Context, code: Verification, *, right: bool) -> None:
    """Consecutive wrong codes of one account, over all its codes; the last allowed one locks it for a while.

    A code of nobody's takes the same statement, which then finds no row.
    """
    policy = ctx.policy_of(code)
    until = ctx.now + policy[LOGIN_LOCK]
    counted = await db.fetch_one(_FAILED, code.account_id, right, policy[CODES_ACCOUNT_FAILURES_MAX], until)
    if counted is not None and counted["locked"]:
        ctx.work = Work()
        account = await Account.get(id=code.account_id)
        ctx.notify("account_locked", account, about=account, occasion=until.isoformat())
        await journal.write_messages(ctx)


async def spend(ctx: Context, code: Verification) -> None:
    """Uses a right code up, in the business transaction; refuses with CODE_WRONG when somebody was faster, or when it
    has come to open nothing since it was tried. Whoever locks the account as well does so before.
    """
    unspent = Verification.filter(id=code.id, used_at=None).exclude(state=CodeState.SUPERSEDED)
    spent = await unspent.update(used_at=ctx.now, updated_at=ctx.now, state=CodeState.VERIFIED)
    if not spent:
        raise refuse(ErrorCode.CODE_WRONG, "input", "code", rule="codes.tries", parameters={"left": 0})


def address_block(address: str | None) -> str | None:
    """The network a limit counts by: /24 of IPv4, /48 of IPv6; None without a usable address."""
    try:
        ip = ipaddress.ip_address(address or "")
    except ValueError:
        return None
    return str(ipaddress.ip_network(f"{ip}/{24 if ip.version == 4 else 48}", strict=False))


def normalise_target(ctx: Context, site: Site, mobile: str | None, email: str | None) -> tuple[Channel, str]:
    """The channel and stored form of exactly one contact; refuses with the reasons otherwise."""
    policy = ctx.policies.at(site, ctx.now)
    if (mobile is None) == (email is None):
        raise refuse(ErrorCode.CONTACT_REQUIRED, "input")
    if mobile is not None:
        found = normalise_mobile(mobile, policy=policy, path=("input", "mobile"))
    else:
        found = normalise_email(email or "", path=("input", "email"))
    if isinstance(found, Violation):
        raise Rejected([found])
    return (Channel.SMS if mobile is not None else Channel.EMAIL), found
