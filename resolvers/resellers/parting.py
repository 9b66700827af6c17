"""How distributor and reseller part: first no more quota, then, when nothing is left to take back, the end."""

from collections.abc import Sequence
from uuid import UUID

from models.partners import Partner
from models.plans import PlanMembership
from models.resellers import ResellerLink
from models.wallets import LedgerAccount
from resolvers.command import command, expect_version
from resolvers.context import Context
from resolvers.plans.joining import leave
from resolvers.resellers.scope import access_link, access_linked
from rules.access import Permission
from rules.errors import ErrorCode, require
from rules.resellers import LINK, check_end, check_exit
from rules.wallets import AccountKind


@command(
    permission=Permission.RESELLERS_EXIT,
    refuses=(ErrorCode.STATE_CONFLICT, ErrorCode.NOT_A_DISTRIBUTOR, ErrorCode.REASON_REQUIRED),
    emits=("reseller.exit_started",),
    sensitive=True,
)
async def start_reseller_exit(
    ctx: Context, *, link_id: UUID, reason: str, expected_version: int | None = None
) -> ResellerLink:
    """Begins to part with a reseller: it gets no new quota from now on. Both sides are told, with the reason.

    The distributor and the vendor may do so. Take back its quotas, then end the exit.
    """
    link = await access_link(ctx, link_id)
    expect_version(link, expected_version)
    require(check_exit(link.status, reason, by_reseller=is_reseller(ctx, link)))
    status = LINK.after(link.status, "exit")
    await link.change(now=ctx.now, status=status, exiting_at=ctx.now, exit_reason=reason.strip())
    _tell(ctx, link, "reseller.exit_started")
    ctx.effect("reseller.exit_started", link)
    both = await Partner.in_bulk([link.distributor_id, link.reseller_id], "id")
    distributor, reseller = both[link.distributor_id], both[link.reseller_id]
    for to, other in ((distributor, reseller), (reseller, distributor)):
        facts = {"reason": reason.strip()}
        ctx.notify("reseller_exit_started", to, about=link, names={"company": other}, facts=facts)
    return link


@command(
    permission=Permission.RESELLERS_EXIT,
    refuses=(ErrorCode.STATE_CONFLICT, ErrorCode.NOT_A_DISTRIBUTOR, ErrorCode.RESELLER_HOLDS_QUOTA),
    emits=("reseller.left", "plan.exited", "tier_upgrade.withdrawn"),
    as_system=True,
    sensitive=True,
)
async def end_reseller_exit(ctx: Context, *, link_id: UUID, expected_version: int | None = None) -> ResellerLink:
    """Ends the link to a reseller that has nothing left of your quotas. The company leaves the reseller plan, too."""
    distributor, reseller, link = await access_linked(ctx, link_id)
    expect_version(link, expected_version)
    holds = link.id in await holding_quota([link])
    require(check_end(link.status, by_reseller=is_reseller(ctx, link), holds_quota=holds))
    await link.change(now=ctx.now, status=LINK.after(link.status, "end"), ended_at=ctx.now)
    _tell(ctx, link, "reseller.left")
    ctx.effect("reseller.left", link)
    membership = await PlanMembership.filter(id=link.membership_id).select_for_update(no_key=True).get()
    await leave(ctx, reseller, membership, link.exit_reason)
    for to, other in ((distributor, reseller), (reseller, distributor)):
        ctx.notify("reseller_left", to, about=link, names={"company": other})
    return link


def is_reseller(ctx: Context, link: ResellerLink) -> bool:
    """Whether the actor acts for the reseller of the link."""
    return link.reseller_id == ctx.actor.partner_id


def _tell(ctx: Context, link: ResellerLink, event: str) -> None:
    for partner_id in (link.distributor_id, link.reseller_id):
        ctx.event(event, link, partner_id=partner_id, status=link.status.value)


async def holding_quota(links: Sequence[ResellerLink]) -> set[UUID]:
    """The links whose reseller still has money of that distributor's quotas, as far as the caller sees."""
    accounts = LedgerAccount.filter(
        kind=AccountKind.RESELLER_QUOTA,
        issuer_id__in=[link.distributor_id for link in links],
        partner_id__in=[link.reseller_id for link in links],
        balance__not=0,
    )
    pairs = set(await accounts.values_list("issuer_id", "partner_id"))
    return {link.id for link in links if (link.distributor_id, link.reseller_id) in pairs}
