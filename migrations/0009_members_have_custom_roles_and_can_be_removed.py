from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint


class Migration(migrations.Migration):
    dependencies = [("models", "0008_reviews")]

    initial = False

    operations = [
        ops.CreateModel(
            name="CustomRole",
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
                        related_name="custom_roles",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("name", fields.CharField(max_length=64)),
                ("permissions", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={"table": "custom_role", "app": "models", "pk_attr": "id"},
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="MemberRole",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("partner_id", fields.UUIDField(db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="custom_roles",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "role",
                    fields.ForeignKeyField(
                        "models.CustomRole",
                        source_field="role_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="people",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={"table": "member_role", "app": "models", "pk_attr": "id"},
            bases=["Row"],
        ),
        ops.RemoveConstraint(
            model_name="Account",
            name="account_name_once",
            fields=None,
        ),
        ops.RemoveConstraint(
            model_name="Account",
            name="account_has_contact",
            fields=None,
        ),
        ops.AddField(
            model_name="Account",
            name="roles_in_review",
            field=fields.JSONField(db_default=[], encoder=JSON_DUMPS, decoder=loads),
        ),
        ops.AddConstraint(
            model_name="Account",
            constraint=UniqueConstraint(fields=("partner_id", "name"), name="account_name_once"),
        ),
        ops.AddConstraint(
            model_name="Account",
            constraint=CheckConstraint(
                check="mobile IS NOT NULL OR email IS NOT NULL OR status = 'DELETED'", name="account_has_contact"
            ),
        ),
        ops.AddConstraint(
            model_name="CustomRole",
            constraint=UniqueConstraint(fields=("partner_id", "name"), name="custom_role_name_once"),
        ),
        ops.AddConstraint(
            model_name="MemberRole",
            constraint=UniqueConstraint(fields=("account_id", "role_id"), name="member_role_once"),
        ),
    ]
