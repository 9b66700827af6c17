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


class ReviewState(StrEnum):
    SUBMITTED = "SUBMITTED"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"


# What waits already gets its case; its clock runs from the day it was submitted, by whole weeks.
_WAITING = """
insert into review_case (id, version, created_at, updated_at, partner_id, site, kind, subject_type, subject_id, round,
                         state, submitted_at, submitted_by, due_at)
select gen_random_uuid(), 1, at, at, partner_id, site, kind, subject_type, subject_id, 1, 'SUBMITTED', at, null,
       at + interval '7 days'
from (select applied_at as at, id as partner_id, site, 'ADMISSION' as kind, 'Partner' as subject_type, id as subject_id
      from partner where admission_state = 'MANUAL_REVIEW'
      union all
      select coalesce(m.applied_at, m.created_at), m.partner_id, p.site, 'PLAN', 'PlanMembership', m.id
      from plan_membership m join partner p on p.id = m.partner_id where m.state = 'IN_REVIEW') waiting
"""


class Migration(migrations.Migration):
    dependencies = [("models", "0007_personal_accounts_bound_to_partners")]

    initial = False

    operations = [
        ops.CreateModel(
            name="ReviewCase",
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
                        related_name="reviews",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("site", fields.CharField(max_length=4)),
                (
                    "kind",
                    fields.CharEnumField(
                        description="ADMISSION: ADMISSION\nPLAN: PLAN", enum_type=ReviewKind, max_length=30
                    ),
                ),
                ("subject_type", fields.CharField(max_length=64)),
                ("subject_id", fields.UUIDField()),
                ("round", fields.IntField()),
                (
                    "state",
                    fields.CharEnumField(
                        description="SUBMITTED: SUBMITTED\nAPPROVED: APPROVED\nREJECTED: REJECTED\nWITHDRAWN: WITHDRAWN",
                        enum_type=ReviewState,
                        max_length=20,
                    ),
                ),
                ("submitted_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("submitted_by", fields.UUIDField(null=True)),
                ("due_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("escalated_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("claimed_by", fields.UUIDField(null=True)),
                ("claimed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("decided_by", fields.UUIDField(null=True)),
                ("decided_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("reason", fields.CharField(null=True, max_length=500)),
            ],
            options={
                "table": "review_case",
                "app": "models",
                "indexes": [
                    Index(fields=["partner_id", "id"], name="review_case_of_partner"),
                    Index(fields=["kind", "state", "due_at", "id"], name="review_case_queue"),
                    Index(fields=["state", "due_at", "id"], name="review_case_by_due"),
                ],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.AddConstraint(
            model_name="ReviewCase",
            constraint=UniqueConstraint(
                fields=("kind", "subject_id"), name="review_case_one_open", condition="state = 'SUBMITTED'"
            ),
        ),
        ops.AddConstraint(
            model_name="ReviewCase",
            constraint=UniqueConstraint(fields=("kind", "subject_id", "round"), name="review_case_round_once"),
        ),
        ops.AddConstraint(
            model_name="ReviewCase",
            constraint=CheckConstraint(check="site IN ('CN','INTL')", name="review_case_site"),
        ),
        ops.AddConstraint(
            model_name="ReviewCase",
            constraint=CheckConstraint(check="round > 0", name="review_case_round"),
        ),
        ops.AddConstraint(
            model_name="ReviewCase",
            constraint=CheckConstraint(
                check="state <> 'REJECTED' OR reason IS NOT NULL", name="review_case_rejected_with_reason"
            ),
        ),
        ops.AddConstraint(
            model_name="ReviewCase",
            constraint=CheckConstraint(
                check="(state IN ('APPROVED','REJECTED')) = (decided_at IS NOT NULL)", name="review_case_decided_whole"
            ),
        ),
        ops.RunSQL(_WAITING, reverse_sql=ops.RunSQL.noop),
    ]
