from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads

from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from enum import IntEnum, StrEnum


class Scene(StrEnum):
    SIGN_UP = "SIGN_UP"
    SIGN_IN = "SIGN_IN"
    RESET_PASSWORD = "RESET_PASSWORD"
    RESET_MEMBER_PASSWORD = "RESET_MEMBER_PASSWORD"
    CHANGE_CONTACT = "CHANGE_CONTACT"
    RESTORE_ACCOUNT = "RESTORE_ACCOUNT"
    CONFIRM_CONTACT = "CONFIRM_CONTACT"
    SENSITIVE_OPERATION = "SENSITIVE_OPERATION"


class Migration(migrations.Migration):
    dependencies = [("models", "0029_feeds_of_data_files")]

    initial = False

    operations = [
        ops.AddField(
            model_name="CompanyChange",
            name="earlier",
            field=fields.JSONField(db_default=[], encoder=JSON_DUMPS, decoder=loads),
        ),
        ops.AddField(
            model_name="MessageContact",
            name="email_confirmed_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="MessageContact",
            name="mobile_confirmed_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="RealNameCase",
            name="files",
            field=fields.JSONField(db_default=[], encoder=JSON_DUMPS, decoder=loads),
        ),
        ops.AlterField(
            model_name="Verification",
            name="scene",
            field=fields.CharEnumField(
                description="SIGN_UP: SIGN_UP\nSIGN_IN: SIGN_IN\nRESET_PASSWORD: RESET_PASSWORD\nRESET_MEMBER_PASSWORD: RESET_MEMBER_PASSWORD\nCHANGE_CONTACT: CHANGE_CONTACT\nRESTORE_ACCOUNT: RESTORE_ACCOUNT\nCONFIRM_CONTACT: CONFIRM_CONTACT\nSENSITIVE_OPERATION: SENSITIVE_OPERATION",
                enum_type=Scene,
                max_length=30,
            ),
        ),
    ]
