"""Accounts' mail beside notices: links, and letters to contacts that were replaced; the end of closed accounts."""

from uuid import UUID

from core import db
from core.clock import Clock
from core.scope import EVERYTHING
from core.settings import Settings
from gateways.delivery import Receipt
from models.accounts import Account, ContactChange, QuickRegistration
from models.verifications import Verification
from resolvers import accounts
from rules.accounts import AccountStatus
from rules.customers import InvitationState
from rules.sites import Site
from rules.verifications import Channel
from tasks.due import Due, carry_out
from tasks.messages import Post
from tasks.outbox import Job, Registry
from tasks.schedules import CatchUp, Schedules

LEASE = 60.0
PURGE_AT = "04:30"
_OVER = Due(accounts.accounts_to_delete, accounts.delete_account, "account_id", drains=True)


def _locale(account: Account) -> str:
    return account.locale or Site(account.site).locale


async def tell_old_contact(post: Post, job: Job) -> Receipt | None:
    """Tells the contact that an account has parted with that it was replaced."""
    async with db.read(EVERYTHING):
        change = await ContactChange.get_or_none(id=UUID(job.payload["change_id"]))
        account = None if change is None else await Account.get(id=change.account_id)
    if change is None or account is None:
        return Receipt("no longer wanted")
    template = "mobile_changed" if change.channel is Channel.SMS else "email_changed"
    return await post.send(change.channel, change.previous, template, _locale(account), {}, job.key)


async def send_quick_registration(post: Post, public_url: str, job: Job) -> Receipt | None:
    """Mails the link for a further account that still stands."""
    async with db.read(EVERYTHING):
        registration = await QuickRegistration.get(id=UUID(job.payload["registration_id"]))
        account = await Account.get(id=registration.account_id)
    if registration.state is not InvitationState.ACTIVE or account.email is None:
        return Receipt("no longer wanted")
    parameters = {
        "link": accounts.sibling_link(public_url, post.secret, registration),
        "hours": str(round((registration.valid_until - registration.created_at).total_seconds() / 3600)),
    }
    return await post.send(Channel.EMAIL, account.email, "quick_registration", _locale(account), parameters, job.key)


async def send_reset_link(post: Post, public_url: str, job: Job) -> Receipt | None:
    """Sends the link for a new password that an administrator has asked for, unless it opens no more."""
    async with db.read(EVERYTHING):
        code = await Verification.get(id=UUID(job.payload["verification_id"]))
        account = await Account.get(id=code.account_id)
    if code.proof_used_at is not None or account.status is AccountStatus.DELETED:
        return Receipt("no longer wanted")
    parameters = {
        "link": accounts.reset_link(public_url, post.secret, code),
        "hours": str(round((code.expires_at - code.created_at).total_seconds() / 3600)),
    }
    return await post.send(code.channel, code.target, "password_link", _locale(account), parameters, job.key)


async def delete_closed(settings: Settings, clock: Clock) -> int:
    """Deletes the closed accounts whose time is over, one command each; how many there were."""
    return len(await carry_out(settings, clock, _OVER))


def register(post: Post, settings: Settings, clock: Clock, registry: Registry, schedules: Schedules) -> None:
    """The mails of this module, and every night the accounts whose time is over."""

    @schedules.scheduled("accounts.purge", daily=PURGE_AT, catch_up=CatchUp.LATEST)
    async def _delete(_slot: object) -> None:
        await delete_closed(settings, clock)

    @registry.topic(accounts.CONTACT_TOPIC, lease=LEASE, max_attempts=accounts.SEND_ATTEMPTS)
    async def _tell(job: Job) -> Receipt | None:
        return await tell_old_contact(post, job)

    @registry.topic(accounts.SIBLING_TOPIC, lease=LEASE, max_attempts=accounts.SEND_ATTEMPTS)
    async def _send(job: Job) -> Receipt | None:
        return await send_quick_registration(post, settings.public_url, job)

    @registry.topic(accounts.LINK_TOPIC, lease=LEASE, max_attempts=accounts.SEND_ATTEMPTS)
    async def _link(job: Job) -> Receipt | None:
        return await send_reset_link(post, settings.public_url, job)
