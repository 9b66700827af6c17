"""Fragments of every kind, and `__typename` within them."""

from tests.execution.case import Case, schema_of

_SCHEMA = schema_of(
    """
    interface Named { name: String }
    interface Being implements Named { name: String age: Int }
    type Dog implements Named & Being { name: String age: Int barks: Boolean owner: Person }
    type Cat implements Named & Being { name: String age: Int meows: Boolean }
    type Stone implements Named { name: String weight: Float }
    type Person implements Named { name: String pets: [Pet] named: [Named] }
    union Pet = Dog | Cat
    union Any = Dog | Cat | Stone | Person
    type Query { person: Person named: [Named] pets: [Pet] beings: [Being] any: [Any] pet: Pet nothing: Pet }
    """
)


def _root() -> object:
    dog = {"__typename": "Dog", "name": "Rex", "age": 3, "barks": True, "owner": {"name": "Ann"}}
    cat = {"__typename": "Cat", "name": "Tom", "age": 5, "meows": False}
    stone = {"__typename": "Stone", "name": "Flint", "weight": 1.5}
    person = {"__typename": "Person", "name": "Ann", "pets": [dog, cat], "named": [dog, stone]}
    return {
        "person": person,
        "named": [dog, cat, stone, person],
        "pets": [cat, dog],
        "beings": [dog, cat],
        "any": [stone, person],
        "pet": dog,
        "nothing": None,
    }


def _case(name: str, query: str, data: object) -> Case:
    return Case(name, _SCHEMA, query, _root, data=data, errors=[])


CASES = [
    _case("inline without condition", "{ person { ... { name } } }", {"person": {"name": "Ann"}}),
    _case("inline on the type itself", "{ person { ... on Person { name } } }", {"person": {"name": "Ann"}}),
    _case("inline on an interface of the type", "{ person { ... on Named { name } } }", {"person": {"name": "Ann"}}),
    _case("named on the type", "{ person { ...P } } fragment P on Person { name }", {"person": {"name": "Ann"}}),
    _case(
        "named on an interface",
        "{ person { ...N } pet { ...N } } fragment N on Named { name }",
        {"person": {"name": "Ann"}, "pet": {"name": "Rex"}},
    ),
    _case(
        "a condition that misses selects nothing",
        "{ named { ... on Cat { meows } } }",
        {"named": [{}, {"meows": False}, {}, {}]},
    ),
    _case(
        "conditions by member of a union",
        "{ pets { ... on Dog { barks } ... on Cat { meows } } }",
        {"pets": [{"meows": False}, {"barks": True}]},
    ),
    _case(
        "fields of the interface beside conditions",
        "{ named { name ... on Stone { weight } } }",
        {"named": [{"name": "Rex"}, {"name": "Tom"}, {"name": "Flint", "weight": 1.5}, {"name": "Ann"}]},
    ),
    _case(
        "an interface as a condition within a union",
        "{ any { ... on Being { age } ... on Named { name } } }",
        {"any": [{"name": "Flint"}, {"name": "Ann"}]},
    ),
    _case(
        "an interface that implements an interface",
        "{ named { ... on Being { age } } beings { name ... on Named { __typename } } }",
        {
            "named": [{"age": 3}, {"age": 5}, {}, {}],
            "beings": [{"name": "Rex", "__typename": "Dog"}, {"name": "Tom", "__typename": "Cat"}],
        },
    ),
    _case(
        "a union as a condition within an interface",
        "{ named { ... on Pet { __typename } name } }",
        {
            "named": [
                {"__typename": "Dog", "name": "Rex"},
                {"__typename": "Cat", "name": "Tom"},
                {"name": "Flint"},
                {"name": "Ann"},
            ]
        },
    ),
    _case(
        "a union as a condition within a union",
        "{ pets { ... on Any { ... on Dog { barks } ... on Cat { age } } } }",
        {"pets": [{"age": 5}, {"barks": True}]},
    ),
    _case(
        "nested conditions that exclude each other",
        "{ named { ... on Being { ... on Named { ... on Dog { name } } } } }",
        {"named": [{"name": "Rex"}, {}, {}, {}]},
    ),
    _case(
        "fragments in fragments",
        "{ person { ...A } } fragment A on Person { ...B name } fragment B on Person { pets { ...C } } "
        "fragment C on Pet { __typename ... on Dog { ...D } } fragment D on Dog { owner { name } }",
        {"person": {"pets": [{"__typename": "Dog", "owner": {"name": "Ann"}}, {"__typename": "Cat"}], "name": "Ann"}},
    ),
    _case(
        "one fragment spread twice at one place",
        "{ person { ...A ...A name } } fragment A on Person { n: name }",
        {"person": {"n": "Ann", "name": "Ann"}},
    ),
    _case(
        "one fragment at two places",
        "{ a: person { ...A } b: person { ...A x: name } } fragment A on Person { n: name }",
        {"a": {"n": "Ann"}, "b": {"n": "Ann", "x": "Ann"}},
    ),
    _case(
        "a diamond of spreads",
        "{ person { ...L ...R } } fragment L on Person { ...T l: name } fragment R on Person { r: name ...T } "
        "fragment T on Person { t: name }",
        {"person": {"t": "Ann", "l": "Ann", "r": "Ann"}},
    ),
    _case(
        "fragments on the root",
        "{ ...Q ... on Query { p: pet { __typename } } } fragment Q on Query { __typename }",
        {"__typename": "Query", "p": {"__typename": "Dog"}},
    ),
    _case(
        "one key of a merged field by different types",
        "{ named { ... on Dog { x: age } ... on Stone { y: weight } ... on Cat { x: age } } }",
        {"named": [{"x": 3}, {"x": 5}, {"y": 1.5}, {}]},
    ),
    _case(
        "one key for different fields of types that exclude each other",
        "{ pets { ... on Dog { voice: barks } ... on Cat { voice: meows } } }",
        {"pets": [{"voice": False}, {"voice": True}]},
    ),
    _case(
        "sub-selections merge across conditions",
        "{ pet { ... on Dog { owner { name } } ... on Being { ... on Dog { owner { n: name } } } } }",
        {"pet": {"owner": {"name": "Ann", "n": "Ann"}}},
    ),
    _case(
        "__typename on a union, an interface and an object",
        "{ pet { __typename } named { t: __typename } person { __typename } }",
        {
            "pet": {"__typename": "Dog"},
            "named": [{"t": "Dog"}, {"t": "Cat"}, {"t": "Stone"}, {"t": "Person"}],
            "person": {"__typename": "Person"},
        },
    ),
    _case(
        "__typename beside a condition that misses",
        "{ pet { __typename ... on Cat { name } } }",
        {"pet": {"__typename": "Dog"}},
    ),
    _case("conditions on null select nothing", "{ nothing { __typename ... on Dog { name } } }", {"nothing": None}),
    _case(
        "abstract within abstract",
        "{ any { ... on Person { named { name ... on Dog { owner { __typename } } } pets { __typename } } } }",
        {
            "any": [
                {},
                {
                    "named": [{"name": "Rex", "owner": {"__typename": "Person"}}, {"name": "Flint"}],
                    "pets": [{"__typename": "Dog"}, {"__typename": "Cat"}],
                },
            ]
        },
    ),
    _case(
        "key order is each runtime type's own",
        "{ named { ... on Cat { meows } name ... on Dog { barks } age: __typename } }",
        {
            "named": [
                {"name": "Rex", "barks": True, "age": "Dog"},
                {"meows": False, "name": "Tom", "age": "Cat"},
                {"name": "Flint", "age": "Stone"},
                {"name": "Ann", "age": "Person"},
            ]
        },
    ),
    _case(
        "a fragment whose fields are all skipped",
        "{ person { ...A } } fragment A on Person { name @skip(if: true) }",
        {"person": {}},
    ),
    _case(
        "an unused condition inside an unused condition",
        "{ pet { ... on Cat { ... on Named { name } } } }",
        {"pet": {}},
    ),
]
