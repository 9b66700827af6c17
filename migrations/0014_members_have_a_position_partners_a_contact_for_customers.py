from tortoise import migrations
from tortoise.migrations import operations as ops

from tortoise import fields
from enum import IntEnum, StrEnum


class Scene(StrEnum):
    SIGN_UP = "SIGN_UP"
    SIGN_IN = "SIGN_IN"
    RESET_PASSWORD = "RESET_PASSWORD"
    RESET_MEMBER_PASSWORD = "RESET_MEMBER_PASSWORD"
    CHANGE_CONTACT = "CHANGE_CONTACT"
    SENSITIVE_OPERATION = "SENSITIVE_OPERATION"


class Migration(migrations.Migration):
    dependencies = [("models", "0013_accounts_are_closed_and_kept")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Account",
            name="position",
            field=fields.CharField(null=True, max_length=64),
        ),
        ops.AddField(
            model_name="Partner",
            name="customer_contact_id",
            field=fields.UUIDField(null=True),
        ),
        ops.AlterField(
            model_name="Verification",
            name="scene",
            field=fields.CharEnumField(
                description="SIGN_UP: SIGN_UP\nSIGN_IN: SIGN_IN\nRESET_PASSWORD: RESET_PASSWORD\nRESET_MEMBER_PASSWORD: RESET_MEMBER_PASSWORD\nCHANGE_CONTACT: CHANGE_CONTACT\nSENSITIVE_OPERATION: SENSITIVE_OPERATION",
                enum_type=Scene,
                max_length=30,
            ),
        ),
    ]
