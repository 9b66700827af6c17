from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads


from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from enum import IntEnum, StrEnum


class MessageType(StrEnum):
    VERIFICATION = "VERIFICATION"
    SECURITY = "SECURITY"
    INVITATION = "INVITATION"
    REVIEW = "REVIEW"
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


class AnnualState(StrEnum):
    NOT_DUE = "NOT_DUE"
    DUE = "DUE"
    IN_REVIEW = "IN_REVIEW"


class PathCode(StrEnum):
    SOFTWARE = "SOFTWARE"
    SERVICE = "SERVICE"
    SI = "SI"
    LEARNING = "LEARNING"
    DISTRIBUTOR = "DISTRIBUTOR"


class PathRecordKind(StrEnum):
    ASSOCIATE_CERTIFICATES = "ASSOCIATE_CERTIFICATES"
    PROFESSIONAL_CERTIFICATES = "PROFESSIONAL_CERTIFICATES"
    TRAINERS = "TRAINERS"
    COURSES = "COURSES"
    TEST_COUPONS = "TEST_COUPONS"
    EXAM_VOUCHERS = "EXAM_VOUCHERS"
    MDF_CASES = "MDF_CASES"
    EXPERT_INCENTIVES = "EXPERT_INCENTIVES"
    DELIVERY_SUPPORTS = "DELIVERY_SUPPORTS"


class PathState(StrEnum):
    INVITED = "INVITED"
    SELECTED = "SELECTED"
    ROLE_REVIEW = "ROLE_REVIEW"
    CERTIFIED = "CERTIFIED"
    DIFFERENTIATION_REVIEW = "DIFFERENTIATION_REVIEW"
    DIFFERENTIATED = "DIFFERENTIATED"
    EXPIRED = "EXPIRED"
    EXITED = "EXITED"


class ReviewKind(StrEnum):
    ADMISSION = "ADMISSION"
    PLAN = "PLAN"
    PATH_ROLE = "PATH_ROLE"
    PATH_DIFFERENTIATION = "PATH_DIFFERENTIATION"
    PATH_ANNUAL = "PATH_ANNUAL"
    SOLUTION = "SOLUTION"


class SolutionForm(StrEnum):
    APPLICATION_SOFTWARE = "APPLICATION_SOFTWARE"
    SOFTWARE_SOLUTION = "SOFTWARE_SOLUTION"


class SolutionKind(StrEnum):
    CLOUD_SOFTWARE = "CLOUD_SOFTWARE"
    ADVANCED = "ADVANCED"


class SolutionState(StrEnum):
    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    CERTIFIED = "CERTIFIED"
    REJECTED = "REJECTED"
    EXPIRING = "EXPIRING"
    EXPIRED = "EXPIRED"


class Migration(migrations.Migration):
    dependencies = [("models", "0016_companies_tell_of_themselves_and_bills_may_be_overdue")]

    initial = False

    operations = [
        ops.CreateModel(
            name="PathEnrollment",
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
                        related_name="paths",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "company",
                    fields.ForeignKeyField(
                        "models.Company",
                        source_field="company_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="paths",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "path",
                    fields.CharEnumField(
                        description="SOFTWARE: SOFTWARE\nSERVICE: SERVICE\nSI: SI\nLEARNING: LEARNING\nDISTRIBUTOR: DISTRIBUTOR",
                        enum_type=PathCode,
                        max_length=20,
                    ),
                ),
                (
                    "state",
                    fields.CharEnumField(
                        description="INVITED: INVITED\nSELECTED: SELECTED\nROLE_REVIEW: ROLE_REVIEW\nCERTIFIED: CERTIFIED\nDIFFERENTIATION_REVIEW: DIFFERENTIATION_REVIEW\nDIFFERENTIATED: DIFFERENTIATED\nEXPIRED: EXPIRED\nEXITED: EXITED",
                        enum_type=PathState,
                        max_length=30,
                    ),
                ),
                ("invited_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("invited_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("selected_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("certified_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("differentiated_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("case_materials", fields.CharField(null=True, max_length=500)),
                ("business_plan", fields.CharField(null=True, max_length=500)),
                ("certificate_no", fields.CharField(null=True, max_length=40)),
                ("certificates", fields.IntField(default=0, db_default=0)),
                ("valid_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "annual_state",
                    fields.CharEnumField(
                        description="NOT_DUE: NOT_DUE\nDUE: DUE\nIN_REVIEW: IN_REVIEW",
                        enum_type=AnnualState,
                        max_length=20,
                    ),
                ),
                ("annual_due_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("at_risk", fields.BooleanField(default=False, db_default=False)),
                ("reason", fields.CharField(null=True, max_length=500)),
            ],
            options={
                "table": "path_enrollment",
                "app": "models",
                "indexes": [
                    Index(fields=["path", "state", "id"], name="path_enrollment_by_path"),
                    Index(fields=["state", "annual_state", "valid_until"], name="path_enrollment_by_year"),
                    Index(fields=["partner_id", "id"], name="path_enrollment_of_partner"),
                ],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="PathRecord",
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
                        db_constraint=True,
                        to_field="id",
                        related_name="path_records",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "kind",
                    fields.CharEnumField(
                        description="ASSOCIATE_CERTIFICATES: ASSOCIATE_CERTIFICATES\nPROFESSIONAL_CERTIFICATES: PROFESSIONAL_CERTIFICATES\nTRAINERS: TRAINERS\nCOURSES: COURSES\nTEST_COUPONS: TEST_COUPONS\nEXAM_VOUCHERS: EXAM_VOUCHERS\nMDF_CASES: MDF_CASES\nEXPERT_INCENTIVES: EXPERT_INCENTIVES\nDELIVERY_SUPPORTS: DELIVERY_SUPPORTS",
                        enum_type=PathRecordKind,
                        max_length=30,
                    ),
                ),
                ("count", fields.IntField()),
            ],
            options={"table": "path_record", "app": "models", "pk_attr": "id"},
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="Solution",
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
                        db_constraint=True,
                        to_field="id",
                        related_name="solutions",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "company",
                    fields.ForeignKeyField(
                        "models.Company",
                        source_field="company_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="solutions",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "kind",
                    fields.CharEnumField(
                        description="CLOUD_SOFTWARE: CLOUD_SOFTWARE\nADVANCED: ADVANCED",
                        enum_type=SolutionKind,
                        max_length=20,
                    ),
                ),
                (
                    "form",
                    fields.CharEnumField(
                        description="APPLICATION_SOFTWARE: APPLICATION_SOFTWARE\nSOFTWARE_SOLUTION: SOFTWARE_SOLUTION",
                        enum_type=SolutionForm,
                        max_length=30,
                    ),
                ),
                (
                    "state",
                    fields.CharEnumField(
                        description="DRAFT: DRAFT\nSUBMITTED: SUBMITTED\nCERTIFIED: CERTIFIED\nREJECTED: REJECTED\nEXPIRING: EXPIRING\nEXPIRED: EXPIRED",
                        enum_type=SolutionState,
                        max_length=20,
                    ),
                ),
                ("name", fields.CharField(max_length=200)),
                ("description", fields.CharField(max_length=4000)),
                ("industry", fields.CharField(max_length=100)),
                ("services", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("contact_name", fields.CharField(max_length=100)),
                ("contact_mobile", fields.CharField(max_length=30)),
                ("contact_email", fields.CharField(max_length=200)),
                ("certified_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("valid_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("lapsed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("reason", fields.CharField(null=True, max_length=500)),
            ],
            options={
                "table": "solution",
                "app": "models",
                "indexes": [
                    Index(fields=["partner_id", "id"], name="solution_of_partner"),
                    Index(fields=["state", "valid_until"], name="solution_by_end"),
                ],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="SolutionShare",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "solution",
                    fields.ForeignKeyField(
                        "models.Solution",
                        source_field="solution_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="shares",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("partner_id", fields.UUIDField()),
                ("source_partner_id", fields.UUIDField()),
                ("solution_name", fields.CharField(max_length=200)),
                ("shared_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("shared_by", fields.UUIDField(null=True)),
            ],
            options={
                "table": "solution_share",
                "app": "models",
                "indexes": [
                    Index(fields=["partner_id", "id"], name="solution_share_of_partner"),
                    Index(fields=["source_partner_id", "id"], name="solution_share_of_source"),
                ],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.AlterField(
            model_name="MessageSetting",
            name="type",
            field=fields.CharEnumField(
                description="VERIFICATION: VERIFICATION\nSECURITY: SECURITY\nINVITATION: INVITATION\nREVIEW: REVIEW\nACCOUNT_CHANGE: ACCOUNT_CHANGE\nACCOUNT_BALANCE: ACCOUNT_BALANCE\nPLAN: PLAN\nPATH: PATH\nCUSTOMER: CUSTOMER\nASSOCIATION: ASSOCIATION\nRESELLER: RESELLER\nSPECIALIST: SPECIALIST\nVOUCHER: VOUCHER\nPERFORMANCE: PERFORMANCE\nINCENTIVE: INCENTIVE\nOPPORTUNITY: OPPORTUNITY\nBUSINESS_INFO: BUSINESS_INFO",
                enum_type=MessageType,
                max_length=30,
            ),
        ),
        ops.AlterField(
            model_name="ReviewCase",
            name="kind",
            field=fields.CharEnumField(
                description="ADMISSION: ADMISSION\nPLAN: PLAN\nPATH_ROLE: PATH_ROLE\nPATH_DIFFERENTIATION: PATH_DIFFERENTIATION\nPATH_ANNUAL: PATH_ANNUAL\nSOLUTION: SOLUTION",
                enum_type=ReviewKind,
                max_length=30,
            ),
        ),
        ops.AddConstraint(
            model_name="PathEnrollment",
            constraint=UniqueConstraint(
                fields=("partner_id", "path"),
                name="path_enrollment_one_live",
                condition="state NOT IN ('EXPIRED','EXITED')",
            ),
        ),
        ops.AddConstraint(
            model_name="PathEnrollment",
            constraint=UniqueConstraint(
                fields=("company_id", "path"),
                name="path_enrollment_one_per_company",
                condition="path IN ('SERVICE','SI') AND state NOT IN ('INVITED','EXPIRED','EXITED')",
            ),
        ),
        ops.AddConstraint(
            model_name="PathEnrollment",
            constraint=UniqueConstraint(fields=("certificate_no",), name="path_enrollment_certificate_once"),
        ),
        ops.AddConstraint(
            model_name="PathEnrollment",
            constraint=CheckConstraint(
                check="state IN ('INVITED','EXPIRED') OR selected_at IS NOT NULL", name="path_enrollment_selected_whole"
            ),
        ),
        ops.AddConstraint(
            model_name="PathEnrollment",
            constraint=CheckConstraint(
                check="state NOT IN ('CERTIFIED','DIFFERENTIATION_REVIEW','DIFFERENTIATED') OR (certificate_no IS NOT NULL AND valid_until IS NOT NULL AND certified_at IS NOT NULL)",
                name="path_enrollment_certified_whole",
            ),
        ),
        ops.AddConstraint(
            model_name="PathEnrollment",
            constraint=CheckConstraint(
                check="annual_state = 'NOT_DUE' OR annual_due_at IS NOT NULL", name="path_enrollment_annual_whole"
            ),
        ),
        ops.AddConstraint(
            model_name="PathRecord",
            constraint=UniqueConstraint(fields=("partner_id", "kind"), name="path_record_once"),
        ),
        ops.AddConstraint(
            model_name="PathRecord",
            constraint=CheckConstraint(check="count >= 0", name="path_record_count"),
        ),
        ops.AddConstraint(
            model_name="Solution",
            constraint=CheckConstraint(
                check="(certified_at IS NULL) = (valid_until IS NULL)", name="solution_certified_whole"
            ),
        ),
        ops.AddConstraint(
            model_name="Solution",
            constraint=CheckConstraint(
                check="state NOT IN ('CERTIFIED','EXPIRING','EXPIRED') OR valid_until IS NOT NULL",
                name="solution_validity_whole",
            ),
        ),
        ops.AddConstraint(
            model_name="Solution",
            constraint=CheckConstraint(
                check="state <> 'REJECTED' OR reason IS NOT NULL", name="solution_rejected_with_reason"
            ),
        ),
        ops.AddConstraint(
            model_name="SolutionShare",
            constraint=UniqueConstraint(fields=("partner_id", "solution_id"), name="solution_share_once"),
        ),
    ]
