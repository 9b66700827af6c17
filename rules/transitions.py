"""State machines as tables. A machine answers where an event leads; the guards of the event are asked elsewhere."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from rules.errors import ErrorCode, Rejected, Violation
from rules.registry import Rule, register

S = TypeVar("S", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Transition(Generic[S]):
    """On `event`, done by one of `by` (words for the documentation), `source` becomes `target`."""

    source: S
    event: str
    by: str
    target: S


@dataclass(frozen=True, slots=True)
class Machine(Generic[S]):
    """All transitions of one kind of object, with the public address or chapter they come from."""

    name: str
    states: type[S]
    initial: tuple[S, ...]
    transitions: tuple[Transition[S], ...]
    source: str

    @property
    def rule(self) -> str:
        """Id of the published rule that this table is."""
        return f"{self.name}.states"

    def events(self) -> list[str]:
        """Every event of the machine, each once, in the table's order."""
        return list(dict.fromkeys(transition.event for transition in self.transitions))

    def open_states(self) -> list[S]:
        """The states that an event leads out of, in their order; in the others it has ended."""
        left = {transition.source for transition in self.transitions if transition.target != transition.source}
        return [state for state in self.states if state in left]

    def target(self, state: S, event: str) -> S | None:
        """Where `event` leads from `state`; None when it may not happen there."""
        for transition in self.transitions:
            if transition.source == state and transition.event == event:
                return transition.target
        return None

    def check(self, state: S, event: str) -> list[Violation]:
        """STATE_CONFLICT naming the present state and the states the event needs; empty when it may happen."""
        if self.target(state, event) is not None:
            return []
        needed = list(dict.fromkeys(one.source.value for one in self.transitions if one.event == event))
        return [
            Violation(
                ErrorCode.STATE_CONFLICT,
                rule=self.rule,
                parameters={"event": event, "state": state.value, "allowed": needed},
            )
        ]

    def after(self, state: S, event: str) -> S:
        """Where `event` leads from `state`, or `Rejected` with STATE_CONFLICT."""
        target = self.target(state, event)
        if target is None:
            raise Rejected(self.check(state, event))
        return target


MACHINES: dict[str, Machine[StrEnum]] = {}
"""Every machine by name; tests and the documentation's diagrams are generated from it."""


def machine(
    name: str, states: type[S], initial: tuple[S, ...], source: str, *rows: tuple[S, str, str, S]
) -> Machine[S]:
    """Declares and registers a machine; rows are (source, event, by, target)."""
    made = Machine(name, states, initial, tuple(Transition(*row) for row in rows), source)
    register(Rule(made.rule, source, codes=(ErrorCode.STATE_CONFLICT,)))
    MACHINES[name] = made  # type: ignore[assignment]
    return made
