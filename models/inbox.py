"""The messages that a recording gateway kept, for the development inbox."""

from tortoise import fields, models
from tortoise.fields.db_defaults import Now

from core.ids import uuid7


class RecordedMessage(models.Model):
    """One kept message. (`topic`, `key`) name the effect, so a redelivery does not appear twice."""

    id = fields.UUIDField(primary_key=True, default=uuid7)
    channel = fields.CharField(max_length=8)
    recipient = fields.CharField(max_length=320)
    subject = fields.TextField(default="")
    body = fields.TextField()
    template = fields.CharField(max_length=64)
    locale = fields.CharField(max_length=16)
    topic = fields.CharField(max_length=64)
    key = fields.CharField(max_length=255)
    sent_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField(db_default=Now())

    class Meta:
        table = "recorded_message"
        unique_together = (("topic", "key"),)
        indexes = (("recipient", "id"),)
