"""The root fields of customer development."""

from typing import Annotated, Any

import strawberry
from tortoise.queryset import QuerySet

from core.analyser.limits import Cost
from core.ids import filter_id
from models.accounts import Account as AccountRow
from resolvers import customers as use_cases
from resolvers.context import Context
from rules.customers import (
    AssociationType,
    AttemptState,
    InvitationChannel,
    InvitationState,
    ReportStatus,
)
from schema.context import Info
from schema.customers import inputs
from schema.customers.types import (
    AssociationAttempt,
    Customer,
    CustomerInvitation,
    CustomerReport,
    InvitationOffer,
)
from schema.fields import mutation, query
from schema.inputs import ref, text
from schema.pages import Order, connection

_OLDEST_FIRST = Order(descending=False)
CustomerId = Annotated[strawberry.ID | None, strawberry.argument(description="The customer's id.")]
CustomerRef = Annotated[str | None, strawberry.argument(description="What your own system calls the customer.")]
LinkToken = Annotated[str, strawberry.argument(description="What follows the # in the link.")]


@strawberry.input(description="Which customers; every condition given must hold.")
class CustomerFilter:
    """Absent or null: any."""

    name_starts_with: str | None = text("How the name begins, whatever the case.", most=256, default=None)
    association_type: AssociationType | None = strawberry.field(default=None, description="How they buy.")
    account_manager: strawberry.ID | None = ref(AccountRow, "The account of the member in charge.", default=None)

    def condition(self) -> use_cases.CustomerFilter:
        """For the use case; an id that is none finds nothing."""
        manager = filter_id(AccountRow.prefix, self.account_manager)
        return use_cases.CustomerFilter(self.name_starts_with, self.association_type, manager)


@strawberry.input(description="Which reports; every condition given must hold.")
class CustomerReportFilter:
    """Absent or null: any."""

    name_starts_with: str | None = text("How the name begins, whatever the case.", most=256, default=None)
    mobile: str | None = text("The mobile number.", most=32, default=None)
    email: str | None = text("The e-mail address.", most=64, default=None)
    status: list[ReportStatus] | None = strawberry.field(default=None, description="Any of these, at most 8.")

    def condition(self) -> use_cases.ReportFilter:
        """For the use case."""
        status = None if self.status is None else tuple(self.status)
        return use_cases.ReportFilter(self.name_starts_with, self.mobile, self.email, status)


@strawberry.type
class CustomerQueries:
    """Root reads of this domain."""

    @connection(use_cases.customers, Customer)
    def customers(self, ctx: Context, filter: CustomerFilter | None = None) -> QuerySet[Any]:
        """Your present customers, newest first; an account manager's own ones."""
        wanted = filter.condition() if filter else use_cases.CustomerFilter()
        return use_cases.customers(ctx, filter=wanted)

    @query(use_cases.customer, cost=Cost(weight=1))
    async def customer(self, info: Info, id: CustomerId = None, external_ref: CustomerRef = None) -> Customer | None:
        """One of your customers, by its id or by what your own system calls it."""
        return await use_cases.customer(info.context.ctx, id=id, external_ref=external_ref)  # type: ignore[return-value]

    @connection(use_cases.customer_reports, CustomerReport)
    def customer_reports(self, ctx: Context, filter: CustomerReportFilter | None = None) -> QuerySet[Any]:
        """Your reports, whatever became of them, newest first; an account manager's own ones."""
        wanted = filter.condition() if filter else use_cases.ReportFilter()
        return use_cases.customer_reports(ctx, filter=wanted)

    @connection(use_cases.report_review_queue, CustomerReport, order=_OLDEST_FIRST)
    def report_review_queue(self, ctx: Context) -> QuerySet[Any]:
        """For the vendor: reports that wait for a decision, longest waiting first."""
        return use_cases.report_review_queue(ctx)

    @connection(use_cases.customer_invitations, CustomerInvitation)
    def customer_invitations(
        self, ctx: Context, state: InvitationState | None = None, channel: InvitationChannel | None = None
    ) -> QuerySet[Any]:
        """Your invitations, by mail and general ones, newest first."""
        return use_cases.customer_invitations(ctx, state=state, channel=channel)

    @connection(use_cases.association_attempts, AssociationAttempt)
    def association_attempts(self, ctx: Context, state: AttemptState | None = None) -> QuerySet[Any]:
        """Who tried to associate by your invitations, with cause and advice where it failed; newest first."""
        return use_cases.association_attempts(ctx, state=state)

    @query(use_cases.invitation, cost=Cost(weight=5))
    async def invitation(self, info: Info, token: LinkToken) -> InvitationOffer | None:
        """What the link with this token offers; null alike for one that is unknown, used, revoked or over."""
        return await use_cases.invitation(info.context.ctx, token=token)  # type: ignore[return-value]


@strawberry.type
class CustomerMutations:
    """Root mutations of this domain."""

    report_customer = mutation(use_cases.report_customer, inputs.ReportCustomerInput, inputs.ReportCustomerPayload)
    apply_for_report_review = mutation(
        use_cases.apply_for_report_review, inputs.ApplyForReportReviewInput, inputs.CustomerReportPayload
    )
    update_report_contact = mutation(
        use_cases.update_report_contact, inputs.UpdateReportContactInput, inputs.CustomerReportPayload
    )
    withdraw_report = mutation(use_cases.withdraw_report, inputs.WithdrawReportInput, inputs.CustomerReportPayload)
    cancel_report = mutation(use_cases.cancel_report, inputs.CancelReportInput, inputs.CustomerReportPayload)
    decide_report_review = mutation(
        use_cases.decide_report_review, inputs.DecideReportReviewInput, inputs.CustomerReportPayload
    )
    record_report_release = mutation(
        use_cases.record_report_release, inputs.RecordReportReleaseInput, inputs.CustomerReportPayload
    )
    invite_customer = mutation(use_cases.invite_customer, inputs.InviteCustomerInput, inputs.CustomerInvitationPayload)
    create_invitation_link = mutation(
        use_cases.create_invitation_link, inputs.CreateInvitationLinkInput, inputs.CustomerInvitationPayload
    )
    revoke_invitation = mutation(
        use_cases.revoke_invitation, inputs.RevokeInvitationInput, inputs.CustomerInvitationPayload
    )
    accept_invitation = mutation(
        use_cases.accept_invitation, inputs.AcceptInvitationInput, inputs.AcceptInvitationPayload
    )
    record_customer_facts = mutation(
        use_cases.record_customer_facts, inputs.RecordCustomerFactsInput, inputs.CustomerPayload
    )
    reveal_contact = mutation(use_cases.reveal_contact, inputs.RevealContactInput, inputs.RevealContactPayload)
