"""What a selection is planned to need is enough: whatever is asked alone is answered as the generic way answers it."""

from collections.abc import AsyncIterator, Iterator
from itertools import islice
from typing import Any, cast

import pytest
from graphql import get_named_type, is_required_argument

from core import db
from core.execution.compiled import NotCompiled, Plan, Plans
from tests import modes
from tests.client import Answer, Api
from tests.contracts.mirrored import World, mirrored_world
from tests.contracts.root_fields import ROOT_FIELDS, RootField, leaves

LISTS = [field for field in ROOT_FIELDS if field.is_list]
AT_ONCE = 8
"""Fields asked in one document, each of a list of its own."""


@pytest.fixture
async def world(api: Api) -> AsyncIterator[World]:
    """The mirrored world."""
    async with mirrored_world(api) as made:
        yield made


def entry_of(field: RootField) -> Any:
    """The type of a list's entries."""
    return get_named_type(cast("Any", get_named_type(field.field.type)).fields["nodes"].type)


def alone(kind: Any) -> Iterator[str]:
    """Selections of one field each: everything of the type that is more than a column."""
    for name, field in kind.fields.items():
        if field.extensions.get("attribute") or any(is_required_argument(one) for one in field.args.values()):
            continue
        below = get_named_type(field.type)
        if not hasattr(below, "fields"):
            yield name
            continue
        yield f"{name} {{ __typename }}"
        yield f"{name} {{ {leaves(below, 0)} }}"


def documents(field: RootField) -> Iterator[str]:
    """Every such selection of the list's entries, a few to a document."""
    selections = alone(entry_of(field))
    while some := list(islice(selections, AT_ONCE)):
        head, _, tail = field.document("nodes").partition("{ ")
        call = tail.partition(" { nodes")[0]
        yield (
            f"{head}{{ "
            + " ".join(f"f{place}: {call} {{ nodes {{ {one} }} }}" for place, one in enumerate(some))
            + " }"
        )


def nothing_compiled(*_: Any) -> Plan:
    """In the place of `Plans.find`: graphql-core executes."""
    raise NotCompiled("a test")


def told(answer: Answer) -> Any:
    """Data and codes."""
    return answer.body.get("data"), [error["extensions"]["code"] for error in answer.body.get("errors", ())]


@modes.plans
async def test_each_field_asked_alone_answers_what_the_generic_way_answers(
    api: Api, world: World, monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    parents = {model: rows[0]["id"] for model, rows in world.rows.items() if rows}
    for field in LISTS:
        with subtests.test(str(field)):
            given, shown = field.variables(parents), 0
            for name, person in world.people.items():
                client = api.anonymous.as_(person.token)
                for document in documents(field):
                    planned = await client.send(document, **given)
                    with monkeypatch.context() as patch:
                        patch.setattr(Plans, "find", nothing_compiled)
                        generic = await client.send(document, **given)
                    assert (planned.executor, generic.executor) == ("compiled", "core")
                    assert told(planned) == told(generic), (name, document)
                    shown += (planned.body["data"] or {}).get("f0") is not None
            assert shown


@modes.plans
async def test_what_several_fields_ask_of_a_relation_is_read_at_once(api: Api, world: World) -> None:
    document = """{
      a: customers { nodes { id opportunities(first: 2) { name } } }
      b: customers { nodes { id opportunities(first: 2) { state partner { id name } } } }
      c: customers { nodes { id opportunities(first: 2) { partner { externalRef } } } }
    }"""
    client = api.anonymous.as_(world.people["own partner"].token)
    with db.observed() as statements:
        answer = await client.send(document)

    assert answer.executor == "compiled"
    (newest,) = [one for one in statements if "lateral" in one]
    for column in ("name", "state", "partner_id"):
        assert f'found."{column}"' in newest
    assert newest.count("left join") == 1
    assert '"need"' not in newest
    assert any(one["opportunities"] for one in answer.data["b"]["nodes"])
    for alias, shown in (("a", "name"), ("b", "state partner { id name }"), ("c", "partner { externalRef }")):
        apart = await client.send(f"{{ customers {{ nodes {{ id opportunities(first: 2) {{ {shown} }} }} }} }}")
        assert apart.data["customers"] == answer.data[alias]
