"""How much less the compiled executor costs than graphql-core: the product's schema and types, rows in memory.

No HTTP and no database: the list answers with rows made once, its relations are at hand. Both executors run the same
document in turns; the processor's time of this process is counted, the median of the rounds stands for each.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

from graphql import ExecutionResult, execute, parse, validate
from tortoise import Tortoise

from core.execution.compiled import Plans, execute_compiled
from core.execution.run import is_awaitable
from core.ids import uuid7
from core.rows import RELATED
from models.base import Row
from models.config import tortoise_config
from models.customers import Customer
from models.incentives import Incentive
from models.opportunities import Opportunity, RepOffice
from models.partners import Partner
from rules.incentives.kinds import IncentiveStatus
from schema.build import schema as product
from schema.context import RequestContext
from schema.pages import Connection, Edge, PageInfo

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
LIST = """
query Opportunities($first: Int) {
  opportunities(first: $first) {
    edges { cursor node { ...Row partner { id name tier } customer { id registeredAt } repOffice { id name } } }
    pageInfo { hasNextPage endCursor }
  }
}
fragment Row on Opportunity {
  id version state name industry customerRegion revision createdAt updatedAt submittedAt expectedSignOn contractRef
}
"""
FLAT = """
query Incentives($first: Int) {
  incentives(first: $first) {
    nodes { id version period status frozen generatedAt confirmDeadline lineCount createdAt amount { amount currency } }
  }
}
"""


def row(model: type[Row], **values: Any) -> Any:
    """A row of the model that no database has seen; columns that are not given are null."""
    values = {"version": 1, "created_at": NOW, "updated_at": NOW, **values}
    made = model(**values)
    made.__dict__.update(values, id=uuid7())  # as the driver gives them: the ORM puts instants into another zone
    return made


def opportunities(size: int) -> list[Any]:
    """Rows for the list."""
    known = {
        "state": "VERIFYING",
        "revision": 1,
        "industry": "RETAIL",
        "customer_region": "330100",
        "submitted_at": NOW,
    }
    return [row(Opportunity, name=f"Opportunity {number}", **known) for number in range(size)]


def incentives(size: int) -> list[Any]:
    """Rows for the flat list."""
    known = {
        "period": "2026-10",
        "status": IncentiveStatus.CONFIRMED,
        "generated_at": NOW,
        "confirm_deadline": NOW,
        "line_count": 9,
    }
    return [row(Incentive, amount=120_050 + number, currency="CNY", **known) for number in range(size)]


def page(rows: list[Any]) -> Any:
    """The connection of a page with these rows."""
    where = PageInfo(has_next_page=True, has_previous_page=False, start_cursor=None, end_cursor=None)
    edges = [Edge(cursor=cast("Any", str(one.id)), node=one) for one in rows]
    return Connection(nodes=rows, edges=edges, page_info=where, source=cast("Any", None))


def answer_from_memory(size: int) -> None:
    """Puts rows in the place of what the two lists and the three relations would read.

    As in a list that is served, the rows hold those related to them: they were read together.
    """
    fields, listed = cast("Any", product._schema.query_type).fields, opportunities(size)
    for name, rows in (("opportunities", listed), ("incentives", incentives(size))):
        fields[name].resolve = _giving(page(rows))
    related = cast("Any", product._schema.type_map["Opportunity"]).fields
    at_hand = {"partner": row(Partner, name="Partner", tier="GOLD"), "repOffice": row(RepOffice, name="Office")}
    held = {}
    for name, value in {**at_hand, "customer": row(Customer, registered_at=NOW)}.items():
        related[name].resolve = _giving(value)
        batch = related[name].extensions["batch"] = _loading(value)
        held[batch] = value
    for one in listed:
        one.__dict__[RELATED] = held


def _giving(value: Any) -> Callable[..., Awaitable[Any]]:
    async def resolve(_source: Any, _info: Any, **_arguments: Any) -> Any:
        return value

    return resolve


def _loading(value: Any) -> Callable[..., Awaitable[list[Any]]]:
    async def load(_context: Any, parents: list[Any], *_selection: Any, **_arguments: Any) -> list[Any]:
        return [value] * len(parents)

    return load


async def measure(text: str, size: int, rounds: int) -> tuple[float, float]:
    """Milliseconds of processor time for one execution by graphql-core and by the compiled executor."""
    answer_from_memory(size)
    schema, document = product._schema, parse(text)
    assert not validate(schema, document)
    plans, variables = Plans(schema, document), {"first": size}
    actor = SimpleNamespace(account_id=None, roles=frozenset())
    context = RequestContext(cast("Any", SimpleNamespace(actor=actor, locale="en")), AsyncExitStack())

    async def by_core() -> ExecutionResult:
        result = execute(schema, document, context_value=context, variable_values=variables, is_awaitable=is_awaitable)
        return result if isinstance(result, ExecutionResult) else await result

    async def by_plan() -> ExecutionResult:
        result, by = await execute_compiled(
            schema,
            document,
            context_value=context,
            variable_values=variables,
            is_awaitable=is_awaitable,
            plans=plans,
        )
        assert by == "compiled"
        return result

    expected, given = await by_core(), await by_plan()
    assert expected.errors is None and given.errors is None and given.data == expected.data
    times: dict[Any, list[float]] = {by_core: [], by_plan: []}
    for _ in range(rounds):
        for run, repeats in ((by_core, 5), (by_plan, 50)):
            times[run].append(await _processor_time(run, repeats))
    return statistics.median(times[by_core]), statistics.median(times[by_plan])


async def _processor_time(run: Callable[[], Awaitable[Any]], repeats: int) -> float:
    started = time.process_time()
    for _ in range(repeats):
        await run()
    return (time.process_time() - started) / repeats * 1_000


async def main() -> None:
    """Prints a table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=15)
    rounds = options.parse_args().rounds
    await Tortoise.init(config=tortoise_config("postgres://nobody@127.0.0.1/none", pool_size=2))
    print("| list | graphql-core ms | compiled ms | ratio |\n|---|---|---|---|")
    for name, text, size in (
        ("50 opportunities, 12 fields, three to-ones", LIST, 50),
        ("200 opportunities, 12 fields, three to-ones", LIST, 200),
        ("200 incentives, 10 fields", FLAT, 200),
    ):
        core, compiled = await measure(text, size, rounds)
        print(f"| {name} | {core:.2f} | {compiled:.3f} | {core / compiled:.1f} |")


if __name__ == "__main__":
    asyncio.run(main())
