from tortoise import migrations
from tortoise.migrations import operations as ops

from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from enum import IntEnum, StrEnum


class BindingState(StrEnum):
    BOUND = "BOUND"
    SPECIALIST_REVIEW = "SPECIALIST_REVIEW"
    SPECIALIST_REJECTED = "SPECIALIST_REJECTED"
    SPECIALIST = "SPECIALIST"
    CANCEL_REVIEW = "CANCEL_REVIEW"
    CANCELLED = "CANCELLED"
    VENDOR_CANCELLED = "VENDOR_CANCELLED"
    UNBOUND = "UNBOUND"


class SpecialistInvitationState(StrEnum):
    INVITED = "INVITED"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"


class Migration(migrations.Migration):
    dependencies = [("models", "0006_contacts_change_and_companies_get_further_accounts")]

    initial = False

    operations = [
        ops.CreateModel(
            name="SpecialistInvitation",
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
                        related_name="specialist_invitations",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="specialist_invitations",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("partner_name", fields.CharField(max_length=256)),
                ("masked_name", fields.CharField(max_length=300)),
                ("invited_by", fields.UUIDField()),
                ("nonce", fields.BinaryField()),
                ("token_digest", fields.BinaryField()),
                ("sent_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("sent_count", fields.IntField()),
                ("sent_on", fields.DateField()),
                ("sent_that_day", fields.IntField()),
                ("valid_until", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "state",
                    fields.CharEnumField(
                        description="INVITED: INVITED\nACCEPTED: ACCEPTED\nDECLINED: DECLINED\nEXPIRED: EXPIRED\nREVOKED: REVOKED",
                        enum_type=SpecialistInvitationState,
                        max_length=10,
                    ),
                ),
                ("answered_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "specialist_invitation",
                "app": "models",
                "indexes": [
                    Index(fields=["partner_id", "id"], name="specialist_invitation_of_partner"),
                    Index(fields=["partner_id", "sent_on"], name="specialist_invitation_by_day"),
                    Index(fields=["account_id", "id"], name="specialist_invitation_of_account"),
                    Index(fields=["state", "valid_until"], name="specialist_invitation_by_end"),
                ],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="SpecialistBinding",
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
                        related_name="specialist_bindings",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="specialist_bindings",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "invitation",
                    fields.ForeignKeyField(
                        "models.SpecialistInvitation",
                        source_field="invitation_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="bindings",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("partner_name", fields.CharField(max_length=256)),
                ("masked_name", fields.CharField(max_length=300)),
                (
                    "state",
                    fields.CharEnumField(
                        description="BOUND: BOUND\nSPECIALIST_REVIEW: SPECIALIST_REVIEW\nSPECIALIST_REJECTED: SPECIALIST_REJECTED\nSPECIALIST: SPECIALIST\nCANCEL_REVIEW: CANCEL_REVIEW\nCANCELLED: CANCELLED\nVENDOR_CANCELLED: VENDOR_CANCELLED\nUNBOUND: UNBOUND",
                        enum_type=BindingState,
                        max_length=20,
                    ),
                ),
                ("bound_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("statement_version", fields.CharField(max_length=20)),
                ("consent_address", fields.CharField(null=True, max_length=64)),
                ("unbind_requested_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("unbind_wish", fields.CharField(null=True, max_length=500)),
                ("unbound_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("unbound_by", fields.UUIDField(null=True)),
                ("reason", fields.CharField(null=True, max_length=500)),
            ],
            options={
                "table": "specialist_binding",
                "app": "models",
                "indexes": [
                    Index(fields=["partner_id", "id"], name="specialist_binding_of_partner"),
                    Index(fields=["account_id", "id"], name="specialist_binding_of_account"),
                ],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.AddConstraint(
            model_name="SpecialistInvitation",
            constraint=UniqueConstraint(fields=("token_digest",), name="specialist_invitation_token_once"),
        ),
        ops.AddConstraint(
            model_name="SpecialistInvitation",
            constraint=UniqueConstraint(
                fields=("partner_id", "account_id"),
                name="specialist_invitation_one_open",
                condition="state = 'INVITED'",
            ),
        ),
        ops.AddConstraint(
            model_name="SpecialistInvitation",
            constraint=CheckConstraint(check="valid_until > sent_at", name="specialist_invitation_ends"),
        ),
        ops.AddConstraint(
            model_name="SpecialistInvitation",
            constraint=CheckConstraint(
                check="(state IN ('ACCEPTED','DECLINED')) = (answered_at IS NOT NULL)",
                name="specialist_invitation_answered_when",
            ),
        ),
        ops.AddConstraint(
            model_name="SpecialistInvitation",
            constraint=CheckConstraint(
                check="sent_that_day BETWEEN 1 AND sent_count", name="specialist_invitation_sent_count"
            ),
        ),
        ops.AddConstraint(
            model_name="SpecialistBinding",
            constraint=UniqueConstraint(
                fields=("account_id",), name="specialist_binding_one_live", condition="unbound_at IS NULL"
            ),
        ),
        ops.AddConstraint(
            model_name="SpecialistBinding",
            constraint=CheckConstraint(
                check="(state = 'UNBOUND') = (unbound_at IS NOT NULL)", name="specialist_binding_unbound_when"
            ),
        ),
        ops.AddConstraint(
            model_name="SpecialistBinding",
            constraint=CheckConstraint(
                check="(unbind_requested_at IS NULL) = (unbind_wish IS NULL)", name="specialist_binding_wish_whole"
            ),
        ),
    ]
