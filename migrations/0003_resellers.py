from tortoise import migrations
from tortoise.migrations import operations as ops


from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from enum import IntEnum, StrEnum


class InvitationState(StrEnum):
    ACTIVE = "ACTIVE"
    USED = "USED"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"


class ApplicationStatus(StrEnum):
    VENDOR_REVIEW = "VENDOR_REVIEW"
    DISTRIBUTOR_REVIEW = "DISTRIBUTOR_REVIEW"
    ASSOCIATED = "ASSOCIATED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"


class LinkStatus(StrEnum):
    ACTIVE = "ACTIVE"
    EXITING = "EXITING"
    ENDED = "ENDED"


class Migration(migrations.Migration):
    dependencies = [("models", "0002_second_journey")]

    initial = False

    operations = [
        ops.CreateModel(
            name="ResellerApplication",
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
                        related_name="reseller_applications",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "distributor",
                    fields.ForeignKeyField(
                        "models.Partner",
                        source_field="distributor_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="applications_of_resellers",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "membership",
                    fields.ForeignKeyField(
                        "models.PlanMembership",
                        source_field="membership_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="reseller_applications",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("company_name", fields.CharField(max_length=256)),
                ("mobile", fields.CharField(null=True, max_length=32)),
                ("email", fields.CharField(null=True, max_length=64)),
                (
                    "status",
                    fields.CharEnumField(
                        description="VENDOR_REVIEW: VENDOR_REVIEW\nDISTRIBUTOR_REVIEW: DISTRIBUTOR_REVIEW\nASSOCIATED: ASSOCIATED\nREJECTED: REJECTED\nWITHDRAWN: WITHDRAWN",
                        enum_type=ApplicationStatus,
                        max_length=20,
                    ),
                ),
                ("applied_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("vendor_approved_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("decided_by", fields.UUIDField(null=True)),
                ("decided_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("reason", fields.CharField(null=True, max_length=500)),
            ],
            options={
                "table": "reseller_application",
                "app": "models",
                "indexes": [
                    Index(fields=["distributor_id", "status", "id"], name="reseller_application_by_distributor")
                ],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="ResellerInvitation",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("version", fields.IntField(default=1, db_default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "distributor",
                    fields.ForeignKeyField(
                        "models.Partner",
                        source_field="distributor_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="reseller_invitations",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("created_by", fields.UUIDField()),
                ("email", fields.CharField(max_length=64)),
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
            options={"table": "reseller_invitation", "app": "models", "pk_attr": "id"},
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="ResellerLink",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("version", fields.IntField(default=1, db_default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "distributor",
                    fields.ForeignKeyField(
                        "models.Partner",
                        source_field="distributor_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="links_to_resellers",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "reseller",
                    fields.ForeignKeyField(
                        "models.Partner",
                        source_field="reseller_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="links_to_distributors",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "membership",
                    fields.ForeignKeyField(
                        "models.PlanMembership",
                        source_field="membership_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="reseller_links",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "application",
                    fields.ForeignKeyField(
                        "models.ResellerApplication",
                        source_field="application_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="links",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "invitation",
                    fields.ForeignKeyField(
                        "models.ResellerInvitation",
                        source_field="invitation_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="links",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("company_name", fields.CharField(max_length=256)),
                ("mobile", fields.CharField(null=True, max_length=32)),
                ("email", fields.CharField(null=True, max_length=64)),
                (
                    "status",
                    fields.CharEnumField(
                        description="ACTIVE: ACTIVE\nEXITING: EXITING\nENDED: ENDED",
                        enum_type=LinkStatus,
                        max_length=10,
                    ),
                ),
                ("began_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("exiting_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("exit_reason", fields.CharField(null=True, max_length=500)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "reseller_link",
                "app": "models",
                "indexes": [Index(fields=["distributor_id", "status", "id"], name="reseller_link_by_distributor")],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.AddConstraint(
            model_name="ResellerApplication",
            constraint=UniqueConstraint(
                fields=("partner_id",),
                name="reseller_application_one_open",
                condition="status IN ('VENDOR_REVIEW','DISTRIBUTOR_REVIEW')",
            ),
        ),
        ops.AddConstraint(
            model_name="ResellerApplication",
            constraint=CheckConstraint(check="partner_id <> distributor_id", name="reseller_application_of_two"),
        ),
        ops.AddConstraint(
            model_name="ResellerApplication",
            constraint=CheckConstraint(
                check="status <> 'REJECTED' OR reason IS NOT NULL", name="reseller_application_rejected_with_reason"
            ),
        ),
        ops.AddConstraint(
            model_name="ResellerApplication",
            constraint=CheckConstraint(
                check="status NOT IN ('DISTRIBUTOR_REVIEW','ASSOCIATED') OR vendor_approved_at IS NOT NULL",
                name="reseller_application_vendor_first",
            ),
        ),
        ops.AddConstraint(
            model_name="ResellerInvitation",
            constraint=UniqueConstraint(fields=("token_digest",), name="reseller_invitation_token_once"),
        ),
        ops.AddConstraint(
            model_name="ResellerInvitation",
            constraint=UniqueConstraint(
                fields=("distributor_id", "email"), name="reseller_invitation_one_open", condition="state = 'ACTIVE'"
            ),
        ),
        ops.AddConstraint(
            model_name="ResellerInvitation",
            constraint=CheckConstraint(
                check="(state = 'USED') = (used_by IS NOT NULL)", name="reseller_invitation_used_by_one"
            ),
        ),
        ops.AddConstraint(
            model_name="ResellerInvitation",
            constraint=CheckConstraint(check="valid_until > created_at", name="reseller_invitation_ends"),
        ),
        ops.AddConstraint(
            model_name="ResellerLink",
            constraint=UniqueConstraint(
                fields=("reseller_id",), name="reseller_link_one_live", condition="status <> 'ENDED'"
            ),
        ),
        ops.AddConstraint(
            model_name="ResellerLink",
            constraint=CheckConstraint(check="distributor_id <> reseller_id", name="reseller_link_of_two"),
        ),
        ops.AddConstraint(
            model_name="ResellerLink",
            constraint=CheckConstraint(
                check="(status = 'ENDED') = (ended_at IS NOT NULL)", name="reseller_link_ended_when"
            ),
        ),
        ops.AddConstraint(
            model_name="ResellerLink",
            constraint=CheckConstraint(
                check="(status = 'ACTIVE') = (exiting_at IS NULL) AND (status = 'ACTIVE') = (exit_reason IS NULL)",
                name="reseller_link_exits_with_reason",
            ),
        ),
        ops.AddConstraint(
            model_name="ResellerLink",
            constraint=CheckConstraint(
                check="(application_id IS NULL) <> (invitation_id IS NULL)", name="reseller_link_came_one_way"
            ),
        ),
    ]
