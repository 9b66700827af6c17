"""Partners' memberships of plans; the catalogue of plans itself is data of the rules."""

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.base import Entity, Mask, Row, Scoped
from models.partners import Partner
from rules.errors import ErrorCode
from rules.plans import MembershipState, PlanCode, RelationKind, UpgradeState
from rules.plans.relations import NAME_LENGTH

CONSTRAINTS = {
    "plan_membership_one_live": ErrorCode.PLAN_ALREADY_JOINED,
    "plan_membership_certificate_once": ErrorCode.CONFLICT,
    "tier_upgrade_one_open": ErrorCode.TIER_UPGRADE_OPEN,
}


class PlanMembership(Entity):
    """One partner's way through one plan, from invitation or application to its end.

    `signed_*` say who accepted which version of the agreement last, when and from which client address. `noticed_days`
    is the last notice given before the present end: of the invitation while it is one, else of the membership.
    """

    prefix = "pms"
    scope = Scoped(partner="partner_id")

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="memberships", on_delete=fields.RESTRICT, db_index=True
    )
    partner_id: UUID
    plan = fields.CharEnumField(PlanCode, max_length=30)
    state = fields.CharEnumField(MembershipState, max_length=20)
    invited_at: datetime | None = fields.DatetimeField(null=True)
    invited_by: UUID | None = fields.UUIDField(null=True)
    invited_until: datetime | None = fields.DatetimeField(null=True)
    applied_at: datetime | None = fields.DatetimeField(null=True)
    joined_at: datetime | None = fields.DatetimeField(null=True)
    ended_at: datetime | None = fields.DatetimeField(null=True)
    valid_from: datetime | None = fields.DatetimeField(null=True)
    valid_to: datetime | None = fields.DatetimeField(null=True)
    noticed_days: int | None = fields.IntField(null=True)
    tier = fields.CharField(max_length=30, null=True)
    certificate_no = fields.CharField(max_length=40, null=True)
    agreement_version = fields.CharField(max_length=20, null=True)
    signed_by = fields.UUIDField(null=True)
    signed_at: datetime | None = fields.DatetimeField(null=True)
    signed_address = fields.CharField(max_length=64, null=True)
    reason = fields.CharField(max_length=500, null=True)
    decided_by = fields.UUIDField(null=True)
    decided_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "plan_membership"
        indexes = (
            Index(fields=("plan", "state", "id"), name="plan_membership_by_plan"),
            Index(fields=("state", "valid_to"), name="plan_membership_by_end"),
            Index(fields=("state", "invited_until"), name="plan_membership_by_invitation_end"),
        )
        constraints = (
            UniqueConstraint(
                fields=("partner_id", "plan"),
                name="plan_membership_one_live",
                condition="state IN ('INVITED','IN_REVIEW','DISTRIBUTOR_REVIEW','JOINED')",
            ),
            UniqueConstraint(fields=("certificate_no",), name="plan_membership_certificate_once"),
            CheckConstraint(
                check="state <> 'JOINED' OR (joined_at IS NOT NULL AND agreement_version IS NOT NULL)",
                name="plan_membership_joined_whole",
            ),
            CheckConstraint(
                check="state <> 'REJECTED' OR reason IS NOT NULL", name="plan_membership_rejected_with_reason"
            ),
        )


class PlanAgreement(Row):
    """One acceptance of a plan's agreement: by whom, when and from which client address; rows are only added."""

    prefix = "pag"
    scope = Scoped(partner="partner_id")

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="plan_agreements", on_delete=fields.RESTRICT
    )
    partner_id: UUID
    membership: fields.ForeignKeyRelation[PlanMembership] = fields.ForeignKeyField(
        "models.PlanMembership", related_name="agreements", on_delete=fields.RESTRICT, db_index=True
    )
    membership_id: UUID
    plan = fields.CharEnumField(PlanCode, max_length=30)
    agreement_version = fields.CharField(max_length=20)
    signed_by: UUID = fields.UUIDField()
    signed_at: datetime = fields.DatetimeField()
    signed_address = fields.CharField(max_length=64, null=True)

    class Meta:
        table = "plan_agreement"
        indexes = (Index(fields=("partner_id", "id"), name="plan_agreement_of_partner"),)


class TierUpgrade(Entity):
    """One application for a higher tier, of the partner or of its ecosystem manager on its behalf (`by_vendor`)."""

    prefix = "tup"
    scope = Scoped(partner="partner_id")

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="tier_upgrades", on_delete=fields.RESTRICT
    )
    partner_id: UUID
    membership: fields.ForeignKeyRelation[PlanMembership] = fields.ForeignKeyField(
        "models.PlanMembership", related_name="upgrades", on_delete=fields.RESTRICT, db_index=True
    )
    membership_id: UUID
    from_tier = fields.CharField(max_length=30)
    tier = fields.CharField(max_length=30)
    statement = fields.CharField(max_length=500, null=True)
    state = fields.CharEnumField(UpgradeState, max_length=20)
    by_vendor = fields.BooleanField()
    applied_by: UUID = fields.UUIDField()
    applied_at: datetime = fields.DatetimeField()
    ended_at: datetime | None = fields.DatetimeField(null=True)
    reason = fields.CharField(max_length=500, null=True)

    class Meta:
        table = "tier_upgrade"
        indexes = (Index(fields=("partner_id", "id"), name="tier_upgrade_of_partner"),)
        constraints = (
            UniqueConstraint(fields=("membership_id",), name="tier_upgrade_one_open", condition="state = 'IN_REVIEW'"),
            CheckConstraint(check="(state = 'IN_REVIEW') = (ended_at IS NULL)", name="tier_upgrade_ended_when"),
            CheckConstraint(
                check="(state = 'REJECTED') = (reason IS NOT NULL)", name="tier_upgrade_rejected_with_reason"
            ),
        )


class RelationDeclaration(Row):
    """What a partner has declared about relations of its people with the vendor's; rows are only added."""

    prefix = "rdc"
    scope = Scoped(partner="partner_id")

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="relation_declarations", on_delete=fields.RESTRICT
    )
    partner_id: UUID
    declared_by: UUID = fields.UUIDField()
    declared_at: datetime = fields.DatetimeField()
    declared_address = fields.CharField(max_length=64, null=True)
    valid_until: datetime = fields.DatetimeField()
    relation_count = fields.IntField()

    class Meta:
        table = "relation_declaration"
        indexes = (Index(fields=("partner_id", "id"), name="relation_declaration_of_partner"),)
        constraints = (
            CheckConstraint(check="valid_until > declared_at", name="relation_declaration_ends"),
            CheckConstraint(check="relation_count >= 0", name="relation_declaration_count"),
        )


class DeclaredRelation(Row):
    """One relation of a declaration. The names are erased with the account that closes; the rest stays."""

    scope = Scoped(partner="partner_id")
    masks = {"person_name": Mask.NAME, "vendor_person_name": Mask.NAME}

    partner_id = fields.UUIDField()
    declaration: fields.ForeignKeyRelation[RelationDeclaration] = fields.ForeignKeyField(
        "models.RelationDeclaration", related_name="relations", on_delete=fields.RESTRICT, db_index=True
    )
    declaration_id: UUID
    kind = fields.CharEnumField(RelationKind, max_length=30)
    person_name = fields.CharField(max_length=NAME_LENGTH)
    person_position = fields.CharField(max_length=NAME_LENGTH)
    vendor_person_name = fields.CharField(max_length=NAME_LENGTH)
    vendor_department = fields.CharField(max_length=NAME_LENGTH)

    class Meta:
        table = "declared_relation"
