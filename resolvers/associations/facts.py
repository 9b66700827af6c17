"""What the rules of unbinding and switching need to know, gathered for any number of associations at once."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core import db
from models.associations import AssociationRequest, CustomerAssociation
from models.customers import Customer
from models.partners import Partner
from resolvers.context import Context
from resolvers.partners import standings_of
from rules.access import Role
from rules.associations import (
    OPEN_STATUSES,
    AssociationFacts,
    PendingRequest,
    Purpose,
    RequestHistory,
    RequestInitiator,
    compute_window_start,
)
from rules.customers import CustomerFact
from rules.partners import Standing
from rules.policy import Policy

_ASKED_TO_LEAVE = "select customer_id, submitted_at from guard_leave_requests($1::uuid[], $2::timestamptz)"


@dataclass(frozen=True, slots=True)
class Known:
    """An association with everything its rules ask for."""

    association: CustomerAssociation
    customer: Customer
    partner: Partner
    facts: AssociationFacts
    history: RequestHistory
    policy: Policy


def side_of(ctx: Context) -> RequestInitiator:
    """On which side the actor stands."""
    return (
        RequestInitiator.CUSTOMER
        if Role.CUSTOMER in ctx.actor.roles and ctx.actor.partner_id is None
        else (RequestInitiator.PARTNER)
    )


async def gather(ctx: Context, associations: Sequence[CustomerAssociation]) -> dict[UUID, Known]:
    """Association id → what is known of it. Associations whose customer the actor no longer sees are left out.

    Four statements, however many associations, and one more where there are resellers.
    """
    if not associations:
        return {}
    customers = {row.id: row for row in await Customer.filter(id__in=[a.customer_id for a in associations])}
    partners = {row.id: row for row in await Partner.filter(id__in=[a.partner_id for a in associations])}
    standings = await standings_of(list(partners.values()))
    policies = {row.id: ctx.policy_of(row) for row in customers.values()}
    since = min((compute_window_start(ctx.now, policy) for policy in policies.values()), default=ctx.now)
    asked = await _asked_by_partner(associations, since)
    left = await _asked_by_customer(list(customers), since)
    known = {}
    for association in associations:
        customer, partner = customers.get(association.customer_id), partners.get(association.partner_id)
        if customer is None or partner is None:
            continue
        requests = asked[association.partner_id, association.customer_id]
        known[association.id] = Known(
            association,
            customer,
            partner,
            _facts(association, customer, partner, standings[partner.id]),
            _history(association, requests, left[association.customer_id]),
            policies[customer.id],
        )
    return known


async def _asked_by_partner(
    associations: Sequence[CustomerAssociation], since: datetime
) -> dict[tuple[UUID, UUID], list[AssociationRequest]]:
    """(partner, customer) → the requests between them that may count, open ones of any age included."""
    rows = await AssociationRequest.filter(
        partner_id__in={a.partner_id for a in associations}, customer_id__in={a.customer_id for a in associations}
    )
    found: dict[tuple[UUID, UUID], list[AssociationRequest]] = defaultdict(list)
    for row in rows:
        if row.submitted_at >= since or row.status in OPEN_STATUSES:
            found[row.partner_id, row.customer_id].append(row)
    return found


async def _asked_by_customer(customers: list[UUID], since: datetime) -> dict[UUID, list[datetime]]:
    """Customer → when it asked to leave any partner, asked of a guard: other partners' requests are not ours to see."""
    found: dict[UUID, list[datetime]] = defaultdict(list)
    for row in await db.fetch(_ASKED_TO_LEAVE, customers, since):
        found[row["customer_id"]].append(row["submitted_at"])
    return found


def _facts(
    association: CustomerAssociation, customer: Customer, partner: Partner, standing: Standing
) -> AssociationFacts:
    return AssociationFacts(
        status=association.status,
        type=association.type,
        customer=frozenset(CustomerFact(fact) for fact in customer.facts),
        standing=standing,
        partner_kind=partner.kind,
        own=association.indirect_partner_id is None,
        may_refer=partner.may_refer,
    )


def _history(
    association: CustomerAssociation, requests: list[AssociationRequest], left: list[datetime]
) -> RequestHistory:
    by_partner = [row.submitted_at for row in requests if row.initiator is RequestInitiator.PARTNER]
    is_open = any(row.association_id == association.id and row.status in OPEN_STATUSES for row in requests)
    return RequestHistory(tuple(by_partner), tuple(left), is_open)


def purpose_of(request: AssociationRequest) -> Purpose:
    """What a stored request is for."""
    return Purpose(request.kind, request.initiator, request.target_type)


def pending(request: AssociationRequest) -> PendingRequest:
    """A stored request as its rules see it."""
    return PendingRequest(request.status, purpose_of(request), request.deadline)
