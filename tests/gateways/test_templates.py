"""Message texts: parameters are exact, HTML is escaped, both languages agree."""

import re
from pathlib import Path

import pytest

from core.templates import TemplateError, Templates, load_templates

TEMPLATES = load_templates()
NAMES = sorted(TEMPLATES.names("en"))
CODES = {name for name in NAMES if name.startswith("code_")}
FIGURES = {"amount", "code", "count", "days", "deadline", "due", "end", "hours", "link", "minutes", "number", "people"}
FIGURES |= {"bills", "granted", "heads", "period", "silent", "total", "until", "year"}
HOSTILE = "<script>&\"'{code}</script>\r\nBcc: all@example"


def values(name: str, value: str = "X7Z") -> dict[str, str]:
    return dict.fromkeys(TEMPLATES.get(name, "en").parameters, value)


def write(directory: Path, content: str, locale: str = "en") -> Templates:
    (directory / f"messages.{locale}.toml").write_text(content, encoding="utf-8")
    return load_templates(directory)


def test_every_message_of_the_product_exists_in_both_languages() -> None:
    assert TEMPLATES.locales == {"en", "zh-CN"}
    assert TEMPLATES.names("en") == TEMPLATES.names("zh-CN")
    assert TEMPLATES.names("en") >= {
        "account_locked", "admission_approved", "admission_rejected", "associated_with_partner", "association_failed",
        "association_switched",
        "code_change_contact", "code_disassociation", "code_known_contact", "code_reset_password",
        "code_sensitive_operation", "code_sign_in", "code_sign_up", "customer_associated", "customer_invitation",
        "member_added", "plan_invited", "plan_joined", "plan_rejected", "real_name_failed", "real_name_passed",
        "report_approved", "report_expired", "report_expiring", "report_rejected", "report_released",
        "sessions_revoked", "step_up_off", "step_up_on",
        "switch_requested_to_customer", "unbind_done", "unbind_expired", "unbind_rejected",
        "unbind_requested_to_customer", "unbind_requested_to_partner", "unbind_withdrawn", "welcome",
        "performance_answered", "performance_final", "reseller_application_rejected", "reseller_application_waiting",
        "reseller_associated", "reseller_exit_started", "reseller_invitation", "reseller_joined", "reseller_left",
        "voucher_issued", "voucher_recalled",
    }  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_ask_for_the_same_parameters_in_the_same_channels(name: str) -> None:
    english, chinese = TEMPLATES.get(name, "en"), TEMPLATES.get(name, "zh-CN")
    assert english.parameters == chinese.parameters
    assert english.channels == chinese.channels
    # One provider template may serve both languages, and Tencent's parameters are positional.
    assert english.sms_parameters == chinese.sms_parameters
    for template in (english, chinese):
        if template.html is not None:
            used = [set(re.findall(r"\{(\w+)\}", part)) for part in (template.text, template.html)]
            assert used[0] == used[1] | ({"link"} if template.action else set())
    assert re.search(r"[\u4e00-\u9fff]", chinese.subject + chinese.text)
    assert not re.search(
        r"[\u4e00-\u9fff]", english.subject + english.text + (english.html or "") + (english.sms or "")
    )


@pytest.mark.parametrize("name", NAMES)
def test_chinese_is_set_as_chinese(name: str) -> None:
    """Full-width punctuation beside characters, and no spaces around a name."""
    template = TEMPLATES.get(name, "zh-CN")
    told = {one: "1" if one in FIGURES else "西湖" for one in template.parameters}
    parts = [TEMPLATES.app(name, "zh-CN", told).body] if template.app else []
    parts += [TEMPLATES.sms(name, "zh-CN", told).text] if template.sms else []
    if template.html:
        mail = TEMPLATES.mail(name, "zh-CN", told)
        parts += [mail.subject, mail.text]
    for part in parts:
        assert not re.search(
            r"[\u4e00-\u9fff][,:;?!()]|[,:;?!()][\u4e00-\u9fff]|[\u4e00-\u9fff] [\u4e00-\u9fff]", part
        ), part


def test_a_name_that_ends_with_a_full_stop_ends_its_sentence(tmp_path: Path) -> None:
    text = '[joined]\nchannels = ["app"]\nsubject = "{who}"\ntext = "Welcome to {who}. It is {who}, {who}"\n'
    loaded = write(tmp_path, text)
    assert loaded.app("joined", "en", {"who": "West Lake Ltd."}).body == (
        "Welcome to West Lake Ltd. It is West Lake Ltd., West Lake Ltd."
    )
    chinese = write(tmp_path, '[known]\nchannels = ["app"]\nsubject = "{why}"\ntext = "原因：{why}。"\n')
    assert chinese.app("known", "en", {"why": "无法识别。"}).body == "原因：无法识别。"


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
@pytest.mark.parametrize("name", NAMES)
def test_each_message_renders_completely(name: str, locale: str) -> None:
    if "app" in TEMPLATES.get(name, locale).channels:
        told = TEMPLATES.app(name, locale, values(name))
        assert told.title.strip()
        assert told.body.strip()
        assert not set("{}–") & set(told.title + told.body)
    if "email" not in TEMPLATES.get(name, locale).channels:
        return
    mail = TEMPLATES.mail(name, locale, values(name))
    for part in (mail.subject, mail.text, re.sub(r"<style>.*</style>", "", mail.html, flags=re.DOTALL)):
        assert part.strip()
        assert not set("{}") & set(part)
    assert "\n" not in mail.subject
    assert mail.html.startswith("<!doctype html>")
    assert mail.text.count("X7Z") + mail.subject.count("X7Z") >= len(values(name))


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
@pytest.mark.parametrize("name", sorted(CODES))
def test_codes_go_by_both_channels_with_what_providers_accept(name: str, locale: str) -> None:
    sms = TEMPLATES.sms(name, locale, values(name, "482913"))
    assert list(sms.parameters) == ([] if name == "code_known_contact" else ["code", "minutes"])
    assert ("482913" in sms.text) == (name != "code_known_contact")
    assert len(sms.text) <= (70 if locale == "zh-CN" else 160)


def test_the_sms_keeps_the_texts_order_and_one_line() -> None:
    parameters = {"partner": "云启\r\n科技", "deadline": "2026-12-01 18:00"}
    sms = TEMPLATES.sms("unbind_requested_to_customer", "zh-CN", dict(reversed(parameters.items())))
    assert list(sms.parameters.items()) == [("partner", "云启 科技"), ("deadline", "2026-12-01 18:00")]
    assert sms.text == "云启 科技申请与您解除关联，请于2026-12-01 18:00前登录处理。"


def test_html_escapes_and_a_parameter_is_never_a_template() -> None:
    mail = TEMPLATES.mail("plan_rejected", "en", {"plan": HOSTILE, "reason": HOSTILE})
    assert "&lt;script&gt;&amp;&quot;&#x27;{code}&lt;/script&gt;" in mail.html
    assert "<script" not in mail.html
    assert HOSTILE in mail.text
    assert mail.subject.count("{code}") == 1
    assert not {"\r", "\n"} & set(mail.subject)


def test_a_link_stays_inside_its_attribute() -> None:
    parameters = {"partner": "A", "days": "7", "link": 'https://x.example/#a"onclick="b'}
    assert (
        TEMPLATES.mail("customer_invitation", "en", parameters).html.count(
            'href="https://x.example/#a&quot;onclick=&quot;b"'
        )
        == 2
    )


@pytest.mark.parametrize("render", [TEMPLATES.mail, TEMPLATES.sms])
@pytest.mark.parametrize(
    "parameters", [{}, {"code": "1"}, {"minutes": "1"}, {"code": "1", "minutes": "1", "operation": "x"}]
)
def test_missing_and_unknown_parameters_are_refused(render: object, parameters: dict[str, str]) -> None:
    assert callable(render)
    with pytest.raises(TemplateError, match=r"code_sign_up: missing \[.*\], unknown \[.*\]") as caught:
        render("code_sign_up", "en", parameters)
    assert "482913" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "locale"), [("no_such", "en"), ("welcome", "fr"), ("layout", "en"), ("code_sign_up", "zh")]
)
def test_a_template_that_is_not_there_is_refused(name: str, locale: str) -> None:
    with pytest.raises(TemplateError, match="no template"):
        TEMPLATES.mail(name, locale, {})


def test_a_message_for_mail_only_has_no_sms() -> None:
    with pytest.raises(TemplateError, match="customer_invitation is not sent as SMS"):
        TEMPLATES.sms("customer_invitation", "en", values("customer_invitation"))


@pytest.mark.parametrize(
    "content",
    [
        '[a]\nsubject = "s"\ntext = "t"',
        '[a]\nsubject = "s"\ntext = "t"\nhtml = "h"\npush = "p"',
        '[a]\nsubject = "s"\ntext = "t"\nhtml = 1',
        '[a]\nsubject = "s"\ntext = "t {Name}"\nhtml = "h"',
        '[a]\nsubject = "s"\ntext = "t"\nhtml = "h {"',
        '[a]\nsms = "}"\nsubject = "s"\ntext = "t"\nhtml = "h"',
        '[a]\napp = "{"\nsubject = "s"\ntext = "t"\nhtml = "h"',
        '[a]\nchannels = ["email"]\nsms = "m"\nsubject = "s"\ntext = "t"\nhtml = "h"',
        '[a]\nchannels = ["sms", "email"]\nsubject = "s"\ntext = "t"\nhtml = "h"',
        '[a]\nchannels = ["email"]\napp = "a"\nsubject = "s"\ntext = "t"\nhtml = "h"',
        '[a]\nchannels = ["app"]\nsubject = "s"\ntext = "t"\nhtml = "h"',
        '[a]\naction = "Open"\nsubject = "s"\ntext = "t"\nhtml = "h"',
        '[a]\nchannels = ["app"]\naction = "Open"\nsubject = "s"\ntext = "t {link}"',
        '[a]\nchannels = ["email", "pigeon"]\nsubject = "s"\ntext = "t"\nhtml = "h"',
        "a = 1",
    ],
)
def test_a_malformed_file_is_refused_when_loaded(tmp_path: Path, content: str) -> None:
    with pytest.raises(TemplateError, match="a: "):
        write(tmp_path, content)


def test_a_file_without_layout_stands_alone(tmp_path: Path) -> None:
    templates = write(tmp_path, '[a]\nsubject = "s"\ntext = "t {x_y}"\nhtml = "h {x_y}"', "fr")
    mail = templates.mail("a", "fr", {"x_y": "<"})
    assert (mail.subject, mail.text, mail.html) == ("s", "t <", "h &lt;")


WHOLE = 'subject = "s {x}"\ntext = """\nt {x}\n"""\nhtml = "h {x}"'


@pytest.mark.parametrize(
    ("content", "channels"),
    [
        (WHOLE, {"email", "app"}),
        (f'sms = "m {{x}}"\n{WHOLE}', {"sms", "email", "app"}),
        (f'channels = ["email"]\n{WHOLE}', {"email"}),
        ('channels = ["app"]\nsubject = "s {x}"\ntext = "t {x}"', {"app"}),
    ],
)
def test_a_message_goes_where_it_says_or_wherever_its_parts_allow(
    tmp_path: Path, content: str, channels: set[str]
) -> None:
    assert write(tmp_path, f"[a]\n{content}").get("a", "en").channels == channels


def test_a_message_for_the_product_alone_is_no_mail(tmp_path: Path) -> None:
    templates = write(tmp_path, '[a]\nchannels = ["app"]\nsubject = "s"\ntext = "t"')
    with pytest.raises(TemplateError, match="a is not sent as mail"):
        templates.mail("a", "en", {})


def test_inside_the_product_the_body_is_the_text_without_layout_or_its_shorter_variant(tmp_path: Path) -> None:
    layout = '[layout]\nautomatic = "By itself."\nhint = "Open:"\n'
    templates = write(tmp_path, f'{layout}[a]\n{WHOLE}\n[b]\napp = "short {{x}}"\n{WHOLE}')
    told = [templates.app(name, "en", {"x": "1\n2"}) for name in ("a", "b")]
    assert [(text.title, text.body) for text in told] == [("s 1 2", "t 1\n2"), ("s 1 2", "short 1\n2")]


def test_inside_the_product_nothing_that_is_missing_stops_the_reader(tmp_path: Path) -> None:
    templates = write(tmp_path, f'[a]\n{WHOLE}\n[b]\nchannels = ["email"]\n{WHOLE}')
    told = [templates.app(name, "en", {"other": "2"}) for name in ("a", "b", "gone")]
    assert [(text.title, text.body) for text in told] == [("s –", "t –"), ("–", "–"), ("–", "–")]
