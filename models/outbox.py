"""Messages and jobs to be done after the commit: written with the business rows, carried out by the worker."""

from tortoise import fields
from tortoise.indexes import Index, PartialIndex
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from models.base import SYSTEM_TABLE, Scoped


class Outbox(Model):
    """One effect to be carried out at least once. `payload` holds ids and small facts, never a secret or a code.

    All instants are the database's own time (`now()`), never business time.
    """

    id = fields.BigIntField(primary_key=True, generated=True)
    topic = fields.CharField(max_length=60)
    dedup_key = fields.CharField(max_length=200)
    aggregate = fields.CharField(max_length=200, null=True)
    payload = fields.JSONField[dict[str, object]]()
    state = fields.CharField(max_length=10, default="ready", db_default="ready")
    attempts = fields.IntField(default=0, db_default=0)
    crashes = fields.IntField(default=0, db_default=0)
    max_attempts = fields.IntField()
    run_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(null=True)
    lease_until = fields.DatetimeField(null=True)
    lease_owner = fields.CharField(max_length=100, null=True)
    fence = fields.BigIntField(default=0, db_default=0)
    provider_ref = fields.CharField(max_length=200, null=True)
    last_error = fields.CharField(max_length=500, null=True)
    created_at = fields.DatetimeField()
    finished_at = fields.DatetimeField(null=True)

    scope = Scoped(append=True)

    class Meta:
        table = "outbox"
        indexes = (
            PartialIndex(fields=("topic", "run_at", "id"), name="outbox_due", condition={"state": "ready"}),
            PartialIndex(fields=("lease_until",), name="outbox_leased", condition={"state": "leased"}),
            PartialIndex(fields=("id",), name="outbox_dead", condition={"state": "dead"}),
        )
        constraints = (
            UniqueConstraint(fields=("topic", "dedup_key"), name="outbox_effect_once"),
            UniqueConstraint(
                fields=("aggregate",),
                name="outbox_one_in_flight",
                condition="state = 'leased' AND aggregate IS NOT NULL",
            ),
            # Always true, declared for its index: the finished rows of an aggregate must not slow down its next claim.
            UniqueConstraint(
                fields=("aggregate", "id"),
                name="outbox_aggregate_open",
                condition="aggregate IS NOT NULL AND state IN ('ready','leased','dead')",
            ),
            CheckConstraint(check="state IN ('ready','leased','done','dead','cancelled')", name="outbox_state_known"),
            CheckConstraint(check="(state = 'leased') = (lease_until IS NOT NULL)", name="outbox_lease_iff_leased"),
            CheckConstraint(check="octet_length(payload::text) <= 8192", name="outbox_payload_small"),
        )


class OutboxAttempt(Model):
    """One try to carry out an effect: when, and how it ended.

    `done`; `retry` (worth repeating), `error` (a defect of the handler), `dead`; `crashed` (its lease ran out),
    `late` (it ended after that), `released` (given back by a stopping worker), `postponed` (its hour has not come).
    """

    id = fields.BigIntField(primary_key=True, generated=True)
    outbox_id = fields.BigIntField()
    number = fields.IntField()
    started_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)
    outcome = fields.CharField(max_length=20, null=True)
    detail = fields.CharField(max_length=500, null=True)

    scope = SYSTEM_TABLE

    class Meta:
        table = "outbox_attempt"
        indexes = (Index(fields=("outbox_id", "number"), name="outbox_attempt_of"),)


class WorkerBeat(Model):
    """A worker's sign of life, renewed each second by its relay; /readyz reads the youngest."""

    name = fields.CharField(max_length=100, primary_key=True)
    started_at = fields.DatetimeField()
    beat_at = fields.DatetimeField()

    scope = SYSTEM_TABLE

    class Meta:
        table = "worker_beat"
