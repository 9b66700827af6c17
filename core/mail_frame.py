"""The one frame around every mail: HTML that mail programs show with or without styles, and its plain text."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

LONGEST_LINE = 998
"""Bytes of a line of the text; what mail servers must take (RFC 5322)."""

_PLACE = re.compile(r"\{\{([a-z]+)\}\}")
_FONT = "-apple-system,'Segoe UI',Roboto,'PingFang SC','Microsoft YaHei',Arial,sans-serif"
_STYLES = {
    "<p>": '<p style="margin:0 0 16px;white-space:pre-line">',
    "<strong>": '<strong style="font-size:20px;letter-spacing:2px">',
}
_BUTTON = """
<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:4px 0 20px">
<tr><td bgcolor="#1f5fbf" style="background-color:#1f5fbf;border-radius:6px">
<a href="{href}" style="display:inline-block;padding:12px 24px;font-size:16px;color:#ffffff;text-decoration:none">\
{label}</a>
</td></tr>
</table>
<p class="quiet" style="margin:0 0 16px;font-size:13px;color:#565f6d">{hint}<br>
<a class="link" href="{href}" style="color:#1f5fbf">{href}</a></p>"""


@dataclass(frozen=True, slots=True)
class Frame:
    """The frame in one language. `automatic` ends every mail, `hint` stands above the address below a button."""

    page: str
    lang: str
    automatic: str
    hint: str

    @classmethod
    def read(cls, path: Path, lang: str, automatic: str, hint: str) -> "Frame":
        """The page at `path`, with the words of one language."""
        return cls(path.read_text(encoding="utf-8"), lang, automatic, hint)

    def html(self, subject: str, content: str, footer: Sequence[str], action: tuple[str, str] | None = None) -> str:
        """The page around `content`, which is HTML already; the rest is text. `action` is a button's label and link."""
        parts = {
            "lang": self.lang,
            "font": html.escape(_FONT),
            "subject": html.escape(subject),
            "content": _styled(content),
            "action": "" if action is None else self._button(*action),
            "footer": "\n".join(
                f'<p style="margin:0 0 8px">{html.escape(line)}</p>' for line in (*footer, self.automatic)
            ),
        }
        # In one pass: what people have written may look like a place of the page and stays what it is.
        return _PLACE.sub(lambda found: parts[found[1]], self.page)

    def text(self, content: str, footer: Sequence[str]) -> str:
        """The same as plain text, no line longer than mail servers take."""
        return folded("\n\n".join([content.strip(), "-- \n" + "\n".join((*footer, self.automatic))]) + "\n")

    def _button(self, label: str, link: str) -> str:
        return _BUTTON.format(href=html.escape(link), label=html.escape(label), hint=html.escape(self.hint))


def _styled(content: str) -> str:
    for tag, styled in _STYLES.items():
        content = content.replace(tag, styled)
    return content


def folded(text: str) -> str:
    """The text with over-long lines broken, at spaces where there are any."""
    return "\n".join(part for line in text.split("\n") for part in _pieces(line))


def _pieces(line: str) -> list[str]:
    pieces = []
    while len(encoded := line.encode()) > LONGEST_LINE:
        head = encoded[:LONGEST_LINE].decode(errors="ignore")
        space = head.rfind(" ")
        head = head[:space] if space > 0 else head
        pieces.append(head)
        line = line[len(head) :].removeprefix(" ")
    return [*pieces, line]
