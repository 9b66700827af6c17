from tortoise import migrations
from tortoise.migrations import operations as ops

from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint
from enum import IntEnum, StrEnum


class RelationKind(StrEnum):
    SPOUSE = "SPOUSE"
    PARENT = "PARENT"
    CHILD = "CHILD"
    SIBLING = "SIBLING"
    OTHER_RELATIVE = "OTHER_RELATIVE"
    FORMER_COLLEAGUE = "FORMER_COLLEAGUE"
    SHAREHOLDER = "SHAREHOLDER"


class Migration(migrations.Migration):
    dependencies = [("models", "0027_partners_are_reminded_of_their_people")]

    initial = False

    operations = [
        ops.CreateModel(
            name="RelationDeclaration",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "partner",
                    fields.ForeignKeyField(
                        "models.Partner",
                        source_field="partner_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="relation_declarations",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("declared_by", fields.UUIDField()),
                ("declared_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("declared_address", fields.CharField(null=True, max_length=64)),
                ("valid_until", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("relation_count", fields.IntField()),
            ],
            options={
                "table": "relation_declaration",
                "app": "models",
                "indexes": [Index(fields=["partner_id", "id"], name="relation_declaration_of_partner")],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="DeclaredRelation",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("partner_id", fields.UUIDField()),
                (
                    "declaration",
                    fields.ForeignKeyField(
                        "models.RelationDeclaration",
                        source_field="declaration_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="relations",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "kind",
                    fields.CharEnumField(
                        description="SPOUSE: SPOUSE\nPARENT: PARENT\nCHILD: CHILD\nSIBLING: SIBLING\nOTHER_RELATIVE: OTHER_RELATIVE\nFORMER_COLLEAGUE: FORMER_COLLEAGUE\nSHAREHOLDER: SHAREHOLDER",
                        enum_type=RelationKind,
                        max_length=30,
                    ),
                ),
                ("person_name", fields.CharField(max_length=100)),
                ("person_position", fields.CharField(max_length=100)),
                ("vendor_person_name", fields.CharField(max_length=100)),
                ("vendor_department", fields.CharField(max_length=100)),
            ],
            options={"table": "declared_relation", "app": "models", "pk_attr": "id"},
            bases=["Row"],
        ),
        ops.AddConstraint(
            model_name="RelationDeclaration",
            constraint=CheckConstraint(check="valid_until > declared_at", name="relation_declaration_ends"),
        ),
        ops.AddConstraint(
            model_name="RelationDeclaration",
            constraint=CheckConstraint(check="relation_count >= 0", name="relation_declaration_count"),
        ),
    ]
