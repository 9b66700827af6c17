"""People: sign-up, sign-in, sessions, passwords and real-name authentication."""

import resolvers.accounts.invariants  # noqa: F401 - registered by being imported
from resolvers.accounts.closing import (
    accounts_to_delete,
    cancel_account,
    cancellation_precheck,
    delete_account,
    restore_account,
)
from resolvers.accounts.contacts import CONTACT_TOPIC, SEND_ATTEMPTS, change_contact, request_contact_change
from resolvers.accounts.member_signing import sign_in_as_member
from resolvers.accounts.passwords import change_password, reset_password
from resolvers.accounts.real_name import actions_of, decide_real_name, real_name_cases, submit_real_name
from resolvers.accounts.sessions import authenticate, refresh_session, revoke_sessions, sign_out
from resolvers.accounts.siblings import (
    SIBLING_TOPIC,
    complete_quick_registration,
    quick_registration_state,
    sibling_link,
    start_quick_registration,
)
from resolvers.accounts.signing import request_code, sign_in, sign_in_with_code, sign_up
from resolvers.accounts.staff import add_staff
from resolvers.accounts.tickets import (
    LINK_TOPIC,
    request_member_password_reset,
    reset_link,
    send_ticket,
    set_password,
    verify_reset_code,
)
from resolvers.accounts.viewer import viewer

__all__ = [
    "CONTACT_TOPIC",
    "LINK_TOPIC",
    "SEND_ATTEMPTS",
    "SIBLING_TOPIC",
    "accounts_to_delete",
    "actions_of",
    "add_staff",
    "authenticate",
    "cancel_account",
    "cancellation_precheck",
    "change_contact",
    "change_password",
    "complete_quick_registration",
    "decide_real_name",
    "delete_account",
    "quick_registration_state",
    "real_name_cases",
    "refresh_session",
    "request_code",
    "request_contact_change",
    "request_member_password_reset",
    "reset_link",
    "reset_password",
    "restore_account",
    "revoke_sessions",
    "send_ticket",
    "set_password",
    "sibling_link",
    "sign_in",
    "sign_in_as_member",
    "sign_in_with_code",
    "sign_out",
    "sign_up",
    "start_quick_registration",
    "submit_real_name",
    "verify_reset_code",
    "viewer",
]
