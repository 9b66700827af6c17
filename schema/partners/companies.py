"""GraphQL of a company's information: what it tells, who keeps it, and its changes."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, cast

import strawberry

from models.base import Mask
from models.partners import CompanyChange as CompanyChangeRow
from resolvers.partners import companies
from resolvers.partners.rounds import rounds_of
from rules.access import Permission, may
from rules.partners import COMPANY_NAME_LENGTH
from rules.partners.companies import ADDRESS_LENGTH, LEGAL_REPRESENTATIVE_LENGTH, CompanyChangeState, CompanyField
from rules.partners.companies import CompanyContact as ContactData
from schema.actions import ActionState
from schema.columns import looks_at
from schema.context import Info
from schema.documents import Document, declared, handed_in
from schema.fields import HowMany, Payload, masked, mutation, relation
from schema.inputs import KeyedInput, ref, text
from schema.nodes import Node, OfRow, Versioned

if TYPE_CHECKING:
    from schema.partners.fields import Company

strawberry.enum(CompanyChangeState, description="Where a change of a company's information stands.")
strawberry.enum(CompanyField, description="A piece of a company's information.")

CompanyType = Annotated["Company", strawberry.lazy("schema.partners.fields")]
ABSENT: Any = strawberry.UNSET
# Who keeps the information, and who of the vendor decides about changes of it and turns to these people.
_SEEN_WITH = (Permission.PARTNERS_CHANGE_COMPANY, Permission.PARTNERS_DECIDE)
_NEWEST = {"first": HowMany(5, 20, "How many of the newest")}


@strawberry.type(description="Somebody of the company whom the vendor may turn to.")
class CompanyContact:
    """The source object is a CompanyContact of the rules, that is no row."""

    name = masked("name", Mask.NAME, "The person's name.", seen_with=_SEEN_WITH)
    position: str | None = strawberry.field(description="What the person is there.")
    mobile = masked("mobile", Mask.MOBILE, "Mobile number in E.164.", seen_with=_SEEN_WITH)
    email = masked("email", Mask.EMAIL, "E-mail address.", seen_with=_SEEN_WITH)


class _Contact(ContactData):
    """A contact as what is masked wants it: nobody's account."""

    id = None


@strawberry.type(
    description="The account that alone changes a company's information: of its accounts the first admitted."
)
class CompanyKeeper:
    """The source object is a CompanyKeeper of the resolvers."""

    name: str = strawberry.field(description="What the account is called.")
    mobile: str | None = strawberry.field(description="Its mobile number, masked.")
    email: str | None = strawberry.field(description="Its e-mail address, masked.")


@strawberry.type(
    description="A piece of information before and after a change; contacts and persons' names masked but for"
    " those who may change or decide it."
)
class CompanyFieldChange:
    """The source object is a FieldChange."""

    field: CompanyField = strawberry.field(description="Which piece.")
    before: str | None = strawberry.field(description="What it was, as text; null for nothing.")
    after: str | None = strawberry.field(description="What it is to be, as text; null for nothing.")


@strawberry.type(description="What a change said in an earlier round of its review.")
class CompanyChangeRound:
    """The source object is a CompanyChangeRound of the resolvers."""

    state: CompanyChangeState = strawberry.field(description="REJECTED or WITHDRAWN.")
    submitted_at: datetime = strawberry.field(description="When it was submitted.")
    decided_at: datetime | None = strawberry.field(description="When the vendor rejected it; null when taken back.")
    reason: str | None = strawberry.field(description="Why it was rejected.")

    @strawberry.field(description="The licence that it handed in, if it did.")
    def licence(self) -> Document | None:
        """As the reviewer saw it."""
        return _licence(self)

    @strawberry.field(description="What it wanted to change, piece by piece.")
    def fields(self, info: Info) -> list[CompanyFieldChange]:
        """In the order of the form."""
        return _pieces(self, info)


def _licence(change: Any) -> Document | None:
    return cast("Document | None", companies.licence_of(change))


def _pieces(change: Any, info: Info) -> list[CompanyFieldChange]:
    in_clear = any(may(info.context.ctx.actor, permission) for permission in _SEEN_WITH)
    found: Any = companies.differences(change, in_clear=in_clear)
    return list(found)


@strawberry.type(description="A change of a company's information; it takes effect when the vendor approves.")
class CompanyChange(Versioned, Node, OfRow):
    """The source object is a CompanyChange row."""

    state: CompanyChangeState = strawberry.field(description="Where it stands.")
    submitted_at: datetime = strawberry.field(description="When it was submitted last.")
    decided_at: datetime | None = strawberry.field(description="When the vendor decided; null before.")
    reason: str | None = strawberry.field(description="Why it was rejected, or the reviewer's remark.")
    company = relation(companies.companies_of, CompanyType | None, "Whose information it changes.")
    actions = relation(
        companies.change_actions,
        list[ActionState],
        "What you may do with it now: RESUBMIT, WITHDRAW.",
        columns=("company_id", "partner_id", "state"),
    )

    @strawberry.field(description="The licence that it hands in, if it does.", metadata=looks_at("after"))
    def licence(self) -> Document | None:
        """To be looked at by the reviewer."""
        return _licence(self)

    @strawberry.field(description="What it changes, piece by piece.", metadata=looks_at("before", "after"))
    def fields(self, info: Info) -> list[CompanyFieldChange]:
        """In the order of the form."""
        return _pieces(self, info)

    @strawberry.field(
        description="What it said in the 20 rounds before, at most, oldest first.", metadata=looks_at("earlier")
    )
    def earlier_rounds(self) -> list[CompanyChangeRound]:
        """Those that were rejected or taken back."""
        row: Any = self
        found: Any = rounds_of(row)
        return list(found)


@strawberry.type(description="What a company tells of itself beside its name and credit code.")
class CompanyProfile(Versioned, Node, OfRow):
    """The source object is a CompanyProfile row."""

    english_name: str | None = strawberry.field(description="Its name in English.")
    legal_representative = masked("legal_representative", Mask.NAME, "Who represents it by law.", seen_with=_SEEN_WITH)
    address: str | None = strawberry.field(description="Where it is registered.")
    website: str | None = strawberry.field(description="Its website.")
    headcount: int | None = strawberry.field(description="How many people work there.")
    introduction: str | None = strawberry.field(description="What it says of itself.")
    licence = declared("licence", "Its business licence; null until it has handed one in.")
    company = relation(companies.companies_of, CompanyType | None, "The company.")
    keeper = relation(
        companies.keepers_of,
        CompanyKeeper,
        "The account that alone changes this, also when it is another one of your company.",
        columns=("company_id",),
    )
    changes = relation(
        companies.changes_of,
        list[CompanyChange],
        "The newest changes with what they changed, newest first.",
        arguments=_NEWEST,
        columns=("company_id",),
    )
    actions = relation(
        companies.profile_actions,
        list[ActionState],
        "What you may do with it now: CHANGE.",
        columns=("company_id", "main_partner_id"),
    )

    @strawberry.field(description="Whom the vendor may turn to, one at least.", metadata=looks_at("contacts"))
    def contacts(self) -> list[CompanyContact]:
        """In the order in which they were given."""
        row: Any = self
        found: Any = [_Contact(**data) for data in row.contacts]
        return list(found)


@strawberry.input(description="Somebody of the company. A mobile number or an e-mail address is needed.")
class CompanyContactInput:
    """Handed to use cases as a GivenContact."""

    name: str = text("The person's name.", most=128)
    position: str | None = text("What the person is there.", most=100, default=None)
    mobile: str | None = text("Mobile number.", most=32, default=None)
    email: str | None = text("E-mail address.", most=100, default=None)


@strawberry.input
class SubmitCompanyChangeInput(KeyedInput):
    """What the company's information is to be; fields left out stay as they are, null empties them."""

    change_id: strawberry.ID | None = ref(
        CompanyChangeRow, "A rejected or withdrawn change to send again; null makes a new one.", default=None
    )
    expected_version: int | None = strawberry.field(default=None, description="The version of it that you know.")
    name: str | None = text("The name as on the licence, given with it.", most=COMPANY_NAME_LENGTH, default=ABSENT)
    licence_id: strawberry.ID | None = handed_in("The business licence.", argument="licence", default=ABSENT)
    english_name: str | None = text("Its name in English.", most=256, default=ABSENT)
    legal_representative: str | None = text(
        "Who represents it by law.", most=LEGAL_REPRESENTATIVE_LENGTH, default=ABSENT
    )
    address: str | None = text("Where it is registered.", most=ADDRESS_LENGTH, default=ABSENT)
    website: str | None = text("Its website.", most=200, default=ABSENT)
    headcount: int | None = strawberry.field(default=ABSENT, description="How many people work there, from 1.")
    introduction: str | None = text("What it says of itself.", most=1000, default=ABSENT)
    contacts: list[CompanyContactInput] | None = strawberry.field(
        default=ABSENT, description="All of them, one to ten."
    )


@strawberry.input
class WithdrawCompanyChangeInput(KeyedInput):
    """The change to take back."""

    id: strawberry.ID = ref(CompanyChangeRow, "Id of the change.", argument="change_id")
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.type(description="The change concerned.")
class CompanyChangePayload(Payload):
    """The source object is a CompanyChange."""

    change: CompanyChange | None = strawberry.field(description="The change as it stands now.")


@strawberry.type
class CompanyMutations:
    """Root mutations of a company's information."""

    submit_company_change = mutation(companies.submit_company_change, SubmitCompanyChangeInput, CompanyChangePayload)
    withdraw_company_change = mutation(
        companies.withdraw_company_change, WithdrawCompanyChangeInput, CompanyChangePayload
    )
