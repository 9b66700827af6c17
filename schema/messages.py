"""GraphQL of messages inside the product: what the caller was told, and marking it as read."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from tortoise.queryset import QuerySet

from core.analyser.limits import Cost
from core.ids import encode_id
from models.messages import Message as MessageRow
from models.registry import model_named
from resolvers import messages
from resolvers.context import Context
from schema.columns import looks_at
from schema.context import Info, database_errors
from schema.fields import Payload, mutation, relation
from schema.inputs import CommandInput, ref
from schema.nodes import Node, OfRow
from schema.pages import Connection, Count, CountPrecision, connection

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


@strawberry.type
class MessageQueries:
    """Root reads of this domain."""

    @connection(messages.messages, Message, kind=MessageConnection)
    def messages(self, ctx: Context, unread_only: UnreadOnly = False) -> QuerySet[Any]:
        """What you were told inside the product, newest first."""
        return messages.messages(ctx, unread_only=unread_only)


@strawberry.type
class MessageMutations:
    """Root mutations of this domain."""

    mark_message_read = mutation(messages.mark_message_read, MarkMessageReadInput, MarkMessageReadPayload)
