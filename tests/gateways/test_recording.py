"""The gateways that keep messages, the choice between them and the real ones, and the inbox row."""

import pytest
from pydantic import SecretStr
from tortoise.fields.db_defaults import Now
from tortoise.migrations.constraints import UniqueConstraint

from core.settings import EmailTransport, Settings, SmsProvider
from gateways import build_email, build_sms
from gateways.delivery import Channel, Recorded
from gateways.email import Mail, SmtpEmail
from gateways.recording import RecordingEmail, RecordingSms
from gateways.sms import HttpSms, Sms
from gateways.sms.aliyun import AliyunSms
from gateways.sms.tencent import TencentSms
from models.inbox import RecordedMessage

MAIL = Mail("li@customer.example", "您的验证码", "482913", "<p>482913</p>", "zh-CN", "code_sign_up")
SMS = Sms("+8613900000000", "code_sign_up", {"code": "482913"}, "zh-CN", "验证码482913")
KEPT_MAIL = Recorded(
    Channel.EMAIL, "li@customer.example", "您的验证码", "482913", "code_sign_up", "zh-CN", "email.code:1", MAIL.html
)
KEPT_SMS = Recorded(Channel.SMS, "+8613900000000", "", "验证码482913", "code_sign_up", "zh-CN", "sms.code:1")


class Table:
    """Stands for the worker's table: keeps one row per key, or refuses."""

    def __init__(self, broken: bool = False) -> None:
        self.rows: dict[str, Recorded] = {}
        self._broken = broken

    async def add(self, message: Recorded) -> None:
        if self._broken:
            raise ConnectionError
        self.rows.setdefault(message.key, message)


async def test_each_message_is_recorded_and_kept() -> None:
    table = Table()
    email, sms = RecordingEmail(table.add), RecordingSms(table.add)
    await email.send(MAIL, key="email.code:1")
    await sms.send(SMS, key="sms.code:1")
    await sms.aclose()
    assert (email.sent, sms.sent) == ([KEPT_MAIL], [KEPT_SMS])
    assert table.rows == {"email.code:1": KEPT_MAIL, "sms.code:1": KEPT_SMS}


async def test_a_redelivery_has_the_same_key_and_the_same_receipt() -> None:
    table = Table()
    gateway = RecordingSms(table.add)
    first, second = [await gateway.send(SMS, key="sms.code:1") for _ in range(2)]
    other = await gateway.send(SMS, key="sms.code:2")
    assert first == second != other
    assert list(table.rows) == ["sms.code:1", "sms.code:2"]
    assert len(gateway.sent) == 3


async def test_what_could_not_be_recorded_is_not_sent() -> None:
    gateway = RecordingEmail(Table(broken=True).add)
    with pytest.raises(ConnectionError):
        await gateway.send(MAIL, key="email.code:1")
    assert gateway.sent == []


def test_a_kept_message_shows_no_personal_data() -> None:
    shown = repr([KEPT_MAIL, KEPT_SMS])
    assert "code_sign_up" in shown
    assert not any(secret in shown for secret in ("482913", "13900000000", "customer.example", "sms.code:1"))


async def test_the_settings_choose_the_gateways() -> None:
    table = Table()
    email, sms = build_email(Settings(), table.add), build_sms(Settings(), table.add)
    assert (type(email), type(sms)) == (RecordingEmail, RecordingSms)
    await email.send(MAIL, key="email.code:1")
    assert list(table.rows) == ["email.code:1"]
    assert isinstance(build_email(Settings(email_transport=EmailTransport.SMTP)), SmtpEmail)
    for provider, adapter in ((SmsProvider.TENCENT, TencentSms), (SmsProvider.ALIYUN, AliyunSms)):
        gateway = build_sms(Settings(sms_provider=provider, sms_access_secret=SecretStr("secret")))
        assert isinstance(gateway, HttpSms)
        assert isinstance(gateway._adapter, adapter)
        await gateway.aclose()


def test_the_row_is_unique_by_topic_and_key_and_dated_by_the_database() -> None:
    meta = RecordedMessage._meta
    [once] = [constraint for constraint in meta.constraints if isinstance(constraint, UniqueConstraint)]
    assert (once.fields, once.name) == (("topic", "key"), "recorded_message_once")
    assert isinstance(meta.fields_map["created_at"].db_default, Now)
    assert meta.fields_map["sent_at"].null
    assert meta.pk.default().version == 7
