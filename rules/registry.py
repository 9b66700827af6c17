"""The published rules: what each check and table is called, where it comes from, which numbers and refusals it uses."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from core.i18n import Locale, translate
from rules.errors import ErrorCode
from rules.policy import PolicyKey

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Rule:
    """One published rule.

    `source` is the rule book's chapter, `page` the public address of the manual page ("" for none), `policy` are the
    numbers it reads, `codes` the refusals it can give; its titles are the texts `rules.<id>`.
    """

    id: str
    source: str
    page: str = ""
    policy: tuple[PolicyKey[Any], ...] = ()
    codes: tuple[ErrorCode, ...] = ()

    def title(self, locale: Locale) -> str:
        """The rule in one line."""
        return translate(f"rules.{self.id}", locale)


RULES: dict[str, Rule] = {}
"""Every rule by id; `UserError.rule`, the `rules` query and the documentation are made from it."""


def register(made: Rule) -> None:
    """Publishes a rule that no function stands for: a table, or data. `ValueError` when the id is taken."""
    if made.id in RULES:
        raise ValueError(f"two rules are called {made.id}")
    RULES[made.id] = made


def rule(
    id: str,
    source: str,
    policy: tuple[PolicyKey[Any], ...] = (),
    codes: tuple[ErrorCode, ...] = (),
    *,
    page: str = "",
) -> Callable[[F], F]:
    """Publishes the decorated check or computation; one that holds several rules is decorated once for each."""
    register(Rule(id, source, page, policy, codes))

    def unchanged(function: F) -> F:
        return function

    return unchanged
