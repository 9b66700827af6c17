"""The audit trail: who did what on whose behalf, numbered and hash-chained per tenant; never changed, never deleted."""

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint

from models.base import Row, Scoped


class Audit(Row):
    """One command that was carried out. The sequencer gives `seq` and `hash = SHA-256(previous hash ‖ row)`."""

    prefix = "aud"
    scope = Scoped(partner="tenant_id", append=True)

    tenant_id = fields.UUIDField(null=True)
    seq = fields.BigIntField(null=True)
    occurred_at = fields.DatetimeField()
    actor = fields.CharField(max_length=60)
    via = fields.CharField(max_length=20)
    operation = fields.CharField(max_length=80)
    subject_type = fields.CharField(max_length=40, null=True)
    subject_id = fields.UUIDField(null=True)
    detail = fields.JSONField[dict[str, object]]()
    request_id = fields.CharField(max_length=64)
    address = fields.CharField(max_length=64, null=True)
    previous_hash = fields.BinaryField(null=True)
    hash = fields.BinaryField(null=True)

    class Meta:
        table = "audit"
        constraints = (
            UniqueConstraint(fields=("tenant_id", "seq"), name="audit_seq_once"),
            UniqueConstraint(fields=("tenant_id", "id"), name="audit_unnumbered", condition="seq IS NULL"),
        )
