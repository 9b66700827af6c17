"""The types of business information; source objects are rows, and what the form offers to choose from."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from models.base import Mask
from resolvers import business_info
from rules.access import Permission
from rules.business_info import BusinessInfoState, CheckReason, MicroDepositState, TaxpayerType
from rules.statements import StatementCode, find_statement
from schema.actions import ActionState
from schema.columns import looks_at
from schema.context import Info
from schema.documents import declared
from schema.fields import masked, relation
from schema.nodes import Node, OfRow, Versioned
from schema.rules import Statement
from schema.scalars import Money, money_of

if TYPE_CHECKING:
    from schema.partners import Partner

PartnerType = Annotated["Partner", strawberry.lazy("schema.partners")]

strawberry.enum(TaxpayerType, description="As what a company of the mainland pays value-added tax.")
strawberry.enum(BusinessInfoState, description="Where the certification of a partner's business information stands.")
strawberry.enum(MicroDepositState, description="Where a micro-deposit stands.")
strawberry.enum(CheckReason, name="BusinessInfoCheckReason", description="Why a person has to look at a form.")

_READERS = Permission.BUSINESS_INFO_READ


@strawberry.type(description="A bank's letter.")
class BankLetter:
    """The source object is a BankLetter row."""

    document = declared("document", "The file.")
    created_at: datetime = strawberry.field(description="When it was sent.")


@strawberry.type(description="A partner's answers about itself, its taxes, its contact and its bank account.")
class BusinessInfoForm(Versioned, Node, OfRow):
    """The source object is a BusinessInfoForm row."""

    company_name: str | None = strawberry.field(description="The partner's name when it was submitted.")
    credit_code = masked(
        "credit_code", Mask.IDENTIFIER, "The partner's code when it was submitted.", seen_with=(_READERS,)
    )
    address: str | None = strawberry.field(description="Where the company is registered.")
    taxpayer_type: TaxpayerType | None = strawberry.field(description="As what it pays taxes; null on INTL.")
    tax_number: str | None = strawberry.field(description="Number by which it pays taxes.")
    contact_name = masked("contact_name", Mask.NAME, "Contact for finance.", seen_with=(_READERS,))
    contact_mobile = masked("contact_mobile", Mask.MOBILE, "The contact's mobile number.", seen_with=(_READERS,))
    contact_email = masked("contact_email", Mask.EMAIL, "The contact's address.", seen_with=(_READERS,))
    bank_country: str | None = strawberry.field(description="Where the bank is: ISO 3166, as SG.")
    bank_code: str | None = strawberry.field(description="The bank, where it was chosen from the list.")
    bank_name: str | None = strawberry.field(description="The bank's name.")
    branch_name: str | None = strawberry.field(description="The branch that keeps the account.")
    branch_code: str | None = strawberry.field(description="CN: number of the branch, 12 digits.")
    bic: str | None = strawberry.field(description="INTL: BIC of the bank.")
    account_holder: str | None = strawberry.field(description="Whose account it is: the company's own.")
    account_end: str | None = strawberry.field(description="The last four characters of the account number.")
    intermediary_bank: str | None = strawberry.field(description="Bank through which transfers go, if one is needed.")
    intermediary_bic: str | None = strawberry.field(description="BIC of that bank.")
    signing_entity: str | None = strawberry.field(description="Code of the vendor's company that signs.")
    currency: str | None = strawberry.field(description="In which it is settled: ISO 4217.")
    related_supplier: bool | None = strawberry.field(
        description="Whether it is related to one of the vendor's suppliers."
    )
    related_details: str | None = strawberry.field(description="How it is related.")
    privacy_statement: str | None = strawberry.field(description="Version of the privacy statement that was accepted.")
    submitted_at: datetime | None = strawberry.field(description="When it was submitted; null for a draft.")

    letter = relation(
        business_info.letters_of,
        BankLetter | None,
        "The bank's letter about its account, if one was sent.",
        columns=("id",),
    )

    @strawberry.field(
        description="The letter for the bank to fill in and stamp, as plain text in English and Chinese.",
        metadata=looks_at(
            "signing_entity",
            "account_holder",
            "credit_code",
            "bank_name",
            "branch_name",
            "account_end",
            "currency",
        ),
    )
    def letter_template(self) -> str:
        """The account number stays a blank: of it only the end is told."""
        row: Any = self
        return business_info.letter_template(row)

    @strawberry.field(description="Rate of its taxes: a share of 1, as 0.06.", metadata=looks_at("tax_rate"))
    def tax_rate(self) -> str | None:
        """The rate without trailing zeros."""
        row: Any = self
        return None if row.tax_rate is None else f"{row.tax_rate.normalize():f}"


@strawberry.type(description="A supplier of the vendor's as its purchasing knows it.")
class Supplier:
    """The source object is a Supplier row."""

    reference: str = strawberry.field(description="The number that purchasing gives it.")
    name: str = strawberry.field(description="Its name.")
    account_end: str = strawberry.field(description="The last four characters of its account number.")
    signing_entity: str = strawberry.field(description="Code of the vendor's company that buys of it.")
    currency: str = strawberry.field(description="In which it is paid: ISO 4217.")
    removed_at: datetime | None = strawberry.field(description="When it was taken off the register.")


@strawberry.type(description="A small sum sent to a partner's account; naming its amount proves whose account it is.")
class MicroDeposit(Versioned, Node, OfRow):
    """The source object is a MicroDeposit row."""

    state: MicroDepositState = strawberry.field(description="Where it stands.")
    currency: str = strawberry.field(description="In which it is paid: ISO 4217.")
    requested_at: datetime = strawberry.field(description="Since when it is to be paid.")
    sent_at: datetime | None = strawberry.field(description="When it was sent.")
    overdue_from: datetime | None = strawberry.field(description="From when it may be said to be missing.")
    reference: str | None = strawberry.field(description="What the bank calls the payment.")
    reason: str | None = strawberry.field(description="Why it failed.")


@strawberry.type(description="Where the certification of a partner's business information stands.")
class BusinessInfo(Versioned, Node, OfRow):
    """The source object is a BusinessInfo row."""

    state: BusinessInfoState = strawberry.field(description="Where it stands.")
    taxpayer_type: TaxpayerType | None = strawberry.field(
        description="As what the certified partner pays taxes; null on INTL."
    )
    since: datetime = strawberry.field(description="Since when it stands so.")
    certified_at: datetime | None = strawberry.field(description="When it was certified; null when it is not.")
    opened_at: datetime | None = strawberry.field(
        description="When the vendor opened what is certified for one change; null when it did not."
    )
    reason: str | None = strawberry.field(description="Why it was rejected.")
    check_at: datetime | None = strawberry.field(description="When the automatic check is due.")
    partner = relation(business_info.partners_of, PartnerType, "The partner it is about.")
    form = relation(
        business_info.forms_of,
        BusinessInfoForm | None,
        "The form submitted last. Null without one, and without the permission.",
    )
    draft = relation(
        business_info.drafts_of,
        BusinessInfoForm | None,
        "The partner's draft. Null without one, without the permission, and for the vendor.",
        columns=("partner_id",),
    )
    micro_deposit = relation(
        business_info.deposits_of,
        MicroDeposit | None,
        "The newest micro-deposit for the form. Null without one, and without the permission.",
        columns=("form_id",),
    )
    actions = relation(
        business_info.actions_of,
        list[ActionState],
        "What you may do with it now: SUBMIT, CONFIRM_MICRO_DEPOSIT, REPORT_MISSING_MICRO_DEPOSIT,"
        " SUBMIT_BANK_LETTER, UNLOCK, OPEN, RECORD.",
        columns=("form_id", "opened_at", "state"),
    )

    @strawberry.field(description="Whether it is certified; payouts ask for it.", metadata=looks_at("state"))
    def certified(self) -> bool:
        """Whether it stands in CERTIFIED."""
        return self.state is BusinessInfoState.CERTIFIED

    @strawberry.field(
        description="Why a person has to look, or a letter is needed.", metadata=looks_at("check_reasons")
    )
    def check_reasons(self) -> list[CheckReason]:
        """The reasons of the automatic check."""
        row: Any = self
        return [CheckReason(reason) for reason in row.check_reasons]


@strawberry.type(description="One of the vendor's companies that sign with partners.")
class SigningEntity:
    """The source object is a SigningEntity of the rules."""

    code: str = strawberry.field(description="Its stable code, for the form.")
    currencies: list[str] = strawberry.field(description="In which it settles: ISO 4217.")

    @strawberry.field(description="Its name in the caller's language.")
    def name(self, info: Info) -> str:
        """The title from the catalogue."""
        return _title(self, info)


@strawberry.type(description="A bank to choose from.")
class Bank:
    """The source object is a Bank of the rules."""

    code: str = strawberry.field(description="Its stable code, for the form.")
    country: str = strawberry.field(description="Where it is: ISO 3166.")
    bic: str = strawberry.field(description="Its BIC.")

    @strawberry.field(description="Its name in the caller's language.")
    def name(self, info: Info) -> str:
        """The title from the catalogue."""
        return _title(self, info)


@strawberry.type(description="A branch of a bank to choose from.")
class BankBranch:
    """The source object is a Branch of the rules."""

    code: str = strawberry.field(description="Its number of twelve digits, for the form.")

    @strawberry.field(description="Its name in the caller's language.")
    def name(self, info: Info) -> str:
        """The title from the catalogue."""
        return _title(self, info)


def _title(choice: Any, info: Info) -> str:
    title: str = choice.titles[info.context.ctx.locale]
    return title


@strawberry.type(description="What the form of business information offers to choose from.")
class BusinessInfoOptions:
    """The source object is the FormOptions of the resolvers."""

    signing_entities: list[SigningEntity] = strawberry.field(description="The signing entities of your site.")
    banks: list[Bank] = strawberry.field(description="The banks of the list; another one is typed.")
    privacy_statement: str = strawberry.field(description="Version of the privacy statement to accept.")

    @strawberry.field(description="The privacy statement itself.")
    def statement(self) -> Statement | None:
        """The version in force."""
        return find_statement(StatementCode.PRIVACY, None)  # type: ignore[return-value]


@strawberry.type(description="A micro-deposit as whoever pays it has to know it.")
class MicroDepositOrder:
    """The source object is a DepositOrder of the resolvers."""

    account_number: str = strawberry.field(description="The account in clear.")

    @strawberry.field(description="The micro-deposit.")
    def micro_deposit(self) -> MicroDeposit:
        """The row."""
        order: Any = self
        found: MicroDeposit = order.subject
        return found

    @strawberry.field(description="The partner's answers about the account.")
    def form(self) -> BusinessInfoForm:
        """The form."""
        order: Any = self
        found: BusinessInfoForm = order.form
        return found

    @strawberry.field(description="How much to pay.")
    def amount(self) -> Money:
        """Amount and currency."""
        order: Any = self
        return money_of(order.amount, order.subject.currency)
