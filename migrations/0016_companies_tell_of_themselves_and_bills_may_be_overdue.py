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
    CUSTOMER = "CUSTOMER"
    ASSOCIATION = "ASSOCIATION"
    RESELLER = "RESELLER"
    SPECIALIST = "SPECIALIST"
    VOUCHER = "VOUCHER"
    PERFORMANCE = "PERFORMANCE"
    INCENTIVE = "INCENTIVE"
    OPPORTUNITY = "OPPORTUNITY"
    BUSINESS_INFO = "BUSINESS_INFO"


class CompanyChangeState(StrEnum):
    IN_REVIEW = "IN_REVIEW"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"


class ReviewKind(StrEnum):
    ADMISSION = "ADMISSION"
    PLAN = "PLAN"
    COMPANY_CHANGE = "COMPANY_CHANGE"


# Companies that are there already are kept by their account that was admitted first, which is their contact too.
_KEPT = """
insert into company_profile (id, version, created_at, updated_at, company_id, main_partner_id, contacts)
select gen_random_uuid(), 1, now(), now(), first.company_id, first.id,
       jsonb_build_array(jsonb_build_object(
         'name', a.full_name, 'position', null, 'mobile', a.mobile, 'email', a.email))
from (select distinct on (company_id) id, company_id, main_account_id from partner where company_id is not null
      order by company_id, admitted_at, id) first
join account a on a.id = first.main_account_id
"""


class Migration(migrations.Migration):
    dependencies = [("models", "0015_recorded_mails_keep_their_html")]

    initial = False

    operations = [
        ops.CreateModel(
            name="CompanyChange",
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
                        db_constraint=True,
                        to_field="id",
                        related_name="changes",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "partner",
                    fields.ForeignKeyField(
                        "models.Partner",
                        source_field="partner_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="company_changes",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "state",
                    fields.CharEnumField(
                        description="IN_REVIEW: IN_REVIEW\nAPPROVED: APPROVED\nREJECTED: REJECTED\nWITHDRAWN: WITHDRAWN",
                        enum_type=CompanyChangeState,
                        max_length=20,
                    ),
                ),
                ("before", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("after", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("submitted_by", fields.UUIDField()),
                ("submitted_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("decided_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("reason", fields.CharField(null=True, max_length=500)),
            ],
            options={
                "table": "company_change",
                "app": "models",
                "indexes": [Index(fields=["company_id", "id"], name="company_change_newest")],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="CompanyProfile",
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
                        db_constraint=True,
                        to_field="id",
                        related_name="profiles",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "main_partner",
                    fields.ForeignKeyField(
                        "models.Partner",
                        source_field="main_partner_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="kept_profiles",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("english_name", fields.CharField(null=True, max_length=256)),
                ("legal_representative", fields.CharField(null=True, max_length=128)),
                ("address", fields.CharField(null=True, max_length=500)),
                ("website", fields.CharField(null=True, max_length=200)),
                ("headcount", fields.IntField(null=True)),
                ("introduction", fields.CharField(null=True, max_length=1000)),
                ("licence", fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ("contacts", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={"table": "company_profile", "app": "models", "pk_attr": "id"},
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="OverdueBill",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("version", fields.IntField(default=1, db_default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("site", fields.CharField(max_length=4)),
                ("number", fields.CharField(max_length=64)),
                (
                    "partner",
                    fields.ForeignKeyField(
                        "models.Partner",
                        source_field="partner_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="overdue_bills",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("amount", fields.BigIntField()),
                ("currency", fields.CharField(max_length=3)),
                ("overdue_since", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("recorded_by", fields.UUIDField(null=True)),
                ("cleared_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "overdue_bill",
                "app": "models",
                "indexes": [
                    Index(fields=["partner_id", "id"], name="overdue_bill_of_partner"),
                    Index(fields=["cleared_at", "overdue_since"], name="overdue_bill_by_day"),
                ],
                "pk_attr": "id",
            },
            bases=["Entity"],
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
        ops.AddField(
            model_name="Partner",
            name="benefits_frozen_since",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AlterField(
            model_name="ReviewCase",
            name="kind",
            field=fields.CharEnumField(
                description="ADMISSION: ADMISSION\nPLAN: PLAN\nCOMPANY_CHANGE: COMPANY_CHANGE",
                enum_type=ReviewKind,
                max_length=30,
            ),
        ),
        ops.AddConstraint(
            model_name="CompanyChange",
            constraint=UniqueConstraint(
                fields=("company_id",), name="company_change_one_open", condition="state = 'IN_REVIEW'"
            ),
        ),
        ops.AddConstraint(
            model_name="CompanyChange",
            constraint=CheckConstraint(
                check="state <> 'REJECTED' OR reason IS NOT NULL", name="company_change_rejected_with_reason"
            ),
        ),
        ops.AddConstraint(
            model_name="CompanyChange",
            constraint=CheckConstraint(
                check="(state IN ('APPROVED','REJECTED')) = (decided_at IS NOT NULL)",
                name="company_change_decided_whole",
            ),
        ),
        ops.AddConstraint(
            model_name="CompanyProfile",
            constraint=UniqueConstraint(fields=("company_id",), name="company_profile_once"),
        ),
        ops.AddConstraint(
            model_name="OverdueBill",
            constraint=UniqueConstraint(fields=("site", "number"), name="overdue_bill_number_once"),
        ),
        ops.AddConstraint(
            model_name="OverdueBill",
            constraint=CheckConstraint(check="site IN ('CN','INTL')", name="overdue_bill_site"),
        ),
        ops.AddConstraint(
            model_name="OverdueBill",
            constraint=CheckConstraint(check="amount > 0", name="overdue_bill_amount"),
        ),
        ops.RunSQL(_KEPT, reverse_sql="delete from company_profile"),
    ]
