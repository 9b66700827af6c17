"""The partner's draft: saving it piece by piece, deleting it, submitting it; whether it repeats another one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any, TypedDict, Unpack
from uuid import UUID

from core import db
from core.rows import read_count
from models.accounts import Account
from models.opportunities import Offering, Opportunity, OpportunityOffering
from resolvers.command import Key, command, expect_version
from resolvers.context import Context
from resolvers.customers.scope import visible_customers
from resolvers.opportunities.facts import holding, known_of, partners_in_plan, versions_of
from resolvers.opportunities.scope import access_opportunity, visible_opportunities
from resolvers.opportunities.telling import eco_managers_of, record
from rules.access import Permission
from rules.accounts import AccountStatus
from rules.calendar import day_of
from rules.contacts import normalise_email, normalise_mobile
from rules.errors import ErrorCode, Violation, require
from rules.money import parse_amount
from rules.opportunities import (
    OPPORTUNITY,
    CloudService,
    Industry,
    OfferingLead,
    OpportunityState,
    PreSalesActivity,
    SupportNeed,
    UpdateKind,
    check_delete,
    check_edit,
    check_named_offering,
    check_plan,
    check_region,
    check_submission,
    folded,
)
from rules.partners import normalise_credit_code

NAME_KEY_LENGTH = 256


class Draft(TypedDict, total=False):
    """What may be written of an opportunity: absent leaves it as it is, None empties it."""

    name: str | None
    owner_user_id: UUID | None
    customer_id: UUID | None
    customer_company: str | None
    customer_credit_code: str | None
    customer_account: str | None
    customer_region: str | None
    industry: Industry | None
    budget: str | None
    authority: str | None
    need: str | None
    timeline: str | None
    solution_description: str | None
    expected_revenue: str | None
    expected_sign_on: date | None
    expected_delivery_on: date | None
    pre_sales: list[PreSalesActivity] | None
    cloud_services: list[CloudService] | None
    support_needs: list[SupportNeed] | None
    offering_ids: list[UUID] | None
    contact_name: str | None
    contact_title: str | None
    contact_mobile: str | None
    contact_email: str | None
    partner_contact_name: str | None
    partner_contact_mobile: str | None
    partner_contact_email: str | None
    consent_confirmed: bool | None
    consent_statement: str | None


_LISTS = ("pre_sales", "cloud_services", "support_needs")
_MOBILES = ("contact_mobile", "partner_contact_mobile")
_EMAILS = ("contact_email", "partner_contact_email")
_SPECIAL = {"owner_user_id", "offering_ids", "expected_revenue", "consent_confirmed", *_LISTS}
_DRAFT_REFUSALS = (
    ErrorCode.PCE_NOT_JOINED,
    ErrorCode.PO_NOT_EDITABLE,
    ErrorCode.PO_OFFERING_NOT_OWNED,
    ErrorCode.INVALID_FORMAT,
    ErrorCode.MOBILE_INVALID,
    ErrorCode.MOBILE_NOT_OF_SITE,
    ErrorCode.EMAIL_INVALID,
    ErrorCode.CREDIT_CODE_INVALID,
)


@command(
    permission=Permission.OPPORTUNITIES_MANAGE,
    refuses=_DRAFT_REFUSALS,
    emits=("opportunity.saved",),
    key=Key.OPTIONAL,
)
async def save_opportunity_draft(
    ctx: Context,
    *,
    opportunity_id: UUID | None = None,
    external_ref: str | None = None,
    expected_version: int | None = None,
    **draft: Unpack[Draft],
) -> Opportunity:
    """Writes an opportunity, or changes one that is a draft or was sent back by the audit.

    Give id, or an externalRef that one of yours has, to change it; a new one is made otherwise. Fields left out stay as
    they are, null empties them. Only forms are checked: what is missing is told by submitOpportunity, all at once.
    """
    held = await _held(ctx, opportunity_id, external_ref)
    if held is not None:
        expect_version(held, expected_version)
        require(check_edit(held.state))
    values, offerings = await _values(ctx, held, draft)
    if held is None:
        held = await _begin(ctx, external_ref, values)
    else:
        renamed = {} if external_ref is None else {"external_ref": external_ref}
        await held.change(now=ctx.now, **values, **renamed)
    if offerings is not None:
        await _name_offerings(held, offerings)
    ctx.event("opportunity.saved", held, partner_id=held.partner_id, state=held.state.value)
    ctx.effect("opportunity.saved", held)
    return held


async def _held(ctx: Context, opportunity_id: UUID | None, external_ref: str | None) -> Opportunity | None:
    if opportunity_id is not None:
        return await access_opportunity(ctx, opportunity_id)
    if external_ref is None:
        return None
    rows = visible_opportunities(ctx).filter(external_ref=external_ref)
    return await rows.select_for_update(no_key=True).first()


async def _begin(ctx: Context, external_ref: str | None, values: dict[str, Any]) -> Opportunity:
    given = {"owner_user_id": ctx.actor.account_id, **values}
    assert ctx.actor.partner_id is not None
    require(check_plan(ctx.actor.partner_id in await partners_in_plan([ctx.actor.partner_id])))
    return await Opportunity.insert(
        now=ctx.now,
        partner_id=ctx.actor.partner_id,
        site=ctx.actor.site,
        created_by=ctx.actor.account_id,
        external_ref=external_ref,
        state=OpportunityState.DRAFT,
        **given,
    )


async def _values(
    ctx: Context, held: Opportunity | None, draft: Draft
) -> tuple[dict[str, Any], Sequence[Offering] | None]:
    """The columns to write, in their stored form, and the offerings named; refuses with all that is wrong."""
    violations: list[Violation] = []
    values: dict[str, Any] = {name: _stripped(value) for name, value in draft.items() if name not in _SPECIAL}
    values |= {name: _chosen(chosen) for name, chosen in draft.items() if name in _LISTS}
    _normalise(ctx, values, violations)
    if "customer_company" in values:
        values["customer_name_key"] = folded(values["customer_company"] or "")[:NAME_KEY_LENGTH] or None
    if "expected_revenue" in draft:
        values |= _revenue(ctx, draft["expected_revenue"], violations)
    if draft.get("consent_confirmed") is not None:
        values |= _consent(ctx, held, bool(draft["consent_confirmed"]))
    values |= await _people(ctx, draft, violations)
    offerings = None
    if "offering_ids" in draft:
        offerings, values["need_tags"] = await _offerings(ctx, draft["offering_ids"] or [], violations)
    require(violations)
    return values, offerings


def _chosen(values: Any) -> list[str]:
    return list(dict.fromkeys(value.value for value in values or ()))


def _stripped(value: Any) -> Any:
    return (value.strip() or None) if isinstance(value, str) and not isinstance(value, Enum) else value


def _normalise(ctx: Context, values: dict[str, Any], violations: list[Violation]) -> None:
    """Contacts and codes in their stored form."""
    site, found = ctx.actor.site, dict[str, Any]()
    for name, value in values.items():
        if value is None:
            continue
        path = ("input", _camel(name))
        if name in _MOBILES:
            found[name] = normalise_mobile(value, policy=ctx.policy, path=path)
        elif name in _EMAILS:
            found[name] = normalise_email(value, path=path)
        elif name == "customer_credit_code":
            found[name] = normalise_credit_code(value, site, path=path)
        elif name == "customer_region":
            violations += check_region(value, site, *path)
    violations += [value for value in found.values() if isinstance(value, Violation)]
    values |= found


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)


def _revenue(ctx: Context, amount: str | None, violations: list[Violation]) -> dict[str, Any]:
    parsed = None if amount is None else parse_amount(amount, "input", "expectedRevenue")
    if isinstance(parsed, Violation):
        violations.append(parsed)
        return {}
    currency = None if parsed is None else ctx.actor.site.currency
    return {"expected_revenue_minor": parsed, "expected_revenue_currency": currency}


def _consent(ctx: Context, held: Opportunity | None, confirmed: bool) -> dict[str, Any]:
    """Who confirmed the customer's consent, and when, is kept with it."""
    if held is not None and held.consent_confirmed == confirmed:
        return {}
    by, at = (ctx.actor.account_id, ctx.now) if confirmed else (None, None)
    return {"consent_confirmed": confirmed, "consent_by": by, "consent_at": at}


async def _people(ctx: Context, draft: Draft, violations: list[Violation]) -> dict[str, Any]:
    """The member in charge and the customer, who must be the partner's."""
    customer_id, owner_id = draft.get("customer_id"), draft.get("owner_user_id")
    if customer_id is not None and not await read_count(visible_customers(ctx).filter(id=customer_id), 1):
        violations.append(Violation(ErrorCode.NOT_FOUND, ("input", "customerId")))
    if owner_id is None:
        return {}
    own = owner_id == ctx.actor.account_id
    if not own and not await _is_member(ctx, owner_id):
        violations.append(Violation(ErrorCode.NOT_FOUND, ("input", "ownerUserId")))
    return {"owner_user_id": owner_id}


async def _is_member(ctx: Context, account_id: UUID) -> bool:
    return await Account.filter(id=account_id, partner_id=ctx.actor.partner_id, status=AccountStatus.ACTIVE).exists()


async def _offerings(
    ctx: Context, offering_ids: list[UUID], violations: list[Violation]
) -> tuple[list[Offering], list[str]]:
    """The offerings named, and the tracks that follow from them."""
    wanted, today = list(dict.fromkeys(offering_ids)), day_of(ctx.now, ctx.actor.site)
    rows = {row.id: row for row in await Offering.filter(id__in=wanted, site=ctx.actor.site)} if wanted else {}
    versions = await versions_of(set(rows))
    chosen, tracks = [], []
    for place, offering_id in enumerate(wanted):
        path, row = ("input", "offeringIds", str(place)), rows.get(offering_id)
        if row is None:
            violations.append(Violation(ErrorCode.NOT_FOUND, path))
            continue
        usable = row.lead is OfferingLead.VENDOR or row.owner_partner_id == ctx.actor.partner_id
        held = holding(versions[offering_id], today)
        violations += check_named_offering(usable=usable, holds=held is not None, path=path)
        chosen.append(row)
        tracks += [] if held is None else [held.track.value]
    return chosen, list(dict.fromkeys(tracks))


async def _name_offerings(opportunity: Opportunity, offerings: Sequence[Offering]) -> None:
    await OpportunityOffering.filter(opportunity_id=opportunity.id).delete()
    await OpportunityOffering.bulk_create(
        OpportunityOffering(
            opportunity_id=opportunity.id, offering_id=row.id, partner_id=opportunity.partner_id, place=place
        )
        for place, row in enumerate(offerings)
    )


@dataclass(frozen=True, slots=True)
class Deleted:
    """A draft that is no more."""

    subject: Opportunity


@command(
    permission=Permission.OPPORTUNITIES_MANAGE,
    refuses=(ErrorCode.PO_NOT_EDITABLE,),
    emits=("opportunity.deleted",),
    key=Key.OPTIONAL,
)
async def delete_opportunity_draft(
    ctx: Context, *, opportunity_id: UUID, expected_version: int | None = None
) -> Deleted:
    """Deletes a draft. What was submitted once stays."""
    held = await access_opportunity(ctx, opportunity_id)
    expect_version(held, expected_version)
    require(check_delete(held.state))
    await OpportunityOffering.filter(opportunity_id=held.id).delete()
    await held.delete()
    ctx.event("opportunity.deleted", held, partner_id=held.partner_id)
    ctx.effect("opportunity.deleted", held)
    return Deleted(held)


@command(
    permission=Permission.OPPORTUNITIES_MANAGE,
    refuses=(
        ErrorCode.PO_NOT_EDITABLE,
        ErrorCode.PCE_NOT_JOINED,
        ErrorCode.PO_FIELD_REQUIRED,
        ErrorCode.PO_BANT_INCOMPLETE,
        ErrorCode.OUT_OF_RANGE,
        ErrorCode.PO_REVENUE_TOO_SMALL,
        ErrorCode.PO_SOLUTION_REQUIRED,
        ErrorCode.PO_OFFERING_NOT_OWNED,
        ErrorCode.PO_CONSENT_REQUIRED,
        ErrorCode.PO_DUPLICATE_VERIFIED,
    ),
    emits=("opportunity.submitted",),
)
async def submit_opportunity(ctx: Context, *, opportunity_id: UUID, expected_version: int | None = None) -> Opportunity:
    """Hands an opportunity to the vendor; it cannot be cancelled or edited then.

    Everything that is missing or unreasonable is told at once; a path begins with `opportunity` and names the field as
    saveOpportunityDraft takes it. Warnings are among the effects. The ecosystem manager is told.
    """
    # Shared: a partner that leaves the plan waits for its submissions, which need not wait for each other.
    await db.fetch("select id from partner where id = $1 for share", ctx.actor.partner_id)
    held = await access_opportunity(ctx, opportunity_id)
    expect_version(held, expected_version)
    known = await known_of(ctx, held)
    require(check_submission(known.content, known.standing, policy=known.policy))
    await held.change(
        now=ctx.now,
        state=OPPORTUNITY.after(held.state, "submit"),
        revision=held.revision + 1,
        submitted_at=ctx.now,
        verdict_reason=None,
        verdict_note=None,
    )
    await record(ctx, held, UpdateKind.SUBMITTED)
    ctx.notify("opportunity_submitted", await eco_managers_of(known.partner), about=held, names={"opportunity": held})
    ctx.event("opportunity.submitted", held, partner_id=held.partner_id, revision=held.revision)
    ctx.effect("opportunity.submitted", held)
    for warning in known.warnings:
        ctx.effect(f"{warning.value}", held)
    return held
