from tortoise import migrations
from tortoise.migrations import operations as ops

from tortoise.fields.base import OnDelete
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


class Migration(migrations.Migration):
    dependencies = [("models", "0009_members_have_custom_roles_and_can_be_removed")]

    initial = False

    operations = [
        ops.CreateModel(
            name="MessageContact",
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
                        related_name="message_contacts",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("name", fields.CharField(max_length=128)),
                ("mobile", fields.CharField(null=True, max_length=32)),
                ("email", fields.CharField(null=True, max_length=64)),
            ],
            options={
                "table": "message_contact",
                "app": "models",
                "indexes": [Index(fields=["partner_id", "id"], name="message_contact_of_partner")],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="MessageSetting",
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
                        related_name="message_settings",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "type",
                    fields.CharEnumField(
                        description="VERIFICATION: VERIFICATION\nSECURITY: SECURITY\nINVITATION: INVITATION\nREVIEW: REVIEW\nACCOUNT_CHANGE: ACCOUNT_CHANGE\nACCOUNT_BALANCE: ACCOUNT_BALANCE\nPLAN: PLAN\nCUSTOMER: CUSTOMER\nASSOCIATION: ASSOCIATION\nRESELLER: RESELLER\nSPECIALIST: SPECIALIST\nVOUCHER: VOUCHER\nPERFORMANCE: PERFORMANCE\nINCENTIVE: INCENTIVE\nOPPORTUNITY: OPPORTUNITY",
                        enum_type=MessageType,
                        max_length=30,
                    ),
                ),
                ("on_site", fields.BooleanField(default=True, db_default=True)),
                ("by_email", fields.BooleanField(default=True, db_default=True)),
                ("by_sms", fields.BooleanField(default=True, db_default=True)),
                ("administrators", fields.BooleanField(default=True, db_default=True)),
            ],
            options={"table": "message_setting", "app": "models", "pk_attr": "id"},
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="MessageRecipient",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("partner_id", fields.UUIDField()),
                (
                    "setting",
                    fields.ForeignKeyField(
                        "models.MessageSetting",
                        source_field="setting_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="recipients",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="message_recipients",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "contact",
                    fields.ForeignKeyField(
                        "models.MessageContact",
                        source_field="contact_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="recipients",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={"table": "message_recipient", "app": "models", "pk_attr": "id"},
            bases=["Row"],
        ),
        ops.AddField(
            model_name="Account",
            name="time_zone",
            field=fields.CharField(null=True, max_length=40),
        ),
        ops.AddField(
            model_name="Partner",
            name="locale",
            field=fields.CharField(null=True, max_length=10),
        ),
        ops.AddField(
            model_name="Partner",
            name="time_zone",
            field=fields.CharField(null=True, max_length=40),
        ),
        ops.AddConstraint(
            model_name="MessageContact",
            constraint=CheckConstraint(
                check="mobile IS NOT NULL OR email IS NOT NULL", name="message_contact_reachable"
            ),
        ),
        ops.AddConstraint(
            model_name="MessageSetting",
            constraint=UniqueConstraint(fields=("partner_id", "type"), name="message_setting_once"),
        ),
        ops.AddConstraint(
            model_name="MessageRecipient",
            constraint=UniqueConstraint(fields=("setting_id", "account_id"), name="message_recipient_account_once"),
        ),
        ops.AddConstraint(
            model_name="MessageRecipient",
            constraint=UniqueConstraint(fields=("setting_id", "contact_id"), name="message_recipient_contact_once"),
        ),
        ops.AddConstraint(
            model_name="MessageRecipient",
            constraint=CheckConstraint(
                check="(account_id IS NULL) <> (contact_id IS NULL)", name="message_recipient_is_one"
            ),
        ),
    ]
