from tortoise import migrations
from tortoise.migrations import operations as ops

from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint
from enum import IntEnum, StrEnum


class ExpertIncentiveStatus(StrEnum):
    PENDING_CONFIRM = "PENDING_CONFIRM"
    DISPUTED = "DISPUTED"
    WAIT_MATERIALS = "WAIT_MATERIALS"
    IN_REVIEW = "IN_REVIEW"
    APPROVED = "APPROVED"
    PAYABLE = "PAYABLE"
    PAYING_OUT = "PAYING_OUT"
    PAID = "PAID"
    EXPIRED = "EXPIRED"


class Migration(migrations.Migration):
    dependencies = [("models", "0039_sessions_are_forgotten_by_the_end_of_their_refresh_token")]

    initial = False

    operations = [
        ops.AlterField(
            model_name="ExpertIncentive",
            name="status",
            field=fields.CharEnumField(
                description="PENDING_CONFIRM: PENDING_CONFIRM\nDISPUTED: DISPUTED\nWAIT_MATERIALS: WAIT_MATERIALS\nIN_REVIEW: IN_REVIEW\nAPPROVED: APPROVED\nPAYABLE: PAYABLE\nPAYING_OUT: PAYING_OUT\nPAID: PAID\nEXPIRED: EXPIRED",
                enum_type=ExpertIncentiveStatus,
                max_length=20,
            ),
        ),
        ops.AddField(
            model_name="ExpertIncentive",
            name="payout",
            field=fields.ForeignKeyField(
                "models.PayoutRequest",
                source_field="payout_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name="expert_incentives",
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AddIndex(
            model_name="ExpertIncentive",
            index=Index(fields=["payout_id"], name="expert_incentive_of_payout"),
        ),
        ops.AddConstraint(
            model_name="ExpertIncentive",
            constraint=CheckConstraint(
                check="(status IN ('PAYING_OUT','PAID')) = (payout_id IS NOT NULL)", name="expert_incentive_in_payout"
            ),
        ),
    ]
