"""Messages to people: what each was told, how a partner wants to be told, what the vendor announces to all."""

from collections.abc import Set
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.accounts import Account
from models.base import Entity, Mask, Row, Scoped
from models.partners import Partner
from rules.errors import ErrorCode
from rules.messages import Audience, MessageChannel, MessageType

CONSTRAINTS = {
    "message_setting_once": ErrorCode.CONFLICT,
    "message_recipient_account_once": ErrorCode.CONFLICT,
    "message_recipient_contact_once": ErrorCode.CONFLICT,
    "notice_dismissal_once": ErrorCode.CONFLICT,
}


class Message(Row):
    """One notice in one account's hands, told once for each occasion; its words are made when somebody reads it.

    `parameters` is what the notice said beside its template: ids, instants and facts (`Context.notify`), no personal
    data. `created_at` and `read_at` are business time.
    """

    prefix = "msg"
    scope = Scoped(account="account_id")

    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="messages", on_delete=fields.RESTRICT
    )
    account_id: UUID
    template = fields.CharField(max_length=64)
    subject_type = fields.CharField(max_length=64)
    subject_id = fields.UUIDField()
    occasion = fields.CharField(max_length=64)
    parameters: dict[str, Any] = fields.JSONField[dict[str, Any]]()
    created_at = fields.DatetimeField()
    read_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "message"
        indexes = (
            Index(fields=("account_id", "id"), name="message_of_account"),
            Index(fields=("account_id", "read_at", "id"), name="message_unread"),
        )
        constraints = (
            UniqueConstraint(fields=("account_id", "template", "subject_id", "occasion"), name="message_once"),
        )


class MessageSetting(Entity):
    """How a partner gets one type of messages; without a row by every channel, to its administrators.

    `administrators` says that whoever is an administrator at the time is among the recipients.
    """

    scope = Scoped(partner="partner_id")

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="message_settings", on_delete=fields.RESTRICT
    )
    partner_id: UUID
    type = fields.CharEnumField(MessageType, max_length=30)
    on_site = fields.BooleanField(default=True, db_default=True)
    by_email = fields.BooleanField(default=True, db_default=True)
    by_sms = fields.BooleanField(default=True, db_default=True)
    administrators = fields.BooleanField(default=True, db_default=True)

    class Meta:
        table = "message_setting"
        constraints = (UniqueConstraint(fields=("partner_id", "type"), name="message_setting_once"),)

    @property
    def channels(self) -> frozenset[MessageChannel]:
        """Those by which the type goes."""
        return frozenset(channel for channel in MessageChannel if getattr(self, channel.field))


class MessageContact(Entity):
    """Somebody without an account whom a partner has told of; contacts are in their stored form.

    A mobile number or an e-mail address gets nothing until it was confirmed by a code.
    """

    prefix = "mco"
    scope = Scoped(partner="partner_id")
    masks = {"name": Mask.NAME, "mobile": Mask.MOBILE, "email": Mask.EMAIL}

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="message_contacts", on_delete=fields.RESTRICT
    )
    partner_id: UUID
    name = fields.CharField(max_length=128)
    mobile = fields.CharField(max_length=32, null=True)
    email = fields.CharField(max_length=64, null=True)
    mobile_confirmed_at: datetime | None = fields.DatetimeField(null=True)
    email_confirmed_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "message_contact"
        indexes = (Index(fields=("partner_id", "id"), name="message_contact_of_partner"),)
        constraints = (
            CheckConstraint(check="mobile IS NOT NULL OR email IS NOT NULL", name="message_contact_reachable"),
        )

    @property
    def reached_by_mobile(self) -> str | None:
        """The mobile number, once confirmed."""
        return self.mobile if self.mobile_confirmed_at else None

    @property
    def reached_by_email(self) -> str | None:
        """The e-mail address, once confirmed."""
        return self.email if self.email_confirmed_at else None

    def is_reached_by(self, channels: Set[MessageChannel]) -> bool:
        """Whether one of these channels leads to it; what goes by none of them has no recipient in it."""
        by_email = MessageChannel.EMAIL in channels and self.reached_by_email is not None
        return by_email or (MessageChannel.SMS in channels and self.reached_by_mobile is not None)


class MessageRecipient(Row):
    """An account or a contact that gets one type of a partner's messages."""

    scope = Scoped(partner="partner_id")

    partner_id = fields.UUIDField()
    setting: fields.ForeignKeyRelation[MessageSetting] = fields.ForeignKeyField(
        "models.MessageSetting", related_name="recipients", on_delete=fields.RESTRICT
    )
    setting_id: UUID
    account: fields.ForeignKeyNullableRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="message_recipients", on_delete=fields.RESTRICT, db_index=True, null=True
    )
    account_id: UUID | None
    contact: fields.ForeignKeyNullableRelation[MessageContact] = fields.ForeignKeyField(
        "models.MessageContact", related_name="recipients", on_delete=fields.RESTRICT, db_index=True, null=True
    )
    contact_id: UUID | None

    class Meta:
        table = "message_recipient"
        constraints = (
            UniqueConstraint(fields=("setting_id", "account_id"), name="message_recipient_account_once"),
            UniqueConstraint(fields=("setting_id", "contact_id"), name="message_recipient_contact_once"),
            CheckConstraint(check="(account_id IS NULL) <> (contact_id IS NULL)", name="message_recipient_is_one"),
        )


class Announcement(Entity):
    """Something the vendor says in the pages from `starts_at` until `ends_at`; `site` is null for those of both."""

    prefix = "ann"
    scope = Scoped(public=True)

    site = fields.CharField(max_length=4, null=True)
    audience = fields.CharEnumField(Audience, max_length=20)
    title_en = fields.CharField(max_length=200)
    title_zh = fields.CharField(max_length=200)
    text_en = fields.CharField(max_length=2000)
    text_zh = fields.CharField(max_length=2000)
    link = fields.CharField(max_length=500, null=True)
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()
    withdrawn_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "announcement"
        indexes = (Index(fields=("ends_at", "id"), name="announcement_by_end"),)
        constraints = (
            CheckConstraint(check="site IN ('CN','INTL')", name="announcement_site"),
            CheckConstraint(check="starts_at < ends_at", name="announcement_ends_after_it_starts"),
        )


class NoticeDismissal(Row):
    """A notice that somebody does not want to see again: `notice` is a kind, or the id of an announcement."""

    scope = Scoped(account="account_id")

    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="notice_dismissals", on_delete=fields.RESTRICT
    )
    account_id: UUID
    notice = fields.CharField(max_length=40)
    dismissed_at = fields.DatetimeField()

    class Meta:
        table = "notice_dismissal"
        constraints = (UniqueConstraint(fields=("account_id", "notice"), name="notice_dismissal_once"),)
