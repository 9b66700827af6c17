"""People who sign in: accounts, their sessions and their real-name cases."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.base import SYSTEM_TABLE, Entity, Mask, Row, Scoped
from rules.accounts import AccountKind, AccountStatus, RealNameKind, RealNameState
from rules.customers import InvitationState
from rules.errors import ErrorCode
from rules.members import POSITION_LENGTH
from rules.verifications import Channel

CONSTRAINTS = {
    "account_mobile_once": ErrorCode.CONTACT_TAKEN,
    "account_email_once": ErrorCode.CONTACT_TAKEN,
    "account_name_once": ErrorCode.USERNAME_TAKEN,
    "real_name_case_one_open": ErrorCode.STATE_CONFLICT,
    "quick_registration_token_once": ErrorCode.CONFLICT,
    "quick_registration_one_open": ErrorCode.CONFLICT,
}


class Account(Entity):
    """One person or company that can sign in on one site.

    `retained_until` is set by a closing: on the account itself the first instant at which it is deleted, and on members
    that this closing has stopped. `roles_in_review` are the roles that a member cannot lose, if it has them, as long as
    its qualification is in review; `director_id` is the account director above an account manager.
    """

    prefix = "acc"
    named_by = "full_name"
    scope = Scoped(partner="partner_id", account="id")
    masks = {"mobile": Mask.MOBILE, "email": Mask.EMAIL, "full_name": Mask.NAME}

    site = fields.CharField(max_length=4)
    kind = fields.CharEnumField(AccountKind, max_length=20)
    name = fields.CharField(max_length=64, null=True)
    full_name = fields.CharField(max_length=128, default="", db_default="")
    position = fields.CharField(max_length=POSITION_LENGTH, null=True)
    mobile = fields.CharField(max_length=32, null=True)
    email = fields.CharField(max_length=64, null=True)
    password_hash = fields.CharField(max_length=200, null=True)
    former_hashes: list[str] = fields.JSONField[list[str]](default=list, db_default=[])
    status = fields.CharEnumField(AccountStatus, max_length=20, default=AccountStatus.ACTIVE)
    locale = fields.CharField(max_length=10, null=True)
    time_zone = fields.CharField(max_length=40, null=True)
    terms_version = fields.CharField(max_length=20, default="", db_default="")
    failed_codes = fields.IntField(default=0, db_default=0)
    locked_until: datetime | None = fields.DatetimeField(null=True)
    retained_until: datetime | None = fields.DatetimeField(null=True)
    real_name_state = fields.CharEnumField(RealNameState, max_length=20, default=RealNameState.NONE)
    real_name_kind = fields.CharEnumField(RealNameKind, max_length=20, null=True)
    partner_id = fields.UUIDField(null=True)
    is_main = fields.BooleanField(default=False, db_default=False)
    roles: list[str] = fields.JSONField[list[str]](default=list)
    roles_in_review: list[str] = fields.JSONField[list[str]](default=list, db_default=[])
    director_id = fields.UUIDField(null=True)

    class Meta:
        table = "account"
        indexes = (
            Index(fields=("partner_id", "id"), name="account_of_partner"),
            Index(fields=("partner_id", "kind"), name="account_of_partner_by_kind"),
            Index(fields=("retained_until", "id"), name="account_by_retention"),
            Index(fields=("director_id", "id"), name="account_by_director"),
        )
        constraints = (
            UniqueConstraint(fields=("site", "mobile"), name="account_mobile_once"),
            UniqueConstraint(fields=("site", "email"), name="account_email_once"),
            UniqueConstraint(fields=("partner_id", "name"), name="account_name_once"),
            UniqueConstraint(
                fields=("partner_id",),
                name="account_one_main_per_partner",
                condition="is_main AND partner_id IS NOT NULL",
            ),
            CheckConstraint(check="site IN ('CN','INTL')", name="account_site"),
            CheckConstraint(
                check="mobile IS NOT NULL OR email IS NOT NULL OR status = 'DELETED'", name="account_has_contact"
            ),
        )


class RealNameCase(Entity):
    """One submission for real-name authentication and its review; `files` holds what was shown, each with its kind."""

    prefix = "rnc"
    scope = Scoped(account="account_id")
    masks = {"legal_name": Mask.NAME, "document_number": Mask.IDENTIFIER}

    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="real_name_cases", on_delete=fields.RESTRICT, db_index=True
    )
    account_id: UUID
    kind = fields.CharEnumField(RealNameKind, max_length=20)
    legal_name = fields.CharField(max_length=256)
    document_number = fields.CharField(max_length=40)
    files: list[dict[str, Any]] = fields.JSONField[list[dict[str, Any]]](default=list, db_default=[])
    state = fields.CharEnumField(RealNameState, max_length=20)
    reason = fields.CharField(max_length=500, null=True)
    decided_by = fields.UUIDField(null=True)
    decided_at = fields.DatetimeField(null=True)

    class Meta:
        table = "real_name_case"
        constraints = (
            UniqueConstraint(fields=("account_id",), name="real_name_case_one_open", condition="state = 'IN_REVIEW'"),
        )


class Session(Row):
    """One signed-in device. Tokens are stored as SHA-256 digests; a refresh makes the next session of the family."""

    prefix = "ses"
    scope = Scoped(account="account_id")

    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="sessions", on_delete=fields.RESTRICT, db_index=True
    )
    account_id: UUID
    family_id = fields.UUIDField(db_index=True)
    access_digest = fields.BinaryField()
    access_expires_at = fields.DatetimeField()
    refresh_digest = fields.BinaryField()
    refresh_expires_at = fields.DatetimeField()
    rotated_at: datetime | None = fields.DatetimeField(null=True)
    revoked_at: datetime | None = fields.DatetimeField(null=True)
    user_agent = fields.CharField(max_length=200, default="", db_default="")
    address = fields.CharField(max_length=64, null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "session"
        indexes = (Index(fields=("refresh_expires_at",), name="session_by_end"),)
        constraints = (
            UniqueConstraint(fields=("access_digest",), name="session_access_once"),
            UniqueConstraint(fields=("refresh_digest",), name="session_refresh_once"),
        )


class SignInGuard(Row):
    """Failed sign-ins with one identifier, known or not: who guesses learns nothing from being locked out."""

    scope = SYSTEM_TABLE

    site = fields.CharField(max_length=4)
    identifier_digest = fields.BinaryField()
    failures = fields.IntField(default=0, db_default=0)
    first_failure_at: datetime | None = fields.DatetimeField(null=True)
    locked_until: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "sign_in_guard"
        constraints = (UniqueConstraint(fields=("site", "identifier_digest"), name="sign_in_guard_once"),)


class ContactChange(Row):
    """A contact that an account has parted with: where to tell that it was replaced."""

    scope = Scoped(account="account_id")
    masks = {"previous": Mask.IDENTIFIER}

    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="contact_changes", on_delete=fields.RESTRICT, db_index=True
    )
    account_id: UUID
    channel = fields.CharEnumField(Channel, max_length=10)
    previous = fields.CharField(max_length=64)
    created_at = fields.DatetimeField()

    class Meta:
        table = "contact_change"


class QuickRegistration(Entity):
    """A link by mail with which the company of a main account gets a further account; `used_by` is that account.

    The token is nowhere stored: it follows from the installation's key and `nonce`, and is found by its SHA-256. A link
    past its end stays ACTIVE here until the next one replaces it.
    """

    prefix = "qrg"
    scope = Scoped(account="account_id")

    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="quick_registrations", on_delete=fields.RESTRICT, db_index=True
    )
    account_id: UUID
    nonce = fields.BinaryField()
    token_digest = fields.BinaryField()
    valid_until: datetime = fields.DatetimeField()
    state = fields.CharEnumField(InvitationState, max_length=20)
    used_by: UUID | None = fields.UUIDField(null=True)

    class Meta:
        table = "quick_registration"
        constraints = (
            UniqueConstraint(fields=("token_digest",), name="quick_registration_token_once"),
            UniqueConstraint(fields=("account_id",), name="quick_registration_one_open", condition="state = 'ACTIVE'"),
            CheckConstraint(check="(state = 'USED') = (used_by IS NOT NULL)", name="quick_registration_used_by_one"),
            CheckConstraint(check="valid_until > created_at", name="quick_registration_ends"),
        )


class SessionEnd(StrEnum):
    """Why a session ended; shown in the audit trail."""

    SIGNED_OUT = "SIGNED_OUT"
    REVOKED = "REVOKED"
    REFRESH_REUSED = "REFRESH_REUSED"
    PASSWORD_CHANGED = "PASSWORD_CHANGED"  # noqa: S105 - a reason, not a password
