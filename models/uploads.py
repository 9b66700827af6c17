"""Files that were handed in; their contents lie in the storage under the row's id."""

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint

from models.accounts import Account
from models.base import Entity, Mask, Scoped
from rules.credit_codes import CREDIT_CODE_LENGTH
from rules.documents import NAME_LENGTH
from rules.partners import COMPANY_NAME_LENGTH
from rules.partners.companies import ADDRESS_LENGTH, LEGAL_REPRESENTATIVE_LENGTH
from rules.uploads import ReadingState, UploadPurpose, UploadState


class Upload(Entity):
    """A file of one account, shared with its partner. It ends with `expires_at` unless something refers to it since
    `used_at`; `finding` is what the scanner calls what it found. `reading` says what became of reading a licence, the
    columns after it what was read: both go when the file ends.
    """

    prefix = "upl"
    named_by = "file_name"
    scope = Scoped(account="account_id", partner="partner_id")
    masks = {"licence_credit_code": Mask.IDENTIFIER, "licence_legal_representative": Mask.NAME}

    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="uploads", on_delete=fields.RESTRICT
    )
    account_id: UUID
    partner_id: UUID | None = fields.UUIDField(null=True)
    file_name = fields.CharField(max_length=NAME_LENGTH)
    media_type = fields.CharField(max_length=100)
    size = fields.IntField()
    sha256 = fields.CharField(max_length=64)
    state = fields.CharEnumField(UploadState, max_length=20)
    expires_at: datetime = fields.DatetimeField()
    received_at: datetime | None = fields.DatetimeField(null=True)
    used_at: datetime | None = fields.DatetimeField(null=True)
    finding = fields.CharField(max_length=200, null=True)
    purpose = fields.CharEnumField(UploadPurpose, max_length=20, null=True)
    reading = fields.CharEnumField(ReadingState, max_length=20, null=True)
    licence_name = fields.CharField(max_length=COMPANY_NAME_LENGTH, null=True)
    licence_credit_code = fields.CharField(max_length=CREDIT_CODE_LENGTH, null=True)
    licence_legal_representative = fields.CharField(max_length=LEGAL_REPRESENTATIVE_LENGTH, null=True)
    licence_address = fields.CharField(max_length=ADDRESS_LENGTH, null=True)

    class Meta:
        table = "upload"
        indexes = (
            Index(fields=("account_id", "id"), name="upload_of_account"),
            Index(fields=("partner_id", "id"), name="upload_of_partner"),
            Index(fields=("state", "used_at", "expires_at"), name="upload_by_end"),
        )
        constraints = (
            CheckConstraint(check="size > 0", name="upload_not_empty"),
            CheckConstraint(check="state IN ('OPEN','EXPIRED') = (received_at IS NULL)", name="upload_received_when"),
            CheckConstraint(check="state <> 'QUARANTINED' OR finding IS NOT NULL", name="upload_quarantined_why"),
            CheckConstraint(
                check="reading IS NULL OR (purpose IS NOT NULL AND state NOT IN ('EXPIRED','ERASED'))",
                name="upload_reading_of_what_is_kept",
            ),
            CheckConstraint(
                check="(reading IS NOT NULL AND reading = 'READ') = (COALESCE(licence_name, licence_credit_code,"
                " licence_legal_representative, licence_address) IS NOT NULL)",
                name="upload_read_what",
            ),
        )
