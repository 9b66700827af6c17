from tortoise import migrations
from tortoise.migrations import operations as ops


from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index
from enum import IntEnum, StrEnum


class PlanCode(StrEnum):
    CO_SELL = "CO_SELL"
    COMPETENCY = "COMPETENCY"
    SOLUTION_PROVIDER = "SOLUTION_PROVIDER"
    DISTRIBUTOR = "DISTRIBUTOR"
    RESELLER = "RESELLER"
    MARKETPLACE_SELLER = "MARKETPLACE_SELLER"
    MARKETPLACE_SALES = "MARKETPLACE_SALES"
    SERVICE_COMPETENCY = "SERVICE_COMPETENCY"


class MembershipState(StrEnum):
    INVITED = "INVITED"
    IN_REVIEW = "IN_REVIEW"
    DISTRIBUTOR_REVIEW = "DISTRIBUTOR_REVIEW"
    JOINED = "JOINED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"
    EXITED = "EXITED"
    DECLINED = "DECLINED"
    REVOKED = "REVOKED"


class ReviewKind(StrEnum):
    ADMISSION = "ADMISSION"
    PLAN = "PLAN"
    COMPANY_CHANGE = "COMPANY_CHANGE"
    PATH_ROLE = "PATH_ROLE"
    PATH_DIFFERENTIATION = "PATH_DIFFERENTIATION"
    PATH_ANNUAL = "PATH_ANNUAL"


class Scene(StrEnum):
    SIGN_UP = "SIGN_UP"
    SIGN_IN = "SIGN_IN"
    RESET_PASSWORD = "RESET_PASSWORD"
    RESET_MEMBER_PASSWORD = "RESET_MEMBER_PASSWORD"
    CHANGE_CONTACT = "CHANGE_CONTACT"
    RESTORE_ACCOUNT = "RESTORE_ACCOUNT"
    SENSITIVE_OPERATION = "SENSITIVE_OPERATION"


class Migration(migrations.Migration):
    dependencies = [("models", "0017_development_paths_and_solutions")]

    initial = False

    operations = [
        ops.CreateModel(
            name="PlanAgreement",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "partner",
                    fields.ForeignKeyField(
                        "models.Partner",
                        source_field="partner_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="plan_agreements",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "membership",
                    fields.ForeignKeyField(
                        "models.PlanMembership",
                        source_field="membership_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="agreements",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "plan",
                    fields.CharEnumField(
                        description="CO_SELL: CO_SELL\nCOMPETENCY: COMPETENCY\nSOLUTION_PROVIDER: SOLUTION_PROVIDER\nDISTRIBUTOR: DISTRIBUTOR\nRESELLER: RESELLER\nMARKETPLACE_SELLER: MARKETPLACE_SELLER\nMARKETPLACE_SALES: MARKETPLACE_SALES\nSERVICE_COMPETENCY: SERVICE_COMPETENCY",
                        enum_type=PlanCode,
                        max_length=30,
                    ),
                ),
                ("agreement_version", fields.CharField(max_length=20)),
                ("signed_by", fields.UUIDField()),
                ("signed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("signed_address", fields.CharField(null=True, max_length=64)),
            ],
            options={
                "table": "plan_agreement",
                "app": "models",
                "indexes": [Index(fields=["partner_id", "id"], name="plan_agreement_of_partner")],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.AlterField(
            model_name="PlanMembership",
            name="state",
            field=fields.CharEnumField(
                description="INVITED: INVITED\nIN_REVIEW: IN_REVIEW\nDISTRIBUTOR_REVIEW: DISTRIBUTOR_REVIEW\nJOINED: JOINED\nREJECTED: REJECTED\nWITHDRAWN: WITHDRAWN\nEXPIRED: EXPIRED\nEXITED: EXITED\nDECLINED: DECLINED\nREVOKED: REVOKED",
                enum_type=MembershipState,
                max_length=20,
            ),
        ),
        ops.AddField(
            model_name="PlanMembership",
            name="invited_by",
            field=fields.UUIDField(null=True),
        ),
        ops.AddField(
            model_name="PlanMembership",
            name="invited_until",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="PlanMembership",
            name="noticed_days",
            field=fields.IntField(null=True),
        ),
        ops.AddField(
            model_name="PlanMembership",
            name="valid_from",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddIndex(
            model_name="PlanMembership",
            index=Index(fields=["state", "valid_to"], name="plan_membership_by_end"),
        ),
        ops.AddIndex(
            model_name="PlanMembership",
            index=Index(fields=["state", "invited_until"], name="plan_membership_by_invitation_end"),
        ),
        ops.AlterField(
            model_name="ReviewCase",
            name="kind",
            field=fields.CharEnumField(
                description="ADMISSION: ADMISSION\nPLAN: PLAN\nCOMPANY_CHANGE: COMPANY_CHANGE\nPATH_ROLE: PATH_ROLE\nPATH_DIFFERENTIATION: PATH_DIFFERENTIATION\nPATH_ANNUAL: PATH_ANNUAL",
                enum_type=ReviewKind,
                max_length=30,
            ),
        ),
        ops.AlterField(
            model_name="Verification",
            name="scene",
            field=fields.CharEnumField(
                description="SIGN_UP: SIGN_UP\nSIGN_IN: SIGN_IN\nRESET_PASSWORD: RESET_PASSWORD\nRESET_MEMBER_PASSWORD: RESET_MEMBER_PASSWORD\nCHANGE_CONTACT: CHANGE_CONTACT\nRESTORE_ACCOUNT: RESTORE_ACCOUNT\nSENSITIVE_OPERATION: SENSITIVE_OPERATION",
                enum_type=Scene,
                max_length=30,
            ),
        ),
    ]
