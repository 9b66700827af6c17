"""Rising to a higher tier: the partner's application, the ecosystem manager's on its behalf, the vendor's verdict."""

from uuid import UUID

from tortoise.queryset import QuerySet

from models.accounts import Account
from models.partners import Partner
from models.plans import PlanMembership, TierUpgrade
from resolvers.command import command, expect_version
from resolvers.context import Context, Somebody
from resolvers.nodes import findable, own_rows
from resolvers.plans.joining import follow_plans
from resolvers.plans.reading import access_membership
from resolvers.plans.upgrades import against_rising, rising_of, withdraw_upgrade
from resolvers.query import query
from resolvers.reviews import engine as reviews
from resolvers.reviews.flows import Flow
from rules.access import Permission
from rules.errors import ErrorCode, refuse, require
from rules.plans import PLANS, TIER_UPGRADE, TIERS, UpgradeState
from rules.reviews import ReviewKind, check_reason
from rules.sites import Site

_REFUSALS = (
    ErrorCode.STATE_CONFLICT,
    ErrorCode.PLAN_TIER_INVALID,
    ErrorCode.TIER_NOT_HIGHER,
    ErrorCode.TIER_UPGRADE_OPEN,
    ErrorCode.TIER_ROLE_REQUIRED,
    ErrorCode.REQUIREMENTS_NOT_MET,
)


def visible(ctx: Context) -> QuerySet[TierUpgrade]:
    """The vendor sees every application, a partner's people its own."""
    return own_rows(ctx, TierUpgrade)


findable(TierUpgrade, Permission.PLANS_READ, visible)


async def access_upgrade(ctx: Context, upgrade_id: UUID) -> tuple[Partner, PlanMembership, TierUpgrade]:
    """The application with its partner and membership, all locked, in the order of every command about plans."""
    found = await visible(ctx).filter(id=upgrade_id).first()
    if found is None:
        raise refuse(ErrorCode.NOT_FOUND, "input", "id")
    partner, membership = await access_membership(ctx, found.membership_id)
    return partner, membership, await TierUpgrade.filter(id=upgrade_id).select_for_update().get()


@query(permission=Permission.PLANS_READ)
def tier_upgrades(ctx: Context, *, state: UpgradeState | None = None) -> QuerySet[TierUpgrade]:
    """Applications for higher tiers with their progress."""
    rows = visible(ctx)
    return rows if state is None else rows.filter(state=state)


@command(
    permission=Permission.PLANS_JOIN,
    refuses=(*_REFUSALS, ErrorCode.TIER_BY_MANAGER_ONLY),
    emits=("tier_upgrade.applied",),
)
async def upgrade_tier(
    ctx: Context, *, membership_id: UUID, tier: str, statement: str | None = None, expected_version: int | None = None
) -> TierUpgrade:
    """Applies for a higher tier once all is met that it asks for; the vendor decides. `higherTiers` of the membership
    shows what each asks for and what stands in the way. The highest tier is your ecosystem manager's to apply for.
    """
    return await _apply(ctx, membership_id, tier, statement, expected_version, by_vendor=False)


@command(permission=Permission.PLANS_INVITE, refuses=_REFUSALS, emits=("tier_upgrade.applied",))
async def propose_tier(
    ctx: Context, *, membership_id: UUID, tier: str, statement: str | None = None, expected_version: int | None = None
) -> TierUpgrade:
    """Applies for a tier on a partner's behalf, the highest one included; it asks for the same as of the partner."""
    return await _apply(ctx, membership_id, tier, statement, expected_version, by_vendor=True)


async def _apply(
    ctx: Context,
    membership_id: UUID,
    tier: str,
    statement: str | None,
    expected_version: int | None,
    *,
    by_vendor: bool,
) -> TierUpgrade:
    own, membership = await access_membership(ctx, membership_id)
    expect_version(membership, expected_version)
    known = (await rising_of(ctx, [membership], {own.id: own})).get(membership.id)
    require(against_rising(membership, known, tier, by_vendor=by_vendor, policy=ctx.policy_of(own)))
    upgrade = await TierUpgrade.insert(
        now=ctx.now,
        partner_id=own.id,
        membership_id=membership.id,
        from_tier=membership.tier,
        tier=tier,
        statement=statement,
        state=UpgradeState.IN_REVIEW,
        by_vendor=by_vendor,
        applied_by=ctx.actor.account_id,
        applied_at=ctx.now,
    )
    await reviews.submit(ctx, ReviewKind.PLAN_TIER, upgrade, own)
    ctx.event("tier_upgrade.applied", upgrade, partner_id=own.id, tier=tier)
    ctx.effect("tier_upgrade.applied", upgrade, tier=tier)
    return upgrade


@command(permission=Permission.PLANS_JOIN, refuses=(ErrorCode.STATE_CONFLICT,), emits=("tier_upgrade.withdrawn",))
async def withdraw_tier_upgrade(ctx: Context, *, upgrade_id: UUID, expected_version: int | None = None) -> TierUpgrade:
    """Takes back an application for a higher tier that is not decided yet, whoever made it."""
    _, _, upgrade = await access_upgrade(ctx, upgrade_id)
    expect_version(upgrade, expected_version)
    require(TIER_UPGRADE.check(upgrade.state, "withdraw"))
    await withdraw_upgrade(ctx, upgrade)
    return upgrade


async def decide_tier_upgrade(ctx: Context, subject_id: UUID, *, approve: bool, reason: str | None) -> TierUpgrade:
    """The verdict on an application for a higher tier; the partner and its ecosystem manager are told."""
    own, membership, upgrade = await access_upgrade(ctx, subject_id)
    event = "approve" if approve else "reject"
    require(TIER_UPGRADE.check(upgrade.state, event) + check_reason(approve, reason))
    await reviews.settle(ctx, ReviewKind.PLAN_TIER, upgrade, approve, reason)
    state = TIER_UPGRADE.after(upgrade.state, event)
    told = None if approve else str(reason).strip()
    await upgrade.change(now=ctx.now, state=state, ended_at=ctx.now, reason=told)
    if approve:
        await membership.change(now=ctx.now, tier=upgrade.tier)
        await follow_plans(ctx, own)
    outcome = "tier_upgrade.approved" if approve else "tier_upgrade.rejected"
    ctx.event(outcome, upgrade, partner_id=own.id, tier=upgrade.tier)
    ctx.effect(outcome, upgrade, tier=upgrade.tier)
    _tell(ctx, own, membership, upgrade)
    return upgrade


def _tell(ctx: Context, own: Partner, membership: PlanMembership, upgrade: TierUpgrade) -> None:
    """The manager in charge hears of it, and the one who has applied."""
    managers = {own.eco_manager_id, upgrade.applied_by if upgrade.by_vendor else None} - {None}
    [titles] = [tier.titles for tier in TIERS[Site(own.site)] if tier.code == upgrade.tier]
    facts = {"plan": PLANS[membership.plan].titles, "tier": titles}
    rejected = {} if upgrade.reason is None else {"reason": upgrade.reason}
    ctx.notify(
        "tier_upgrade_rejected" if rejected else "tier_upgraded",
        [own, *(Somebody(Account, one) for one in managers if one is not None)],
        about=upgrade,
        names={"partner": own},
        facts={**facts, **rejected},
    )


TIER_FLOW = Flow(
    ReviewKind.PLAN_TIER,
    Permission.PLANS_DECIDE,
    decide_tier_upgrade,
    frozenset({ErrorCode.STATE_CONFLICT, ErrorCode.REASON_REQUIRED, ErrorCode.REVIEW_CLAIMED}),
    ("tier_upgrade.approved", "tier_upgrade.rejected"),
    decide_tier_upgrade,
)
