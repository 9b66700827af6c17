"""The types of opportunities: the opportunity, its timeline, its warnings."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from core.i18n import translate
from models.base import Mask
from resolvers import opportunities
from rules.access import Permission
from rules.opportunities import (
    CloudService,
    DuplicateMatch,
    Industry,
    OpportunityState,
    OpportunityWarning,
    PreSalesActivity,
    Side,
    SupportNeed,
    Track,
    UpdateKind,
    VerdictReason,
)
from schema.actions import ActionState
from schema.columns import looks_at
from schema.context import Info
from schema.customers import Customer
from schema.fields import masked, relation
from schema.nodes import Node, OfRow, Versioned, encoded
from schema.opportunities.offices import Offering, RepOffice
from schema.scalars import Money, money_of

if TYPE_CHECKING:
    from schema.partners import Partner

PartnerType = Annotated["Partner", strawberry.lazy("schema.partners")]
OpportunityType = Annotated["Opportunity", strawberry.lazy("schema.opportunities.types")]
_REVIEWS = Permission.OPPORTUNITIES_REVIEW


@strawberry.type(name="OpportunityWarning", description="What does not stand in the way but may cost the partner.")
class Warning:
    """Made from its code."""

    code: OpportunityWarning = strawberry.field(description="Stable for programs.")

    @strawberry.field(description="One sentence in the caller's language.")
    def message(self, info: Info) -> str:
        """The catalogue's text."""
        return translate(f"effects.{self.code.value}", info.context.ctx.locale)


@strawberry.type(description="Whether an opportunity repeats a verified one; never which, nor whose.")
class DuplicateCheck:
    """The source object is the use case's DuplicateCheck."""

    duplicate: bool = strawberry.field(description="Whether submitting it would be refused for that.")
    matches: list[DuplicateMatch] = strawberry.field(description="By what it is about the same customer.")


@strawberry.type(description="One entry of the timeline that partner and vendor share.")
class OpportunityUpdate(Node, OfRow):
    """The source object is an OpportunityUpdate row."""

    kind: UpdateKind = strawberry.field(description="What it says.")
    side: Side = strawberry.field(description="Who wrote it.")
    at: datetime = strawberry.field(description="When.")
    text: str | None = strawberry.field(description="In words; null for a step that says it all.")
    support_need: SupportNeed | None = strawberry.field(description="The support that is asked for.")

    @strawberry.field(description="Of an answer: the entry that asked.", metadata=looks_at("answers_id"))
    def answers_id(self) -> strawberry.ID | None:
        """The public id of another entry."""
        row: Any = self
        return None if row.answers_id is None else encoded(row.prefix, row.answers_id)


def values(column: str, kind: Any, description: str) -> Any:
    """A list of enum values that a row stores as texts."""

    def resolve(root: Any) -> Any:
        return [kind(value) for value in getattr(root, column)]

    resolve.__annotations__ = {"root": strawberry.Parent[Any], "return": list[kind]}  # type: ignore[misc]
    return strawberry.field(resolver=resolve, description=description, metadata=looks_at(column))


def money(prefix: str, description: str) -> Any:
    """An amount that a row stores as minor units and currency."""

    minor, currency_column = f"{prefix}_minor", f"{prefix}_currency"

    def resolve(root: Any) -> Any:
        currency = getattr(root, currency_column)
        if currency is None:
            return None
        return money_of(getattr(root, minor), currency)

    resolve.__annotations__ = {"root": strawberry.Parent[Any], "return": Money | None}  # type: ignore[misc]
    columns = looks_at(minor, currency_column)
    return strawberry.field(resolver=resolve, description=description, metadata=columns)


@strawberry.type(description="A partner's opportunity, from the draft to the delivery.")
class Opportunity(Versioned, Node, OfRow):
    """The source object is an Opportunity row."""

    state: OpportunityState = strawberry.field(description="Where it stands.")
    external_ref: str | None = strawberry.field(description="What your own system calls it; unique per partner.")
    revision: int = strawberry.field(description="How often it was submitted.")
    name: str | None = strawberry.field(description="How it is called.")
    customer_company = masked("customer_company", Mask.NAME, "The final customer.", seen_with=(_REVIEWS,))
    customer_credit_code = masked(
        "customer_credit_code", Mask.IDENTIFIER, "The customer's credit code.", seen_with=(_REVIEWS,)
    )
    customer_account = masked(
        "customer_account", Mask.IDENTIFIER, "The customer's account as the partner knows it.", seen_with=(_REVIEWS,)
    )
    customer_region: str | None = strawberry.field(description="Where the customer is; decides the office.")
    industry: Industry | None = strawberry.field(description="The customer's line of business.")
    budget: str | None = strawberry.field(description="The customer's budget.")
    authority: str | None = strawberry.field(description="Who decides at the customer's.")
    need: str | None = strawberry.field(description="What the customer needs.")
    timeline: str | None = strawberry.field(description="When the customer plans to buy.")
    solution_description: str | None = strawberry.field(description="The partner's own solution.")
    expected_revenue = money("expected_revenue", "What the vendor may earn by it.")
    expected_sign_on: date | None = strawberry.field(description="When it is to be signed.")
    expected_delivery_on: date | None = strawberry.field(description="When it is to be delivered.")
    pre_sales = values("pre_sales", PreSalesActivity, "What has been done with the customer.")
    cloud_services = values("cloud_services", CloudService, "Cloud services that the solution may use.")
    support_needs = values("support_needs", SupportNeed, "What is asked of the vendor.")
    need_tags = values("need_tags", Track, "Fields of technology; they follow from the offerings.")
    contact_name = masked("contact_name", Mask.NAME, "Whom to talk to at the customer's.", seen_with=(_REVIEWS,))
    contact_title: str | None = strawberry.field(description="What the contact does there.")
    contact_mobile = masked("contact_mobile", Mask.MOBILE, "The contact's number in E.164.", seen_with=(_REVIEWS,))
    contact_email = masked("contact_email", Mask.EMAIL, "The contact's address.", seen_with=(_REVIEWS,))
    partner_contact_name = masked(
        "partner_contact_name", Mask.NAME, "Whom to talk to at the partner's.", seen_with=(_REVIEWS,)
    )
    partner_contact_mobile = masked(
        "partner_contact_mobile", Mask.MOBILE, "Its number in E.164.", seen_with=(_REVIEWS,)
    )
    partner_contact_email = masked("partner_contact_email", Mask.EMAIL, "Its address.", seen_with=(_REVIEWS,))
    consent_confirmed: bool = strawberry.field(description="Whether the customer agrees that its data is shared.")
    consent_statement: str | None = strawberry.field(description="How the customer agreed.")
    consent_at: datetime | None = strawberry.field(description="When that was confirmed.")
    submitted_at: datetime | None = strawberry.field(description="When it was submitted last.")
    audited_at: datetime | None = strawberry.field(description="When the audit decided.")
    vendor_business: bool = strawberry.field(description="Whether the auditor stated that it is the vendor's business.")
    deadline: datetime | None = strawberry.field(description="From this instant on it is rejected by itself.")
    deadline_provisional: bool = strawberry.field(
        description="Whether the deadline hangs on working days that are not published yet."
    )
    claimed_at: datetime | None = strawberry.field(description="When somebody of the office took it up.")
    verified_at: datetime | None = strawberry.field(description="When the verification passed.")
    verdict_reason: VerdictReason | None = strawberry.field(description="Why it was rejected.")
    verdict_note: str | None = strawberry.field(description="Why it was rejected, in words.")
    signed_on: date | None = strawberry.field(description="The day of the contract.")
    signed_at: datetime | None = strawberry.field(description="When that was recorded.")
    contract = money("contract", "What the contract is worth.")
    contract_ref: str | None = strawberry.field(description="The document that shows the contract.")
    delivered_on: date | None = strawberry.field(description="The day of the delivery.")
    delivered_at: datetime | None = strawberry.field(description="When that was recorded.")
    acceptance_ref: str | None = strawberry.field(description="The document that shows the acceptance.")
    closed_at: datetime | None = strawberry.field(description="When it was lost or cancelled.")
    closing_reason: str | None = strawberry.field(description="Why it was lost or cancelled.")
    partner = relation(opportunities.partners_of, PartnerType, "The partner whose it is.")
    customer = relation(opportunities.customers_of, Customer | None, "The customer it names, as long as you see it.")
    rep_office = relation(opportunities.offices_of, RepOffice | None, "The office that verifies it.")
    offerings = relation(
        opportunities.offerings_of, list[Offering], "The offerings it names, in its order.", columns=("id",)
    )
    warnings = relation(
        opportunities.warnings_of,
        list[Warning],
        "What you should know; each goes away with its cause.",
        columns=("id", "cloud_services", "vendor_business"),
    )
    updates = relation(
        opportunities.updates_of,
        list[OpportunityUpdate],
        "The 20 newest entries of its timeline, newest first.",
        columns=("id",),
    )
    duplicate_candidates = relation(
        opportunities.rivals_of,
        list[OpportunityType] | None,
        "For the vendor: up to 20 others about the same customer at the same time, likeliest first; else null.",
        columns=("id",),
    )
    actions = relation(
        opportunities.opportunity_actions,
        list[ActionState],
        "What you may do with it now: EDIT, DELETE, SUBMIT, AUDIT, CLAIM, VERIFY, UPDATE, SIGN, DELIVER, LOSE, CANCEL.",
    )

    @strawberry.field(description="The account of the member in charge.", metadata=looks_at("owner_user_id"))
    def owner_user_id(self) -> strawberry.ID:
        """The public id of an account."""
        row: Any = self
        return encoded("acc", row.owner_user_id)

    @strawberry.field(description="The account of whoever took it up.", metadata=looks_at("claimed_by"))
    def claimed_by_id(self) -> strawberry.ID | None:
        """The public id of an account."""
        row: Any = self
        return None if row.claimed_by is None else encoded("acc", row.claimed_by)

    @strawberry.field(
        description="Whether it was rejected for repeating another one.", metadata=looks_at("duplicate_of_id")
    )
    def repeats_another(self) -> bool:
        """Which one is for the vendor alone."""
        row: Any = self
        return row.duplicate_of_id is not None


@strawberry.type(description="Personal data of an opportunity in clear. Who asked for it, and why, is on record.")
class RevealedOpportunity:
    """The source object is an Opportunity row."""

    customer_company: str | None = strawberry.field(description="The final customer.")
    contact_name: str | None = strawberry.field(description="Whom to talk to at the customer's.")
    contact_mobile: str | None = strawberry.field(description="The contact's number in E.164.")
    contact_email: str | None = strawberry.field(description="The contact's address.")
    partner_contact_name: str | None = strawberry.field(description="Whom to talk to at the partner's.")
    partner_contact_mobile: str | None = strawberry.field(description="Its number in E.164.")
    partner_contact_email: str | None = strawberry.field(description="Its address.")
