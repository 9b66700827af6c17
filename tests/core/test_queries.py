"""Copies of query sets hold what the ORM's own copies hold, and nothing that is changed in place is shared."""

from typing import Any

from tortoise.expressions import F, Q
from tortoise.functions import Count
from tortoise.queryset import QuerySet

from core.rows.queries import _SLOTS, Rows
from models.customers import Customer
from models.registry import MODELS


def elaborate() -> QuerySet[Any]:
    return (
        Customer.filter(Q(id__isnull=False) | Q(version=1), site="CN")
        .exclude(version__gt=F("version"))
        .annotate(many=Count("id"))
        .order_by("-id", "site")
        .group_by("id")
        .distinct()
        .limit(3)
        .offset(2)
        .select_for_update(skip_locked=True)
        .prefetch_related("partner")
    )


def test_every_model_has_such_query_sets(api: Any) -> None:
    assert {type(model.all()) for model in MODELS} == {type(model.filter(id=1)) for model in MODELS} == {Rows}


def test_a_copy_is_as_the_orms_own(api: Any) -> None:
    mine = elaborate()
    theirs, copy = QuerySet._clone(mine), mine._clone()
    assert type(copy) is type(theirs) is Rows
    for name in _SLOTS:
        if name != "_capabilities":  # looked up when first needed
            assert getattr(copy, name) == getattr(theirs, name), name
            shared = getattr(theirs, name) is getattr(mine, name)
            assert (getattr(copy, name) is getattr(mine, name)) == shared, name
    assert copy.capabilities == theirs.capabilities


def test_what_a_copy_is_told_the_first_one_does_not_hear() -> None:
    first = Customer.filter(site="CN")
    second = first.filter(version=2).order_by("id").annotate(many=Count("id"))
    assert len(first._q_objects) == 1 and len(second._q_objects) == 2
    assert not first._orderings and not first._annotations
