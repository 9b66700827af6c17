"""The vendor's verdict on a change of a company's information, and what follows from another name."""

from typing import Any
from uuid import UUID

from models.accounts import Account, RealNameCase
from models.partners import Company, CompanyChange, CompanyProfile, Partner
from resolvers.business_info import expire_by_change
from resolvers.context import Context
from resolvers.partners.companies import keeper_account, present
from resolvers.partners.keeping import lock_credit_code
from resolvers.reviews import engine as reviews
from rules.accounts import RealNameKind, RealNameState
from rules.errors import ErrorCode, require
from rules.partners.companies import COMPANY_CHANGE, check_holds
from rules.reviews import ReviewKind, check_reason

REFUSES = frozenset(
    {ErrorCode.STATE_CONFLICT, ErrorCode.REASON_REQUIRED, ErrorCode.REVIEW_CLAIMED, ErrorCode.COMPANY_MOVED_ON}
)
EMITS = ("company.changed", "company.change_rejected", "partner.renamed", "business_info.expired")


async def decide_company_change(ctx: Context, subject_id: UUID, *, approve: bool, reason: str | None) -> CompanyChange:
    """Carries out what a company wants to have changed, or rejects it with a reason. Its main account is told."""
    asked = await CompanyChange.get(id=subject_id)
    company = await Company.get(id=asked.company_id)
    await lock_credit_code(company.site, company.credit_code)
    profile = await CompanyProfile.filter(company_id=company.id).select_for_update().get()
    change = await CompanyChange.filter(id=subject_id).select_for_update().get()
    company = await Company.filter(id=company.id).select_for_update().get()
    event = "approve" if approve else "reject"
    require(
        COMPANY_CHANGE.check(change.state, event)
        + check_reason(approve, reason)
        + (check_holds(change.before, present(company, profile)) if approve else [])
    )
    await reviews.settle(ctx, ReviewKind.COMPANY_CHANGE, change, approve, reason)
    words = reason.strip() if reason else None
    await change.change(now=ctx.now, state=COMPANY_CHANGE.after(change.state, event), decided_at=ctx.now, reason=words)
    if approve:
        await _apply(ctx, change, company, profile)
    else:
        ctx.event("company.change_rejected", change, partner_id=change.partner_id)
        ctx.effect("company.change_rejected", change)
        told = await keeper_account(profile)
        ctx.notify("company_change_rejected", told, about=change, facts={"reason": words or ""})
    return change


async def _apply(ctx: Context, change: CompanyChange, company: Company, profile: CompanyProfile) -> None:
    values: dict[str, Any] = dict(change.after)
    name = values.pop("name", None)
    if values:
        await profile.change(now=ctx.now, **values)
    if name is not None:
        await _rename(ctx, company, name)
    ctx.event("company.changed", change, partner_id=change.partner_id, fields=sorted(change.after))
    ctx.effect("company.changed", change)
    ctx.notify("company_change_approved", await keeper_account(profile), about=change)


async def _rename(ctx: Context, company: Company, name: str) -> None:
    """Every partner account of the company bears its name; the business information of each is to be certified anew.

    The licence that the vendor has accepted proves the real name too, so that name, licence and real name stay one.
    """
    await company.change(now=ctx.now, name=name)
    for partner in await Partner.filter(company_id=company.id).order_by("id").select_for_update():
        await partner.change(now=ctx.now, name=name)
        await _pass_real_name(ctx, partner)
        await expire_by_change(ctx, partner.id)
        ctx.event("partner.renamed", partner, partner_id=partner.id)
        ctx.effect("partner.renamed", partner)
        ctx.notify("company_renamed", partner, about=partner, names={"company": partner})


async def _pass_real_name(ctx: Context, partner: Partner) -> None:
    account = await Account.get(id=partner.main_account_id)
    if account.real_name_state is not RealNameState.PASSED:
        return
    await RealNameCase.insert(
        now=ctx.now,
        account_id=account.id,
        kind=RealNameKind.ENTERPRISE,
        legal_name=partner.name,
        document_number=partner.credit_code,
        state=RealNameState.PASSED,
        decided_by=ctx.actor.account_id,
        decided_at=ctx.now,
    )
