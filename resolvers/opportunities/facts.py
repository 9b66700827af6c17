"""What the rules of opportunities need to know, gathered for any number of them at once."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import orjson

from core import db
from core.rows import read_rows
from models.opportunities import OfferingVersion, Opportunity, OpportunityOffering
from models.partners import Partner
from models.plans import PlanMembership
from resolvers.context import Context
from resolvers.opportunities.scope import duties
from rules.access import Role
from rules.calendar import day_of
from rules.opportunities import (
    Audit,
    Author,
    Content,
    DuplicateMatch,
    NamedOffering,
    OfferingLead,
    OfficeDuty,
    OpportunityWarning,
    Side,
    Standing,
    Validity,
    Verification,
    compute_covering_regions,
    compute_warnings,
)
from rules.plans import MembershipState, PlanCode
from rules.policy import Policy
from rules.sites import Site

ZONES = orjson.dumps({site.value: site.zone.key for site in Site}).decode()
"""Where the days of each site begin, for the database."""

_GUARDED = "select opportunity_id, duplicates, has_account from guard_opportunities($1::uuid[], $2, $3::jsonb)"
_ROUTES = """
    select r.site, r.region, r.office_id, exists (
      select from office_member m join account a on a.id = m.account_id
      where m.office_id = r.office_id and m.duty = 'PSM' and a.status = 'ACTIVE' and a.roles ? 'PSM') as staffed
    from office_region r join unnest($1::text[], $2::text[]) as asked (site, region) using (site, region)
"""


@dataclass(frozen=True, slots=True)
class Route:
    """The office that a region leads to, and whether a partner sales manager sits there."""

    office_id: UUID
    staffed: bool


@dataclass(frozen=True, slots=True)
class Known:
    """An opportunity with everything its rules ask for."""

    opportunity: Opportunity
    partner: Partner
    policy: Policy
    content: Content
    standing: Standing
    has_account: bool
    duty: OfficeDuty | None
    side: Side
    is_manager: bool
    route: Route | None

    @property
    def warnings(self) -> list[OpportunityWarning]:
        """What the partner should know about it."""
        return _warnings(self.opportunity, len(self.content.offerings), self.has_account)

    @property
    def audit(self) -> Audit:
        """As the audit's rules take it."""
        staffed = self.route is not None and self.route.staffed
        return Audit(self.opportunity.state, self.is_manager, self.standing.in_plan, staffed, self.content)

    @property
    def verification(self) -> Verification:
        """As the verification's rules take it."""
        row = self.opportunity
        return Verification(row.state, self.duty, row.deadline, self.standing.duplicates)

    @property
    def author(self) -> Author:
        """Who acts on it."""
        return Author(self.side, self.duty, self.is_manager)


def _warnings(row: Opportunity, offerings: int, has_account: bool) -> list[OpportunityWarning]:
    business = row.vendor_business or bool(offerings or row.cloud_services)
    return compute_warnings(has_account=has_account, offerings=offerings, vendor_business=business)


async def warnings_by_id(ctx: Context, rows: Sequence[Opportunity]) -> dict[UUID, list[OpportunityWarning]]:
    """Opportunity id → its warnings, for those who ask for nothing else. Two statements."""
    links = OpportunityOffering.filter(opportunity_id__in=[row.id for row in rows])
    named = Counter(link[0] for link in await links.values_list("opportunity_id"))
    guarded = await _guarded(ctx, rows)
    return {row.id: _warnings(row, named[row.id], row.id in guarded and guarded[row.id][1]) for row in rows}


def side_of(ctx: Context) -> Side:
    """On which side the actor stands."""
    if Role.SYSTEM in ctx.actor.roles:
        return Side.SYSTEM
    return Side.VENDOR if ctx.actor.partner_id is None else Side.PARTNER


async def gather(ctx: Context, rows: Sequence[Opportunity]) -> dict[UUID, Known]:
    """Opportunity id → what is known of it. Seven statements at most, however many opportunities."""
    if not rows:
        return {}
    partners = {row.id: row for row in await Partner.filter(id__in={row.partner_id for row in rows})}
    in_plan = await partners_in_plan(list(partners))
    offerings = await _offerings(rows)
    guarded = await _guarded(ctx, rows)
    held, routes = await duties(ctx), await _routes(ctx, rows)
    known = {}
    for row in rows:
        partner, site = partners[row.partner_id], Site(row.site)
        matches, has_account = guarded.get(row.id, ((), False))
        known[row.id] = Known(
            opportunity=row,
            partner=partner,
            policy=ctx.policies.at(site, ctx.now),
            content=_content(row, _named(row, offerings[row.id], day_of(ctx.now, site)), day_of(ctx.now, site)),
            standing=Standing(row.state, row.partner_id in in_plan, matches),
            has_account=has_account,
            duty=None if row.rep_office_id is None else held.get(row.rep_office_id),
            side=side_of(ctx),
            is_manager=_is_manager(ctx, partner),
            route=_nearest(routes, row),
        )
    return known


async def known_of(ctx: Context, row: Opportunity) -> Known:
    """What is known of one."""
    return (await gather(ctx, [row]))[row.id]


def _is_manager(ctx: Context, partner: Partner) -> bool:
    return Role.ECO_MANAGER in ctx.actor.roles and partner.eco_manager_id in (None, ctx.actor.account_id)


async def partners_in_plan(partner_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the partners that are in the co-sell plan."""
    rows = PlanMembership.filter(partner_id__in=partner_ids, plan=PlanCode.CO_SELL, state=MembershipState.JOINED)
    found = await read_rows(rows, sort=(), limit=len(partner_ids), names=("id", "partner_id"))
    return {row.partner_id for row in found}


@dataclass(frozen=True, slots=True)
class _Link:
    """A named offering: its id, whose it is, and its versions."""

    offering_id: UUID
    lead: OfferingLead
    owner_id: UUID | None
    versions: Sequence[OfferingVersion]


async def _offerings(rows: Sequence[Opportunity]) -> dict[UUID, list[_Link]]:
    """Opportunity id → the offerings it names, in their order. Two statements."""
    links = OpportunityOffering.filter(opportunity_id__in=[row.id for row in rows]).select_related("offering")
    chosen = await links.order_by("place", "id")
    versions = await versions_of({link.offering_id for link in chosen})
    found: dict[UUID, list[_Link]] = defaultdict(list)
    for link in chosen:
        offering = link.offering
        found[link.opportunity_id].append(
            _Link(link.offering_id, offering.lead, offering.owner_partner_id, versions[link.offering_id])
        )
    return found


async def versions_of(offering_ids: set[UUID]) -> dict[UUID, list[OfferingVersion]]:
    """Offering id → its versions, oldest first."""
    found: dict[UUID, list[OfferingVersion]] = defaultdict(list)
    if offering_ids:
        for version in await OfferingVersion.filter(offering_id__in=offering_ids).order_by("number"):
            found[version.offering_id].append(version)
    return found


def holding(versions: Sequence[OfferingVersion], day: date) -> OfferingVersion | None:
    """The version that holds on a day."""
    return next((one for one in versions if Validity(one.begins_on, one.ends_on).holds(day)), None)


def _named(row: Opportunity, links: Sequence[_Link], today: date) -> tuple[NamedOffering, ...]:
    return tuple(
        NamedOffering(
            own=link.owner_id == row.partner_id,
            vendor_led=link.lead is OfferingLead.VENDOR,
            holds=holding(link.versions, today) is not None,
        )
        for link in links
    )


async def _guarded(ctx: Context, rows: Sequence[Opportunity]) -> dict[UUID, tuple[tuple[DuplicateMatch, ...], bool]]:
    """What others' rows say of these: duplicates among the verified, and whether the customer has an account."""
    found = await db.fetch(_GUARDED, [row.id for row in rows], ctx.now, ZONES)
    return {
        row["opportunity_id"]: (tuple(DuplicateMatch(match) for match in row["duplicates"]), row["has_account"])
        for row in found
    }


async def _routes(ctx: Context, rows: Sequence[Opportunity]) -> dict[tuple[str, str], Route]:
    """(site, region) → the office that covers it; asked for the audit only, so only for the vendor."""
    if side_of(ctx) is not Side.VENDOR:
        return {}
    asked = {
        (row.site, region)
        for row in rows
        if row.customer_region
        for region in compute_covering_regions(row.customer_region, Site(row.site))
    }
    found = await db.fetch(_ROUTES, [site for site, _ in asked], [region for _, region in asked])
    return {(row["site"], row["region"]): Route(row["office_id"], row["staffed"]) for row in found}


def _nearest(routes: dict[tuple[str, str], Route], row: Opportunity) -> Route | None:
    regions = compute_covering_regions(row.customer_region, Site(row.site)) if row.customer_region else ()
    return next((routes[row.site, region] for region in regions if (row.site, region) in routes), None)


def _content(row: Opportunity, offerings: tuple[NamedOffering, ...], today: date) -> Content:
    return Content(
        today=today,
        required={
            "name": row.name,
            "customerCompany": row.customer_company,
            "customerRegion": row.customer_region,
            "industry": row.industry,
            "expectedRevenue": row.expected_revenue_minor is not None,
            "expectedSignOn": row.expected_sign_on,
            "expectedDeliveryOn": row.expected_delivery_on,
            "preSales": row.pre_sales,
            "contactName": row.contact_name,
            "contactTitle": row.contact_title,
            "partnerContactName": row.partner_contact_name,
            "partnerContactMobile": row.partner_contact_mobile,
            "partnerContactEmail": row.partner_contact_email,
        },
        described={
            "budget": row.budget,
            "authority": row.authority,
            "need": row.need,
            "timeline": row.timeline,
        },
        has_contact=bool(row.contact_mobile or row.contact_email),
        revenue_minor=row.expected_revenue_minor,
        solution=row.solution_description,
        offerings=offerings,
        cloud_services=len(row.cloud_services),
        expected_sign_on=row.expected_sign_on,
        expected_delivery_on=row.expected_delivery_on,
        consent_confirmed=row.consent_confirmed,
        consent_statement=row.consent_statement,
    )
