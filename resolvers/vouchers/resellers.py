"""A distributor's quotas at its resellers: issuing them, and taking back what is left."""

from collections.abc import Sequence
from uuid import UUID

from core.ids import uuid7
from models.partners import Partner
from models.resellers import ResellerLink
from models.vouchers import VoucherQuota
from resolvers.batch import Batch, each
from resolvers.command import StepUp, command
from resolvers.context import Context
from resolvers.vouchers.facts import designated_customers, homes, left, quota_facts
from resolvers.vouchers.quotas import amounts, end_quota
from resolvers.vouchers.records import record_quota
from resolvers.vouchers.scope import access_own_quota, locked
from resolvers.wallets.ledger import Leg, lock, open_account, post
from rules.access import Permission
from rules.errors import ErrorCode, refuse, require
from rules.resellers import LinkStatus
from rules.vouchers import (
    QuotaLimits,
    QuotaOperation,
    QuotaStatus,
    ResellerFacts,
    check_quota_issue,
    check_quota_recall,
    check_quota_recalls,
    check_quota_receiver,
)
from rules.wallets import AccountKind, Posting

E = ErrorCode


@command(
    permission=Permission.VOUCHERS_ISSUE_QUOTA,
    refuses=(
        E.INVALID_FORMAT,
        E.OUT_OF_RANGE,
        E.REQUIRED,
        E.TOO_MANY,
        E.REPEATED,
        E.NOT_A_DISTRIBUTOR,
        E.QUOTA_NOT_USABLE,
        E.QUOTA_NOT_IN_FORCE,
        E.QUOTA_INSUFFICIENT,
        E.RESELLER_LEAVING,
        E.DESIGNATED_OF_OTHERS,
    ),
    emits=("voucher_quota.issued",),
    step_up=StepUp.IF_SWITCH_ON,
)
async def issue_quota_to_resellers(
    ctx: Context, *, quota_id: UUID, reseller_ids: list[UUID], amount: str
) -> Batch[VoucherQuota]:
    """Issues `amount` of a quota to each of up to 100 resellers; each gets a quota with the same limits and validity.

    The quota must hold the amount for all of them, else nobody gets any; what is wrong with one reseller is in its
    result.
    """
    minor = amounts({"amount": amount})["amount"] or 0
    links = await _links(ctx, reseller_ids)
    owner = await Partner.get(id=ctx.actor.partner_id)
    quota = await access_own_quota(ctx, quota_id, "input", "quotaId")
    facts = quota_facts(quota, (await left(ctx, [quota]))[quota.id])
    require(check_quota_issue(facts, owner.kind, minor, len(set(reseller_ids)), now=ctx.now, policy=ctx.policy))
    designated = await designated_customers(reseller_ids, facts.limits)

    async def one(reseller_id: UUID, place: tuple[str, ...]) -> VoucherQuota:
        link = links.get(reseller_id)
        if link is None:
            raise refuse(E.NOT_FOUND, *place, upstream_code="CBC.99000037")
        leaving = link.status is LinkStatus.EXITING
        reseller = ResellerFacts(leaving, designated.get(reseller_id, frozenset()))
        require(check_quota_receiver(facts, reseller, place))
        return await _issue(ctx, quota, reseller_id, minor)

    issued = await each(ctx, reseller_ids, one, "input", "resellerIds")
    issued.subject = quota
    return issued


async def _links(ctx: Context, reseller_ids: Sequence[UUID]) -> dict[UUID, ResellerLink]:
    """Reseller → its link to the acting distributor, kept from ending meanwhile."""
    rows = ResellerLink.filter(
        distributor_id=ctx.actor.partner_id,
        reseller_id__in=reseller_ids,
        status__in=(LinkStatus.ACTIVE, LinkStatus.EXITING),
    )
    return {row.reseller_id: row for row in (await locked(rows)).values()}


async def _issue(ctx: Context, parent: VoucherQuota, reseller_id: UUID, amount: int) -> VoucherQuota:
    """A quota of the reseller out of `parent`, with its limits and validity. Four statements."""
    quota_id = uuid7()
    account = await open_account(
        ctx,
        AccountKind.RESELLER_QUOTA,
        currency=parent.currency,
        owner=VoucherQuota(id=quota_id),
        partner_id=reseller_id,
        issuer_id=parent.owner_partner_id,
    )
    quota = await VoucherQuota.insert(
        now=ctx.now,
        id=quota_id,
        owner_partner_id=reseller_id,
        issuer_partner_id=parent.owner_partner_id,
        parent_id=parent.id,
        account_id=account,
        kind=parent.kind,
        value_minor=amount,
        currency=parent.currency,
        effective_at=parent.effective_at,
        expires_at=parent.expires_at,
        limits=QuotaLimits.of(parent.limits).data(),
        status=QuotaStatus.NORMAL,
    )
    legs = [Leg(parent.account_id, -amount), Leg(account, amount)]
    transaction = await post(ctx, Posting.QUOTA_ISSUE, legs, subject=quota)
    await record_quota(ctx, quota, QuotaOperation.ISSUE, amount=amount, transaction_id=transaction)
    ctx.event("voucher_quota.issued", quota, partner_id=reseller_id, parent_id=str(parent.id))
    ctx.effect("voucher_quota.issued", quota, money=(amount, quota.currency))
    return quota


@command(
    permission=Permission.VOUCHERS_RECALL_QUOTA,
    refuses=(E.OUT_OF_RANGE, E.REQUIRED, E.TOO_MANY, E.REPEATED, E.STATE_CONFLICT),
    emits=("voucher_quota.state_changed",),
    step_up=StepUp.IF_SWITCH_ON,
)
async def recall_quotas(ctx: Context, *, quota_ids: list[UUID], remark: str | None = None) -> Batch[VoucherQuota]:
    """Takes back all that is left of up to 10 quotas that you issued to resellers, into the quotas they came from.

    Vouchers that a reseller has issued from them stay good; what comes back of those later comes to you, too.
    """
    require(check_quota_recalls(len(quota_ids), remark, policy=ctx.policy))
    asked = VoucherQuota.filter(id__in=quota_ids, issuer_partner_id=ctx.actor.partner_id)
    parents = {row.parent_id for row in await asked if row.parent_id is not None}
    known = await homes(ctx, parents)
    quotas = await locked(asked)
    balances = await left(ctx, list(quotas.values()))
    if quotas:
        await lock(ctx, [*(row.account_id for row in quotas.values()), *known.accounts.values()])

    async def one(quota_id: UUID, place: tuple[str, ...]) -> VoucherQuota:
        if quota_id not in quotas:
            raise refuse(E.NOT_FOUND, *place)
        quota = quotas[quota_id]
        facts = quota_facts(quota, balances[quota_id])
        require(check_quota_recall(facts, place, now=ctx.now))
        await end_quota(ctx, quota, "recall", QuotaOperation.RECALL, known, remark=remark)
        return quota

    return await each(ctx, quota_ids, one, "input", "quotaIds")
