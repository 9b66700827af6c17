"""Reading associations, their requests and records; what may be done with them now."""

from collections.abc import Callable, Sequence
from typing import TypeVar
from uuid import UUID

from tortoise.expressions import Q, Subquery
from tortoise.queryset import QuerySet

from models.accounts import Account
from models.associations import AssociationRecord, AssociationRequest, CustomerAssignment, CustomerAssociation
from models.customers import Customer
from models.partners import Partner
from resolvers.actions import ActionState, action
from resolvers.associations.answers import answer_leave_request, answer_partner_request, withdraw_association_request
from resolvers.associations.assigning import assign_customers
from resolvers.associations.facts import Known, gather, pending, side_of
from resolvers.associations.requests import request_leave, request_switch, request_unbind
from resolvers.command import Command
from resolvers.context import Context
from resolvers.members.scope import visible_people
from resolvers.nodes import findable, own_rows, sees_all
from resolvers.per_parent import newest_of, newest_one_of
from resolvers.query import query
from resolvers.related import WHOLE, Selection, to_one
from rules.access import Permission
from rules.associations import (
    OPEN_STATUSES,
    AssociationStatus,
    Purpose,
    RequestInitiator,
    RequestKind,
    RequestStatus,
    check_answer,
    check_opening,
    check_withdraw,
)
from rules.customers import AssociationType
from rules.errors import ErrorCode, Violation
from rules.members import compute_managers_seen

R = TypeVar("R", CustomerAssociation, AssociationRequest, AssociationRecord)


def _scoped(ctx: Context, rows: QuerySet[R], own: Callable[[list[UUID]], Q]) -> QuerySet[R]:
    """A partner's own (of the account managers seen, `own` of them), a customer's own, all for the vendor."""
    if sees_all(ctx):
        return rows
    if ctx.actor.partner_id is None:
        return rows.filter(customer_id=ctx.actor.customer_id)
    rows = rows.filter(partner_id=ctx.actor.partner_id)
    managers = compute_managers_seen(ctx.actor)
    return rows if managers is None else rows.filter(own(list(managers)))


def visible_associations(ctx: Context) -> QuerySet[CustomerAssociation]:
    """The associations the actor may see."""
    return _scoped(ctx, CustomerAssociation.all(), lambda managers: Q(account_manager_id__in=managers))


def visible_requests(ctx: Context) -> QuerySet[AssociationRequest]:
    """The requests of the associations the actor may see."""
    return _scoped(ctx, AssociationRequest.all(), _of_associations)


def visible_records(ctx: Context) -> QuerySet[AssociationRecord]:
    """The records of the associations the actor may see."""
    return _scoped(ctx, AssociationRecord.all(), _of_associations)


def _of_associations(managers: list[UUID]) -> Q:
    own = CustomerAssociation.filter(account_manager_id__in=managers)
    return Q(association_id__in=Subquery(own.values("id")))


def visible_assignments(ctx: Context) -> QuerySet[CustomerAssignment]:
    """Who was in charge of the customers that the actor sees."""
    rows = own_rows(ctx, CustomerAssignment)
    managers = compute_managers_seen(ctx.actor)
    return rows if managers is None else rows.filter(_of_associations(list(managers)))


findable(CustomerAssociation, Permission.NODES_READ, visible_associations)
findable(CustomerAssignment, Permission.NODES_READ, visible_assignments)
findable(AssociationRequest, Permission.NODES_READ, visible_requests)
findable(AssociationRecord, Permission.NODES_READ, visible_records)


@query(permission=Permission.ASSOCIATIONS_READ)
def association_requests(
    ctx: Context, *, status: RequestStatus | None = None, kind: RequestKind | None = None
) -> QuerySet[AssociationRequest]:
    """Requests to unbind or switch, of either side."""
    rows = visible_requests(ctx)
    rows = rows if status is None else rows.filter(status=status)
    return rows if kind is None else rows.filter(kind=kind)


@query(permission=Permission.ASSOCIATIONS_READ)
def association_records(ctx: Context) -> QuerySet[AssociationRecord]:
    """Who associated, switched or unbound whom, when, and with what result."""
    return visible_records(ctx)


@query(permission=Permission.ASSOCIATIONS_READ_OWN_PARTNER)
async def my_partner(ctx: Context) -> CustomerAssociation | None:
    """The association a customer is in; None when it has no partner."""
    return await visible_associations(ctx).filter(status=AssociationStatus.ACTIVE).first()


customers_of = to_one("customer_id", Customer)
"""For each association its customer, where the actor may (still) see it."""


partners_of = to_one("partner_id", Partner)
"""For each association its partner, where the actor may see it."""


managers_of = to_one("account_manager_id", Account, visible=visible_people)
"""For each association the member in charge of the customer; None for the customer itself."""


async def assignments_of(
    ctx: Context, associations: Sequence[CustomerAssociation], *, first: int, selection: Selection = WHOLE
) -> list[list[CustomerAssignment]]:
    """For each association who was in charge of the customer, newest first."""
    return await newest_of(
        ctx, visible_assignments(ctx), "association_id", associations, first=first, selection=selection
    )


association_of_requests = to_one("association_id", CustomerAssociation)
"""For each request its association; both have the same scope."""


async def open_requests_of(
    ctx: Context, associations: Sequence[CustomerAssociation], *, selection: Selection = WHOLE
) -> list[AssociationRequest | None]:
    """For each association the request that waits for its answer."""
    rows = visible_requests(ctx).filter(status__in=OPEN_STATUSES)
    return await newest_one_of(ctx, rows, "association_id", associations, selection=selection)


async def requests_of(ctx: Context, associations: Sequence[CustomerAssociation]) -> list[list[AssociationRequest]]:
    """For each association its requests, newest first; the windows keep them few."""
    rows = await visible_requests(ctx).filter(association_id__in=[row.id for row in associations]).order_by("-id")
    return [[row for row in rows if row.association_id == association.id] for association in associations]


_ASKED = (
    ("REQUEST_UNBIND", request_unbind, Purpose(RequestKind.UNBIND, RequestInitiator.PARTNER)),
    ("REQUEST_LEAVE", request_leave, Purpose(RequestKind.UNBIND, RequestInitiator.CUSTOMER)),
)


async def association_actions(ctx: Context, associations: Sequence[CustomerAssociation]) -> list[list[ActionState]]:
    """For each association what may be asked now, by the guards of the mutations themselves."""
    known = await gather(ctx, associations)
    return [_actions(ctx, known.get(association.id)) for association in associations]


def _actions(ctx: Context, known: Known | None) -> list[ActionState]:
    asked: list[tuple[str, Command[..., object], list[Violation]]] = [
        (name, command, _opening(ctx, known, purpose)) for name, command, purpose in _ASKED
    ]
    switch = Purpose(RequestKind.SWITCH, RequestInitiator.PARTNER, _other_type(known))
    asked.append(("REQUEST_SWITCH", request_switch, _opening(ctx, known, switch)))
    asked.append(("ASSIGN", assign_customers, [] if known is not None else [Violation(ErrorCode.NOT_FOUND)]))
    return [action(ctx, name, command, blockers) for name, command, blockers in asked]


def _other_type(known: Known | None) -> AssociationType:
    is_resale = known is not None and known.facts.type is AssociationType.RESALE
    return AssociationType.REFERRAL if is_resale else AssociationType.RESALE


def _opening(ctx: Context, known: Known | None, purpose: Purpose) -> list[Violation]:
    if known is None:
        return [Violation(ErrorCode.NOT_FOUND)]
    return check_opening(purpose, known.facts, known.history, now=ctx.now, policy=known.policy)


async def request_actions(ctx: Context, requests: Sequence[AssociationRequest]) -> list[list[ActionState]]:
    """For each request whether the actor may answer it or take it back now."""
    associations = await CustomerAssociation.filter(id__in={row.association_id for row in requests})
    known = await gather(ctx, associations)
    return [_answers(ctx, request, known.get(request.association_id)) for request in requests]


def _answers(ctx: Context, request: AssociationRequest, known: Known | None) -> list[ActionState]:
    side, stands = side_of(ctx), pending(request)
    answer = answer_partner_request if side is RequestInitiator.CUSTOMER else answer_leave_request
    states = []
    for name, approve in (("APPROVE", True), ("REJECT", False)):
        blockers = [Violation(ErrorCode.NOT_FOUND)]
        if known is not None:
            blockers = check_answer(
                stands, known.facts, side=side, approve=approve, reason="–", now=ctx.now, policy=known.policy
            )
        states.append(action(ctx, name, answer, blockers))
    blockers = check_withdraw(stands, side=side, now=ctx.now)
    return [*states, action(ctx, "WITHDRAW", withdraw_association_request, blockers)]
