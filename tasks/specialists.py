"""Mail and clock of personal accounts: sends invitations with tokens derived anew, ends what is over."""

from datetime import timedelta
from uuid import UUID

from core import db
from core.clock import Clock
from core.scope import EVERYTHING
from core.settings import Settings
from gateways.delivery import Receipt
from models.accounts import Account
from models.specialists import SpecialistInvitation
from resolvers import specialists
from rules.sites import Site
from rules.specialists import SpecialistInvitationState
from rules.verifications import Channel
from tasks.due import Due, carry_out
from tasks.messages import Post
from tasks.outbox import Job, Registry
from tasks.schedules import CatchUp, Schedules

EVERY = timedelta(minutes=10)
REMIND_EVERY = timedelta(hours=1)
LEASE = 60.0
_OVERDUE = Due(specialists.overdue_invitations, specialists.expire_specialist_invitation, "invitation_id")
_TO_REMIND = Due(specialists.partners_to_remind, specialists.remind_of_specialists, "partner_id", drains=True)


async def send_invitation(post: Post, public_url: str, job: Job) -> Receipt | None:
    """Sends an invitation that still stands and was not sent again since: by mail, by SMS to whoever has no address."""
    async with db.read(EVERYTHING):
        invitation = await SpecialistInvitation.get(id=UUID(job.payload["invitation_id"]))
        account = await Account.get(id=invitation.account_id)
    replaced = invitation.sent_count != job.payload["sent_count"]
    if replaced or invitation.state is not SpecialistInvitationState.INVITED:
        return Receipt("no longer wanted")
    parameters = {
        "partner": invitation.partner_name,
        "link": specialists.link_of(public_url, post.secret, invitation),
        "days": str((invitation.valid_until - invitation.sent_at).days),
    }
    locale = account.locale or Site(account.site).locale
    if account.email is not None:
        return await post.send(Channel.EMAIL, account.email, "specialist_invitation", locale, parameters, job.key)
    return await post.send(Channel.SMS, str(account.mobile), "specialist_invitation", locale, parameters, job.key)


async def pass_time(settings: Settings, clock: Clock) -> int:
    """Ends overdue invitations, one command for each; how many there were."""
    return len(await carry_out(settings, clock, _OVERDUE))


async def remind(settings: Settings, clock: Clock) -> int:
    """Reminds partners of their people's data where it is due, one command for each; how many there were."""
    return len(await carry_out(settings, clock, _TO_REMIND))


def register(post: Post, settings: Settings, clock: Clock, registry: Registry, schedules: Schedules) -> None:
    """The message with the link, every ten minutes what time does, every hour whom to remind."""

    @registry.topic(specialists.TOPIC, lease=LEASE, max_attempts=specialists.SEND_ATTEMPTS)
    async def _send(job: Job) -> Receipt | None:
        return await send_invitation(post, settings.public_url, job)

    @schedules.scheduled("specialists.pass_time", every=EVERY, catch_up=CatchUp.LATEST)
    async def _pass_time(_slot: object) -> None:
        await pass_time(settings, clock)

    @schedules.scheduled("specialists.remind", every=REMIND_EVERY, catch_up=CatchUp.LATEST)
    async def _remind(_slot: object) -> None:
        await remind(settings, clock)
