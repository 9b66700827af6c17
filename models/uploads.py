"""Files that were handed in; their contents lie in the storage under the row's id."""

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint

from models.accounts import Account
from models.base import Entity, Scoped
from rules.documents import NAME_LENGTH
from rules.uploads import UploadState


class Upload(Entity):
    """A file of one account, shared with its partner. It ends with `expires_at` unless something refers to it since
    `used_at`; `finding` is what the scanner calls what it found.
    """

    prefix = "upl"
    named_by = "file_name"
    scope = Scoped(account="account_id", partner="partner_id")

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
        )
