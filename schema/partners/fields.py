"""GraphQL of partners: admission, what a partner shows of itself, and the vendor's decisions about it."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from tortoise.queryset import QuerySet

from core.analyser.limits import Cost
from models.accounts import Account as AccountRow
from models.base import Mask
from models.opportunities import RepOffice as RepOfficeRow
from models.partners import Partner as PartnerRow
from resolvers import business_info, counters, members, partners, plans
from resolvers.context import Context
from resolvers.partners import benefits, companies, managers, scope
from rules.access import Permission
from rules.partners import AdmissionState, PartnerKind, Standing
from rules.partners.tags import TAG_LENGTH
from rules.sites import Site
from schema.actions import ActionState
from schema.business_info.types import BusinessInfo
from schema.columns import looks_at
from schema.context import Info
from schema.fields import PARENT, HowMany, Owner, Payload, masked, mutation, query, relation
from schema.inputs import KeyedInput, ref, text
from schema.nodes import Node, OfRow, Versioned
from schema.pages import connection
from schema.partners.benefits import OverdueBill
from schema.partners.companies import CompanyProfile
from schema.plans import PlanMembership

if TYPE_CHECKING:
    from schema.members import CustomerContact
    from schema.opportunities import RepOffice

CustomerContactType = Annotated["CustomerContact", strawberry.lazy("schema.members")]
OfficeType = Annotated["RepOffice", strawberry.lazy("schema.opportunities")]

strawberry.enum(PartnerKind, description="As what a partner sells; it follows from the plan it has joined.")
strawberry.enum(AdmissionState, description="Where admission to the partner network stands.")
strawberry.enum(Standing, description="Whether the vendor lets a partner work.")

_REVIEWS = Permission.PARTNERS_REVIEW


def inner(
    column: str,
    type_: Any,
    description: str,
    *,
    sees: Callable[[Context, PartnerRow], bool] = scope.is_inside,
    others: str = "its customers",
) -> Any:
    """A field between the partner and the vendor, unless told otherwise; the partner's customers get null."""

    def resolve(root: Any, info: Any) -> Any:
        return getattr(root, column) if sees(info.context.ctx, root) else None

    resolve.__annotations__ = {"root": PARENT, "info": Info, "return": type_}
    description, columns = f"{description} Null for {others}.", looks_at(column, "id", "main_account_id")
    return strawberry.field(resolver=resolve, description=description, metadata=columns)


@strawberry.type(description="A legal entity with at least one partner in the network.")
class Company(Versioned, Node, OfRow):
    """The source object is a Company row."""

    site: Site = strawberry.field(description="Where it is registered.")
    name: str = strawberry.field(description="The name as on the licence.")
    credit_code = masked(
        "credit_code", Mask.IDENTIFIER, "Credit code or registration number; it never changes.", seen_with=(_REVIEWS,)
    )
    profile = relation(
        companies.profiles_of,
        CompanyProfile | None,
        "What it tells of itself. Every account of the company sees it; null for all others but the vendor.",
        columns=("id",),
    )


@strawberry.type(description="The vendor's contact of a partner.")
class EcoManager:
    """The source object is an EcoManager of the resolvers."""

    name: str = strawberry.field(description="What the person is called.")
    mobile: str | None = strawberry.field(description="Mobile number at work.")
    email: str | None = strawberry.field(description="E-mail address at work.")


@strawberry.type(
    description="How many there are of what a partner works with, as far as you see them in the lists. Null for a list"
    " that you may not ask for."
)
class PartnerCounters:
    """The source object is the PartnerCounters of the resolvers."""

    customers: int | None = strawberry.field(description="Customers associated now, as in customers.")
    open_opportunities: int | None = strawberry.field(
        description="Opportunities that have not ended: neither delivered, lost, cancelled nor rejected for good."
    )
    active_vouchers: int | None = strawberry.field(description="Vouchers that are USABLE, as in issuedVouchers.")
    incentives_to_confirm: int | None = strawberry.field(description="Incentives that can still be confirmed.")
    members: int | None = strawberry.field(description="Members, as in members: without the main account.")


@strawberry.type(description="A company's account in the partner network.")
class Partner(Versioned, Node, OfRow):
    """The source object is a Partner row."""

    name: str = strawberry.field(description="The company's name as in the application.")
    site: Site = strawberry.field(description="Where it lives.")
    kind: PartnerKind | None = strawberry.field(description="As what it sells; null in no plan that says so.")
    tier: str | None = strawberry.field(description="Its tier on its site; null in no plan with tiers.")
    admission_state: AdmissionState = strawberry.field(description="Where admission stands.")
    applied_at: datetime = strawberry.field(description="When it applied last.")
    admitted_at: datetime | None = strawberry.field(description="When it joined the network.")
    rejection_reason = inner("rejection_reason", str | None, "Why the last application was rejected.")
    standing = inner("standing", Standing | None, "Whether the vendor lets it work.")
    step_up_enabled = inner("step_up_enabled", bool | None, "Whether its sensitive operations ask for a code.")
    benefits_frozen_since = inner(
        "benefits_frozen_since", datetime | None, "Since when all its benefits are frozen; null while they are not."
    )
    external_ref = inner("external_ref", str | None, "What another system calls it.")
    locale = inner("locale", str | None, "Language of its messages; null: the site's.")
    time_zone = inner("time_zone", str | None, "Zone of the instants in its messages; null: the site's.")
    tags = inner(
        "tags", list[str] | None, "What the vendor finds it by.", sees=managers.sees_tags, others="all but the vendor"
    )
    credit_code = masked(
        "credit_code",
        Mask.IDENTIFIER,
        "Credit code or registration number of the application.",
        seen_with=(_REVIEWS,),
        owner=Owner("main_account_id", Permission.PARTNERS_APPLY),
    )
    company = relation(partners.companies_of, Company | None, "The company behind it; null before admission.")
    rep_office = relation(
        managers.offices_of,
        OfficeType | None,
        "The vendor's representative office in charge. Null for its customers.",
        columns=("id", "main_account_id", "office_id"),
    )
    eco_manager = relation(
        managers.managers_of,
        EcoManager | None,
        "The vendor's contact in charge. Null for its customers.",
        columns=("id", "main_account_id", "eco_manager_id"),
    )
    overdue_bills = relation(
        benefits.overdue_of,
        list[OverdueBill] | None,
        "Bills that it has not paid, those entered last first. Null for its customers.",
        arguments={"first": HowMany(20, 100, "How many of the newest")},
        columns=("id", "main_account_id"),
    )
    joined_plans = relation(
        plans.joined_of,
        list[PlanMembership] | None,
        "The plans it is in: exactly those listed here. Null for its customers.",
        columns=("id", "main_account_id"),
    )
    business_info = relation(
        business_info.of_partners,
        BusinessInfo | None,
        "What is on record about its business information. Null without a record, and for its customers.",
        columns=("id",),
    )
    counters = relation(
        counters.counters_of,
        PartnerCounters | None,
        "How many customers, open opportunities, … it has. Costs 5 points. Null for its customers.",
        cost=Cost(weight=5),
        columns=("id", "main_account_id"),
    )
    customer_contact = relation(
        members.customer_contacts_of,
        CustomerContactType | None,
        "Whom its customers turn to. Null for those who are not its customers now.",
        columns=("id",),
    )
    actions = relation(
        partners.actions_of,
        list[ActionState],
        "What you may do with it now: APPLY_FOR_ADMISSION, DECIDE_ADMISSION, ASSIGN, TAG, RESTRICT, FREEZE,"
        " RESTORE, LEAVE_NETWORK.",
        columns=("admission_state", "credit_code", "name", "standing"),
    )


@strawberry.input
class ApplyForAdmissionInput(KeyedInput):
    """The company as its licence names it."""

    company_name: str = text("The name as on the licence.", most=256)
    credit_code: str = text("CN: unified social credit code; INTL: registration number.", most=64)


@strawberry.input
class DecideAdmissionInput(KeyedInput):
    """The vendor's decision about an application in manual review."""

    id: strawberry.ID = ref(PartnerRow, "Id of the applicant.", argument="partner_id")
    approve: bool = strawberry.field(description="Admit or reject.")
    reason: str | None = text("Why it is rejected.", most=500, default=None)
    rep_office_id: strawberry.ID | None = ref(RepOfficeRow, "The representative office in charge.", default=None)
    eco_manager_id: strawberry.ID | None = ref(AccountRow, "Account of the ecosystem manager in charge.", default=None)
    expected_version: int | None = strawberry.field(default=None, description="The version the decision is about.")


@strawberry.input
class AssignPartnerInput(KeyedInput):
    """Who of the vendor looks after the partner; what is left out stays, null takes it away."""

    id: strawberry.ID = ref(PartnerRow, "Id of the partner.", argument="partner_id")
    rep_office_id: strawberry.ID | None = ref(
        RepOfficeRow, "The representative office in charge.", default=strawberry.UNSET
    )
    eco_manager_id: strawberry.ID | None = ref(
        AccountRow, "Account of the ecosystem manager in charge.", default=strawberry.UNSET
    )
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class SetPartnerTagsInput(KeyedInput):
    """The tags a partner gets instead of those it has."""

    id: strawberry.ID = ref(PartnerRow, "Id of the partner.", argument="partner_id")
    tags: list[str] = text("Words in any order, 20 at most; none takes all away. Each", most=TAG_LENGTH)
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class SetPartnerStandingInput(KeyedInput):
    """The standing a partner gets."""

    id: strawberry.ID = ref(PartnerRow, "Id of the partner.", argument="partner_id")
    standing: Standing = strawberry.field(description="RESTRICTED, FROZEN, or ACTIVE to restore it.")
    reason: str = text("Why.", most=500)
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.type(description="The partner concerned.")
class PartnerPayload(Payload):
    """The source object is a Partner."""

    partner: Partner | None = strawberry.field(description="The partner as it stands now.")


@strawberry.type
class PartnerQueries:
    """Root reads of this domain."""

    @query(partners.partner)
    async def partner(self, info: Info) -> Partner | None:
        """Your own partner, also while its admission is under way; null when there is none."""
        return await partners.partner(info.context.ctx)  # type: ignore[return-value]

    @connection(partners.partners, Partner)
    def partners(
        self,
        ctx: Context,
        admission_state: AdmissionState | None = None,
        site: Site | None = None,
        tag: Annotated[str | None, strawberry.argument(description="Those that have this tag.")] = None,
    ) -> QuerySet[Any]:
        """The vendor's list of partners and applications, newest first."""
        return partners.partners(ctx, admission_state=admission_state, site=site, tag=tag)


@strawberry.type
class PartnerMutations:
    """Root mutations of this domain."""

    apply_for_admission = mutation(partners.apply_for_admission, ApplyForAdmissionInput, PartnerPayload)
    decide_admission = mutation(partners.decide_admission, DecideAdmissionInput, PartnerPayload)
    assign_partner = mutation(managers.assign_partner, AssignPartnerInput, PartnerPayload)
    set_partner_tags = mutation(managers.set_partner_tags, SetPartnerTagsInput, PartnerPayload)
    set_partner_standing = mutation(partners.set_partner_standing, SetPartnerStandingInput, PartnerPayload)
