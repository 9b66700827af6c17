"""The two ways into a link: a distributor's decision about applications, and a company's answer to an invitation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from core import db
from core.tokens import TokenKind, digest, kind_of
from models.accounts import Account
from models.partners import Partner
from models.plans import PlanMembership
from models.resellers import ResellerApplication, ResellerInvitation, ResellerLink
from resolvers.batch import Batch, each
from resolvers.command import Key, command
from resolvers.context import Context
from resolvers.plans.candidates import candidate
from resolvers.plans.joining import ELIGIBILITY, enter, entry, lock_company, sign
from resolvers.query import query
from resolvers.resellers.scope import locked_partners, visible_applications
from rules.access import Permission
from rules.customers import INVITATION, InvitationState, Link, check_link
from rules.errors import ErrorCode, refuse, require
from rules.partners import PartnerKind, Standing, Undertaking, check_standing
from rules.plans import MEMBERSHIP, PLANS, MembershipState, PlanCode, check_join
from rules.resellers import APPLICATION, LIVE, LinkStatus, Reviewed, check_review
from rules.reviews import check_reason
from rules.sites import Site

PLAN = PLANS[PlanCode.RESELLER]
_OFFERED = "select distributor_name, site, state, valid_until from guard_reseller_invitation($1)"


@dataclass(frozen=True, slots=True)
class _Desk:
    """What is on a distributor's desk: the applications it sees, both companies of each, all locked; who is linked."""

    applications: dict[UUID, ResellerApplication]
    partners: dict[UUID, Partner]
    linked: set[UUID]


@command(
    permission=Permission.RESELLERS_REVIEW,
    refuses=(
        ErrorCode.REASON_REQUIRED,
        ErrorCode.REPEATED,
        ErrorCode.NOT_A_DISTRIBUTOR,
        ErrorCode.STATE_CONFLICT,
        ErrorCode.PARTNER_FROZEN,
        ErrorCode.PLAN_HAS_DISTRIBUTOR,
    ),
    emits=("plan.joined", "plan.rejected", "reseller.associated", "reseller_application.rejected"),
    as_system=True,
    sensitive=True,
)
async def decide_reseller_applications(
    ctx: Context, *, application_ids: list[UUID], approve: bool, reason: str | None = None
) -> Batch[ResellerApplication]:
    """Decides applications of companies that want to be your resellers: all approved, or all rejected with one reason.

    An approved company joins the reseller plan as yours at once. Each application has its own result.
    """
    require(check_reason(approve, reason))
    desk = await _open_desk(ctx, application_ids)

    async def one(application_id: UUID, place: tuple[str, ...]) -> ResellerApplication:
        application = desk.applications.get(application_id)
        if application is None:
            raise refuse(ErrorCode.NOT_FOUND, *place)
        facts = review_facts(ctx, application, desk.partners[application.distributor_id], desk.linked)
        require(check_review(facts, approve=approve, place=place))
        applicant = desk.partners[application.partner_id]
        if approve:
            return await _approve(ctx, application, applicant, desk.partners[application.distributor_id])
        return await _decline(ctx, application, applicant, str(reason).strip())

    return await each(ctx, application_ids, one, "input", "ids")


async def _open_desk(ctx: Context, application_ids: Sequence[UUID]) -> _Desk:
    seen = await visible_applications(ctx).filter(id__in=application_ids)
    partners = await locked_partners({one for row in seen for one in (row.partner_id, row.distributor_id)})
    rows = ResellerApplication.filter(id__in=[row.id for row in seen]).select_for_update(no_key=True).order_by("id")
    applications = {row.id: row for row in await rows}
    return _Desk(applications, partners, await linked_of([row.partner_id for row in seen]))


async def linked_of(partner_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the partners that belong to a distributor, as far as the caller sees."""
    rows = ResellerLink.filter(reseller_id__in=partner_ids, status__in=LIVE)
    found: list[Any] = await rows.values_list("reseller_id", flat=True)
    return set(found)


def review_facts(
    ctx: Context, application: ResellerApplication, distributor: Partner | None, linked: set[UUID]
) -> Reviewed:
    """An application as its decision sees it. A distributor that the caller does not see is not the caller."""
    return Reviewed(
        status=application.status,
        by_distributor=application.distributor_id == ctx.actor.partner_id,
        standing=Standing.ACTIVE if distributor is None else distributor.standing,
        linked=application.partner_id in linked,
    )


async def _approve(
    ctx: Context, application: ResellerApplication, applicant: Partner, distributor: Partner
) -> ResellerApplication:
    membership = await _decided(ctx, application, applicant, "accept", None)
    await application.change(now=ctx.now, status=APPLICATION.after(application.status, "approve"), **_decision(ctx))
    contact = {"mobile": application.mobile, "email": application.email}
    link = await _link(ctx, distributor, applicant, membership, application_id=application.id, **contact)
    await enter(ctx, applicant, membership)
    for channel in ("SMS", "EMAIL"):
        ctx.notify("reseller_associated", applicant, about=link, channel=channel, names={"distributor": distributor})
    return application


async def _decline(
    ctx: Context, application: ResellerApplication, applicant: Partner, reason: str
) -> ResellerApplication:
    membership = await _decided(ctx, application, applicant, "turn_down", reason)
    status = APPLICATION.after(application.status, "decline")
    await application.change(now=ctx.now, status=status, reason=reason, **_decision(ctx))
    for partner_id in (application.distributor_id, applicant.id):
        ctx.event("reseller_application.rejected", application, partner_id=partner_id)
    ctx.event("plan.rejected", membership, partner_id=applicant.id, plan=membership.plan.value)
    ctx.effect("reseller_application.rejected", application)
    facts = {"reason": reason}
    for channel in ("SMS", "EMAIL"):
        ctx.notify("reseller_application_rejected", applicant, about=application, channel=channel, facts=facts)
    return application


def _decision(ctx: Context) -> dict[str, Any]:
    return {"decided_by": ctx.actor.account_id, "decided_at": ctx.now}


async def _decided(
    ctx: Context, application: ResellerApplication, applicant: Partner, event: str, reason: str | None
) -> PlanMembership:
    """The applicant's membership of the reseller plan, taken where the distributor's decision leads."""
    rows = PlanMembership.filter(id=application.membership_id)
    membership = await rows.select_for_update(no_key=True).get()
    state = MEMBERSHIP.after(membership.state, event)
    joined = entry(applicant, PLAN, state, ctx, membership.id, membership.tier)
    await membership.change(now=ctx.now, state=state, reason=reason, **_decision(ctx), **joined)
    return membership


async def _link(
    ctx: Context, distributor: Partner, reseller: Partner, membership: PlanMembership, **more: Any
) -> ResellerLink:
    """The link itself; both sides' feeds hear of it."""
    link = await ResellerLink.insert(
        now=ctx.now,
        distributor_id=distributor.id,
        reseller_id=reseller.id,
        membership_id=membership.id,
        company_name=reseller.name,
        status=LinkStatus.ACTIVE,
        began_at=ctx.now,
        **more,
    )
    for partner_id in (distributor.id, reseller.id):
        ctx.event("reseller.associated", link, partner_id=partner_id, status=link.status.value)
    ctx.effect("reseller.associated", link)
    return link


@dataclass(frozen=True, slots=True)
class Offer:
    """What a distributor's link offers to whoever opens it."""

    distributor_name: str
    agreement_version: str


@query(permission=Permission.PUBLIC_READ)
async def reseller_invitation(ctx: Context, *, token: str) -> Offer | None:
    """What a distributor's link offers; None alike for one that is unknown, used, revoked or over."""
    row = await db.fetch_one(_OFFERED, digest(token))
    if row is None or check_link(Link(InvitationState(row["state"]), row["valid_until"]), now=ctx.now):
        return None
    return Offer(row["distributor_name"], PLAN.agreement)


@command(
    permission=Permission.RESELLERS_ACCEPT_INVITATION,
    refuses=(
        *ELIGIBILITY,
        ErrorCode.AGREEMENT_REQUIRED,
        ErrorCode.LINK_INVALID,
        ErrorCode.LINK_USED,
        ErrorCode.LINK_EXPIRED,
    ),
    emits=("plan.joined", "reseller.associated"),
    key=Key.NONE,
    as_system=True,
    sensitive=True,
)
async def accept_reseller_invitation(ctx: Context, *, token: str, agreement_version: str | None = None) -> ResellerLink:
    """Makes your company the reseller of the distributor that invited it, and a member of the reseller plan at once.

    The link opens only for the account with the address it was sent to; any other one learns as little as from a link
    that never was. The agreement's present version must be accepted.
    """
    opened = await _open_invitation(ctx, token)
    if opened is None:
        require(check_link(None, now=ctx.now))
        raise AssertionError("a missing link is always refused")
    invitation, distributor, own = opened
    require(check_link(Link(invitation.state, invitation.valid_until), now=ctx.now))
    require(
        check_standing(distributor.standing, Undertaking.INVITE_RESELLER)
        + check_join(await candidate(own, now=ctx.now), PLAN, agreement=agreement_version)
    )
    main = await Account.get(id=own.main_account_id)
    membership = await sign(ctx, own, PLAN, MembershipState.JOINED)
    contact = {"mobile": main.mobile, "email": main.email}
    link = await _link(ctx, distributor, own, membership, invitation_id=invitation.id, **contact)
    await invitation.change(now=ctx.now, state=INVITATION.after(invitation.state, "use"), used_by=own.id)
    await enter(ctx, own, membership)
    ctx.notify("reseller_joined", distributor, about=link, names={"company": link})
    return link


async def _open_invitation(ctx: Context, token: str) -> tuple[ResellerInvitation, Partner, Partner] | None:
    """The invitation with both companies, locked in order: partners, company, invitation; None unless it is meant for
    the caller and comes from a distributor of its site.
    """
    if kind_of(token) is not TokenKind.INVITATION:
        return None
    found = await ResellerInvitation.get_or_none(token_digest=digest(token))
    account = await Account.get(id=ctx.actor.account_id)
    if found is None or found.email != account.email or ctx.actor.partner_id is None:
        return None
    both = await locked_partners({found.distributor_id, ctx.actor.partner_id})
    distributor, own = both[found.distributor_id], both[ctx.actor.partner_id]
    if distributor.kind is not PartnerKind.DISTRIBUTOR or Site(distributor.site) is not Site(own.site):
        return None
    await lock_company(own)
    invitation = await ResellerInvitation.filter(id=found.id).select_for_update(no_key=True).get()
    return invitation, distributor, own
