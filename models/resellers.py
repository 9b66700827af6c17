"""Distributors and their resellers: applications, invitations, and the links that come of them."""

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.base import Entity, Mask, Scoped
from models.partners import Partner
from models.plans import PlanMembership
from rules.customers import InvitationState
from rules.errors import ErrorCode
from rules.partners import COMPANY_NAME_LENGTH
from rules.resellers import ApplicationStatus, LinkStatus

CONSTRAINTS = {
    "reseller_application_one_open": ErrorCode.PLAN_ALREADY_JOINED,
    "reseller_invitation_token_once": ErrorCode.CONFLICT,
    "reseller_invitation_one_open": ErrorCode.INVITATION_STILL_VALID,
    "reseller_link_one_live": ErrorCode.PLAN_HAS_DISTRIBUTOR,
}


class ResellerApplication(Entity):
    """A company's application to one distributor, beside its membership of the reseller plan.

    Name and contacts are copies of the applicant's own: the distributor does not see its rows. It sees the application
    itself from `vendor_approved_at` on.
    """

    prefix = "rsa"
    named_by = "company_name"
    scope = Scoped(partner=("partner_id", "distributor_id"))
    masks = {"mobile": Mask.MOBILE, "email": Mask.EMAIL}

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="reseller_applications", on_delete=fields.RESTRICT, db_index=True
    )
    partner_id: UUID
    distributor: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="applications_of_resellers", on_delete=fields.RESTRICT
    )
    distributor_id: UUID
    membership: fields.ForeignKeyRelation[PlanMembership] = fields.ForeignKeyField(
        "models.PlanMembership", related_name="reseller_applications", on_delete=fields.RESTRICT, db_index=True
    )
    membership_id: UUID
    company_name = fields.CharField(max_length=COMPANY_NAME_LENGTH)
    mobile = fields.CharField(max_length=32, null=True)
    email = fields.CharField(max_length=64, null=True)
    status = fields.CharEnumField(ApplicationStatus, max_length=20)
    applied_at: datetime = fields.DatetimeField()
    vendor_approved_at: datetime | None = fields.DatetimeField(null=True)
    decided_by = fields.UUIDField(null=True)
    decided_at: datetime | None = fields.DatetimeField(null=True)
    reason = fields.CharField(max_length=500, null=True)

    class Meta:
        table = "reseller_application"
        indexes = (Index(fields=("distributor_id", "status", "id"), name="reseller_application_by_distributor"),)
        constraints = (
            UniqueConstraint(
                fields=("partner_id",),
                name="reseller_application_one_open",
                condition="status IN ('VENDOR_REVIEW','DISTRIBUTOR_REVIEW')",
            ),
            CheckConstraint(check="partner_id <> distributor_id", name="reseller_application_of_two"),
            CheckConstraint(
                check="status <> 'REJECTED' OR reason IS NOT NULL", name="reseller_application_rejected_with_reason"
            ),
            CheckConstraint(
                check="status NOT IN ('DISTRIBUTOR_REVIEW','ASSOCIATED') OR vendor_approved_at IS NOT NULL",
                name="reseller_application_vendor_first",
            ),
        )


class ResellerInvitation(Entity):
    """A distributor's link by mail for a company that is to become its reseller; used up by `used_by`, a partner.

    The token is nowhere stored: it follows from the installation's key and `nonce`, and is found by its SHA-256. A link
    past its end stays ACTIVE here until it is replaced by another one to the same address.
    """

    prefix = "rsi"
    scope = Scoped(partner="distributor_id")
    masks = {"email": Mask.EMAIL}

    distributor: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="reseller_invitations", on_delete=fields.RESTRICT, db_index=True
    )
    distributor_id: UUID
    created_by = fields.UUIDField()
    email = fields.CharField(max_length=64)
    nonce = fields.BinaryField()
    token_digest = fields.BinaryField()
    valid_until: datetime = fields.DatetimeField()
    state = fields.CharEnumField(InvitationState, max_length=20)
    used_by: UUID | None = fields.UUIDField(null=True)

    class Meta:
        table = "reseller_invitation"
        constraints = (
            UniqueConstraint(fields=("token_digest",), name="reseller_invitation_token_once"),
            UniqueConstraint(
                fields=("distributor_id", "email"), name="reseller_invitation_one_open", condition="state = 'ACTIVE'"
            ),
            CheckConstraint(check="(state = 'USED') = (used_by IS NOT NULL)", name="reseller_invitation_used_by_one"),
            CheckConstraint(check="valid_until > created_at", name="reseller_invitation_ends"),
        )


class ResellerLink(Entity):
    """A reseller's belonging to its one distributor, from its beginning to its end.

    `application` or `invitation` is how it came about. Name and contacts are copies of the reseller's own.
    """

    prefix = "rsl"
    named_by = "company_name"
    scope = Scoped(partner=("distributor_id", "reseller_id"))
    masks = {"mobile": Mask.MOBILE, "email": Mask.EMAIL}

    distributor: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="links_to_resellers", on_delete=fields.RESTRICT
    )
    distributor_id: UUID
    reseller: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="links_to_distributors", on_delete=fields.RESTRICT, db_index=True
    )
    reseller_id: UUID
    membership: fields.ForeignKeyRelation[PlanMembership] = fields.ForeignKeyField(
        "models.PlanMembership", related_name="reseller_links", on_delete=fields.RESTRICT, db_index=True
    )
    membership_id: UUID
    application: fields.ForeignKeyNullableRelation[ResellerApplication] = fields.ForeignKeyField(
        "models.ResellerApplication", related_name="links", on_delete=fields.RESTRICT, db_index=True, null=True
    )
    application_id: UUID | None
    invitation: fields.ForeignKeyNullableRelation[ResellerInvitation] = fields.ForeignKeyField(
        "models.ResellerInvitation", related_name="links", on_delete=fields.RESTRICT, db_index=True, null=True
    )
    invitation_id: UUID | None
    company_name = fields.CharField(max_length=COMPANY_NAME_LENGTH)
    mobile = fields.CharField(max_length=32, null=True)
    email = fields.CharField(max_length=64, null=True)
    status = fields.CharEnumField(LinkStatus, max_length=10)
    began_at: datetime = fields.DatetimeField()
    exiting_at: datetime | None = fields.DatetimeField(null=True)
    exit_reason = fields.CharField(max_length=500, null=True)
    ended_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "reseller_link"
        indexes = (Index(fields=("distributor_id", "status", "id"), name="reseller_link_by_distributor"),)
        constraints = (
            UniqueConstraint(fields=("reseller_id",), name="reseller_link_one_live", condition="status <> 'ENDED'"),
            CheckConstraint(check="distributor_id <> reseller_id", name="reseller_link_of_two"),
            CheckConstraint(check="(status = 'ENDED') = (ended_at IS NOT NULL)", name="reseller_link_ended_when"),
            CheckConstraint(
                check="(status = 'ACTIVE') = (exiting_at IS NULL) AND (status = 'ACTIVE') = (exit_reason IS NULL)",
                name="reseller_link_exits_with_reason",
            ),
            CheckConstraint(
                check="(application_id IS NULL) <> (invitation_id IS NULL)", name="reseller_link_came_one_way"
            ),
        )
