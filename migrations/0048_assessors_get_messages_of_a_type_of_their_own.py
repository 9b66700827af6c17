from tortoise import migrations
from tortoise.migrations import operations as ops

from tortoise import fields
from enum import IntEnum, StrEnum


class MessageType(StrEnum):
    VERIFICATION = "VERIFICATION"
    SECURITY = "SECURITY"
    INVITATION = "INVITATION"
    REVIEW = "REVIEW"
    ASSESSMENT = "ASSESSMENT"
    ACCOUNT_CHANGE = "ACCOUNT_CHANGE"
    ACCOUNT_BALANCE = "ACCOUNT_BALANCE"
    PLAN = "PLAN"
    PATH = "PATH"
    CUSTOMER = "CUSTOMER"
    ASSOCIATION = "ASSOCIATION"
    RESELLER = "RESELLER"
    SPECIALIST = "SPECIALIST"
    VOUCHER = "VOUCHER"
    PERFORMANCE = "PERFORMANCE"
    INCENTIVE = "INCENTIVE"
    OPPORTUNITY = "OPPORTUNITY"
    BUSINESS_INFO = "BUSINESS_INFO"
    FEED = "FEED"
    FUND = "FUND"


class Migration(migrations.Migration):
    dependencies = [("models", "0047_third_parties_assess_applications_for_labels")]

    initial = False

    operations = [
        ops.AlterField(
            model_name="MessageSetting",
            name="type",
            field=fields.CharEnumField(
                description="VERIFICATION: VERIFICATION\nSECURITY: SECURITY\nINVITATION: INVITATION\nREVIEW: REVIEW\nASSESSMENT: ASSESSMENT\nACCOUNT_CHANGE: ACCOUNT_CHANGE\nACCOUNT_BALANCE: ACCOUNT_BALANCE\nPLAN: PLAN\nPATH: PATH\nCUSTOMER: CUSTOMER\nASSOCIATION: ASSOCIATION\nRESELLER: RESELLER\nSPECIALIST: SPECIALIST\nVOUCHER: VOUCHER\nPERFORMANCE: PERFORMANCE\nINCENTIVE: INCENTIVE\nOPPORTUNITY: OPPORTUNITY\nBUSINESS_INFO: BUSINESS_INFO\nFEED: FEED\nFUND: FUND",
                enum_type=MessageType,
                max_length=30,
            ),
        ),
    ]
