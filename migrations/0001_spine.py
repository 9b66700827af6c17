from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads


from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise.fields.db_defaults import Now
from tortoise import fields
from tortoise.indexes import Index, PartialIndex
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from enum import IntEnum, StrEnum


class AccountKind(StrEnum):
    PERSONAL = "PERSONAL"
    ENTERPRISE = "ENTERPRISE"
    IAM_USER = "IAM_USER"
    STAFF = "STAFF"


class AccountStatus(StrEnum):
    ACTIVE = "ACTIVE"
    FROZEN = "FROZEN"
    DISABLED = "DISABLED"
    CLOSED_RETAINED = "CLOSED_RETAINED"
    DELETED = "DELETED"


class RealNameKind(StrEnum):
    PERSONAL = "PERSONAL"
    ENTERPRISE = "ENTERPRISE"


class RealNameState(StrEnum):
    NONE = "NONE"
    IN_REVIEW = "IN_REVIEW"
    FAILED = "FAILED"
    PASSED = "PASSED"


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


class AdmissionState(StrEnum):
    SUBMITTED = "SUBMITTED"
    MANUAL_REVIEW = "MANUAL_REVIEW"
    JOINED = "JOINED"
    REJECTED = "REJECTED"


class PartnerKind(StrEnum):
    SOLUTION_PROVIDER = "SOLUTION_PROVIDER"
    DISTRIBUTOR = "DISTRIBUTOR"
    RESELLER = "RESELLER"


class Standing(StrEnum):
    ACTIVE = "ACTIVE"
    RESTRICTED = "RESTRICTED"
    FROZEN = "FROZEN"


class MembershipState(StrEnum):
    INVITED = "INVITED"
    IN_REVIEW = "IN_REVIEW"
    DISTRIBUTOR_REVIEW = "DISTRIBUTOR_REVIEW"
    JOINED = "JOINED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"
    EXITED = "EXITED"


class PlanCode(StrEnum):
    CO_SELL = "CO_SELL"
    COMPETENCY = "COMPETENCY"
    SOLUTION_PROVIDER = "SOLUTION_PROVIDER"
    DISTRIBUTOR = "DISTRIBUTOR"
    RESELLER = "RESELLER"
    MARKETPLACE_SELLER = "MARKETPLACE_SELLER"
    MARKETPLACE_SALES = "MARKETPLACE_SALES"
    SERVICE_COMPETENCY = "SERVICE_COMPETENCY"


class Channel(StrEnum):
    SMS = "SMS"
    EMAIL = "EMAIL"


class CodeState(StrEnum):
    PENDING = "PENDING"
    SENT = "SENT"
    SEND_FAILED = "SEND_FAILED"
    VERIFIED = "VERIFIED"
    SUPERSEDED = "SUPERSEDED"


class Scene(StrEnum):
    SIGN_UP = "SIGN_UP"
    SIGN_IN = "SIGN_IN"
    RESET_PASSWORD = "RESET_PASSWORD"
    SENSITIVE_OPERATION = "SENSITIVE_OPERATION"


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="Account",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("version", fields.IntField(default=1, db_default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("site", fields.CharField(max_length=4)),
                (
                    "kind",
                    fields.CharEnumField(
                        description="PERSONAL: PERSONAL\nENTERPRISE: ENTERPRISE\nIAM_USER: IAM_USER\nSTAFF: STAFF",
                        enum_type=AccountKind,
                        max_length=20,
                    ),
                ),
                ("name", fields.CharField(null=True, max_length=64)),
                ("full_name", fields.CharField(default="", db_default="", max_length=128)),
                ("mobile", fields.CharField(null=True, max_length=32)),
                ("email", fields.CharField(null=True, max_length=64)),
                ("password_hash", fields.CharField(null=True, max_length=200)),
                (
                    "status",
                    fields.CharEnumField(
                        default="ACTIVE",
                        description="ACTIVE: ACTIVE\nFROZEN: FROZEN\nDISABLED: DISABLED\nCLOSED_RETAINED: CLOSED_RETAINED\nDELETED: DELETED",
                        enum_type=AccountStatus,
                        max_length=20,
                    ),
                ),
                ("locale", fields.CharField(null=True, max_length=10)),
                ("terms_version", fields.CharField(default="", db_default="", max_length=20)),
                ("failed_codes", fields.IntField(default=0, db_default=0)),
                ("locked_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "real_name_state",
                    fields.CharEnumField(
                        default="NONE",
                        description="NONE: NONE\nIN_REVIEW: IN_REVIEW\nFAILED: FAILED\nPASSED: PASSED",
                        enum_type=RealNameState,
                        max_length=20,
                    ),
                ),
                (
                    "real_name_kind",
                    fields.CharEnumField(
                        null=True,
                        description="PERSONAL: PERSONAL\nENTERPRISE: ENTERPRISE",
                        enum_type=RealNameKind,
                        max_length=20,
                    ),
                ),
                ("partner_id", fields.UUIDField(null=True)),
                ("is_main", fields.BooleanField(default=False, db_default=False)),
                ("roles", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={
                "table": "account",
                "app": "models",
                "indexes": [Index(fields=["partner_id", "id"], name="account_of_partner")],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="Audit",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("tenant_id", fields.UUIDField(null=True)),
                ("seq", fields.BigIntField(null=True)),
                ("occurred_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("actor", fields.CharField(max_length=60)),
                ("via", fields.CharField(max_length=20)),
                ("operation", fields.CharField(max_length=80)),
                ("subject_type", fields.CharField(null=True, max_length=40)),
                ("subject_id", fields.UUIDField(null=True)),
                ("detail", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("request_id", fields.CharField(max_length=64)),
                ("address", fields.CharField(null=True, max_length=64)),
                ("previous_hash", fields.BinaryField(null=True)),
                ("hash", fields.BinaryField(null=True)),
            ],
            options={"table": "audit", "app": "models", "pk_attr": "id"},
            bases=["Row"],
        ),
        ops.CreateModel(
            name="Company",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("version", fields.IntField(default=1, db_default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("site", fields.CharField(max_length=4)),
                ("name", fields.CharField(max_length=256)),
                ("credit_code", fields.CharField(max_length=40)),
            ],
            options={"table": "company", "app": "models", "pk_attr": "id"},
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="Event",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("partner_id", fields.UUIDField(null=True)),
                ("customer_id", fields.UUIDField(null=True)),
                ("sequence", fields.BigIntField(null=True)),
                ("type", fields.CharField(max_length=80)),
                ("subject_type", fields.CharField(max_length=40)),
                ("subject_id", fields.UUIDField()),
                ("subject_version", fields.IntField()),
                ("actor", fields.CharField(max_length=60)),
                ("request_id", fields.CharField(max_length=64)),
                ("changes", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("occurred_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "event",
                "app": "models",
                "indexes": [
                    Index(fields=["customer_id", "id"], name="event_of_customer"),
                    Index(fields=["subject_id", "id"], name="event_of_subject"),
                ],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="Idempotency",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("caller_id", fields.UUIDField()),
                ("key", fields.CharField(max_length=255)),
                ("operation", fields.CharField(max_length=80)),
                ("fingerprint", fields.BinaryField()),
                ("outcome", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("keep", fields.BooleanField(default=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "idempotency",
                "app": "models",
                "indexes": [Index(fields=["created_at"], name="idempotency_age")],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="Outbox",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("topic", fields.CharField(max_length=60)),
                ("dedup_key", fields.CharField(max_length=200)),
                ("aggregate", fields.CharField(null=True, max_length=200)),
                ("payload", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("state", fields.CharField(default="ready", db_default="ready", max_length=10)),
                ("attempts", fields.IntField(default=0, db_default=0)),
                ("crashes", fields.IntField(default=0, db_default=0)),
                ("max_attempts", fields.IntField()),
                ("run_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("lease_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("lease_owner", fields.CharField(null=True, max_length=100)),
                ("fence", fields.BigIntField(default=0, db_default=0)),
                ("provider_ref", fields.CharField(null=True, max_length=200)),
                ("last_error", fields.CharField(null=True, max_length=500)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("finished_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "outbox",
                "app": "models",
                "indexes": [
                    PartialIndex(fields=["topic", "run_at", "id"], name="outbox_due", condition={"state": "ready"}),
                    PartialIndex(fields=["lease_until"], name="outbox_leased", condition={"state": "leased"}),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="OutboxAttempt",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("outbox_id", fields.BigIntField()),
                ("number", fields.IntField()),
                ("started_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("outcome", fields.CharField(null=True, max_length=20)),
                ("detail", fields.CharField(null=True, max_length=500)),
            ],
            options={
                "table": "outbox_attempt",
                "app": "models",
                "indexes": [Index(fields=["outbox_id", "number"], name="outbox_attempt_of")],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Partner",
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
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="partners",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("main_account_id", fields.UUIDField()),
                ("site", fields.CharField(max_length=4)),
                ("name", fields.CharField(max_length=256)),
                ("credit_code", fields.CharField(max_length=40)),
                (
                    "kind",
                    fields.CharEnumField(
                        null=True,
                        description="SOLUTION_PROVIDER: SOLUTION_PROVIDER\nDISTRIBUTOR: DISTRIBUTOR\nRESELLER: RESELLER",
                        enum_type=PartnerKind,
                        max_length=30,
                    ),
                ),
                ("tier", fields.CharField(null=True, max_length=30)),
                (
                    "admission_state",
                    fields.CharEnumField(
                        description="SUBMITTED: SUBMITTED\nMANUAL_REVIEW: MANUAL_REVIEW\nJOINED: JOINED\nREJECTED: REJECTED",
                        enum_type=AdmissionState,
                        max_length=20,
                    ),
                ),
                ("applied_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("admitted_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("rejection_reason", fields.CharField(null=True, max_length=500)),
                ("decided_by", fields.UUIDField(null=True)),
                ("decided_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "standing",
                    fields.CharEnumField(
                        default="ACTIVE",
                        description="ACTIVE: ACTIVE\nRESTRICTED: RESTRICTED\nFROZEN: FROZEN",
                        enum_type=Standing,
                        max_length=20,
                    ),
                ),
                ("rep_office", fields.CharField(null=True, max_length=64)),
                ("eco_manager_id", fields.UUIDField(null=True)),
                ("step_up_enabled", fields.BooleanField(default=False, db_default=False)),
                ("may_develop", fields.BooleanField(default=True, db_default=True)),
                ("may_refer", fields.BooleanField(default=True, db_default=True)),
                ("external_ref", fields.CharField(null=True, max_length=64)),
            ],
            options={
                "table": "partner",
                "app": "models",
                "indexes": [
                    Index(fields=["site", "admission_state", "id"], name="partner_by_state"),
                    Index(fields=["eco_manager_id", "id"], name="partner_by_eco_manager"),
                ],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
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
                ("expiry_told_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
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
        ops.CreateModel(
            name="PlanMembership",
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
                        related_name="memberships",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "plan",
                    fields.CharEnumField(
                        description="CO_SELL: CO_SELL\nCOMPETENCY: COMPETENCY\nSOLUTION_PROVIDER: SOLUTION_PROVIDER\nDISTRIBUTOR: DISTRIBUTOR\nRESELLER: RESELLER\nMARKETPLACE_SELLER: MARKETPLACE_SELLER\nMARKETPLACE_SALES: MARKETPLACE_SALES\nSERVICE_COMPETENCY: SERVICE_COMPETENCY",
                        enum_type=PlanCode,
                        max_length=30,
                    ),
                ),
                (
                    "state",
                    fields.CharEnumField(
                        description="INVITED: INVITED\nIN_REVIEW: IN_REVIEW\nDISTRIBUTOR_REVIEW: DISTRIBUTOR_REVIEW\nJOINED: JOINED\nREJECTED: REJECTED\nWITHDRAWN: WITHDRAWN\nEXPIRED: EXPIRED\nEXITED: EXITED",
                        enum_type=MembershipState,
                        max_length=20,
                    ),
                ),
                ("invited_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("applied_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("joined_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("valid_to", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("tier", fields.CharField(null=True, max_length=30)),
                ("certificate_no", fields.CharField(null=True, max_length=40)),
                ("agreement_version", fields.CharField(null=True, max_length=20)),
                ("signed_by", fields.UUIDField(null=True)),
                ("signed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("signed_address", fields.CharField(null=True, max_length=64)),
                ("reason", fields.CharField(null=True, max_length=500)),
                ("decided_by", fields.UUIDField(null=True)),
                ("decided_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "plan_membership",
                "app": "models",
                "indexes": [Index(fields=["plan", "state", "id"], name="plan_membership_by_plan")],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="PolicyValue",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("version", fields.IntField(default=1, db_default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("site", fields.CharField(max_length=4)),
                ("key", fields.CharField(max_length=80)),
                ("effective_on", fields.DateField()),
                ("value", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={"table": "policy_value", "app": "models", "pk_attr": "id"},
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="RealNameCase",
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
                        related_name="real_name_cases",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "kind",
                    fields.CharEnumField(
                        description="PERSONAL: PERSONAL\nENTERPRISE: ENTERPRISE", enum_type=RealNameKind, max_length=20
                    ),
                ),
                ("legal_name", fields.CharField(max_length=256)),
                ("document_number", fields.CharField(max_length=40)),
                (
                    "state",
                    fields.CharEnumField(
                        description="NONE: NONE\nIN_REVIEW: IN_REVIEW\nFAILED: FAILED\nPASSED: PASSED",
                        enum_type=RealNameState,
                        max_length=20,
                    ),
                ),
                ("reason", fields.CharField(null=True, max_length=500)),
                ("decided_by", fields.UUIDField(null=True)),
                ("decided_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={"table": "real_name_case", "app": "models", "pk_attr": "id"},
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="RecordedMessage",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("channel", fields.CharField(max_length=10)),
                ("recipient", fields.CharField(max_length=320)),
                ("subject", fields.TextField(default="", db_default="", unique=False)),
                ("body", fields.TextField(unique=False)),
                ("template", fields.CharField(max_length=64)),
                ("locale", fields.CharField(max_length=16)),
                ("topic", fields.CharField(max_length=60)),
                ("key", fields.CharField(max_length=261)),
                ("sent_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "recorded_message",
                "app": "models",
                "indexes": [Index(fields=["recipient", "id"], name="recorded_message_recipient")],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="ScheduleRun",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("job", fields.CharField(max_length=60)),
                ("slot", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("state", fields.CharField(default="due", db_default="due", max_length=10)),
                ("started_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("finished_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={"table": "schedule_run", "app": "models", "pk_attr": "id"},
            bases=["Row"],
        ),
        ops.CreateModel(
            name="Session",
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
                        related_name="sessions",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("family_id", fields.UUIDField(db_index=True)),
                ("access_digest", fields.BinaryField()),
                ("access_expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("refresh_digest", fields.BinaryField()),
                ("refresh_expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("rotated_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("revoked_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("user_agent", fields.CharField(default="", db_default="", max_length=200)),
                ("address", fields.CharField(null=True, max_length=64)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={"table": "session", "app": "models", "pk_attr": "id"},
            bases=["Row"],
        ),
        ops.CreateModel(
            name="SignInGuard",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("site", fields.CharField(max_length=4)),
                ("identifier_digest", fields.BinaryField()),
                ("failures", fields.IntField(default=0, db_default=0)),
                ("first_failure_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("locked_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={"table": "sign_in_guard", "app": "models", "pk_attr": "id"},
            bases=["Row"],
        ),
        ops.CreateModel(
            name="Verification",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("version", fields.IntField(default=1, db_default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("site", fields.CharField(max_length=4)),
                (
                    "scene",
                    fields.CharEnumField(
                        description="SIGN_UP: SIGN_UP\nSIGN_IN: SIGN_IN\nRESET_PASSWORD: RESET_PASSWORD\nSENSITIVE_OPERATION: SENSITIVE_OPERATION",
                        enum_type=Scene,
                        max_length=30,
                    ),
                ),
                (
                    "channel",
                    fields.CharEnumField(description="SMS: SMS\nEMAIL: EMAIL", enum_type=Channel, max_length=10),
                ),
                ("target", fields.CharField(max_length=64)),
                ("locale", fields.CharField(max_length=10)),
                (
                    "state",
                    fields.CharEnumField(
                        description="PENDING: PENDING\nSENT: SENT\nSEND_FAILED: SEND_FAILED\nVERIFIED: VERIFIED\nSUPERSEDED: SUPERSEDED",
                        enum_type=CodeState,
                        max_length=20,
                    ),
                ),
                ("silent", fields.BooleanField(default=False, db_default=False)),
                ("known", fields.BooleanField(default=False, db_default=False)),
                ("salt", fields.BinaryField()),
                ("tries", fields.IntField(default=0, db_default=0)),
                ("max_tries", fields.IntField()),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("used_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("account_id", fields.UUIDField(null=True)),
                ("partner_id", fields.UUIDField(null=True)),
                ("operation", fields.CharField(null=True, max_length=80)),
                ("fingerprint", fields.BinaryField(null=True)),
                ("proof_digest", fields.BinaryField(null=True)),
                ("proof_expires_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("proof_used_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("address_block", fields.CharField(null=True, max_length=64)),
            ],
            options={
                "table": "verification",
                "app": "models",
                "indexes": [
                    Index(fields=["site", "target", "created_at"], name="verification_by_target"),
                    Index(fields=["address_block", "created_at"], name="verification_by_address"),
                    Index(fields=["partner_id", "created_at"], name="verification_by_partner"),
                    Index(fields=["created_at"], name="verification_by_time"),
                    Index(fields=["account_id", "fingerprint"], name="verification_challenge"),
                ],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="WorkerBeat",
            fields=[
                ("name", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=100)),
                ("started_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("beat_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={"table": "worker_beat", "app": "models", "pk_attr": "name"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="WorkingDay",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("site", fields.CharField(max_length=4)),
                ("day", fields.DateField()),
                ("is_working", fields.BooleanField()),
                ("note", fields.CharField(default="", db_default="", max_length=200)),
            ],
            options={"table": "working_day", "app": "models", "pk_attr": "id"},
            bases=["Row"],
        ),
        ops.AddConstraint(
            model_name="Account",
            constraint=UniqueConstraint(fields=("site", "mobile"), name="account_mobile_once"),
        ),
        ops.AddConstraint(
            model_name="Account",
            constraint=UniqueConstraint(fields=("site", "email"), name="account_email_once"),
        ),
        ops.AddConstraint(
            model_name="Account",
            constraint=UniqueConstraint(fields=("site", "name"), name="account_name_once"),
        ),
        ops.AddConstraint(
            model_name="Account",
            constraint=UniqueConstraint(
                fields=("partner_id",),
                name="account_one_main_per_partner",
                condition="is_main AND partner_id IS NOT NULL",
            ),
        ),
        ops.AddConstraint(
            model_name="Account",
            constraint=CheckConstraint(check="site IN ('CN','INTL')", name="account_site"),
        ),
        ops.AddConstraint(
            model_name="Account",
            constraint=CheckConstraint(check="mobile IS NOT NULL OR email IS NOT NULL", name="account_has_contact"),
        ),
        ops.AddConstraint(
            model_name="Audit",
            constraint=UniqueConstraint(fields=("tenant_id", "seq"), name="audit_seq_once"),
        ),
        ops.AddConstraint(
            model_name="Audit",
            constraint=UniqueConstraint(fields=("tenant_id", "id"), name="audit_unnumbered", condition="seq IS NULL"),
        ),
        ops.AddConstraint(
            model_name="Company",
            constraint=UniqueConstraint(fields=("site", "credit_code"), name="company_credit_code_once"),
        ),
        ops.AddConstraint(
            model_name="Company",
            constraint=CheckConstraint(check="site IN ('CN','INTL')", name="company_site"),
        ),
        ops.AddConstraint(
            model_name="Event",
            constraint=UniqueConstraint(fields=("partner_id", "sequence"), name="event_sequence_once"),
        ),
        ops.AddConstraint(
            model_name="Event",
            constraint=UniqueConstraint(
                fields=("partner_id", "id"), name="event_unnumbered", condition="sequence IS NULL"
            ),
        ),
        ops.AddConstraint(
            model_name="Idempotency",
            constraint=UniqueConstraint(fields=("caller_id", "key"), name="idempotency_key_once"),
        ),
        ops.AddConstraint(
            model_name="Idempotency",
            constraint=CheckConstraint(check="char_length(key) BETWEEN 8 AND 255", name="idempotency_key_length"),
        ),
        ops.AddConstraint(
            model_name="Outbox",
            constraint=UniqueConstraint(fields=("topic", "dedup_key"), name="outbox_effect_once"),
        ),
        ops.AddConstraint(
            model_name="Outbox",
            constraint=UniqueConstraint(
                fields=("aggregate",),
                name="outbox_one_in_flight",
                condition="state = 'leased' AND aggregate IS NOT NULL",
            ),
        ),
        ops.AddConstraint(
            model_name="Outbox",
            constraint=UniqueConstraint(
                fields=("aggregate", "id"),
                name="outbox_aggregate_open",
                condition="aggregate IS NOT NULL AND state IN ('ready','leased','dead')",
            ),
        ),
        ops.AddConstraint(
            model_name="Outbox",
            constraint=CheckConstraint(
                check="state IN ('ready','leased','done','dead','cancelled')", name="outbox_state_known"
            ),
        ),
        ops.AddConstraint(
            model_name="Outbox",
            constraint=CheckConstraint(
                check="(state = 'leased') = (lease_until IS NOT NULL)", name="outbox_lease_iff_leased"
            ),
        ),
        ops.AddConstraint(
            model_name="Outbox",
            constraint=CheckConstraint(check="octet_length(payload::text) <= 8192", name="outbox_payload_small"),
        ),
        ops.AddConstraint(
            model_name="Partner",
            constraint=UniqueConstraint(fields=("main_account_id",), name="partner_main_account_once"),
        ),
        ops.AddConstraint(
            model_name="Partner",
            constraint=UniqueConstraint(fields=("site", "external_ref"), name="partner_external_ref_once"),
        ),
        ops.AddConstraint(
            model_name="Partner",
            constraint=CheckConstraint(check="site IN ('CN','INTL')", name="partner_site"),
        ),
        ops.AddConstraint(
            model_name="Partner",
            constraint=CheckConstraint(
                check="admission_state <> 'JOINED' OR (company_id IS NOT NULL AND admitted_at IS NOT NULL)",
                name="partner_joined_whole",
            ),
        ),
        ops.AddConstraint(
            model_name="Partner",
            constraint=CheckConstraint(
                check="admission_state <> 'REJECTED' OR rejection_reason IS NOT NULL",
                name="partner_rejected_with_reason",
            ),
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
        ops.AddConstraint(
            model_name="PlanMembership",
            constraint=UniqueConstraint(
                fields=("partner_id", "plan"),
                name="plan_membership_one_live",
                condition="state IN ('INVITED','IN_REVIEW','DISTRIBUTOR_REVIEW','JOINED')",
            ),
        ),
        ops.AddConstraint(
            model_name="PlanMembership",
            constraint=UniqueConstraint(fields=("certificate_no",), name="plan_membership_certificate_once"),
        ),
        ops.AddConstraint(
            model_name="PlanMembership",
            constraint=CheckConstraint(
                check="state <> 'JOINED' OR (joined_at IS NOT NULL AND agreement_version IS NOT NULL)",
                name="plan_membership_joined_whole",
            ),
        ),
        ops.AddConstraint(
            model_name="PlanMembership",
            constraint=CheckConstraint(
                check="state <> 'REJECTED' OR reason IS NOT NULL", name="plan_membership_rejected_with_reason"
            ),
        ),
        ops.AddConstraint(
            model_name="PolicyValue",
            constraint=UniqueConstraint(fields=("site", "key", "effective_on"), name="policy_value_once"),
        ),
        ops.AddConstraint(
            model_name="PolicyValue",
            constraint=CheckConstraint(check="site IN ('CN','INTL')", name="policy_value_site"),
        ),
        ops.AddConstraint(
            model_name="RealNameCase",
            constraint=UniqueConstraint(
                fields=("account_id",), name="real_name_case_one_open", condition="state = 'IN_REVIEW'"
            ),
        ),
        ops.AddConstraint(
            model_name="RecordedMessage",
            constraint=UniqueConstraint(fields=("topic", "key"), name="recorded_message_once"),
        ),
        ops.AddConstraint(
            model_name="RecordedMessage",
            constraint=CheckConstraint(check="channel IN ('SMS','EMAIL')", name="recorded_message_channel_known"),
        ),
        ops.AddConstraint(
            model_name="ScheduleRun",
            constraint=UniqueConstraint(fields=("job", "slot"), name="schedule_slot_once"),
        ),
        ops.AddConstraint(
            model_name="ScheduleRun",
            constraint=CheckConstraint(check="state IN ('due','done','failed','skipped')", name="schedule_state_known"),
        ),
        ops.AddConstraint(
            model_name="Session",
            constraint=UniqueConstraint(fields=("access_digest",), name="session_access_once"),
        ),
        ops.AddConstraint(
            model_name="Session",
            constraint=UniqueConstraint(fields=("refresh_digest",), name="session_refresh_once"),
        ),
        ops.AddConstraint(
            model_name="SignInGuard",
            constraint=UniqueConstraint(fields=("site", "identifier_digest"), name="sign_in_guard_once"),
        ),
        ops.AddConstraint(
            model_name="Verification",
            constraint=UniqueConstraint(fields=("proof_digest",), name="verification_proof_once"),
        ),
        ops.AddConstraint(
            model_name="Verification",
            constraint=CheckConstraint(check="tries <= max_tries", name="verification_tries_bounded"),
        ),
        ops.AddConstraint(
            model_name="WorkingDay",
            constraint=UniqueConstraint(fields=("site", "day"), name="working_day_once"),
        ),
        ops.RunSQL("CREATE SCHEMA IF NOT EXISTS extensions", reverse_sql=ops.RunSQL.noop),
        ops.RunSQL("CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA extensions", reverse_sql=ops.RunSQL.noop),
        ops.RunSQL(
            'ALTER TABLE "customer_report" ADD CONSTRAINT "customer_report_mobile_once" EXCLUDE USING gist (site WITH =, mobile WITH =, partner_id WITH <>, tstzrange(reported_at, valid_until) WITH &&) WHERE (status = \'REPORTED\')',
            reverse_sql=ops.RunSQL.noop,
        ),
        ops.RunSQL(
            'ALTER TABLE "customer_report" ADD CONSTRAINT "customer_report_email_once" EXCLUDE USING gist (site WITH =, email WITH =, partner_id WITH <>, tstzrange(reported_at, valid_until) WITH &&) WHERE (status = \'REPORTED\')',
            reverse_sql=ops.RunSQL.noop,
        ),
        ops.RunSQL(
            "ALTER TABLE \"customer_report\" ADD CONSTRAINT \"customer_report_own_mobile_once\" EXCLUDE USING gist (partner_id WITH =, mobile WITH =, tstzrange(coalesce(reported_at, created_at), valid_until) WITH &&) WHERE (status IN ('PENDING_REVIEW','REPORTED'))",
            reverse_sql=ops.RunSQL.noop,
        ),
        ops.RunSQL(
            "ALTER TABLE \"customer_report\" ADD CONSTRAINT \"customer_report_own_email_once\" EXCLUDE USING gist (partner_id WITH =, email WITH =, tstzrange(coalesce(reported_at, created_at), valid_until) WITH &&) WHERE (status IN ('PENDING_REVIEW','REPORTED'))",
            reverse_sql=ops.RunSQL.noop,
        ),
        ops.RunSQL(
            "ALTER TABLE \"customer_invitation\" ADD CONSTRAINT \"customer_invitation_one_online\" EXCLUDE USING gist (report_id WITH =, tstzrange(created_at, valid_until) WITH &&) WHERE (state = 'ACTIVE' AND channel = 'ONLINE_MAIL')",
            reverse_sql=ops.RunSQL.noop,
        ),
    ]
