"""The persons for whom the vendor pays: entered and removed by its operations, and what is known of each today."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from tortoise.expressions import Q

from models.experts import Expert
from models.partners import Partner
from models.specialists import SpecialistApplication, SpecialistBinding, SpecialistCertificate, SpecialistProfile
from resolvers.command import command, expect_version
from resolvers.context import Context
from resolvers.experts.scope import access_expert, is_qualified, lock_partner, scheme_at
from resolvers.experts.telling import title_of
from rules.access import Permission
from rules.calendar import day_of
from rules.errors import ErrorCode, refuse, require
from rules.experts import (
    ExpertLevel,
    ExpertSchemeCode,
    Person,
    Taken,
    check_entry,
    check_person,
    check_removal,
)
from rules.paths import PathCode
from rules.sites import Site

E = ErrorCode
_LEFT = "no longer bound to the partner"


@command(
    permission=Permission.EXPERTS_ENTER,
    refuses=(
        E.SPECIALIST_REQUIRED,
        E.EXPERT_NOT_CERTIFIED,
        E.EXPERT_POSITION_REQUIRED,
        E.EXPERT_CLOUD_TIME,
        E.EXPERT_QUALIFICATION_REQUIRED,
        E.EXPERT_ENTERED,
        E.PERSON_IN_OTHER_SCHEME,
        E.REQUIRED,
        E.PROJECT_ALREADY_USED,
    ),
    emits=("expert.entered", "expert.removed"),
)
async def enter_expert(
    ctx: Context,
    *,
    binding_id: UUID,
    scheme: ExpertSchemeCode,
    level: ExpertLevel,
    assessed: bool = False,
    project: str | None = None,
) -> Expert:
    """Enters a partner's project specialist as an expert of a scheme; from then on the person is on each month's list
    for which it meets the conditions. A person is in one scheme at a time, and a project is one person's.
    """
    found = await SpecialistBinding.get_or_none(id=binding_id)
    if found is None:
        raise refuse(E.NOT_FOUND, "input", "bindingId")
    own = await lock_partner(found.partner_id)
    asked = scheme_at(own, scheme)
    binding = await SpecialistBinding.get(id=binding_id)
    project = project.strip() or None if project else None
    entered = await _end_left(ctx, binding)
    [person] = await persons_of(ctx, own, [(binding, assessed)])
    require(
        check_entry(
            asked,
            Taken([row.scheme for row in entered], await _is_anothers(project, binding)),
            qualified=await is_qualified(own, scheme),
            project=project,
        )
        + check_person(asked, person, now=ctx.now, site=Site(own.site))
    )
    row = await Expert.insert(
        now=ctx.now,
        partner_id=own.id,
        binding_id=binding.id,
        account_id=binding.account_id,
        masked_name=binding.masked_name,
        scheme=scheme,
        level=level,
        assessed=assessed,
        project=project,
        entered_at=ctx.now,
        entered_by=ctx.actor.account_id,
    )
    ctx.event("expert.entered", row, partner_id=own.id, scheme=scheme.value, level=level.value)
    ctx.effect("expert.entered", row)
    ctx.notify("expert_entered", own, about=row, names={"person": row}, facts={"scheme": title_of(scheme)})
    return row


async def _is_anothers(project: str | None, binding: SpecialistBinding) -> bool:
    others = Expert.filter(partner_id=binding.partner_id, project=project).exclude(account_id=binding.account_id)
    return project is not None and await others.exists()


async def _end_left(ctx: Context, binding: SpecialistBinding) -> list[Expert]:
    """As what the person is entered now, locked: an entry with a partner that it has left since keeps nobody from
    entering it here.
    """
    entered = Expert.filter(account_id=binding.account_id, ended_at=None).order_by("id")
    staying = []
    for row in await entered.select_for_update().prefetch_related("binding"):
        if row.binding.unbound_at is None:
            staying.append(row)
            continue
        await row.change(now=ctx.now, ended_at=ctx.now, reason=_LEFT)
        ctx.event("expert.removed", row, partner_id=row.partner_id, scheme=row.scheme.value)
        ctx.effect("expert.removed", row)
    return staying


@command(
    permission=Permission.EXPERTS_ENTER,
    refuses=(E.STATE_CONFLICT, E.REASON_REQUIRED),
    emits=("expert.removed",),
)
async def remove_expert(ctx: Context, *, expert_id: UUID, reason: str, expected_version: int | None = None) -> Expert:
    """Ends a person's entry: it is on no further list. Lists that are there stay as they are."""
    own, row = await access_expert(ctx, expert_id)
    expect_version(row, expected_version)
    require(check_removal(row.ended_at, reason))
    await row.change(now=ctx.now, ended_at=ctx.now, reason=reason.strip())
    ctx.event("expert.removed", row, partner_id=own.id, scheme=row.scheme.value)
    ctx.effect("expert.removed", row)
    facts: dict[str, str | Mapping[str, str]] = {"scheme": title_of(row.scheme), "reason": reason.strip()}
    ctx.notify("expert_removed", own, about=row, names={"person": row}, facts=facts)
    return row


async def persons_of(ctx: Context, own: Partner, asked: Sequence[tuple[SpecialistBinding, bool]]) -> list[Person]:
    """What is known today of the persons bound, each with whether the vendor has assessed it. Three statements, none
    for nobody.
    """
    if not asked:
        return []
    paths = await _paths_of([binding.id for binding, _ in asked])
    accounts = [binding.account_id for binding, _ in asked]
    today = day_of(ctx.now, Site(own.site))
    profiles = {row.account_id: row for row in await SpecialistProfile.filter(account_id__in=accounts)}
    valid = SpecialistCertificate.filter(Q(expires_on__isnull=True) | Q(expires_on__gte=today), removed_at=None)
    kinds: dict[UUID, set[str]] = {}
    for row in await valid.filter(account_id__in=accounts):
        kinds.setdefault(row.account_id, set()).add(row.kind)
    return [
        Person(
            state=binding.state,
            path=paths.get(binding.id),
            certificates=frozenset(kinds.get(binding.account_id, ())),
            assessed=assessed,
            position=None if profile is None else profile.position,
            cloud_since=None if profile is None else profile.cloud_since,
        )
        for binding, assessed in asked
        for profile in [profiles.get(binding.account_id)]
    ]


async def _paths_of(bindings: Sequence[UUID]) -> dict[UUID, PathCode]:
    """The path of each binding's newest application: as long as its person is a specialist, of the approved one."""
    rows = SpecialistApplication.filter(binding_id__in=bindings).order_by("id").only("id", "binding_id", "path")
    return {row.binding_id: row.path for row in await rows}
