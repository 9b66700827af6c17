"""Sharing certifications between the accounts of one company: a reference, which lapses with its source."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core import db
from models.partners import Partner
from models.solutions import SolutionShare
from resolvers.command import command
from resolvers.context import Context, Somebody
from resolvers.paths.certifying import follow_achievements
from resolvers.paths.facts import stages_of
from resolvers.query import query
from rules.access import Permission
from rules.errors import ErrorCode, require
from rules.paths import PathCode
from rules.solutions import Sharable, SolutionKind, check_share

_OFFERED = "select solution_id, kind, name, partner_name, valid_until from guard_sharable_certifications($1, $2)"
_ONE = "select same_company, valid, kind, name, partner_id from guard_certification($1, $2, $3)"


@dataclass(frozen=True, slots=True)
class SharableCertification:
    """A valid certification of another account of the company."""

    solution_id: UUID
    kind: SolutionKind
    name: str
    partner_name: str
    valid_until: datetime


@query(permission=Permission.SOLUTIONS_READ)
async def sharable_certifications(ctx: Context) -> Sequence[SharableCertification]:
    """The valid certifications of the company's other accounts that the acting partner has not shared yet."""
    if ctx.actor.partner_id is None:
        return []
    rows = await db.fetch(_OFFERED, ctx.actor.partner_id, ctx.now)
    return [
        SharableCertification(
            row["solution_id"], SolutionKind(row["kind"]), row["name"], row["partner_name"], row["valid_until"]
        )
        for row in rows
    ]


@command(
    permission=Permission.SOLUTIONS_SHARE,
    refuses=(
        ErrorCode.NO_SHARABLE_CERTIFICATION,
        ErrorCode.NOT_SAME_COMPANY,
        ErrorCode.SOFTWARE_PATH_REQUIRED,
        ErrorCode.ALREADY_CERTIFIED,
    ),
    emits=("certification.shared", "path.certified", "path.differentiated"),
)
async def share_certification(ctx: Context, *, solution_id: UUID) -> SolutionShare:
    """Lets your account rest on a certification that another account of your company holds; it is told. The share holds
    as long as the certification does.
    """
    own = await Partner.filter(id=ctx.actor.partner_id).select_for_update().get()
    row = await db.fetch_one(_ONE, own.id, solution_id, ctx.now)
    found = None if row is None else Sharable(row["same_company"], row["valid"], SolutionKind(row["kind"]))
    stage = (await stages_of([own.id]))[own.id].get(PathCode.SOFTWARE)
    shared = await SolutionShare.filter(partner_id=own.id, solution_id=solution_id).exists()
    require(check_share(found, stage, shared=shared))
    assert row is not None
    share = await SolutionShare.create(
        solution_id=solution_id,
        partner_id=own.id,
        source_partner_id=row["partner_id"],
        solution_name=row["name"],
        shared_at=ctx.now,
        shared_by=ctx.actor.account_id,
    )
    for partner_id in (own.id, row["partner_id"]):
        ctx.event("certification.shared", share, partner_id=partner_id)
    ctx.effect("certification.shared", share)
    source = Somebody(Partner, row["partner_id"])
    ctx.notify("certification_shared", source, about=share, names={"partner": own}, facts={"solution": row["name"]})
    await follow_achievements(ctx, own)
    return share
