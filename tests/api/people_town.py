"""Partners and persons who walk at random, what they are shown before a step, and what their steps are called."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from rules.access import Role
from rules.sites import Site
from tests.factories import Admitted, Person

OVER = {"UNBOUND", "ACCEPTED", "DECLINED", "REVOKED", "EXPIRED"}
RETENTION = timedelta(days=90)
ROLES = (Role.SA_SPECIALIST, Role.ACCOUNT_MANAGER, Role.FINANCE, Role.MARKETING)
_ACTIONS = "actions { action allowed blockers { code } }"
_INVITATIONS = f"nodes {{ id state {_ACTIONS} }}"
_BINDINGS = f"nodes {{ id state {_ACTIONS} }}"
_CLOSING = "cancellationPrecheck { allowed blockers { code } }"
OF_PARTNER = f"""{{ invitations: specialistInvitations(first: 5) {{ {_INVITATIONS} }}
  bindings: specialistBindings(first: 5) {{ {_BINDINGS} }}
  members(first: 20) {{ nodes {{ id status lockedRoles {_ACTIONS} }} }} {_CLOSING} }}"""
OF_PERSON = f"""{{ invitations: mySpecialistInvitations(first: 5) {{ {_INVITATIONS} }}
  bindings: mySpecialistBindings(first: 5) {{ {_BINDINGS} }} {_CLOSING} }}"""
OF_VENDOR = f"{{ bindings: specialistBindings(first: 5) {{ {_BINDINGS} }} }}"
CHECK = """query($identifier: String!) { checkInvitee(identifier: $identifier) {
  blockers { code } invitees { blockers { code } } } }"""
PATH = f"{{ paths {{ code enrollment {{ id }} {_ACTIONS} }} }}"
QUEUE = "{ reviewQueue(filter: { kinds: [SPECIALIST, SPECIALIST_CANCELLATION] }) { nodes { id } } }"
OF_BINDING = {
    "APPLY": "applyForSpecialists",
    "REQUEST_CANCELLATION": "requestSpecialistCancellation",
    "WITHDRAW_CANCELLATION": "withdrawSpecialistCancellation",
    "UNBIND": "unbindSpecialist",
}
OF_MEMBER: dict[str, tuple[str, dict[str, Any]]] = {
    "CHANGE_ROLES": ("changeMemberRoles", {}),
    "DISABLE": ("setMemberStatus", {"status": "DISABLED"}),
    "ENABLE": ("setMemberStatus", {"status": "ACTIVE"}),
    "RESET_PASSWORD": ("resetMemberPassword", {}),
    "REMOVE": ("removeMember", {}),
}

MET = {
    *("INVITE done", "INVITE INVITEE_NOT_FOUND", "INVITE ALREADY_BOUND", "INVITE ALREADY_INVITED", "ACCEPT done"),
    *("ACCEPT LINK_EXPIRED", "ACCEPT LINK_USED", "DECLINE done", "APPLY done", "DECIDE done", "CHANGE_ROLES done"),
    *(
        "DISABLE done",
        "ENABLE done",
        "REMOVE done",
        "CLOSE done",
        "CLOSE PATH_EXIT_REQUIRED",
        "RESTORE done",
        "TIME done",
    ),
}
"""Outcomes that a thousand steps come upon, whatever the seed."""

View = dict[str, Any]
Given = dict[str, Any]


@dataclass
class House:
    """A partner as it walks: its main account, unless closed."""

    partner: Admitted
    site: Site
    closed_at: datetime | None = None

    @property
    def main(self) -> Person:
        """Its main account."""
        return self.partner.main


@dataclass
class Employee:
    """A person as it walks."""

    person: Person
    site: Site
    closed_at: datetime | None = None


def blockers(thing: View, action: str) -> list[str]:
    """What stands in the way of an action by what is shown."""
    [found] = [one for one in thing["actions"] if one["action"] == action]
    reasons = [reason["code"] for reason in found["blockers"]]
    assert found["allowed"] == (not reasons)
    return reasons


def address(site: Site, account: Person) -> str:
    """Where the site's codes reach somebody."""
    return str(account.mobile if site is Site.CN else account.email)
