"""Employees' personal accounts: partners' invitations to them, the bindings that come of these, what persons tell."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.accounts import Account
from models.base import Entity, Mask, Scoped, Through
from models.partners import Partner
from rules.errors import ErrorCode
from rules.paths import PathCode
from rules.specialists import BindingState, DeployMode, Position, SpecialistInvitationState

CONSTRAINTS = {
    "specialist_invitation_token_once": ErrorCode.CONFLICT,
    "specialist_invitation_one_open": ErrorCode.ALREADY_INVITED,
    "specialist_binding_one_live": ErrorCode.INVITEE_BOUND_ELSEWHERE,
    "specialist_binding_one_member": ErrorCode.MEMBER_ASSIGNED,
    "specialist_certificate_once": ErrorCode.REPEATED,
}

_WHILE_BOUND = Through(
    "partner", "specialist_binding", points_at="account_id", owner="partner_id", row="account_id", until="unbound_at"
)
"""A partner sees what persons tell of themselves as long as they are bound to it, and only sees it."""


class SpecialistInvitation(Entity):
    """A partner's invitation to one personal account; each time it is sent it gets another link, and the old one dies.

    The token is nowhere stored: it follows from the installation's key and `nonce`, and is found by its SHA-256. Before
    its person consents a partner keeps no more of the account than `masked_name`. `sent_that_day` counts how often it
    was sent on `sent_on`, a day of the site's zone.
    """

    prefix = "spi"
    named_by = "masked_name"
    scope = Scoped(partner="partner_id", account="account_id")

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="specialist_invitations", on_delete=fields.RESTRICT
    )
    partner_id: UUID
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="specialist_invitations", on_delete=fields.RESTRICT
    )
    account_id: UUID
    partner_name = fields.CharField(max_length=256)
    masked_name = fields.CharField(max_length=300)
    invited_by = fields.UUIDField()
    nonce = fields.BinaryField()
    token_digest = fields.BinaryField()
    sent_at: datetime = fields.DatetimeField()
    sent_count = fields.IntField()
    sent_on: date = fields.DateField()
    sent_that_day = fields.IntField()
    valid_until: datetime = fields.DatetimeField()
    state = fields.CharEnumField(SpecialistInvitationState, max_length=10)
    answered_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "specialist_invitation"
        indexes = (
            Index(fields=("partner_id", "id"), name="specialist_invitation_of_partner"),
            Index(fields=("partner_id", "sent_on"), name="specialist_invitation_by_day"),
            Index(fields=("account_id", "id"), name="specialist_invitation_of_account"),
            Index(fields=("state", "valid_until"), name="specialist_invitation_by_end"),
        )
        constraints = (
            UniqueConstraint(fields=("token_digest",), name="specialist_invitation_token_once"),
            UniqueConstraint(
                fields=("partner_id", "account_id"),
                name="specialist_invitation_one_open",
                condition="state = 'INVITED'",
            ),
            CheckConstraint(check="valid_until > sent_at", name="specialist_invitation_ends"),
            CheckConstraint(
                check="(state IN ('ACCEPTED','DECLINED')) = (answered_at IS NOT NULL)",
                name="specialist_invitation_answered_when",
            ),
            CheckConstraint(check="sent_that_day BETWEEN 1 AND sent_count", name="specialist_invitation_sent_count"),
        )


class SpecialistProfile(Entity):
    """What a personal account's holder tells of itself; made when the account is first bound.

    Name and contacts are those of the account when its person agreed last. `document` is the proof of the employment, a
    Document as JSON.
    """

    prefix = "spp"
    scope = Scoped(account="account_id", through=(_WHILE_BOUND,))
    masks = {"full_name": Mask.NAME, "mobile": Mask.MOBILE, "email": Mask.EMAIL}

    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="specialist_profiles", on_delete=fields.RESTRICT
    )
    account_id: UUID
    full_name = fields.CharField(max_length=128)
    mobile = fields.CharField(max_length=32, null=True)
    email = fields.CharField(max_length=64, null=True)
    position = fields.CharEnumField(Position, max_length=20, null=True)
    employer = fields.CharField(max_length=256, null=True)
    cloud_since: date | None = fields.DateField(null=True)
    base_location = fields.CharField(max_length=100, null=True)
    document: dict[str, Any] | None = fields.JSONField(null=True)

    class Meta:
        table = "specialist_profile"
        constraints = (
            UniqueConstraint(fields=("account_id",), name="specialist_profile_once"),
            CheckConstraint(
                check="num_nulls(position, employer, cloud_since, base_location, document) IN (0, 5)",
                name="specialist_profile_employment_whole",
            ),
        )


class SpecialistCertificate(Entity):
    """A certificate of a person; `kind` is a code of the catalogue. One that was removed is shown to nobody."""

    prefix = "spc"
    scope = Scoped(account="account_id", through=(_WHILE_BOUND,))
    masks = {"number": Mask.IDENTIFIER}

    profile: fields.ForeignKeyRelation[SpecialistProfile] = fields.ForeignKeyField(
        "models.SpecialistProfile", related_name="certificates", on_delete=fields.RESTRICT
    )
    profile_id: UUID
    account_id = fields.UUIDField()
    kind = fields.CharField(max_length=20)
    number = fields.CharField(max_length=64)
    issued_on: date = fields.DateField()
    expires_on: date | None = fields.DateField(null=True)
    document: dict[str, Any] | None = fields.JSONField(null=True)
    removed_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "specialist_certificate"
        indexes = (Index(fields=("profile_id", "id"), name="specialist_certificate_newest"),)
        constraints = (
            UniqueConstraint(
                fields=("account_id", "kind", "number"),
                name="specialist_certificate_once",
                condition="removed_at IS NULL",
            ),
            CheckConstraint(check="expires_on > issued_on", name="specialist_certificate_ends"),
        )


class SpecialistTraining(Entity):
    """A training that a person has completed. One that was removed is shown to nobody."""

    prefix = "spt"
    scope = Scoped(account="account_id", through=(_WHILE_BOUND,))

    profile: fields.ForeignKeyRelation[SpecialistProfile] = fields.ForeignKeyField(
        "models.SpecialistProfile", related_name="trainings", on_delete=fields.RESTRICT
    )
    profile_id: UUID
    account_id = fields.UUIDField()
    name = fields.CharField(max_length=200)
    provider = fields.CharField(max_length=200)
    completed_on: date = fields.DateField()
    hours = fields.IntField()
    removed_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "specialist_training"
        indexes = (Index(fields=("profile_id", "id"), name="specialist_training_newest"),)
        constraints = (CheckConstraint(check="hours > 0", name="specialist_training_takes_time"),)


class SpecialistProject(Entity):
    """A project that a person has worked in. One that was removed is shown to nobody."""

    prefix = "spj"
    scope = Scoped(account="account_id", through=(_WHILE_BOUND,))

    profile: fields.ForeignKeyRelation[SpecialistProfile] = fields.ForeignKeyField(
        "models.SpecialistProfile", related_name="projects", on_delete=fields.RESTRICT
    )
    profile_id: UUID
    account_id = fields.UUIDField()
    name = fields.CharField(max_length=200)
    duty = fields.CharField(max_length=200)
    description = fields.CharField(max_length=1000)
    began_on: date = fields.DateField()
    ended_on: date | None = fields.DateField(null=True)
    removed_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "specialist_project"
        indexes = (Index(fields=("profile_id", "id"), name="specialist_project_newest"),)
        constraints = (CheckConstraint(check="ended_on >= began_on", name="specialist_project_ends"),)


class SpecialistBinding(Entity):
    """A personal account's belonging to a partner, from its consent to its end. At most one of an account lives.

    `statement_version` and `consent_address` with `bound_at` say to which statement the person agreed, when and from
    which client address. `member_id` is the member of the partner that the person is. What the partner keeps after the
    end is this row, with the name masked.
    """

    prefix = "spb"
    named_by = "masked_name"
    scope = Scoped(partner="partner_id", account="account_id")

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="specialist_bindings", on_delete=fields.RESTRICT
    )
    partner_id: UUID
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="specialist_bindings", on_delete=fields.RESTRICT
    )
    account_id: UUID
    profile: fields.ForeignKeyNullableRelation[SpecialistProfile] = fields.ForeignKeyField(
        "models.SpecialistProfile", related_name="bindings", on_delete=fields.RESTRICT, null=True
    )
    profile_id: UUID | None
    invitation: fields.ForeignKeyRelation[SpecialistInvitation] = fields.ForeignKeyField(
        "models.SpecialistInvitation", related_name="bindings", on_delete=fields.RESTRICT, db_index=True
    )
    invitation_id: UUID
    partner_name = fields.CharField(max_length=256)
    masked_name = fields.CharField(max_length=300)
    state = fields.CharEnumField(BindingState, max_length=20)
    bound_at: datetime = fields.DatetimeField()
    statement_version = fields.CharField(max_length=20)
    consent_address = fields.CharField(max_length=64, null=True)
    unbind_requested_at: datetime | None = fields.DatetimeField(null=True)
    unbind_wish = fields.CharField(max_length=500, null=True)
    unbound_at: datetime | None = fields.DatetimeField(null=True)
    unbound_by = fields.UUIDField(null=True)
    reason = fields.CharField(max_length=500, null=True)
    member_id: UUID | None = fields.UUIDField(null=True)

    class Meta:
        table = "specialist_binding"
        indexes = (
            Index(fields=("partner_id", "id"), name="specialist_binding_of_partner"),
            Index(fields=("account_id", "id"), name="specialist_binding_of_account"),
            Index(fields=("profile_id",), name="specialist_binding_of_profile"),
        )
        constraints = (
            UniqueConstraint(
                fields=("account_id",), name="specialist_binding_one_live", condition="unbound_at IS NULL"
            ),
            UniqueConstraint(
                fields=("member_id",), name="specialist_binding_one_member", condition="unbound_at IS NULL"
            ),
            CheckConstraint(
                check="(state = 'UNBOUND') = (unbound_at IS NOT NULL)", name="specialist_binding_unbound_when"
            ),
            CheckConstraint(
                check="(unbind_requested_at IS NULL) = (unbind_wish IS NULL)", name="specialist_binding_wish_whole"
            ),
        )


class SpecialistApplication(Entity):
    """What a partner handed in when it applied for one person; of a binding the newest is the one that counts.

    `documents` are Documents as JSON. The verdict stands with the review of the binding.
    """

    prefix = "spa"
    scope = Scoped(partner="partner_id", account="account_id")

    binding: fields.ForeignKeyRelation[SpecialistBinding] = fields.ForeignKeyField(
        "models.SpecialistBinding", related_name="applications", on_delete=fields.RESTRICT
    )
    binding_id: UUID
    partner_id = fields.UUIDField()
    account_id = fields.UUIDField()
    path = fields.CharEnumField(PathCode, max_length=20)
    deploy_mode = fields.CharEnumField(DeployMode, max_length=20, null=True)
    base_location = fields.CharField(max_length=100)
    documents: list[dict[str, Any]] = fields.JSONField[list[dict[str, Any]]](default=list)
    applied_by = fields.UUIDField()

    class Meta:
        table = "specialist_application"
        indexes = (Index(fields=("binding_id", "id"), name="specialist_application_newest"),)
        constraints = (
            CheckConstraint(
                check="(path = 'SERVICE') = (deploy_mode IS NOT NULL)", name="specialist_application_of_path"
            ),
        )


class SpecialistCancellation(Entity):
    """Why a specialist is to be cancelled, by the partner's request or, without a review, by the vendor."""

    prefix = "spx"
    scope = Scoped(partner="partner_id", account="account_id")

    binding: fields.ForeignKeyRelation[SpecialistBinding] = fields.ForeignKeyField(
        "models.SpecialistBinding", related_name="cancellations", on_delete=fields.RESTRICT
    )
    binding_id: UUID
    partner_id = fields.UUIDField()
    account_id = fields.UUIDField()
    by_vendor = fields.BooleanField()
    reason = fields.CharField(max_length=500)
    document: dict[str, Any] | None = fields.JSONField(null=True)
    requested_by = fields.UUIDField()

    class Meta:
        table = "specialist_cancellation"
        indexes = (Index(fields=("binding_id", "id"), name="specialist_cancellation_newest"),)
        constraints = (
            CheckConstraint(check="by_vendor OR document IS NOT NULL", name="specialist_cancellation_with_document"),
        )
