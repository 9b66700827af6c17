"""GraphQL of customer relations: associations, requests to unbind or switch, records."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry.scalars import JSON
from tortoise.queryset import QuerySet

from core.analyser.limits import Cost
from models.accounts import Account as AccountRow
from models.associations import AssociationRequest as AssociationRequestRow
from models.customers import Customer as CustomerRow
from resolvers import associations
from resolvers.context import Context
from rules.associations import (
    AssociationSource,
    AssociationStatus,
    RecordAction,
    RecordResult,
    RequestInitiator,
    RequestKind,
    RequestStatus,
)
from schema.actions import ActionState
from schema.batch import BatchPayload, item, reasons
from schema.context import Info
from schema.enums import AssociationType
from schema.fields import HowMany, Payload, mutation, query, relation
from schema.inputs import KeyedInput, SensitiveInput, ref, text
from schema.nodes import Node, OfRow, Versioned
from schema.pages import connection

strawberry.enum(AssociationStatus, description="Whether an association is in force.")
strawberry.enum(AssociationSource, description="How an association came about.")
strawberry.enum(RequestKind, name="AssociationRequestKind", description="What is asked for.")
strawberry.enum(RequestInitiator, name="AssociationSide", description="One of the two sides of an association.")
strawberry.enum(RequestStatus, name="AssociationRequestStatus", description="Where a request stands.")
strawberry.enum(RecordAction, name="AssociationRecordAction", description="What a record is about.")
strawberry.enum(RecordResult, name="AssociationRecordResult", description="What came of it.")

if TYPE_CHECKING:
    from schema.accounts import Account
    from schema.customers import Customer
    from schema.partners import Partner

AccountType = Annotated["Account", strawberry.lazy("schema.accounts")]
CustomerType = Annotated["Customer", strawberry.lazy("schema.customers")]
PartnerType = Annotated["Partner", strawberry.lazy("schema.partners")]


@strawberry.type(description="A request of one side to unbind or switch, and the other side's answer.")
class AssociationRequest(Versioned, Node, OfRow):
    """The source object is an AssociationRequest row."""

    kind: RequestKind = strawberry.field(description="UNBIND ends the association, SWITCH changes its type.")
    initiator: RequestInitiator = strawberry.field(description="The side that asks; the other one answers.")
    status: RequestStatus = strawberry.field(description="PENDING names the side that must answer.")
    from_type: AssociationType = strawberry.field(description="The association's type when it was asked.")
    target_type: AssociationType | None = strawberry.field(description="The type to switch to; null for unbinding.")
    reason: str | None = strawberry.field(description="Why it is asked.")
    submitted_at: datetime = strawberry.field(description="When it was asked; counts for the window whatever comes.")
    deadline: datetime = strawberry.field(description="From this instant on it cannot be answered any more.")
    processed_at: datetime | None = strawberry.field(description="When it was answered, withdrawn or expired.")
    decision_reason: str | None = strawberry.field(description="Why it was rejected.")
    actions = relation(
        associations.request_actions,
        list[ActionState],
        "What you may do with it now: APPROVE, REJECT, WITHDRAW.",
        columns=("association_id", "kind", "initiator", "status", "target_type", "deadline"),
    )
    association = relation(
        associations.association_of_requests,
        Annotated["CustomerAssociation", strawberry.lazy("schema.associations")],
        "The association it is about.",
    )


@strawberry.type(description="A member's being in charge of a customer.")
class CustomerAssignment(Node, OfRow):
    """The source object is a CustomerAssignment row."""

    started_at: datetime = strawberry.field(description="From when on what the customer pays is the member's.")
    ended_at: datetime | None = strawberry.field(description="Until when; null while it lasts.")
    account_manager = relation(associations.managers_of, AccountType | None, "The member.")


@strawberry.type(description="A customer's belonging to a partner, from its start to its end.")
class CustomerAssociation(Versioned, Node, OfRow):
    """The source object is a CustomerAssociation row."""

    type: AssociationType = strawberry.field(description="REFERRAL: the customer pays the vendor; RESALE: the partner.")
    status: AssociationStatus = strawberry.field(description="ACTIVE or ENDED.")
    source: AssociationSource = strawberry.field(description="How it came about.")
    started_at: datetime = strawberry.field(description="When it began.")
    ended_at: datetime | None = strawberry.field(description="When it ended.")
    label: str | None = strawberry.field(description="The tag of the link the customer came by.")
    customer = relation(associations.customers_of, CustomerType | None, "The customer; null for a partner it has left.")
    partner = relation(associations.partners_of, PartnerType | None, "The partner; null for a customer that has left.")
    account_manager = relation(
        associations.managers_of, AccountType | None, "Your member in charge of the customer; null for nobody."
    )
    assignments = relation(
        associations.assignments_of,
        list[CustomerAssignment],
        "Who was in charge of it, newest first.",
        arguments={"first": HowMany(5, 20, "How many of the newest")},
        columns=("id",),
    )
    open_request = relation(
        associations.open_requests_of,
        AssociationRequest | None,
        "The request that waits for its answer.",
        columns=("id",),
    )
    requests = relation(
        associations.requests_of,
        list[AssociationRequest],
        "Its requests, newest first; the windows keep them few.",
        columns=("id",),
    )
    actions = relation(
        associations.association_actions,
        list[ActionState],
        "What you may do now: REQUEST_UNBIND, REQUEST_SWITCH, REQUEST_LEAVE, ASSIGN.",
        columns=("id", "customer_id", "partner_id", "status", "type", "indirect_partner_id"),
    )


@strawberry.type(description="One line of the association records.")
class AssociationRecord(Node, OfRow):
    """The source object is an AssociationRecord row."""

    action: RecordAction = strawberry.field(description="What it is about.")
    result: RecordResult = strawberry.field(description="What came of it at that moment.")
    actor: str = strawberry.field(description="system, or account: and its UUID.")
    at: datetime = strawberry.field(description="When.")
    detail: JSON = strawberry.field(description="The asking side, and the effects of what was done.")


@strawberry.input
class RequestUnbindInput(SensitiveInput):
    """Which customer, why, and that the notes were read."""

    customer_id: strawberry.ID = ref(CustomerRow, "The customer to part with.")
    reason: str = text("Why; the customer reads it.", most=500)
    acknowledged: bool = strawberry.field(description="That you have read the notes on unbinding and agree.")


@strawberry.input
class RequestSwitchInput(SensitiveInput):
    """Which customer, to what, why, and that the notes were read."""

    customer_id: strawberry.ID = ref(CustomerRow, "The customer.")
    target_type: AssociationType = strawberry.field(description="The type to switch to.")
    reason: str = text("Why; the customer reads it.", most=500)
    acknowledged: bool = strawberry.field(description="That you have read the notes on switching and agree.")


@strawberry.input
class RequestLeaveInput(SensitiveInput):
    """That the notes were read, and perhaps why."""

    acknowledged: bool = strawberry.field(description="That you have read the notes on unbinding and agree.")
    reason: str | None = text("Why; your partner reads it.", most=500, default=None)


@strawberry.input
class AnswerPartnerRequestInput(SensitiveInput):
    """Yes or no to your partner."""

    id: strawberry.ID = ref(AssociationRequestRow, "The request.", argument="request_id")
    approve: bool = strawberry.field(description="true: it takes effect at once.")
    reason: str | None = text("Why not.", most=500, default=None)


@strawberry.input
class AnswerLeaveRequestInput(SensitiveInput):
    """Yes or no to a customer."""

    id: strawberry.ID = ref(AssociationRequestRow, "The request.", argument="request_id")
    approve: bool = strawberry.field(description="true: it takes effect at once.")
    reason: str | None = text("Why not; required to reject.", most=500, default=None)


@strawberry.input
class WithdrawAssociationRequestInput(KeyedInput):
    """Your own request."""

    id: strawberry.ID = ref(AssociationRequestRow, "The request.", argument="request_id")


@strawberry.input
class AssignCustomersInput(KeyedInput):
    """Which customers, and who is to be in charge of them."""

    customer_ids: list[strawberry.ID] = ref(CustomerRow, "The customers, at most 100.")
    account_manager_id: strawberry.ID | None = ref(
        AccountRow, "A member who is an account manager; null: nobody is in charge.", default=None
    )


@strawberry.type(description="What became of the assignment of one customer.")
class AssignCustomersResult:
    """The source object is a batch's Item."""

    association = item(CustomerAssociation, "The association as it stands now.")
    user_errors = reasons()


@strawberry.type(description="A result for each customer, in the order given.")
class AssignCustomersPayload(BatchPayload):
    """The source object is a Batch of associations."""

    results: list[AssignCustomersResult] = strawberry.field(description="What became of each.")


@strawberry.type(description="The request concerned.")
class AssociationRequestPayload(Payload):
    """The source object is an AssociationRequest."""

    request: AssociationRequest | None = strawberry.field(description="The request as it stands now.")


@strawberry.type
class AssociationQueries:
    """Root reads of this domain."""

    @connection(associations.association_requests, AssociationRequest)
    def association_requests(
        self, ctx: Context, status: RequestStatus | None = None, kind: RequestKind | None = None
    ) -> QuerySet[Any]:
        """Requests to unbind or switch, of either side, newest first."""
        return associations.association_requests(ctx, status=status, kind=kind)

    @connection(associations.association_records, AssociationRecord)
    def association_records(self, ctx: Context) -> QuerySet[Any]:
        """Who associated, switched or unbound whom, when, and with what result; newest first."""
        return associations.association_records(ctx)

    @query(associations.my_partner, cost=Cost(weight=2))
    async def my_partner(self, info: Info) -> CustomerAssociation | None:
        """For a customer: its association, the open request and what may be done."""
        return await associations.my_partner(info.context.ctx)  # type: ignore[return-value]


@strawberry.type
class AssociationMutations:
    """Root mutations of this domain."""

    request_unbind = mutation(associations.request_unbind, RequestUnbindInput, AssociationRequestPayload)
    request_switch = mutation(associations.request_switch, RequestSwitchInput, AssociationRequestPayload)
    request_leave = mutation(associations.request_leave, RequestLeaveInput, AssociationRequestPayload)
    answer_partner_request = mutation(
        associations.answer_partner_request, AnswerPartnerRequestInput, AssociationRequestPayload
    )
    answer_leave_request = mutation(
        associations.answer_leave_request, AnswerLeaveRequestInput, AssociationRequestPayload
    )
    withdraw_association_request = mutation(
        associations.withdraw_association_request, WithdrawAssociationRequestInput, AssociationRequestPayload
    )
    assign_customers = mutation(associations.assign_customers, AssignCustomersInput, AssignCustomersPayload)
