"""Who may do what of the partner lifecycle, written down by hand: a row of the access table that moves is seen here."""

from collections.abc import Mapping

import pytest

from resolvers.accounts import cancel_account
from resolvers.command import StepUp
from resolvers.verifications import set_step_up_switch
from rules.access import ACCESS, GRANTABLE, VENDOR_ROLES, Permission, Role
from rules.access import Permission as P

COLUMNS = "main account, system administrator, a member's finance role, a custom role, account manager, person, vendor"
MATRIX: Mapping[Permission, str] = {
    # Company information: the main account alone; the vendor reviews.
    P.PARTNERS_CHANGE_COMPANY: "M------",
    P.PARTNERS_DECIDE: "------V",
    # Personal accounts are invited and unbound by the administrator account alone, and answer for themselves.
    P.SPECIALISTS_INVITE: "M------",
    P.SPECIALISTS_UNBIND: "M------",
    P.SPECIALISTS_ANSWER_INVITATION: "-----P-",
    P.SPECIALISTS_KEEP_PROFILE: "-----P-",
    # Project specialists: the administrators, and whom they let; the vendor reviews.
    P.SPECIALISTS_APPLY: "MA-C---",
    P.SPECIALISTS_DECIDE: "------V",
    # Paths and plans: administrators alone; the vendor invites and reviews.
    P.PATHS_CHOOSE: "MA-----",
    P.PATHS_INVITE: "------V",
    P.PATHS_DECIDE: "------V",
    P.PLANS_JOIN: "MA-----",
    P.PLANS_EXIT: "MA-----",
    P.PLANS_INVITE: "------V",
    P.PLANS_DECIDE: "------V",
    # Closing: a partner's by its main account; somebody's own by whom it belongs to.
    P.ACCOUNTS_CLOSE: "M----P-",
    # Members and roles.
    P.MEMBERS_MANAGE: "MA-----",
    # Business information: administrators and finance; the vendor reviews.
    P.BUSINESS_INFO_SUBMIT: "MAFC---",
    P.BUSINESS_INFO_REVIEW: "------V",
    P.BUSINESS_INFO_DECIDE_LETTER: "------V",
    P.BUSINESS_INFO_UNLOCK: "------V",
    # Incentives: confirmed and asked for by administrators and finance; the vendor pays and freezes.
    P.INCENTIVES_CONFIRM: "MAFC---",
    P.INCENTIVES_REQUEST_PAYOUT: "MAFC---",
    P.INCENTIVES_COMPLETE_PAYOUT: "------V",
    P.INCENTIVES_FREEZE: "------V",
    # The switch for codes.
    P.VERIFICATIONS_SET_SWITCH: "M------",
    # To-dos: everybody, each their own.
    P.TODOS_READ: "MAF-MPV",
    # Opportunities: of a partner's people the main account alone, never a system administrator.
    P.OPPORTUNITIES_READ: "M-----V",
    P.OPPORTUNITIES_MANAGE: "M------",
}
"""Permission → who holds it, in the order of `COLUMNS`; `-` for nobody of the column."""


def held_by(permission: Permission) -> str:
    """The row of the access table as the matrix writes it."""
    roles = ACCESS[permission].roles
    holds = (
        ("M", Role.MAIN_ACCOUNT in roles),
        ("A", Role.SYSTEM_ADMIN in roles),
        ("F", Role.FINANCE in roles),
        ("C", permission in GRANTABLE),
        ("M", Role.ACCOUNT_MANAGER in roles),
        ("P", Role.ACCOUNT in roles),
        ("V", bool(roles & VENDOR_ROLES)),
    )
    return "".join(letter if held else "-" for letter, held in holds)


@pytest.mark.parametrize("permission", MATRIX)
def test_the_access_table_says_what_was_written_down(permission: Permission) -> None:
    assert held_by(permission) == MATRIX[permission], COLUMNS


def test_closing_and_switching_codes_off_always_ask_for_a_code() -> None:
    assert cancel_account.spec.step_up is StepUp.ALWAYS and cancel_account.spec.step_up_if is None
    switch = set_step_up_switch.spec
    assert switch.step_up is StepUp.ALWAYS and switch.step_up_if is not None
    assert [switch.step_up_if({"enabled": enabled}) for enabled in (True, False)] == [False, True]
