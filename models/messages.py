"""Messages to people inside the product: who was told what about what; the words are made when somebody reads them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint

from models.accounts import Account
from models.base import Row, Scoped


class Message(Row):
    """One notice in one account's hands, told once for each occasion.

    `parameters` is what the notice said beside its template: ids, instants and facts (`Context.notify`), no personal
    data. `created_at` and `read_at` are business time.
    """

    prefix = "msg"
    scope = Scoped(account="account_id")

    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="messages", on_delete=fields.RESTRICT
    )
    account_id: UUID
    template = fields.CharField(max_length=64)
    subject_type = fields.CharField(max_length=64)
    subject_id = fields.UUIDField()
    occasion = fields.CharField(max_length=64)
    parameters: dict[str, Any] = fields.JSONField[dict[str, Any]]()
    created_at = fields.DatetimeField()
    read_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "message"
        indexes = (
            Index(fields=("account_id", "id"), name="message_of_account"),
            Index(fields=("account_id", "read_at", "id"), name="message_unread"),
        )
        constraints = (
            UniqueConstraint(fields=("account_id", "template", "subject_id", "occasion"), name="message_once"),
        )
