"""Gateways that keep messages instead of sending them: the development inbox and the tests read what is kept."""

from gateways.delivery import Channel, Receipt, Record, Recorded, key_digest
from gateways.email import Mail
from gateways.sms.adapter import Sms


class RecordingEmail:
    """An e-mail gateway that hands each mail to `record` (when given) and keeps it in `sent`."""

    def __init__(self, record: Record | None = None) -> None:
        self.sent: list[Recorded] = []
        self._record = record

    async def send(self, message: Mail, *, key: str) -> Receipt:
        """Keeps both forms of the mail. What `record` raises is the caller's to handle, and nothing is kept then."""
        kept = Recorded(
            Channel.EMAIL,
            message.to,
            message.subject,
            message.text,
            message.template,
            message.locale,
            key,
            message.html,
        )
        return await _keep(kept, self.sent, self._record)


class RecordingSms:
    """An SMS gateway that hands each message to `record` (when given) and keeps it in `sent`."""

    def __init__(self, record: Record | None = None) -> None:
        self.sent: list[Recorded] = []
        self._record = record

    async def send(self, sms: Sms, *, key: str) -> Receipt:
        """Keeps the rendered text. What `record` raises is the caller's to handle, and nothing is kept then."""
        kept = Recorded(Channel.SMS, sms.to, "", sms.text, sms.template, sms.locale, key)
        return await _keep(kept, self.sent, self._record)

    async def aclose(self) -> None:
        """Nothing is held open."""


async def _keep(kept: Recorded, sent: list[Recorded], record: Record | None) -> Receipt:
    if record is not None:
        await record(kept)
    sent.append(kept)
    return Receipt(f"recorded:{key_digest(kept.key)}")
