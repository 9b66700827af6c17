"""People: sign-up, sign-in, sessions, passwords and real-name authentication."""

from resolvers.accounts.passwords import change_password, reset_password
from resolvers.accounts.real_name import actions_of, decide_real_name, real_name_cases, submit_real_name
from resolvers.accounts.sessions import authenticate, refresh_session, revoke_sessions, sign_out
from resolvers.accounts.signing import request_code, sign_in, sign_in_with_code, sign_up
from resolvers.accounts.staff import add_staff
from resolvers.accounts.viewer import viewer

__all__ = [
    "actions_of",
    "add_staff",
    "authenticate",
    "change_password",
    "decide_real_name",
    "real_name_cases",
    "refresh_session",
    "request_code",
    "reset_password",
    "revoke_sessions",
    "sign_in",
    "sign_in_with_code",
    "sign_out",
    "sign_up",
    "submit_real_name",
    "viewer",
]
