from tortoise import migrations
from tortoise.migrations import operations as ops

from tortoise import fields
from enum import IntEnum, StrEnum


class ReviewKind(StrEnum):
    ADMISSION = "ADMISSION"
    PLAN = "PLAN"
    PLAN_TIER = "PLAN_TIER"
    COMPANY_CHANGE = "COMPANY_CHANGE"
    PATH_ROLE = "PATH_ROLE"
    PATH_DIFFERENTIATION = "PATH_DIFFERENTIATION"
    PATH_ANNUAL = "PATH_ANNUAL"
    BUSINESS_INFO = "BUSINESS_INFO"
    BANK_LETTER = "BANK_LETTER"
    SOLUTION = "SOLUTION"
    CAPABILITY = "CAPABILITY"
    MDF_APPLICATION = "MDF_APPLICATION"
    MDF_CLAIM = "MDF_CLAIM"
    SPECIALIST = "SPECIALIST"
    SPECIALIST_CANCELLATION = "SPECIALIST_CANCELLATION"
    EXPERT_QUALIFICATION = "EXPERT_QUALIFICATION"
    EXPERT_INCENTIVE = "EXPERT_INCENTIVE"


class Migration(migrations.Migration):
    dependencies = [("models", "0040_lists_of_experts_are_paid_by_quarters")]

    initial = False

    operations = [
        ops.AlterField(
            model_name="ReviewCase",
            name="kind",
            field=fields.CharEnumField(
                description="ADMISSION: ADMISSION\nPLAN: PLAN\nPLAN_TIER: PLAN_TIER\nCOMPANY_CHANGE: COMPANY_CHANGE\nPATH_ROLE: PATH_ROLE\nPATH_DIFFERENTIATION: PATH_DIFFERENTIATION\nPATH_ANNUAL: PATH_ANNUAL\nBUSINESS_INFO: BUSINESS_INFO\nBANK_LETTER: BANK_LETTER\nSOLUTION: SOLUTION\nCAPABILITY: CAPABILITY\nMDF_APPLICATION: MDF_APPLICATION\nMDF_CLAIM: MDF_CLAIM\nSPECIALIST: SPECIALIST\nSPECIALIST_CANCELLATION: SPECIALIST_CANCELLATION\nEXPERT_QUALIFICATION: EXPERT_QUALIFICATION\nEXPERT_INCENTIVE: EXPERT_INCENTIVE",
                enum_type=ReviewKind,
                max_length=30,
            ),
        ),
    ]
