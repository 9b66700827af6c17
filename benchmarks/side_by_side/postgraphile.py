"""PostGraphile's own questions, and its answers in the product's shape.

It has no `Money`: amounts come as minor units, and making decimals of them is left to its client, here and unmeasured.
`rowId` is what the product calls `id`. Everything else is asked for by aliases.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from benchmarks.side_by_side.callers import Caller
from benchmarks.side_by_side.operations import Operation

_CUSTOMER = "rowId name: maskedName registeredAt"
_REVENUE = "expectedRevenueMinor expectedRevenueCurrency"
DASHBOARD = """
query Dashboard($account: UUID!, $partner: UUID!) {
  viewer: accountByRowId(rowId: $account) { rowId name fullName email kind status isMain realNameState }
  partner: partnerByRowId(rowId: $partner) {
    rowId name site tier admissionState admittedAt openOpportunities incentivesToConfirm
    customers: customersByPartnerId { totalCount }
    activeVouchers: vouchersByPartnerId(condition: { status: "USABLE" }) { totalCount }
  }
  members: allAccounts(condition: { partnerId: $partner, isMain: false }) { totalCount }
}
"""
OPPORTUNITIES = """
query Opportunities($partner: UUID!, $first: Int!, $state: String!) {
  opportunities: allOpportunities(
    first: $first, condition: { partnerId: $partner, state: $state }, orderBy: [PRIMARY_KEY_DESC]
  ) {
    edges {
      cursor
      node {
        ...Line partner: partnerByPartnerId { rowId name } customer: customerByCustomerId { <customer> }
        repOffice: repOfficeByRepOfficeId { rowId name }
      }
    }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
fragment Line on Opportunity {
  rowId version name state industry customerRegion <revenue> expectedSignOn vendorBusiness submittedAt createdAt
  updatedAt
}
"""
PORTFOLIO = """
query Portfolio($partner: UUID!, $first: Int!) {
  customers: allCustomers(first: $first, condition: { partnerId: $partner }, orderBy: [PRIMARY_KEY_DESC]) {
    nodes {
      <customer>
      opportunities: opportunitiesByCustomerId(first: 5, orderBy: [PRIMARY_KEY_DESC]) {
        nodes { rowId name state <revenue> createdAt }
      }
      vouchers: shownVouchers(first: 5) { nodes { rowId kind status faceMinor currency expiresAt } }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""
INCENTIVES = """
query Incentives($partner: UUID!, $first: Int!) {
  incentives: allIncentives(first: $first, condition: { partnerId: $partner }, orderBy: [PRIMARY_KEY_DESC]) {
    nodes {
      rowId period associationType status frozen lineCount amount computedAmount currency generatedAt confirmedAt
    }
    pageInfo { hasNextPage endCursor }
  }
  totals: benchIncentiveTotals(ofPartner: $partner) { nodes { count minor currency } }
}
"""
CUSTOMERS = """
query Customers($partner: UUID!, $first: Int!) {
  customers: allCustomers(first: $first, condition: { partnerId: $partner }, orderBy: [PRIMARY_KEY_DESC]) {
    nodes {
      version <customer>
      association: customerAssociationsByCustomerId(first: 1, condition: { status: "ACTIVE" }) {
        nodes { rowId type status source label startedAt }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""
QUEUE = """
query Queue($account: UUID!, $first: Int!) {
  opportunityQueue: benchOpportunityQueue(ofAccount: $account, first: $first) {
    edges {
      cursor
      node {
        rowId name state customerCompany customerRegion industry <revenue> submittedAt deadline claimedAt
        partner: partnerByPartnerId { rowId name } customer: customerByCustomerId { <customer> }
        repOffice: repOfficeByRepOfficeId { rowId name }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""
VOUCHERS = """
query Vouchers($partner: UUID!, $first: Int!, $status: String!) {
  issuedVouchers: allVouchers(
    first: $first, condition: { partnerId: $partner, status: $status }, orderBy: [PRIMARY_KEY_DESC]
  ) {
    nodes {
      rowId kind status faceMinor minOrderMinor currency validFrom expiresAt memo
      account: ledgerAccountByAccountId { balance } customer: customerByCustomerId { rowId name: maskedName }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""
SOLUTIONS = """
query Solutions($partner: UUID!, $first: Int!) {
  solutions: allSolutions(first: $first, condition: { partnerId: $partner }, orderBy: [PRIMARY_KEY_DESC]) {
    nodes {
      rowId version kind form state name description industry services certifiedAt validUntil createdAt updatedAt
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""
REVIEWS = """
query Reviews($first: Int!) {
  reviewQueue: allReviewCases(first: $first, condition: { state: "SUBMITTED" }, orderBy: [DUE_AT_ASC, ROW_ID_ASC]) {
    edges {
      cursor
      node {
        rowId version kind state site round submittedAt dueAt createdAt updatedAt
        partner: partnerByPartnerId { rowId name tier site }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""
MEMBERS = """
query Members($partner: UUID!, $first: Int!) {
  members: allAccounts(
    first: $first, condition: { partnerId: $partner, isMain: false }, orderBy: [PRIMARY_KEY_DESC]
  ) {
    nodes { rowId version name kind status isMain realNameState createdAt updatedAt }
    pageInfo { hasNextPage endCursor }
  }
}
"""
CREATE = """
mutation Create($input: BenchSaveOpportunityDraftInput!) {
  saveOpportunityDraft: benchSaveOpportunityDraft(input: $input) {
    opportunity: result {
      rowId name state industry customerRegion <revenue> createdAt customer: customerByCustomerId { rowId }
    }
  }
}
"""
DOCUMENTS = {
    name: text.replace("<customer>", _CUSTOMER).replace("<revenue>", _REVENUE)
    for name, text in (
        ("Q1", DASHBOARD),
        ("Q2", OPPORTUNITIES),
        ("Q3", PORTFOLIO),
        ("Q4", INCENTIVES),
        ("Q5", CUSTOMERS),
        ("Q6", QUEUE),
        ("Q7", VOUCHERS),
        ("Q8", SOLUTIONS),
        ("Q9", REVIEWS),
        ("Q10", MEMBERS),
        ("M1", CREATE),
    )
}


def question(operation: Operation, caller: Caller) -> tuple[str, dict[str, Any]]:
    """Document and variables."""
    given = operation.variables(caller)
    asked: dict[str, Any] = {"first": given.get("first")}
    asked["account"] = str(caller.account_id)
    asked["partner"] = str(caller.partner_id)
    if operation.name == "Q2":
        asked["state"] = given["filter"]["states"][0]
    if operation.name == "Q7":
        asked["status"] = given["filter"]["status"][0]
    if operation.name == "M1":
        asked["input"] = _input(caller, given["input"])
    used = {name: value for name, value in asked.items() if f"${name}:" in DOCUMENTS[operation.name]}
    return DOCUMENTS[operation.name], used


def _input(caller: Caller, given: dict[str, Any]) -> dict[str, Any]:
    return {
        "ofPartner": str(caller.partner_id),
        "ofAccount": str(caller.account_id),
        "ofCustomer": str(caller.customer_id),
        "title": given["name"],
        "region": given["customerRegion"],
        "ofIndustry": given["industry"],
        "ofNeed": given["need"],
        "revenueMinor": str(int(Decimal(given["expectedRevenue"]) * 100)),
        "signOn": given["expectedSignOn"],
        "idempotencyKey": given["idempotencyKey"],
    }


def shaped(operation: Operation, data: dict[str, Any]) -> dict[str, Any]:
    """As the product would say it."""
    found: dict[str, Any] = _renamed(data)
    special: dict[str, Callable[[dict[str, Any]], None]] = {
        "Q1": _dashboard,
        "Q3": _portfolio,
        "Q4": _incentives,
        "Q5": _customers,
        "M1": _saved,
    }
    if operation.name in special:
        special[operation.name](found)
    return found


def _renamed(value: Any) -> Any:
    """`rowId` as `id`, minor units as `Money`."""
    if isinstance(value, list):
        return [_renamed(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    found = {("id" if name == "rowId" else name): _renamed(entry) for name, entry in value.items()}
    if "expectedRevenueMinor" in found:
        found["expectedRevenue"] = _money(found.pop("expectedRevenueMinor"), found.pop("expectedRevenueCurrency"))
    if "faceMinor" in found:
        currency = found.pop("currency")
        found["face"] = _money(found.pop("faceMinor"), currency)
        if "account" in found:
            found["balance"] = _money(found.pop("account")["balance"], currency)
            found["minOrderAmount"] = _money(found.pop("minOrderMinor"), currency)
    return found


def _money(minor: str | None, currency: str) -> dict[str, str] | None:
    return None if minor is None else {"amount": f"{Decimal(minor) / 100:.2f}", "currency": currency}


def _dashboard(found: dict[str, Any]) -> None:
    partner = found["partner"]
    partner["counters"] = {
        "customers": partner.pop("customers")["totalCount"],
        "activeVouchers": partner.pop("activeVouchers")["totalCount"],
        "openOpportunities": partner.pop("openOpportunities"),
        "incentivesToConfirm": partner.pop("incentivesToConfirm"),
        "members": found.pop("members")["totalCount"],
    }


def _portfolio(found: dict[str, Any]) -> None:
    for customer in found["customers"]["nodes"]:
        for name in ("opportunities", "vouchers"):
            customer[name] = customer[name]["nodes"]


def _incentives(found: dict[str, Any]) -> None:
    for one in found["incentives"]["nodes"]:
        currency = one.pop("currency")
        one["amount"] = _money(one["amount"], currency)
        one["computedAmount"] = _money(one["computedAmount"], currency)
    found["incentives"]["totals"] = [
        {"count": one["count"], "amount": _money(one["minor"], one["currency"])} for one in found.pop("totals")["nodes"]
    ]


def _customers(found: dict[str, Any]) -> None:
    for customer in found["customers"]["nodes"]:
        associations = customer["association"]["nodes"]
        customer["association"] = associations[0] if associations else None


def _saved(found: dict[str, Any]) -> None:
    found["saveOpportunityDraft"]["userErrors"] = []
