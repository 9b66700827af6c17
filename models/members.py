"""Custom roles of a partner, and who of its members has which."""

from uuid import UUID

from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint

from models.accounts import Account
from models.base import Entity, Row, Scoped
from models.partners import Partner
from rules.errors import ErrorCode
from rules.members import ROLE_NAME_LENGTH

CONSTRAINTS = {
    "custom_role_name_once": ErrorCode.ROLE_NAME_TAKEN,
}


class CustomRole(Entity):
    """A set of permissions that a partner's administrator has put together and named.

    What of `permissions` counts is decided when they are used: one that can no longer be granted gives nothing.
    """

    prefix = "rol"
    scope = Scoped(partner="partner_id")

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="custom_roles", on_delete=fields.RESTRICT
    )
    partner_id: UUID
    name = fields.CharField(max_length=ROLE_NAME_LENGTH)
    permissions: list[str] = fields.JSONField[list[str]](default=list)

    class Meta:
        table = "custom_role"
        constraints = (UniqueConstraint(fields=("partner_id", "name"), name="custom_role_name_once"),)


class MemberRole(Row):
    """A member's having a custom role; its preset roles stand with the account."""

    scope = Scoped(partner="partner_id")

    partner_id = fields.UUIDField(db_index=True)
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="custom_roles", on_delete=fields.RESTRICT
    )
    account_id: UUID
    role: fields.ForeignKeyRelation[CustomRole] = fields.ForeignKeyField(
        "models.CustomRole", related_name="people", on_delete=fields.RESTRICT, db_index=True
    )
    role_id: UUID

    class Meta:
        table = "member_role"
        constraints = (UniqueConstraint(fields=("account_id", "role_id"), name="member_role_once"),)
