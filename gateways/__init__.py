"""What we call outside: a protocol, a real client with time-outs and a recording fake each."""

from core.settings import EmailTransport, Settings, SettlementMode, SmsProvider
from gateways.delivery import Record
from gateways.email import EmailGateway, SmtpEmail
from gateways.recording import RecordingEmail, RecordingSms
from gateways.settlement import EnteredSettlement, RecordingSettlement, SettlementGateway
from gateways.sms import ADAPTERS, HttpSms, SmsGateway


def build_email(settings: Settings, record: Record | None = None) -> EmailGateway:
    """The e-mail gateway the settings choose; `record` receives each mail that is kept instead of sent."""
    if settings.email_transport is EmailTransport.RECORDING:
        return RecordingEmail(record)
    return SmtpEmail(settings)


def build_sms(settings: Settings, record: Record | None = None) -> SmsGateway:
    """The SMS gateway the settings choose; `record` receives each message that is kept instead of sent."""
    if settings.sms_provider is SmsProvider.RECORDING:
        return RecordingSms(record)
    return HttpSms(ADAPTERS[settings.sms_provider](settings), settings)


def build_settlement(settings: Settings, record: Record | None = None) -> SettlementGateway:
    """Who makes micro-deposits; `record` receives each one that is kept instead of paid."""
    if settings.settlement is SettlementMode.RECORDING:
        return RecordingSettlement(record)
    return EnteredSettlement()
