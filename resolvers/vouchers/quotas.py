"""The vendor's part of quotas: granting them, changing their state; and what becomes of the rest of one that ends."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.ids import uuid7
from models.partners import Partner
from models.vouchers import VoucherQuota
from resolvers.command import command, expect_version
from resolvers.context import Context
from resolvers.vouchers.facts import homes, left
from resolvers.vouchers.records import record_quota, told
from resolvers.vouchers.scope import access_quota
from resolvers.wallets.ledger import Leg, open_account, post
from rules.access import Permission
from rules.customers import AssociationType
from rules.errors import ErrorCode, Violation, refuse, require
from rules.money import parse_amount
from rules.sites import Site
from rules.vouchers import (
    QUOTA,
    Destination,
    Grant,
    QuotaLimits,
    QuotaOperation,
    QuotaStatus,
    SubscriptionType,
    VoucherKind,
    check_grant,
)
from rules.wallets import AccountKind, Posting

E = ErrorCode


@dataclass(frozen=True, slots=True)
class LimitsGiven:
    """The limits of a quota as the vendor enters them: amounts as decimal text."""

    services: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    subscriptions: tuple[SubscriptionType, ...] = ()
    face_min: str | None = None
    face_max: str | None = None
    count_max: int | None = None
    total_max: str | None = None
    first_association_only: bool = False
    association_type: AssociationType | None = None
    designated: tuple[UUID, ...] = ()
    own_use: bool = False
    marketplace: bool = False
