"""The inputs and payloads of opportunities."""

from datetime import date
from typing import Any

import strawberry

from models.accounts import Account as AccountRow
from models.customers import Customer as CustomerRow
from models.opportunities import Offering as OfferingRow
from models.opportunities import Opportunity as OpportunityRow
from models.opportunities import OpportunityUpdate as OpportunityUpdateRow
from rules.opportunities import (
    CloudService,
    Industry,
    PreSalesActivity,
    ProgressKind,
    SupportNeed,
    VerdictReason,
)
from schema.fields import Payload
from schema.inputs import CommandInput, KeyedInput, ref, text
from schema.nodes import encoded
from schema.opportunities.types import Opportunity, RevealedOpportunity

ABSENT: Any = strawberry.UNSET


def _choice(description: str) -> Any:
    return strawberry.field(description=description, default=ABSENT)


def _version() -> Any:
    return strawberry.field(description="The version you know.", default=None)


@strawberry.input
class SaveOpportunityDraftInput(CommandInput):
    """What to write; fields left out stay as they are, null empties them."""

    id: strawberry.ID | None = ref(
        OpportunityRow, "The opportunity to change; null makes a new one.", argument="opportunity_id", default=None
    )
    external_ref: str | None = text(
        "What your own system calls it; one of yours that has it already is changed.", most=64, default=None
    )
    expected_version: int | None = _version()
    name: str | None = text("How it is called.", most=100, default=ABSENT)
    owner_user_id: strawberry.ID | None = ref(AccountRow, "The member in charge; you when it is made.", default=ABSENT)
    customer_id: strawberry.ID | None = ref(CustomerRow, "One of your customers.", default=ABSENT)
    customer_company: str | None = text("The final customer's full name.", most=256, default=ABSENT)
    customer_credit_code: str | None = text("The customer's credit code.", most=64, default=ABSENT)
    customer_account: str | None = text("The customer's account; none means a warning.", most=128, default=ABSENT)
    customer_region: str | None = text(
        "Where the customer is. CN: GB/T 2260, as 330100; INTL: ISO 3166, as SG.", least=2, most=6, default=ABSENT
    )
    industry: Industry | None = _choice("The customer's line of business.")
    budget: str | None = text("The customer's budget.", most=1000, default=ABSENT)
    authority: str | None = text("Who decides at the customer's.", most=1000, default=ABSENT)
    need: str | None = text("What the customer needs.", most=1000, default=ABSENT)
    timeline: str | None = text("When the customer plans to buy.", most=1000, default=ABSENT)
    solution_description: str | None = text(
        "Your own solution; needed unless one of your offerings is named.", most=2000, default=ABSENT
    )
    expected_revenue: str | None = text(
        "What the vendor may earn by it: a decimal in the site's currency.", most=16, default=ABSENT
    )
    expected_sign_on: date | None = _choice("When it is to be signed.")
    expected_delivery_on: date | None = _choice("When it is to be delivered.")
    pre_sales: list[PreSalesActivity] | None = _choice("What has been done with the customer, at most 6.")
    cloud_services: list[CloudService] | None = _choice("Cloud services that the solution may use, at most 12.")
    support_needs: list[SupportNeed] | None = _choice("What you ask of the vendor, at most 6.")
    offering_ids: list[strawberry.ID] | None = ref(
        OfferingRow, "Your own offerings or the vendor's that hold today, at most 100.", default=ABSENT
    )
    contact_name: str | None = text("Whom to talk to at the customer's.", most=128, default=ABSENT)
    contact_title: str | None = text("What the contact does there.", most=64, default=ABSENT)
    contact_mobile: str | None = text("The contact's mobile number.", most=32, default=ABSENT)
    contact_email: str | None = text("The contact's e-mail address.", most=64, default=ABSENT)
    partner_contact_name: str | None = text("Whom to talk to at yours.", most=128, default=ABSENT)
    partner_contact_mobile: str | None = text("Its mobile number.", most=32, default=ABSENT)
    partner_contact_email: str | None = text("Its e-mail address.", most=64, default=ABSENT)
    consent_confirmed: bool | None = _choice("That the customer agrees that its data is shared with the vendor.")
    consent_statement: str | None = text("How and when the customer agreed.", most=500, default=ABSENT)


@strawberry.input
class DeleteOpportunityDraftInput(CommandInput):
    """A draft."""

    id: strawberry.ID = ref(OpportunityRow, "The draft.", argument="opportunity_id")
    expected_version: int | None = _version()


@strawberry.input
class SubmitOpportunityInput(KeyedInput):
    """A draft that is complete."""

    id: strawberry.ID = ref(OpportunityRow, "The opportunity.", argument="opportunity_id")
    expected_version: int | None = _version()


@strawberry.input
class AuditOpportunityInput(KeyedInput):
    """The ecosystem manager's verdict."""

    id: strawberry.ID = ref(OpportunityRow, "The opportunity.", argument="opportunity_id")
    approve: bool = strawberry.field(description="Complete and reasonable, or back to the partner.")
    reason: VerdictReason | None = strawberry.field(default=None, description="Why not; required to reject.")
    note: str | None = text("Why not, in words; required to reject.", most=500, default=None)
    vendor_business: bool = strawberry.field(
        default=False, description="That it is the vendor's business though no service or offering is named."
    )
    expected_version: int | None = _version()


@strawberry.input
class ClaimOpportunityInput(KeyedInput):
    """What you take up."""

    id: strawberry.ID = ref(OpportunityRow, "The opportunity.", argument="opportunity_id")


@strawberry.input
class VerifyOpportunityInput(KeyedInput):
    """The office's verdict."""

    id: strawberry.ID = ref(OpportunityRow, "The opportunity.", argument="opportunity_id")
    approve: bool = strawberry.field(description="Valid, or rejected.")
    reason: VerdictReason | None = strawberry.field(default=None, description="Why not; required to reject.")
    note: str | None = text("Why not, in words; required to reject. The partner reads it.", most=500, default=None)
    duplicate_of_id: strawberry.ID | None = ref(
        OpportunityRow, "The verified opportunity that it repeats; required with DUPLICATE.", default=None
    )
    expected_version: int | None = _version()


@strawberry.input
class UpdateOpportunityProgressInput(KeyedInput):
    """An entry for the timeline."""

    id: strawberry.ID = ref(OpportunityRow, "The opportunity.", argument="opportunity_id")
    text: str = text("What is new.", most=2000)
    kind: ProgressKind = strawberry.field(default=ProgressKind.PROGRESS, description="What kind of entry.")
    support_need: SupportNeed | None = strawberry.field(default=None, description="Of a request: which support.")
    answers_id: strawberry.ID | None = ref(OpportunityUpdateRow, "Of an answer: the entry that asked.", default=None)


@strawberry.input
class MarkOpportunitySignedInput(KeyedInput):
    """The contract."""

    id: strawberry.ID = ref(OpportunityRow, "The opportunity.", argument="opportunity_id")
    signed_on: date = strawberry.field(description="The day of the contract; not before the submission, not ahead.")
    amount: str = text("What it is worth: a decimal in the site's currency.", most=16)
    contract_ref: str = text("The document that shows it.", most=200)
    expected_version: int | None = _version()


@strawberry.input
class MarkOpportunityDeliveredInput(KeyedInput):
    """The delivery."""

    id: strawberry.ID = ref(OpportunityRow, "The opportunity.", argument="opportunity_id")
    delivered_on: date = strawberry.field(description="The day of the delivery; not before the contract, not ahead.")
    acceptance_ref: str = text("The document that shows the customer's acceptance.", most=200)
    expected_version: int | None = _version()


@strawberry.input
class MarkOpportunityLostInput(KeyedInput):
    """The loss."""

    id: strawberry.ID = ref(OpportunityRow, "The opportunity.", argument="opportunity_id")
    reason: str = text("Why.", most=500)
    expected_version: int | None = _version()


@strawberry.input
class CancelOpportunityInput(KeyedInput):
    """The vendor's cancellation."""

    id: strawberry.ID = ref(OpportunityRow, "The opportunity.", argument="opportunity_id")
    reason: str = text("Why; the partner reads it.", most=500)
    expected_version: int | None = _version()


@strawberry.input
class RevealOpportunityContactInput(CommandInput):
    """Whose data, and why."""

    id: strawberry.ID = ref(OpportunityRow, "The opportunity.", argument="opportunity_id")
    reason: str = text("Why you need it; kept with your name.", most=500)


@strawberry.type(description="The opportunity concerned.")
class OpportunityPayload(Payload):
    """The source object is an Opportunity."""

    opportunity: Opportunity | None = strawberry.field(description="The opportunity as it stands now.")


@strawberry.type(description="The draft that is no more.")
class DeletedOpportunityPayload(Payload):
    """The source object is the use case's Deleted."""

    deleted_id: strawberry.ID | None = strawberry.field(description="Its id.")

    @classmethod
    def values(cls, result: Any, names: list[str]) -> dict[str, Any]:
        """The id of what was deleted."""
        return {"deleted_id": None if result is None else encoded(result.subject.prefix, result.subject.id)}


@strawberry.type(description="The data in clear.")
class RevealedOpportunityPayload(Payload):
    """The source object is an Opportunity."""

    contact: RevealedOpportunity | None = strawberry.field(description="Customer and contacts in clear.")
