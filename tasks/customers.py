"""Customers' mail and clock: sends invitations with tokens derived anew, ends what is over, warns before."""

from datetime import timedelta
from uuid import UUID

from core import db
from core.clock import Clock
from core.scope import EVERYTHING
from core.settings import Settings
from gateways.delivery import Receipt
from models.customers import CustomerInvitation, CustomerReport
from models.partners import Partner
from resolvers import customers
from resolvers.customers.invitations import SEND_ATTEMPTS, TOPIC
from rules.customers import InvitationState
from rules.sites import Site
from rules.verifications import Channel
from tasks.due import Due, carry_out
from tasks.messages import Post
from tasks.outbox import Job, Registry
from tasks.schedules import CatchUp, Schedules

EVERY = timedelta(minutes=1)
LEASE = 60.0
_DUE = (
    Due(customers.overdue_reports, customers.expire_report, "report_id"),
    Due(customers.overdue_invitations, customers.expire_invitation, "invitation_id"),
    Due(customers.ending_reports, customers.announce_report_end, "report_id"),
)


async def send_invitation(post: Post, public_url: str, job: Job) -> Receipt | None:
    """Mails the link of an invitation that still stands, to the address the report has now."""
    async with db.read(EVERYTHING):
        invitation = await CustomerInvitation.get(id=UUID(job.payload["invitation_id"]))
        report = await CustomerReport.get(id=invitation.report_id)
        partner = await Partner.get(id=invitation.partner_id)
    if invitation.state is not InvitationState.ACTIVE or report.email is None or invitation.valid_until is None:
        return Receipt("no longer wanted")
    parameters = {
        "partner": partner.name,
        "link": customers.link_of(public_url, post.secret, invitation),
        "days": str((invitation.valid_until - invitation.created_at).days),
    }
    locale = Site(report.site).locale
    return await post.send(Channel.EMAIL, report.email, "customer_invitation", locale, parameters, job.key)


async def pass_time(settings: Settings, clock: Clock) -> int:
    """Ends overdue reports and invitations and warns of coming ends, one command for each; how many there were."""
    return len(await carry_out(settings, clock, *_DUE))


def register(post: Post, settings: Settings, clock: Clock, registry: Registry, schedules: Schedules) -> None:
    """The mail with the link, and every minute what time does."""

    @registry.topic(TOPIC, lease=LEASE, max_attempts=SEND_ATTEMPTS)
    async def _send(job: Job) -> Receipt | None:
        return await send_invitation(post, settings.public_url, job)

    @schedules.scheduled("customers.pass_time", every=EVERY, catch_up=CatchUp.LATEST)
    async def _pass_time(_slot: object) -> None:
        await pass_time(settings, clock)
