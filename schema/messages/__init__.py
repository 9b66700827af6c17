"""GraphQL of messages: what people were told and how, notices above the pages, what could not be delivered."""

from schema.messages.centre import MessageMutations, MessageQueries
from schema.messages.notices import NoticeMutations, NoticeQueries

__all__ = ["MessageMutations", "MessageQueries", "NoticeMutations", "NoticeQueries"]
