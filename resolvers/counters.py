"""What a partner's desk shows at a glance: how many there are of what it works with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tortoise.queryset import QuerySet

from core.rows import read_counts
from models.partners import Partner
from resolvers.context import Context
from resolvers.customers import customers
from resolvers.incentives.reads import incentives, incentives_to_confirm
from resolvers.members import members
from resolvers.opportunities import OpportunityFilter, opportunities
from resolvers.partners.scope import is_inside
from resolvers.per_parent import may_read
from resolvers.query import Query
from resolvers.vouchers import VoucherFilter, issued_vouchers
from rules.opportunities import OPPORTUNITY
from rules.vouchers import VoucherStatus

_OPEN = tuple(OPPORTUNITY.open_states())
"""States of an opportunity from which it still goes on."""


@dataclass(frozen=True, slots=True)
class PartnerCounters:
    """What a partner has now, as far as the actor sees it in the lists; None for a list that it may not ask for."""

    customers: int | None = None
    open_opportunities: int | None = None
    active_vouchers: int | None = None
    incentives_to_confirm: int | None = None
    members: int | None = None


@dataclass(frozen=True, slots=True)
class _Counter:
    """One number: the list's use case, and which of its rows count."""

    use_case: "Query[..., QuerySet[Any]]"
    rows: Callable[[Context], QuerySet[Any]]


_COUNTERS = {
    "customers": _Counter(customers, customers),
    "open_opportunities": _Counter(
        opportunities, lambda ctx: opportunities(ctx, filter=OpportunityFilter(states=_OPEN))
    ),
    "active_vouchers": _Counter(
        issued_vouchers, lambda ctx: issued_vouchers(ctx, filter=VoucherFilter(status=(VoucherStatus.USABLE,)))
    ),
    "incentives_to_confirm": _Counter(incentives, incentives_to_confirm),
    "members": _Counter(members, members),
}


async def counters_of(ctx: Context, parents: Sequence[Partner]) -> list[PartnerCounters | None]:
    """The counters of each partner; None where the actor is one of its customers. One statement for all."""
    inside = [parent.id for parent in parents if is_inside(ctx, parent)]
    if not inside:
        return [None for _ in parents]
    numbers = {name: (one.rows(ctx), "partner_id") for name, one in _COUNTERS.items() if may_read(ctx, one.use_case)}
    found = await read_counts(inside, numbers)
    return [PartnerCounters(**found[parent.id]) if parent.id in found else None for parent in parents]
