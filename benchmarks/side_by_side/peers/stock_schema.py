"""Root fields of the stock stack."""

from datetime import date
from typing import Any, cast

import strawberry
from strawberry.types import Info
from tortoise.functions import Count, Sum

from benchmarks.side_by_side.peers.stock_types import (
    SHOWN,
    Account,
    Customer,
    Incentive,
    Money,
    Opportunity,
    PageInfo,
    Partner,
    ReviewCase,
    Solution,
    Voucher,
    cursor,
    page_info,
)
from benchmarks.side_by_side.peers.stock_writing import create
from models import accounts, customers, incentives, opportunities, partners, reviews, vouchers
from models import solutions as registry
from rules.money import format_amount


@strawberry.type
class Edge:
    cursor: str
    node: Opportunity


@strawberry.type
class OpportunityConnection:
    edges: list[Edge]
    page_info: PageInfo


@strawberry.type
class CustomerConnection:
    nodes: list[Customer]
    page_info: PageInfo


@strawberry.type
class VoucherConnection:
    nodes: list[Voucher]
    page_info: PageInfo


@strawberry.type
class IncentiveTotal:
    count: int
    amount: Money


@strawberry.type
class IncentiveConnection:
    nodes: list[Incentive]
    totals: list[IncentiveTotal]
    page_info: PageInfo


@strawberry.type
class SolutionConnection:
    nodes: list[Solution]
    page_info: PageInfo


@strawberry.type
class ReviewCaseEdge:
    cursor: str
    node: ReviewCase


@strawberry.type
class ReviewCaseConnection:
    edges: list[ReviewCaseEdge]
    page_info: PageInfo


@strawberry.type
class AccountConnection:
    nodes: list[Account]
    page_info: PageInfo


@strawberry.input
class OpportunityFilter:
    states: list[str]


@strawberry.input
class VoucherFilter:
    status: list[str]


@strawberry.input
class SaveOpportunityDraftInput:
    name: str
    customer_id: strawberry.ID
    customer_region: str
    industry: str
    need: str
    expected_revenue: str
    expected_sign_on: date
    idempotency_key: str


@strawberry.type
class UserError:
    code: str


@strawberry.type
class OpportunityPayload:
    opportunity: Opportunity | None
    user_errors: list[UserError]


@strawberry.type
class Query:
    @strawberry.field
    async def viewer(self, info: Info) -> Account:
        return cast("Account", await accounts.Account.get(id=info.context["account_id"]))

    @strawberry.field
    async def partner(self, info: Info) -> Partner:
        return cast("Partner", await partners.Partner.get(id=info.context["partner_id"]))

    @strawberry.field
    async def opportunities(
        self, info: Info, first: int, filter: OpportunityFilter | None = None
    ) -> OpportunityConnection:
        rows = opportunities.Opportunity.filter(
            partner_id=info.context["partner_id"], **_any_of("state", filter.states if filter else None)
        )
        return _edges(await rows.order_by("-id").limit(first + 1), first)

    @strawberry.field
    async def opportunity_queue(self, info: Info, first: int) -> OpportunityConnection:
        own = opportunities.OfficeMember.filter(account_id=info.context["account_id"])
        rows = opportunities.Opportunity.filter(
            state="VERIFYING", rep_office_id__in=await own.values_list("office_id", flat=True)
        )
        return _edges(await rows.order_by("id").limit(first + 1), first)

    @strawberry.field
    async def customers(self, info: Info, first: int) -> CustomerConnection:
        rows = customers.Customer.filter(partner_id=info.context["partner_id"])
        found: list[Any] = await rows.order_by("-id").limit(first + 1)
        return CustomerConnection(nodes=found[:first], page_info=page_info(found, first))

    @strawberry.field
    async def issued_vouchers(self, info: Info, first: int, filter: VoucherFilter | None = None) -> VoucherConnection:
        rows = vouchers.Voucher.filter(
            SHOWN, partner_id=info.context["partner_id"], **_any_of("status", filter.status if filter else None)
        )
        found: list[Any] = await rows.order_by("-id").limit(first + 1)
        return VoucherConnection(nodes=found[:first], page_info=page_info(found, first))

    @strawberry.field
    async def incentives(self, info: Info, first: int) -> IncentiveConnection:
        rows = incentives.Incentive.filter(partner_id=info.context["partner_id"])
        found: list[Any] = await rows.order_by("-id").limit(first + 1)
        sums = rows.annotate(count=Count("id"), total=Sum("amount")).group_by("currency")
        totals = [
            IncentiveTotal(
                count=row["count"], amount=Money(amount=format_amount(int(row["total"])), currency=row["currency"])
            )
            for row in await sums.values("currency", "count", "total")
        ]
        return IncentiveConnection(nodes=found[:first], totals=totals, page_info=page_info(found, first))

    @strawberry.field
    async def solutions(self, info: Info, first: int) -> SolutionConnection:
        rows = registry.Solution.filter(partner_id=info.context["partner_id"])
        found: list[Any] = await rows.order_by("-id").limit(first + 1)
        return SolutionConnection(nodes=found[:first], page_info=page_info(found, first))

    @strawberry.field
    async def review_queue(self, info: Info, first: int) -> ReviewCaseConnection:
        found: list[Any] = await reviews.ReviewCase.filter(state="SUBMITTED").order_by("due_at", "id").limit(first + 1)
        edges = [ReviewCaseEdge(cursor=cursor(row), node=row) for row in found[:first]]
        return ReviewCaseConnection(edges=edges, page_info=page_info(found, first))

    @strawberry.field
    async def members(self, info: Info, first: int) -> AccountConnection:
        rows = accounts.Account.filter(partner_id=info.context["partner_id"], is_main=False).exclude(status="DELETED")
        found: list[Any] = await rows.order_by("-id").limit(first + 1)
        return AccountConnection(nodes=found[:first], page_info=page_info(found, first))


def _any_of(column: str, values: list[str] | None) -> dict[str, Any]:
    return {f"{column}__in": values} if values else {}


def _edges(rows: list[Any], first: int) -> OpportunityConnection:
    edges = [Edge(cursor=cursor(row), node=row) for row in rows[:first]]
    return OpportunityConnection(edges=edges, page_info=page_info(rows, first))


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def save_opportunity_draft(self, info: Info, input: SaveOpportunityDraftInput) -> OpportunityPayload:
        made: Any = await create(info.context["account_id"], info.context["partner_id"], strawberry.asdict(input))
        errors = [] if made else [UserError(code="CONFLICT")]
        return OpportunityPayload(opportunity=made, user_errors=errors)


schema = strawberry.Schema(Query, Mutation)
