"""Random schemas, documents and data: both executors give the same answer, whatever comes.

A failure names its seed and shows the smallest document that still fails; `COSELL_FUZZ_SEED=<seed>` runs it alone.
"""

import gc
import os
import warnings
from dataclasses import dataclass
from typing import Any

import pytest
from graphql import DocumentNode, parse, validate

from core.execution.compiled import Plans
from tests.execution.agreement import Order, difference
from tests.execution.executors import Request, by_core, by_tested, possible_errors
from tests.execution.fuzz.answers import Thing
from tests.execution.fuzz.documents import Document, Maker
from tests.execution.fuzz.schemas import World, make_world
from tests.seeded import Random

ORPHANS = pytest.mark.filterwarnings(
    "ignore:coroutine .* was never awaited:RuntimeWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
"""graphql-core itself orphans coroutines when it cancels a task that has not begun; where the collector finds one
while a named tuple is made, which knows no built-ins, even the warning of it fails."""
DOCUMENTS = 10
"""Documents for each schema."""
ROOTS = 10
"""Trials of each document, with other data; the variables are one document's."""
VALIDATED = 10
"""One document of so many is validated, which costs as much as all the rest."""


@dataclass(slots=True)
class Trial:
    """One document with its variables and data."""

    world: World
    document: Document
    variables: dict[str, Any]
    seed: str
    plans: Plans | None = None
    ast: DocumentNode | None = None

    def request(self) -> Request:
        """What both executors are given."""
        return Request(
            self.world.schema,
            self.ast or parse(self.document.text()),
            lambda: Thing(self.world, "Query", self.seed),
            variables=self.variables,
            plans=self.plans,
        )

    async def difference(self) -> tuple[str | None, str]:
        """What differs, and which way it was executed."""
        request = self.request()
        expected = await by_core(request)
        found, ran = await by_tested(request)
        if difference(expected, found, Order.SORTED) is None:
            return None, ran
        return difference(expected, found, Order.NULLED, await possible_errors(request)), ran


def trials(world: World, seed: str) -> list[Trial]:
    """The trials of a seed: one document, on several roots."""
    maker = Maker(world, Random(seed))
    document = maker.make()
    ast = parse(document.text())
    plans = Plans(world.schema, ast)
    return [Trial(world, document, maker.variables, f"{seed}.{root}", plans, ast) for root in range(ROOTS)]


async def smallest(failing: Trial) -> str:
    """Leaves out whatever can be left out while the executors still differ; the document that remains."""
    document = failing.document
    failing.ast = failing.plans = None
    shrunk = True
    while shrunk:
        shrunk = False
        for selections in list(document.lists()):
            for one in list(selections):
                if len(selections) == 1:
                    break
                place = selections.index(one)
                selections.remove(one)
                if (await failing.difference())[0] is None:
                    selections.insert(place, one)
                else:
                    shrunk = True
    return document.text()


async def check(seed: str, world: World, *, is_validated: bool) -> int:
    """The trials of one seed; how many of them were compiled."""
    compiled = 0
    for one in trials(world, seed):
        problem, ran = await one.difference()
        if problem is not None:
            text = await smallest(one)
            last, _ = await one.difference()
            pytest.fail(f"seed {one.seed}, variables {one.variables}: {last or problem}\n{text}")
        compiled += ran == "compiled"
    if is_validated:
        assert one.ast is not None
        assert validate(world.schema, one.ast) == [], f"seed {seed}: {one.document.text()}"
    return compiled


async def check_many(first: int, schemas: int) -> float:
    """Trials of so many schemas; the part of them that was compiled."""
    compiled = 0
    try:
        for number in range(first, first + schemas):
            world = make_world(str(number))
            for turn in range(DOCUMENTS):
                compiled += await check(f"{number}.{turn}", world, is_validated=turn == number % VALIDATED)
    finally:
        gc.collect()
    return compiled / (schemas * DOCUMENTS * ROOTS)


@pytest.mark.parametrize("first", [0, 10])
@ORPHANS
async def test_some_hundred_random_trials(first: int) -> None:
    assert await check_many(first, 2) > 0.95


@pytest.mark.long
@pytest.mark.parametrize("part", range(10))
@ORPHANS
async def test_a_hundred_thousand_random_trials(part: int) -> None:
    schemas = 10_000 // (DOCUMENTS * ROOTS)
    assert await check_many(1_000_000 + part * schemas, schemas) > 0.95


async def test_the_executor_under_test_orphans_no_coroutine() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for number in range(20, 22):
            world = make_world(str(number))
            for turn in range(DOCUMENTS):
                for one in trials(world, f"{number}.{turn}"):
                    await by_tested(one.request())
        gc.collect()
    assert [str(one.message) for one in caught] == []


@ORPHANS
async def test_the_trial_of_one_seed() -> None:
    seed = os.environ.get("COSELL_FUZZ_SEED", "7.3")
    number, turn = seed.split(".")[:2]
    await check(f"{number}.{turn}", make_world(number), is_validated=True)


def test_a_trial_can_be_repeated() -> None:
    first, again = (trials(make_world("7"), "7.3")[1] for _ in range(2))
    assert (first.document.text(), first.variables) == (again.document.text(), again.variables)
    assert first.document.text() != trials(make_world("7"), "7.4")[1].document.text()
