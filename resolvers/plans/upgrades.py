"""What a higher tier asks about partners, gathered for the rules; applications for tiers that end with a membership."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from core import db
from models.partners import Partner
from models.performance import PerformanceSheet
from models.plans import PlanMembership, TierUpgrade
from models.specialists import SpecialistBinding
from resolvers.context import Context
from resolvers.reviews import engine as reviews
from rules.errors import Violation
from rules.incentives.performance import SheetStatus
from rules.paths import PathCode
from rules.plans import (
    PLANS,
    TIER_UPGRADE,
    TIERS,
    MembershipState,
    Merits,
    Tier,
    TierRequirement,
    UpgradeState,
    check_upgrade,
    compute_higher_tiers,
    compute_performance_months,
    compute_tier_requirements,
)
from rules.policy import Policy
from rules.reviews import ReviewKind
from rules.sites import Site
from rules.specialists import BindingState

_ROLES = "select partner_id, paths from guard_validated_roles($1)"
_LEADING_UP = frozenset({PathCode.SOFTWARE, PathCode.SERVICE, PathCode.SI})


@dataclass(frozen=True, slots=True)
class Rising:
    """A member before the tiers above its own: what it has to show, and whether an application is in review."""

    merits: Merits = Merits()
    is_open: bool = False


async def rising_of(ctx: Context, rows: Iterable[PlanMembership], partners: dict[UUID, Partner]) -> dict[UUID, Rising]:
    """Those of the memberships whose members can rise, by their ids. Four statements, none where there are none."""
    able = [row for row in rows if row.state is MembershipState.JOINED and PLANS[row.plan].rises]
    if not able:
        return {}
    merits = await _merits(ctx, [partners[row.partner_id] for row in able])
    waiting = TierUpgrade.filter(membership_id__in=[row.id for row in able], state=UpgradeState.IN_REVIEW)
    opened = {row.membership_id for row in await waiting.only("membership_id")}
    return {row.id: Rising(merits[row.partner_id], row.id in opened) for row in able}


async def _merits(ctx: Context, partners: Sequence[Partner]) -> dict[UUID, Merits]:
    wanted = [row.id for row in partners]
    roles = {row["partner_id"]: row["paths"] for row in await db.fetch(_ROLES, wanted)}
    known = BindingState.SPECIALIST, BindingState.CANCEL_REVIEW
    bound = await SpecialistBinding.filter(partner_id__in=wanted, state__in=known).only("partner_id")
    people = [row.partner_id for row in bound]
    since = min(compute_performance_months(ctx.now, policy=ctx.policy_of(row))[0] for row in partners)
    rows = PerformanceSheet.filter(partner_id__in=wanted, status=SheetStatus.FINAL, period__gte=since)
    sheets = await rows.only("partner_id", "period", "currency", "total")
    return {
        row.id: Merits(
            role_validated=bool(_LEADING_UP & set(roles.get(row.id, ()))),
            performance=_performance(ctx, row, sheets),
            specialists=people.count(row.id),
        )
        for row in partners
    }


def _performance(ctx: Context, row: Partner, sheets: Sequence[PerformanceSheet]) -> int:
    """Whole units; what is left over below one does not count."""
    first, last = compute_performance_months(ctx.now, policy=ctx.policy_of(row))
    currency = Site(row.site).currency
    own = (one for one in sheets if one.partner_id == row.id and one.currency == currency)
    total: int = sum(one.total for one in own if first <= one.period <= last)
    return total // 100


def against_rising(
    row: PlanMembership, known: Rising | None, wanted: str, *, by_vendor: bool, policy: Policy
) -> list[Violation]:
    """What stands against an application of this member for the tier `wanted`."""
    known = known or Rising()
    return check_upgrade(
        row.state,
        PLANS[row.plan],
        row.tier,
        wanted,
        known.merits,
        is_open=known.is_open,
        by_vendor=by_vendor,
        policy=policy,
    )


def next_tier(row: PlanMembership, site: Site) -> str:
    """The tier that a member would apply for next; its own, or the site's highest, where there is none above."""
    higher = compute_higher_tiers(PLANS[row.plan], site, row.tier)
    return higher[0].code if higher else row.tier or TIERS[site][-1].code


@dataclass(frozen=True, slots=True)
class TierOffer:
    """A tier above a member's own: what it asks for, and what stands against applying for it now."""

    tier: Tier
    requirements: list[TierRequirement]
    reasons: list[Violation]


async def higher_tiers_of(ctx: Context, parents: Sequence[PlanMembership]) -> list[list[TierOffer]]:
    """The tiers above that of each membership, the next one first; none unless it is in force."""
    partners = {row.id: row for row in await Partner.filter(id__in={parent.partner_id for parent in parents})}
    known = await rising_of(ctx, parents, partners)
    return [
        _offers(parent, known[parent.id], ctx.policy_of(partners[parent.partner_id])) if parent.id in known else []
        for parent in parents
    ]


def _offers(row: PlanMembership, known: Rising, policy: Policy) -> list[TierOffer]:
    return [
        TierOffer(
            tier,
            compute_tier_requirements(policy.site, tier.code, known.merits, policy=policy),
            against_rising(row, known, tier.code, by_vendor=False, policy=policy),
        )
        for tier in compute_higher_tiers(PLANS[row.plan], policy.site, row.tier)
    ]


async def withdraw_upgrade(ctx: Context, upgrade: TierUpgrade) -> None:
    """Ends an application without a verdict; the caller has locked it, and declares `tier_upgrade.withdrawn`."""
    state = TIER_UPGRADE.after(upgrade.state, "withdraw")
    await reviews.withdraw(ctx, ReviewKind.PLAN_TIER, upgrade)
    await upgrade.change(now=ctx.now, state=state, ended_at=ctx.now)
    ctx.event("tier_upgrade.withdrawn", upgrade, partner_id=upgrade.partner_id, tier=upgrade.tier)
    ctx.effect("tier_upgrade.withdrawn", upgrade, tier=upgrade.tier)


async def end_upgrades(ctx: Context, membership: PlanMembership) -> None:
    """What waits for a verdict about a membership ends with it."""
    rows = TierUpgrade.filter(membership_id=membership.id, state=UpgradeState.IN_REVIEW)
    for upgrade in await rows.select_for_update():
        await withdraw_upgrade(ctx, upgrade)
