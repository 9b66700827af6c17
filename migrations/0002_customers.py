from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads


from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from enum import IntEnum, StrEnum


class AssociationSource(StrEnum):
    REPORT = "REPORT"
    INVITE_OFFLINE = "INVITE_OFFLINE"
    API = "API"
    SSO = "SSO"


class AssociationStatus(StrEnum):
    ACTIVE = "ACTIVE"
    ENDED = "ENDED"


class RecordAction(StrEnum):
    ASSOCIATE = "ASSOCIATE"
    UNBIND = "UNBIND"
    SWITCH = "SWITCH"


class RecordResult(StrEnum):
    REQUESTED = "REQUESTED"
    DONE = "DONE"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"
    FAILED = "FAILED"


class RequestInitiator(StrEnum):
    PARTNER = "PARTNER"
    CUSTOMER = "CUSTOMER"


class RequestKind(StrEnum):
    UNBIND = "UNBIND"
    SWITCH = "SWITCH"


class RequestStatus(StrEnum):
    PENDING_CUSTOMER = "PENDING_CUSTOMER"
    PENDING_PARTNER = "PENDING_PARTNER"
    DONE = "DONE"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"


class AssociationType(StrEnum):
    REFERRAL = "REFERRAL"
    RESALE = "RESALE"


class AttemptState(StrEnum):
    PENDING = "PENDING"
    ASSOCIATED = "ASSOCIATED"
    FAILED = "FAILED"


class InvitationChannel(StrEnum):
    ONLINE_MAIL = "ONLINE_MAIL"
    OFFLINE_LINK = "OFFLINE_LINK"
    OFFLINE_QR = "OFFLINE_QR"


class InvitationState(StrEnum):
    ACTIVE = "ACTIVE"
    USED = "USED"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"


class ReportStatus(StrEnum):
    PENDING_REVIEW = "PENDING_REVIEW"
    REPORTED = "REPORTED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    RELEASED = "RELEASED"
    ASSOCIATED = "ASSOCIATED"


class Migration(migrations.Migration):
    dependencies = [("models", "0001_spine")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Customer",
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
                        db_constraint=True,
                        to_field="id",
                        related_name="customers",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "partner",
                    fields.ForeignKeyField(
                        "models.Partner",
                        source_field="partner_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="customers",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("site", fields.CharField(max_length=4)),
                ("name", fields.CharField(max_length=256)),
                ("mobile", fields.CharField(null=True, max_length=32)),
                ("email", fields.CharField(null=True, max_length=64)),
                ("registered_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("facts", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={"table": "customer", "app": "models", "pk_attr": "id"},
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="CustomerAssociation",
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
                        related_name="associations",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "customer",
                    fields.ForeignKeyField(
                        "models.Customer",
                        source_field="customer_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="associations",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("indirect_partner_id", fields.UUIDField(null=True)),
                (
                    "type",
                    fields.CharEnumField(
                        description="REFERRAL: REFERRAL\nRESALE: RESALE", enum_type=AssociationType, max_length=10
                    ),
                ),
                (
                    "status",
                    fields.CharEnumField(
                        description="ACTIVE: ACTIVE\nENDED: ENDED", enum_type=AssociationStatus, max_length=10
                    ),
                ),
                (
                    "source",
                    fields.CharEnumField(
                        description="REPORT: REPORT\nINVITE_OFFLINE: INVITE_OFFLINE\nAPI: API\nSSO: SSO",
                        enum_type=AssociationSource,
                        max_length=20,
                    ),
                ),
                ("started_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("account_manager_id", fields.UUIDField(null=True)),
                ("label", fields.CharField(null=True, max_length=64)),
                ("external_user_id", fields.CharField(null=True, max_length=128)),
                ("external_user_type", fields.CharField(null=True, max_length=64)),
            ],
            options={
                "table": "customer_association",
                "app": "models",
                "indexes": [
                    Index(fields=["partner_id", "status", "id"], name="customer_association_by_partner"),
                    Index(fields=["account_manager_id", "id"], name="customer_association_by_manager"),
                ],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="AssociationRequest",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("version", fields.IntField(default=1, db_default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "association",
                    fields.ForeignKeyField(
                        "models.CustomerAssociation",
                        source_field="association_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="requests",
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
                        related_name="association_requests",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "customer",
                    fields.ForeignKeyField(
                        "models.Customer",
                        source_field="customer_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="association_requests",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "kind",
                    fields.CharEnumField(
                        description="UNBIND: UNBIND\nSWITCH: SWITCH", enum_type=RequestKind, max_length=10
                    ),
                ),
                (
                    "initiator",
                    fields.CharEnumField(
                        description="PARTNER: PARTNER\nCUSTOMER: CUSTOMER", enum_type=RequestInitiator, max_length=10
                    ),
                ),
                (
                    "from_type",
                    fields.CharEnumField(
                        description="REFERRAL: REFERRAL\nRESALE: RESALE", enum_type=AssociationType, max_length=10
                    ),
                ),
                (
                    "target_type",
                    fields.CharEnumField(
                        null=True,
                        description="REFERRAL: REFERRAL\nRESALE: RESALE",
                        enum_type=AssociationType,
                        max_length=10,
                    ),
                ),
                ("reason", fields.CharField(null=True, max_length=500)),
                ("acknowledged", fields.BooleanField()),
                ("requested_by", fields.UUIDField()),
                ("submitted_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("deadline", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("check_snapshot", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                (
                    "status",
                    fields.CharEnumField(
                        description="PENDING_CUSTOMER: PENDING_CUSTOMER\nPENDING_PARTNER: PENDING_PARTNER\nDONE: DONE\nREJECTED: REJECTED\nWITHDRAWN: WITHDRAWN\nEXPIRED: EXPIRED",
                        enum_type=RequestStatus,
                        max_length=20,
                    ),
                ),
                ("processed_by", fields.UUIDField(null=True)),
                ("processed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("decision_reason", fields.CharField(null=True, max_length=500)),
            ],
            options={
                "table": "association_request",
                "app": "models",
                "indexes": [
                    Index(fields=["customer_id", "submitted_at"], name="association_request_by_customer"),
                    Index(fields=["partner_id", "status", "id"], name="association_request_by_partner"),
                    Index(fields=["status", "deadline"], name="association_request_by_deadline"),
                ],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="AssociationRecord",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "association",
                    fields.ForeignKeyField(
                        "models.CustomerAssociation",
                        source_field="association_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="records",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "request",
                    fields.ForeignKeyField(
                        "models.AssociationRequest",
                        source_field="request_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="records",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("partner_id", fields.UUIDField()),
                ("customer_id", fields.UUIDField(null=True)),
                (
                    "action",
                    fields.CharEnumField(
                        description="ASSOCIATE: ASSOCIATE\nUNBIND: UNBIND\nSWITCH: SWITCH",
                        enum_type=RecordAction,
                        max_length=20,
                    ),
                ),
                (
                    "result",
                    fields.CharEnumField(
                        description="REQUESTED: REQUESTED\nDONE: DONE\nREJECTED: REJECTED\nWITHDRAWN: WITHDRAWN\nEXPIRED: EXPIRED\nFAILED: FAILED",
                        enum_type=RecordResult,
                        max_length=20,
                    ),
                ),
                ("actor", fields.CharField(max_length=64)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("detail", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={
                "table": "association_record",
                "app": "models",
                "indexes": [
                    Index(fields=["partner_id", "at", "id"], name="association_record_by_partner"),
                    Index(fields=["customer_id", "at", "id"], name="association_record_by_customer"),
                ],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="CustomerReport",
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
                        related_name="reports",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "customer",
                    fields.ForeignKeyField(
                        "models.Customer",
                        source_field="customer_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="reports",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("created_by", fields.UUIDField()),
                ("indirect_partner_id", fields.UUIDField(null=True)),
                ("site", fields.CharField(max_length=4)),
                ("customer_name", fields.CharField(max_length=256)),
                ("mobile", fields.CharField(null=True, max_length=32)),
                ("email", fields.CharField(null=True, max_length=64)),
                ("send_invite", fields.BooleanField()),
                (
                    "association_type",
                    fields.CharEnumField(
                        null=True,
                        description="REFERRAL: REFERRAL\nRESALE: RESALE",
                        enum_type=AssociationType,
                        max_length=10,
                    ),
                ),
                ("had_account", fields.BooleanField()),
                (
                    "status",
                    fields.CharEnumField(
                        description="PENDING_REVIEW: PENDING_REVIEW\nREPORTED: REPORTED\nREJECTED: REJECTED\nWITHDRAWN: WITHDRAWN\nCANCELLED: CANCELLED\nEXPIRED: EXPIRED\nRELEASED: RELEASED\nASSOCIATED: ASSOCIATED",
                        enum_type=ReportStatus,
                        max_length=20,
                    ),
                ),
                ("reported_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("valid_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("reject_reason", fields.CharField(null=True, max_length=500)),
                ("reviewed_by", fields.UUIDField(null=True)),
                ("reviewed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("expected_spend_minor", fields.BigIntField(null=True)),
                ("expected_spend_currency", fields.CharField(null=True, max_length=3)),
                ("expected_months", fields.IntField(null=True)),
                ("project_detail", fields.CharField(null=True, max_length=2000)),
                ("customer_account", fields.CharField(null=True, max_length=128)),
                ("communication_log", fields.CharField(null=True, max_length=2000)),
                ("external_ref", fields.CharField(null=True, max_length=64)),
            ],
            options={
                "table": "customer_report",
                "app": "models",
                "indexes": [
                    Index(fields=["partner_id", "status", "id"], name="customer_report_by_partner"),
                    Index(fields=["status", "valid_until"], name="customer_report_by_end"),
                    Index(fields=["site", "mobile"], name="customer_report_by_mobile"),
                    Index(fields=["site", "email"], name="customer_report_by_email"),
                ],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="CustomerInvitation",
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
                        related_name="invitations",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "report",
                    fields.ForeignKeyField(
                        "models.CustomerReport",
                        source_field="report_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="invitations",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("created_by", fields.UUIDField()),
                (
                    "channel",
                    fields.CharEnumField(
                        description="ONLINE_MAIL: ONLINE_MAIL\nOFFLINE_LINK: OFFLINE_LINK\nOFFLINE_QR: OFFLINE_QR",
                        enum_type=InvitationChannel,
                        max_length=20,
                    ),
                ),
                (
                    "association_type",
                    fields.CharEnumField(
                        description="REFERRAL: REFERRAL\nRESALE: RESALE", enum_type=AssociationType, max_length=10
                    ),
                ),
                ("tag", fields.CharField(null=True, max_length=64)),
                ("nonce", fields.BinaryField()),
                ("token_digest", fields.BinaryField()),
                ("valid_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
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
            options={
                "table": "customer_invitation",
                "app": "models",
                "indexes": [Index(fields=["state", "valid_until"], name="customer_invitation_by_end")],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="AssociationAttempt",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("version", fields.IntField(default=1, db_default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "invitation",
                    fields.ForeignKeyField(
                        "models.CustomerInvitation",
                        source_field="invitation_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="attempts",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("account_id", fields.UUIDField(db_index=True)),
                ("partner_id", fields.UUIDField()),
                (
                    "state",
                    fields.CharEnumField(
                        description="PENDING: PENDING\nASSOCIATED: ASSOCIATED\nFAILED: FAILED",
                        enum_type=AttemptState,
                        max_length=20,
                    ),
                ),
                ("causes", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={
                "table": "association_attempt",
                "app": "models",
                "indexes": [Index(fields=["partner_id", "state", "id"], name="association_attempt_by_partner")],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.AddConstraint(
            model_name="Customer",
            constraint=UniqueConstraint(fields=("account_id",), name="customer_account_once"),
        ),
        ops.AddConstraint(
            model_name="Customer",
            constraint=CheckConstraint(check="site IN ('CN','INTL')", name="customer_site"),
        ),
        ops.AddConstraint(
            model_name="Customer",
            constraint=CheckConstraint(check="jsonb_typeof(facts) = 'array'", name="customer_facts_list"),
        ),
        ops.AddConstraint(
            model_name="CustomerAssociation",
            constraint=UniqueConstraint(
                fields=("customer_id",), name="customer_association_one_active", condition="status = 'ACTIVE'"
            ),
        ),
        ops.AddConstraint(
            model_name="CustomerAssociation",
            constraint=UniqueConstraint(
                fields=("partner_id", "external_user_id"),
                name="customer_association_external_user_once",
                condition="status = 'ACTIVE'",
            ),
        ),
        ops.AddConstraint(
            model_name="CustomerAssociation",
            constraint=CheckConstraint(
                check="(status = 'ENDED') = (ended_at IS NOT NULL)", name="customer_association_ended_when"
            ),
        ),
        ops.AddConstraint(
            model_name="AssociationRequest",
            constraint=UniqueConstraint(
                fields=("association_id",),
                name="association_request_one_open",
                condition="status IN ('PENDING_CUSTOMER','PENDING_PARTNER')",
            ),
        ),
        ops.AddConstraint(
            model_name="AssociationRequest",
            constraint=CheckConstraint(
                check="(kind = 'SWITCH') = (target_type IS NOT NULL)", name="association_request_switch_has_target"
            ),
        ),
        ops.AddConstraint(
            model_name="AssociationRequest",
            constraint=CheckConstraint(
                check="target_type <> from_type", name="association_request_switch_changes_type"
            ),
        ),
        ops.AddConstraint(
            model_name="AssociationRequest",
            constraint=CheckConstraint(
                check="initiator = 'PARTNER' OR kind = 'UNBIND'", name="association_request_customer_unbinds"
            ),
        ),
        ops.AddConstraint(
            model_name="AssociationRequest",
            constraint=CheckConstraint(
                check="initiator = 'CUSTOMER' OR reason IS NOT NULL", name="association_request_partner_says_why"
            ),
        ),
        ops.AddConstraint(
            model_name="AssociationRequest",
            constraint=CheckConstraint(check="acknowledged", name="association_request_acknowledged"),
        ),
        ops.AddConstraint(
            model_name="AssociationRequest",
            constraint=CheckConstraint(check="deadline > submitted_at", name="association_request_deadline_ahead"),
        ),
        ops.AddConstraint(
            model_name="AssociationRequest",
            constraint=CheckConstraint(
                check="(status IN ('PENDING_CUSTOMER','PENDING_PARTNER')) = (processed_at IS NULL)",
                name="association_request_processed_when",
            ),
        ),
        ops.AddConstraint(
            model_name="CustomerReport",
            constraint=UniqueConstraint(
                fields=("partner_id", "external_ref"), name="customer_report_external_ref_once"
            ),
        ),
        ops.AddConstraint(
            model_name="CustomerReport",
            constraint=CheckConstraint(check="site IN ('CN','INTL')", name="customer_report_site"),
        ),
        ops.AddConstraint(
            model_name="CustomerReport",
            constraint=CheckConstraint(
                check="mobile IS NOT NULL OR email IS NOT NULL", name="customer_report_has_contact"
            ),
        ),
        ops.AddConstraint(
            model_name="CustomerReport",
            constraint=CheckConstraint(
                check="status NOT IN ('REPORTED','ASSOCIATED','EXPIRED','RELEASED','CANCELLED') OR (reported_at IS NOT NULL AND valid_until > reported_at)",
                name="customer_report_has_validity",
            ),
        ),
        ops.AddConstraint(
            model_name="CustomerReport",
            constraint=CheckConstraint(
                check="status NOT IN ('PENDING_REVIEW','REJECTED','WITHDRAWN') OR (reported_at IS NULL AND valid_until IS NULL)",
                name="customer_report_in_review_without_validity",
            ),
        ),
        ops.AddConstraint(
            model_name="CustomerReport",
            constraint=CheckConstraint(
                check="num_nulls(expected_spend_minor, expected_spend_currency, expected_months, project_detail, customer_account, communication_log) = CASE WHEN expected_spend_minor IS NULL THEN 6 ELSE 0 END",
                name="customer_report_application_whole",
            ),
        ),
        ops.AddConstraint(
            model_name="CustomerReport",
            constraint=CheckConstraint(
                check="status NOT IN ('PENDING_REVIEW','REJECTED','WITHDRAWN') OR expected_spend_minor IS NOT NULL",
                name="customer_report_in_review_has_application",
            ),
        ),
        ops.AddConstraint(
            model_name="CustomerReport",
            constraint=CheckConstraint(check="expected_spend_minor > 0", name="customer_report_spend_positive"),
        ),
        ops.AddConstraint(
            model_name="CustomerReport",
            constraint=CheckConstraint(
                check="status <> 'REJECTED' OR reject_reason IS NOT NULL", name="customer_report_rejected_with_reason"
            ),
        ),
        ops.AddConstraint(
            model_name="CustomerReport",
            constraint=CheckConstraint(
                check="status <> 'ASSOCIATED' OR customer_id IS NOT NULL", name="customer_report_associated_with_whom"
            ),
        ),
        ops.AddConstraint(
            model_name="CustomerInvitation",
            constraint=UniqueConstraint(fields=("token_digest",), name="customer_invitation_token_once"),
        ),
        ops.AddConstraint(
            model_name="CustomerInvitation",
            constraint=CheckConstraint(
                check="(channel = 'ONLINE_MAIL') = (report_id IS NOT NULL)", name="customer_invitation_online_of_report"
            ),
        ),
        ops.AddConstraint(
            model_name="CustomerInvitation",
            constraint=CheckConstraint(
                check="channel <> 'ONLINE_MAIL' OR valid_until > created_at", name="customer_invitation_online_ends"
            ),
        ),
        ops.AddConstraint(
            model_name="CustomerInvitation",
            constraint=CheckConstraint(
                check="(state = 'USED') = (used_by IS NOT NULL)", name="customer_invitation_used_by_somebody"
            ),
        ),
        ops.AddConstraint(
            model_name="AssociationAttempt",
            constraint=CheckConstraint(
                check="(state = 'FAILED') = (jsonb_array_length(causes) > 0)", name="association_attempt_failed_why"
            ),
        ),
        ops.RunSQL("CREATE SCHEMA IF NOT EXISTS extensions", reverse_sql=ops.RunSQL.noop),
        ops.RunSQL("CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA extensions", reverse_sql=ops.RunSQL.noop),
        ops.RunSQL(
            'ALTER TABLE "customer_report" ADD CONSTRAINT "customer_report_mobile_once" EXCLUDE USING gist (site WITH =, mobile WITH =, partner_id WITH <>, tstzrange(reported_at, valid_until) WITH &&) WHERE (status = \'REPORTED\')',
            reverse_sql='ALTER TABLE "customer_report" DROP CONSTRAINT "customer_report_mobile_once"',
        ),
        ops.RunSQL(
            'ALTER TABLE "customer_report" ADD CONSTRAINT "customer_report_email_once" EXCLUDE USING gist (site WITH =, email WITH =, partner_id WITH <>, tstzrange(reported_at, valid_until) WITH &&) WHERE (status = \'REPORTED\')',
            reverse_sql='ALTER TABLE "customer_report" DROP CONSTRAINT "customer_report_email_once"',
        ),
        ops.RunSQL(
            "ALTER TABLE \"customer_report\" ADD CONSTRAINT \"customer_report_own_mobile_once\" EXCLUDE USING gist (partner_id WITH =, mobile WITH =, tstzrange(coalesce(reported_at, created_at), valid_until) WITH &&) WHERE (status IN ('PENDING_REVIEW','REPORTED'))",
            reverse_sql='ALTER TABLE "customer_report" DROP CONSTRAINT "customer_report_own_mobile_once"',
        ),
        ops.RunSQL(
            "ALTER TABLE \"customer_report\" ADD CONSTRAINT \"customer_report_own_email_once\" EXCLUDE USING gist (partner_id WITH =, email WITH =, tstzrange(coalesce(reported_at, created_at), valid_until) WITH &&) WHERE (status IN ('PENDING_REVIEW','REPORTED'))",
            reverse_sql='ALTER TABLE "customer_report" DROP CONSTRAINT "customer_report_own_email_once"',
        ),
        ops.RunSQL(
            "ALTER TABLE \"customer_invitation\" ADD CONSTRAINT \"customer_invitation_one_online\" EXCLUDE USING gist (report_id WITH =, tstzrange(created_at, valid_until) WITH &&) WHERE (state = 'ACTIVE' AND channel = 'ONLINE_MAIL')",
            reverse_sql='ALTER TABLE "customer_invitation" DROP CONSTRAINT "customer_invitation_one_online"',
        ),
    ]
