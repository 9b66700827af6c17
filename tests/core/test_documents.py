"""The document cache: read once, bounded both ways, trusted documents beside it."""

from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_schema
from graphql.execution.values import VariableValues, get_variable_values

from core.analyser import Limits
from core.execution.documents import Documents, document_hash, load_trusted, price
from core.execution.errors import Code, RequestError


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema("type Query { echo: String page(first: Int): [Item!]! } type Item { id: ID }")


def test_a_text_is_read_once(schema: GraphQLSchema) -> None:
    documents = Documents(schema, Limits())
    assert not documents.is_known("{ echo }")
    first = documents.by_text("{ echo }")
    assert documents.is_known("{ echo }")
    assert documents.by_text("{ echo }") is first
    assert documents.by_text("{ echo }\n") is not first


def test_refused_texts_are_kept_too(schema: GraphQLSchema) -> None:
    documents = Documents(schema, Limits())
    assert documents.by_text("{").errors
    assert documents.by_text("{") is documents.by_text("{")


def test_the_number_kept_is_bounded_and_the_least_used_goes_first(schema: GraphQLSchema) -> None:
    documents = Documents(schema, Limits(), maximum=3)
    a = documents.by_text("{ a: echo }")
    documents.by_text("{ b: echo }")
    documents.by_text("{ c: echo }")
    documents.by_text("{ a: echo }")
    documents.by_text("{ d: echo }")
    assert documents.size[0] == 3
    assert documents.by_text("{ a: echo }") is a
    assert not documents.is_known("{ b: echo }")


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("{ echo # %04d\n }", 1 + 6),  # a text of less than half a kilobyte; its begin and end are tokens, too
        ("{ echo # %04d\n }" + "#" * 5_000, 10 + 7),
        ("{ " + "e: echo " * 300 + "# %04d\n }", 5 + 905),
        ("{ echo # %04d\n", 1),
        ("{ echo # %04d\n" + "#" * 5_000, 10),
    ],
)
def test_the_memory_kept_is_bounded(schema: GraphQLSchema, text: str, size: int) -> None:
    documents = Documents(schema, Limits(), maximum_size=1_000, maximum=2_000)
    for number in range(1_100):
        documents.by_text(text % number)
        assert documents.size[1] <= 1_000
    assert documents.size == (1_000 // size, 1_000 // size * size)


def test_what_was_compiled_goes_with_its_document(schema: GraphQLSchema) -> None:
    documents = Documents(schema, Limits(), maximum=3)
    for number in range(10):
        document = documents.by_text(f"{{ e{number}: echo }}")
        assert document.plans is not None
        (operation,) = document.operations
        variables = get_variable_values(schema, (), {})
        assert isinstance(variables, VariableValues)
        assert document.plans.find(operation.node, variables) is document.plans.find(operation.node, variables)
        assert len(documents._shelf) == documents.size[0] == min(number + 1, 3)
    assert documents._shelf.size == 3


@pytest.mark.parametrize(
    ("text", "code", "part"),
    [
        ("", Code.BAD_QUERY, "Syntax Error"),
        ("{ echo", Code.BAD_QUERY, "Syntax Error"),
        ("{ nope }", Code.BAD_QUERY, "Cannot query field"),
        ("{ a" * 300, Code.BAD_QUERY, "nested too deeply"),
        ("{ echo " + "echo " * 1_997 + "}", Code.QUERY_TOO_EXPENSIVE, "repeated"),
        ("{ echo " + "echo " * 1_998 + "}", Code.QUERY_TOO_EXPENSIVE, "tokens"),
        ("#\n" * 1_001 + "{ echo }", Code.QUERY_TOO_EXPENSIVE, "comments"),
        ("{ ...A } fragment A on Query { ...A }", Code.BAD_QUERY, "spreads itself"),
        ("{ a" + ": echo a" * 11 + ": echo }", Code.QUERY_TOO_EXPENSIVE, "root fields"),
    ],
)
def test_refusals_have_codes(schema: GraphQLSchema, text: str, code: Code, part: str) -> None:
    errors = Documents(schema, Limits()).by_text(text).errors
    assert [error.code for error in errors][:1] == [code]
    assert part in errors[0].message


def test_both_sides_of_the_size_limit(schema: GraphQLSchema) -> None:
    documents = Documents(schema, Limits(document_bytes=1_000))
    assert not documents.by_text("{ echo }" + " " * 992).errors
    with pytest.raises(RequestError) as caught:
        documents.by_text("{ echo }" + " " * 993)
    assert caught.value.extra == {"limit": "size in bytes", "maximum": 1_000, "actual": 1_001}
    with pytest.raises(RequestError):
        documents.by_text("{ echo } #" + "桔" * 331)


def test_operations_are_chosen_by_name(schema: GraphQLSchema) -> None:
    document = Documents(schema, Limits()).by_text("query A { echo } query B { page { id } }")
    assert not document.errors
    chosen = document.operation("B").node.name
    assert chosen is not None and chosen.value == "B"
    for name in (None, "C"):
        with pytest.raises(RequestError):
            document.operation(name)
    lone = Documents(schema, Limits()).by_text("{ echo }")
    assert lone.operation(None) is lone.operations[0]
    with pytest.raises(RequestError):
        lone.operation("A")


def test_a_price_over_the_limit_names_paths(schema: GraphQLSchema) -> None:
    document = Documents(schema, Limits()).by_text("query ($n: Int) { page(first: $n) { id } }")
    assert price(document.operation(None), {"n": 5_000}).cost == 5_000
    with pytest.raises(RequestError) as caught:
        price(document.operation(None), {"n": 5_001})
    assert caught.value.code is Code.QUERY_TOO_EXPENSIVE
    assert caught.value.extra["costliest"] == [{"path": "page", "cost": 5_001}]


def test_trusted_documents(schema: GraphQLSchema, tmp_path: Path) -> None:
    (tmp_path / "echo.graphql").write_text("query Echo { echo }", encoding="utf-8")
    trusted = load_trusted(tmp_path)
    name = document_hash("query Echo { echo }")
    assert list(trusted) == [name]
    documents = Documents(schema, Limits(), trusted=trusted)
    assert documents.by_hash(name) is documents.by_hash(f"sha256:{name.upper()}")
    assert documents.by_text("query Echo { echo }") is documents.by_hash(name)
    assert documents.by_hash(name).trusted
    assert not documents.by_text("{ echo }").trusted
    assert documents.size == (1, 6)
    with pytest.raises(RequestError) as caught:
        documents.by_hash(document_hash("{ echo }"))
    assert caught.value.extra["reason"] == "PERSISTED_QUERY_NOT_FOUND"


def test_allow_list_mode_executes_nothing_else(schema: GraphQLSchema) -> None:
    text = "query Echo { echo }"
    documents = Documents(schema, Limits(), trusted={document_hash(text): text}, trusted_only=True)
    assert not documents.by_text(text).errors
    with pytest.raises(RequestError) as caught:
        documents.by_text("{ echo }")
    assert caught.value.extra["reason"] == "DOCUMENT_NOT_TRUSTED"


def test_a_manifest_that_lies_is_refused(schema: GraphQLSchema) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        Documents(schema, Limits(), trusted={"0" * 64: "{ echo }"})


def test_introspection_and_suggestions_can_be_switched_off(schema: GraphQLSchema) -> None:
    closed = Documents(schema, Limits(), introspection=False)
    for text in ("{ __schema { types { name } } }", '{ ...F } fragment F on Query { __type(name: "Item") { name } }'):
        assert "Introspection" in closed.by_text(text).errors[0].message
    assert not closed.by_text("{ __typename }").errors
    assert "Did you mean" not in closed.by_text("{ ech }").errors[0].message
    open_documents = Documents(schema, Limits())
    assert "Did you mean" in open_documents.by_text("{ ech }").errors[0].message
    assert not open_documents.by_text("{ __schema { types { name } } }").errors
