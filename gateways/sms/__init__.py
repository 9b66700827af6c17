"""SMS: one gateway, one HTTP client, one adapter per provider (how to add one: docs/sms-providers.md)."""

from collections.abc import Callable

from core.settings import Settings, SmsProvider
from gateways.sms.adapter import Sms, SmsAdapter
from gateways.sms.aliyun import AliyunSms
from gateways.sms.http import HttpSms, SmsGateway
from gateways.sms.tencent import TencentSms

ADAPTERS: dict[SmsProvider, Callable[[Settings], SmsAdapter]] = {
    SmsProvider.TENCENT: TencentSms,
    SmsProvider.ALIYUN: AliyunSms,
}

__all__ = ["ADAPTERS", "HttpSms", "Sms", "SmsAdapter", "SmsGateway"]
