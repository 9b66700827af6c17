"""Issuing vouchers from a partner's quota to its customers."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core import db
from core.ids import uuid7
from models.customers import Customer
from models.partners import Partner
from models.vouchers import Voucher, VoucherQuota
from resolvers.batch import Batch, each
from resolvers.command import StepUp, command
from resolvers.context import Context
from resolvers.vouchers.facts import associated_before, left, quota_facts
from resolvers.vouchers.quotas import amounts
from resolvers.vouchers.records import record_voucher, told
from resolvers.vouchers.scope import Bond, access_own_quota, bonds
from resolvers.wallets.ledger import Leg, open_account, post
from rules.access import Permission
from rules.customers import CustomerFact
from rules.errors import ErrorCode, refuse, require
from rules.vouchers import (
    Destination,
    Issued,
    QuotaFacts,
    QuotaLimits,
    Recipient,
    SubscriptionType,
    VoucherOperation,
    VoucherRange,
    VoucherStatus,
    VoucherTerms,
    check_issue,
    check_recipient,
    compute_range,
    compute_validity,
)
from rules.wallets import AccountKind, Posting

E = ErrorCode
_ISSUED = "select count(*) as count, coalesce(sum(face_minor), 0)::bigint as total from voucher where quota_id = $1"


@dataclass(frozen=True, slots=True)
class _Draft:
    """What every voucher of one call has in common."""

    quota: VoucherQuota
    partner: Partner
    face: int
    min_order: int | None
    validity: tuple[datetime, datetime]
    range: VoucherRange
    marketplace: bool
    memo: str | None


@command(
    permission=Permission.VOUCHERS_ISSUE,
    refuses=(
        E.INVALID_FORMAT,
        E.OUT_OF_RANGE,
        E.REQUIRED,
        E.TOO_MANY,
        E.REPEATED,
        E.QUOTA_NOT_USABLE,
        E.QUOTA_NOT_IN_FORCE,
        E.QUOTA_INSUFFICIENT,
        E.PARTNER_USES_VOUCHERS,
        E.FACE_BELOW_MINIMUM,
        E.FACE_ABOVE_MAXIMUM,
        E.VOUCHER_COUNT_LIMIT,
        E.VOUCHER_TOTAL_LIMIT,
        E.RANGE_OUTSIDE_QUOTA,
        E.SUBSCRIPTION_OUTSIDE_QUOTA,
        E.QUOTA_WRONG_ASSOCIATION_TYPE,
        E.FIRST_ASSOCIATION_ONLY,
        E.DESIGNATED_CUSTOMERS_ONLY,
        E.SELF_ISSUE,
        E.VOUCHER_UNIFIED_MEMBER,
    ),
    emits=("voucher.issued",),
    step_up=StepUp.IF_SWITCH_ON,
)
async def issue_vouchers(
    ctx: Context,
    *,
    quota_id: UUID,
    customer_ids: list[UUID],
    face_value: str,
    min_order_amount: str | None = None,
    valid_from: datetime | None = None,
    expires_at: datetime | None = None,
    services: list[str] | None = None,
    products: list[str] | None = None,
    subscriptions: list[SubscriptionType] | None = None,
    memo: str | None = None,
) -> Batch[Voucher]:
    """Issues one voucher of the same face to each of up to 100 customers of your own.

    The quota must hold the face for all of them, else nobody gets one; what is wrong with one customer is in its
    result. Face, range and validity cannot be changed afterwards. The memo is seen by your company alone.
    """
    money = amounts({"faceValue": face_value, "minOrderAmount": min_order_amount})
    terms = VoucherTerms(
        face=money["faceValue"] or 0,
        min_order=money["minOrderAmount"],
        valid_from=valid_from,
        expires_at=expires_at,
        services=tuple(services or ()),
        products=tuple(products or ()),
        subscriptions=tuple(subscriptions or ()),
    )
    known = await bonds(customer_ids, [ctx.actor.partner_id])
    quota = await access_own_quota(ctx, quota_id, "input", "quotaId")
    facts = quota_facts(quota, (await left(ctx, [quota]))[quota.id])
    issued = await _issued(quota, facts.limits)
    require(check_issue(terms, facts, issued, len(set(customer_ids)), now=ctx.now, policy=ctx.policy))
    draft = await _draft(quota, terms, facts, memo)
    recipients = await _recipients(draft, {key[1]: bond for key, bond in known.items()}, facts.limits)

    async def one(customer_id: UUID, place: tuple[str, ...]) -> Voucher:
        if customer_id not in recipients:
            raise refuse(E.NOT_FOUND, *place, upstream_code="CBC.99000035")
        customer, recipient = recipients[customer_id]
        require(check_recipient(recipient, facts.limits, place))
        return await _issue(ctx, draft, customer)

    found = await each(ctx, customer_ids, one, "input", "customerIds")
    found.subject = quota
    return found


async def _issued(quota: VoucherQuota, limits: QuotaLimits) -> Issued:
    """What was ever issued from the quota; counted only where a limit asks for it, under the quota's lock."""
    if limits.count_max is None and limits.total_max is None:
        return Issued()
    row = await db.fetch_one(_ISSUED, quota.id)
    return Issued() if row is None else Issued(row["count"], row["total"])


async def _draft(quota: VoucherQuota, terms: VoucherTerms, facts: QuotaFacts, memo: str | None) -> _Draft:
    return _Draft(
        quota=quota,
        partner=await Partner.get(id=quota.owner_partner_id),
        face=terms.face,
        min_order=terms.min_order,
        validity=compute_validity(terms, facts),
        range=compute_range(terms, facts.limits),
        marketplace=facts.limits.marketplace,
        memo=memo,
    )


async def _recipients(
    draft: _Draft, known: dict[UUID, Bond], limits: QuotaLimits
) -> dict[UUID, tuple[Customer, Recipient]]:
    """Customer id → its row and what the rules ask about it, of those that are the partner's."""
    customers: Collection[Customer] = await Customer.filter(id__in=list(known))
    before = await associated_before(known, limits)
    return {
        row.id: (
            row,
            Recipient(
                type=known[row.id].type,
                first=row.id not in before,
                designated=row.id in limits.designated,
                own_account=row.account_id == draft.partner.main_account_id,
                unified_member=CustomerFact.UNIFIED_MEMBER.value in row.facts,
            ),
        )
        for row in customers
    }


async def _issue(ctx: Context, draft: _Draft, customer: Customer) -> Voucher:
    """One voucher with its account and the money on it. Four statements."""
    voucher_id, quota = uuid7(), draft.quota
    account = await open_account(
        ctx,
        AccountKind.CUSTOMER_VOUCHER,
        currency=quota.currency,
        owner=Voucher(id=voucher_id),
        partner_id=quota.owner_partner_id,
        customer_id=customer.id,
    )
    voucher = await Voucher.insert(
        now=ctx.now,
        id=voucher_id,
        quota_id=quota.id,
        partner_id=quota.owner_partner_id,
        customer_id=customer.id,
        account_id=account,
        kind=quota.kind,
        face_minor=draft.face,
        currency=quota.currency,
        min_order_minor=draft.min_order,
        valid_from=draft.validity[0],
        expires_at=draft.validity[1],
        services=list(draft.range.services),
        products=list(draft.range.products),
        subscriptions=list(draft.range.subscriptions),
        marketplace=draft.marketplace,
        memo=draft.memo,
        status=VoucherStatus.USABLE,
    )
    legs = [Leg(quota.account_id, -draft.face), Leg(account, draft.face)]
    transaction = await post(ctx, Posting.VOUCHER_ISSUE, legs, subject=voucher)
    await record_voucher(
        ctx,
        voucher,
        VoucherOperation.ISSUE,
        amount=draft.face,
        destination=Destination.VOUCHER,
        transaction_id=transaction,
    )
    _tell_issued(ctx, draft, voucher, customer)
    return voucher


def _tell_issued(ctx: Context, draft: _Draft, voucher: Voucher, customer: Customer) -> None:
    amount = told(voucher.face_minor, voucher.currency)
    ctx.event(
        "voucher.issued",
        voucher,
        partner_id=voucher.partner_id,
        customer_id=customer.id,
        quota_id=str(voucher.quota_id),
        expires_at=voucher.expires_at.isoformat(),
    )
    ctx.effect("voucher.issued", voucher, money=(voucher.face_minor, voucher.currency))
    ctx.notify(
        "voucher_issued",
        customer,
        about=voucher,
        names={"partner": draft.partner},
        facts={"amount": amount},
        instants={"until": voucher.expires_at},
    )
