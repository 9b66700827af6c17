"""Lists of experts: made once for each scheme, month and partner, by the clock or at the partner's request."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.expressions import Q

from core import db
from core.scope import EVERYTHING
from models.experts import Expert, ExpertIncentive, ExpertIncentiveLine, ExpertQualification
from models.partners import Partner
from models.schedules import calendar_entries
from resolvers.command import Key, command
from resolvers.context import Context
from resolvers.experts.entering import persons_of
from resolvers.experts.scope import is_qualified, lock_partner, scheme_at, stage_for
from resolvers.experts.telling import happened, told_of
from rules.access import Permission
from rules.calendar import Deadline
from rules.errors import ErrorCode, require
from rules.experts import (
    SCHEMES,
    ExpertIncentiveStatus,
    ExpertQualificationState,
    ExpertScheme,
    ExpertSchemeCode,
    ListTotal,
    Place,
    can_be_listed,
    check_person,
    check_recount,
    check_request,
    check_stage_of,
    compute_last_generation,
    compute_list_deadline,
    compute_list_total,
    compute_materials_deadline,
    period_of,
    schemes_of,
)
from rules.paths import PathStage
from rules.sites import Site

BATCH = 500
S = ExpertIncentiveStatus
_PLACES = "select account_id, scheme, period from guard_expert_places($1, $2, $3)"


async def due_generations(ctx: Context, *, without: Sequence[UUID] = ()) -> list[UUID]:
    """Qualifications for whose present month no list was made yet, none of those `without`."""
    found: list[UUID] = []
    async with db.read(EVERYTHING):
        for site in Site:
            policy = ctx.policies.at(site, ctx.now)
            for scheme in schemes_of(site):
                last = compute_last_generation(scheme, ctx.now, policy=policy)
                if last is None:
                    continue
                rows = ExpertQualification.filter(
                    Q(last_period__isnull=True) | Q(last_period__lt=period_of(last)),
                    state=ExpertQualificationState.QUALIFIED,
                    scheme=scheme.code,
                    qualified_at__lt=last,
                    partner__site=site,
                )
                found += [
                    row.id for row in await rows.exclude(id__in=list(without)).order_by("id").limit(BATCH).only("id")
                ]
    return found


@command(
    permission=Permission.RUN_SCHEDULES,
    emits=("expert_incentive.generated",),
    key=Key.OPTIONAL,
    as_system=True,
)
async def generate_expert_incentive(ctx: Context, *, qualification_id: UUID) -> ExpertIncentive | None:
    """Makes a partner's list of the present month and tells the partner; None when it was made, or nobody is on it."""
    asked = await ExpertQualification.get(id=qualification_id)
    own = await lock_partner(asked.partner_id)
    row = await ExpertQualification.filter(id=qualification_id).select_for_update().get()
    scheme = SCHEMES[row.scheme]
    last = compute_last_generation(scheme, ctx.now, policy=ctx.policy_of(own))
    if last is None or row.qualified_at is None or row.qualified_at >= last:
        return None
    period = period_of(last)
    if row.last_period is not None and row.last_period >= period:
        return None
    await row.change(now=ctx.now, last_period=period)
    counted = await count(ctx, own, scheme, period, await stage_for(own, scheme), entered_before=last)
    if not counted.experts:
        return None
    made = await _make(ctx, own, scheme, period, counted)
    ctx.notify("expert_list_pending", own, about=made, facts=told_of(made), instants={"deadline": made.deadline})
    return made


@command(
    permission=Permission.EXPERTS_CONFIRM,
    refuses=(
        ErrorCode.EXPERT_QUALIFICATION_REQUIRED,
        ErrorCode.STAGE_TOO_LOW,
        ErrorCode.EXPERT_LIST_GENERATED,
        ErrorCode.EXPERT_LIST_THERE,
        ErrorCode.EXPERT_LIST_EMPTY,
    ),
    emits=("expert_incentive.generated",),
)
async def request_expert_incentive(ctx: Context, *, scheme: ExpertSchemeCode) -> ExpertIncentive:
    """Asks for the present month's list of a scheme whose lists are not generated, once a month. By asking you confirm
    it; the materials come next.
    """
    own = await lock_partner(ctx.actor.partner_id)
    asked, period = scheme_at(own, scheme), period_of(ctx.now)
    there = await ExpertIncentive.filter(partner_id=own.id, scheme=scheme, period=period).only("id").first()
    stage = await stage_for(own, asked)
    counted = await count(ctx, own, asked, period, stage, without=None if there is None else there.id)
    against = check_request(asked, stage, qualified=await is_qualified(own, scheme), there=there is not None)
    require(against + check_recount(counted.total))
    return await _make(ctx, own, asked, period, counted)


@dataclass(frozen=True, slots=True)
class Counted:
    """The experts on a list, and what they come to."""

    scheme: ExpertScheme
    site: Site
    experts: Sequence[Expert]

    @property
    def total(self) -> ListTotal:
        """Heads and sum."""
        return compute_list_total(self.scheme, [one.level for one in self.experts], self.site)

    def lines(self, row: ExpertIncentive) -> list[ExpertIncentiveLine]:
        """The lines of the list."""
        amounts = self.scheme.amounts[self.site]
        return [
            ExpertIncentiveLine(
                partner_id=row.partner_id,
                incentive_id=row.id,
                expert_id=one.id,
                account_id=one.account_id,
                masked_name=one.masked_name,
                level=one.level,
                amount=amounts[one.level],
                currency=row.currency,
            )
            for one in self.experts
        ]


async def count(
    ctx: Context,
    own: Partner,
    scheme: ExpertScheme,
    period: str,
    stage: PathStage | None,
    *,
    entered_before: datetime | None = None,
    without: UUID | None = None,
) -> Counted:
    """The partner's experts of a scheme who meet its conditions now, locked: nobody is entered elsewhere before this
    list can be seen. Nobody while the partner's `stage` is too low.

    `without` is the list that is there, or is made anew: its own places stand in nobody's way.
    """
    site = Site(own.site)
    entered = Expert.filter(partner_id=own.id, scheme=scheme.code, ended_at=None).order_by("id")
    if entered_before is not None:
        entered = entered.filter(entered_at__lt=entered_before)
    if check_stage_of(scheme, stage):
        return Counted(scheme, site, [])
    rows = await entered.select_for_update(no_key=True).prefetch_related("binding")
    persons = await persons_of(ctx, own, [(row.binding, row.assessed) for row in rows])
    places = await _places_of(ctx, rows, without)
    fit = [
        row
        for row, person in zip(rows, persons, strict=True)
        if not check_person(scheme, person, now=ctx.now, site=site)
        and can_be_listed(scheme, person.cloud_since, places[row.account_id], period)
    ]
    return Counted(scheme, site, fit)


async def _places_of(ctx: Context, rows: Sequence[Expert], without: UUID | None) -> dict[UUID, list[Place]]:
    """On which lists these persons are, other partners' too, by account. One statement, none for nobody."""
    found: dict[UUID, list[Place]] = {row.account_id: [] for row in rows}
    for place in await db.fetch(_PLACES, list(found), ctx.now, without) if rows else ():
        found[place["account_id"]].append(Place(ExpertSchemeCode(place["scheme"]), place["period"]))
    return found


async def time_for(ctx: Context, own: Partner, scheme: ExpertScheme) -> tuple[ExpertIncentiveStatus, Deadline]:
    """What a list that is made now waits for, and until when."""
    policy, entries = ctx.policy_of(own), await calendar_entries(Site(own.site))
    deadline = compute_list_deadline(scheme, ctx.now, policy=policy, entries=entries)
    if deadline is not None:
        return S.PENDING_CONFIRM, deadline
    return S.WAIT_MATERIALS, compute_materials_deadline(ctx.now, policy=policy, entries=entries)


async def _make(ctx: Context, own: Partner, scheme: ExpertScheme, period: str, counted: Counted) -> ExpertIncentive:
    status, deadline = await time_for(ctx, own, scheme)
    asked, total = status is S.WAIT_MATERIALS, counted.total
    row = await ExpertIncentive.insert(
        now=ctx.now,
        partner_id=own.id,
        site=own.site,
        scheme=scheme.code,
        period=period,
        currency=counted.site.currency,
        head_count=total.heads,
        amount=total.amount,
        generated_at=ctx.now,
        status=status,
        waits_since=ctx.now,
        deadline=deadline.at,
        deadline_provisional=deadline.provisional,
        confirmed_at=ctx.now if asked else None,
        confirmed_by=ctx.actor.account_id if asked else None,
    )
    await ExpertIncentiveLine.bulk_create(counted.lines(row))
    happened(ctx, "expert_incentive.generated", row)
    ctx.effect("expert_incentive.generated", row, money=(row.amount, row.currency))
    return row
