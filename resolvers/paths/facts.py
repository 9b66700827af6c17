"""What the rules ask of a partner that is on a path, or looks at one, gathered for many partners at once."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from tortoise.queryset import QuerySet

from core import db
from core.rows import read_counts
from models.capabilities import CapabilityApplication
from models.experts import ExpertQualification
from models.funds import MdfCase
from models.partners import Partner
from models.paths import PathEnrollment, PathRecord
from models.plans import PlanMembership
from models.solutions import Solution
from resolvers.context import Context
from rules.calendar import day_of
from rules.capabilities import CapabilityState, HeldLabel, compute_labels
from rules.experts import ExpertQualificationState
from rules.paths import (
    LIVE,
    PATHS,
    Achievements,
    PathCode,
    PathRecordKind,
    PathStage,
    PathState,
    Requirement,
    Ties,
    Traveller,
    compute_requirements,
    stage_of,
)
from rules.plans import MembershipState
from rules.policy import Policy
from rules.sites import Site
from rules.solutions import SolutionKind
from rules.specialists import CERTIFICATES, CertificateIssuer

_CERTIFICATIONS = "select partner_id, kind, held from guard_certifications($1, $2)"
_CERTIFICATES = "select partner_id, kind, held from guard_specialist_certificates($1, $2)"
_BINDING = frozenset(ExpertQualificationState) - {ExpertQualificationState.REJECTED}
_SIBLINGS = "select partner_id, paths from guard_sibling_paths($1)"


@dataclass(frozen=True, slots=True)
class Facts:
    """A partner before a path: what it may take, what it has achieved, what ties it."""

    traveller: Traveller
    achievements: Achievements
    ties: Ties

    def of(self, row: PathEnrollment) -> Achievements:
        """What has been achieved on this very path, its documents included."""
        return replace(self.achievements, case_materials=row.case_materials, business_plan=row.business_plan)


async def facts_of(ctx: Context, partners: Iterable[Partner]) -> dict[UUID, Facts]:
    """The facts of each of these partners by its id, in as many statements however many they are."""
    rows = {row.id: row for row in partners}
    wanted = list(rows)
    states: dict[UUID, dict[PathCode, PathState]] = {one: {} for one in wanted}
    for enrollment in await PathEnrollment.filter(partner_id__in=wanted, state__in=LIVE):
        states[enrollment.partner_id][enrollment.path] = enrollment.state
    siblings = {row["partner_id"]: row["paths"] for row in await db.fetch(_SIBLINGS, wanted)}
    records: dict[UUID, dict[PathRecordKind, int]] = {one: {} for one in wanted}
    for record in await PathRecord.filter(partner_id__in=wanted):
        records[record.partner_id][record.kind] = record.count
    valid = {(row["partner_id"], row["kind"]): row["held"] for row in await db.fetch(_CERTIFICATIONS, wanted, ctx.now)}
    labels, people = await labels_of(ctx, wanted), await _levels_of(ctx, rows)
    ties = await _ties_of(wanted)
    return {
        row.id: Facts(
            Traveller(row.admission_state, states[row.id], frozenset(map(PathCode, siblings.get(row.id, ())))),
            Achievements(
                certified_solutions=valid.get((row.id, SolutionKind.CLOUD_SOFTWARE.value), 0),
                advanced_solutions=valid.get((row.id, SolutionKind.ADVANCED.value), 0),
                labels=compute_labels(labels[row.id])[0],
                core_labels=compute_labels(labels[row.id])[1],
                certificates=people[row.id],
                records=records[row.id],
            ),
            Ties(
                **ties[row.id],
                records=records[row.id],
                stages=frozenset(stage for state in states[row.id].values() if (stage := stage_of(state))),
            ),
        )
        for row in rows.values()
    }


async def _ties_of(partner_ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """What binds each of these partners, by the names of `Ties`, as far as it is rows to be counted. One statement."""
    counted: dict[str, QuerySet[Any]] = {
        "joined_plans": PlanMembership.filter(state=MembershipState.JOINED),
        "solutions": Solution.filter(kind=SolutionKind.CLOUD_SOFTWARE),
        "advanced_solutions": Solution.filter(kind=SolutionKind.ADVANCED),
        "mdf_cases": MdfCase.filter(submitted_at__isnull=False),
        "experts": ExpertQualification.filter(state__in=_BINDING),
    }
    return await read_counts(partner_ids, {name: (rows, "partner_id") for name, rows in counted.items()})


async def _levels_of(ctx: Context, partners: Mapping[UUID, Partner]) -> dict[UUID, Counter[int]]:
    """How many of the vendor's certificates of each level these partners' project specialists hold. One statement."""
    found: dict[UUID, Counter[int]] = {one: Counter() for one in partners}
    days = [day_of(ctx.now, Site(partner.site)) for partner in partners.values()]
    for row in await db.fetch(_CERTIFICATES, list(partners), days):
        kind = CERTIFICATES.get(row["kind"])
        if kind is not None and kind.issuer is CertificateIssuer.VENDOR:
            found[row["partner_id"]][kind.level] += row["held"]
    return found


async def labels_of(ctx: Context, partner_ids: Iterable[UUID]) -> dict[UUID, list[HeldLabel]]:
    """The capability labels of these partners that are valid now. One statement."""
    found: dict[UUID, list[HeldLabel]] = {one: [] for one in partner_ids}
    passed = CapabilityApplication.filter(state=CapabilityState.PASSED, valid_until__gt=ctx.now)
    for row in await passed.filter(partner_id__in=list(found)):
        if row.valid_until is not None:
            found[row.partner_id].append(HeldLabel(row.level1, frozenset(row.level2), row.valid_until))
    return found


async def facts(ctx: Context, partner: Partner) -> Facts:
    """The facts of one partner."""
    return (await facts_of(ctx, [partner]))[partner.id]


def requirements_of(
    row: PathEnrollment, stage: PathStage, known: Facts, *, policy: Policy, **documents: str | None
) -> list[Requirement]:
    """What `stage` asks of the enrollment's partner; `documents` are those handed in just now."""
    has = known.of(row)
    has = replace(
        has,
        case_materials=documents.get("case_materials") or has.case_materials,
        business_plan=documents.get("business_plan") or has.business_plan,
    )
    return compute_requirements(PATHS[row.path], stage, has, policy=policy)


async def stages_of(partner_ids: Iterable[UUID]) -> Mapping[UUID, dict[PathCode, PathStage]]:
    """The stage on each path that these partners are on. One statement."""
    wanted = list(partner_ids)
    found: dict[UUID, dict[PathCode, PathStage]] = {one: {} for one in wanted}
    for row in await PathEnrollment.filter(partner_id__in=wanted, state__in=LIVE):
        stage = stage_of(row.state)
        if stage is not None:
            found[row.partner_id][row.path] = stage
    return found


async def enrolled_paths(partner_id: UUID) -> list[PathCode]:
    """The paths that the partner is on, in the order of the catalogue."""
    held = (await stages_of([partner_id]))[partner_id]
    return [path for path in PathCode if path in held]
