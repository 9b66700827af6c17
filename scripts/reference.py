"""The reference pages of docs/, made from the registries: access, errors, rules, events, states, policy."""

import textwrap
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from core.i18n import Locale, pattern
from resolvers.command import COMMANDS, CommandSpec
from resolvers.query import QUERIES
from rules.access import ACCESS, EVERYBODY, SIGNED_IN, Permission, Role, sentence
from rules.errors import ACCESS_CODES, ErrorCode
from rules.policy_data import PARAMETERS, Dated, Parameter
from rules.registry import RULES, Rule
from rules.sites import Site
from rules.transitions import MACHINES, Machine
from scripts.rule_book import named, open_rows
from scripts.rule_places import looked_at_by, places

_NAMES = {Locale.EN: "English", Locale.ZH_CN: "中文"}


def access_page() -> str:
    """docs/access.md: each permission with its sentence, roles and root fields."""
    fields = _root_fields()
    roles = [role for role in Role if role is not Role.SYSTEM]
    lines = [
        "# Access",
        "",
        "Who may do what, as `rules/access.py` says it. Roles answer *who*; whose rows and in which state are"
        " asked elsewhere: a row that is not yours answers NOT_FOUND, a rule answers with its own code. "
        "Without the permission the answer is FORBIDDEN with `extensions.reason`; without signing in it is "
        "UNAUTHENTICATED.",
        "",
        "## Permissions",
        "",
    ]
    rows = [
        (f"`{permission}`", sentence(permission), _refusal(permission), ", ".join(f"`{f}`" for f in fields[permission]))
        for permission in Permission
    ]
    lines += table(("permission", "who", "refused with", "fields"), rows)
    lines += ["", "## Roles", "", "● holds the permission. A member has every permission of each of its roles.", ""]
    matrix = [
        (f"`{permission}`", *("●" if role in ACCESS[permission].roles else "" for role in roles))
        for permission in Permission
    ]
    lines += table(("permission", *(role.value for role in roles)), matrix)
    return page(lines)


def _refusal(permission: Permission) -> str:
    access = ACCESS[permission]
    if access.roles == EVERYBODY:
        return ""
    return "UNAUTHENTICATED" if access.roles == SIGNED_IN else f"`{access.refusal}`"


def _root_fields() -> dict[Permission, list[str]]:
    found: dict[Permission, list[str]] = {permission: [] for permission in Permission}
    for name, query in sorted(QUERIES.items()):
        found[query.spec.permission].append(camel(name))
    for name, command in sorted(COMMANDS.items()):
        found[command.spec.permission].append(camel(name))
    return found


def _text_of(code: ErrorCode, locale: Locale) -> str:
    return " ".join(filter(None, (pattern(f"{table}.{code}", locale) for table in ("errors", "further"))))


def errors_page() -> str:
    """docs/errors.md: each code in both languages, the rules behind it and the mutations that can give it."""
    lines = [
        "# Error codes",
        "",
        "`userErrors.code` of every refusal, and the reasons of FORBIDDEN. `{…}` is what"
        " `userErrors.details` has under that name; a code stands in the text by its name.",
        "",
    ]
    rows = [
        (
            f"`{code}`",
            *(_text_of(code, locale) for locale in _NAMES),
            ", ".join(f"`{rule.id}`" for rule in RULES.values() if code in rule.codes),
            _givers(code),
        )
        for code in ErrorCode
    ]
    lines += table(("code", *_NAMES.values(), "rules", "given by"), rows)
    lines += ["", "## Top-level errors", ""]
    lines += textwrap.wrap(
        "What a user cannot mend stands in `errors[]`, with `extensions { code requestId retryable retryAfterMs }`:"
        " UNAUTHENTICATED, FORBIDDEN, BAD_QUERY, QUERY_TOO_EXPENSIVE, THROTTLED, TIMEOUT, UNAVAILABLE, INTERNAL.",
        120,
    )
    return page(lines)


def _givers(code: ErrorCode) -> str:
    if code in ACCESS_CODES:
        return "FORBIDDEN, `actions.blockers`"
    names = [camel(name) for name, command in sorted(COMMANDS.items()) if code in command.spec.codes]
    if len(names) > len(COMMANDS) / 2:
        return "most mutations"
    return ", ".join(f"`{name}`" for name in names)


def rules_page() -> str:
    """docs/rules.md: each published rule with its source, place in the code, refusals, present numbers and tests."""
    lines = [
        "# Rules",
        "",
        "Every business rule that can say no, or that brings something about; `UserError.rule` carries its id"
        " and the `rules` query its numbers as they hold today. *Source* is the chapter of the rule book; the"
        " link is the public page it comes from. *Tests* are the files that name its function, its id or a code"
        " that few rules give; for a rule that none names, those that use a field which asks it.",
        "",
    ]
    domain = ""
    for rule in sorted(RULES.values(), key=lambda one: one.id):
        if rule.id.partition(".")[0] != domain:
            domain = rule.id.partition(".")[0]
            lines += ["", f"## {domain}", ""] if lines[-1] else [f"## {domain}", ""]
        lines += _rule(rule)
    return page([*lines, *_rule_book()])


def _rule(rule: Rule) -> Iterable[str]:
    source = f"[{rule.source}]({rule.page})" if rule.page else rule.source
    yield f"- **`{rule.id}`** {rule.title(Locale.EN)}. {rule.title(Locale.ZH_CN)}。"
    yield f"  Source: {source}. Code: `{places()[rule.id]}`."
    if rule.codes:
        yield f"  Refuses with {', '.join(f'`{code}`' for code in rule.codes)}."
    for key in rule.policy:
        parameter = PARAMETERS[key.name]
        yield f"  - `{key.name}`, {parameter.titles['en']}: {_values(parameter)}."
    yield f"  - Tests: {', '.join(_link(file) for file in looked_at_by(rule))}."


def _rule_book() -> Iterable[str]:
    yield from ("", "## Codes with another name", "")
    yield from table(
        ("in the rule book", "here", "because"), [(f"`{one.book}`", f"`{one.here}`", one.why) for one in named()]
    )
    yield from ("", "## Not built", "")
    yield "Rows of the chapters on the partner's life and its benefits (A 2 to 23) that the product does not have."
    yield ""
    rows = [(row.source, "; ".join([row.what, *(f"`{code}`" for code in row.codes)]), row.why) for row in open_rows()]
    yield from table(("chapter", "what", "because"), rows)


def _link(file: str) -> str:
    return f"[{Path(file).stem.removeprefix('test_')}](../{file})"


def policy_page() -> str:
    """docs/policy.md: each number and switch per site and date, its bounds and its source."""
    lines = [
        "# Policy",
        "",
        "The numbers and switches of the rules, per site and with the day from which they hold. Operations "
        "may override one per site and date within the bounds (table `policy_value`); an override in force "
        "wins over every shipped value.",
        "",
    ]
    rows = [
        (
            f"`{parameter.key}`",
            f"{parameter.titles['en']} / {parameter.titles['zh-CN']}",
            _values(parameter),
            "" if parameter.bounds is None else f"{parameter.bounds[0]} to {parameter.bounds[1]}",
            parameter.unit,
            _source(parameter),
        )
        for parameter in PARAMETERS.values()
    ]
    lines += table(("key", "meaning", "value", "bounds", "unit", "source"), rows)
    return page(lines)


def _source(parameter: Parameter) -> str:
    links = [f"[{site}]({address})" for site, address in parameter.pages.items()]
    return " ".join([parameter.rule, *links])


def _values(parameter: Parameter) -> str:
    shown = {site: _dated(history, parameter.unit) for site, history in parameter.history.items()}
    if len(set(shown.values())) == 1:
        return next(iter(shown.values()))
    return "; ".join(f"{site}: {shown[site]}" for site in Site)


def _dated(history: Sequence[Dated], unit: str) -> str:
    first, *later = history
    values = [_shown(first.value), *(f"from {dated.day}: {_shown(dated.value)}" for dated in later)]
    return ", ".join(values)


def _shown(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, timedelta):
        seconds = int(value.total_seconds())
        size, name = next((s, n) for s, n in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")) if seconds % s == 0)
        return f"{seconds // size} {name}"
    if isinstance(value, tuple | list | frozenset):
        return " ".join(sorted(map(str, value))) or "none"
    return str(value).lower() if isinstance(value, bool) else str(value)


def events_page() -> str:
    """docs/events.md: each event and the commands that append it."""
    found: dict[str, list[str]] = {}
    for name, command in sorted(COMMANDS.items()):
        spec: CommandSpec = command.spec
        for event in spec.emits:
            found.setdefault(event, []).append(camel(name))
    lines = [
        "# Events",
        "",
        "What the `events` feed tells, `noun.past_verb`. Each is written in the transaction of its command "
        "and gets its place in the partner's gapless sequence after the commit. Changes hold ids, states and "
        "dates, no personal data.",
        "",
    ]
    rows = [(f"`{event}`", ", ".join(f"`{name}`" for name in sorted(names))) for event, names in sorted(found.items())]
    lines += table(("event", "appended by"), rows)
    return page(lines)


def states_page() -> str:
    """docs/states.md: a diagram and a table of each state machine."""
    lines = [
        "# States",
        "",
        "Every object with a life of its own, as `rules/` declares it. What else must hold for a step is a "
        "rule's matter ([rules](rules.md)); whether it is possible now, and if not why, is in the object's "
        "`actions` field.",
    ]
    for name in sorted(MACHINES):
        lines += ["", f"## {name}", "", *_diagram(MACHINES[name])]
    return page(lines)


def _diagram(machine: Machine[Any]) -> Iterable[str]:
    yield f"{pattern(f'rules.{machine.rule}', Locale.EN)} ({machine.source})."
    yield ""
    yield "```mermaid"
    yield "stateDiagram-v2"
    for state in machine.initial:
        yield f"    [*] --> {state.value}"
    left = {transition.source for transition in machine.transitions}
    for transition in machine.transitions:
        yield f"    {transition.source.value} --> {transition.target.value}: {transition.event} ({transition.by})"
    for state in machine.states:
        if state not in left:
            yield f"    {state.value} --> [*]"
    yield "```"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Lines of a Markdown table."""
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for row in rows:
        cells = " | ".join(cell.replace("|", r"\|") for cell in row)
        lines.append(f"| {cells} |")
    return lines


def page(lines: Iterable[str]) -> str:
    """The text of a page."""
    return "\n".join(lines) + "\n"


def camel(name: str) -> str:
    """`request_unbind` → `requestUnbind`."""
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)


PAGES: dict[str, Callable[[], str]] = {
    "docs/access.md": access_page,
    "docs/errors.md": errors_page,
    "docs/events.md": events_page,
    "docs/policy.md": policy_page,
    "docs/rules.md": rules_page,
    "docs/states.md": states_page,
}
