"""The words of vouchers: kinds, states, operations on record, and what a quota allows its vouchers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from rules.customers import AssociationType
from rules.transitions import machine


class VoucherKind(StrEnum):
    """What a quota is for and its vouchers are. One VOUCHER pays for an order, several CASH coupons may stack on it."""

    VOUCHER = "VOUCHER"
    CASH = "CASH"


class QuotaStatus(StrEnum):
    """Whether a quota can be issued from. ADJUSTING and FROZEN end again; INVALID and RECALLED do not."""

    NORMAL = "NORMAL"
    ADJUSTING = "ADJUSTING"
    FROZEN = "FROZEN"
    INVALID = "INVALID"
    RECALLED = "RECALLED"


class VoucherStatus(StrEnum):
    """Where a voucher stands; one that is not in force yet is USABLE from its first instant on."""

    USABLE = "USABLE"
    USED = "USED"
    EXPIRED = "EXPIRED"
    RECALLED = "RECALLED"


class QuotaOperation(StrEnum):
    """What a line of the quota records is about."""

    GRANT = "GRANT"
    ISSUE = "ISSUE"
    RECALL = "RECALL"
    FREEZE = "FREEZE"
    UNFREEZE = "UNFREEZE"
    ADJUST = "ADJUST"
    RESUME = "RESUME"
    INVALIDATE = "INVALIDATE"
    EXPIRE = "EXPIRE"


class QuotaChange(StrEnum):
    """What the vendor does with a quota's state; each is an operation on record, too."""

    FREEZE = "FREEZE"
    UNFREEZE = "UNFREEZE"
    ADJUST = "ADJUST"
    RESUME = "RESUME"
    INVALIDATE = "INVALIDATE"

    @property
    def event(self) -> str:
        """Its event in the machine."""
        return self.value.lower()


class VoucherOperation(StrEnum):
    """What a line of the voucher records is about."""

    ISSUE = "ISSUE"
    RECALL = "RECALL"
    UNBIND_RECALL = "UNBIND_RECALL"
    EXPIRY = "EXPIRY"
    REFUND = "REFUND"
    SWITCH_RECALL = "SWITCH_RECALL"


class SubscriptionType(StrEnum):
    """What kind of order a voucher may pay for."""

    NEW = "NEW"
    RENEW = "RENEW"
    CHANGE = "CHANGE"


class SpendingPurpose(StrEnum):
    """What a voucher is spent on."""

    PURCHASE = "PURCHASE"
    MARKETPLACE = "MARKETPLACE"
    ARREARS = "ARREARS"


class Destination(StrEnum):
    """Where money of a quota or a voucher went: onto the voucher, into a quota that lives, or back to the vendor."""

    VOUCHER = "VOUCHER"
    QUOTA = "QUOTA"
    EXPIRED = "EXPIRED"


Q = QuotaStatus
QUOTA = machine(
    "voucher_quota",
    QuotaStatus,
    (Q.NORMAL,),
    "B 12.2",
    (Q.NORMAL, "freeze", "vendor", Q.FROZEN),
    (Q.FROZEN, "unfreeze", "vendor", Q.NORMAL),
    (Q.NORMAL, "adjust", "vendor", Q.ADJUSTING),
    (Q.ADJUSTING, "resume", "vendor", Q.NORMAL),
    (Q.NORMAL, "invalidate", "vendor", Q.INVALID),
    (Q.FROZEN, "invalidate", "vendor", Q.INVALID),
    (Q.ADJUSTING, "invalidate", "vendor", Q.INVALID),
    (Q.NORMAL, "recall", "distributor", Q.RECALLED),
    (Q.NORMAL, "expire", "system", Q.INVALID),
    (Q.FROZEN, "expire", "system", Q.INVALID),
    (Q.ADJUSTING, "expire", "system", Q.INVALID),
)

V = VoucherStatus
VOUCHER = machine(
    "voucher",
    VoucherStatus,
    (V.USABLE,),
    "B 12.5",
    (V.USABLE, "use", "customer", V.USABLE),
    (V.USABLE, "use_up", "customer", V.USED),
    (V.USABLE, "recall", "partner", V.RECALLED),
    (V.USABLE, "unbind", "system", V.RECALLED),
    (V.USABLE, "switch", "system", V.RECALLED),
    (V.USABLE, "expire", "system", V.EXPIRED),
    (V.USABLE, "refund", "vendor", V.USABLE),
    (V.USED, "refund", "vendor", V.USABLE),
)


@dataclass(frozen=True, slots=True)
class QuotaLimits:
    """What a quota allows its vouchers; empty and None mean any. Amounts in minor units of the quota's currency.

    `count_max` and `total_max` count every voucher ever issued from the quota, recalled ones too. `own_use`: the
    partner pays its own bill with it and issues no vouchers from it. `marketplace`: its vouchers pay for goods of the
    marketplace too.
    """

    services: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    subscriptions: tuple[SubscriptionType, ...] = ()
    face_min: int | None = None
    face_max: int | None = None
    count_max: int | None = None
    total_max: int | None = None
    first_association_only: bool = False
    association_type: AssociationType | None = None
    designated: tuple[UUID, ...] = ()
    own_use: bool = False
    marketplace: bool = False

    def data(self) -> dict[str, Any]:
        """As JSON keeps it."""
        plain: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        return {**plain, "designated": [str(customer) for customer in self.designated]}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "QuotaLimits":
        """The inverse of `data`."""
        kind = data["association_type"]
        return cls(
            **{
                **data,
                "services": tuple(data["services"]),
                "products": tuple(data["products"]),
                "subscriptions": tuple(SubscriptionType(name) for name in data["subscriptions"]),
                "association_type": None if kind is None else AssociationType(kind),
                "designated": tuple(UUID(customer) for customer in data["designated"]),
            }
        )


@dataclass(frozen=True, slots=True)
class QuotaFacts:
    """A quota as its rules see it; `balance` in minor units."""

    status: QuotaStatus
    balance: int
    effective_at: datetime
    expires_at: datetime
    limits: QuotaLimits = QuotaLimits()


@dataclass(frozen=True, slots=True)
class VoucherRange:
    """What a voucher may pay for; empty means any."""

    services: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    subscriptions: tuple[SubscriptionType, ...] = ()


@dataclass(frozen=True, slots=True)
class VoucherFacts:
    """A voucher as its rules see it; `balance` and `min_order` in minor units."""

    status: VoucherStatus
    kind: VoucherKind
    balance: int
    valid_from: datetime
    expires_at: datetime
    min_order: int | None = None
    range: VoucherRange = VoucherRange()
    marketplace: bool = False
