"""Every list comes out of an index: there is one by whose rows they are that holds them in the list's order."""

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import pytest
from tortoise.expressions import Q
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.queryset import QuerySet

from core import db
from core.rows import Sort, read_rows
from core.rows.spreading import spread_of
from core.scope import EVERYTHING
from resolvers import pages
from tests.client import Api
from tests.contracts.mirrored import World, mirrored_world
from tests.contracts.root_fields import ROOT_FIELDS

SORTED = {
    "businessInfos": "a partner has one",
    "capabilityApplications": "a partner's come out of its index; an assessor has a few",
    "planApplications": "a partner has a few",
    "payoutRequests": "a partner has a few a month",
    "performanceSheets": "a partner has one a month and currency",
    "quotaRecords": "the owner's and the issuer's: two columns, of which one must hold",
    "resellerApplications": "the applicant's and the distributor's: two columns, of which one must hold",
    "resellerInvitations": "a distributor has a few",
    "resellers": "a distributor has a few hundred at most",
    "wallets": "the partner's and the issuer's: two columns, of which one must hold",
}
"""Lists whose rows are read and sorted for one who is not the vendor's, and why that may be."""


@pytest.fixture
async def world(api: Api) -> AsyncIterator[World]:
    """The mirrored world."""
    async with mirrored_world(api) as made:
        yield made


def _compared(conditions: Sequence[Q]) -> Iterator[str]:
    """The columns that must have a certain value."""
    for one in conditions:
        if one._is_negated or one.join_type == Q.OR:
            continue
        yield from _compared(one.children)
        for key, value in one.filters.items():
            column, _, operator = key.partition("__")
            values = [value] if not operator else list(value) if operator == "in" and isinstance(value, list) else []
            if len(values) == 1 and values[0] is not None:
                yield column


def _orders(model: Any) -> Iterator[tuple[list[str], bool]]:
    """The columns of every index, and whether they are unique."""
    yield ["id"], True
    for index in model._meta.indexes:
        assert isinstance(index, Index)
        yield list(index.fields), False
    for constraint in model._meta.constraints:
        if isinstance(constraint, UniqueConstraint) and not constraint.condition:
            yield list(constraint.fields), True


def comes_from_an_index(rows: QuerySet[Any], sort: Sequence[Sort]) -> bool:
    """Whether an index begins with whose the rows are (where they are not everybody's), and goes on as sorted."""
    order, compared, scope = [one.name for one in sort], set(_compared(rows._q_objects)), db.current().scope
    declared: Any = rows.model.scope
    everybodys = scope.kind == EVERYTHING.kind or declared.public
    said = [column for kind, column in declared.columns() if kind in (scope.kind, "account")]
    compared |= set(said if len(said) == 1 else ())  # the statement says it where the use case does not
    for columns, unique in _orders(rows.model):
        wanted = order[:-1] if unique and len(order) > 1 else order
        place = columns.index(wanted[0]) if wanted[0] in columns else 0
        head, tail = set(columns[:place]), columns[place : place + len(wanted)]
        if tail == wanted and head <= compared and (everybodys or any(column.endswith("_id") for column in head)):
            return True
    return spread_of(rows, order) is not None


async def test_every_list_comes_out_of_an_index(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    asked: list[bool] = []

    async def looked_at(rows: QuerySet[Any], *, sort: Sequence[Sort], **more: Any) -> list[Any]:
        asked.append(comes_from_an_index(rows, sort))
        return await read_rows(rows, sort=sort, **more)

    monkeypatch.setattr(pages, "read_rows", looked_at)
    parents = {model: rows[0]["id"] for model, rows in world.rows.items() if rows}
    for field in (one for one in ROOT_FIELDS if one.is_list):
        with subtests.test(str(field)):
            asked.clear()
            for person in world.people.values():
                document = field.document("nodes { __typename }")
                await api.anonymous.as_(person.token).send(document, **field.variables(parents))
            assert asked
            assert all(asked) is (field.name not in SORTED)
