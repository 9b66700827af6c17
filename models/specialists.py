"""Employees' personal accounts: partners' invitations to them, and the bindings that come of these."""

from datetime import date, datetime
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.accounts import Account
from models.base import Entity, Scoped
from models.partners import Partner
from rules.errors import ErrorCode
from rules.specialists import BindingState, SpecialistInvitationState

CONSTRAINTS = {
    "specialist_invitation_token_once": ErrorCode.CONFLICT,
    "specialist_invitation_one_open": ErrorCode.ALREADY_INVITED,
    "specialist_binding_one_live": ErrorCode.INVITEE_BOUND_ELSEWHERE,
}


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


class SpecialistBinding(Entity):
    """A personal account's belonging to a partner, from its consent to its end. At most one of an account lives.

    `statement_version` and `consent_address` with `bound_at` say to which statement the person agreed, when and from
    which client address. What the partner keeps after the end is this row, with the name masked.
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

    class Meta:
        table = "specialist_binding"
        indexes = (
            Index(fields=("partner_id", "id"), name="specialist_binding_of_partner"),
            Index(fields=("account_id", "id"), name="specialist_binding_of_account"),
        )
        constraints = (
            UniqueConstraint(
                fields=("account_id",), name="specialist_binding_one_live", condition="unbound_at IS NULL"
            ),
            CheckConstraint(
                check="(state = 'UNBOUND') = (unbound_at IS NOT NULL)", name="specialist_binding_unbound_when"
            ),
            CheckConstraint(
                check="(unbind_requested_at IS NULL) = (unbind_wish IS NULL)", name="specialist_binding_wish_whole"
            ),
        )
