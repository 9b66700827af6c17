"""Partners' opportunities with their timeline, the offices that verify them, and the offerings they name."""

from datetime import date, datetime
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.accounts import Account
from models.base import Entity, Mask, Row, Scoped
from models.customers import Customer
from models.partners import Partner
from rules.credit_codes import CREDIT_CODE_LENGTH
from rules.errors import ErrorCode
from rules.opportunities import (
    OFFERING_NAME_LENGTH,
    OFFICE_NAME_LENGTH,
    REGION_LENGTH,
    Industry,
    OfferingKind,
    OfferingLead,
    OfficeDuty,
    OpportunityState,
    Side,
    SupportNeed,
    Track,
    UpdateKind,
    VerdictReason,
)

CONSTRAINTS = {
    "rep_office_name_once": ErrorCode.CONFLICT,
    "office_region_once": ErrorCode.REGION_COVERED_ELSEWHERE,
    "office_member_once": ErrorCode.CONFLICT,
    "offering_reference_once": ErrorCode.CONFLICT,
    "offering_version_once": ErrorCode.CONFLICT,
    "opportunity_external_ref_once": ErrorCode.CONFLICT,
    "opportunity_offering_once": ErrorCode.CONFLICT,
}


class RepOffice(Entity):
    """A representative office of the vendor. Its regions are rows of their own, so that none has two offices."""

    prefix = "ofc"
    scope = Scoped(public=True)

    site = fields.CharField(max_length=4)
    name = fields.CharField(max_length=OFFICE_NAME_LENGTH)

    class Meta:
        table = "rep_office"
        constraints = (
            UniqueConstraint(fields=("site", "name"), name="rep_office_name_once"),
            CheckConstraint(check="site IN ('CN','INTL')", name="rep_office_site"),
        )


class OfficeRegion(Row):
    """One region that an office covers; a city of its own goes before the province around it."""

    scope = Scoped(public=True)

    office: fields.ForeignKeyRelation[RepOffice] = fields.ForeignKeyField(
        "models.RepOffice", related_name="regions", on_delete=fields.RESTRICT, db_index=True
    )
    office_id: UUID
    site = fields.CharField(max_length=4)
    region = fields.CharField(max_length=REGION_LENGTH)

    class Meta:
        table = "office_region"
        constraints = (
            UniqueConstraint(fields=("site", "region"), name="office_region_once"),
            CheckConstraint(check="site IN ('CN','INTL')", name="office_region_site"),
        )


class OfficeMember(Entity):
    """One of the vendor's sales people at an office. Tracks and industries filter the queue and forbid nothing."""

    prefix = "ofm"
    scope = Scoped(account="account_id")

    office: fields.ForeignKeyRelation[RepOffice] = fields.ForeignKeyField(
        "models.RepOffice", related_name="members", on_delete=fields.RESTRICT, db_index=True
    )
    office_id: UUID
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="office_memberships", on_delete=fields.RESTRICT, db_index=True
    )
    account_id: UUID
    duty = fields.CharEnumField(OfficeDuty, max_length=10)
    tracks: list[str] = fields.JSONField[list[str]](default=list)
    industries: list[str] = fields.JSONField[list[str]](default=list)

    class Meta:
        table = "office_member"
        constraints = (UniqueConstraint(fields=("office_id", "account_id"), name="office_member_once"),)


class Offering(Entity):
    """A solution or good that makes opportunities count. What it is called, and when it holds, say its versions."""

    prefix = "ofr"
    scope = Scoped(public=True)

    site = fields.CharField(max_length=4)
    kind = fields.CharEnumField(OfferingKind, max_length=20)
    lead = fields.CharEnumField(OfferingLead, max_length=10)
    reference = fields.CharField(max_length=64)
    owner_partner: fields.ForeignKeyNullableRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="offerings", on_delete=fields.RESTRICT, db_index=True, null=True
    )
    owner_partner_id: UUID | None

    class Meta:
        table = "offering"
        constraints = (
            UniqueConstraint(fields=("site", "reference"), name="offering_reference_once"),
            CheckConstraint(check="site IN ('CN','INTL')", name="offering_site"),
            CheckConstraint(check="(lead = 'PARTNER') = (owner_partner_id IS NOT NULL)", name="offering_owned"),
        )


class OfferingVersion(Row):
    """What an offering is from one day on, until the next version begins or it is taken off the list."""

    scope = Scoped(public=True)

    offering: fields.ForeignKeyRelation[Offering] = fields.ForeignKeyField(
        "models.Offering", related_name="versions", on_delete=fields.RESTRICT, db_index=True
    )
    offering_id: UUID
    number = fields.IntField()
    name = fields.CharField(max_length=OFFERING_NAME_LENGTH)
    track = fields.CharEnumField(Track, max_length=30)
    begins_on: date = fields.DateField()
    ends_on: date | None = fields.DateField(null=True)

    class Meta:
        table = "offering_version"
        constraints = (
            UniqueConstraint(fields=("offering_id", "number"), name="offering_version_once"),
            CheckConstraint(check="ends_on >= begins_on", name="offering_version_ordered"),
        )


class Opportunity(Entity):
    """A partner's opportunity, from the draft to the delivery.

    `customer_name_key` is the customer's name without case, width and spaces; with the credit code and the account it
    finds duplicates. `deadline` is the first instant too late to verify, `deadline_provisional` while a day on the way
    to it is not published yet. Lists hold values of `PreSalesActivity`, `CloudService`, `SupportNeed` and `Track`.
    """

    prefix = "opp"
    named_by = "name"
    scope = Scoped(partner="partner_id")
    masks = {
        "customer_company": Mask.NAME,
        "customer_credit_code": Mask.IDENTIFIER,
        "customer_account": Mask.IDENTIFIER,
        "contact_name": Mask.NAME,
        "contact_mobile": Mask.MOBILE,
        "contact_email": Mask.EMAIL,
        "partner_contact_name": Mask.NAME,
        "partner_contact_mobile": Mask.MOBILE,
        "partner_contact_email": Mask.EMAIL,
    }

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="opportunities", on_delete=fields.RESTRICT
    )
    partner_id: UUID
    site = fields.CharField(max_length=4)
    created_by = fields.UUIDField()
    owner_user_id = fields.UUIDField()
    external_ref = fields.CharField(max_length=64, null=True)
    state = fields.CharEnumField(OpportunityState, max_length=20)
    revision = fields.IntField(default=0, db_default=0)

    name = fields.CharField(max_length=100, null=True)
    customer: fields.ForeignKeyNullableRelation[Customer] = fields.ForeignKeyField(
        "models.Customer", related_name="opportunities", on_delete=fields.RESTRICT, null=True
    )
    customer_id: UUID | None
    customer_company = fields.CharField(max_length=256, null=True)
    customer_name_key = fields.CharField(max_length=256, null=True)
    customer_credit_code = fields.CharField(max_length=CREDIT_CODE_LENGTH, null=True)
    customer_account = fields.CharField(max_length=128, null=True)
    customer_region = fields.CharField(max_length=REGION_LENGTH, null=True)
    industry = fields.CharEnumField(Industry, max_length=20, null=True)
    budget = fields.CharField(max_length=1000, null=True)
    authority = fields.CharField(max_length=1000, null=True)
    need = fields.CharField(max_length=1000, null=True)
    timeline = fields.CharField(max_length=1000, null=True)
    solution_description = fields.CharField(max_length=2000, null=True)
    expected_revenue_minor = fields.BigIntField(null=True)
    expected_revenue_currency = fields.CharField(max_length=3, null=True)
    expected_sign_on: date | None = fields.DateField(null=True)
    expected_delivery_on: date | None = fields.DateField(null=True)
    pre_sales: list[str] = fields.JSONField[list[str]](default=list)
    cloud_services: list[str] = fields.JSONField[list[str]](default=list)
    support_needs: list[str] = fields.JSONField[list[str]](default=list)
    need_tags: list[str] = fields.JSONField[list[str]](default=list)
    contact_name = fields.CharField(max_length=128, null=True)
    contact_title = fields.CharField(max_length=64, null=True)
    contact_mobile = fields.CharField(max_length=32, null=True)
    contact_email = fields.CharField(max_length=64, null=True)
    partner_contact_name = fields.CharField(max_length=128, null=True)
    partner_contact_mobile = fields.CharField(max_length=32, null=True)
    partner_contact_email = fields.CharField(max_length=64, null=True)
    consent_confirmed = fields.BooleanField(default=False, db_default=False)
    consent_statement = fields.CharField(max_length=500, null=True)
    consent_by = fields.UUIDField(null=True)
    consent_at: datetime | None = fields.DatetimeField(null=True)

    submitted_at: datetime | None = fields.DatetimeField(null=True)
    audited_by = fields.UUIDField(null=True)
    audited_at: datetime | None = fields.DatetimeField(null=True)
    vendor_business = fields.BooleanField(default=False, db_default=False)
    rep_office: fields.ForeignKeyNullableRelation[RepOffice] = fields.ForeignKeyField(
        "models.RepOffice", related_name="opportunities", on_delete=fields.RESTRICT, null=True
    )
    rep_office_id: UUID | None
    deadline: datetime | None = fields.DatetimeField(null=True)
    deadline_provisional = fields.BooleanField(default=False, db_default=False)
    remind_at: datetime | None = fields.DatetimeField(null=True)
    claimed_by = fields.UUIDField(null=True)
    claimed_at: datetime | None = fields.DatetimeField(null=True)
    verified_by = fields.UUIDField(null=True)
    verified_at: datetime | None = fields.DatetimeField(null=True)
    verdict_reason = fields.CharEnumField(VerdictReason, max_length=30, null=True)
    verdict_note = fields.CharField(max_length=500, null=True)
    duplicate_of_id = fields.UUIDField(null=True)

    signed_at: datetime | None = fields.DatetimeField(null=True)
    signed_on: date | None = fields.DateField(null=True)
    contract_minor = fields.BigIntField(null=True)
    contract_currency = fields.CharField(max_length=3, null=True)
    contract_ref = fields.CharField(max_length=200, null=True)
    delivered_at: datetime | None = fields.DatetimeField(null=True)
    delivered_on: date | None = fields.DateField(null=True)
    acceptance_ref = fields.CharField(max_length=200, null=True)
    closed_at: datetime | None = fields.DatetimeField(null=True)
    closing_reason = fields.CharField(max_length=500, null=True)

    class Meta:
        table = "opportunity"
        indexes = (
            Index(fields=("partner_id", "id"), name="opportunity_newest_of_partner"),
            Index(fields=("partner_id", "state", "id"), name="opportunity_by_partner"),
            Index(fields=("customer_id", "id"), name="opportunity_by_customer"),
            Index(fields=("rep_office_id", "state", "id"), name="opportunity_by_office"),
            Index(fields=("state", "id"), name="opportunity_waiting"),
            Index(fields=("state", "deadline"), name="opportunity_by_deadline"),
            Index(fields=("site", "customer_name_key"), name="opportunity_by_customer_name"),
            Index(fields=("site", "customer_credit_code"), name="opportunity_by_credit_code"),
            Index(fields=("site", "customer_account"), name="opportunity_by_customer_account"),
        )
        constraints = (
            UniqueConstraint(fields=("partner_id", "external_ref"), name="opportunity_external_ref_once"),
            CheckConstraint(check="site IN ('CN','INTL')", name="opportunity_site"),
            CheckConstraint(check="state = 'DRAFT' OR submitted_at IS NOT NULL", name="opportunity_submitted_when"),
            CheckConstraint(
                check="state NOT IN ('VERIFYING','VERIFY_REJECTED','VERIFIED','SIGNED','DELIVERED','LOST','CANCELLED')"
                " OR (audited_at IS NOT NULL AND rep_office_id IS NOT NULL AND deadline > audited_at)",
                name="opportunity_audited_whole",
            ),
            CheckConstraint(
                check="state NOT IN ('VERIFIED','SIGNED','DELIVERED','LOST','CANCELLED') OR verified_at IS NOT NULL",
                name="opportunity_verified_when",
            ),
            CheckConstraint(
                check="state NOT IN ('AUDIT_REJECTED','VERIFY_REJECTED') OR verdict_reason IS NOT NULL",
                name="opportunity_rejected_with_reason",
            ),
            CheckConstraint(
                check="state NOT IN ('SIGNED','DELIVERED') OR (signed_at IS NOT NULL AND signed_on IS NOT NULL"
                " AND contract_minor > 0 AND contract_currency IS NOT NULL AND contract_ref IS NOT NULL)",
                name="opportunity_signed_whole",
            ),
            CheckConstraint(
                check="state <> 'DELIVERED' OR (delivered_at IS NOT NULL AND delivered_on >= signed_on"
                " AND acceptance_ref IS NOT NULL)",
                name="opportunity_delivered_whole",
            ),
            CheckConstraint(
                check="state NOT IN ('LOST','CANCELLED') OR (closed_at IS NOT NULL AND closing_reason IS NOT NULL)",
                name="opportunity_closed_with_reason",
            ),
            CheckConstraint(
                check="(expected_revenue_minor IS NULL) = (expected_revenue_currency IS NULL)",
                name="opportunity_revenue_whole",
            ),
            CheckConstraint(check="duplicate_of_id <> id", name="opportunity_repeats_another"),
        )


class OpportunityOffering(Row):
    """An offering that an opportunity names, in the order of `place`."""

    scope = Scoped(partner="partner_id")

    opportunity: fields.ForeignKeyRelation[Opportunity] = fields.ForeignKeyField(
        "models.Opportunity", related_name="named_offerings", on_delete=fields.RESTRICT, db_index=True
    )
    opportunity_id: UUID
    offering: fields.ForeignKeyRelation[Offering] = fields.ForeignKeyField(
        "models.Offering", related_name="named_in", on_delete=fields.RESTRICT, db_index=True
    )
    offering_id: UUID
    partner_id = fields.UUIDField()
    place = fields.IntField()

    class Meta:
        table = "opportunity_offering"
        constraints = (UniqueConstraint(fields=("opportunity_id", "offering_id"), name="opportunity_offering_once"),)


class OpportunityUpdate(Row):
    """One entry of the timeline that partner and vendor share. Entries are only added."""

    prefix = "opu"
    scope = Scoped(partner="partner_id")

    opportunity: fields.ForeignKeyRelation[Opportunity] = fields.ForeignKeyField(
        "models.Opportunity", related_name="updates", on_delete=fields.RESTRICT, db_index=True
    )
    opportunity_id: UUID
    partner_id = fields.UUIDField()
    kind = fields.CharEnumField(UpdateKind, max_length=20)
    side = fields.CharEnumField(Side, max_length=10)
    author_id = fields.UUIDField(null=True)
    at = fields.DatetimeField()
    text = fields.CharField(max_length=2000, null=True)
    support_need = fields.CharEnumField(SupportNeed, max_length=30, null=True)
    answers_id = fields.UUIDField(null=True)

    class Meta:
        table = "opportunity_update"
        indexes = (
            Index(fields=("opportunity_id", "id"), name="opportunity_update_in_order"),
            Index(fields=("partner_id", "id"), name="opportunity_update_newest_of_partner"),
        )
        constraints = (
            CheckConstraint(
                check="(kind = 'SUPPORT_REQUEST') = (support_need IS NOT NULL)", name="opportunity_update_asks"
            ),
            CheckConstraint(
                check="(kind = 'SUPPORT_ANSWER') = (answers_id IS NOT NULL)", name="opportunity_update_answers"
            ),
            CheckConstraint(check="(side = 'SYSTEM') = (author_id IS NULL)", name="opportunity_update_by_whom"),
        )
