from tortoise import migrations
from tortoise.migrations import operations as ops


from tortoise import fields
from tortoise.indexes import Index
from enum import IntEnum, StrEnum


class MessageType(StrEnum):
    VERIFICATION = "VERIFICATION"
    SECURITY = "SECURITY"
    INVITATION = "INVITATION"
    REVIEW = "REVIEW"
    ACCOUNT_CHANGE = "ACCOUNT_CHANGE"
    ACCOUNT_BALANCE = "ACCOUNT_BALANCE"
    PLAN = "PLAN"
    CUSTOMER = "CUSTOMER"
    ASSOCIATION = "ASSOCIATION"
    RESELLER = "RESELLER"
    SPECIALIST = "SPECIALIST"
    VOUCHER = "VOUCHER"
    PERFORMANCE = "PERFORMANCE"
    INCENTIVE = "INCENTIVE"
    OPPORTUNITY = "OPPORTUNITY"
    BUSINESS_INFO = "BUSINESS_INFO"


class Standing(StrEnum):
    ACTIVE = "ACTIVE"
    RESTRICTED = "RESTRICTED"
    FROZEN = "FROZEN"
    CLOSED = "CLOSED"


class Scene(StrEnum):
    SIGN_UP = "SIGN_UP"
    SIGN_IN = "SIGN_IN"
    RESET_PASSWORD = "RESET_PASSWORD"
    CHANGE_CONTACT = "CHANGE_CONTACT"
    RESTORE_ACCOUNT = "RESTORE_ACCOUNT"
    SENSITIVE_OPERATION = "SENSITIVE_OPERATION"


class Migration(migrations.Migration):
    dependencies = [("models", "0012_persons_tell_of_themselves")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Account",
            name="retained_until",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddIndex(
            model_name="Account",
            index=Index(fields=["retained_until", "id"], name="account_by_retention"),
        ),
        ops.AlterField(
            model_name="MessageSetting",
            name="type",
            field=fields.CharEnumField(
                description="VERIFICATION: VERIFICATION\nSECURITY: SECURITY\nINVITATION: INVITATION\nREVIEW: REVIEW\nACCOUNT_CHANGE: ACCOUNT_CHANGE\nACCOUNT_BALANCE: ACCOUNT_BALANCE\nPLAN: PLAN\nCUSTOMER: CUSTOMER\nASSOCIATION: ASSOCIATION\nRESELLER: RESELLER\nSPECIALIST: SPECIALIST\nVOUCHER: VOUCHER\nPERFORMANCE: PERFORMANCE\nINCENTIVE: INCENTIVE\nOPPORTUNITY: OPPORTUNITY\nBUSINESS_INFO: BUSINESS_INFO",
                enum_type=MessageType,
                max_length=30,
            ),
        ),
        ops.AlterField(
            model_name="Partner",
            name="standing",
            field=fields.CharEnumField(
                default="ACTIVE",
                description="ACTIVE: ACTIVE\nRESTRICTED: RESTRICTED\nFROZEN: FROZEN\nCLOSED: CLOSED",
                enum_type=Standing,
                max_length=20,
            ),
        ),
        ops.AlterField(
            model_name="Verification",
            name="scene",
            field=fields.CharEnumField(
                description="SIGN_UP: SIGN_UP\nSIGN_IN: SIGN_IN\nRESET_PASSWORD: RESET_PASSWORD\nCHANGE_CONTACT: CHANGE_CONTACT\nRESTORE_ACCOUNT: RESTORE_ACCOUNT\nSENSITIVE_OPERATION: SENSITIVE_OPERATION",
                enum_type=Scene,
                max_length=30,
            ),
        ),
    ]
