"""Message texts by name and language, with named parameters that are checked and, in HTML, escaped."""

import html
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.mail_frame import Frame, folded

LOCALES = Path(__file__).resolve().parent.parent / "locales"

_PARAMETER = re.compile(r"\{([a-z][a-z_]*)\}")
_PLACE = re.compile(_PARAMETER.pattern + r"([.。]?)")
_ALWAYS = frozenset({"subject", "text"})
_PARTS = _ALWAYS | {"sms", "html", "app", "action"}
_CHANNELS = frozenset({"sms", "email", "app"})
_LAYOUT = "layout"
_LINK = "link"
_PAGE = "mail.html"
_GONE = "–"


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


@dataclass(frozen=True, slots=True, repr=False)
class AppText:
    """A rendered message inside the product: `title` is one line, `body` plain text."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Template:
    """One message in one language, not yet rendered. `parameters` are those of all its parts together.

    `channels` are those it may take: `sms`, `email`, `app`; a part is None when its channel is not among them. `action`
    is what the button of its mail says, which opens the parameter `link`.
    """

    name: str
    channels: frozenset[str]
    sms: str | None
    subject: str
    text: str
    html: str | None
    app: str | None
    action: str | None = None

    @property
    def parameters(self) -> frozenset[str]:
        """Every name that rendering asks for."""
        parts = (self.sms or "", self.subject, self.text, self.html or "", self.app or "")
        return frozenset(name for part in parts for name in _PARAMETER.findall(part))

    @property
    def sms_parameters(self) -> tuple[str, ...]:
        """The names the SMS uses, each once, in order of appearance."""
        return tuple(dict.fromkeys(_PARAMETER.findall(self.sms or "")))


class Templates:
    """Every template in every language, and the frame around the mails of each."""

    def __init__(
        self, by_locale: Mapping[str, Mapping[str, Template]], frames: Mapping[str, Frame | None] | None = None
    ) -> None:
        self._by_locale = by_locale
        self._frames = frames or {}

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

    def mail(self, name: str, locale: str, parameters: Mapping[str, str], footer: Sequence[str] = ()) -> MailText:
        """The rendered mail; `TemplateError` when there is none or `parameters` are not exactly the template's.

        The lines of `footer` say at its end why its reader gets it and where to change that.
        """
        template = self.get(name, locale)
        if template.html is None:
            raise TemplateError(f"{name} is not sent as mail")
        values = _checked(template, parameters)
        subject, text = _fill(template.subject, _one_line(values)), _fill(template.text, values)
        content, frame = _fill(template.html, values, escape=html.escape), self._frames.get(locale)
        if frame is None:
            return MailText(subject, folded(text), content)
        action = None if template.action is None else (template.action, values[_LINK])
        return MailText(subject, frame.text(text, footer), frame.html(subject, content, footer, action))

    def app(self, name: str, locale: str, parameters: Mapping[str, str]) -> AppText:
        """The message inside the product, which may be older than its template: what is missing becomes a dash."""
        template = self._by_locale[locale].get(name)
        if template is None or template.app is None:
            return AppText(_GONE, _GONE)
        values = {**dict.fromkeys(template.parameters, _GONE), **parameters}
        return AppText(_fill(template.subject, _one_line(values)), _fill(template.app, values))


def load_templates(directory: Path = LOCALES) -> Templates:
    """Reads every `messages.<locale>.toml`; `TemplateError` names the first malformed entry.

    A file holds one table per message and a table `layout` with the words of the frame around every mail (`automatic`,
    `hint`); without it mails stand alone. A message has `subject` and `text`, `html` when it goes by mail, `sms` when
    it goes as SMS, `action` where its mail has a button for its `{link}`. Inside the product its title is `subject` and
    its body `text`, or `app` where that is to be shorter. `channels` lists where it may go; without it everywhere its
    parts allow: mail, the product, and SMS when there is one.
    """
    by_locale: dict[str, dict[str, Template]] = {}
    frames: dict[str, Frame | None] = {}
    for path in sorted(directory.glob("messages.*.toml")):
        locale = path.name.removeprefix("messages.").removesuffix(".toml")
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        words = tables.pop(_LAYOUT, None)
        frames[locale] = None if words is None else Frame.read(LOCALES / _PAGE, locale, **words)
        by_locale[locale] = {name: _template(name, table) for name, table in tables.items()}
    return Templates(by_locale, frames)


def _template(name: str, table: Any) -> Template:
    channels = _channels(name, table)
    inside = table.get("app", table["text"].strip()) if "app" in channels else None
    template = Template(
        name=name,
        channels=channels,
        sms=table.get("sms"),
        subject=table["subject"],
        text=table["text"].strip(),
        html=table["html"].strip() if "email" in channels else None,
        app=inside,
        action=table.get("action"),
    )
    for part in (template.sms or "", template.subject, template.text, template.html or "", template.app or ""):
        if set("{}") & set(_PARAMETER.sub("", part)):
            raise TemplateError(f"{name}: a brace that is no parameter")
    return template


def _channels(name: str, table: Any) -> frozenset[str]:
    """Where a message may go; `TemplateError` unless its parts are exactly those that its channels need."""
    parts = set(table) - {"channels"} if isinstance(table, dict) else set()
    if not _ALWAYS <= parts <= _PARTS or not all(isinstance(table[part], str) for part in parts):
        raise TemplateError(f"{name}: expected subject, text, and html, sms, app as its channels ask")
    without = {"email", "app"} | ({"sms"} & parts)
    channels = frozenset(table.get("channels", without))
    fitting = ("sms" in channels) == ("sms" in parts) and ("email" in channels) == ("html" in parts)
    fitting = fitting and ("action" not in parts or ("email" in channels and f"{{{_LINK}}}" in table["text"]))
    if not channels <= _CHANNELS or not fitting or ("app" in parts and "app" not in channels):
        raise TemplateError(f"{name}: its parts are not those of its channels")
    return channels


def _checked(template: Template, parameters: Mapping[str, str]) -> Mapping[str, str]:
    missing, unknown = template.parameters - set(parameters), set(parameters) - template.parameters
    if missing or unknown:
        raise TemplateError(f"{template.name}: missing {sorted(missing)}, unknown {sorted(unknown)}")
    return parameters


def _one_line(values: Mapping[str, str]) -> dict[str, str]:
    return {name: " ".join(value.split()) for name, value in values.items()}


def _fill(text: str, values: Mapping[str, str], *, escape: Callable[[str], str] = str) -> str:
    """A value that ends with a full stop of either language, as "Ltd." does, has the one that stands after it."""

    def filled(found: re.Match[str]) -> str:
        value, stop = values[found[1]], found[2]
        return escape(value.removesuffix(stop)) + stop

    return _PLACE.sub(filled, text)
