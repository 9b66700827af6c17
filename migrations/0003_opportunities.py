from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads

from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from enum import IntEnum, StrEnum


class Industry(StrEnum):
    GOVERNMENT = "GOVERNMENT"
    FINANCE = "FINANCE"
    MANUFACTURING = "MANUFACTURING"
    HEALTHCARE = "HEALTHCARE"
    EDUCATION = "EDUCATION"
    TRANSPORT = "TRANSPORT"
    ENERGY = "ENERGY"
    RETAIL = "RETAIL"
    INTERNET = "INTERNET"
    MEDIA = "MEDIA"
    OTHER = "OTHER"


class OfferingKind(StrEnum):
    BASELINE = "BASELINE"
    MARKETPLACE_GOOD = "MARKETPLACE_GOOD"


class OfferingLead(StrEnum):
    VENDOR = "VENDOR"
    PARTNER = "PARTNER"


class OfficeDuty(StrEnum):
    PSM = "PSM"
    BD = "BD"


class OpportunityState(StrEnum):
    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    AUDIT_REJECTED = "AUDIT_REJECTED"
    VERIFYING = "VERIFYING"
    VERIFY_REJECTED = "VERIFY_REJECTED"
    VERIFIED = "VERIFIED"
    SIGNED = "SIGNED"
    DELIVERED = "DELIVERED"
    LOST = "LOST"
    CANCELLED = "CANCELLED"


class Side(StrEnum):
    PARTNER = "PARTNER"
    VENDOR = "VENDOR"
    SYSTEM = "SYSTEM"


class SupportNeed(StrEnum):
    ARCHITECTURE_VALIDATION = "ARCHITECTURE_VALIDATION"
    BUSINESS_DEMO = "BUSINESS_DEMO"
    TECHNICAL_CONSULTING = "TECHNICAL_CONSULTING"
    POLICY_SUPPORT = "POLICY_SUPPORT"
    RESOURCE_CONFIGURATION = "RESOURCE_CONFIGURATION"
    VISIBILITY_ONLY = "VISIBILITY_ONLY"


class Track(StrEnum):
    DATA_AND_AI = "DATA_AND_AI"
    APPLICATION_MODERNISATION = "APPLICATION_MODERNISATION"
    MIGRATION = "MIGRATION"
    SECURITY = "SECURITY"
    IOT = "IOT"
    COLLABORATION = "COLLABORATION"
    ENTERPRISE_APPLICATIONS = "ENTERPRISE_APPLICATIONS"
    INDUSTRY_SOLUTIONS = "INDUSTRY_SOLUTIONS"


class UpdateKind(StrEnum):
    SUBMITTED = "SUBMITTED"
    AUDITED = "AUDITED"
    AUDIT_REJECTED = "AUDIT_REJECTED"
    CLAIMED = "CLAIMED"
    VERIFIED = "VERIFIED"
    VERIFY_REJECTED = "VERIFY_REJECTED"
    PROGRESS = "PROGRESS"
    SUPPORT_REQUEST = "SUPPORT_REQUEST"
    SUPPORT_ANSWER = "SUPPORT_ANSWER"
    SIGNED = "SIGNED"
    DELIVERED = "DELIVERED"
    LOST = "LOST"
    CANCELLED = "CANCELLED"


class VerdictReason(StrEnum):
    INCOMPLETE = "INCOMPLETE"
    NOT_VENDOR_BUSINESS = "NOT_VENDOR_BUSINESS"
    NO_REVENUE = "NO_REVENUE"
    NOT_OWN_SOLUTION = "NOT_OWN_SOLUTION"
    NO_CONTACT = "NO_CONTACT"
    NO_BUDGET_OR_TIME = "NO_BUDGET_OR_TIME"
    VAGUE = "VAGUE"
    NOT_CONFIRMED_BY_CUSTOMER = "NOT_CONFIRMED_BY_CUSTOMER"
    DEAL_ALREADY_DONE = "DEAL_ALREADY_DONE"
    NO_INCREMENT = "NO_INCREMENT"
    DUPLICATE = "DUPLICATE"
    DEADLINE_PASSED = "DEADLINE_PASSED"


class Migration(migrations.Migration):
    dependencies = [("models", "0002_second_journey")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Offering",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("version", fields.IntField(default=1, db_default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("site", fields.CharField(max_length=4)),
                (
                    "kind",
                    fields.CharEnumField(
                        description="BASELINE: BASELINE\nMARKETPLACE_GOOD: MARKETPLACE_GOOD",
                        enum_type=OfferingKind,
                        max_length=20,
                    ),
                ),
                (
                    "lead",
                    fields.CharEnumField(
                        description="VENDOR: VENDOR\nPARTNER: PARTNER", enum_type=OfferingLead, max_length=10
                    ),
                ),
                ("reference", fields.CharField(max_length=64)),
                (
                    "owner_partner",
                    fields.ForeignKeyField(
                        "models.Partner",
                        source_field="owner_partner_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="offerings",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={"table": "offering", "app": "models", "pk_attr": "id"},
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="OfferingVersion",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "offering",
                    fields.ForeignKeyField(
                        "models.Offering",
                        source_field="offering_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="versions",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("number", fields.IntField()),
                ("name", fields.CharField(max_length=128)),
                (
                    "track",
                    fields.CharEnumField(
                        description="DATA_AND_AI: DATA_AND_AI\nAPPLICATION_MODERNISATION: APPLICATION_MODERNISATION\nMIGRATION: MIGRATION\nSECURITY: SECURITY\nIOT: IOT\nCOLLABORATION: COLLABORATION\nENTERPRISE_APPLICATIONS: ENTERPRISE_APPLICATIONS\nINDUSTRY_SOLUTIONS: INDUSTRY_SOLUTIONS",
                        enum_type=Track,
                        max_length=30,
                    ),
                ),
                ("begins_on", fields.DateField()),
                ("ends_on", fields.DateField(null=True)),
            ],
            options={"table": "offering_version", "app": "models", "pk_attr": "id"},
            bases=["Row"],
        ),
        ops.CreateModel(
            name="RepOffice",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("version", fields.IntField(default=1, db_default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("site", fields.CharField(max_length=4)),
                ("name", fields.CharField(max_length=64)),
            ],
            options={"table": "rep_office", "app": "models", "pk_attr": "id"},
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="OfficeMember",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("version", fields.IntField(default=1, db_default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "office",
                    fields.ForeignKeyField(
                        "models.RepOffice",
                        source_field="office_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="members",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="office_memberships",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("duty", fields.CharEnumField(description="PSM: PSM\nBD: BD", enum_type=OfficeDuty, max_length=10)),
                ("tracks", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("industries", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={"table": "office_member", "app": "models", "pk_attr": "id"},
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="OfficeRegion",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "office",
                    fields.ForeignKeyField(
                        "models.RepOffice",
                        source_field="office_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="regions",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("site", fields.CharField(max_length=4)),
                ("region", fields.CharField(max_length=6)),
            ],
            options={"table": "office_region", "app": "models", "pk_attr": "id"},
            bases=["Row"],
        ),
        ops.CreateModel(
            name="Opportunity",
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
                        related_name="opportunities",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("site", fields.CharField(max_length=4)),
                ("created_by", fields.UUIDField()),
                ("owner_user_id", fields.UUIDField()),
                ("external_ref", fields.CharField(null=True, max_length=64)),
                (
                    "state",
                    fields.CharEnumField(
                        description="DRAFT: DRAFT\nSUBMITTED: SUBMITTED\nAUDIT_REJECTED: AUDIT_REJECTED\nVERIFYING: VERIFYING\nVERIFY_REJECTED: VERIFY_REJECTED\nVERIFIED: VERIFIED\nSIGNED: SIGNED\nDELIVERED: DELIVERED\nLOST: LOST\nCANCELLED: CANCELLED",
                        enum_type=OpportunityState,
                        max_length=20,
                    ),
                ),
                ("revision", fields.IntField(default=0, db_default=0)),
                ("name", fields.CharField(null=True, max_length=100)),
                (
                    "customer",
                    fields.ForeignKeyField(
                        "models.Customer",
                        source_field="customer_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="opportunities",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("customer_company", fields.CharField(null=True, max_length=256)),
                ("customer_name_key", fields.CharField(null=True, max_length=256)),
                ("customer_credit_code", fields.CharField(null=True, max_length=40)),
                ("customer_account", fields.CharField(null=True, max_length=128)),
                ("customer_region", fields.CharField(null=True, max_length=6)),
                (
                    "industry",
                    fields.CharEnumField(
                        null=True,
                        description="GOVERNMENT: GOVERNMENT\nFINANCE: FINANCE\nMANUFACTURING: MANUFACTURING\nHEALTHCARE: HEALTHCARE\nEDUCATION: EDUCATION\nTRANSPORT: TRANSPORT\nENERGY: ENERGY\nRETAIL: RETAIL\nINTERNET: INTERNET\nMEDIA: MEDIA\nOTHER: OTHER",
                        enum_type=Industry,
                        max_length=20,
                    ),
                ),
                ("budget", fields.CharField(null=True, max_length=1000)),
                ("authority", fields.CharField(null=True, max_length=1000)),
                ("need", fields.CharField(null=True, max_length=1000)),
                ("timeline", fields.CharField(null=True, max_length=1000)),
                ("solution_description", fields.CharField(null=True, max_length=2000)),
                ("expected_revenue_minor", fields.BigIntField(null=True)),
                ("expected_revenue_currency", fields.CharField(null=True, max_length=3)),
                ("expected_sign_on", fields.DateField(null=True)),
                ("expected_delivery_on", fields.DateField(null=True)),
                ("pre_sales", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("cloud_services", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("support_needs", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("need_tags", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("contact_name", fields.CharField(null=True, max_length=128)),
                ("contact_title", fields.CharField(null=True, max_length=64)),
                ("contact_mobile", fields.CharField(null=True, max_length=32)),
                ("contact_email", fields.CharField(null=True, max_length=64)),
                ("partner_contact_name", fields.CharField(null=True, max_length=128)),
                ("partner_contact_mobile", fields.CharField(null=True, max_length=32)),
                ("partner_contact_email", fields.CharField(null=True, max_length=64)),
                ("consent_confirmed", fields.BooleanField(default=False, db_default=False)),
                ("consent_statement", fields.CharField(null=True, max_length=500)),
                ("consent_by", fields.UUIDField(null=True)),
                ("consent_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("submitted_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("audited_by", fields.UUIDField(null=True)),
                ("audited_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("vendor_business", fields.BooleanField(default=False, db_default=False)),
                (
                    "rep_office",
                    fields.ForeignKeyField(
                        "models.RepOffice",
                        source_field="rep_office_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="opportunities",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("deadline", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("deadline_provisional", fields.BooleanField(default=False, db_default=False)),
                ("remind_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("claimed_by", fields.UUIDField(null=True)),
                ("claimed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("verified_by", fields.UUIDField(null=True)),
                ("verified_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "verdict_reason",
                    fields.CharEnumField(
                        null=True,
                        description="INCOMPLETE: INCOMPLETE\nNOT_VENDOR_BUSINESS: NOT_VENDOR_BUSINESS\nNO_REVENUE: NO_REVENUE\nNOT_OWN_SOLUTION: NOT_OWN_SOLUTION\nNO_CONTACT: NO_CONTACT\nNO_BUDGET_OR_TIME: NO_BUDGET_OR_TIME\nVAGUE: VAGUE\nNOT_CONFIRMED_BY_CUSTOMER: NOT_CONFIRMED_BY_CUSTOMER\nDEAL_ALREADY_DONE: DEAL_ALREADY_DONE\nNO_INCREMENT: NO_INCREMENT\nDUPLICATE: DUPLICATE\nDEADLINE_PASSED: DEADLINE_PASSED",
                        enum_type=VerdictReason,
                        max_length=30,
                    ),
                ),
                ("verdict_note", fields.CharField(null=True, max_length=500)),
                ("duplicate_of_id", fields.UUIDField(null=True)),
                ("signed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("signed_on", fields.DateField(null=True)),
                ("contract_minor", fields.BigIntField(null=True)),
                ("contract_currency", fields.CharField(null=True, max_length=3)),
                ("contract_ref", fields.CharField(null=True, max_length=200)),
                ("delivered_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("delivered_on", fields.DateField(null=True)),
                ("acceptance_ref", fields.CharField(null=True, max_length=200)),
                ("closed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("closing_reason", fields.CharField(null=True, max_length=500)),
            ],
            options={
                "table": "opportunity",
                "app": "models",
                "indexes": [
                    Index(fields=["partner_id", "state", "id"], name="opportunity_by_partner"),
                    Index(fields=["rep_office_id", "state", "id"], name="opportunity_by_office"),
                    Index(fields=["state", "deadline"], name="opportunity_by_deadline"),
                    Index(fields=["site", "customer_name_key"], name="opportunity_by_customer_name"),
                    Index(fields=["site", "customer_credit_code"], name="opportunity_by_credit_code"),
                    Index(fields=["site", "customer_account"], name="opportunity_by_customer_account"),
                ],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="OpportunityOffering",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "opportunity",
                    fields.ForeignKeyField(
                        "models.Opportunity",
                        source_field="opportunity_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="named_offerings",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "offering",
                    fields.ForeignKeyField(
                        "models.Offering",
                        source_field="offering_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="named_by",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("partner_id", fields.UUIDField()),
                ("place", fields.IntField()),
            ],
            options={"table": "opportunity_offering", "app": "models", "pk_attr": "id"},
            bases=["Row"],
        ),
        ops.CreateModel(
            name="OpportunityUpdate",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "opportunity",
                    fields.ForeignKeyField(
                        "models.Opportunity",
                        source_field="opportunity_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="updates",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("partner_id", fields.UUIDField()),
                (
                    "kind",
                    fields.CharEnumField(
                        description="SUBMITTED: SUBMITTED\nAUDITED: AUDITED\nAUDIT_REJECTED: AUDIT_REJECTED\nCLAIMED: CLAIMED\nVERIFIED: VERIFIED\nVERIFY_REJECTED: VERIFY_REJECTED\nPROGRESS: PROGRESS\nSUPPORT_REQUEST: SUPPORT_REQUEST\nSUPPORT_ANSWER: SUPPORT_ANSWER\nSIGNED: SIGNED\nDELIVERED: DELIVERED\nLOST: LOST\nCANCELLED: CANCELLED",
                        enum_type=UpdateKind,
                        max_length=20,
                    ),
                ),
                (
                    "side",
                    fields.CharEnumField(
                        description="PARTNER: PARTNER\nVENDOR: VENDOR\nSYSTEM: SYSTEM", enum_type=Side, max_length=10
                    ),
                ),
                ("author_id", fields.UUIDField(null=True)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("text", fields.CharField(null=True, max_length=2000)),
                (
                    "support_need",
                    fields.CharEnumField(
                        null=True,
                        description="ARCHITECTURE_VALIDATION: ARCHITECTURE_VALIDATION\nBUSINESS_DEMO: BUSINESS_DEMO\nTECHNICAL_CONSULTING: TECHNICAL_CONSULTING\nPOLICY_SUPPORT: POLICY_SUPPORT\nRESOURCE_CONFIGURATION: RESOURCE_CONFIGURATION\nVISIBILITY_ONLY: VISIBILITY_ONLY",
                        enum_type=SupportNeed,
                        max_length=30,
                    ),
                ),
                ("answers_id", fields.UUIDField(null=True)),
            ],
            options={
                "table": "opportunity_update",
                "app": "models",
                "indexes": [Index(fields=["opportunity_id", "id"], name="opportunity_update_in_order")],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.AddField(
            model_name="Partner",
            name="office",
            field=fields.ForeignKeyField(
                "models.RepOffice",
                source_field="office_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name="partners",
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.RemoveField(model_name="Partner", name="rep_office"),
        ops.AddIndex(
            model_name="Partner",
            index=Index(fields=["office_id", "id"], name="partner_by_office"),
        ),
        ops.AddConstraint(
            model_name="Offering",
            constraint=UniqueConstraint(fields=("site", "reference"), name="offering_reference_once"),
        ),
        ops.AddConstraint(
            model_name="Offering",
            constraint=CheckConstraint(check="site IN ('CN','INTL')", name="offering_site"),
        ),
        ops.AddConstraint(
            model_name="Offering",
            constraint=CheckConstraint(
                check="(lead = 'PARTNER') = (owner_partner_id IS NOT NULL)", name="offering_owned"
            ),
        ),
        ops.AddConstraint(
            model_name="OfferingVersion",
            constraint=UniqueConstraint(fields=("offering_id", "number"), name="offering_version_once"),
        ),
        ops.AddConstraint(
            model_name="OfferingVersion",
            constraint=CheckConstraint(check="ends_on >= begins_on", name="offering_version_ordered"),
        ),
        ops.AddConstraint(
            model_name="RepOffice",
            constraint=UniqueConstraint(fields=("site", "name"), name="rep_office_name_once"),
        ),
        ops.AddConstraint(
            model_name="RepOffice",
            constraint=CheckConstraint(check="site IN ('CN','INTL')", name="rep_office_site"),
        ),
        ops.AddConstraint(
            model_name="OfficeMember",
            constraint=UniqueConstraint(fields=("office_id", "account_id"), name="office_member_once"),
        ),
        ops.AddConstraint(
            model_name="OfficeRegion",
            constraint=UniqueConstraint(fields=("site", "region"), name="office_region_once"),
        ),
        ops.AddConstraint(
            model_name="OfficeRegion",
            constraint=CheckConstraint(check="site IN ('CN','INTL')", name="office_region_site"),
        ),
        ops.AddConstraint(
            model_name="Opportunity",
            constraint=UniqueConstraint(fields=("partner_id", "external_ref"), name="opportunity_external_ref_once"),
        ),
        ops.AddConstraint(
            model_name="Opportunity",
            constraint=CheckConstraint(check="site IN ('CN','INTL')", name="opportunity_site"),
        ),
        ops.AddConstraint(
            model_name="Opportunity",
            constraint=CheckConstraint(
                check="state = 'DRAFT' OR submitted_at IS NOT NULL", name="opportunity_submitted_when"
            ),
        ),
        ops.AddConstraint(
            model_name="Opportunity",
            constraint=CheckConstraint(
                check="state NOT IN ('VERIFYING','VERIFY_REJECTED','VERIFIED','SIGNED','DELIVERED','LOST','CANCELLED') OR (audited_at IS NOT NULL AND rep_office_id IS NOT NULL AND deadline > audited_at)",
                name="opportunity_audited_whole",
            ),
        ),
        ops.AddConstraint(
            model_name="Opportunity",
            constraint=CheckConstraint(
                check="state NOT IN ('VERIFIED','SIGNED','DELIVERED','LOST','CANCELLED') OR verified_at IS NOT NULL",
                name="opportunity_verified_when",
            ),
        ),
        ops.AddConstraint(
            model_name="Opportunity",
            constraint=CheckConstraint(
                check="state NOT IN ('AUDIT_REJECTED','VERIFY_REJECTED') OR verdict_reason IS NOT NULL",
                name="opportunity_rejected_with_reason",
            ),
        ),
        ops.AddConstraint(
            model_name="Opportunity",
            constraint=CheckConstraint(
                check="state NOT IN ('SIGNED','DELIVERED') OR (signed_at IS NOT NULL AND signed_on IS NOT NULL AND contract_minor > 0 AND contract_currency IS NOT NULL AND contract_ref IS NOT NULL)",
                name="opportunity_signed_whole",
            ),
        ),
        ops.AddConstraint(
            model_name="Opportunity",
            constraint=CheckConstraint(
                check="state <> 'DELIVERED' OR (delivered_at IS NOT NULL AND delivered_on >= signed_on AND acceptance_ref IS NOT NULL)",
                name="opportunity_delivered_whole",
            ),
        ),
        ops.AddConstraint(
            model_name="Opportunity",
            constraint=CheckConstraint(
                check="state NOT IN ('LOST','CANCELLED') OR (closed_at IS NOT NULL AND closing_reason IS NOT NULL)",
                name="opportunity_closed_with_reason",
            ),
        ),
        ops.AddConstraint(
            model_name="Opportunity",
            constraint=CheckConstraint(
                check="(expected_revenue_minor IS NULL) = (expected_revenue_currency IS NULL)",
                name="opportunity_revenue_whole",
            ),
        ),
        ops.AddConstraint(
            model_name="Opportunity",
            constraint=CheckConstraint(check="duplicate_of_id <> id", name="opportunity_repeats_another"),
        ),
        ops.AddConstraint(
            model_name="OpportunityOffering",
            constraint=UniqueConstraint(fields=("opportunity_id", "offering_id"), name="opportunity_offering_once"),
        ),
        ops.AddConstraint(
            model_name="OpportunityUpdate",
            constraint=CheckConstraint(
                check="(kind = 'SUPPORT_REQUEST') = (support_need IS NOT NULL)", name="opportunity_update_asks"
            ),
        ),
        ops.AddConstraint(
            model_name="OpportunityUpdate",
            constraint=CheckConstraint(
                check="(kind = 'SUPPORT_ANSWER') = (answers_id IS NOT NULL)", name="opportunity_update_answers"
            ),
        ),
        ops.AddConstraint(
            model_name="OpportunityUpdate",
            constraint=CheckConstraint(
                check="(side = 'SYSTEM') = (author_id IS NULL)", name="opportunity_update_by_whom"
            ),
        ),
    ]
