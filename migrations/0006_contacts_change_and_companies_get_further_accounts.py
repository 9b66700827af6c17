from tortoise import migrations
from tortoise.migrations import operations as ops


from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from enum import IntEnum, StrEnum


class InvitationState(StrEnum):
    ACTIVE = "ACTIVE"
    USED = "USED"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"


class Channel(StrEnum):
    SMS = "SMS"
    EMAIL = "EMAIL"


class Scene(StrEnum):
    SIGN_UP = "SIGN_UP"
    SIGN_IN = "SIGN_IN"
    RESET_PASSWORD = "RESET_PASSWORD"
    CHANGE_CONTACT = "CHANGE_CONTACT"
    SENSITIVE_OPERATION = "SENSITIVE_OPERATION"


class Migration(migrations.Migration):
    dependencies = [("models", "0005_counters_from_indexes")]

    initial = False

    operations = [
        ops.CreateModel(
            name="ContactChange",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="contact_changes",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "channel",
                    fields.CharEnumField(description="SMS: SMS\nEMAIL: EMAIL", enum_type=Channel, max_length=10),
                ),
                ("previous", fields.CharField(max_length=64)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={"table": "contact_change", "app": "models", "pk_attr": "id"},
            bases=["Row"],
        ),
        ops.CreateModel(
            name="QuickRegistration",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("version", fields.IntField(default=1, db_default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="quick_registrations",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("nonce", fields.BinaryField()),
                ("token_digest", fields.BinaryField()),
                ("valid_until", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "state",
                    fields.CharEnumField(
                        description="ACTIVE: ACTIVE\nUSED: USED\nEXPIRED: EXPIRED\nREVOKED: REVOKED",
                        enum_type=InvitationState,
                        max_length=20,
                    ),
                ),
                ("used_by", fields.UUIDField(null=True)),
            ],
            options={"table": "quick_registration", "app": "models", "pk_attr": "id"},
            bases=["Entity"],
        ),
        ops.AlterField(
            model_name="Verification",
            name="scene",
            field=fields.CharEnumField(
                description="SIGN_UP: SIGN_UP\nSIGN_IN: SIGN_IN\nRESET_PASSWORD: RESET_PASSWORD\nCHANGE_CONTACT: CHANGE_CONTACT\nSENSITIVE_OPERATION: SENSITIVE_OPERATION",
                enum_type=Scene,
                max_length=30,
            ),
        ),
        ops.AddConstraint(
            model_name="QuickRegistration",
            constraint=UniqueConstraint(fields=("token_digest",), name="quick_registration_token_once"),
        ),
        ops.AddConstraint(
            model_name="QuickRegistration",
            constraint=UniqueConstraint(
                fields=("account_id",), name="quick_registration_one_open", condition="state = 'ACTIVE'"
            ),
        ),
        ops.AddConstraint(
            model_name="QuickRegistration",
            constraint=CheckConstraint(
                check="(state = 'USED') = (used_by IS NOT NULL)", name="quick_registration_used_by_one"
            ),
        ),
        ops.AddConstraint(
            model_name="QuickRegistration",
            constraint=CheckConstraint(check="valid_until > created_at", name="quick_registration_ends"),
        ),
    ]
