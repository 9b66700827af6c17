"""The event log: what happened, per partner and in order, for feeds, webhooks and timelines."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint

from models.base import Row, Scoped


class Event(Row):
    """One fact, `noun.past_verb`. The sequencer gives `sequence` (gapless per partner) after the commit."""

    prefix = "evt"
    scope = Scoped(partner="partner_id", customer="customer_id", append=True)

    partner_id = fields.UUIDField(null=True)
    customer_id = fields.UUIDField(null=True)
    sequence = fields.BigIntField(null=True)
    type = fields.CharField(max_length=80)
    subject_type = fields.CharField(max_length=40)
    subject_id = fields.UUIDField()
    subject_version = fields.IntField()
    actor = fields.CharField(max_length=60)
    request_id = fields.CharField(max_length=64)
    changes = fields.JSONField[dict[str, object]]()
    occurred_at = fields.DatetimeField()

    class Meta:
        table = "event"
        indexes = (
            Index(fields=("sequence", "id"), name="event_in_sequence"),
            Index(fields=("customer_id", "id"), name="event_of_customer"),
            Index(fields=("subject_id", "id"), name="event_of_subject"),
        )
        constraints = (
            UniqueConstraint(fields=("partner_id", "sequence"), name="event_sequence_once"),
            UniqueConstraint(fields=("partner_id", "id"), name="event_unnumbered", condition="sequence IS NULL"),
        )
