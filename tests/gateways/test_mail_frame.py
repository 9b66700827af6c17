"""Mails as their readers get them: every template in both languages says the same as text and as HTML."""

import email
import email.policy
import html
import re
from html.parser import HTMLParser

import pytest

from core.clock import SettableClock
from core.mail_frame import LONGEST_LINE, folded
from core.settings import Settings
from core.templates import MailText, load_templates
from gateways.email import Mail, SmtpEmail
from resolvers.messages.footers import footer
from rules.messages import TYPE_OF
from tests.client import NOON

TEMPLATES = load_templates()
MAILS = sorted(name for name in TEMPLATES.names("en") if "email" in TEMPLATES.get(name, "en").channels)
LOCALES = ["en", "zh-CN"]
LINK = "https://partner.example/i?t=a&u=b"
HOSTILE = "<b onmouseover=\"x\">A&B</b><script>alert('1')</script>{{footer}}{reason}"
VOID = {"meta", "br", "link", "img", "hr"}


def mail(name: str, locale: str, value: str = "", *, of_partner: bool = True) -> MailText:
    """A template with a value of its own in every place, or the same in all."""
    template = TEMPLATES.get(name, locale)
    given = {one: value or f"<{one.upper()}>&X7Z" for one in template.parameters} | (
        {"link": LINK} if "link" in template.parameters else {}
    )
    return TEMPLATES.mail(name, locale, given, footer(name, locale, of_partner=of_partner))


class Reader(HTMLParser):
    """What a reader sees of a mail, and how it is built."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.seen: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "title"} & set(self.open):
            self.seen.append(data)

    @property
    def text(self) -> str:
        """The visible words."""
        return _words("".join(self.seen))


def _words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("name", MAILS)
def test_text_and_html_say_the_same_with_every_place_filled(name: str, locale: str) -> None:
    made = mail(name, locale)
    read = Reader(made.html)
    assert read.open == []
    content, _, ending = made.text.partition("\n-- \n")
    action = TEMPLATES.get(name, locale).action
    for paragraph in content.split("\n\n"):
        if action and LINK in paragraph:
            assert re.fullmatch(rf"{re.escape(action)}[:：] ?{re.escape(LINK)}", _words(paragraph))
            assert action in read.text
            assert LINK in read.text
        else:
            assert _words(paragraph) in read.text, paragraph
    for line in ending.strip().split("\n"):
        assert line in read.text
    assert made.subject in read.text
    for one in TEMPLATES.get(name, locale).parameters:
        assert (LINK if one == "link" else f"<{one.upper()}>&X7Z") in read.text
    assert not re.search(r"\{[a-z_]+\}|\{\{", made.subject + made.text + read.text)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("name", MAILS)
def test_what_people_have_written_stays_text(name: str, locale: str) -> None:
    made = mail(name, locale, HOSTILE)
    allowed = {name for name, _ in Reader(mail(name, locale, "harmless").html).tags}
    assert {name for name, _ in Reader(made.html).tags} == allowed
    assert not any(key.startswith("on") for _, attributes in Reader(made.html).tags for key in attributes)
    assert "<script" not in made.html
    assert made.html.count(html.escape(HOSTILE)) == mail(name, locale, "harmless").html.count("harmless")


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("name", MAILS)
@pytest.mark.parametrize("value", ["长" * 500, "word " * 100, "x" * 1000 + " y"])
def test_no_line_is_longer_than_servers_take(name: str, locale: str, value: str) -> None:
    made = mail(name, locale, value)
    assert max(len(line.encode()) for line in made.text.split("\n")) <= LONGEST_LINE
    if re.search(r"\{(?!link)", TEMPLATES.get(name, locale).text):
        assert "".join(value.split()) in "".join(made.text.split())
    gateway = SmtpEmail(Settings(smtp_host="127.0.0.1"), clock=SettableClock(NOON))
    one_line = " ".join(made.subject.split())
    mime = gateway.compose(Mail("a@b.example", one_line, made.text, made.html, locale, name), key="k")
    sent = mime.as_bytes()
    assert sent.isascii()
    assert max(len(line) for line in sent.split(b"\r\n")) <= LONGEST_LINE
    parsed = email.message_from_bytes(sent, policy=email.policy.default)
    assert parsed.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in parsed.iter_parts()] == ["text/plain", "text/html"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("a\n\nb", ["a", "", "b"]),
        ("x" * 998, ["x" * 998]),
        ("x" * 999, ["x" * 998, "x"]),
        ("长" * 333, ["长" * 332, "长"]),
        ("长" * 332, ["长" * 332]),
        ("a " * 499 + "bb", ["a " * 498 + "a", "bb"]),
    ],
)
def test_long_lines_are_broken_at_spaces_and_never_inside_a_letter(text: str, lines: list[str]) -> None:
    assert folded(text).split("\n") == lines


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("name", MAILS)
def test_the_page_is_plain_and_needs_nothing_from_elsewhere(name: str, locale: str) -> None:
    made = mail(name, locale)
    read = Reader(made.html)
    tags = [tag for tag, _ in read.tags]
    assert (read.tags[0][0], read.tags[0][1]["lang"]) == ("html", locale)
    assert tags.count("h1") == tags.count("title") == 1
    assert {"img", "script", "link", "form", "iframe"} & set(tags) == set()
    assert all(attributes.get("role") == "presentation" for tag, attributes in read.tags if tag == "table")
    links = [attributes["href"] for tag, attributes in read.tags if tag == "a"]
    assert links == ([LINK, LINK] if TEMPLATES.get(name, locale).action else [])
    assert "url(" not in made.html
    assert "prefers-color-scheme: dark" in made.html
    assert made == mail(name, locale)


@pytest.mark.parametrize("locale", LOCALES)
def test_a_mail_with_a_link_has_a_button_for_it(locale: str) -> None:
    with_link = {name for name in MAILS if "link" in TEMPLATES.get(name, locale).parameters}
    assert with_link == {name for name in MAILS if TEMPLATES.get(name, locale).action}
    assert {"customer_invitation", "reseller_invitation"} <= with_link


@pytest.mark.parametrize("locale", LOCALES)
def test_the_footer_says_why_and_where_to_change_it(locale: str) -> None:
    said = {name: [tuple(footer(name, locale, of_partner=whose)) for whose in (True, False)] for name in TYPE_OF}
    assert said["plan_joined"][0] != said["plan_joined"][1]
    assert said["plan_joined"][0] != said["voucher_issued"][0]
    for name in ("code_sign_in", "step_up_on", "payout_completed", "review_overdue", "customer_invitation"):
        assert said[name][0] == said[name][1]
    kinds = [said[name][0][0] for name in ("code_sign_in", "step_up_on", "payout_completed", "review_overdue",
                                           "customer_invitation", "plan_joined")]  # fmt: skip
    assert len(set(kinds)) == len(kinds)
    assert len(said["code_sign_in"][0]) == len(said["customer_invitation"][0]) == 1
    assert len(said["step_up_on"][0]) == 2
