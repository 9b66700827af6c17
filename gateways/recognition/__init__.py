"""Recognition: what the picture of a business licence says, read by a provider (docs/recognition-providers.md)."""

from collections.abc import Callable

from core.settings import RecognitionProvider, Settings
from gateways.recognition.adapter import Picture, RecognitionAdapter
from gateways.recognition.aliyun import AliyunRecognition
from gateways.recognition.http import HttpRecognition, RecognitionGateway
from gateways.recognition.tencent import TencentRecognition

ADAPTERS: dict[RecognitionProvider, Callable[[Settings], RecognitionAdapter]] = {
    RecognitionProvider.TENCENT: TencentRecognition,
    RecognitionProvider.ALIYUN: AliyunRecognition,
}


def open_recognition(settings: Settings) -> RecognitionGateway | None:
    """Who reads pictures, as `RECOGNITION_PROVIDER` says; None where nobody does."""
    if settings.recognition_provider is RecognitionProvider.NONE:
        return None
    return HttpRecognition(ADAPTERS[settings.recognition_provider](settings), settings)


__all__ = ["ADAPTERS", "HttpRecognition", "Picture", "RecognitionAdapter", "RecognitionGateway", "open_recognition"]
