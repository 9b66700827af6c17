"""Inputs and payloads of business information."""

from typing import Any

import strawberry

from models.business_info import BusinessInfo as BusinessInfoRow
from models.business_info import MicroDeposit as MicroDepositRow
from models.partners import Partner as PartnerRow
from rules.bills import ErrorPolicy
from rules.business_info import TaxpayerType
from schema.batch import BatchPayload, item, reasons
from schema.business_info.types import BusinessInfo, BusinessInfoForm, MicroDeposit, MicroDepositOrder, Supplier
from schema.documents import handed_in
from schema.fields import Payload
from schema.inputs import KeyedInput, SecretInput, ref, text

ABSENT: Any = strawberry.UNSET
SUPPLIERS_MOST = 200


def _version() -> Any:
    return strawberry.field(description="The version you know.", default=None)


@strawberry.input
class RecordBusinessInfoInput(KeyedInput):
    """What the vendor knows of a partner that was certified elsewhere."""

    partner_id: strawberry.ID = ref(PartnerRow, "Id of the partner.")
    certified: bool = strawberry.field(description="Whether its business information is certified.")
    taxpayer_type: TaxpayerType | None = strawberry.field(
        default=None, description="As what it pays taxes; required to certify on CN."
    )
    expected_version: int | None = _version()


@strawberry.input
class ChangeSigningEntityInput(KeyedInput):
    """Which of the vendor's companies signs with a partner from now on."""

    id: strawberry.ID = ref(BusinessInfoRow, "The record.", argument="record_id")
    signing_entity: str = text("Code of the vendor's company that signs.", most=20)
    currency: str = text("In which it is settled: ISO 4217.", least=3, most=3)
    expected_version: int | None = _version()


@strawberry.input
class SaveBusinessInfoInput(SecretInput):
    """What to write; fields left out stay as they are, null empties them. It holds a secret, so it takes no key."""

    address: str | None = text("Where the company is registered.", most=500, default=ABSENT)
    taxpayer_type: TaxpayerType | None = strawberry.field(description="CN: as what it pays taxes.", default=ABSENT)
    tax_number: str | None = text("Number by which it pays taxes.", least=4, most=32, default=ABSENT)
    tax_rate: str | None = text("Rate of its taxes: a share of 1, as 0.06.", most=8, default=ABSENT)
    contact_name: str | None = text("Contact for finance.", most=128, default=ABSENT)
    contact_mobile: str | None = text("The contact's mobile number.", most=32, default=ABSENT)
    contact_email: str | None = text("The contact's address.", most=64, default=ABSENT)
    bank_country: str | None = text("Where the bank is: ISO 3166, as SG.", least=2, most=2, default=ABSENT)
    bank_code: str | None = text(
        "A bank of the list; it fills in country, name and BIC. Null for a bank that is typed.", most=20, default=ABSENT
    )
    bank_name: str | None = text("Name of a bank that is not listed.", most=200, default=ABSENT)
    branch_name: str | None = text(
        "The branch that keeps the account; of a listed one the list's.", most=200, default=ABSENT
    )
    branch_code: str | None = text(
        "CN: number of the branch, from bankBranches or typed.", least=12, most=12, default=ABSENT
    )
    bic: str | None = text("INTL: BIC of a bank that is not listed.", least=8, most=11, default=ABSENT)
    account_holder: str | None = text("Whose account it is: the company's own.", most=256, default=ABSENT)
    account_number: str | None = text(
        "The account, or its IBAN; blanks do not count.", least=6, most=50, default=ABSENT
    )
    intermediary_bank: str | None = text("Bank through which transfers go, if needed.", most=200, default=ABSENT)
    intermediary_bic: str | None = text("BIC of that bank.", least=8, most=11, default=ABSENT)
    signing_entity: str | None = text("Code of the vendor's company that signs.", most=20, default=ABSENT)
    currency: str | None = text("In which it is settled: ISO 4217.", least=3, most=3, default=ABSENT)
    related_supplier: bool | None = strawberry.field(
        description="Whether it is related to one of the vendor's suppliers.", default=ABSENT
    )
    related_details: str | None = text("How it is related.", most=1000, default=ABSENT)
    expected_version: int | None = _version()


@strawberry.input
class SubmitBusinessInfoInput(KeyedInput):
    """Your draft, and your consent."""

    privacy_statement: str | None = text("Version of the privacy statement you accept.", most=20, default=None)
    expected_version: int | None = _version()


@strawberry.input
class ConfirmMicroDepositInput(SecretInput):
    """What has arrived on your account."""

    amount: str = text("The amount as a decimal, as 1.23.", most=16)


@strawberry.input
class ReportMissingMicroDepositInput(KeyedInput):
    """That the sum has not arrived."""


@strawberry.input
class RecordMicroDepositInput(KeyedInput):
    """What came of a payment."""

    id: strawberry.ID = ref(MicroDepositRow, "The micro-deposit.", argument="deposit_id")
    sent: bool = strawberry.field(description="Sent, or failed.")
    reference: str | None = text("What the bank calls the payment.", most=128, default=None)
    reason: str | None = text("Why it failed; the partner reads it.", most=500, default=None)


@strawberry.input
class RevealMicroDepositInput(SecretInput):
    """What is to be paid."""

    id: strawberry.ID = ref(MicroDepositRow, "The micro-deposit.", argument="deposit_id")


@strawberry.input
class UnlockBusinessInfoInput(KeyedInput):
    """The record to unlock."""

    id: strawberry.ID = ref(BusinessInfoRow, "The record.", argument="record_id")
    reopen: bool = strawberry.field(
        default=False, description="Let the partner correct its form before another micro-deposit is made."
    )
    reason: str = text("Why.", most=500)
    expected_version: int | None = _version()


@strawberry.input
class OpenBusinessInfoInput(KeyedInput):
    """The certified record that its partner may change once."""

    id: strawberry.ID = ref(BusinessInfoRow, "The record.", argument="record_id")
    reason: str = text("Why.", most=500)
    expected_version: int | None = _version()


@strawberry.input
class SubmitBankLetterInput(KeyedInput):
    """The bank's letter: a file that has been uploaded."""

    upload_id: strawberry.ID = handed_in("The letter.", argument="upload_id")


@strawberry.input
class SupplierInput:
    """A supplier as purchasing knows it."""

    reference: str = text("The number that purchasing gives it.", most=64)
    name: str = text("Its name.", most=256)
    account_number: str = text("Its account, or the IBAN; blanks do not count.", least=6, most=50)
    signing_entity: str = text("Code of the vendor's company that buys of it.", most=20)
    currency: str = text("In which it is paid: ISO 4217.", least=3, most=3)


@strawberry.input
class SaveSupplierInput(SupplierInput, SecretInput):
    """A supplier as purchasing knows it. It holds a secret, so it takes no key."""


@strawberry.input
class ImportSuppliersInput(SecretInput):
    """The suppliers, and what becomes of all of them when one is refused. It holds secrets, so it takes no key."""

    suppliers: list[SupplierInput] = strawberry.field(
        description="1 to 200, each reference once.", metadata={"items": SUPPLIERS_MOST}
    )
    error_policy: ErrorPolicy = strawberry.field(
        default=ErrorPolicy.ALL_OR_NOTHING, description="Whether refused ones keep the others from being taken over."
    )


@strawberry.input
class RemoveSupplierInput(KeyedInput):
    """A supplier no more."""

    reference: str = text("The number that purchasing gives it.", most=64)


@strawberry.type(description="What became of one supplier.")
class SupplierResult:
    """The source object is an Item."""

    supplier = item(Supplier, "The supplier as it stands now.")
    user_errors = reasons()


@strawberry.type(description="A result for each supplier, in the order given.")
class ImportSuppliersPayload(BatchPayload):
    """The source object is a Batch."""

    results: list[SupplierResult] = strawberry.field(description="What became of each.")


@strawberry.type(description="The supplier concerned.")
class SupplierPayload(Payload):
    """The source object is a Supplier."""

    supplier: Supplier | None = strawberry.field(description="The supplier as it stands now.")


@strawberry.type(description="The record concerned.")
class BusinessInfoPayload(Payload):
    """The source object is a BusinessInfo."""

    business_info: BusinessInfo | None = strawberry.field(description="The record as it stands now.")


@strawberry.type(description="The draft concerned.")
class BusinessInfoFormPayload(Payload):
    """The source object is a BusinessInfoForm."""

    form: BusinessInfoForm | None = strawberry.field(description="The draft as it stands now.")


@strawberry.type(description="The micro-deposit concerned.")
class MicroDepositPayload(Payload):
    """The source object is a MicroDeposit."""

    micro_deposit: MicroDeposit | None = strawberry.field(description="The micro-deposit as it stands now.")


@strawberry.type(description="What is to be paid.")
class MicroDepositOrderPayload(Payload):
    """The source object is a DepositOrder."""

    order: MicroDepositOrder | None = strawberry.field(description="The micro-deposit with what is sealed of it.")
