"""Types of the stock stack, no more of them than the operations use, and a dataloader for each relation."""

import base64
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from typing import Any

import strawberry
from strawberry.dataloader import DataLoader
from strawberry.types import Info
from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from benchmarks.side_by_side.peers.asgi import SINCE
from models import accounts, associations, customers, incentives, opportunities, partners, vouchers, wallets
from rules.contacts import mask_name
from rules.money import format_amount

SHOWN = Q(ended_at__isnull=True) | Q(ended_at__gte=datetime.fromisoformat(SINCE)) if SINCE else Q()
_OPEN = ["DRAFT", "SUBMITTED", "AUDIT_REJECTED", "VERIFYING", "VERIFIED", "SIGNED"]


class Loaders:
    """One for each relation, for one request."""

    def __init__(self, partner_id: str | None) -> None:
        own = {"partner_id": partner_id} if partner_id else {}
        self.partner = _by_id(lambda: partners.Partner.all())
        self.customer = _by_id(lambda: customers.Customer.filter(**own))
        self.office = _by_id(lambda: opportunities.RepOffice.all())
        self.account = _by_id(lambda: wallets.LedgerAccount.all())
        self.association = DataLoader(load_fn=_associations(own))
        self.opportunities = DataLoader(load_fn=_newest(lambda: opportunities.Opportunity.filter(**own)))
        self.vouchers = DataLoader(load_fn=_newest(lambda: vouchers.Voucher.filter(SHOWN, **own)))


def _by_id(rows: Callable[[], QuerySet[Any]]) -> DataLoader[Any, Any]:
    async def load(keys: list[Any]) -> list[Any]:
        found = {row.id: row for row in await rows().filter(id__in=keys)}
        return [found.get(key) for key in keys]

    return DataLoader(load_fn=load)


def _associations(own: dict[str, str]) -> Callable[[list[Any]], Awaitable[list[Any]]]:
    async def load(keys: list[Any]) -> list[Any]:
        rows = associations.CustomerAssociation.filter(customer_id__in=keys, status="ACTIVE", **own)
        found = {row.customer_id: row for row in await rows}
        return [found.get(key) for key in keys]

    return load


def _newest(rows: Callable[[], QuerySet[Any]]) -> Callable[[list[tuple[Any, int]]], Awaitable[list[Any]]]:
    """Everything of all parents, cut to size here: an ORM has no other word for it."""

    async def load(keys: list[tuple[Any, int]]) -> list[Any]:
        found = defaultdict(list)
        for row in await rows().filter(customer_id__in=[key for key, _ in keys]).order_by("-id"):
            found[row.customer_id].append(row)
        return [found[key][:first] for key, first in keys]

    return load


def _loaders(info: Info) -> Loaders:
    loaders: Loaders = info.context["loaders"]
    return loaders


@strawberry.type
class Money:
    amount: str
    currency: str


def _money(minor: int | None, currency: str | None) -> Money | None:
    return None if minor is None or currency is None else Money(amount=format_amount(minor), currency=currency)


@strawberry.type
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


def cursor(row: Any) -> str:
    return base64.b64encode(str(row.id).encode()).decode()


def page_info(rows: Sequence[Any], first: int) -> PageInfo:
    shown = rows[:first]
    start, end = (cursor(shown[0]), cursor(shown[-1])) if shown else (None, None)
    return PageInfo(has_next_page=len(rows) > first, has_previous_page=False, start_cursor=start, end_cursor=end)


@strawberry.type
class RepOffice:
    id: strawberry.ID
    name: str


@strawberry.type
class PartnerCounters:
    customers: int
    open_opportunities: int
    active_vouchers: int
    incentives_to_confirm: int
    members: int


@strawberry.type
class Partner:
    id: strawberry.ID
    name: str
    site: str
    tier: str | None
    admission_state: str
    admitted_at: datetime | None

    @strawberry.field
    async def counters(self) -> PartnerCounters:
        own = {"partner_id": self.id}
        now = datetime.now().astimezone()  # noqa: TID251 - a peer has no clock of its own
        return PartnerCounters(
            customers=await customers.Customer.filter(**own).count(),
            open_opportunities=await opportunities.Opportunity.filter(**own, state__in=_OPEN).count(),
            active_vouchers=await vouchers.Voucher.filter(**own, status="USABLE").count(),
            incentives_to_confirm=await incentives.Incentive.filter(
                **own, status="PENDING_CONFIRM", confirm_deadline__gt=now
            ).count(),
            members=await accounts.Account.filter(**own, is_main=False).count(),
        )


@strawberry.type
class Account:
    id: strawberry.ID
    name: str | None
    full_name: str
    email: str | None
    kind: str
    status: str
    is_main: bool
    real_name_state: str
    version: int
    created_at: datetime
    updated_at: datetime


@strawberry.type
class Solution:
    id: strawberry.ID
    version: int
    kind: str
    form: str
    state: str
    name: str
    description: str
    industry: str
    services: list[str]
    certified_at: datetime | None
    valid_until: datetime | None
    created_at: datetime
    updated_at: datetime


@strawberry.type
class ReviewCase:
    id: strawberry.ID
    version: int
    kind: str
    state: str
    site: str
    round: int
    submitted_at: datetime
    due_at: datetime
    created_at: datetime
    updated_at: datetime

    @strawberry.field
    async def partner(self, info: Info) -> Partner:
        row: Any = self
        found: Partner = await _loaders(info).partner.load(row.partner_id)
        return found


@strawberry.type
class Association:
    id: strawberry.ID
    type: str
    status: str
    source: str
    label: str | None
    started_at: datetime


@strawberry.type
class Voucher:
    id: strawberry.ID
    kind: str
    status: str
    valid_from: datetime
    expires_at: datetime
    memo: str | None

    @strawberry.field
    def face(self) -> Money | None:
        row: Any = self
        return _money(row.face_minor, row.currency)

    @strawberry.field
    def min_order_amount(self) -> Money | None:
        row: Any = self
        return _money(row.min_order_minor, row.currency)

    @strawberry.field
    async def balance(self, info: Info) -> Money | None:
        row: Any = self
        account = await _loaders(info).account.load(row.account_id)
        return _money(account.balance, row.currency)

    @strawberry.field
    async def customer(self, info: Info) -> "Customer | None":
        row: Any = self
        found: Customer | None = await _loaders(info).customer.load(row.customer_id)
        return found


@strawberry.type
class Opportunity:
    id: strawberry.ID
    version: int
    name: str | None
    state: str
    industry: str | None
    customer_region: str | None
    customer_company: str | None
    expected_sign_on: date | None
    vendor_business: bool
    submitted_at: datetime | None
    deadline: datetime | None
    claimed_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @strawberry.field
    def expected_revenue(self) -> Money | None:
        row: Any = self
        return _money(row.expected_revenue_minor, row.expected_revenue_currency)

    @strawberry.field
    async def partner(self, info: Info) -> Partner:
        row: Any = self
        found: Partner = await _loaders(info).partner.load(row.partner_id)
        return found

    @strawberry.field
    async def customer(self, info: Info) -> "Customer | None":
        row: Any = self
        found: Customer | None = await _loaders(info).customer.load(row.customer_id) if row.customer_id else None
        return found

    @strawberry.field
    async def rep_office(self, info: Info) -> RepOffice | None:
        row: Any = self
        found: RepOffice | None = await _loaders(info).office.load(row.rep_office_id) if row.rep_office_id else None
        return found


@strawberry.type
class Customer:
    id: strawberry.ID
    version: int
    registered_at: datetime

    @strawberry.field
    def name(self) -> str:
        row: Any = self
        return mask_name(row.__dict__["name"])

    @strawberry.field
    async def association(self, info: Info) -> Association | None:
        found: Association | None = await _loaders(info).association.load(self.id)
        return found

    @strawberry.field
    async def opportunities(self, info: Info, first: int = 5) -> list[Opportunity]:
        found: list[Opportunity] = await _loaders(info).opportunities.load((self.id, first))
        return found

    @strawberry.field
    async def vouchers(self, info: Info, first: int = 5) -> list[Voucher]:
        found: list[Voucher] = await _loaders(info).vouchers.load((self.id, first))
        return found


@strawberry.type
class Incentive:
    id: strawberry.ID
    period: str
    association_type: str
    status: str
    frozen: bool
    line_count: int
    generated_at: datetime
    confirmed_at: datetime | None

    @strawberry.field
    def amount(self) -> Money | None:
        row: Any = self
        return _money(row.__dict__["amount"], row.currency)

    @strawberry.field
    def computed_amount(self) -> Money | None:
        row: Any = self
        return _money(row.__dict__["computed_amount"], row.currency)
