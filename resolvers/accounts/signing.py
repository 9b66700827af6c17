"""Sign-up and sign-in, by code or password; an unknown person gets the same answers after the same work."""

from dataclasses import dataclass
from uuid import UUID

from core import db
from core.passwords import hash_password, needs_rehash, verify_password
from core.scope import EVERYTHING
from models.accounts import Account
from models.verifications import Verification
from resolvers import codes
from resolvers.accounts.guards import count_try, forgive
from resolvers.accounts.sessions import SignedIn, lock_account, open_session
from resolvers.command import Key, command
from resolvers.context import Context
from rules.access import Permission
from rules.accounts import AccountKind, check_may_sign_in, check_sign_up
from rules.errors import ErrorCode, Rejected, Violation, refuse, require
from rules.passwords import check_password
from rules.policy import ACCOUNTS_SIGN_UPS_PER_ADDRESS_HOUR
from rules.sites import Site
from rules.verifications import PUBLIC_SCENES, Channel, Scene

CODE_REFUSALS = (ErrorCode.CODE_WRONG, ErrorCode.CODE_EXPIRED, ErrorCode.CODE_TOO_MANY_TRIES)
SENT_CODE_REFUSALS = (*CODE_REFUSALS, ErrorCode.CODE_SEND_FAILED)
"""Of scenes that send something to whatever contact they are given."""

CONTACT_REFUSALS = (
    ErrorCode.CONTACT_REQUIRED,
    ErrorCode.MOBILE_INVALID,
    ErrorCode.MOBILE_NOT_OF_SITE,
    ErrorCode.EMAIL_INVALID,
)
PASSWORD_REFUSALS = (
    ErrorCode.PASSWORD_LENGTH,
    ErrorCode.PASSWORD_CLASSES,
    ErrorCode.PASSWORD_CONTAINS_CONTACT,
)
BARRED = (ErrorCode.ACCOUNT_LOCKED, ErrorCode.ACCOUNT_FROZEN, ErrorCode.ACCOUNT_CLOSED)
SIGN_UP_REFUSALS = (
    *SENT_CODE_REFUSALS,
    *PASSWORD_REFUSALS,
    ErrorCode.CONTACT_TAKEN,
    ErrorCode.TERMS_REQUIRED,
    ErrorCode.REGISTRATION_THROTTLED,
)


async def find_account(site: Site, channel: Channel, target: str) -> Account | None:
    """The account of `site` with this contact, in the open transaction."""
    accounts = Account.filter(site=site)
    return await (accounts.filter(mobile=target) if channel is Channel.SMS else accounts.filter(email=target)).first()


@command(
    permission=Permission.ACCOUNTS_REQUEST_CODE,
    refuses=(*CONTACT_REFUSALS, ErrorCode.CODE_TOO_SOON, ErrorCode.CODE_SEND_LIMIT, ErrorCode.OUT_OF_RANGE),
    key=Key.OPTIONAL,
    as_system=True,
    sensitive=True,
)
async def request_code(
    ctx: Context, *, scene: Scene, site: Site, mobile: str | None = None, email: str | None = None
) -> Verification:
    """Sends a code for sign-up, sign-in, password reset or the restoring of a closed account.

    Whether an account has the contact shows nowhere in the answer: for sign-up the owner of a known contact is told in
    the message, for the other scenes an unknown contact is sent nothing.
    """
    if scene not in PUBLIC_SCENES:
        raise refuse(ErrorCode.OUT_OF_RANGE, "input", "scene")
    channel, target = codes.normalise_target(ctx, site, mobile, email)
    account = await find_account(site, channel, target)
    signing_up = scene is Scene.SIGN_UP
    to = codes.Recipient(
        site,
        channel,
        target,
        account_id=None if signing_up or account is None else account.id,
        known=signing_up and account is not None,
        silent=not signing_up and account is None,
    )
    return await codes.issue(ctx, scene, to)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What sign-up works out before its transaction: the tried code and the hashed password."""

    tried: codes.TriedCode
    password_hash: str


async def prepare_sign_up(ctx: Context, *, verification_id: UUID, code: str, password: str, **_: object) -> Prepared:
    """Tries the code of scene SIGN_UP and hashes the password."""
    tried = await codes.attempt(ctx, verification_id, Scene.SIGN_UP, code)
    # A wrong code is refused before the costly hash: guessing must not keep our processors busy.
    return Prepared(tried, await hash_password(password) if tried.attempt.right else "")


@command(
    permission=Permission.ACCOUNTS_SIGN_UP,
    refuses=(*SIGN_UP_REFUSALS, ErrorCode.REQUIRED, ErrorCode.OUT_OF_RANGE),
    emits=("account.signed_up",),
    as_system=True,
    secret=prepare_sign_up,
)
async def sign_up(
    ctx: Context,
    *,
    verification_id: UUID,
    code: str,
    password: str,
    kind: AccountKind,
    full_name: str,
    terms_version: str | None,
) -> SignedIn:
    """Makes an account of the contact the code was sent to and signs it in; CONTACT_TAKEN only after the right code."""
    account = await register(ctx, kind, password=password, full_name=full_name, terms_version=terms_version)
    return await open_session(ctx, account)


async def register(
    ctx: Context, kind: AccountKind, *, password: str, full_name: str, terms_version: str | None
) -> Account:
    """A new account of the contact whose code `prepare_sign_up` has tried; it is told that it is welcome."""
    prepared: Prepared = ctx.verdict
    proven = prepared.tried.require(ctx)
    site, by_mobile = Site(proven.site), proven.channel is Channel.SMS
    mobile, email = (proven.target, None) if by_mobile else (None, proven.target)
    policy = ctx.policies.at(site, ctx.now)
    weak = check_password(password, mobile=mobile, email=email, policy=policy, path=("input", "password"))
    throttled = await _check_address(ctx, proven.address_block, policy[ACCOUNTS_SIGN_UPS_PER_ADDRESS_HOUR])
    require(check_sign_up(kind, full_name, terms_version) + weak + throttled)
    if await find_account(site, proven.channel, proven.target) is not None:
        raise refuse(ErrorCode.CONTACT_TAKEN, "input", "verificationId", rule="accounts.contact")
    await codes.spend(ctx, proven)
    account = await Account.insert(
        now=ctx.now,
        site=site,
        kind=kind,
        full_name=full_name.strip(),
        mobile=mobile,
        email=email,
        password_hash=prepared.password_hash,
        locale=ctx.language_at(site),
        terms_version=terms_version or "",
    )
    ctx.event("account.signed_up", account, kind=kind.value, site=site.value)
    ctx.effect("account.signed_up", account)
    ctx.notify("welcome", account, about=account)
    return account


async def _check_address(ctx: Context, block: str | None, limit: int) -> list[Violation]:
    """REGISTRATION_THROTTLED when too many accounts were made with codes asked for from `block`."""
    row = await db.fetch_one(
        "select count(*) as made from verification where address_block = $1 and scene = 'SIGN_UP' and used_at > $2",
        block,
        ctx.now - codes.HOUR,
    )
    if block is None or row is None or row["made"] < limit:
        return []
    return [Violation(ErrorCode.REGISTRATION_THROTTLED, rule="accounts.sign_ups_per_address", retryable=True)]


@dataclass(frozen=True, slots=True)
class PasswordTry:
    """How a sign-in with a password went: the account (None: unknown or wrong), or why it was not even looked at.

    `new_hash` is set when the stored one was made with parameters of the past.
    """

    account: Account | None
    violations: list[Violation]
    new_hash: str | None = None


async def _try_password(
    ctx: Context, *, site: Site, password: str, mobile: str | None = None, email: str | None = None
) -> PasswordTry:
    try:
        channel, target = codes.normalise_target(ctx, site, mobile, email)
    except Rejected as refusal:
        return PasswordTry(None, refusal.violations)
    async with db.read(EVERYTHING):
        account = await find_account(site, channel, target)
    return await compare_password(ctx, site, target, account, password)


async def compare_password(
    ctx: Context, site: Site, identifier: str, account: Account | None, password: str
) -> PasswordTry:
    """Counts the try by what was typed, then compares: the same work for an account that there is none of."""
    guard_id, locked = await count_try(ctx, site, identifier)
    if locked:
        return PasswordTry(None, locked)
    stored = None if account is None else account.password_hash
    if not await verify_password(stored, password):
        return PasswordTry(None, [])
    await forgive(guard_id)
    return PasswordTry(account, [], await hash_password(password) if needs_rehash(stored or "") else None)


@command(
    permission=Permission.ACCOUNTS_SIGN_IN,
    refuses=(*CONTACT_REFUSALS, ErrorCode.SIGN_IN_FAILED, *BARRED),
    emits=("session.opened",),
    as_system=True,
    secret=_try_password,
)
async def sign_in(
    ctx: Context, *, site: Site, password: str, mobile: str | None = None, email: str | None = None
) -> SignedIn:
    """Signs in with a contact and the password; after five failures in a row the contact is locked for a while."""
    return await enter_by_password(ctx, by="password")


def is_replaced(tried: Account, held: Account) -> bool:
    """Whether the password was changed between its comparison and the lock. The same password hashed anew by another
    sign-in, which counts no version up, is none.
    """
    return held.password_hash != tried.password_hash and held.version != tried.version


async def enter_by_password(ctx: Context, *, by: str) -> SignedIn:
    """A session of whom the tried password belongs to; one refusal for everything that is wrong."""
    attempt: PasswordTry = ctx.verdict
    require(attempt.violations)
    if attempt.account is None:
        raise refuse(ErrorCode.SIGN_IN_FAILED, "input", rule="accounts.sign_in")
    account = await lock_account(attempt.account.id)
    require(check_may_sign_in(account.status, account.locked_until, now=ctx.now))
    if is_replaced(attempt.account, account):
        raise refuse(ErrorCode.SIGN_IN_FAILED, "input", rule="accounts.sign_in")
    if attempt.new_hash is not None:
        await Account.filter(id=account.id, password_hash=attempt.account.password_hash).update(
            password_hash=attempt.new_hash
        )
    ctx.event("session.opened", account, by=by)
    return await open_session(ctx, account)


async def _try_sign_in_code(ctx: Context, *, verification_id: UUID, code: str) -> codes.TriedCode:
    return await codes.attempt(ctx, verification_id, Scene.SIGN_IN, code)


@command(
    permission=Permission.ACCOUNTS_SIGN_IN,
    refuses=(*CODE_REFUSALS, *BARRED),
    emits=("session.opened",),
    as_system=True,
    secret=_try_sign_in_code,
)
async def sign_in_with_code(ctx: Context, *, verification_id: UUID, code: str) -> SignedIn:
    """Signs in with a code sent to the account's contact."""
    tried: codes.TriedCode = ctx.verdict
    proven = tried.require(ctx)
    account = await lock_account(proven.account_id)
    await codes.spend(ctx, proven)
    require(check_may_sign_in(account.status, account.locked_until, now=ctx.now))
    ctx.event("session.opened", account, by="code")
    return await open_session(ctx, account)
