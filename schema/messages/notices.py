"""GraphQL of notices above the pages, the vendor's announcements, and messages that could not be delivered."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry
from tortoise.queryset import QuerySet

from core.analyser.limits import Cost
from models.messages import Announcement as AnnouncementRow
from models.registry import model_named
from resolvers import messages
from resolvers.context import Context
from rules.messages import Audience, MessageType, NoticeKind
from schema.context import Info
from schema.enums import Site
from schema.fields import Payload, mutation, query
from schema.inputs import CommandInput, KeyedInput, ref, text
from schema.nodes import Node, OfRow, Versioned, encoded
from schema.pages import connection

strawberry.enum(NoticeKind, description="Why a notice stands above the pages.")
strawberry.enum(Audience, description="Whom the vendor announces something to.")

ShownSite = Annotated[
    Site | None, strawberry.argument(description="The site whose pages you show; left out: no notice about the site.")
]
OfType = Annotated[MessageType | None, strawberry.argument(description="Only those of this type.")]
Before = Annotated[int | None, strawberry.argument(description="Only those older than this number.")]


@strawberry.type(description="Something that stands above the pages. It stops nobody.")
class Notice:
    """The source object is the use case's Notice."""

    kind: NoticeKind = strawberry.field(description="Why it is there.")
    title: str = strawberry.field(description="One line, in your language.")
    text: str = strawberry.field(description="Plain text, in your language.")
    target_url: str | None = strawberry.field(description="Where it leads: your own site; what is announced.")
    dismissed: bool = strawberry.field(description="Whether you do not want to see it again.")

    @strawberry.field(description="Id of the announcement; null for the notice about the site.")
    def announcement_id(self) -> strawberry.ID | None:
        """The typed id."""
        source: Any = self
        return None if source.announcement_id is None else encoded(AnnouncementRow.prefix, source.announcement_id)


@strawberry.type(description="Something the vendor says in the pages.")
class Announcement(Versioned, Node, OfRow):
    """The source object is an Announcement row."""

    site: Site | None = strawberry.field(description="In whose pages; null: in both sites'.")
    audience: Audience = strawberry.field(description="To whom.")
    title_en: str = strawberry.field(description="One line, in English.")
    title_zh: str = strawberry.field(description="One line, in Chinese.")
    text_en: str = strawberry.field(description="Plain text, in English.")
    text_zh: str = strawberry.field(description="Plain text, in Chinese.")
    link: str | None = strawberry.field(description="Where it leads.")
    starts_at: datetime = strawberry.field(description="Its first instant.")
    ends_at: datetime = strawberry.field(description="The first instant after it.")
    withdrawn_at: datetime | None = strawberry.field(description="When it was taken away before its end.")


@strawberry.type(description="A message that nobody will send any more. It shows no contact and no words.")
class FailedMessage:
    """The source object is the use case's FailedMessage."""

    number: int = strawberry.field(description="Its number in the outbox; retryFailedMessage names it by that.")
    topic: str = strawberry.field(description="What it is in the outbox: notice, code.sms, …")
    template: str | None = strawberry.field(description="Which message; null for codes and invitations.")
    reason: str = strawberry.field(description="Why it was given up.")
    attempts: int = strawberry.field(description="How often it was tried.")
    failed_at: datetime = strawberry.field(description="When it was given up.")

    @strawberry.field(description="The message's type; null for codes and invitations.")
    def type(self) -> MessageType | None:
        """The catalogue's word."""
        source: Any = self
        kind: MessageType | None = source.kind
        return kind

    @strawberry.field(description="Id of whom it was for, where that is an object with an id.")
    def recipient_id(self) -> strawberry.ID | None:
        """The typed id."""
        source: Any = self
        return _public(source.recipient)

    @strawberry.field(description="Id of what it was about, where that is an object with an id.")
    def subject_id(self) -> strawberry.ID | None:
        """The typed id."""
        source: Any = self
        return _public(source.subject)


def _public(named: tuple[str, UUID] | None) -> strawberry.ID | None:
    prefix = "" if named is None else model_named(named[0]).prefix
    return encoded(prefix, named[1]) if named is not None and prefix else None


@strawberry.input
class DismissNoticeInput(CommandInput):
    """Which notice you do not want to see again."""

    kind: NoticeKind = strawberry.field(description="Why it is there.")
    announcement_id: strawberry.ID | None = ref(
        AnnouncementRow, "Id of the announcement; not for the notice about the site.", default=None
    )


@strawberry.input
class PublishAnnouncementInput(KeyedInput):
    """What to say to whom, from when to when."""

    audience: Audience = strawberry.field(description="To whom.")
    title_en: str = text("One line, in English.", most=200)
    title_zh: str = text("One line, in Chinese.", most=200)
    text_en: str = text("Plain text, in English.", most=2000)
    text_zh: str = text("Plain text, in Chinese.", most=2000)
    starts_at: datetime = strawberry.field(description="Its first instant.")
    ends_at: datetime = strawberry.field(description="The first instant after it; later than now.")
    site: Site | None = strawberry.field(default=None, description="In whose pages; left out: in both sites'.")
    link: str | None = text("Where it leads: an address with http or https.", most=500, default=None)


@strawberry.input
class WithdrawAnnouncementInput(KeyedInput):
    """Which announcement is over."""

    id: strawberry.ID = ref(AnnouncementRow, "Id of the announcement.", argument="announcement_id")


@strawberry.input
class RetryFailedMessageInput(KeyedInput):
    """Which message to send once more."""

    number: int = strawberry.field(description="Its number, as failedMessages gives it.")


@strawberry.type(description="What is not shown again.")
class DismissNoticePayload(Payload):
    """The source object is a Dismissed."""

    kind: NoticeKind | None = strawberry.field(description="Why it was there.")
    announcement: Announcement | None = strawberry.field(description="The announcement; null for the other kinds.")


@strawberry.type(description="The announcement concerned.")
class AnnouncementPayload(Payload):
    """The source object is an Announcement row."""

    announcement: Announcement | None = strawberry.field(description="The announcement as it stands now.")


@strawberry.type(description="What is sent once more.")
class RetryFailedMessagePayload(Payload):
    """The source object is the number."""

    number: int | None = strawberry.field(description="The message's number; null where the outcome is replayed.")


@strawberry.type
class NoticeQueries:
    """Root reads of notices."""

    @query(messages.failed_messages, cost=Cost(weight=100))
    async def failed_messages(self, info: Info, type: OfType = None, before: Before = None) -> list[FailedMessage]:
        """The newest hundred messages that could not be delivered, newest first."""
        return await messages.failed_messages(info.context.ctx, type=type, before=before)  # type: ignore[return-value]

    @connection(messages.announcements, Announcement)
    def announcements(self, ctx: Context) -> QuerySet[Any]:
        """All announcements, newest first: coming, running, over and withdrawn."""
        return messages.announcements(ctx)

    @query(messages.notices, cost=Cost(weight=20))
    async def notices(self, info: Info, site: ShownSite = None) -> list[Notice]:
        """What stands above the pages for you now, also what you have dismissed."""
        return await messages.notices(info.context.ctx, site=site)  # type: ignore[return-value]


@strawberry.type
class NoticeMutations:
    """Root mutations of notices."""

    dismiss_notice = mutation(messages.dismiss_notice, DismissNoticeInput, DismissNoticePayload)
    publish_announcement = mutation(messages.publish_announcement, PublishAnnouncementInput, AnnouncementPayload)
    withdraw_announcement = mutation(messages.withdraw_announcement, WithdrawAnnouncementInput, AnnouncementPayload)
    retry_failed_message = mutation(messages.retry_failed_message, RetryFailedMessageInput, RetryFailedMessagePayload)
