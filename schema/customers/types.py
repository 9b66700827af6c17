"""The types of customer development: customers, reports, invitations, attempts."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from core.i18n import translate
from models.base import Mask
from resolvers import bills, customers, opportunities, vouchers
from rules.access import Permission
from rules.customers import (
    ADVICE,
    AssociationType,
    AttemptState,
    FailureAdvice,
    FailureCause,
    InvitationChannel,
    InvitationState,
    ReportStatus,
)
from schema.actions import ActionState
from schema.columns import looks_at
from schema.context import Info
from schema.customers import kinds  # noqa: F401 - registers the enums
from schema.fields import HowMany, masked, relation
from schema.nodes import Node, OfRow, Versioned
from schema.scalars import Money, money_of

if TYPE_CHECKING:
    from schema.associations import CustomerAssociation
    from schema.bills import MonthlyConsumption
    from schema.opportunities import Opportunity
    from schema.partners import Partner
    from schema.vouchers import Voucher

AssociationType_ = Annotated["CustomerAssociation", strawberry.lazy("schema.associations")]
PartnerType = Annotated["Partner", strawberry.lazy("schema.partners")]
MonthlyType = Annotated["MonthlyConsumption", strawberry.lazy("schema.bills")]
ReportType = Annotated["CustomerReport", strawberry.lazy("schema.customers")]
InvitationType = Annotated["CustomerInvitation", strawberry.lazy("schema.customers")]
OpportunityType = Annotated["Opportunity", strawberry.lazy("schema.opportunities")]
VoucherType = Annotated["Voucher", strawberry.lazy("schema.vouchers.types")]
_REVIEWS = Permission.CUSTOMERS_DECIDE_REPORT
_NEWEST = {"first": HowMany(5, 20, "How many of the newest")}


@strawberry.type(description="An end customer of the vendor's cloud, associated with your partner.")
class Customer(Versioned, Node, OfRow):
    """The source object is a Customer row."""

    registered_at: datetime = strawberry.field(description="When its account was registered.")
    name = masked("name", Mask.NAME, "How the person or company is called.")
    mobile = masked("mobile", Mask.MOBILE, "Mobile number in E.164.")
    email = masked("email", Mask.EMAIL, "E-mail address.")
    association = relation(
        customers.associations_of, AssociationType_ | None, "Its present association.", columns=("id",)
    )
    report = relation(
        customers.reports_of, ReportType | None, "Your report that it came by last; null without one.", columns=("id",)
    )
    consumption_by_month = relation(
        bills.monthly_consumption_of,
        list[MonthlyType],
        "What it paid while it was yours, latest month first, as far back as the policy says.",
        columns=("id", "site"),
    )
    opportunities = relation(
        opportunities.opportunities_of,
        list[OpportunityType],
        "The newest opportunities about it, of those that you see in opportunities, newest first.",
        arguments=_NEWEST,
        columns=("id",),
    )
    vouchers = relation(
        vouchers.vouchers_of_customers,
        list[VoucherType],
        "Its newest vouchers, of those that you see in issuedVouchers or myVouchers, newest first.",
        arguments=_NEWEST,
        columns=("id",),
    )


@strawberry.type(description="A partner's booking of a prospect.")
class CustomerReport(Versioned, Node, OfRow):
    """The source object is a CustomerReport row."""

    status: ReportStatus = strawberry.field(description="REPORTED holds until validUntil.")
    association_type: AssociationType | None = strawberry.field(description="The type it is to be invited for.")
    send_invite: bool = strawberry.field(description="Whether the invitation was to go out as soon as it holds.")
    had_account: bool = strawberry.field(description="Whether the contact had an account when it began to hold.")
    reported_at: datetime | None = strawberry.field(description="Since when it holds; null in review.")
    valid_until: datetime | None = strawberry.field(description="From this instant on anybody may report again.")
    reject_reason: str | None = strawberry.field(description="Why the vendor rejected it.")
    reviewed_at: datetime | None = strawberry.field(description="When the vendor decided.")
    expected_months: int | None = strawberry.field(description="Months for which expectedSpend is expected.")
    project_detail: str | None = strawberry.field(description="The project, as the application for a review says.")
    communication_log: str | None = strawberry.field(description="What was discussed with the customer.")
    external_ref: str | None = strawberry.field(description="What your own system calls it; unique per partner.")
    customer_name = masked("customer_name", Mask.NAME, "The customer's full name.", seen_with=(_REVIEWS,))
    mobile = masked("mobile", Mask.MOBILE, "Mobile number in E.164.", seen_with=(_REVIEWS,))
    email = masked("email", Mask.EMAIL, "E-mail address.", seen_with=(_REVIEWS,))
    customer_account = masked(
        "customer_account", Mask.IDENTIFIER, "The account named in the application.", seen_with=(_REVIEWS,)
    )
    customer = relation(
        customers.customers_of_reports, Customer | None, "The customer it led to, as long as it is yours."
    )
    partner = relation(customers.partners_of_reports, PartnerType, "The partner that made it.")
    invitations = relation(
        customers.invitations_of, list[InvitationType], "Its invitations, newest first.", columns=("id",)
    )
    actions = relation(
        customers.report_actions,
        list[ActionState],
        "What may be done with it now: INVITE, CORRECT, CANCEL, WITHDRAW, DECIDE.",
        columns=("id", "partner_id", "status", "valid_until", "association_type", "email"),
    )

    @strawberry.field(
        description="New spending expected within expectedMonths.",
        metadata=looks_at("expected_spend_minor", "expected_spend_currency"),
    )
    def expected_spend(self) -> Money | None:
        """The amount of the application."""
        row: Any = self
        if row.expected_spend_currency is None:
            return None
        return money_of(row.expected_spend_minor, row.expected_spend_currency)


@strawberry.type(description="A link for customers: sent by mail about one report, or a general one.")
class CustomerInvitation(Versioned, Node, OfRow):
    """The source object is a CustomerInvitation row."""

    channel: InvitationChannel = strawberry.field(description="ONLINE_MAIL is about one report, others are general.")
    association_type: AssociationType = strawberry.field(description="What customers associate for.")
    state: InvitationState = strawberry.field(description="Whether it still opens the door.")
    tag: str | None = strawberry.field(description="Label of the customers who come by it.")
    valid_until: datetime | None = strawberry.field(description="From this instant on it opens no more; null: no end.")
    report = relation(customers.reports_of_invitations, ReportType | None, "The report it is about.")
    actions = relation(
        customers.invitation_actions,
        list[ActionState],
        "What may be done with it now: REVOKE.",
        columns=("state", "valid_until"),
    )

    @strawberry.field(
        description="The link, also the content of the QR code. For its creator and the administrators, while it opens;"
        " null for one sent by mail, which only its recipient knows.",
        metadata=looks_at("channel", "created_by", "nonce", "state", "valid_until"),
    )
    def url(self, info: Info) -> str | None:
        """Derived, not stored."""
        row: Any = self
        return customers.url_of(info.context.ctx, row)


@strawberry.type(description="One reason why an attempt to associate failed, and what you can do about it.")
class AssociationFailure:
    """The source object is the cause."""

    cause: FailureCause = strawberry.field(description="The reason.")
    advice: FailureAdvice = strawberry.field(description="What you can do.")

    @strawberry.field(description="The advice in the caller's language.")
    def text(self, info: Info) -> str:
        """The catalogue's text."""
        return translate(f"advice.{self.advice.value}", info.context.ctx.locale)


@strawberry.type(description="Somebody's attempt to associate by one of your invitations.")
class AssociationAttempt(Versioned, Node, OfRow):
    """The source object is an AssociationAttempt row."""

    state: AttemptState = strawberry.field(description="How it ended.")
    invitation = relation(
        customers.invitations_of_attempts, CustomerInvitation | None, "The invitation it was made by."
    )

    @strawberry.field(description="Why it failed; empty when it did not.", metadata=looks_at("causes"))
    def failures(self) -> list[AssociationFailure]:
        """The stored causes with their advice."""
        row: Any = self
        causes = [FailureCause(cause) for cause in row.causes]
        return [AssociationFailure(cause=cause, advice=ADVICE[cause]) for cause in causes]


@strawberry.type(description="What an invitation offers to whoever opens its link.")
class InvitationOffer:
    """The source object is an Offer."""

    partner_name: str = strawberry.field(description="Who invites.")
    association_type: AssociationType = strawberry.field(description="What the account would be associated for.")
    notice_required: bool = strawberry.field(description="Whether the notice must be accepted.")

    @strawberry.field(description="The notice about associating with a partner, in the caller's language.")
    def notice(self, info: Info) -> str:
        """The catalogue's text."""
        offer: Any = self
        return translate(f"notices.association.{offer.association_type.value}", info.context.ctx.locale)


@strawberry.type(description="Personal data in clear. Who asked for it, and why, is on record.")
class RevealedContact:
    """The source object is a Customer, a CustomerReport or a member's Account row."""

    @strawberry.field(description="How the person or company is called.")
    def name(self) -> str:
        """The column that people know the row by."""
        row: Any = self
        return str(getattr(row, row.named_by))

    mobile: str | None = strawberry.field(description="Mobile number in E.164.")
    email: str | None = strawberry.field(description="E-mail address.")
