"""The analyser: both sides of each limit, prices, bombs, and its own time."""

import time

import pytest
from graphql import GraphQLSchema, build_schema, get_introspection_query, parse

from core.analyser import BadDocument, Cost, Limits, OperationAnalysis, TooExpensive, analyse

SDL = """
type Query {
  echo(s: String): String
  node: Node
  kids: [Node!]!
  tags: [String!]!
  page(first: Int = 20, last: Int): Page
  byIds(ids: [ID!]!): [Node]!
  months: [Node!]!
  priced: Node
  free: Node
}
type Page { nodes: [Node!]! edges: [Edge!]! total: Total }
type Edge { node: Node cursor: String }
type Total { value: Int }
type Node { id: ID! node: Node kids: [Node!]! page(first: Int = 20): Page }
type Mutation { a: Node b: Node c: Node d: Node secret: Node }
type Subscription { ticks: Node }
"""


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    made = build_schema(SDL)
    assert made.query_type and made.mutation_type
    made.mutation_type.fields["secret"].extensions["sensitive"] = True
    fields = made.query_type.fields
    fields["byIds"].extensions["cost"] = Cost(multiplier=("ids",))
    fields["months"].extensions["cost"] = Cost(multiplier=12)
    fields["priced"].extensions["cost"] = Cost(weight=7)
    fields["free"].extensions["cost"] = Cost(weight=0)
    return made


def analysed(schema: GraphQLSchema, text: str, limits: Limits | None = None) -> OperationAnalysis:
    return analyse(schema, parse(text), limits or Limits())[0]


def bomb(levels: int) -> str:
    middle = "".join(f"fragment F{i} on Node {{ ...F{i + 1} ...F{i + 1} }}\n" for i in range(levels))
    return "{ node { ...F0 } }\n" + middle + f"fragment F{levels} on Node {{ id }}\n"


def nested(levels: int) -> str:
    return "{ node " * (levels - 1) + "{ echo: __typename }" + " }" * (levels - 1)


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        ("{ echo }", 0),
        ("{ tags }", 0),
        ("{ node { id } }", 1),
        ("{ a: node { id } b: node { id } }", 2),
        ("{ kids { id } }", 10),
        ("{ kids { kids { id } } }", 110),
        ("{ page { nodes { id } } }", 21),
        ("{ page { edges { node { id } } } }", 41),
        ("{ page { total { value } nodes { id } } }", 22),
        ("{ page(first: 3) { nodes { id } } }", 4),
        ("{ page(last: 7, first: 3) { nodes { id } } }", 8),
        ("{ page(first: 3) { nodes { node { id } } } }", 7),
        ("{ page(first: 3) { nodes { page(first: 2) { nodes { id } } } } }", 1 + 3 * (1 + 1 + 2)),
        ("{ page(first: 0) { nodes { id } } }", 2),
        ("{ page(first: -9) { nodes { id } } }", 2),
        ('{ byIds(ids: ["a", "b", "c"]) { id } }', 3),
        ("{ byIds(ids: []) { id } }", 1),
        ("{ months { id } }", 12),
        ("{ priced { id } }", 7),
        ("{ priced { node { id } } }", 8),
        ("{ free { id } }", 0),
        ("{ ...P } fragment P on Query { page(first: 2) { ...N } } fragment N on Page { nodes { id } }", 3),
        ("{ page(first: 5) { ...N ...N } } fragment N on Page { nodes { id } }", 11),
        ("{ page(first: 5) { ... { nodes { id } } ... on Page { nodes { id } } } }", 11),
        ("{ unknown { id } echo }", 0),
        ("{ node { ...Missing } }", 1),
        ("{ __schema { types { name } } }", 0),
    ],
)
def test_prices(schema: GraphQLSchema, text: str, cost: int) -> None:
    assert analysed(schema, text).price({}).cost == cost


@pytest.mark.parametrize(
    ("variables", "cost"),
    [({"n": 3}, 4), ({}, 6), ({"n": None}, 21), ({"n": True}, 21), ({"n": "x"}, 21), ({"n": 10**30}, None)],
)
def test_prices_follow_variables(schema: GraphQLSchema, variables: dict[str, object], cost: int | None) -> None:
    operation = analysed(schema, "query ($n: Int = 5) { page(first: $n) { nodes { id } } }")
    if cost is None:
        with pytest.raises(TooExpensive):
            operation.price(variables)
    else:
        assert operation.price(variables).cost == cost


def test_absent_variable_takes_the_arguments_default(schema: GraphQLSchema) -> None:
    operation = analysed(schema, "query ($n: Int) { page(first: $n) { nodes { id } } }")
    assert operation.price({}).cost == 21
    assert operation.price({"n": 1}).cost == 2


def test_list_variables_count_by_their_length(schema: GraphQLSchema) -> None:
    operation = analysed(schema, "query ($ids: [ID!]!) { byIds(ids: $ids) { id } }")
    assert operation.price({"ids": ["1"] * 40}).cost == 40


def test_a_price_without_variables_is_found_once(schema: GraphQLSchema) -> None:
    operation = analysed(schema, "{ page { nodes { id } } }")
    assert operation.price({}) is operation.price({"other": 1})


@pytest.mark.parametrize(
    ("limit", "inside", "outside"),
    [
        ("depth", nested(12), nested(13)),
        ("aliases", "{ node { " + "a: id " * 30 + "} }", "{ node { " + "a: id " * 31 + "} }"),
        ("directives", "{ echo " + "@a " * 50 + "}", "{ echo " + "@a " * 51 + "}"),
        ("repeated", "{ node { " + "id " * 50 + "} }", "{ node { " + "id " * 51 + "} }"),
        ("root", "{ " + "echo " * 10 + "}", "{ " + "echo " * 11 + "}"),
        ("root", "mutation { a { id } b { id } c { id } }", "mutation { a { id } b { id } c { id } d { id } }"),
        ("root", "mutation { secret { id } }", "mutation { secret { id } a { id } }"),
        (
            "root",
            "{ ...F } fragment F on Query {" + "echo " * 10 + "}",
            "{ ...F ...F } fragment F on Query {" + "echo " * 6 + "}",
        ),
        (
            "introspection",
            "{ __schema { types { fields { name } } } }",
            "{ __schema { types { fields { type { fields { name } } } } } }",
        ),
        ("cost", "{ page(first: 4999) { nodes { id } } }", "{ page(first: 5000) { nodes { id } } }"),
    ],
)
def test_both_sides_of_a_limit(schema: GraphQLSchema, limit: str, inside: str, outside: str) -> None:
    analysed(schema, inside).price({})
    with pytest.raises(TooExpensive) as caught:
        analysed(schema, outside).price({})
    assert limit in caught.value.message
    assert caught.value.actual > caught.value.maximum


def test_directives_on_every_place_count(schema: GraphQLSchema) -> None:
    text = "query @a @a { ...F @a ... @a { echo @a } } fragment F on Query @a { echo @a }"
    assert analysed(schema, text).shape.directives == 7


def test_nodes_have_a_limit_of_their_own(schema: GraphQLSchema) -> None:
    with pytest.raises(TooExpensive, match="node count"):
        analysed(schema, "{ free { id } kids { kids { kids { id } } } }", Limits(cost=10**8, nodes=1_000)).price({})


def test_fields_are_counted_after_expansion(schema: GraphQLSchema) -> None:
    text = bomb(6)
    assert analysed(schema, text, Limits(repeats=64)).shape.fields == 65
    with pytest.raises(TooExpensive, match="number of fields"):
        analysed(schema, text, Limits(repeats=64, fields=64))


def test_costliest_paths_are_named_dearest_first(schema: GraphQLSchema) -> None:
    text = "{ small: node { id } big: page(first: 100) { edges { node { page(first: 200) { nodes { id } } } } } }"
    with pytest.raises(TooExpensive) as caught:
        analysed(schema, text).price({})
    paths = [entry.path for entry in caught.value.costliest]
    costs = [entry.cost for entry in caught.value.costliest]
    assert paths == ["big", "big.edges", "big.edges.node", "big.edges.node.page", "big.edges.node.page.nodes"]
    assert costs == [1 + 100 * 203, 100 * 203, 100 * 202, 100 * 201, 100 * 200]


@pytest.mark.parametrize(
    "text",
    [
        "{ ...A } fragment A on Query { ...A }",
        "{ ...A } fragment A on Query { ...B } fragment B on Query { node { ...C } }"
        " fragment C on Node { ... { ...C } }",
        "{ echo } fragment Unused on Query { ...Unused }",
        "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
    ],
)
def test_cycles_are_refused(schema: GraphQLSchema, text: str) -> None:
    with pytest.raises(BadDocument, match="spreads itself"):
        analysed(schema, text)


def test_fragments_that_share_a_name_and_type_definitions_are_refused(schema: GraphQLSchema) -> None:
    with pytest.raises(BadDocument, match="only one fragment"):
        analysed(schema, "{ ...A } fragment A on Query { echo } fragment A on Query { echo }")
    with pytest.raises(BadDocument, match="operations and fragments only"):
        analyse(schema, parse("type A { b: Int }"), Limits())


def best_refusal(schema: GraphQLSchema, text: str) -> float:
    """CPU seconds until the refusal, best of three: the garbage of other tests is not the analyser's."""
    document = parse(text)
    spent = []
    for _ in range(3):
        started = time.process_time()
        with pytest.raises(TooExpensive):
            analyse(schema, document, Limits())
        spent.append(time.process_time() - started)
    return min(spent)


@pytest.mark.parametrize("levels", [6, 20, 150])
def test_fragment_bombs_are_refused_within_50_ms(schema: GraphQLSchema, levels: int) -> None:
    assert best_refusal(schema, bomb(levels)) < 0.05


def test_a_chain_of_3000_fragments_is_refused_without_recursion(schema: GraphQLSchema) -> None:
    chain = "".join(f"fragment F{i} on Query{{...F{i + 1}}}" for i in range(3000))
    document = parse("{...F0}" + chain + "fragment F3000 on Query{echo}")
    with pytest.raises(TooExpensive, match="depth of fragments"):
        analyse(schema, document, Limits())


def test_a_fragment_nobody_uses_is_held_to_the_limits(schema: GraphQLSchema) -> None:
    with pytest.raises(TooExpensive, match="depth"):
        analysed(schema, "{ echo } fragment Deep on Query " + nested(13))


def test_the_standard_introspection_query_passes_and_costs_nothing(schema: GraphQLSchema) -> None:
    operation = analysed(schema, get_introspection_query())
    assert operation.introspects
    assert operation.price({}).cost == 0


def test_introspection_has_a_depth_of_its_own(schema: GraphQLSchema) -> None:
    def of_type(levels: int) -> str:
        return '{ __type(name: "Node") { ' + "ofType { " * levels + "name" + " }" * levels + " } }"

    analysed(schema, of_type(18))
    with pytest.raises(TooExpensive, match="introspection depth"):
        analysed(schema, of_type(19))


def test_work_grows_with_the_document_and_not_with_its_expansion(schema: GraphQLSchema) -> None:
    many = "{ node { " + "...F " * 300 + "} } fragment F on Node { " + "".join(f"a{i}: id " for i in range(300)) + "}"
    assert best_refusal(schema, many) < 0.05
