"""Account directors and the account managers below them; what becomes of both when one of them goes."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.queryset import QuerySet

from models.accounts import Account
from models.events import Event
from resolvers.associations.tenures import withdraw_all
from resolvers.batch import Batch, each
from resolvers.command import command
from resolvers.context import Context
from resolvers.members.scope import access_member, colleague, visible, visible_people, without_director
from resolvers.related import to_one
from rules.access import Permission, Role
from rules.accounts import AccountStatus
from rules.errors import ErrorCode, refuse, require
from rules.members import (
    MemberChange,
    check_assignment,
    check_director,
    check_manager,
    compute_without_director_since,
)

_ASSIGNED = "member.director_assigned"
PARTING = (_ASSIGNED, "member.customers_withdrawn")
"""What the feed may hear when a member loses roles."""


@command(
    permission=Permission.MEMBERS_MANAGE,
    refuses=(
        ErrorCode.NOT_ACCOUNT_DIRECTOR,
        ErrorCode.NOT_ACCOUNT_MANAGER,
        ErrorCode.ALREADY_ASSIGNED,
        ErrorCode.REPEATED,
    ),
    emits=(_ASSIGNED,),
)
async def assign_director(ctx: Context, *, member_ids: list[UUID], director_id: UUID | None = None) -> Batch[Account]:
    """Puts account managers below an account director, or below nobody.

    From its next request on the director sees their customers. Each account manager has its own result.
    """
    # The director before those below, as whoever takes its role away has them.
    director = None if director_id is None else await access_member(ctx, director_id, "directorId")
    if director is not None:
        require(check_director(colleague(director), path=("input", "directorId")))
    rows = visible(ctx).filter(id__in=member_ids).exclude(status=AccountStatus.DELETED)
    held = {row.id: row for row in await rows.order_by("id").select_for_update()}

    async def one(member_id: UUID, place: tuple[str, ...]) -> Account:
        member = held.get(member_id)
        if member is None:
            raise refuse(ErrorCode.NOT_FOUND, *place)
        manages = check_manager(colleague(member), path=place)
        require(manages + check_assignment(member.director_id, director_id, path=place))
        await member.change(now=ctx.now, director_id=director_id)
        _tell_directed(ctx, member)
        return member

    batch = await each(ctx, member_ids, one, "input", "memberIds")
    if director is not None and batch.results:
        count = str(len(batch.results))
        ctx.notify("managers_assigned", director, about=batch.results[0], facts={"count": count})
    return batch


def _tell_directed(ctx: Context, member: Account) -> None:
    above = None if member.director_id is None else str(member.director_id)
    ctx.event(_ASSIGNED, member, director_id=above)
    ctx.effect("member.director_assigned" if above else "member.director_withdrawn", member)


async def part(ctx: Context, member: Account, before: AbstractSet[Role]) -> None:
    """What follows when a member has lost roles; `before` are those it had.

    Who is an account manager no longer has no customers, who is an account director no longer directs nobody.
    """
    lost = before - frozenset(map(Role, member.roles))
    if Role.ACCOUNT_MANAGER in lost:
        await _leave_customers(ctx, member)
    if Role.ACCOUNT_DIRECTOR in lost:
        below = await _below(ctx, member).order_by("id").select_for_update()
        for one in below:
            await one.change(now=ctx.now, director_id=None)
            _tell_directed(ctx, one)
        await _tell_left(ctx, below)


async def tell_at_rest(ctx: Context, member: Account) -> None:
    """Reports the account managers whose director may not work any more."""
    if member.status is not AccountStatus.ACTIVE:
        await _tell_left(ctx, await _below(ctx, member))


def _below(ctx: Context, member: Account) -> QuerySet[Account]:
    return visible(ctx).filter(director_id=member.id)


async def _tell_left(ctx: Context, below: Sequence[Account]) -> None:
    left = without_director(below)
    if left:
        ctx.effect("member.managers_without_director", count=str(len(left)))


async def _leave_customers(ctx: Context, member: Account) -> None:
    left = await withdraw_all(ctx, member.id)
    if left:
        ctx.event("member.customers_withdrawn", member, associations=[str(one) for one in left])
        ctx.effect("member.customers_withdrawn", count=str(len(left)))


async def undirected(ctx: Context) -> list[Account]:
    """Who of the actor's partner waits for an account director: the account managers without one, where there is a
    director, or where one of them had one; a partner that never had any does without.
    """
    present = visible(ctx).exclude(status=AccountStatus.DELETED)
    members = await present.only("id", "status", "roles", "director_id", "created_at")
    left = without_director(members)
    waits = left and (any(colleague(member).directs for member in members) or await _were_directed(left))
    return [member for member in members if member.id in left] if waits else []


async def _were_directed(managers: set[UUID]) -> bool:
    return await Event.filter(subject_id__in=list(managers), type=_ASSIGNED).exists()


async def undirected_since(ctx: Context) -> datetime:
    """Since when the first of those who wait for an account director has been without one, by what the events say."""
    waiting = await undirected(ctx)
    history = await _history([member.id for member in waiting])
    named = {change.became.get("director_id") for changes in history.values() for change in changes}
    history |= await _history([one for one in named if one is not None])
    since = [compute_without_director_since(member.id, history) or member.created_at for member in waiting]
    return min(since, default=ctx.now)


async def _history(members: Sequence[UUID]) -> dict[UUID, list[MemberChange]]:
    """What the events say of these members, of each in order. One statement."""
    found: dict[UUID, list[MemberChange]] = {}
    for event in await Event.filter(subject_id__in=list(members), type__in=list(_BECAME)).order_by("id"):
        change = MemberChange(event.occurred_at, _BECAME[event.type](event.changes))
        found.setdefault(event.subject_id, []).append(change)
    return found


def _roles_became(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Who is no account manager any more is below nobody."""
    roles = frozenset(map(Role, changes["roles"]))
    return {"roles": roles} if Role.ACCOUNT_MANAGER in roles else {"roles": roles, "director_id": None}


def _director_became(changes: Mapping[str, Any]) -> dict[str, Any]:
    above = changes["director_id"]
    return {"director_id": None if above is None else UUID(above)}


_BECAME: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "member.added": _roles_became,
    "member.roles_changed": _roles_became,
    "member.removed": lambda _: {"roles": frozenset(), "director_id": None},
    "member.status_changed": lambda changes: {"works": changes["status"] == AccountStatus.ACTIVE},
    _ASSIGNED: _director_became,
}
"""What each event of a member says of it as a colleague."""

directors_of = to_one("director_id", Account, visible=visible_people)
"""For each account manager the account director above it."""
