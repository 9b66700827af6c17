"""The corpus: every case by graphql-core and by the executor under test, which must give the same answer."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator

import pytest
from graphql import parse, validate

from tests.execution import topics
from tests.execution.agreement import Order, difference, dumped
from tests.execution.case import UNSAID, Case
from tests.execution.executors import Request, by_core, by_tested, possible_errors

CASES = topics.all_cases()


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """One loop for all cases: what pytest-asyncio does around each test takes longer than most of them."""
    made = asyncio.new_event_loop()
    yield made
    made.close()


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{topic}/{case.name}") for topic, case in CASES])
def test_both_executors_agree(case: Case, loop: asyncio.AbstractEventLoop) -> None:
    loop.run_until_complete(_agree(case))


async def _agree(case: Case) -> None:
    document = parse(case.query)
    assert (validate(case.schema, document) == []) is case.valid
    request = Request(
        case.schema, document, case.root, case.context, case.variables, case.operation_name, case.hide_suggestions
    )
    expected = await by_core(request)
    if case.data is not UNSAID:
        assert dumped(expected.data) == json.dumps(case.data)
    if case.errors is not UNSAID:
        told = [(error.message, error.path) for error in expected.errors or ()]
        assert told == case.errors if case.order is Order.EXACT else sorted(told, key=repr) == case.errors
    found, ran = await by_tested(request)
    possible = await possible_errors(request) if case.order is Order.NULLED else ()
    assert difference(expected, found, case.order, possible) is None
    assert case.fallback or ran == "compiled"


def test_the_corpus_is_as_large_as_it_says() -> None:
    names = [f"{topic}/{case.name}" for topic, case in CASES]
    assert len(names) >= 300
    assert [name for name, times in Counter(names).items() if times > 1] == []
    literal = [case for _, case in CASES if case.data is not UNSAID or case.errors is not UNSAID]
    assert len(literal) * 3 >= len(names)
