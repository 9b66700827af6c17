"""Reading applications, invitations and links of distributors and resellers; what may be done with them now."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from tortoise.queryset import QuerySet

from models.partners import Partner
from models.resellers import ResellerApplication, ResellerInvitation, ResellerLink
from resolvers.actions import ActionState, action
from resolvers.context import Context
from resolvers.query import query
from resolvers.related import to_one
from resolvers.resellers.inviting import revoke_reseller_invitation, state_of
from resolvers.resellers.linking import decide_reseller_applications, linked_of, review_facts
from resolvers.resellers.parting import end_reseller_exit, holding_quota, is_reseller, start_reseller_exit
from resolvers.resellers.scope import applied_to, visible_applications, visible_invitations, visible_links
from rules.access import VENDOR_ROLES, Permission
from rules.contacts import normalise_email, normalise_mobile
from rules.customers import INVITATION, InvitationState
from rules.errors import Violation
from rules.resellers import LIVE, ApplicationStatus, LinkStatus, check_end, check_exit, check_review

R = TypeVar("R", ResellerApplication, ResellerLink)


@dataclass(frozen=True, slots=True)
class ResellerFilter:
    """Which of the companies; None for any. Contacts as typed; one that cannot be one finds nothing."""

    name_starts_with: str | None = None
    mobile: str | None = None
    email: str | None = None

    def of(self, ctx: Context, rows: QuerySet[R]) -> QuerySet[R]:
        """Those of `rows` that every condition holds for."""
        if self.name_starts_with is not None:
            rows = rows.filter(company_name__istartswith=self.name_starts_with)
        contacts = {
            "mobile": None if self.mobile is None else normalise_mobile(self.mobile, policy=ctx.policy),
            "email": None if self.email is None else normalise_email(self.email),
        }
        if any(isinstance(value, Violation) for value in contacts.values()):
            return rows.filter(id__in=[])
        return rows.filter(**{name: value for name, value in contacts.items() if value is not None})


@query(permission=Permission.RESELLERS_READ)
def resellers(
    ctx: Context, *, filter: ResellerFilter = ResellerFilter(), status: LinkStatus | None = None
) -> QuerySet[ResellerLink]:
    """A distributor's links to its resellers, present and former ones; all for the vendor."""
    rows = visible_links(ctx)
    if not ctx.actor.roles & VENDOR_ROLES:
        rows = rows.filter(distributor_id=ctx.actor.partner_id)
    rows = filter.of(ctx, rows)
    return rows if status is None else rows.filter(status=status)


@query(permission=Permission.RESELLERS_READ)
def reseller_applications(
    ctx: Context, *, filter: ResellerFilter = ResellerFilter(), status: ApplicationStatus | None = None
) -> QuerySet[ResellerApplication]:
    """Applications of companies that the vendor has passed on to the distributor; all for the vendor."""
    rows = visible_applications(ctx)
    if not ctx.actor.roles & VENDOR_ROLES:
        rows = rows.filter(applied_to(ctx))
    rows = filter.of(ctx, rows)
    return rows if status is None else rows.filter(status=status)


@query(permission=Permission.RESELLERS_READ)
def reseller_invitations(ctx: Context, *, state: InvitationState | None = None) -> QuerySet[ResellerInvitation]:
    """A distributor's invitations by mail; all for the vendor. One past its end is EXPIRED, whatever is stored."""
    rows = visible_invitations(ctx)
    if state is InvitationState.ACTIVE:
        return rows.filter(state=state, valid_until__gt=ctx.now)
    if state is InvitationState.EXPIRED:
        return rows.filter(state__in=(InvitationState.ACTIVE, state), valid_until__lte=ctx.now)
    return rows if state is None else rows.filter(state=state)


@query(permission=Permission.RESELLERS_READ)
async def my_distributor(ctx: Context) -> ResellerLink | None:
    """The link of the acting reseller to its distributor, until they have parted; None for everybody else."""
    if ctx.actor.partner_id is None:
        return None
    return await visible_links(ctx).filter(reseller_id=ctx.actor.partner_id, status__in=LIVE).first()


distributors_of = to_one("distributor_id", Partner)
"""The distributor of each application or link."""


resellers_of = to_one("reseller_id", Partner)
"""The reseller of each link."""


async def application_actions(ctx: Context, rows: Sequence[ResellerApplication]) -> list[list[ActionState]]:
    """For each application whether the actor may approve or reject it now. Two statements for all."""
    distributors = await Partner.in_bulk({row.distributor_id for row in rows}, "id")
    linked = await linked_of([row.partner_id for row in rows])
    found = []
    for row in rows:
        facts = review_facts(ctx, row, distributors.get(row.distributor_id), linked)
        states = (
            action(ctx, name, decide_reseller_applications, check_review(facts, approve=approve))
            for name, approve in (("APPROVE", True), ("REJECT", False))
        )
        found.append(list(states))
    return found


async def link_actions(ctx: Context, rows: Sequence[ResellerLink]) -> list[list[ActionState]]:
    """For each link whether the actor may begin to part, or end it, now. One statement for all."""
    holding = await holding_quota(rows)
    return [_link_actions(ctx, row, row.id in holding) for row in rows]


def _link_actions(ctx: Context, row: ResellerLink, holds_quota: bool) -> list[ActionState]:
    mine = is_reseller(ctx, row)
    return [
        action(ctx, "START_EXIT", start_reseller_exit, check_exit(row.status, "given", by_reseller=mine)),
        action(ctx, "END_EXIT", end_reseller_exit, check_end(row.status, by_reseller=mine, holds_quota=holds_quota)),
    ]


async def invitation_actions(ctx: Context, rows: Sequence[ResellerInvitation]) -> list[list[ActionState]]:
    """For each invitation whether it may be revoked now."""
    return [
        [action(ctx, "REVOKE", revoke_reseller_invitation, INVITATION.check(state_of(ctx, row), "revoke"))]
        for row in rows
    ]
