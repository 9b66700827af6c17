"""A member's forgotten password: a code, for which there is a ticket, for which there is a new password.

Whoever asks names the partner's administrator account and the member's user name, and learns nothing of whether there
are such: limits are counted by what was asked, and never by the contact that a code goes to.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from core import db
from core.passwords import hash_password
from core.scope import EVERYTHING
from core.tokens import TokenKind, digest, keyed, kind_of, link, link_token
from models.accounts import Account
from models.verifications import Verification
from resolvers import codes
from resolvers.accounts.contacts import SEND_ATTEMPTS
from resolvers.accounts.guards import unlock
from resolvers.accounts.member_signing import find_member
from resolvers.accounts.passwords import NewPassword, replace_password, was_used
from resolvers.accounts.sessions import lock_account
from resolvers.accounts.signing import CODE_REFUSALS, PASSWORD_REFUSALS
from resolvers.command import Key, command
from resolvers.context import Context
from rules.access import Permission
from rules.accounts import AccountStatus, check_lock
from rules.errors import ErrorCode, Violation, refuse, require
from rules.policy import CODES_CHANNEL, PASSWORD_LINK_LIFE, PASSWORD_TICKET_LIFE
from rules.sites import Site
from rules.verifications import Channel, CodeState, Scene

LINK_TOPIC = "password_reset.link"

_SPEND = """
    update verification set proof_used_at = $2, updated_at = $2
    where proof_digest = $1 and scene = 'RESET_MEMBER_PASSWORD' and proof_used_at is null and proof_expires_at > $2
    returning account_id
"""


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a new password is set with, before the instant; the text is shown once and stored as a digest."""

    ticket: str
    expires_at: datetime


def ticket_of(secret: bytes, code: Verification) -> str:
    """The ticket that a code stands for."""
    return link_token(secret, "reset_ticket", bytes(code.salt), TokenKind.TICKET)


def reset_link(public_url: str, secret: bytes, code: Verification) -> str:
    """The address in the member's message."""
    return link(public_url, "new-password", ticket_of(secret, code))


@command(
    permission=Permission.ACCOUNTS_REQUEST_CODE,
    refuses=(ErrorCode.CODE_TOO_SOON, ErrorCode.CODE_SEND_LIMIT),
    key=Key.OPTIONAL,
    as_system=True,
    sensitive=True,
)
async def request_member_password_reset(ctx: Context, *, site: Site, administrator: str, username: str) -> Verification:
    """Sends a partner's member a code for a new password, to the contact bound to the member.

    Whether there is such a member shows nowhere in the answer: where there is none, nothing is sent.
    """
    named = await find_member(ctx, site, administrator, username)
    known = named.status is AccountStatus.ACTIVE
    asked = keyed(ctx.secret, "member", site, named.administrator, username).hex()
    to = codes.Recipient(
        site,
        Channel(ctx.policies.at(site, ctx.now)[CODES_CHANNEL]),
        f"member:{asked[:40]}",
        account_id=named.account_id if known else None,
        silent=not known,
    )
    return await codes.issue(ctx, Scene.RESET_MEMBER_PASSWORD, to)


async def _try_reset_code(ctx: Context, *, verification_id: UUID, code: str) -> codes.TriedCode:
    return await codes.attempt(ctx, verification_id, Scene.RESET_MEMBER_PASSWORD, code)


@command(
    permission=Permission.ACCOUNTS_RESET_PASSWORD,
    refuses=(*CODE_REFUSALS, ErrorCode.ACCOUNT_LOCKED),
    as_system=True,
    secret=_try_reset_code,
)
async def verify_reset_code(ctx: Context, *, verification_id: UUID, code: str) -> Ticket:
    """Exchanges the right code of a member's reset for a ticket that lives ten minutes and sets one new password.

    Even the right code opens nothing while too many wrong ones keep the account locked.
    """
    proven: Verification = ctx.verdict.require(ctx)
    account = await Account.get(id=proven.account_id)
    require(check_lock(account.locked_until, now=ctx.now))
    await codes.spend(ctx, proven)
    return await _issue_ticket(ctx, proven, ctx.policy_of(account)[PASSWORD_TICKET_LIFE])


async def _issue_ticket(ctx: Context, code: Verification, life: timedelta) -> Ticket:
    ticket = Ticket(ticket_of(ctx.secret, code), ctx.now + life)
    await Verification.filter(id=code.id).update(proof_digest=digest(ticket.ticket), proof_expires_at=ticket.expires_at)
    return ticket


async def send_ticket(ctx: Context, account: Account) -> None:
    """Sends an account a link to choose a new password, once and within a day; links and tickets of before open no
    more. Refuses with a send limit, as codes do.
    """
    site = Site(account.site)
    contact = codes.contact_of(account, Channel.EMAIL)
    assert contact is not None
    to = codes.Recipient(site, *contact, account_id=account.id)
    life = ctx.policies.at(site, ctx.now)[PASSWORD_LINK_LIFE]
    code = await codes.record(ctx, Scene.RESET_MEMBER_PASSWORD, to, life, state=CodeState.VERIFIED, used_at=ctx.now)
    await _issue_ticket(ctx, code, life)
    ctx.enqueue(
        LINK_TOPIC,
        str(code.id),
        max_attempts=SEND_ATTEMPTS,
        expires_in=life.total_seconds(),
        verification_id=str(code.id),
    )


async def _try_ticket(ctx: Context, *, ticket: str, new_password: str) -> NewPassword:
    """Only a ticket that still opens is worth the costly hashes; 256 random bits need no count of tries."""
    account = await _account_of(ctx, ticket) if kind_of(ticket) is TokenKind.TICKET else None
    if account is None:
        wrong = Violation(ErrorCode.TICKET_INVALID, ("input", "ticket"), "accounts.reset_ticket")
        return NewPassword(violations=[wrong])
    same = await was_used(account, new_password)
    return NewPassword(same=same, password_hash=await hash_password(new_password), account=account)


async def _account_of(ctx: Context, ticket: str) -> Account | None:
    async with db.read(EVERYTHING):
        code = await Verification.get_or_none(
            proof_digest=digest(ticket),
            scene=Scene.RESET_MEMBER_PASSWORD,
            proof_used_at=None,
            proof_expires_at__gt=ctx.now,
        )
        return None if code is None else await Account.get_or_none(id=code.account_id, status=AccountStatus.ACTIVE)


@command(
    permission=Permission.ACCOUNTS_RESET_PASSWORD,
    refuses=(ErrorCode.TICKET_INVALID, *PASSWORD_REFUSALS, ErrorCode.PASSWORD_REUSED),
    emits=("account.password_changed",),
    as_system=True,
    secret=_try_ticket,
)
async def set_password(ctx: Context, *, ticket: str, new_password: str) -> Account:
    """Sets a member's new password with a ticket: from verifyResetCode, or of the link that its administrator had sent.

    Every session ends; the account is told. Ends a lock after wrong passwords.
    """
    prepared: NewPassword = ctx.verdict
    require(prepared.violations)
    assert prepared.account is not None
    account = await lock_account(prepared.account.id)
    spent = await db.fetch_one(_SPEND, digest(ticket), ctx.now)
    if spent is None or account.status is not AccountStatus.ACTIVE:
        raise refuse(ErrorCode.TICKET_INVALID, "input", "ticket", rule="accounts.reset_ticket")
    await unlock(ctx, account)
    return await replace_password(ctx, account, new_password, prepared)
