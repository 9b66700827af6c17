"""Rows read by a statement of our own are the ORM's: every list for every kind of caller, every kind of condition."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Generator, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import pytest
from graphql import get_named_type
from tortoise.exceptions import DoesNotExist, MultipleObjectsReturned
from tortoise.expressions import F, Q, Subquery
from tortoise.queryset import QuerySet

from core import db
from core.execution.compiled import NotCompiled, Plan, Plans
from core.rows import (
    RELATED,
    Head,
    Join,
    Sort,
    Unreadable,
    all_names,
    read_count,
    read_counts,
    read_heads,
    read_newest,
    read_rows,
    read_sums,
    read_values,
)
from core.rows.conditions import Statement
from core.scope import EVERYTHING, Scope
from models.customers import Customer
from models.incentives import Incentive
from models.opportunities import Opportunity
from models.partners import Partner
from resolvers import pages
from rules.opportunities import OpportunityState
from tests import modes
from tests.client import Api
from tests.contracts.mirrored import World, mirrored_world
from tests.contracts.root_fields import ROOT_FIELDS, leaves

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
SOMEBODY = UUID(int=7)
BY_ID = (Sort("id", descending=True),)


@pytest.fixture
async def world(api: Api) -> AsyncIterator[World]:
    """The mirrored world."""
    async with mirrored_world(api) as made:
        yield made


def held(row: Any, names: Iterable[str] | None = None) -> dict[str, Any]:
    """The fields of a row: these, or all."""
    return {name: getattr(row, name) for name in names or all_names(type(row))}


class ByOrm:
    """Lets the ORM read a query set that would be read past it."""

    def __init__(self, rows: QuerySet[Any]) -> None:
        self._rows = rows

    def __await__(self) -> Generator[Any, None, Any]:
        return QuerySet.__await__(self._rows)


async def by_orm(
    rows: QuerySet[Any], sort: Sequence[Sort], limit: int, names: Iterable[str] | None = None
) -> list[dict[str, Any]]:
    """What the ORM reads."""
    terms = [f"{'-' * one.descending}{one.name}" for one in sort]
    return [held(row, names) for row in await ByOrm(rows.order_by(*terms).limit(limit))]


@modes.reads_rows
async def test_every_list_reads_what_the_orm_reads(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    seen: list[tuple[str, int]] = []

    async def both(rows: QuerySet[Any], *, sort: Sequence[Sort], limit: int, names: Any, joins: Any) -> list[Any]:
        Statement(db.current().scope).where(rows, "t")  # raises for what the ORM would have to read
        found = await read_rows(rows, sort=sort, limit=limit, names=names, joins=joins)
        assert [held(row, names) for row in found] == await by_orm(rows, sort, limit, names)
        seen.append((rows.model.__name__, len(found)))
        return found

    monkeypatch.setattr(pages, "read_rows", both)
    parents = {model: rows[0]["id"] for model, rows in world.rows.items() if rows}
    for field in (one for one in ROOT_FIELDS if one.is_list):
        with subtests.test(str(field)):
            before = len(seen)
            for person in world.people.values():
                document = field.document("nodes { __typename }")
                answer = await api.anonymous.as_(person.token).send(document, **field.variables(parents))
                codes = {error["extensions"]["code"] for error in answer.body.get("errors", ())}
                assert codes <= {"FORBIDDEN", "UNAUTHENTICATED"}, answer.body
            assert len(seen) > before, get_named_type(field.field.type).name
    assert sum(count for _, count in seen) > 100


@modes.plans
async def test_a_planned_page_answers_what_the_generic_way_answers(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    parents = {model: rows[0]["id"] for model, rows in world.rows.items() if rows}

    async def answers(field: Any) -> dict[str, Any]:
        entry = cast("Any", get_named_type(field.field.type)).fields["nodes"].type
        shown = f"nodes {{ {leaves(entry)} }} edges {{ cursor node {{ __typename }} }} pageInfo {{ endCursor }}"
        found = {}
        for name, person in world.people.items():
            answer = await api.anonymous.as_(person.token).send(field.document(shown), **field.variables(parents))
            codes = [error["extensions"]["code"] for error in answer.body.get("errors", ())]
            found[name] = (codes, answer.body.get("data"), answer.executor)
        return found

    lists = [one for one in ROOT_FIELDS if one.is_list]
    planned = {str(field): await answers(field) for field in lists}

    def nothing(*_: Any) -> Plan:
        raise NotCompiled("a test")

    monkeypatch.setattr(Plans, "find", nothing)
    for field in lists:
        with subtests.test(str(field)):
            for name, (codes, data, executor) in (await answers(field)).items():
                assert (codes, data) == planned[str(field)][name][:2], name
                assert (executor, planned[str(field)][name][2]) == ("core", "compiled")


CONDITIONS: dict[str, Q | Callable[[], Q]] = {
    "none": Q(),
    "equal": Q(state=OpportunityState.DRAFT),
    "null": Q(customer_id=None),
    "is null": Q(customer_id__isnull=True),
    "is not null": Q(customer_id__isnull=False),
    "among": Q(state__in=[OpportunityState.DRAFT, OpportunityState.VERIFYING]),
    "among none": Q(id__in=[]),
    "compared": Q(updated_at__gte=NOW, revision__lt=9),
    "either": Q(state=OpportunityState.DRAFT) | Q(revision__gt=0),
    "either of three in one": Q(state=OpportunityState.DRAFT, revision=5, version=1, join_type=Q.OR),
    "neither": ~(Q(state=OpportunityState.DRAFT) | Q(owner_user_id=SOMEBODY)),
    "not null in a negation": ~Q(customer_id=SOMEBODY),
    "nested": Q(Q(state=OpportunityState.DRAFT), ~Q(revision=3)) | (Q(version__lte=2) & Q(name=None)),
    "subquery": lambda: Q(partner_id__in=Subquery(Partner.filter(name__in=["a", "b"]).values("id"))),
    "subquery of all": lambda: Q(partner_id__in=Subquery(Partner.all().values("id"))),
    "a text that looks like SQL": Q(name="'; drop table opportunity; --"),
}


@modes.reads_rows
@pytest.mark.parametrize("name", CONDITIONS)
async def test_a_condition_means_what_the_orm_makes_of_it(api: Api, world: World, name: str) -> None:
    condition = CONDITIONS[name]
    condition = condition if isinstance(condition, Q) else condition()
    async with db.read(EVERYTHING):
        for rows in (Opportunity.filter(condition), Opportunity.exclude(condition)):
            found = await read_rows(rows, sort=BY_ID, limit=50)
            assert [held(row) for row in found] == await by_orm(rows, BY_ID, 50)


@pytest.mark.parametrize(
    "rows",
    [
        lambda: Opportunity.filter(name__icontains="a"),
        lambda: Opportunity.filter(revision=F("version")),
        lambda: Opportunity.all().limit(1),
        lambda: Opportunity.all().order_by("name"),
        lambda: Opportunity.all().select_for_update(),
        lambda: Opportunity.all().distinct(),
        lambda: Opportunity.filter(partner__name="x"),
    ],
)
async def test_what_is_more_than_conditions_is_left_to_the_orm(api: Api, rows: Any) -> None:
    with pytest.raises(Unreadable):
        Statement(EVERYTHING).where(rows(), "t")


SETS: dict[str, Callable[[], QuerySet[Any]]] = {
    "all": Opportunity.all,
    "in order": lambda: Opportunity.filter(version__gte=1).order_by("state", "-id"),
    "in order and bounded": lambda: Opportunity.all().order_by("-created_at", "id").limit(2),
    "more than conditions": lambda: Opportunity.filter(state__in=list(OpportunityState), name__icontains="a"),
    "bounded": lambda: Opportunity.filter(id=SOMEBODY).limit(5),
}
"""Query sets that are awaited, and not paged."""


@modes.reads_rows
@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("of", ["everything", "own partner"])
async def test_what_is_awaited_is_what_the_orm_reads(api: Api, world: World, name: str, of: str) -> None:
    own = world.people["own partner"]
    scope = EVERYTHING if of == "everything" else Scope("partner", (cast("UUID", own.partner_id),), own.account_id)
    async with db.read(scope):
        found = [held(row) for row in await SETS[name]()]
        wanted = [held(row) for row in await ByOrm(SETS[name]())]
    if "order" in name:
        assert found == wanted and found
    else:
        assert sorted(found, key=str) == sorted(wanted, key=str)


@modes.reads_rows
async def test_one_row_is_had_as_the_orm_has_it(api: Api, world: World) -> None:
    async with db.read(EVERYTHING):
        first, *_ = await Opportunity.all().order_by("id")
        assert held(await Opportunity.get(id=first.id)) == held(first)
        assert held(await Opportunity.filter(id=first.id).get()) == held(first)
        assert held(await Opportunity.all().order_by("id").first()) == held(first)
        assert await Opportunity.filter(id=SOMEBODY).first() is None
        assert await Opportunity.get_or_none(id=SOMEBODY) is None
        with pytest.raises(DoesNotExist, match="Opportunity"):
            await Opportunity.get(id=SOMEBODY)
        with pytest.raises(MultipleObjectsReturned):
            await Opportunity.get(version__gte=0)
    assert first._saved_in_db and not first._partial


async def test_a_transaction_that_writes_sees_what_it_wrote(api: Api, world: World) -> None:
    async with db.transaction(EVERYTHING):
        first, *_ = await Opportunity.all().order_by("id")
        await Opportunity.filter(id=first.id).update(name="Renamed")
        assert (await Opportunity.get(id=first.id)).name == "Renamed"
        assert first.name != "Renamed"


async def test_an_unreadable_query_set_is_read_by_the_orm(api: Api, world: World) -> None:
    async with db.read(EVERYTHING):
        found = await read_rows(Opportunity.filter(name__icontains="a"), sort=BY_ID, limit=50)
        assert [held(row) for row in found] == await by_orm(Opportunity.filter(name__icontains="a"), BY_ID, 50)


@modes.reads_rows
async def test_a_row_with_some_fields_has_no_others_and_cannot_be_saved(api: Api, world: World) -> None:
    async with db.read(EVERYTHING):
        (row, *_) = await read_rows(Opportunity.all(), sort=BY_ID, limit=1, names=("id", "name"))
    assert set(held_names(row)) == {"id", "name"}
    with pytest.raises(AttributeError):
        _ = row.state
    with pytest.raises(Exception, match="partial"):
        await row.save()


def held_names(row: Any) -> list[str]:
    """The fields that the row really holds."""
    return [name for name in row.__dict__ if name in type(row)._meta.fields_db_projection]


@modes.reads_rows
@pytest.mark.parametrize("readers", [True, False], ids=["beside", "in the transaction"])
async def test_no_way_into_a_table_is_out_of_scope(api: Api, world: World, readers: bool) -> None:
    """A row that points at another tenant's shows nothing of it, and the page it stands on is no shorter."""
    mine, theirs = (tenant.partner_id for tenant in world.tenants)
    (strange,) = {row["id"] for row in world.rows["Customer"] if row["partner_id"] == theirs}
    planting = "update opportunity set customer_id = $1 where partner_id = $2 returning id"
    planted = await api.database.superuser.fetchval(planting, strange, mine)
    assert planted
    scope = Scope("partner", (mine,))
    async with db.read(scope) as tx:
        if not readers:
            await tx.ready()
        join = Join("customer", "customer_id", Customer.all(), ("id", "name"))
        page: list[Any] = await read_rows(Opportunity.all(), sort=BY_ID, limit=50, joins=(join,))
        assert {row.partner_id for row in page} == {mine}
        assert {row.related_rows["customer"] for row in page if row.customer_id == strange} == {None}
        assert await read_count(Customer.filter(partner_id=theirs), 9) == 0
        by_subquery = Opportunity.filter(customer_id__in=Subquery(Customer.all().values("id")))
        assert planted not in {row.id for row in await read_rows(by_subquery, sort=BY_ID, limit=50)}
        assert await read_newest(Opportunity.all(), "partner_id", [theirs], 2) == [[]]
        counted = await read_counts([theirs], {"customers": (Customer.all(), "partner_id")})
        assert counted == {theirs: {"customers": 0}}
        assert await read_heads([Head(Customer.filter(partner_id=theirs), ("id",), "id")], 9) == [[]]
        assert tx.has_begun is not (readers and modes.BESIDE)


async def test_what_is_implied_is_not_said_again_and_binds_nothing(world: World) -> None:
    statement = Statement(Scope("partner", (SOMEBODY,), UUID(int=8)))
    assert statement.where(Customer.filter(partner_id=SOMEBODY), "t") == '(t."partner_id" = $1)'
    assert statement.values == [SOMEBODY]
    assert statement.where(Customer.all(), "t") == '(t."partner_id" = $1 or t."account_id" = $2)'
    assert Statement(Scope("partner")).where(Customer.all(), "t") == "(false)"
    assert Statement(EVERYTHING).where(Customer.all(), "t") == "true"


STATES = list(OpportunityState)
SPREAD: dict[str, tuple[Q, bool]] = {
    "states of a partner": (Q(partner_id=SOMEBODY, state__in=STATES), True),
    "two conditions": (Q(partner_id=SOMEBODY) & Q(state__in=STATES[:2]), True),
    "beside another condition": (Q(partner_id=SOMEBODY, state__in=STATES) & ~Q(name="x"), True),
    "each value once": (Q(partner_id=SOMEBODY, state__in=[*STATES, *STATES]), True),
    "partners in a state": (Q(partner_id__in=[SOMEBODY, UUID(int=8)], state=OpportunityState.DRAFT), True),
    "one value": (Q(partner_id=SOMEBODY, state__in=STATES[:1]), False),
    "no value": (Q(partner_id=SOMEBODY, state__in=[]), False),
    "too many": (Q(partner_id__in=[UUID(int=number) for number in range(33)], state=OpportunityState.DRAFT), False),
    "no index": (Q(partner_id=SOMEBODY, industry__in=["RETAIL", "FINANCE"]), False),
    "either": (Q(partner_id=SOMEBODY, state__in=STATES, join_type=Q.OR), False),
    "neither": (~Q(state__in=STATES), False),
}
"""Conditions, and whether an index holds the rows of each of their values in order."""


@modes.reads_rows
@pytest.mark.parametrize("name", SPREAD)
async def test_rows_of_a_few_values_are_read_value_by_value_and_are_the_orms(api: Api, world: World, name: str) -> None:
    condition, apart = SPREAD[name]
    join = Join("whose", "partner_id", Partner.all(), ("id", "name"))
    await api.database.superuser.execute("update opportunity set partner_id = $1 where state <> 'LOST'", SOMEBODY)
    async with db.read(EVERYTHING):
        for sort in (BY_ID, (Sort("id"),)):
            for limit in (3, 50):
                rows = Opportunity.filter(condition)
                with db.observed() as statements:
                    found = await read_rows(rows, sort=sort, limit=limit, names=("name",), joins=(join,))
                assert ("lateral" in statements[0]) is apart
                assert [held(row, ("name",)) for row in found] == await by_orm(rows, sort, limit, ("name",))
                whole = await read_rows(rows, sort=sort, limit=limit)
                assert [held(row) for row in whole] == await by_orm(rows, sort, limit)


async def test_the_newest_of_each_parent_are_those_of_the_whole_list(api: Api, world: World) -> None:
    async with db.read(EVERYTHING):
        everyone = [row.id for row in await Partner.all()]
        found = await read_newest(Opportunity.all(), "partner_id", everyone, 2)
        for partner, rows in zip(everyone, found, strict=True):
            expected = await by_orm(Opportunity.filter(partner_id=partner), BY_ID, 2)
            assert [held(row) for row in rows] == expected
        assert any(found)
        assert await read_newest(Opportunity.all(), "partner_id", everyone * 2, 2) == found * 2
        with pytest.raises(Unreadable):
            await read_newest(Opportunity.all().limit(1), "partner_id", everyone, 2)


async def test_the_newest_are_read_as_far_as_is_asked_with_the_rows_they_name(api: Api, world: World) -> None:
    join = Join("whose", "partner_id", Partner.all(), ("id", "name"))
    own = world.people["own partner"]
    async with db.read(Scope("partner", (cast("UUID", own.partner_id),), own.account_id)):
        parents = [row.id for row in await Customer.all()]
        whole = await read_newest(Opportunity.all(), "customer_id", parents, 3)
        names = ("customer_id", "id", "partner_id", "state")
        found = await read_newest(Opportunity.all(), "customer_id", parents, 3, names=names, joins=(join,))
        partners = {row.id: row for row in await Partner.all()}
    for rows, expected in zip(found, whole, strict=True):
        assert [held(row, names) for row in rows] == [held(row, names) for row in expected]
    rows = [row for rows in found for row in rows]
    assert {tuple(held_names(row)) for row in rows} == {names}
    for row in rows:
        related, partner = row.__dict__[RELATED]["whose"], partners.get(row.partner_id)
        assert (related is None) is (partner is None)
        assert related is None or (held_names(related), related.name) == (["id", "name"], cast("Any", partner).name)


@modes.has_readers
async def test_sums_and_values_are_of_the_rows_in_scope_and_need_no_transaction(api: Api, world: World) -> None:
    own = world.people["own partner"]
    everybodys = await api.rows("select partner_id, status, frozen, currency, amount from incentive")
    for scope in (EVERYTHING, Scope("partner", (cast("UUID", own.partner_id),), own.account_id)):
        seen = [row for row in everybodys if scope is EVERYTHING or row["partner_id"] == own.partner_id]
        async with db.read(scope):
            sums = await read_sums(Incentive.filter(frozen=False), ("currency", "status"), "amount")
            values = await read_values(Incentive.all(), "status")
            assert not db.current().has_begun
        wanted: dict[Any, list[int]] = defaultdict(list)
        for row in seen:
            wanted[row["currency"], row["status"]] += [] if row["frozen"] else [row["amount"]]
        assert {one.values: (one.count, one.total) for one in sums} == {
            key: (len(amounts), sum(amounts)) for key, amounts in wanted.items() if amounts
        }
        assert sorted(values) == sorted(row["status"] for row in seen)
        assert 3 < len(sums) < len(values)


@modes.has_readers
async def test_heads_are_the_first_rows_of_each_query_set(world: World) -> None:
    partner_id = cast("UUID", world.people["own partner"].partner_id)
    async with db.read(Scope("partner", (partner_id,))):
        sets: list[QuerySet[Any]] = [Opportunity.all(), Customer.filter(id__in=[]), Incentive.filter(frozen=False)]
        heads = [Head(rows, ("id", "updated_at"), "updated_at") for rows in sets]
        found = await read_heads(heads, 3)
        assert not db.current().has_begun
        wanted = [await rows.order_by("updated_at", "id").limit(3).values_list("id", "updated_at") for rows in sets]
    assert found == wanted
    assert [len(one) for one in found] == [3, 0, 3]
    async with db.read(EVERYTHING):
        assert await read_heads([], 3) == []
        with pytest.raises(Unreadable):
            await read_heads([Head(Incentive.filter(period__icontains="2"), ("id",), "id")], 3)


async def test_values_of_an_unreadable_query_set_are_read_by_the_orm(api: Api, world: World) -> None:
    async with db.read(EVERYTHING):
        assert await read_values(Partner.filter(name__icontains="canary"), "name")
        with pytest.raises(Unreadable):
            await read_sums(Incentive.filter(period__icontains="2"), ("currency",), "amount")
