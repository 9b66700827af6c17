"""Reading opportunities: lists, what waits for the vendor's people, the timeline; what may be done with one now."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from core import db
from core.ids import filter_id, find_id
from models.customers import Customer
from models.opportunities import Offering, OfficeMember, Opportunity, OpportunityOffering, OpportunityUpdate, RepOffice
from models.partners import Partner
from resolvers.actions import ActionState, action
from resolvers.context import Context
from resolvers.customers.scope import visible_customers
from resolvers.opportunities.drafts import delete_opportunity_draft, save_opportunity_draft, submit_opportunity
from resolvers.opportunities.facts import ZONES, Known, gather, warnings_by_id
from resolvers.opportunities.progress import (
    cancel_opportunity,
    mark_opportunity_delivered,
    mark_opportunity_lost,
    mark_opportunity_signed,
    update_opportunity_progress,
)
from resolvers.opportunities.review import audit_opportunity, claim_opportunity, verify_opportunity
from resolvers.opportunities.scope import (
    visible_offerings,
    visible_opportunities,
    visible_updates,
    waiting_opportunities,
)
from resolvers.per_parent import may_read, newest_of
from resolvers.query import query
from resolvers.related import WHOLE, Selection, to_one
from rules.access import VENDOR_ROLES, Permission
from rules.opportunities import (
    Author,
    DuplicateMatch,
    Industry,
    OpportunityState,
    OpportunityWarning,
    Side,
    Track,
    check_auditor,
    check_author,
    check_claim,
    check_delete,
    check_edit,
    check_may_cancel,
    check_submission,
    check_turn,
)

SHOWN = 20
"""Newest entries of the timeline, and rivals, shown with an opportunity."""

_RIVALS = """
    select opportunity_id, rival_id from (
      select opportunity_id, rival_id,
        row_number() over (partition by opportunity_id order by confirmed desc, same_need desc, rival_id) as place
      from opportunity_rivals($1::uuid[], $2, $3::jsonb)) rival
    where place <= $4 order by place
"""


@dataclass(frozen=True, slots=True)
class OpportunityFilter:
    """Which of the opportunities; None for any."""

    states: tuple[OpportunityState, ...] | None = None
    customer_id: UUID | None = None
    office_id: UUID | None = None
    owner_user_id: UUID | None = None
    external_ref: str | None = None
    updated_from: datetime | None = None
    updated_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which of what waits; None for any. `by_profile`: of the tracks and industries of the actor's own profile."""

    tracks: tuple[Track, ...] | None = None
    industries: tuple[Industry, ...] | None = None
    claimed: bool | None = None
    by_profile: bool = False


@dataclass(frozen=True, slots=True)
class DuplicateCheck:
    """By what an opportunity repeats a verified one; never which, nor whose."""

    matches: tuple[DuplicateMatch, ...]

    @property
    def duplicate(self) -> bool:
        """Whether submitting it would be refused for that."""
        return bool(self.matches)


@query(permission=Permission.OPPORTUNITIES_READ)
def opportunities(ctx: Context, *, filter: OpportunityFilter = OpportunityFilter()) -> QuerySet[Opportunity]:
    """The opportunities that the actor sees."""
    wanted = {
        "state__in": filter.states,
        "customer_id": filter.customer_id,
        "rep_office_id": filter.office_id,
        "owner_user_id": filter.owner_user_id,
        "external_ref": filter.external_ref,
        "updated_at__gte": filter.updated_from,
        "updated_at__lt": filter.updated_before,
    }
    return visible_opportunities(ctx).filter(**{name: value for name, value in wanted.items() if value is not None})


@query(permission=Permission.OPPORTUNITIES_REVIEW)
async def opportunity_queue(ctx: Context, *, filter: QueueFilter = QueueFilter()) -> QuerySet[Opportunity]:
    """What waits for the actor: submitted ones of its partners to audit, those of its offices to verify; all for the
    vendor's administrator.
    """
    rows = (await waiting_opportunities(ctx)).filter(_of(filter.tracks, filter.industries))
    if filter.by_profile:
        rows = rows.filter(await _of_profile(ctx))
    return rows if filter.claimed is None else rows.filter(claimed_by__isnull=not filter.claimed)


def _of(tracks: Sequence[str] | None, industries: Sequence[str] | None) -> Q:
    """Those with one of the tracks and of one of the industries; an empty or missing choice takes all."""
    chosen = Q(industry__in=industries) if industries else Q()
    if not tracks:
        return chosen
    return chosen & Q(*(Q(need_tags__contains=[track]) for track in tracks), join_type=Q.OR)


async def _of_profile(ctx: Context) -> Q:
    """Those that suit the actor's profile at one of its offices."""
    profiles = await OfficeMember.filter(account_id=ctx.actor.account_id)
    suits = [Q(rep_office_id=one.office_id) & _of(one.tracks, one.industries) for one in profiles]
    return Q(*suits, join_type=Q.OR) if suits else Q(id__in=[])


@query(permission=Permission.OPPORTUNITIES_READ)
async def opportunity(ctx: Context, *, id: str | None = None, external_ref: str | None = None) -> Opportunity | None:
    """One opportunity by its id or by what the partner's own system calls it; None for one out of sight."""
    if id is not None:
        row_id = find_id(Opportunity.prefix, id)
        return None if row_id is None else await visible_opportunities(ctx).filter(id=row_id).first()
    if external_ref is None:
        return None
    return await visible_opportunities(ctx).filter(external_ref=external_ref).first()


@query(permission=Permission.OPPORTUNITIES_MANAGE)
async def opportunity_duplicates(ctx: Context, *, id: str) -> DuplicateCheck | None:
    """Whether an opportunity of the actor's repeats a verified one; None for one that it does not see."""
    row = await opportunity(ctx, id=id)
    return None if row is None else DuplicateCheck((await gather(ctx, [row]))[row.id].standing.duplicates)


@query(permission=Permission.OPPORTUNITIES_READ)
def opportunity_updates(ctx: Context, *, opportunity_id: str | None = None) -> QuerySet[OpportunityUpdate]:
    """The timeline of one opportunity, or what is new about all that the actor sees."""
    rows = visible_updates(ctx)
    if opportunity_id is None:
        return rows
    return rows.filter(opportunity_id=filter_id(Opportunity.prefix, opportunity_id))


async def updates_of(
    ctx: Context, rows: Sequence[Opportunity], *, selection: Selection = WHOLE
) -> list[list[OpportunityUpdate]]:
    """The newest entries of each timeline, newest first. One statement."""
    entries = OpportunityUpdate.all()
    return await newest_of(ctx, entries, "opportunity_id", rows, first=SHOWN, selection=selection)


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning by its code."""

    code: OpportunityWarning


async def warnings_of(ctx: Context, rows: Sequence[Opportunity]) -> list[list[Warned]]:
    """What the partner should know of each."""
    found = await warnings_by_id(ctx, rows)
    return [[Warned(code) for code in found[row.id]] for row in rows]


async def rivals_of(ctx: Context, rows: Sequence[Opportunity]) -> list[list[Opportunity] | None]:
    """For the vendor, the others about the same customer at the same time, likeliest first; None for a partner."""
    if not ctx.actor.roles & VENDOR_ROLES:
        return [None for _ in rows]
    pairs = await db.fetch(_RIVALS, [row.id for row in rows], ctx.now, ZONES, SHOWN)
    others = await Opportunity.in_bulk({pair["rival_id"] for pair in pairs}, "id")
    found: dict[UUID, list[Opportunity] | None] = defaultdict(list)
    for pair in pairs:
        found[pair["opportunity_id"]] += [others[pair["rival_id"]]]  # type: ignore[operator]
    return [found[row.id] for row in rows]


async def opportunities_of(
    ctx: Context, customers: Sequence[Customer], *, first: int, selection: Selection = WHOLE
) -> list[list[Opportunity]]:
    """For each customer the newest opportunities about it that the actor sees in the list. One statement."""
    if not may_read(ctx, opportunities):
        return [[] for _ in customers]
    return await newest_of(ctx, opportunities(ctx), "customer_id", customers, first=first, selection=selection)


partners_of = to_one("partner_id", Partner)
"""The partner of each."""


customers_of = to_one("customer_id", Customer, visible=visible_customers)
"""The customer of each that names one, as long as the actor sees it."""


offices_of = to_one("rep_office_id", RepOffice)
"""The office of each that has gone to one."""


async def offerings_of(ctx: Context, rows: Sequence[Opportunity]) -> list[list[Offering]]:
    """The offerings that each names, in its order."""
    links = await OpportunityOffering.filter(opportunity_id__in=[row.id for row in rows]).order_by("place", "id")
    ids = {link.offering_id for link in links}
    known = {row.id: row for row in await visible_offerings(ctx).filter(id__in=ids)} if ids else {}
    found: dict[UUID, list[Offering]] = defaultdict(list)
    for link in links:
        found[link.opportunity_id] += [known[link.offering_id]] if link.offering_id in known else []
    return [found[row.id] for row in rows]


async def opportunity_actions(ctx: Context, rows: Sequence[Opportunity]) -> list[list[ActionState]]:
    """What the actor may do with each now, by the guards of the commands."""
    known = await gather(ctx, rows)
    return [_actions(ctx, known[row.id]) for row in rows]


def _actions(ctx: Context, known: Known) -> list[ActionState]:
    row, own, author = known.opportunity, Author(Side.PARTNER), known.author
    claimed = row.claimed_by not in (None, ctx.actor.account_id)
    submission = check_submission(known.content, known.standing, policy=known.policy)
    return [
        action(ctx, "EDIT", save_opportunity_draft, check_edit(row.state)),
        action(ctx, "DELETE", delete_opportunity_draft, check_delete(row.state)),
        action(ctx, "SUBMIT", submit_opportunity, submission),
        action(ctx, "AUDIT", audit_opportunity, check_auditor(row.state, is_manager=known.is_manager)),
        action(ctx, "CLAIM", claim_opportunity, check_claim(known.verification, claimed_by_other=claimed, now=ctx.now)),
        action(ctx, "VERIFY", verify_opportunity, check_turn(known.verification, now=ctx.now)),
        action(ctx, "UPDATE", update_opportunity_progress, check_author(row.state, author, "update")),
        action(ctx, "SIGN", mark_opportunity_signed, check_author(row.state, own, "sign")),
        action(ctx, "DELIVER", mark_opportunity_delivered, check_author(row.state, own, "deliver")),
        action(ctx, "LOSE", mark_opportunity_lost, check_author(row.state, own, "lose")),
        action(ctx, "CANCEL", cancel_opportunity, check_may_cancel(row.state, author)),
    ]
