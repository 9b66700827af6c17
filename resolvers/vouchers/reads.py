"""Reading quotas, vouchers, uses and records; what may be done with them now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from models.associations import CustomerAssociation
from models.customers import Customer
from models.partners import Partner
from models.vouchers import QuotaRecord, Voucher, VoucherQuota, VoucherRecord, VoucherUse
from resolvers.actions import ActionState, action
from resolvers.context import Context
from resolvers.per_parent import may_read, newest_of
from resolvers.query import query
from resolvers.related import WHOLE, Selection, to_one
from resolvers.vouchers.facts import left, quota_facts, voucher_facts
from resolvers.vouchers.issuing import issue_vouchers
from resolvers.vouchers.quotas import set_quota_state
from resolvers.vouchers.recalling import recall_vouchers
from resolvers.vouchers.resellers import issue_quota_to_resellers, recall_quotas
from resolvers.vouchers.scope import (
    R,
    visible_quota_records,
    visible_quotas,
    visible_uses,
    visible_voucher_records,
    visible_vouchers,
)
from resolvers.vouchers.uses import record_voucher_use
from rules.access import Permission
from rules.associations import AssociationStatus
from rules.calendar import add_months
from rules.customers import AssociationType
from rules.errors import ErrorCode, Violation
from rules.policy import VOUCHERS_SHOWN_MONTHS
from rules.vouchers import (
    QUOTA,
    QuotaChange,
    QuotaOperation,
    QuotaStatus,
    VoucherKind,
    VoucherOperation,
    VoucherStatus,
    check_quota_opening,
    check_quota_recall,
    check_recall,
    check_spendable,
    check_voucher_opening,
)


@dataclass(frozen=True, slots=True)
class QuotaFilter:
    """Which of the quotas; None for any. `owner`: whose it is, `parent`: what it was issued from."""

    status: tuple[QuotaStatus, ...] | None = None
    kind: VoucherKind | None = None
    owner: UUID | None = None
    parent: UUID | None = None
    expires_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class VoucherFilter:
    """Which of the vouchers; None for any."""

    status: tuple[VoucherStatus, ...] | None = None
    kind: VoucherKind | None = None
    customer: UUID | None = None
    quota: UUID | None = None
    expires_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class QuotaRecordFilter:
    """Which of the records; None for any. `since` is included, `until` is not."""

    operation: tuple[QuotaOperation, ...] | None = None
    quota: UUID | None = None
    parent: UUID | None = None
    owner: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class VoucherRecordFilter:
    """Which of the records; None for any. `since` is included, `until` is not."""

    operation: tuple[VoucherOperation, ...] | None = None
    voucher: UUID | None = None
    quota: UUID | None = None
    customer: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


def _where(rows: QuerySet[R], **conditions: Any) -> QuerySet[R]:
    """The rows of which all conditions that are given hold."""
    given = {name: value for name, value in conditions.items() if value is not None}
    return rows.filter(**given) if given else rows


@query(permission=Permission.VOUCHERS_READ)
def voucher_quotas(ctx: Context, *, filter: QuotaFilter = QuotaFilter()) -> QuerySet[VoucherQuota]:
    """The partner's own quotas; for the vendor everybody's."""
    rows = _quotas(visible_quotas(ctx), filter)
    return rows if ctx.actor.partner_id is None else rows.filter(owner_partner_id=ctx.actor.partner_id)


@query(permission=Permission.VOUCHERS_READ)
def issued_quotas(ctx: Context, *, filter: QuotaFilter = QuotaFilter()) -> QuerySet[VoucherQuota]:
    """The quotas that the partner issued to its resellers; for the vendor those of all distributors."""
    rows = _quotas(visible_quotas(ctx), filter).filter(issuer_partner_id__isnull=False)
    return rows if ctx.actor.partner_id is None else rows.filter(issuer_partner_id=ctx.actor.partner_id)


def _quotas(rows: QuerySet[VoucherQuota], chosen: QuotaFilter) -> QuerySet[VoucherQuota]:
    return _where(
        rows,
        status__in=chosen.status,
        kind=chosen.kind,
        owner_partner_id=chosen.owner,
        parent_id=chosen.parent,
        expires_at__lt=chosen.expires_before,
    )


@query(permission=Permission.VOUCHERS_READ)
def issued_vouchers(ctx: Context, *, filter: VoucherFilter = VoucherFilter()) -> QuerySet[Voucher]:
    """The vouchers that the partner issued, but for those that ended long ago."""
    since = add_months(ctx.now, -ctx.policy[VOUCHERS_SHOWN_MONTHS], ctx.actor.site.zone)
    rows = visible_vouchers(ctx).filter(Q(ended_at__isnull=True) | Q(ended_at__gte=since))
    return _vouchers(rows, filter)


@query(permission=Permission.VOUCHERS_READ_OWN)
def my_vouchers(ctx: Context, *, filter: VoucherFilter = VoucherFilter()) -> QuerySet[Voucher]:
    """The customer's own vouchers."""
    return _vouchers(visible_vouchers(ctx).filter(customer_id=ctx.actor.customer_id), filter)


def _vouchers(rows: QuerySet[Voucher], chosen: VoucherFilter) -> QuerySet[Voucher]:
    return _where(
        rows,
        status__in=chosen.status,
        kind=chosen.kind,
        customer_id=chosen.customer,
        quota_id=chosen.quota,
        expires_at__lt=chosen.expires_before,
    )


@query(permission=Permission.VOUCHERS_READ)
def voucher_uses(
    ctx: Context, *, voucher: UUID | None = None, customer: UUID | None = None, order_ref: str | None = None
) -> QuerySet[VoucherUse]:
    """What was paid with the partner's vouchers."""
    return _where(visible_uses(ctx), voucher_id=voucher, customer_id=customer, order_ref=order_ref)


@query(permission=Permission.VOUCHERS_READ)
def quota_records(ctx: Context, *, filter: QuotaRecordFilter = QuotaRecordFilter()) -> QuerySet[QuotaRecord]:
    """Every operation on the partner's quotas and on those it issued."""
    return _where(
        visible_quota_records(ctx),
        operation__in=filter.operation,
        quota_id=filter.quota,
        parent_quota_id=filter.parent,
        partner_id=filter.owner,
        at__gte=filter.since,
        at__lt=filter.until,
    )


@query(permission=Permission.VOUCHERS_READ)
def voucher_records(ctx: Context, *, filter: VoucherRecordFilter = VoucherRecordFilter()) -> QuerySet[VoucherRecord]:
    """Every operation on the partner's vouchers."""
    return _where(
        visible_voucher_records(ctx),
        operation__in=filter.operation,
        voucher_id=filter.voucher,
        quota_id=filter.quota,
        customer_id=filter.customer,
        at__gte=filter.since,
        at__lt=filter.until,
    )


async def balances_of_quotas(ctx: Context, quotas: Sequence[VoucherQuota]) -> list[int]:
    """For each quota what is left of it, in minor units."""
    found = await left(ctx, quotas)
    return [found[row.id] for row in quotas]


async def balances_of_vouchers(ctx: Context, vouchers: Sequence[Voucher]) -> list[int]:
    """For each voucher what is left of it, in minor units."""
    found = await left(ctx, vouchers)
    return [found[row.id] for row in vouchers]


owners_of = to_one("owner_partner_id", Partner)
"""For each quota the partner that has it, where the actor may see it."""


issuers_of = to_one("issuer_partner_id", Partner)
"""For each quota the distributor that issued it, where there is one and the actor may see it."""


parents_of = to_one("parent_id", VoucherQuota, visible=visible_quotas)
"""For each quota the one it was issued from, where there is one and the actor may see it."""


quotas_of = to_one("quota_id", VoucherQuota, visible=visible_quotas)
"""For each voucher or record its quota, where the actor may see it: a customer sees none."""


partners_of = to_one("partner_id", Partner)
"""For each voucher the partner that issued it, where the actor may see it."""


customers_of = to_one("customer_id", Customer)
"""For each row its customer, where the actor may (still) see it."""


async def vouchers_of_customers(
    ctx: Context, customers: Sequence[Customer], *, first: int, selection: Selection = WHOLE
) -> list[list[Voucher]]:
    """For each customer its newest vouchers that the actor sees in the list of those issued, or of its own."""
    for use_case in (issued_vouchers, my_vouchers):
        if may_read(ctx, use_case):
            return await newest_of(ctx, use_case(ctx), "customer_id", customers, first=first, selection=selection)
    return [[] for _ in customers]


vouchers_of = to_one("voucher_id", Voucher, visible=visible_vouchers)
"""For each record or use its voucher; both have the same scope."""


async def quota_actions(ctx: Context, quotas: Sequence[VoucherQuota]) -> list[list[ActionState]]:
    """For each quota what may be done with it now, by the guards of the mutations. Two statements for all."""
    balances = await left(ctx, quotas)
    own = None if ctx.actor.partner_id is None else await Partner.get_or_none(id=ctx.actor.partner_id)
    return [_quota_actions(ctx, row, balances[row.id], own) for row in quotas]


def _quota_actions(ctx: Context, quota: VoucherQuota, balance: int, own: Partner | None) -> list[ActionState]:
    facts = quota_facts(quota, balance)
    hidden = [Violation(ErrorCode.NOT_FOUND)]
    is_own = own is not None and quota.owner_partner_id == own.id
    is_issuer = own is not None and quota.issuer_partner_id == own.id
    issuing = check_quota_opening(facts, own.kind, now=ctx.now) if own is not None and is_own else hidden
    vouchers = check_voucher_opening(facts, now=ctx.now) if is_own else hidden
    recall = check_quota_recall(facts, now=ctx.now) if is_issuer else hidden
    return [
        action(ctx, "ISSUE_TO_RESELLERS", issue_quota_to_resellers, issuing),
        action(ctx, "ISSUE_VOUCHERS", issue_vouchers, vouchers),
        action(ctx, "RECALL", recall_quotas, recall),
        *(
            action(ctx, change.value, set_quota_state, QUOTA.check(quota.status, change.event))
            for change in QuotaChange
        ),
    ]


async def voucher_actions(ctx: Context, vouchers: Sequence[Voucher]) -> list[list[ActionState]]:
    """For each voucher whether it may be recalled or spent now, by the guards of the mutations. Two statements."""
    balances = await left(ctx, vouchers)
    rows = await CustomerAssociation.filter(
        customer_id__in={row.customer_id for row in vouchers}, status=AssociationStatus.ACTIVE
    )
    types = {(row.partner_id, row.customer_id): row.type for row in rows}
    return [
        _voucher_actions(ctx, row, balances[row.id], types.get((row.partner_id, row.customer_id))) for row in vouchers
    ]


def _voucher_actions(ctx: Context, voucher: Voucher, balance: int, type: AssociationType | None) -> list[ActionState]:
    facts = voucher_facts(voucher, balance)
    return [
        action(ctx, "RECALL", recall_vouchers, check_recall(facts, type, now=ctx.now)),
        action(ctx, "USE", record_voucher_use, check_spendable(facts, now=ctx.now)),
    ]
