"""What the mutations of customer development take and answer."""

from typing import Any, Self

import strawberry

from models.accounts import Account as AccountRow
from models.customers import Customer as CustomerRow
from models.customers import CustomerInvitation as InvitationRow
from models.customers import CustomerReport as ReportRow
from resolvers.command import Outcome
from rules.customers import AssociationType, CustomerFact, ReviewReason
from rules.errors import ErrorCode
from schema.associations import CustomerAssociation
from schema.customers.kinds import ReportNextStep
from schema.customers.types import Customer, CustomerInvitation, CustomerReport, RevealedContact
from schema.fields import Payload
from schema.inputs import CommandInput, KeyedInput, SecretInput, ref, text


@strawberry.input
class ReportCustomerInput(KeyedInput):
    """Who is to be reported, and whether the invitation goes out at once."""

    customer_name: str = text("The customer's full name.", most=256)
    send_invite: bool = strawberry.field(description="true: the mail goes out as soon as the report holds.")
    mobile: str | None = text("Mobile number; required without sendInvite.", most=32, default=None)
    email: str | None = text("E-mail address; required with sendInvite.", most=64, default=None)
    association_type: AssociationType | None = strawberry.field(
        default=None, description="What to invite for; required with sendInvite."
    )
    external_ref: str | None = text(
        "What your own system calls it. One that an open report has corrects that report.", most=64, default=None
    )


@strawberry.input
class ApplyForReportReviewInput(ReportCustomerInput):
    """The report, and what speaks for it."""

    expected_spend: str = text("New spending expected, decimal, in your site's currency, as 120000.00.", most=20)
    expected_months: int = strawberry.field(description="Within so many months, 1 to 120.")
    project_detail: str = text("The project.", most=2000)
    customer_account: str = text("The customer's account.", most=128)
    communication_log: str = text("What was discussed with the customer.", most=2000)


@strawberry.type(description="The report, or what to do instead.")
class ReportCustomerPayload(Payload):
    """The source object is a CustomerReport; the next step follows from the refusals."""

    report: CustomerReport | None = strawberry.field(description="The report; null when refused: nothing is stored.")
    next_step: ReportNextStep | None = strawberry.field(description="What to do next; null when nothing is left to do.")
    review_reasons: list[ReviewReason] | None = strawberry.field(description="Why a review is needed; null when not.")

    @classmethod
    def of(cls, outcome: Outcome[Any]) -> Self:
        """The payload of an outcome."""
        reasons = [
            ReviewReason(reason)
            for violation in outcome.violations
            if violation.code is ErrorCode.REPORT_REVIEW_REQUIRED
            for reason in violation.parameters["reasons"]
        ]
        report = outcome.result
        next_step = ReportNextStep.REVIEW_REQUIRED if reasons else None
        if report is not None and not report.send_invite:
            next_step = ReportNextStep.INVITE_CUSTOMER
        return cls(
            report=report,
            next_step=next_step,
            review_reasons=reasons or None,
            user_errors=outcome.violations,  # type: ignore[arg-type]
            effects=outcome.effects,  # type: ignore[arg-type]
        )


@strawberry.type(description="The report concerned.")
class CustomerReportPayload(Payload):
    """The source object is a CustomerReport."""

    report: CustomerReport | None = strawberry.field(description="The report as it stands now.")


@strawberry.input
class UpdateReportContactInput(KeyedInput):
    """The report and its right contacts."""

    id: strawberry.ID = ref(ReportRow, "The report.", argument="report_id")
    mobile: str | None = text("Mobile number; left out or null: none.", most=32, default=None)
    email: str | None = text("E-mail address; left out or null: none.", most=64, default=None)
    expected_version: int | None = strawberry.field(
        default=None, description="The version you know; CONFLICT when it is another by now."
    )


@strawberry.input
class ReportIdInput(KeyedInput):
    """A report."""

    id: strawberry.ID = ref(ReportRow, "The report.", argument="report_id")


@strawberry.input
class WithdrawReportInput(ReportIdInput):
    """An application for a review."""


@strawberry.input
class CancelReportInput(ReportIdInput):
    """A report that holds."""


@strawberry.input
class RecordReportReleaseInput(ReportIdInput):
    """The report whose customer the CRM released. Take the CRM's own id of the event as idempotencyKey."""


@strawberry.input
class DecideReportReviewInput(ReportIdInput):
    """The vendor's decision."""

    approve: bool = strawberry.field(description="Approve or reject.")
    reason: str | None = text("Why it is rejected; the partner reads it.", most=500, default=None)


@strawberry.input
class InviteCustomerInput(ReportIdInput):
    """Whom to invite."""

    association_type: AssociationType | None = strawberry.field(
        default=None, description="What to invite for; the report's type when left out."
    )


@strawberry.input
class CreateInvitationLinkInput(KeyedInput):
    """What the link is for."""

    association_type: AssociationType = strawberry.field(description="What customers associate for.")
    qr_code: bool = strawberry.field(default=False, description="true: to be shown as a QR code.")
    tag: str | None = text("Label of who comes by it; your account's name when left out.", most=64, default=None)


@strawberry.input
class RevokeInvitationInput(KeyedInput):
    """An invitation."""

    id: strawberry.ID = ref(InvitationRow, "The invitation.", argument="invitation_id")


@strawberry.type(description="The invitation concerned.")
class CustomerInvitationPayload(Payload):
    """The source object is a CustomerInvitation."""

    invitation: CustomerInvitation | None = strawberry.field(description="The invitation as it stands now.")


@strawberry.input
class AcceptInvitationInput(SecretInput):
    """What follows the # in the link."""

    token: str = text("The token from the link.", most=100)
    notice_accepted: bool = strawberry.field(description="That you have read the notice and agree; resale needs it.")


@strawberry.type(description="The new association.")
class AcceptInvitationPayload(Payload):
    """The source object is an Accepted."""

    association: CustomerAssociation | None = strawberry.field(description="Your association with the partner.")
    customer: Customer | None = strawberry.field(description="You as a customer.")


@strawberry.input
class RecordCustomerFactsInput(KeyedInput):
    """Exactly one of the ids, and everything that holds."""

    facts: list[CustomerFact] = strawberry.field(description="All facts that hold, at most 31; the others do not.")
    customer_id: strawberry.ID | None = ref(CustomerRow, "The customer.", default=None)
    account_id: strawberry.ID | None = ref(AccountRow, "An account that is no customer yet.", default=None)


@strawberry.type(description="The customer concerned.")
class CustomerPayload(Payload):
    """The source object is a Customer."""

    customer: Customer | None = strawberry.field(description="The customer as it stands now.")


@strawberry.input
class RevealContactInput(CommandInput):
    """Exactly one of the ids, and why."""

    customer_id: strawberry.ID | None = ref(CustomerRow, "The customer.", default=None)
    report_id: strawberry.ID | None = ref(ReportRow, "The report.", default=None)
    reason: str = text("Why you need to see it; kept on record.", most=500)


@strawberry.type(description="The data in clear.")
class RevealContactPayload(Payload):
    """The source object is a Customer or a CustomerReport."""

    contact: RevealedContact | None = strawberry.field(description="Name and contacts.")
