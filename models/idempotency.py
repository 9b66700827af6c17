"""Outcomes of commands by the caller's key, so that a retry replays instead of repeating."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.base import Row, Scoped


class Idempotency(Row):
    """What a key was used for (`operation`, `fingerprint` of the input) and what came of it (`outcome`).

    A key with no `expires_at` moved money and is kept for ever.
    """

    scope = Scoped(account="caller_id", append=True)

    caller_id = fields.UUIDField()
    key = fields.CharField(max_length=255)
    operation = fields.CharField(max_length=80)
    fingerprint = fields.BinaryField()
    outcome = fields.JSONField[dict[str, object]]()
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(null=True)

    class Meta:
        table = "idempotency"
        indexes = (Index(fields=("expires_at",), name="idempotency_expiry"),)
        constraints = (
            UniqueConstraint(fields=("caller_id", "key"), name="idempotency_key_once"),
            CheckConstraint(check="char_length(key) BETWEEN 8 AND 255", name="idempotency_key_length"),
        )
