"""Who of the vendor looks after a partner, shown on the partner's home page; and the tags it finds it by."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict, Unpack
from uuid import UUID

from core import db
from models.accounts import Account
from models.opportunities import RepOffice
from models.partners import Partner
from resolvers.command import command, expect_version
from resolvers.context import Context
from resolvers.partners.scope import access_partner, is_inside
from rules.access import Permission, Role, may
from rules.accounts import AccountKind, AccountStatus
from rules.errors import ErrorCode, Violation, require
from rules.partners import check_assignment
from rules.partners.tags import check_tags, compute_tags

_MANAGERS = "select account_id, full_name, mobile, email from guard_managers($1)"


@dataclass(frozen=True, slots=True)
class EcoManager:
    """The ecosystem manager in charge, with contacts at work."""

    name: str
    mobile: str | None
    email: str | None


async def managers_of(ctx: Context, parents: Sequence[Partner]) -> list[EcoManager | None]:
    """The manager of each partner; None without one, and for its customers. One statement."""
    wanted = [parent.eco_manager_id if is_inside(ctx, parent) else None for parent in parents]
    ids = [one for one in wanted if one is not None]
    rows = await db.fetch(_MANAGERS, ids) if ids else []
    found = {row["account_id"]: EcoManager(row["full_name"], row["mobile"], row["email"]) for row in rows}
    return [None if one is None else found.get(one) for one in wanted]


async def offices_of(ctx: Context, parents: Sequence[Partner]) -> list[RepOffice | None]:
    """The representative office in charge of each partner; None for its customers."""
    ids = {parent.office_id for parent in parents if parent.office_id is not None}
    found = {office.id: office for office in await RepOffice.filter(id__in=ids)} if ids else {}
    return [
        found.get(parent.office_id) if parent.office_id is not None and is_inside(ctx, parent) else None
        for parent in parents
    ]


def sees_tags(ctx: Context, _: Partner) -> bool:
    """Whether the actor sees a partner's tags: the vendor does."""
    return may(ctx.actor, Permission.PARTNERS_REVIEW)


class InCharge(TypedDict, total=False):
    """Who is to look after a partner; what is left out stays, None is nobody."""

    rep_office_id: UUID | None
    eco_manager_id: UUID | None


async def find_in_charge(
    partner: Partner, office_id: UUID | None, manager_id: UUID | None
) -> tuple[Account | None, list[Violation]]:
    """The ecosystem manager's account, and NOT_FOUND for an office or a manager that is none of the partner's site."""
    manager, wrong = None, []
    if manager_id is not None:
        staff = Account.filter(id=manager_id, site=partner.site, kind=AccountKind.STAFF, status=AccountStatus.ACTIVE)
        manager = await staff.first()
        if manager is None or Role.ECO_MANAGER not in manager.roles:
            wrong.append(Violation(ErrorCode.NOT_FOUND, ("input", "ecoManagerId")))
    if office_id is not None and not await RepOffice.exists(id=office_id, site=partner.site):
        wrong.append(Violation(ErrorCode.NOT_FOUND, ("input", "repOfficeId")))
    return manager, wrong


@command(
    permission=Permission.PARTNERS_ASSIGN,
    refuses=(ErrorCode.STATE_CONFLICT, ErrorCode.ALREADY_ASSIGNED),
    emits=("partner.assigned",),
)
async def assign_partner(
    ctx: Context, *, partner_id: UUID, expected_version: int | None = None, **in_charge: Unpack[InCharge]
) -> Partner:
    """Names the ecosystem manager and the representative office in charge of a partner that has joined the network.

    What is left out stays as it is, null takes it away. A partner that gets another manager is told who it is.
    """
    held = await access_partner(ctx, partner_id, "input", "id")
    expect_version(held, expected_version)
    present = (held.office_id, held.eco_manager_id)
    wanted = (in_charge.get("rep_office_id", held.office_id), in_charge.get("eco_manager_id", held.eco_manager_id))
    given = (in_charge.get("rep_office_id"), in_charge.get("eco_manager_id"))
    manager, wrong = await find_in_charge(held, *given)
    require(check_assignment(held.admission_state, same=present == wanted) + wrong)
    office_id, manager_id = wanted
    await held.change(now=ctx.now, office_id=office_id, eco_manager_id=manager_id)
    ctx.event(
        "partner.assigned",
        held,
        partner_id=held.id,
        rep_office_id=_text(office_id),
        eco_manager_id=_text(manager_id),
    )
    ctx.effect("partner.assigned", held)
    if manager is not None and manager.id != present[1]:
        ctx.notify("eco_manager_assigned", held, about=held, names={"manager": manager})
    return held


@command(
    permission=Permission.PARTNERS_ASSIGN,
    refuses=(ErrorCode.TOO_MANY,),
    emits=("partner.tagged",),
)
async def set_partner_tags(
    ctx: Context, *, partner_id: UUID, tags: list[str], expected_version: int | None = None
) -> Partner:
    """Gives a partner these tags instead of those it has; the vendor alone sees them, and finds partners by them."""
    held = await access_partner(ctx, partner_id, "input", "id")
    expect_version(held, expected_version)
    wanted = compute_tags(tags)
    require(check_tags(wanted, policy=ctx.policy_of(held)))
    await held.change(now=ctx.now, tags=wanted)
    ctx.event("partner.tagged", held)
    ctx.effect("partner.tagged", held)
    return held


def _text(row_id: UUID | None) -> str | None:
    return None if row_id is None else str(row_id)
