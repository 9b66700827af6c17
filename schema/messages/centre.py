"""GraphQL of messages: what the caller was told inside the product, and how a partner wants to be told."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from tortoise.queryset import QuerySet

from core.analyser.limits import Cost
from core.ids import encode_id
from models.accounts import Account as AccountRow
from models.base import Mask
from models.messages import Message as MessageRow
from models.messages import MessageContact as MessageContactRow
from models.registry import model_named
from models.verifications import Verification
from resolvers import messages
from resolvers.context import Context
from rules.access import Permission
from rules.messages import TYPES, MessageType
from rules.verifications import Channel
from schema.accounts import Account, RequestCodePayload
from schema.columns import looks_at
from schema.context import Info, database_errors
from schema.fields import Payload, masked, mutation, query, relation
from schema.inputs import CommandInput, KeyedInput, SecretInput, ref, text
from schema.nodes import Node, OfRow, Versioned
from schema.pages import Connection, Count, CountPrecision, connection
from schema.partners import Partner

strawberry.enum(MessageType, description="What a message is about.")

_SETS = Permission.MESSAGES_READ_SETTINGS

UnreadOnly = Annotated[bool, strawberry.argument(description="Leave out what you have marked as read.")]


@strawberry.type(description="A message's words in the reader's language.")
class MessageText:
    """The source object is the template, filled in."""

    title: str = strawberry.field(description="One line.")
    body: str = strawberry.field(description="Plain text.")


@strawberry.type(description="Something you were told.")
class Message(Node, OfRow):
    """The source object is a Message row."""

    template: str = strawberry.field(description="Which kind of message, stable for programs: plan_joined.")
    created_at: datetime = strawberry.field(description="When it happened.")
    read_at: datetime | None = strawberry.field(description="When you marked it as read; null while unread.")
    text = relation(
        messages.texts_of, MessageText, "What it says, fit to be shown.", columns=("id", "parameters", "template")
    )

    @strawberry.field(
        description="Id of the object it is about; `node` finds it where you may see it.",
        metadata=looks_at("subject_type", "subject_id"),
    )
    def subject_id(self) -> strawberry.ID:
        """The typed id of the subject."""
        row: Any = self
        return strawberry.ID(encode_id(model_named(row.subject_type).prefix, row.subject_id))


@strawberry.type(description="A page of your messages.")
class MessageConnection(Connection[Message]):
    """A connection that also counts what is unread."""

    @strawberry.field(
        description="How many of all your messages are unread. Costs 10 points.",
        metadata={"extensions": {"cost": Cost(weight=10)}},
    )
    async def unread_count(self, info: Info) -> Count:
        """Counts up to ten thousand."""
        with database_errors():
            value, exact = await messages.unread_count(info.context.ctx)
        return Count(value=value, precision=CountPrecision.EXACT if exact else CountPrecision.AT_LEAST)


@strawberry.input
class MarkMessageReadInput(CommandInput):
    """Which messages: either some, or all."""

    ids: list[strawberry.ID] | None = ref(
        MessageRow, "Ids of your messages, at most 100.", argument="message_ids", default=None
    )
    all: bool = strawberry.field(default=False, description="All of your messages, instead of ids.")


@strawberry.type(description="What was marked; nulls when the key's first run is replayed.")
class MarkMessageReadPayload(Payload):
    """The source object is a Marked."""

    marked: int | None = strawberry.field(description="How many were unread until now.")
    messages: list[Message] | None = strawberry.field(description="Those named by ids; null for all.")


@strawberry.type(description="Somebody without an account who can get a partner's messages, by mail or SMS.")
class MessageContact(Versioned, Node, OfRow):
    """The source object is a MessageContact row."""

    name = masked("name", Mask.NAME, "How the person is called.", seen_with=(_SETS,))
    mobile = masked("mobile", Mask.MOBILE, "Mobile number in E.164.", seen_with=(_SETS,))
    email = masked("email", Mask.EMAIL, "E-mail address.", seen_with=(_SETS,))
    mobile_confirmed_at: datetime | None = strawberry.field(
        description="Since when SMS go there; null until a code has confirmed it."
    )
    email_confirmed_at: datetime | None = strawberry.field(
        description="Since when mail goes there; null until a code has confirmed it."
    )


@strawberry.type(description="An account or a contact that gets a type of messages.")
class MessageRecipient(OfRow):
    """The source object is a MessageRecipient row."""

    account = relation(messages.accounts_of, Account | None, "The account; null for a contact.")
    contact = relation(messages.contacts_of, MessageContact | None, "The contact; null for an account.")


@strawberry.type(description="How a partner gets one type of messages.")
class MessageSetting(OfRow):
    """The source object is a MessageSetting row, stored or not."""

    type: MessageType = strawberry.field(description="What the messages are about.")
    on_site: bool = strawberry.field(description="Whether they appear inside the product.")
    by_email: bool = strawberry.field(description="Whether they go by mail.")
    by_sms: bool = strawberry.field(description="Whether they go by SMS, those few that do.")
    administrators: bool = strawberry.field(description="Whether whoever is an administrator gets them.")
    recipients = relation(
        messages.recipients_of, list[MessageRecipient], "Who gets them beside the administrators.", columns=("id",)
    )

    @strawberry.field(description="Whether the channels cannot be chosen.", metadata=looks_at("type"))
    def fixed(self) -> bool:
        """The catalogue's word."""
        row: Any = self
        return TYPES[row.type].fixed

    @strawberry.field(
        description="Whether each goes to the person it is about alone, so that there are no recipients to choose.",
        metadata=looks_at("type"),
    )
    def personal(self) -> bool:
        """The catalogue's word."""
        row: Any = self
        return TYPES[row.type].personal

    @strawberry.field(
        description="Whether they go out at once; others wait for their recipient's working hours.",
        metadata=looks_at("type"),
    )
    def urgent(self) -> bool:
        """The catalogue's word."""
        row: Any = self
        return TYPES[row.type].urgent


@strawberry.input
class SetMessageChannelsInput(KeyedInput):
    """The channels of one type; those left out stay as they are."""

    type: MessageType = strawberry.field(description="What the messages are about.")
    on_site: bool | None = strawberry.field(default=None, description="Inside the product, or not.")
    by_email: bool | None = strawberry.field(default=None, description="By mail, or not.")
    by_sms: bool | None = strawberry.field(default=None, description="By SMS, or not.")


@strawberry.input
class RecipientInput(KeyedInput):
    """Of mutations about one recipient: exactly one of the three, and the type of messages."""

    type: MessageType = strawberry.field(description="What the messages are about.")
    administrators: bool = strawberry.field(default=False, description="Whoever is an administrator.")
    member_id: strawberry.ID | None = ref(
        AccountRow, "Id of an account of your partner, the main account or a member's.", default=None
    )
    contact_id: strawberry.ID | None = ref(MessageContactRow, "Id of a contact.", default=None)


@strawberry.input
class AddMessageRecipientInput(RecipientInput):
    """Who shall get a type of messages: exactly one of the three."""


@strawberry.input
class RemoveMessageRecipientInput(RecipientInput):
    """Who shall no longer get a type of messages: exactly one of the three."""


@strawberry.input
class AddMessageContactInput(KeyedInput):
    """Who shall get messages without having an account."""

    name: str = text("How the person is called.", most=128)
    email: str | None = text("E-mail address; this or a mobile number is needed.", most=64, default=None)
    mobile: str | None = text("Mobile number.", most=32, default=None)


@strawberry.input
class RequestMessageContactCodeInput(KeyedInput):
    """Which contact gets a code, and where."""

    id: strawberry.ID = ref(MessageContactRow, "Id of the contact.", argument="contact_id")
    channel: Channel = strawberry.field(description="SMS to its mobile number, or EMAIL to its address.")


@strawberry.input
class ConfirmMessageContactInput(SecretInput):
    """A code that the contact got."""

    verification_id: strawberry.ID = ref(Verification, "Id of the challenge that requestMessageContactCode gave.")
    code: str = text("The code as the contact received it.", most=12)


@strawberry.input
class RemoveMessageContactInput(KeyedInput):
    """Who shall get no more messages."""

    id: strawberry.ID = ref(MessageContactRow, "Id of the contact.", argument="contact_id")


@strawberry.input
class PreferencesInput(KeyedInput):
    """Of mutations that choose language and time zone."""

    locale: str | None = text("Language: en or zh-CN.", most=10, default=strawberry.UNSET)
    time_zone: str | None = text("A name of the time zone database: Asia/Shanghai.", most=40, default=strawberry.UNSET)
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class SetOwnPreferencesInput(PreferencesInput):
    """What you choose; fields left out stay as they are, null goes back to your partner's choice or your site's."""


@strawberry.input
class SetPartnerPreferencesInput(PreferencesInput):
    """What the partner chooses; fields left out stay as they are, null goes back to its site's."""


@strawberry.type(description="The setting concerned.")
class MessageSettingPayload(Payload):
    """The source object is a MessageSetting row."""

    setting: MessageSetting | None = strawberry.field(description="The setting as it stands now.")


@strawberry.type(description="The contact concerned.")
class MessageContactPayload(Payload):
    """The source object is a MessageContact row."""

    contact: MessageContact | None = strawberry.field(description="The contact; of a removed one what it was.")


@strawberry.type(description="Your account.")
class SetOwnPreferencesPayload(Payload):
    """The source object is an Account row."""

    account: Account | None = strawberry.field(description="Your account as it stands now.")


@strawberry.type(description="Your partner.")
class SetPartnerPreferencesPayload(Payload):
    """The source object is a Partner row."""

    partner: Partner | None = strawberry.field(description="Your partner as it stands now.")


@strawberry.type
class MessageQueries:
    """Root reads of this domain."""

    @query(messages.message_settings, cost=Cost(weight=len(TYPES)))
    async def message_settings(self, info: Info) -> list[MessageSetting]:
        """How your partner gets each type of messages."""
        return await messages.message_settings(info.context.ctx)  # type: ignore[return-value]

    @connection(messages.message_contacts, MessageContact)
    def message_contacts(self, ctx: Context) -> QuerySet[Any]:
        """People without an account who can get your partner's messages, newest first."""
        return messages.message_contacts(ctx)

    @connection(messages.messages, Message, kind=MessageConnection)
    def messages(self, ctx: Context, unread_only: UnreadOnly = False) -> QuerySet[Any]:
        """What you were told inside the product, newest first."""
        return messages.messages(ctx, unread_only=unread_only)


@strawberry.type
class MessageMutations:
    """Root mutations of this domain."""

    mark_message_read = mutation(messages.mark_message_read, MarkMessageReadInput, MarkMessageReadPayload)
    set_message_channels = mutation(messages.set_message_channels, SetMessageChannelsInput, MessageSettingPayload)
    add_message_recipient = mutation(messages.add_message_recipient, AddMessageRecipientInput, MessageSettingPayload)
    remove_message_recipient = mutation(
        messages.remove_message_recipient, RemoveMessageRecipientInput, MessageSettingPayload
    )
    add_message_contact = mutation(messages.add_message_contact, AddMessageContactInput, MessageContactPayload)
    request_message_contact_code = mutation(
        messages.request_message_contact_code, RequestMessageContactCodeInput, RequestCodePayload
    )
    confirm_message_contact = mutation(
        messages.confirm_message_contact, ConfirmMessageContactInput, MessageContactPayload
    )
    remove_message_contact = mutation(messages.remove_message_contact, RemoveMessageContactInput, MessageContactPayload)
    set_own_preferences = mutation(messages.set_own_preferences, SetOwnPreferencesInput, SetOwnPreferencesPayload)
    set_partner_preferences = mutation(
        messages.set_partner_preferences, SetPartnerPreferencesInput, SetPartnerPreferencesPayload
    )
