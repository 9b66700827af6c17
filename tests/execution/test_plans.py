"""Plans are bounded: of all documents together by their fields, of one document by its variants."""

from typing import Any

import pytest
from graphql import OperationDefinitionNode, build_schema, parse
from graphql.execution.values import VariableValues, get_variable_values

from core.execution.compiled import NotCompiled, Plans, Shelf
from core.execution.compiled.plan import MOST_VARIANTS

SCHEMA = build_schema("type Query { a: Int b: Int o: Query related: Query }")


def operation_of(document: Any) -> OperationDefinitionNode:
    """The only operation."""
    (operation,) = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    return operation


def given(operation: OperationDefinitionNode, values: dict[str, Any]) -> VariableValues:
    """The variables, coerced."""
    found = get_variable_values(SCHEMA, operation.variable_definitions or (), values)
    assert isinstance(found, VariableValues)
    return found


def test_the_shelf_holds_no_more_fields_than_it_may() -> None:
    shelf = Shelf(100)
    for number in range(500):
        document = parse(f"{{ a{number}: a b o {{ a b }} }}")
        operation = operation_of(document)
        Plans(SCHEMA, document, shelf=shelf).find(operation, given(operation, {}))
        assert shelf.size <= 100
    assert (shelf.size, len(shelf)) == (100, 20)


def test_a_plan_that_is_used_stays_and_is_not_made_twice() -> None:
    shelf = Shelf(20)
    document = parse("{ a b }")
    operation = operation_of(document)
    plans = Plans(SCHEMA, document, shelf=shelf)
    first = plans.find(operation, given(operation, {}))
    for number in range(50):
        other = parse(f"{{ x{number}: a b o {{ a }} }}")
        Plans(SCHEMA, other, shelf=shelf).find(operation_of(other), given(operation, {}))
        assert plans.find(operation, given(operation, {})) is first


def test_plans_of_a_document_that_was_dropped_do_not_come_back_to_the_shelf() -> None:
    shelf, document = Shelf(), parse("{ a b }")
    operation, plans = operation_of(document), Plans(SCHEMA, document, shelf=shelf)
    plans.find(operation, given(operation, {}))
    assert (len(shelf), shelf.size) == (1, 2)
    plans.drop()
    assert (len(shelf), shelf.size) == (0, 0)
    late = plans.find(operation, given(operation, {}))
    assert plans.find(operation, given(operation, {})) is late
    assert (len(shelf), shelf.size) == (0, 0)


def test_one_document_is_compiled_for_so_many_variants_and_no_more() -> None:
    names = [f"v{number}" for number in range(8)]
    fields = " ".join(f"f{name}: a @include(if: ${name})" for name in names)
    document = parse(f"query ({' '.join(f'${name}: Boolean!' for name in names)}) {{ {fields} }}")
    operation = operation_of(document)
    plans = Plans(SCHEMA, document)

    def find(number: int) -> Any:
        chosen = {name: bool(number >> place & 1) for place, name in enumerate(names)}
        return plans.find(operation, given(operation, chosen))

    known = [find(number) for number in range(MOST_VARIANTS)]
    for number in range(MOST_VARIANTS, 256):
        with pytest.raises(NotCompiled, match="variants"):
            find(number)
    assert [find(number) for number in range(MOST_VARIANTS)] == known


async def test_what_a_source_holds_already_is_not_asked_for() -> None:
    schema = build_schema("type Query { related: Query a: Int }")
    asked: list[int] = []

    async def load(_context: Any, parents: list[Any]) -> list[Any]:
        asked.append(len(parents))
        return [Source(a=2) for _ in parents]

    assert schema.query_type is not None
    schema.query_type.fields["related"].extensions["batch"] = load
    document = parse("{ related { a } }")
    operation = operation_of(document)
    plan = Plans(schema, document).find(operation, VariableValues({}, {}))

    held = await plan.execute(Source(related_rows={load: Source(a=1)}), None, {})
    none = await plan.execute(Source(related_rows={load: None}), None, {})
    other = await plan.execute(Source(related_rows={}), None, {})

    assert [held.data, none.data, other.data] == [{"related": {"a": 1}}, {"related": None}, {"related": {"a": 2}}]
    assert asked == [1]


class Source:
    """An object with these attributes."""

    def __init__(self, **attributes: Any) -> None:
        self.__dict__.update(attributes)
