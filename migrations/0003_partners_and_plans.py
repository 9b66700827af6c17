from tortoise import migrations
from tortoise.migrations import operations as ops


from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from enum import IntEnum, StrEnum


class AdmissionState(StrEnum):
    SUBMITTED = "SUBMITTED"
    MANUAL_REVIEW = "MANUAL_REVIEW"
    JOINED = "JOINED"
    REJECTED = "REJECTED"


class PartnerKind(StrEnum):
    SOLUTION_PROVIDER = "SOLUTION_PROVIDER"
    DISTRIBUTOR = "DISTRIBUTOR"
    RESELLER = "RESELLER"


class Standing(StrEnum):
    ACTIVE = "ACTIVE"
    RESTRICTED = "RESTRICTED"
    FROZEN = "FROZEN"


class MembershipState(StrEnum):
    INVITED = "INVITED"
    IN_REVIEW = "IN_REVIEW"
    DISTRIBUTOR_REVIEW = "DISTRIBUTOR_REVIEW"
    JOINED = "JOINED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"
    EXITED = "EXITED"


class PlanCode(StrEnum):
    CO_SELL = "CO_SELL"
    COMPETENCY = "COMPETENCY"
    SOLUTION_PROVIDER = "SOLUTION_PROVIDER"
    DISTRIBUTOR = "DISTRIBUTOR"
    RESELLER = "RESELLER"
    MARKETPLACE_SELLER = "MARKETPLACE_SELLER"
    MARKETPLACE_SALES = "MARKETPLACE_SALES"
    SERVICE_COMPETENCY = "SERVICE_COMPETENCY"


class Migration(migrations.Migration):
    dependencies = [("models", "0002_outbox_leases")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Company",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("version", fields.IntField(default=1, db_default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("site", fields.CharField(max_length=4)),
                ("name", fields.CharField(max_length=256)),
                ("credit_code", fields.CharField(max_length=40)),
            ],
            options={"table": "company", "app": "models", "pk_attr": "id"},
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="Partner",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("version", fields.IntField(default=1, db_default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "company",
                    fields.ForeignKeyField(
                        "models.Company",
                        source_field="company_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="partners",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("main_account_id", fields.UUIDField()),
                ("site", fields.CharField(max_length=4)),
                ("name", fields.CharField(max_length=256)),
                ("credit_code", fields.CharField(max_length=40)),
                (
                    "kind",
                    fields.CharEnumField(
                        null=True,
                        description="SOLUTION_PROVIDER: SOLUTION_PROVIDER\nDISTRIBUTOR: DISTRIBUTOR\nRESELLER: RESELLER",
                        enum_type=PartnerKind,
                        max_length=30,
                    ),
                ),
                ("tier", fields.CharField(null=True, max_length=30)),
                (
                    "admission_state",
                    fields.CharEnumField(
                        description="SUBMITTED: SUBMITTED\nMANUAL_REVIEW: MANUAL_REVIEW\nJOINED: JOINED\nREJECTED: REJECTED",
                        enum_type=AdmissionState,
                        max_length=20,
                    ),
                ),
                ("applied_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("admitted_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("rejection_reason", fields.CharField(null=True, max_length=500)),
                ("decided_by", fields.UUIDField(null=True)),
                ("decided_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "standing",
                    fields.CharEnumField(
                        default="ACTIVE",
                        description="ACTIVE: ACTIVE\nRESTRICTED: RESTRICTED\nFROZEN: FROZEN",
                        enum_type=Standing,
                        max_length=20,
                    ),
                ),
                ("rep_office", fields.CharField(null=True, max_length=64)),
                ("eco_manager_id", fields.UUIDField(null=True)),
                ("step_up_enabled", fields.BooleanField(default=False, db_default=False)),
                ("may_develop", fields.BooleanField(default=True, db_default=True)),
                ("may_refer", fields.BooleanField(default=True, db_default=True)),
                ("external_ref", fields.CharField(null=True, max_length=64)),
            ],
            options={
                "table": "partner",
                "app": "models",
                "indexes": [
                    Index(fields=["site", "admission_state", "id"], name="partner_by_state"),
                    Index(fields=["eco_manager_id", "id"], name="partner_by_eco_manager"),
                ],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="PlanMembership",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("version", fields.IntField(default=1, db_default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "partner",
                    fields.ForeignKeyField(
                        "models.Partner",
                        source_field="partner_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="memberships",
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
                (
                    "state",
                    fields.CharEnumField(
                        description="INVITED: INVITED\nIN_REVIEW: IN_REVIEW\nDISTRIBUTOR_REVIEW: DISTRIBUTOR_REVIEW\nJOINED: JOINED\nREJECTED: REJECTED\nWITHDRAWN: WITHDRAWN\nEXPIRED: EXPIRED\nEXITED: EXITED",
                        enum_type=MembershipState,
                        max_length=20,
                    ),
                ),
                ("invited_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("applied_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("joined_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("valid_to", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("tier", fields.CharField(null=True, max_length=30)),
                ("certificate_no", fields.CharField(null=True, max_length=40)),
                ("agreement_version", fields.CharField(null=True, max_length=20)),
                ("signed_by", fields.UUIDField(null=True)),
                ("signed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("signed_address", fields.CharField(null=True, max_length=64)),
                ("reason", fields.CharField(null=True, max_length=500)),
                ("decided_by", fields.UUIDField(null=True)),
                ("decided_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "plan_membership",
                "app": "models",
                "indexes": [Index(fields=["plan", "state", "id"], name="plan_membership_by_plan")],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="SignInGuard",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("site", fields.CharField(max_length=4)),
                ("identifier_digest", fields.BinaryField()),
                ("failures", fields.IntField(default=0, db_default=0)),
                ("first_failure_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("locked_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={"table": "sign_in_guard", "app": "models", "pk_attr": "id"},
            bases=["Row"],
        ),
        ops.RemoveField(model_name="Account", name="failed_sign_ins"),
        ops.RemoveField(model_name="Account", name="first_failure_at"),
        ops.AddConstraint(
            model_name="Company",
            constraint=UniqueConstraint(fields=("site", "credit_code"), name="company_credit_code_once"),
        ),
        ops.AddConstraint(
            model_name="Company",
            constraint=CheckConstraint(check="site IN ('CN','INTL')", name="company_site"),
        ),
        ops.AddConstraint(
            model_name="Partner",
            constraint=UniqueConstraint(fields=("main_account_id",), name="partner_main_account_once"),
        ),
        ops.AddConstraint(
            model_name="Partner",
            constraint=UniqueConstraint(fields=("site", "external_ref"), name="partner_external_ref_once"),
        ),
        ops.AddConstraint(
            model_name="Partner",
            constraint=CheckConstraint(check="site IN ('CN','INTL')", name="partner_site"),
        ),
        ops.AddConstraint(
            model_name="Partner",
            constraint=CheckConstraint(
                check="admission_state <> 'JOINED' OR (company_id IS NOT NULL AND admitted_at IS NOT NULL)",
                name="partner_joined_whole",
            ),
        ),
        ops.AddConstraint(
            model_name="Partner",
            constraint=CheckConstraint(
                check="admission_state <> 'REJECTED' OR rejection_reason IS NOT NULL",
                name="partner_rejected_with_reason",
            ),
        ),
        ops.AddConstraint(
            model_name="PlanMembership",
            constraint=UniqueConstraint(
                fields=("partner_id", "plan"),
                name="plan_membership_one_live",
                condition="state IN ('INVITED','IN_REVIEW','DISTRIBUTOR_REVIEW','JOINED')",
            ),
        ),
        ops.AddConstraint(
            model_name="PlanMembership",
            constraint=UniqueConstraint(fields=("certificate_no",), name="plan_membership_certificate_once"),
        ),
        ops.AddConstraint(
            model_name="PlanMembership",
            constraint=CheckConstraint(
                check="state <> 'JOINED' OR (joined_at IS NOT NULL AND agreement_version IS NOT NULL)",
                name="plan_membership_joined_whole",
            ),
        ),
        ops.AddConstraint(
            model_name="PlanMembership",
            constraint=CheckConstraint(
                check="state <> 'REJECTED' OR reason IS NOT NULL", name="plan_membership_rejected_with_reason"
            ),
        ),
        ops.AddConstraint(
            model_name="SignInGuard",
            constraint=UniqueConstraint(fields=("site", "identifier_digest"), name="sign_in_guard_once"),
        ),
    ]
