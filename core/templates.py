"""Message texts by name and language, with named parameters that are checked and, in HTML, escaped."""

import html
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LOCALES = Path(__file__).resolve().parent.parent / "locales"

_PARAMETER = re.compile(r"\{([a-z][a-z_]*)\}")
_PARTS = frozenset({"sms", "subject", "text", "html"})
_LAYOUT = "layout"


class TemplateError(ValueError):
    """A template is missing or malformed, or its parameters are not exactly those it names."""


@dataclass(frozen=True, slots=True, repr=False)
class SmsText:
    """A rendered SMS and the parameters its text uses, in the text's order (providers with templates want these)."""

    text: str
    parameters: dict[str, str]


@dataclass(frozen=True, slots=True, repr=False)
class MailText:
    """A rendered mail: `subject` is one line, `html` says the same as `text`."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Template:
    """One message in one language, not yet rendered. `parameters` are those of all its parts together."""

    name: str
    sms: str | None
    subject: str
    text: str
    html: str

    @property
    def parameters(self) -> frozenset[str]:
        """Every name that rendering asks for."""
        parts = (self.sms or "", self.subject, self.text, self.html)
        return frozenset(name for part in parts for name in _PARAMETER.findall(part))

    @property
    def sms_parameters(self) -> tuple[str, ...]:
        """The names the SMS uses, each once, in order of appearance."""
        return tuple(dict.fromkeys(_PARAMETER.findall(self.sms or "")))


class Templates:
    """Every template in every language."""

    def __init__(self, by_locale: Mapping[str, Mapping[str, Template]]) -> None:
        self._by_locale = by_locale

    @property
    def locales(self) -> frozenset[str]:
        """The languages there are texts for."""
        return frozenset(self._by_locale)

    def names(self, locale: str) -> frozenset[str]:
        """The templates of one language."""
        return frozenset(self._by_locale.get(locale, {}))

    def get(self, name: str, locale: str) -> Template:
        """One template; `TemplateError` when there is none."""
        try:
            return self._by_locale[locale][name]
        except KeyError:
            raise TemplateError(f"no template {name!r} in {locale!r}") from None

    def sms(self, name: str, locale: str, parameters: Mapping[str, str]) -> SmsText:
        """The rendered SMS; `TemplateError` when the template has none or `parameters` are not exactly its own."""
        template = self.get(name, locale)
        if template.sms is None:
            raise TemplateError(f"{name} is not sent as SMS")
        lines = _one_line(_checked(template, parameters))
        return SmsText(_fill(template.sms, lines), {used: lines[used] for used in template.sms_parameters})

    def mail(self, name: str, locale: str, parameters: Mapping[str, str]) -> MailText:
        """The rendered mail; `TemplateError` when `parameters` are not exactly the template's."""
        template = self.get(name, locale)
        values = _checked(template, parameters)
        return MailText(
            subject=_fill(template.subject, _one_line(values)),
            text=_fill(template.text, values),
            html=_fill(template.html, values, escape=html.escape),
        )


def load_templates(directory: Path = LOCALES) -> Templates:
    """Reads every `messages.<locale>.toml`; `TemplateError` names the first malformed entry.

    A file holds one table per message with `subject`, `text`, `html` and, when it may go as SMS, `sms`, and a table
    `layout` whose `text` and `html` go around those of every mail, in place of `{content}`.
    """
    by_locale: dict[str, dict[str, Template]] = {}
    for path in sorted(directory.glob("messages.*.toml")):
        locale = path.name.removeprefix("messages.").removesuffix(".toml")
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        layout = tables.pop(_LAYOUT, {"text": "{content}", "html": "{content}"})
        by_locale[locale] = {name: _template(name, table, layout) for name, table in tables.items()}
    return Templates(by_locale)


def _template(name: str, table: Any, layout: Mapping[str, str]) -> Template:
    parts = set(table) if isinstance(table, dict) else set()
    if not parts <= _PARTS or not parts >= _PARTS - {"sms"} or not all(isinstance(table[part], str) for part in parts):
        raise TemplateError(f"{name}: expected subject, text, html and perhaps sms")
    template = Template(
        name=name,
        sms=table.get("sms"),
        subject=table["subject"],
        text=layout["text"].replace("{content}", table["text"].strip()),
        html=layout["html"].replace("{content}", table["html"].strip()),
    )
    for part in (template.sms or "", template.subject, template.text, template.html):
        if set("{}") & set(_PARAMETER.sub("", part)):
            raise TemplateError(f"{name}: a brace that is no parameter")
    return template


def _checked(template: Template, parameters: Mapping[str, str]) -> Mapping[str, str]:
    missing, unknown = template.parameters - set(parameters), set(parameters) - template.parameters
    if missing or unknown:
        raise TemplateError(f"{template.name}: missing {sorted(missing)}, unknown {sorted(unknown)}")
    return parameters


def _one_line(values: Mapping[str, str]) -> dict[str, str]:
    return {name: " ".join(value.split()) for name, value in values.items()}


def _fill(text: str, values: Mapping[str, str], *, escape: Callable[[str], str] = str) -> str:
    return _PARAMETER.sub(lambda found: escape(values[found.group(1)]), text)
