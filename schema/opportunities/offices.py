"""GraphQL of representative offices and offerings."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from tortoise.queryset import QuerySet

from models.accounts import Account as AccountRow
from models.opportunities import Offering as OfferingRow
from models.opportunities import OfficeMember as OfficeMemberRow
from models.opportunities import RepOffice as RepOfficeRow
from models.partners import Partner as PartnerRow
from resolvers import opportunities as use_cases
from resolvers.context import Context
from rules.opportunities import Industry, OfferingKind, OfferingLead, OfficeDuty, Track
from rules.sites import Site
from schema.accounts import Account
from schema.columns import looks_at
from schema.fields import Payload, mutation, relation
from schema.inputs import KeyedInput, ref, text
from schema.nodes import Node, OfRow, Versioned
from schema.opportunities import kinds  # noqa: F401 - registers the enums
from schema.pages import connection

if TYPE_CHECKING:
    from schema.partners import Partner

PartnerType = Annotated["Partner", strawberry.lazy("schema.partners")]
OfficeId = Annotated[strawberry.ID | None, strawberry.argument(description="Only those of this office.")]


@strawberry.type(description="A region that a representative office covers.")
class OfficeRegion:
    """The source object is an OfficeRegion row."""

    region: str = strawberry.field(
        description="CN: GB/T 2260, a province or a city; INTL: ISO 3166, a country or a part of it."
    )


@strawberry.type(description="A representative office of the vendor: it verifies the opportunities of its regions.")
class RepOffice(Versioned, Node, OfRow):
    """The source object is a RepOffice row."""

    site: Site = strawberry.field(description="Where it works.")
    name: str = strawberry.field(description="How it is called.")
    regions = relation(use_cases.regions_of, list[OfficeRegion], "The regions it covers.", columns=("id",))


@strawberry.type(description="Somebody of the vendor's partner sales at a representative office.")
class OfficeMember(Versioned, Node, OfRow):
    """The source object is an OfficeMember row."""

    duty: OfficeDuty = strawberry.field(description="Every PSM is told of an opportunity to verify.")
    office = relation(use_cases.offices_of_members, RepOffice, "The office.")
    account = relation(use_cases.accounts_of_members, Account, "The person.")

    @strawberry.field(
        description="Fields of technology it looks after: a filter of the queue, nothing more.",
        metadata=looks_at("tracks"),
    )
    def tracks(self) -> list[Track]:
        """The stored values."""
        row: Any = self
        return [Track(value) for value in row.tracks]

    @strawberry.field(
        description="Lines of business it looks after: a filter of the queue, nothing more.",
        metadata=looks_at("industries"),
    )
    def industries(self) -> list[Industry]:
        """The stored values."""
        row: Any = self
        return [Industry(value) for value in row.industries]


@strawberry.type(description="What an offering is from one day on.")
class OfferingVersion:
    """The source object is an OfferingVersion row."""

    number: int = strawberry.field(description="Counts up from 1.")
    name: str = strawberry.field(description="How it is called.")
    track: Track = strawberry.field(description="Its field of technology.")
    begins_on: date = strawberry.field(description="The first day it holds.")
    ends_on: date | None = strawberry.field(description="The first day it no longer holds; null: no end.")


@strawberry.type(description="A solution or good that makes opportunities count.")
class Offering(Versioned, Node, OfRow):
    """The source object is an Offering row."""

    site: Site = strawberry.field(description="Where it is offered.")
    kind: OfferingKind = strawberry.field(description="Which list it stands on.")
    lead: OfferingLead = strawberry.field(description="The vendor's, for every partner, or one partner's own.")
    reference: str = strawberry.field(description="Its number in the vendor's catalogue; unique on the site.")
    current = relation(
        use_cases.current_versions, OfferingVersion | None, "What holds today; null: nothing.", columns=("id",)
    )
    versions = relation(
        use_cases.versions_of_offerings, list[OfferingVersion], "All versions, oldest first.", columns=("id",)
    )
    partner = relation(use_cases.owners_of_offerings, PartnerType | None, "Whose it is; null for the vendor's.")


@strawberry.input
class AddRepOfficeInput(KeyedInput):
    """An office and what it covers."""

    name: str = text("How it is called; unique on the site.", most=64)
    regions: list[str] = text("The regions it covers, at most 100 of", least=2, most=6)


@strawberry.input
class ChangeOfficeRegionsInput(KeyedInput):
    """All regions that an office covers from now on."""

    id: strawberry.ID = ref(RepOfficeRow, "The office.", argument="office_id")
    regions: list[str] = text("The regions it covers, at most 100 of", least=2, most=6)
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class SetOfficeMemberInput(KeyedInput):
    """Who works at which office as what."""

    office_id: strawberry.ID = ref(RepOfficeRow, "The office.")
    account_id: strawberry.ID = ref(AccountRow, "The account, which has the role PSM.")
    duty: OfficeDuty = strawberry.field(description="PSM or BD.")
    tracks: list[Track] | None = strawberry.field(default=None, description="Fields it looks after, at most 8.")
    industries: list[Industry] | None = strawberry.field(default=None, description="Lines of business, at most 11.")


@strawberry.input
class RemoveOfficeMemberInput(KeyedInput):
    """Who leaves an office."""

    id: strawberry.ID = ref(OfficeMemberRow, "The membership.", argument="member_id")


@strawberry.input
class AddOfferingInput(KeyedInput):
    """A solution or good for the list."""

    kind: OfferingKind = strawberry.field(description="Which list.")
    lead: OfferingLead = strawberry.field(description="PARTNER needs forPartnerId, VENDOR has none.")
    reference: str = text("Its number in the catalogue; unique on the site.", most=64)
    name: str = text("How it is called.", most=128)
    track: Track = strawberry.field(description="Its field of technology.")
    begins_on: date = strawberry.field(description="The first day it holds.")
    for_partner_id: strawberry.ID | None = ref(PartnerRow, "The partner whose own it is.", default=None)


@strawberry.input
class ChangeOfferingInput(KeyedInput):
    """A new version."""

    id: strawberry.ID = ref(OfferingRow, "The offering.", argument="offering_id")
    name: str = text("How it is called from then on.", most=128)
    track: Track = strawberry.field(description="Its field of technology from then on.")
    begins_on: date = strawberry.field(description="From this day on, today or later.")


@strawberry.input
class RemoveOfferingInput(KeyedInput):
    """The end of an offering."""

    id: strawberry.ID = ref(OfferingRow, "The offering.", argument="offering_id")
    ends_on: date = strawberry.field(description="The first day it no longer holds, today or later.")


@strawberry.input(description="Which offerings; every condition given must hold.")
class OfferingFilter:
    """Absent or null: any."""

    kind: OfferingKind | None = strawberry.field(default=None, description="On this list.")
    lead: OfferingLead | None = strawberry.field(default=None, description="The vendor's or a partner's.")
    holds_on: date | None = strawberry.field(default=None, description="Those that hold on this day.")

    def condition(self) -> use_cases.OfferingFilter:
        """For the use case."""
        return use_cases.OfferingFilter(self.kind, self.lead, self.holds_on)


@strawberry.type(description="The office concerned.")
class RepOfficePayload(Payload):
    """The source object is a RepOffice."""

    office: RepOffice | None = strawberry.field(description="The office as it stands now.")


@strawberry.type(description="The membership concerned.")
class OfficeMemberPayload(Payload):
    """The source object is an OfficeMember."""

    member: OfficeMember | None = strawberry.field(description="The membership as it stands now.")


@strawberry.type(description="The offering concerned.")
class OfferingPayload(Payload):
    """The source object is an Offering."""

    offering: Offering | None = strawberry.field(description="The offering as it stands now.")


@strawberry.type
class OfficeQueries:
    """Root reads of offices and offerings."""

    @connection(use_cases.rep_offices, RepOffice)
    def rep_offices(self, ctx: Context) -> QuerySet[Any]:
        """The vendor's representative offices on your site, newest first."""
        return use_cases.rep_offices(ctx)

    @connection(use_cases.office_members, OfficeMember)
    def office_members(self, ctx: Context, office: OfficeId = None) -> QuerySet[Any]:
        """For the vendor: who works at the offices, newest first."""
        return use_cases.office_members(ctx, office=office)

    @connection(use_cases.offerings, Offering)
    def offerings(self, ctx: Context, filter: OfferingFilter | None = None) -> QuerySet[Any]:
        """The offerings an opportunity of yours may name, newest first; for the vendor all of the site's."""
        wanted = filter.condition() if filter else use_cases.OfferingFilter()
        return use_cases.offerings(ctx, filter=wanted)


@strawberry.type
class OfficeMutations:
    """Root mutations of offices and offerings."""

    add_rep_office = mutation(use_cases.add_rep_office, AddRepOfficeInput, RepOfficePayload)
    change_office_regions = mutation(use_cases.change_office_regions, ChangeOfficeRegionsInput, RepOfficePayload)
    set_office_member = mutation(use_cases.set_office_member, SetOfficeMemberInput, OfficeMemberPayload)
    remove_office_member = mutation(use_cases.remove_office_member, RemoveOfficeMemberInput, RepOfficePayload)
    add_offering = mutation(use_cases.add_offering, AddOfferingInput, OfferingPayload)
    change_offering = mutation(use_cases.change_offering, ChangeOfferingInput, OfferingPayload)
    remove_offering = mutation(use_cases.remove_offering, RemoveOfferingInput, OfferingPayload)
