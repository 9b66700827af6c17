"""What is asked: the documents, and each caller's variables. Every peer but PostGraphile takes them as they are."""

from collections.abc import Callable
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from benchmarks.side_by_side.callers import Caller, Callers
from core.ids import encode_id

UNIQUE = "@@unique@@"
"""Stands in a body for a text that no other request has."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One question. `writes`: the root field of a mutation. `dropped`: keys whose values differ by nature."""

    name: str
    title: str
    document: str
    variables: Callable[[Caller], dict[str, Any]] = field(default=lambda caller: {})
    by: Callable[[Callers], list[Caller]] = attrgetter("partners")
    writes: bool = False
    dropped: tuple[str, ...] = ()

    def callers(self, everybody: Callers) -> list[Caller]:
        """Who asks it."""
        return self.by(everybody)


DASHBOARD = """
query Dashboard {
  viewer { id name fullName email kind status isMain realNameState }
  partner {
    id name site tier admissionState admittedAt
    counters { customers openOpportunities activeVouchers incentivesToConfirm members }
  }
}
"""
OPPORTUNITIES = """
query Opportunities($first: Int!, $filter: OpportunityFilter) {
  opportunities(first: $first, filter: $filter) {
    edges { cursor node { ...Line partner { id name } customer { id name registeredAt } repOffice { id name } } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
fragment Line on Opportunity {
  id version name state industry customerRegion expectedRevenue { amount currency } expectedSignOn vendorBusiness
  submittedAt createdAt updatedAt
}
"""
PORTFOLIO = """
query Portfolio($first: Int!) {
  customers(first: $first) {
    nodes {
      id name registeredAt
      opportunities(first: 5) { id name state expectedRevenue { amount currency } createdAt }
      vouchers(first: 5) { id kind status face { amount currency } expiresAt }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""
INCENTIVES = """
query Incentives($first: Int!) {
  incentives(first: $first) {
    nodes {
      id period associationType status frozen lineCount amount { amount currency }
      computedAmount { amount currency } generatedAt confirmedAt
    }
    totals { count amount { amount currency } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
CUSTOMERS = """
query Customers($first: Int!) {
  customers(first: $first) {
    nodes { id version name registeredAt association { id type status source label startedAt } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
QUEUE = """
query Queue($first: Int!) {
  opportunityQueue(first: $first) {
    edges {
      cursor
      node {
        id name state customerCompany customerRegion industry expectedRevenue { amount currency } submittedAt deadline
        claimedAt partner { id name } customer { id name registeredAt } repOffice { id name }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""
VOUCHERS = """
query Vouchers($first: Int!, $filter: VoucherFilter) {
  issuedVouchers(first: $first, filter: $filter) {
    nodes {
      id kind status face { amount currency } balance { amount currency } minOrderAmount { amount currency } validFrom
      expiresAt memo customer { id name }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""
SOLUTIONS = """
query Solutions($first: Int!) {
  solutions(first: $first) {
    nodes { id version kind form state name description industry services certifiedAt validUntil createdAt updatedAt }
    pageInfo { hasNextPage endCursor }
  }
}
"""
REVIEWS = """
query Reviews($first: Int!) {
  reviewQueue(first: $first) {
    edges {
      cursor
      node { id version kind state site round submittedAt dueAt createdAt updatedAt partner { id name tier site } }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""
MEMBERS = """
query Members($first: Int!) {
  members(first: $first) {
    nodes { id version name kind status isMain realNameState createdAt updatedAt }
    pageInfo { hasNextPage endCursor }
  }
}
"""
CREATE = """
mutation Create($input: SaveOpportunityDraftInput!) {
  saveOpportunityDraft(input: $input) {
    opportunity { id name state industry customerRegion expectedRevenue { amount currency } createdAt customer { id } }
    userErrors { code }
  }
}
"""


def _draft(caller: Caller) -> dict[str, Any]:
    assert caller.customer_id is not None
    return {
        "input": {
            "name": "数据湖建设",
            "customerId": encode_id("cus", caller.customer_id),
            "customerRegion": "330100",
            "industry": "MANUFACTURING",
            "need": "Reports take hours and nobody trusts them.",
            "expectedRevenue": "120000.50",
            "expectedSignOn": "2030-01-31",
            "idempotencyKey": UNIQUE,
        }
    }


OPERATIONS = (
    Operation("Q1", "dashboard: viewer, partner, five counters", DASHBOARD),
    Operation(
        "Q2",
        "50 opportunities with filter, 12 fields, three to-ones, cursors",
        OPPORTUNITIES,
        lambda caller: {"first": 50, "filter": {"states": ["VERIFIED"]}},
    ),
    Operation("Q3", "20 customers x last 5 opportunities x last 5 vouchers", PORTFOLIO, lambda caller: {"first": 20}),
    Operation("Q4", "200 incentives, 10 fields, totals of the list", INCENTIVES, lambda caller: {"first": 200}),
    Operation("Q5", "50 customers with their association", CUSTOMERS, lambda caller: {"first": 50}),
    Operation(
        "Q6", "the vendor's queue: 50 opportunities to verify", QUEUE, lambda caller: {"first": 50}, attrgetter("sales")
    ),
    Operation(
        "Q7",
        "50 vouchers with balance and customer",
        VOUCHERS,
        lambda caller: {"first": 50, "filter": {"status": ["USABLE"]}},
    ),
    Operation("Q8", "50 solutions with their certification", SOLUTIONS, lambda caller: {"first": 50}),
    Operation("Q9", "50 reviews that wait, due first", REVIEWS, lambda caller: {"first": 50}, attrgetter("managers")),
    Operation("Q10", "50 members", MEMBERS, lambda caller: {"first": 50}),
    Operation("M1", "create an opportunity", CREATE, _draft, writes=True, dropped=("id", "createdAt")),
)
