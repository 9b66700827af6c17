"""The messages that a recording gateway kept, for the development inbox."""

from tortoise import fields
from tortoise.fields.db_defaults import Now
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.base import SYSTEM_TABLE, Row


class RecordedMessage(Row):
    """One message that was kept instead of sent. Topic and key are the outbox row's, so a redelivery appears once.
    `body` is the plain text; `html` the same as a mail program shows it, null for an SMS.

    `sent_at` is business time when the sender has one; `created_at` is the database's own time.
    """

    channel = fields.CharField(max_length=10)
    recipient = fields.CharField(max_length=320)
    subject = fields.TextField(default="", db_default="")
    body = fields.TextField()
    html = fields.TextField(null=True)
    template = fields.CharField(max_length=64)
    locale = fields.CharField(max_length=16)
    topic = fields.CharField(max_length=60)
    key = fields.CharField(max_length=261)  # topic, colon and the outbox's dedup_key
    sent_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField(db_default=Now())

    scope = SYSTEM_TABLE

    class Meta:
        table = "recorded_message"
        indexes = (Index(fields=("recipient", "id"), name="recorded_message_recipient"),)
        constraints = (
            UniqueConstraint(fields=("topic", "key"), name="recorded_message_once"),
            CheckConstraint(check="channel IN ('SMS','EMAIL','BANK')", name="recorded_message_channel_known"),
        )
