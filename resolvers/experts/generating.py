"""Lists of experts: made once for each scheme, month and partner, by the clock or at the partner's request."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
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
from resolvers.experts.scope import lock_partner, scheme_at
from resolvers.experts.telling import happened, told_of
from resolvers.paths.facts import stages_of
from rules.access import Permission
from rules.calendar import Deadline
from rules.errors import ErrorCode, Violation, require
from rules.experts import (
    SCHEMES,
    ExpertIncentiveStatus,
    ExpertQualificationState,
    ExpertScheme,
    ExpertSchemeCode,
    Person,
    check_person,
    check_recount,
    check_request,
    check_stage_of,
    compute_grants_left,
    compute_last_generation,
    compute_list_deadline,
    compute_list_total,
    compute_materials_deadline,
    period_of,
)
from rules.sites import Site

BATCH = 500
S = ExpertIncentiveStatus


async def due_generations(ctx: Context, *, without: Sequence[UUID] = ()) -> list[UUID]:
    """Qualifications for whose present month no list was made yet, none of those `without`."""
    found: list[UUID] = []
    async with db.read(EVERYTHING):
        for site in Site:
            for scheme in SCHEMES.values():
                last = compute_last_generation(scheme, ctx.now, policy=ctx.policies.at(site, ctx.now))
                if last is None or site not in scheme.amounts:
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
    counted = await count(ctx, own, scheme, period, entered_before=last)
    if not counted:
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
    there = await ExpertIncentive.exists(partner_id=own.id, scheme=scheme, period=period)
    stage = (await stages_of([own.id]))[own.id].get(asked.path)
    against = check_request(asked, there=there) + check_stage_of(asked, stage)
    qualified = ExpertQualification.filter(partner_id=own.id, scheme=scheme, state=ExpertQualificationState.QUALIFIED)
    if not await qualified.exists():
        against.append(Violation(ErrorCode.EXPERT_QUALIFICATION_REQUIRED, rule="experts.qualified"))
    counted = await count(ctx, own, asked, period)
    require(against + check_recount(counted.total))
    return await _make(ctx, own, asked, period, counted)


@dataclass(frozen=True, slots=True)
class Counted:
    """The experts on a list, and what they come to."""

    scheme: ExpertScheme
    site: Site
    experts: Sequence[Expert]

    def __bool__(self) -> bool:
        return bool(self.experts)

    @property
    def total(self) -> Any:
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
    *,
    entered_before: datetime | None = None,
    without: UUID | None = None,
) -> Counted:
    """The partner's experts of a scheme who meet its conditions now; nobody while the partner's stage is too low.

    `without` is the list that is made anew: what it grants does not count against the months of a year.
    """
    site = Site(own.site)
    stage = (await stages_of([own.id]))[own.id].get(scheme.path)
    entered = Expert.filter(partner_id=own.id, scheme=scheme.code, ended_at=None)
    if entered_before is not None:
        entered = entered.filter(entered_at__lt=entered_before)
    rows = [] if check_stage_of(scheme, stage) else await entered.order_by("id").prefetch_related("binding")
    persons = await persons_of(ctx, own, [(row.binding, row.assessed) for row in rows])
    granted = await _granted(rows, without)
    fit = [
        row
        for row, person in zip(rows, persons, strict=True)
        if not check_person(scheme, person, now=ctx.now, site=site)
        and _has_months_left(scheme, person, granted.get(row.account_id, []), period)
    ]
    return Counted(scheme, site, fit)


def _has_months_left(scheme: ExpertScheme, person: Person, granted: Sequence[str], period: str) -> bool:
    left = compute_grants_left(scheme, person.cloud_since, granted, period)
    return left is None or left > 0


async def _granted(rows: Sequence[Expert], without: UUID | None) -> dict[UUID, list[str]]:
    """The months of the lists that these persons are on, expired ones left out, by account. One statement."""
    lines = ExpertIncentiveLine.filter(account_id__in=[row.account_id for row in rows])
    alive = lines.exclude(incentive__status=S.EXPIRED).prefetch_related("incentive")
    found: dict[UUID, list[str]] = {}
    for line in await alive:
        if line.incentive_id != without:
            found.setdefault(line.account_id, []).append(line.incentive.period)
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
