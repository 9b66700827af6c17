"""Every (state, event) pair of every machine, generated from the tables."""

import importlib
import pkgutil
from enum import StrEnum

import pytest

import rules
from rules.errors import ErrorCode, Rejected
from rules.transitions import MACHINES, Machine
from tests.rules.outcomes import codes

for module in pkgutil.walk_packages(rules.__path__, "rules."):
    importlib.import_module(module.name)

PAIRS = [
    pytest.param(machine, state, event, id=f"{machine.name}-{state.value}-{event}")
    for machine in MACHINES.values()
    for state in machine.states
    for event in machine.events()
]
MACHINE_PARAMS = [pytest.param(machine, id=name) for name, machine in MACHINES.items()]


@pytest.mark.parametrize(("machine", "state", "event"), PAIRS)
def test_pair(machine: Machine[StrEnum], state: StrEnum, event: str) -> None:
    rows = [row for row in machine.transitions if row.source is state and row.event == event]
    assert len(rows) <= 1, "an event leads to one state"
    if rows:
        assert machine.check(state, event) == []
        assert machine.after(state, event) is rows[0].target
        return
    needed = list(dict.fromkeys(row.source.value for row in machine.transitions if row.event == event))
    refusal = machine.check(state, event)
    assert codes(refusal) == [ErrorCode.STATE_CONFLICT]
    assert refusal[0].parameters == {"event": event, "state": state.value, "allowed": needed}
    with pytest.raises(Rejected) as caught:
        machine.after(state, event)
    assert caught.value.violations == refusal


@pytest.mark.parametrize("machine", MACHINE_PARAMS)
def test_table_is_whole(machine: Machine[StrEnum]) -> None:
    """Every state is an initial one or led to, and nothing in the table is of another machine."""
    reached = set(machine.initial) | {row.target for row in machine.transitions}
    assert reached == set(machine.states)
    assert {type(row.source) for row in machine.transitions} == {machine.states}
    assert all(row.event and row.by for row in machine.transitions)


def test_machines_of_this_build() -> None:
    assert {"real_name", "admission", "standing", "plan_membership"} <= set(MACHINES)


@pytest.mark.parametrize("machine", MACHINE_PARAMS)
def test_a_state_is_open_while_an_event_leads_out_of_it(machine: Machine[StrEnum]) -> None:
    """Each other one has ended: whatever still happens there leaves it where it is."""
    opened = machine.open_states()
    assert opened == [state for state in machine.states if state in opened]
    for state in machine.states:
        targets = {machine.target(state, event) for event in machine.events()} - {None, state}
        assert (state in opened) == bool(targets)
