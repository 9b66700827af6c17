"""Small payments to partners' accounts: made by the vendor's finance, who enter the outcome, or kept in the inbox."""

from dataclasses import dataclass
from typing import Protocol

from gateways.delivery import Channel, Receipt, Record, Recorded, key_digest
from rules.money import format_amount


@dataclass(frozen=True, slots=True, repr=False)
class Deposit:
    """One sum to one account; `amount` is minor units. `repr` shows neither."""

    holder: str
    bank: str
    account: str
    amount: int
    currency: str
    locale: str

    def __repr__(self) -> str:
        return f"Deposit(currency={self.currency!r})"


class SettlementGateway(Protocol):
    """Has a sum paid. `key` names the effect: equal keys are the same payment, asked again after a failure."""

    async def pay(self, deposit: Deposit, *, key: str) -> Receipt | None:
        """The receipt of a payment that was made; None when what becomes of it will be entered.

        Raises `TransientFailure` or `TerminalFailure`.
        """
        ...


class EnteredSettlement:
    """Leaves payments to the vendor's finance: they see what is to be paid, pay it, and enter what came of it."""

    async def pay(self, deposit: Deposit, *, key: str) -> Receipt | None:
        """Nothing yet."""
        return None


class RecordingSettlement:
    """Hands each payment to `record` (when given) and keeps it in `sent`; of the account only its end."""

    def __init__(self, record: Record | None = None) -> None:
        self.sent: list[Recorded] = []
        self._record = record

    async def pay(self, deposit: Deposit, *, key: str) -> Receipt | None:
        """Keeps the payment as the bank's notice would tell it."""
        text = f"{format_amount(deposit.amount)} {deposit.currency} → {deposit.bank} ****{deposit.account[-4:]}"
        kept = Recorded(Channel.BANK, deposit.holder, text, text, "micro_deposit", deposit.locale, key)
        if self._record is not None:
            await self._record(kept)
        self.sent.append(kept)
        return Receipt(f"recorded:{key_digest(key)}")
