"""Distributors' mail: sends invitations to companies, with tokens derived anew."""

from uuid import UUID

from core import db
from core.scope import EVERYTHING
from core.settings import Settings
from gateways.delivery import Receipt
from models.partners import Partner
from models.resellers import ResellerInvitation
from resolvers import resellers
from rules.customers import InvitationState
from rules.sites import Site
from rules.verifications import Channel
from tasks.messages import Post
from tasks.outbox import Job, Registry

LEASE = 60.0


async def send_invitation(post: Post, public_url: str, job: Job) -> Receipt | None:
    """Mails the link of an invitation that still stands."""
    async with db.read(EVERYTHING):
        invitation = await ResellerInvitation.get(id=UUID(job.payload["invitation_id"]))
        distributor = await Partner.get(id=invitation.distributor_id)
    if invitation.state is not InvitationState.ACTIVE:
        return Receipt("no longer wanted")
    parameters = {
        "distributor": distributor.name,
        "link": resellers.link_of(public_url, post.secret, invitation),
        "days": str((invitation.valid_until - invitation.created_at).days),
    }
    locale = Site(distributor.site).locale
    return await post.send(Channel.EMAIL, invitation.email, "reseller_invitation", locale, parameters, job.key)


def register(post: Post, settings: Settings, registry: Registry) -> None:
    """The mail with the link."""

    @registry.topic(resellers.TOPIC, lease=LEASE, max_attempts=resellers.SEND_ATTEMPTS)
    async def _send(job: Job) -> Receipt | None:
        return await send_invitation(post, settings.public_url, job)
