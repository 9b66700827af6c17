"""Customers and how partners come by them: reports, invitations, attempts to associate."""

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.accounts import Account
from models.base import Entity, Mask, Scoped
from models.partners import Partner
from rules.customers import AssociationType, AttemptState, InvitationChannel, InvitationState, ReportStatus
from rules.errors import ErrorCode

CONSTRAINTS = {
    "customer_account_once": ErrorCode.CONFLICT,
    "customer_report_mobile_once": ErrorCode.REPORT_CUSTOMER_REPORTED_BY_OTHER,
    "customer_report_email_once": ErrorCode.REPORT_CUSTOMER_REPORTED_BY_OTHER,
    "customer_report_own_mobile_once": ErrorCode.REPORT_DUPLICATE_OWN,
    "customer_report_own_email_once": ErrorCode.REPORT_DUPLICATE_OWN,
    "customer_report_external_ref_once": ErrorCode.CONFLICT,
    "customer_invitation_token_once": ErrorCode.CONFLICT,
    "customer_invitation_one_online": ErrorCode.INVITATION_STILL_VALID,
}

# A range has its start and not its end, as `is_live` has it. A missing number or address is NULL, which equals nothing.
# A report in review has no end yet. The empty `reported_at` of one that is no longer open is left out by the condition.
_HELD = "tstzrange(reported_at, valid_until) WITH &&) WHERE (status = 'REPORTED')"
_OPEN = (
    "tstzrange(coalesce(reported_at, created_at), valid_until) WITH &&) WHERE (status IN ('PENDING_REVIEW','REPORTED'))"
)


def _exclusion(table: str, name: str, rest: str) -> tuple[str, str]:
    return name, f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" EXCLUDE USING gist ({rest}'


EXCLUSIONS: tuple[tuple[str, str], ...] = (
    _exclusion(
        "customer_report",
        "customer_report_mobile_once",
        f"site WITH =, mobile WITH =, partner_id WITH <>, {_HELD}",
    ),
    _exclusion(
        "customer_report",
        "customer_report_email_once",
        f"site WITH =, email WITH =, partner_id WITH <>, {_HELD}",
    ),
    _exclusion("customer_report", "customer_report_own_mobile_once", f"partner_id WITH =, mobile WITH =, {_OPEN}"),
    _exclusion("customer_report", "customer_report_own_email_once", f"partner_id WITH =, email WITH =, {_OPEN}"),
    _exclusion(
        "customer_invitation",
        "customer_invitation_one_online",
        "report_id WITH =, tstzrange(created_at, valid_until) WITH &&)"
        " WHERE (state = 'ACTIVE' AND channel = 'ONLINE_MAIL')",
    ),
)
"""(name, statement) of the constraints that hold the races about time, which `Meta` cannot express.

They need the extension btree_gist; `CREATE_EXTENSION` comes before them.
"""

# A schema of its own: the migrations' owner grants and revokes on everything in `public`, and the extension's functions
# belong to the superuser even when an ordinary owner creates it.
CREATE_EXTENSION = (
    "CREATE SCHEMA IF NOT EXISTS extensions",
    "CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA extensions",
)


class Customer(Entity):
    """An end customer of the vendor's cloud: an account that has been associated, or that the vendor knows facts about.

    `partner_id` follows the active association by a trigger and is never written otherwise; it decides which partner
    sees the customer. `facts` holds values of `CustomerFact`. Name and contacts are copies of the account's.
    """

    prefix = "cus"
    named_by = "name"
    scope = Scoped(partner="partner_id", customer="id", account="account_id")
    masks = {"name": Mask.NAME, "mobile": Mask.MOBILE, "email": Mask.EMAIL}

    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="customers", on_delete=fields.RESTRICT
    )
    account_id: UUID
    partner: fields.ForeignKeyNullableRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="customers", on_delete=fields.RESTRICT, null=True
    )
    partner_id: UUID | None
    site = fields.CharField(max_length=4)
    name = fields.CharField(max_length=256)
    mobile = fields.CharField(max_length=32, null=True)
    email = fields.CharField(max_length=64, null=True)
    registered_at = fields.DatetimeField()
    facts: list[str] = fields.JSONField[list[str]](default=list)

    class Meta:
        table = "customer"
        indexes = (Index(fields=("partner_id", "id"), name="customer_newest_of_partner"),)
        constraints = (
            UniqueConstraint(fields=("account_id",), name="customer_account_once"),
            CheckConstraint(check="site IN ('CN','INTL')", name="customer_site"),
            CheckConstraint(check="jsonb_typeof(facts) = 'array'", name="customer_facts_list"),
        )


class CustomerReport(Entity):
    """A partner's booking of a prospect. Contacts are in their stored form.

    `customer_id` is set when the customer associates; until then a partner learns nothing of the account but
    `had_account`, whether there was one when the report was made. What was said for a manual review is in the fields
    from `expected_spend_minor` on, all or none of them. `expiry_told_at`: when the partner was told of the coming end.
    When the account is deleted that a report is about, its texts become empty and its contacts NULL.
    """

    prefix = "rep"
    named_by = "customer_name"
    scope = Scoped(partner="partner_id")
    masks = {"customer_name": Mask.NAME, "mobile": Mask.MOBILE, "email": Mask.EMAIL}

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="reports", on_delete=fields.RESTRICT
    )
    partner_id: UUID
    customer: fields.ForeignKeyNullableRelation[Customer] = fields.ForeignKeyField(
        "models.Customer", related_name="reports", on_delete=fields.RESTRICT, db_index=True, null=True
    )
    customer_id: UUID | None
    created_by = fields.UUIDField()
    indirect_partner_id = fields.UUIDField(null=True)
    site = fields.CharField(max_length=4)
    customer_name = fields.CharField(max_length=256)
    mobile = fields.CharField(max_length=32, null=True)
    email = fields.CharField(max_length=64, null=True)
    send_invite = fields.BooleanField()
    association_type = fields.CharEnumField(AssociationType, max_length=10, null=True)
    had_account = fields.BooleanField()
    status = fields.CharEnumField(ReportStatus, max_length=20)
    reported_at: datetime | None = fields.DatetimeField(null=True)
    valid_until: datetime | None = fields.DatetimeField(null=True)
    reject_reason = fields.CharField(max_length=500, null=True)
    reviewed_by = fields.UUIDField(null=True)
    reviewed_at: datetime | None = fields.DatetimeField(null=True)
    expected_spend_minor = fields.BigIntField(null=True)
    expected_spend_currency = fields.CharField(max_length=3, null=True)
    expected_months = fields.IntField(null=True)
    project_detail = fields.CharField(max_length=2000, null=True)
    customer_account = fields.CharField(max_length=128, null=True)
    communication_log = fields.CharField(max_length=2000, null=True)
    external_ref = fields.CharField(max_length=64, null=True)
    expiry_told_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "customer_report"
        indexes = (
            Index(fields=("partner_id", "id"), name="customer_report_newest_of_partner"),
            Index(fields=("partner_id", "status", "id"), name="customer_report_by_partner"),
            Index(fields=("status", "valid_until"), name="customer_report_by_end"),
            Index(fields=("site", "mobile"), name="customer_report_by_mobile"),
            Index(fields=("site", "email"), name="customer_report_by_email"),
        )
        constraints = (
            UniqueConstraint(fields=("partner_id", "external_ref"), name="customer_report_external_ref_once"),
            CheckConstraint(check="site IN ('CN','INTL')", name="customer_report_site"),
            CheckConstraint(
                check="mobile IS NOT NULL OR email IS NOT NULL OR customer_name = ''",
                name="customer_report_has_contact",
            ),
            CheckConstraint(
                check="status NOT IN ('REPORTED','ASSOCIATED','EXPIRED','RELEASED','CANCELLED')"
                " OR (reported_at IS NOT NULL AND valid_until > reported_at)",
                name="customer_report_has_validity",
            ),
            CheckConstraint(
                check="status NOT IN ('PENDING_REVIEW','REJECTED','WITHDRAWN')"
                " OR (reported_at IS NULL AND valid_until IS NULL)",
                name="customer_report_in_review_without_validity",
            ),
            CheckConstraint(
                check="num_nulls(expected_spend_minor, expected_spend_currency, expected_months, project_detail,"
                " customer_account, communication_log) = CASE WHEN expected_spend_minor IS NULL THEN 6 ELSE 0 END",
                name="customer_report_application_whole",
            ),
            CheckConstraint(
                check="status NOT IN ('PENDING_REVIEW','REJECTED','WITHDRAWN') OR expected_spend_minor IS NOT NULL",
                name="customer_report_in_review_has_application",
            ),
            CheckConstraint(check="expected_spend_minor > 0", name="customer_report_spend_positive"),
            CheckConstraint(
                check="status <> 'REJECTED' OR reject_reason IS NOT NULL", name="customer_report_rejected_with_reason"
            ),
            CheckConstraint(
                check="status <> 'ASSOCIATED' OR customer_id IS NOT NULL", name="customer_report_associated_with_whom"
            ),
        )


class CustomerInvitation(Entity):
    """A link for customers: one sent by mail about one report, or a general one of the person who made it.

    The token is nowhere stored: it follows from the installation's key and `nonce`, and is found by its SHA-256.
    `tag` becomes the label of those who come by a general link. `used_by` is the account that used up an online one.
    """

    prefix = "inv"
    scope = Scoped(partner="partner_id")

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="invitations", on_delete=fields.RESTRICT
    )
    partner_id: UUID
    report: fields.ForeignKeyNullableRelation[CustomerReport] = fields.ForeignKeyField(
        "models.CustomerReport", related_name="invitations", on_delete=fields.RESTRICT, db_index=True, null=True
    )
    report_id: UUID | None
    created_by = fields.UUIDField()
    channel = fields.CharEnumField(InvitationChannel, max_length=20)
    association_type = fields.CharEnumField(AssociationType, max_length=10)
    tag = fields.CharField(max_length=64, null=True)
    nonce = fields.BinaryField()
    token_digest = fields.BinaryField()
    valid_until: datetime | None = fields.DatetimeField(null=True)
    state = fields.CharEnumField(InvitationState, max_length=20)
    used_by = fields.UUIDField(null=True)

    class Meta:
        table = "customer_invitation"
        indexes = (
            Index(fields=("partner_id", "id"), name="customer_invitation_newest_of_partner"),
            Index(fields=("state", "valid_until"), name="customer_invitation_by_end"),
        )
        constraints = (
            UniqueConstraint(fields=("token_digest",), name="customer_invitation_token_once"),
            CheckConstraint(
                check="(channel = 'ONLINE_MAIL') = (report_id IS NOT NULL)", name="customer_invitation_online_of_report"
            ),
            CheckConstraint(
                check="channel <> 'ONLINE_MAIL' OR valid_until > created_at", name="customer_invitation_online_ends"
            ),
            CheckConstraint(
                check="(state = 'USED') = (used_by IS NOT NULL)", name="customer_invitation_used_by_somebody"
            ),
        )


class AssociationAttempt(Entity):
    """One account's try to associate by an invitation; `causes` holds values of `FailureCause` when it failed."""

    prefix = "att"
    scope = Scoped(partner="partner_id", account="account_id")

    invitation: fields.ForeignKeyRelation[CustomerInvitation] = fields.ForeignKeyField(
        "models.CustomerInvitation", related_name="attempts", on_delete=fields.RESTRICT, db_index=True
    )
    invitation_id: UUID
    account_id = fields.UUIDField(db_index=True)
    partner_id = fields.UUIDField()
    state = fields.CharEnumField(AttemptState, max_length=20)
    causes: list[str] = fields.JSONField[list[str]](default=list)

    class Meta:
        table = "association_attempt"
        indexes = (
            Index(fields=("partner_id", "id"), name="association_attempt_newest_of_partner"),
            Index(fields=("partner_id", "state", "id"), name="association_attempt_by_partner"),
        )
        constraints = (
            CheckConstraint(
                check="(state = 'FAILED') = (jsonb_array_length(causes) > 0)", name="association_attempt_failed_why"
            ),
        )
