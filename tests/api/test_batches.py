"""Batches: a result for each entry, savepoints, replays, dry runs, and what a batch refused in every entry leaves."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
import pytest

from models.partners import Partner
from resolvers.batch import Batch, Item, each, restored, stored
from resolvers.command import COMMANDS, Key, Options, UndeclaredRefusal, command, run
from resolvers.context import Context
from rules.access import Permission
from rules.errors import ErrorCode, Violation, refuse, require
from rules.sites import Site
from tests.client import Api
from tests.factories import context_of, person
from tests.world import admitted_partner

E = ErrorCode
Renames = Any


@pytest.fixture
def rename() -> Iterator[Renames]:
    """A batch command that names partners anew; a name of one letter is refused after it was written."""
    known = set(COMMANDS)

    @command(
        permission=Permission.PUBLIC_READ,
        refuses=(E.INVALID_FORMAT, E.OUT_OF_RANGE, E.REPEATED),
        emits=("partner.renamed",),
        key=Key.REQUIRED,
        as_system=True,
    )
    async def rename_partners(ctx: Context, *, names: list[tuple[UUID, str]]) -> Batch[Partner]:
        """Gives partners new names."""
        require([Violation(E.OUT_OF_RANGE)] if len(names) > 3 else [])

        async def one(entry: tuple[UUID, str], place: tuple[str, ...]) -> Partner:
            partner = await Partner.get(id=entry[0])
            await partner.change(now=ctx.now, name=entry[1])
            ctx.event("partner.renamed", partner, partner_id=partner.id)
            ctx.effect("partner.standing_changed", partner)
            ctx.notify("admission_approved", partner, about=partner)
            if len(entry[1]) == 1:
                raise refuse(E.INVALID_FORMAT, *place, parameters={"least": 2})
            return partner

        return await each(ctx, names, one, "input", "names")

    yield rename_partners
    for name in set(COMMANDS) - known:
        del COMMANDS[name]


async def _stage(api: Api) -> tuple[Context, list[UUID]]:
    partners = [(await admitted_partner(api, Site.CN, external_ref=f"ref-{number}"))[0] for number in range(2)]
    return await context_of(api, await person(api)), partners


def outcomes(batch: Any) -> list[Any]:
    """For each item the name of its partner or its codes."""
    return [item.result.name if item.result else [one.code for one in item.violations] for item in batch.items]


async def test_entries_succeed_and_fail_each_by_itself_and_in_order(api: Api, rename: Renames) -> None:
    ctx, (left, right) = await _stage(api)
    names = [(left, "North"), (right, "x"), (left, "South"), (left, "North")]

    outcome = await run(ctx, rename, Options(key="batch-key-1"), names=names[:3])

    assert outcome.violations == []
    assert outcomes(outcome.result) == ["North", [E.INVALID_FORMAT], "South"]
    assert outcome.result is not None
    assert outcome.result.items[1].violations[0].path == ("input", "names", "1")
    assert [effect.subject_id for effect in outcome.effects] == [left, left]
    assert await api.value("select name from partner where id = $1", left) == "South"
    assert await api.value("select name from partner where id = $1", right) != "x"
    assert [row["subject_id"] for row in await api.rows("select subject_id from event")] == [left, left]
    assert {row["payload"].count(str(left)) > 0 for row in await api.rows("select payload from outbox")} == {True}


async def test_an_entry_named_twice_is_done_once(api: Api, rename: Renames) -> None:
    ctx, (left, _) = await _stage(api)

    outcome = await run(ctx, rename, Options(key="batch-key-1"), names=[(left, "North"), (left, "North")])

    assert outcomes(outcome.result) == ["North", [E.REPEATED]]


async def test_a_batch_refused_in_every_entry_leaves_nothing_not_even_its_key(api: Api, rename: Renames) -> None:
    ctx, (left, right) = await _stage(api)

    async def refused() -> None:
        outcome = await run(ctx, rename, Options(key="batch-key-1"), names=[(left, "x"), (right, "y")])
        assert outcomes(outcome.result) == [[E.INVALID_FORMAT]] * 2
        assert outcome.violations == []
        assert outcome.effects == []

    assert await api.changes(refused) == set()
    assert (await run(ctx, rename, Options(key="batch-key-1"), names=[(left, "Now")])).replayed is False


async def test_what_concerns_the_whole_has_no_results(api: Api, rename: Renames) -> None:
    ctx, (left, _) = await _stage(api)

    outcome = await run(ctx, rename, Options(key="batch-key-1"), names=[(left, f"N{n}") for n in range(4)])

    assert outcome.result is None
    assert [violation.code for violation in outcome.violations] == [E.OUT_OF_RANGE]


async def test_a_dry_run_shows_the_reasons_and_effects_and_leaves_nothing(api: Api, rename: Renames) -> None:
    ctx, (left, right) = await _stage(api)

    async def dry() -> None:
        outcome = await run(
            ctx, rename, Options(key="batch-key-1", dry_run=True), names=[(left, "North"), (right, "x")]
        )
        assert outcomes(outcome.result) == [[], [E.INVALID_FORMAT]]
        assert len(outcome.effects) == 1

    assert await api.changes(dry) == set()


async def test_a_replay_tells_the_same_of_every_entry(api: Api, rename: Renames) -> None:
    ctx, (left, right) = await _stage(api)
    names = [(right, "x"), (left, "North")]
    first = await run(ctx, rename, Options(key="batch-key-1"), names=names)

    async def repeat() -> None:
        again = await run(ctx, rename, Options(key="batch-key-1"), names=names)
        assert again.replayed
        assert outcomes(again.result) == outcomes(first.result) == [[E.INVALID_FORMAT], "North"]
        assert first.result is not None
        assert again.result is not None
        assert again.result.items[0].violations == first.result.items[0].violations
        assert [effect.kind for effect in again.effects] == [effect.kind for effect in first.effects]

    assert await api.changes(repeat) == set()


async def test_a_reason_keeps_its_instants_and_numbers(api: Api) -> None:
    reason = Violation(
        E.OUT_OF_RANGE,
        ("input", "names", "0"),
        "partners.once",
        {"min": 1},
        retryable=True,
        available_at=api.clock(),
        limit=Decimal("10.50"),
        requested=Decimal(11),
        upstream_code="CBC.99000013",
    )
    kept = orjson.loads(orjson.dumps(stored(Batch([Item(violations=[reason])]))))
    assert restored(kept, {}).violations == [reason]


async def test_an_entry_may_refuse_only_with_declared_codes(api: Api) -> None:
    ctx, (left, _) = await _stage(api)
    known = set(COMMANDS)
    try:

        @command(permission=Permission.PUBLIC_READ, key=Key.OPTIONAL)
        async def refuse_each(ctx: Context, *, ids: list[UUID]) -> Batch[Partner]:
            """Refuses."""

            async def one(entry: UUID, place: tuple[str, ...]) -> Partner:
                raise refuse(E.INVALID_FORMAT, *place)

            return await each(ctx, ids, one, "input", "ids")

        with pytest.raises(UndeclaredRefusal):
            await run(ctx, refuse_each, ids=[left])
    finally:
        for name in set(COMMANDS) - known:
            del COMMANDS[name]
