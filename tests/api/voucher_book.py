"""Quotas and vouchers as a plain dictionary keeps them: what tests of thousands of steps compare the product with."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from rules.errors import ErrorCode

E = ErrorCode


@dataclass
class Quota:
    """A quota of the dictionary; amounts in cents."""

    owner: UUID
    parent: UUID | None
    balance: int
    ends: datetime
    status: str = "NORMAL"

    def lives(self, now: datetime) -> bool:
        """Whether money may return to it."""
        return self.status in ("NORMAL", "FROZEN") and now < self.ends


@dataclass
class Voucher:
    """A voucher of the dictionary."""

    quota: UUID
    owner: UUID
    balance: int
    ends: datetime
    referred: bool
    status: str = "USABLE"


@dataclass
class Use:
    """What a voucher paid."""

    voucher: UUID
    amount: int
    refunded: bool = False


@dataclass
class Book:
    """Quotas, vouchers and uses as a plain dictionary would keep them."""

    quotas: dict[UUID, Quota] = field(default_factory=dict)
    vouchers: dict[UUID, Voucher] = field(default_factory=dict)
    uses: dict[UUID, Use] = field(default_factory=dict)
    totals: dict[str, int] = field(default_factory=lambda: {"VENDOR_POOL": 0, "USED": 0, "EXPIRED": 0})

    def copy(self) -> "Book":
        """As it is now; for a command that will be rolled back."""
        return Book(
            {key: replace(quota) for key, quota in self.quotas.items()},
            {key: replace(voucher) for key, voucher in self.vouchers.items()},
            {key: replace(use) for key, use in self.uses.items()},
            dict(self.totals),
        )

    def give_back(self, quota: UUID | None, amount: int, now: datetime) -> None:
        """To the first quota on the way up that lives, else to the vendor."""
        while quota is not None and not self.quotas[quota].lives(now):
            quota = self.quotas[quota].parent
        if quota is None:
            self.totals["EXPIRED"] += amount
        else:
            self.quotas[quota].balance += amount

    def end_quota(self, quota: Quota, status: str, now: datetime) -> None:
        """What is left of it goes up."""
        amount, quota.balance, quota.status = quota.balance, 0, status
        self.give_back(quota.parent, amount, now)

    def end_voucher(self, voucher: Voucher, status: str, now: datetime) -> None:
        """What is left of it goes to its quota."""
        amount, voucher.balance, voucher.status = voucher.balance, 0, status
        self.give_back(voucher.quota, amount, now)

    def usable(self, quota: Quota, need: int, now: datetime) -> set[ErrorCode]:
        """Why so much cannot be issued from a quota."""
        wrong = {E.QUOTA_NOT_USABLE} if quota.status != "NORMAL" else set()
        wrong |= {E.QUOTA_NOT_IN_FORCE} if now >= quota.ends else set()
        return wrong | ({E.QUOTA_INSUFFICIENT} if quota.balance < need else set())
