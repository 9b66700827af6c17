from tortoise import migrations
from tortoise.migrations import operations as ops

from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from enum import IntEnum, StrEnum


class ReviewKind(StrEnum):
    ADMISSION = "ADMISSION"
    PLAN = "PLAN"
    PLAN_TIER = "PLAN_TIER"
    COMPANY_CHANGE = "COMPANY_CHANGE"
    REAL_NAME = "REAL_NAME"
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


# Real names get the rounds of their reviews, whose ids keep the order of time; the clock of what waits runs from the
# day it was submitted, by whole weeks. What passed in the instant of its birth, by a rename or for a further account of
# a company, nobody reviewed. Of accounts that are gone nothing waits.
REAL_NAMES = """
update account set real_name_state = 'NONE' where status = 'DELETED' and real_name_state = 'IN_REVIEW';
update real_name_case c set state = 'NONE' from account a
where a.id = c.account_id and a.status = 'DELETED' and c.state = 'IN_REVIEW';
insert into review_case (id, version, created_at, updated_at, account_id, site, kind, subject_type, subject_id, round,
                         state, submitted_at, submitted_by, due_at, decided_by, decided_at, reason)
select c.id, 1, c.created_at, coalesce(c.decided_at, c.created_at), c.account_id, a.site, 'REAL_NAME', 'RealNameCase',
       c.id, row_number() over (partition by c.account_id order by c.created_at, c.id),
       case c.state when 'PASSED' then 'APPROVED' when 'FAILED' then 'REJECTED' else 'SUBMITTED' end,
       c.created_at, c.account_id, c.created_at + interval '7 days', c.decided_by, c.decided_at,
       case c.state when 'FAILED' then coalesce(c.reason, '') else c.reason end
from real_name_case c join account a on a.id = c.account_id
where c.state = 'IN_REVIEW' or (c.state in ('PASSED', 'FAILED') and c.decided_at > c.created_at)
"""


class Migration(migrations.Migration):
    dependencies = [("models", "0041_claims_of_market_funds_are_reviewed")]

    initial = False

    operations = [
        ops.AlterField(
            model_name="ReviewCase",
            name="kind",
            field=fields.CharEnumField(
                description="ADMISSION: ADMISSION\nPLAN: PLAN\nPLAN_TIER: PLAN_TIER\nCOMPANY_CHANGE: COMPANY_CHANGE\nREAL_NAME: REAL_NAME\nPATH_ROLE: PATH_ROLE\nPATH_DIFFERENTIATION: PATH_DIFFERENTIATION\nPATH_ANNUAL: PATH_ANNUAL\nBUSINESS_INFO: BUSINESS_INFO\nBANK_LETTER: BANK_LETTER\nSOLUTION: SOLUTION\nCAPABILITY: CAPABILITY\nMDF_APPLICATION: MDF_APPLICATION\nMDF_CLAIM: MDF_CLAIM\nSPECIALIST: SPECIALIST\nSPECIALIST_CANCELLATION: SPECIALIST_CANCELLATION\nEXPERT_QUALIFICATION: EXPERT_QUALIFICATION\nEXPERT_INCENTIVE: EXPERT_INCENTIVE",
                enum_type=ReviewKind,
                max_length=30,
            ),
        ),
        ops.AlterField(
            model_name="ReviewCase",
            name="partner",
            field=fields.ForeignKeyField(
                "models.Partner",
                source_field="partner_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name="reviews",
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AddField(
            model_name="ReviewCase",
            name="account",
            field=fields.ForeignKeyField(
                "models.Account",
                source_field="account_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name="reviews",
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AddIndex(
            model_name="ReviewCase",
            index=Index(fields=["account_id", "id"], name="review_case_of_account"),
        ),
        ops.AddConstraint(
            model_name="ReviewCase",
            constraint=UniqueConstraint(
                fields=("account_id", "kind", "round"),
                name="review_case_account_round_once",
                condition="account_id IS NOT NULL",
            ),
        ),
        ops.AddConstraint(
            model_name="ReviewCase",
            constraint=CheckConstraint(
                check="(account_id IS NOT NULL) = (partner_id IS NULL) AND (account_id IS NOT NULL) = (kind = 'REAL_NAME')",
                name="review_case_of_one",
            ),
        ),
        ops.RunSQL(REAL_NAMES, reverse_sql=ops.RunSQL.noop),
    ]
