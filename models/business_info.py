"""Partners' business information: forms, micro-deposits, banks' letters, where certification stands; suppliers."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.base import SYSTEM_TABLE, Entity, Mask, Scoped
from models.partners import Partner
from rules.business_info import BusinessInfoState, MicroDepositState, TaxpayerType
from rules.credit_codes import CREDIT_CODE_LENGTH
from rules.errors import ErrorCode

CONSTRAINTS = {
    "business_info_one_a_partner": ErrorCode.CONFLICT,
    "business_info_form_one_draft": ErrorCode.CONFLICT,
    "micro_deposit_one_open": ErrorCode.CONFLICT,
    "bank_letter_once": ErrorCode.CONFLICT,
    "supplier_reference_once": ErrorCode.CONFLICT,
}


class BusinessInfoForm(Entity):
    """A partner's answers. Each partner has one draft at most; what has been submitted never changes again.

    The account number is sealed: `account_end` is all of it that anybody reads. `company_name` and `credit_code` are
    the partner's when the form was submitted, `privacy_statement` is the version that was accepted with it.
    """

    prefix = "bif"
    scope = Scoped(partner="partner_id")
    masks = {"contact_name": Mask.NAME, "contact_mobile": Mask.MOBILE, "contact_email": Mask.EMAIL}

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="business_info_forms", on_delete=fields.RESTRICT
    )
    partner_id: UUID
    company_name = fields.CharField(max_length=256, null=True)
    credit_code = fields.CharField(max_length=CREDIT_CODE_LENGTH, null=True)
    address = fields.CharField(max_length=500, null=True)
    taxpayer_type = fields.CharEnumField(TaxpayerType, max_length=20, null=True)
    tax_number = fields.CharField(max_length=32, null=True)
    tax_rate: Decimal | None = fields.DecimalField(max_digits=5, decimal_places=4, null=True)
    contact_name = fields.CharField(max_length=128, null=True)
    contact_mobile = fields.CharField(max_length=32, null=True)
    contact_email = fields.CharField(max_length=64, null=True)
    bank_country = fields.CharField(max_length=2, null=True)
    bank_code = fields.CharField(max_length=20, null=True)
    bank_name = fields.CharField(max_length=200, null=True)
    branch_name = fields.CharField(max_length=200, null=True)
    branch_code = fields.CharField(max_length=12, null=True)
    bic = fields.CharField(max_length=11, null=True)
    account_holder = fields.CharField(max_length=256, null=True)
    account_sealed: bytes | None = fields.BinaryField(null=True)
    account_end = fields.CharField(max_length=4, null=True)
    intermediary_bank = fields.CharField(max_length=200, null=True)
    intermediary_bic = fields.CharField(max_length=11, null=True)
    signing_entity = fields.CharField(max_length=20, null=True)
    currency = fields.CharField(max_length=3, null=True)
    related_supplier = fields.BooleanField(null=True)
    related_details = fields.CharField(max_length=1000, null=True)
    privacy_statement = fields.CharField(max_length=20, null=True)
    submitted_by = fields.UUIDField(null=True)
    submitted_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "business_info_form"
        indexes = (Index(fields=("partner_id", "id"), name="business_info_form_of_partner"),)
        constraints = (
            UniqueConstraint(
                fields=("partner_id",), name="business_info_form_one_draft", condition="submitted_at IS NULL"
            ),
            CheckConstraint(
                check="(account_sealed IS NULL) = (account_end IS NULL)", name="business_info_form_account_whole"
            ),
            CheckConstraint(
                check="submitted_at IS NULL OR (account_sealed IS NOT NULL AND company_name IS NOT NULL)",
                name="business_info_form_submitted_whole",
            ),
        )


class BusinessInfo(Entity):
    """Where the certification of a partner's business information stands. `since` is when it came to stand so.

    `form` is the one that was submitted last; a record that the vendor entered has none. `wrong_amounts` counts
    over all micro-deposits until the vendor unlocks. `check_reasons` say why a person has to look, `check_at` when
    the automatic check is due. At `opened_at` the vendor let a certified form be changed once. From `late_from` on
    the vendor is late with what it has to do, at `warned_at` its people were told.
    """

    prefix = "biz"
    scope = Scoped(partner="partner_id")

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="business_info", on_delete=fields.RESTRICT
    )
    partner_id: UUID
    form: fields.ForeignKeyNullableRelation[BusinessInfoForm] = fields.ForeignKeyField(
        "models.BusinessInfoForm", related_name="records", on_delete=fields.RESTRICT, null=True
    )
    form_id: UUID | None
    state = fields.CharEnumField(BusinessInfoState, max_length=20, default=BusinessInfoState.NONE, db_default="NONE")
    taxpayer_type = fields.CharEnumField(TaxpayerType, max_length=20, null=True)
    since = fields.DatetimeField()
    wrong_amounts = fields.IntField(default=0, db_default=0)
    reason = fields.CharField(max_length=500, null=True)
    check_reasons = fields.JSONField[list[str]](default=list, db_default=[])
    check_at: datetime | None = fields.DatetimeField(null=True)
    late_from: datetime | None = fields.DatetimeField(null=True)
    warned_at: datetime | None = fields.DatetimeField(null=True)
    certified_at: datetime | None = fields.DatetimeField(null=True)
    opened_at: datetime | None = fields.DatetimeField(null=True)
    recorded_by = fields.UUIDField(null=True)

    class Meta:
        table = "business_info"
        indexes = (
            Index(fields=("state", "id"), name="business_info_by_state"),
            Index(fields=("form_id",), name="business_info_of_form"),
            Index(fields=("state", "late_from", "id"), name="business_info_by_lateness"),
        )
        constraints = (
            UniqueConstraint(fields=("partner_id",), name="business_info_one_a_partner"),
            CheckConstraint(check="(state = 'AUTO_CHECK') = (check_at IS NOT NULL)", name="business_info_check_due"),
            CheckConstraint(
                check="state <> 'REJECTED' OR reason IS NOT NULL", name="business_info_rejected_with_reason"
            ),
        )

    @property
    def certified(self) -> bool:
        """Whether it is certified now."""
        return self.state is BusinessInfoState.CERTIFIED

    @property
    def opened(self) -> bool:
        """Whether the vendor lets the partner change it though it is certified."""
        return self.opened_at is not None


class MicroDeposit(Entity):
    """A small sum sent to a partner's account, which proves that the account is its own by naming the amount.

    The amount is sealed like the account number. `reference` is what the bank calls the payment.
    """

    prefix = "mdp"
    scope = Scoped(partner="partner_id")

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="micro_deposits", on_delete=fields.RESTRICT
    )
    partner_id: UUID
    form: fields.ForeignKeyRelation[BusinessInfoForm] = fields.ForeignKeyField(
        "models.BusinessInfoForm", related_name="deposits", on_delete=fields.RESTRICT, db_index=True
    )
    form_id: UUID
    state = fields.CharEnumField(MicroDepositState, max_length=20)
    amount_sealed = fields.BinaryField()
    currency = fields.CharField(max_length=3)
    requested_at = fields.DatetimeField()
    sent_at: datetime | None = fields.DatetimeField(null=True)
    overdue_from: datetime | None = fields.DatetimeField(null=True)
    reference = fields.CharField(max_length=128, null=True)
    reason = fields.CharField(max_length=500, null=True)

    class Meta:
        table = "micro_deposit"
        indexes = (
            Index(fields=("partner_id", "id"), name="micro_deposit_of_partner"),
            Index(fields=("state", "id"), name="micro_deposit_by_state"),
        )
        constraints = (
            UniqueConstraint(
                fields=("partner_id",), name="micro_deposit_one_open", condition="state IN ('REQUESTED','SENT')"
            ),
        )


class BankLetter(Entity):
    """A bank's letter about the account of a form: `document` is a Document as JSON."""

    prefix = "blt"
    scope = Scoped(partner="partner_id")

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="bank_letters", on_delete=fields.RESTRICT, db_index=True
    )
    partner_id: UUID
    form: fields.ForeignKeyRelation[BusinessInfoForm] = fields.ForeignKeyField(
        "models.BusinessInfoForm", related_name="letters", on_delete=fields.RESTRICT
    )
    form_id: UUID
    document: dict[str, Any] = fields.JSONField()
    sent_by = fields.UUIDField()

    class Meta:
        table = "bank_letter"
        constraints = (UniqueConstraint(fields=("form_id",), name="bank_letter_once"),)


class Supplier(Entity):
    """A supplier of the vendor's as its purchasing knows it; `name_key` is the name as it is compared."""

    prefix = "sup"
    scope = SYSTEM_TABLE

    site = fields.CharField(max_length=4)
    reference = fields.CharField(max_length=64)
    name = fields.CharField(max_length=256)
    name_key = fields.CharField(max_length=256)
    account_sealed = fields.BinaryField()
    account_end = fields.CharField(max_length=4)
    signing_entity = fields.CharField(max_length=20)
    currency = fields.CharField(max_length=3)
    removed_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "supplier"
        indexes = (Index(fields=("site", "name_key"), name="supplier_by_name"),)
        constraints = (UniqueConstraint(fields=("site", "reference"), name="supplier_reference_once"),)
