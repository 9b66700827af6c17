"""What commands declare about themselves is what they do, and every permission has somebody who asks for it."""

import inspect
import re

import pytest

import tasks.wiring
from resolvers.command import COMMANDS, CommandSpec, Key
from resolvers.nodes import findable_models
from resolvers.query import QUERIES
from resolvers.reviews.deciding import FLOWS
from rules.access import ACCESS, Permission, Role
from rules.errors import ACCESS_CODES
from schema import schema
from tests.contracts.root_fields import ROOT_FIELDS
from tests.contracts.sources import dotted_texts, says

assert schema
assert tasks.wiring

AS_SYSTEM: dict[str, str] = {
    "receive_upload": "whoever holds the slot's address sends the content, signed in or not",
    "settle_upload": "the scanner has looked at somebody's file",
    "settle_reading": "a provider has read somebody's licence",
    "pass_upload_time": "files of everybody whose time is over",
    "request_member_password_reset": "its caller is not signed in",
    "sign_in_as_member": "its caller is not signed in",
    "verify_reset_code": "its caller is not signed in",
    "set_password": "its caller is not signed in",
    "reset_member_password": "codes and sessions are the member's own, out of its administrator's sight",
    "accept_invitation": "the caller is nobody's customer yet: the token leads to the partner's invitation and report",
    "accept_reseller_invitation": "the token leads to the distributor's invitation, and both companies' rows change",
    "accept_specialist_invitation": "the person is nobody's yet: its bindings to any partner count",
    "announce_expiry": "the system itself, for every partner",
    "announce_report_end": "the system itself, for every partner",
    "confirm_message_contact": "the code is counted over all accounts, and its row is the account's that asked for it",
    "request_message_contact_code": "codes are counted over all accounts and partners",
    "renew_seals": "the system itself, for every partner and supplier",
    "change_contact": "the new contact may be another account's, and partners see copies of the old one",
    "close_month": "the system itself, for every partner of a site",
    "close_performance": "the system itself, for every partner of a site",
    "complete_quick_registration": "the account is not there yet: the token leads to its company",
    "delete_account": "the system itself, for accounts that nobody can act for any more",
    "decide_reseller_applications": "the application leads to the applicant's plan, which the distributor cannot write",
    "end_reseller_exit": "the link leads to the reseller's plan, which the distributor cannot write",
    "estimate_performance": "the system itself, for every partner of a site",
    "expire_invitation": "the system itself, for every partner",
    "expire_report": "the system itself, for every partner",
    "expire_quota": "the system itself, for every partner",
    "expire_membership": "the system itself, for every partner",
    "expire_specialist_invitation": "the system itself, for every partner",
    "expire_assessment": "the system itself, for whoever asked",
    "give_assessment": "the vendor's reviewers are told, whom the person does not see",
    "expire_voucher": "the system itself, for both sides of a voucher",
    "expire_ledger_hold": "the system itself, for whoever holds",
    "resubmit_payout": "the system itself, for every partner",
    "check_business_info": "the system itself, for every partner",
    "warn_of_late_record": "the system itself, for every partner",
    "close_incentive": "the system itself, for every partner",
    "lapse_incentive": "the system itself, for every partner",
    "settle_deadline": "the system itself, for every partner",
    "remind_of_incentive": "the system itself, for every partner",
    "generate_expert_incentive": "the system itself, for every partner",
    "close_expert_incentive": "the system itself, for every partner",
    "expire_expert_incentive": "the system itself, for every partner",
    "settle_list_deadline": "the system itself, for every partner",
    "remind_of_expert_incentive": "the system itself, for every partner",
    "expire_path_invitation": "the system itself, for every partner",
    "end_stale_check": "the system itself, for every partner",
    "pass_delivery_time": "the system itself, for every partner",
    "plan_feed_day": "the system itself, for every partner",
    "settle_feed_check": "the system itself, for every partner",
    "settle_feed_delivery": "the system itself, for every partner",
    "pass_solution_time": "the system itself, for every partner",
    "pass_capability_time": "the system itself, for every partner",
    "pass_mdf_time": "the system itself, for every partner",
    "lift_mdf_suspension": "the system itself, for every partner",
    "follow_mdf_quota": "the system itself, for every partner",
    "notice_mdf_invoice": "the system itself, for every partner",
    "pass_path_year": "the system itself, for every partner",
    "remind_of_specialists": "the system itself, for every partner",
    "escalate_review": "the system itself, for every partner",
    "expire_association_request": "the system itself, for both sides of an association",
    "expire_verification": "the system itself, for every partner",
    "remind_office": "the system itself, for every partner",
    "settle_verification_deadline": "the system itself, for every partner",
    "refresh_benefits": "the system itself, for every partner",
    "refresh_session": "the caller has no session yet: the token leads to it",
    "request_code": "the caller is not signed in, and must not learn who is known",
    "request_contact_change": "limits count over all callers, also those one must not see",
    "resend_challenge": "limits count over all callers, also those one must not see",
    "restore_account": "the caller cannot sign in: the code leads to the account",
    "reset_password": "the caller is not signed in: the code leads to the account",
    "sign_in": "the caller is not signed in: the contact leads to the account",
    "sign_in_with_code": "the caller is not signed in: the code leads to the account",
    "sign_up": "the account is not there yet",
}
"""Commands that run in the scope of everything, and why: each reads only what its own input leads to."""

LATER: dict[Permission, str] = {}
"""Permissions that no use case asks for yet, and which one will."""

PAST = re.compile(
    r"[a-z]+ed|expiring|(un)?bound|withdrawn|left|begun|made|sent|paid|won|lost|set|given|taken|(un)?frozen|withheld|broken"
)
"""A word of an event's second part that says it has happened; a notice ahead of time says what is about to."""
INSIDE = {command for command, use_case in COMMANDS.items() if use_case.spec.permission is Permission.RUN_SCHEDULES}


@pytest.mark.parametrize("name", COMMANDS)
def test_an_event_is_a_noun_and_what_happened_to_it(name: str) -> None:
    for event in COMMANDS[name].spec.emits:
        noun, _, happened = event.partition(".")
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", noun), event
        assert any(PAST.fullmatch(word) for word in happened.split("_")), event


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_emits_what_it_declares_and_nothing_else(name: str) -> None:
    use_case = COMMANDS[name]
    declared, certain = set(use_case.spec.emits), says(use_case, "event").texts
    assert certain - declared == set(), "emitted but not declared"
    assert declared - certain - dotted_texts(use_case) == set(), "declared but nowhere emitted"


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_tells_what_it_is_for(name: str) -> None:
    assert (inspect.getdoc(COMMANDS[name]) or "").endswith("."), "its docstring is the field's public description"


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_reports_an_effect_or_checks_a_secret(name: str) -> None:
    use_case = COMMANDS[name]
    effects = says(use_case, "effect")
    spec: CommandSpec = use_case.spec
    assert effects.texts | effects.patterns or spec.key is not Key.REQUIRED, "a dry run would have nothing to say"


def test_commands_in_everybodys_scope_are_reviewed() -> None:
    found = {name for name, use_case in COMMANDS.items() if use_case.spec.as_system}
    assert found - AS_SYSTEM.keys() == set(), "say why it cannot run in its caller's scope"
    assert AS_SYSTEM.keys() - found == set(), "a word about a command that changed"


def test_every_command_and_query_is_a_root_field_or_the_systems_own() -> None:
    shown = {field.use_case.spec.name for field in ROOT_FIELDS}
    assert set(COMMANDS) - shown == INSIDE
    assert set(QUERIES) - shown == set()


def test_every_permission_is_asked_for() -> None:
    asked = {command.spec.permission for command in COMMANDS.values()}
    asked |= {query.spec.permission for query in QUERIES.values()}
    asked |= {permission for permission, _ in findable()} | {flow.permission for flow in FLOWS.values()}
    assert set(Permission) - asked - LATER.keys() == set()
    assert LATER.keys() & asked == set(), "no longer later"


def findable() -> list[tuple[Permission, type]]:
    """What `node(id:)` asks for, by kind of row."""
    return [(permission, model) for model, (permission, _) in findable_models().items()]


def test_the_systems_own_permission_is_nobodys() -> None:
    assert ACCESS[Permission.RUN_SCHEDULES].roles == frozenset()
    assert not [permission for permission, row in ACCESS.items() if Role.SYSTEM in row.roles]


def test_no_command_declares_a_code_of_access_as_its_refusal() -> None:
    """Without the permission there is no user error but FORBIDDEN, with that code as its reason."""
    assert [name for name, use_case in COMMANDS.items() if use_case.spec.codes & ACCESS_CODES] == []


def test_a_command_that_may_ask_for_a_code_takes_a_key() -> None:
    """The same input is sent twice: the key makes both one."""
    found = [name for name, c in COMMANDS.items() if c.spec.step_up.value != "never" and c.spec.key is not Key.REQUIRED]
    assert found == []
