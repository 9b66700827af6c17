"""Messages: what people find inside the product, how partners want to be told, and whom a notice reaches."""

from resolvers.messages.confirming import confirm_message_contact, request_message_contact_code
from resolvers.messages.failures import FailedMessage, failed_messages, retry_failed_message
from resolvers.messages.notices import (
    Dismissed,
    Notice,
    announcements,
    dismiss_notice,
    notices,
    publish_announcement,
    withdraw_announcement,
)
from resolvers.messages.reading import (
    TEMPLATES,
    Marked,
    mark_message_read,
    messages,
    texts_of,
    unread_count,
    visible,
    written,
)
from resolvers.messages.recipients import (
    accounts_of,
    add_message_contact,
    add_message_recipient,
    contacts_of,
    message_contacts,
    recipients_of,
    remove_message_contact,
    remove_message_recipient,
)
from resolvers.messages.settings import (
    message_settings,
    set_message_channels,
    set_own_preferences,
    set_partner_preferences,
)

__all__ = [
    "TEMPLATES",
    "Dismissed",
    "FailedMessage",
    "Marked",
    "Notice",
    "accounts_of",
    "add_message_contact",
    "add_message_recipient",
    "announcements",
    "confirm_message_contact",
    "contacts_of",
    "dismiss_notice",
    "failed_messages",
    "mark_message_read",
    "message_contacts",
    "message_settings",
    "messages",
    "notices",
    "publish_announcement",
    "recipients_of",
    "remove_message_contact",
    "remove_message_recipient",
    "request_message_contact_code",
    "retry_failed_message",
    "set_message_channels",
    "set_own_preferences",
    "set_partner_preferences",
    "texts_of",
    "unread_count",
    "visible",
    "withdraw_announcement",
    "written",
]
