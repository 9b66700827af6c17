"""Failed tries at a password, counted by whom they aim at, known or not: who guesses learns nothing from a lock."""

from uuid import UUID

from core import db
from core.ids import uuid7
from core.scope import EVERYTHING
from core.tokens import keyed
from models.accounts import Account, SignInGuard
from models.partners import Partner
from resolvers.context import Context
from rules.accounts import AccountKind, Failures, Guesses, check_guesses, check_lock, compute_failures, compute_guesses
from rules.errors import Violation
from rules.sites import Site


def identifier_digest(ctx: Context, site: Site, identifier: str) -> bytes:
    """What failures are counted by: a keyed digest, so that the table reveals no contact."""
    return keyed(ctx.secret, "sign-in", site, identifier)


# The conflicting row is locked at once: a purge must not come between this and the count.
_OPEN = """
insert into sign_in_guard (id, site, identifier_digest) values ($1, $2, $3)
on conflict (site, identifier_digest) do update set site = excluded.site
"""


async def count_try(ctx: Context, site: Site, identifier: str) -> tuple[UUID, list[Violation]]:
    """Counts a failure before the password is compared, so that parallel guesses cannot outrun the count.

    The guard's id, to be forgiven when the password was right; or ACCOUNT_LOCKED, and then nothing is to be compared.
    """
    key = identifier_digest(ctx, site, identifier)
    async with db.transaction(EVERYTHING):
        await db.fetch(
            _OPEN,
            uuid7(),
            site,
            key,
        )
        guard = await SignInGuard.filter(site=site, identifier_digest=key).select_for_update().get()
        locked = check_lock(guard.locked_until, now=ctx.now)
        if not locked:
            failures = Failures(guard.failures, guard.first_failure_at, guard.locked_until)
            after = compute_failures(failures, now=ctx.now, policy=ctx.policies.at(site, ctx.now))
            await SignInGuard.filter(id=guard.id).update(
                failures=after.count, first_failure_at=after.first_at, locked_until=after.locked_until
            )
        return guard.id, locked


async def forgive(guard_id: UUID) -> None:
    """Takes the count back after a right password."""
    async with db.transaction(EVERYTHING):
        await SignInGuard.filter(id=guard_id).update(failures=0, first_failure_at=None, locked_until=None)


def member_identifier(administrator: str, username: str) -> str:
    """What failures are counted by where a member is named by its partner's administrator account and its user name."""
    return f"member:{administrator}:{username}"


async def unlock(ctx: Context, account: Account) -> None:
    """Ends the locks of an account whose owner has proven possession of a contact; in the open transaction."""
    site = Site(account.site)
    names = [account.mobile, account.email, account.id.hex]
    if account.kind is AccountKind.IAM_USER and account.name is not None:
        main = await Account.get_or_none(partner_id=account.partner_id, is_main=True)
        known = () if main is None else (main.mobile, main.email)
        names += [member_identifier(contact, account.name) for contact in known if contact is not None]
    digests = [identifier_digest(ctx, site, name) for name in names if name is not None]
    await SignInGuard.filter(site=site, identifier_digest__in=digests).update(
        failures=0, first_failure_at=None, locked_until=None
    )


async def check_contact_guesses(ctx: Context, partner: Partner) -> list[Violation]:
    """CONTACT_CHECK_LIMIT once a partner has come upon too many contacts of others. The partner must be locked."""
    guard = await SignInGuard.get_or_none(site=partner.site, identifier_digest=_contacts_digest(ctx, partner))
    if guard is None:
        return []
    guesses = Guesses(guard.failures, guard.first_failure_at)
    return check_guesses(guesses, now=ctx.now, policy=ctx.policy_of(partner))


async def count_contact_guesses(ctx: Context, partner: Partner, times: int) -> None:
    """Counts how many contacts were others': who names contacts must not learn from us who has an account.

    The partner must be locked.
    """
    site, key = Site(partner.site), _contacts_digest(ctx, partner)
    await db.fetch(_OPEN, uuid7(), site, key)
    guard = await SignInGuard.filter(site=site, identifier_digest=key).select_for_update().get()
    guesses = Guesses(guard.failures, guard.first_failure_at)
    for _ in range(times):
        guesses = compute_guesses(guesses, now=ctx.now, policy=ctx.policy_of(partner))
    await SignInGuard.filter(id=guard.id).update(failures=guesses.count, first_failure_at=guesses.first_at)


def _contacts_digest(ctx: Context, partner: Partner) -> bytes:
    return keyed(ctx.secret, "contacts", partner.site, partner.id.hex)
