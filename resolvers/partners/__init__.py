"""Admission to the partner network, the vendor's decisions about partners, and what a partner shows of itself."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from tortoise.queryset import QuerySet

from core import db
from core.rows import read_first
from models.accounts import Account, RealNameCase
from models.partners import Company, CompanyProfile, Partner
from resolvers.actions import ActionState, action
from resolvers.command import Key, command, expect_version
from resolvers.context import Context
from resolvers.partners.keeping import lock_credit_code, take_over
from resolvers.partners.managers import assign_partner, find_in_charge, set_partner_tags
from resolvers.partners.scope import access_partner, visible
from resolvers.query import query
from resolvers.related import to_one
from resolvers.reviews import engine as reviews
from rules.access import VENDOR_ROLES, Permission, may
from rules.accounts import AccountStatus, RealNameState
from rules.accounts.real_name import RealNameFileKind
from rules.errors import ErrorCode, Violation, require
from rules.partners import (
    ADMISSION,
    AdmissionState,
    Application,
    LegalEntity,
    PartnerKind,
    Standing,
    check_applicant,
    check_application,
    check_assignment,
    check_leave,
    check_registered_name,
    check_standing_change,
    compute_standing,
    is_automatic,
    normalise_credit_code,
)
from rules.partners.companies import CompanyContact
from rules.policy import STEP_UP_SWITCH_DEFAULT
from rules.reviews import ReviewKind, check_reason
from rules.sites import Site

CHECK_ATTEMPTS = 12
_OF_DISTRIBUTORS = "select reseller_id, standing from guard_distributor_standings($1)"


async def standings_of(partners: Sequence[Partner]) -> dict[UUID, Standing]:
    """Partner → the standing that counts. One statement if there are resellers among them, else none."""
    resellers = [row.id for row in partners if row.kind is PartnerKind.RESELLER]
    rows = await db.fetch(_OF_DISTRIBUTORS, resellers) if resellers else []
    shared = {row["reseller_id"]: Standing(row["standing"]) for row in rows}
    return {row.id: compute_standing(Standing(row.standing), shared.get(row.id)) for row in partners}


async def standing_of(partner: Partner) -> Standing:
    """As `standings_of`, for one."""
    return (await standings_of([partner]))[partner.id]


@query(permission=Permission.PARTNERS_READ)
async def partner(ctx: Context) -> Partner | None:
    """The caller's own partner, also while its admission is under way; None for everybody else."""
    if ctx.actor.roles & VENDOR_ROLES:
        return None
    return await read_first(visible(ctx))


@query(permission=Permission.PARTNERS_REVIEW)
def partners(
    ctx: Context, *, admission_state: AdmissionState | None = None, site: Site | None = None, tag: str | None = None
) -> QuerySet[Partner]:
    """The vendor's list of partners and applications; with a `tag` those that have it."""
    wanted = {"admission_state": admission_state, "site": site, "tags__contains": None if tag is None else [tag]}
    return visible(ctx).filter(**{name: value for name, value in wanted.items() if value is not None})


companies_of = to_one("company_id", Company)
"""The company of each partner; None before admission."""


_STANDINGS = {"RESTRICT": Standing.RESTRICTED, "FREEZE": Standing.FROZEN, "RESTORE": Standing.ACTIVE}


async def actions_of(ctx: Context, parents: Sequence[Partner]) -> list[list[ActionState]]:
    """What the actor may do with each partner, by the guards of the commands."""
    applicant = None
    if may(ctx.actor, Permission.PARTNERS_APPLY):
        applicant = await Account.get(id=ctx.actor.account_id)
    return [_actions(ctx, parent, applicant) for parent in parents]


def _actions(ctx: Context, row: Partner, applicant: Account | None) -> list[ActionState]:
    again: list[Violation] = []
    if applicant is not None:
        again = check_application(_application(applicant, row, LegalEntity(row.name, row.credit_code)))
    decide = ADMISSION.check(row.admission_state, "approve")
    return [
        action(ctx, "APPLY_FOR_ADMISSION", apply_for_admission, again),
        action(ctx, "DECIDE_ADMISSION", decide_admission, decide),
        action(ctx, "ASSIGN", assign_partner, check_assignment(row.admission_state)),
        action(ctx, "TAG", set_partner_tags, []),
        *(
            action(ctx, name, set_partner_standing, check_standing_change(row.standing, wanted, "given"))
            for name, wanted in _STANDINGS.items()
        ),
        ActionState("LEAVE_NETWORK", check_leave(row.admission_state)),
    ]


def _application(
    account: Account, own: Partner | None, company: LegalEntity, registered_name: str | None = None
) -> Application:
    return Application(
        site=Site(account.site),
        company=company,
        real_name_kind=account.real_name_kind,
        real_name_state=account.real_name_state,
        admission=None if own is None else own.admission_state,
        is_member=account.partner_id is not None and not account.is_main,
        registered_name=registered_name,
        works=account.status is AccountStatus.ACTIVE,
    )


@command(
    permission=Permission.PARTNERS_APPLY,
    refuses=(
        ErrorCode.REAL_NAME_REQUIRED,
        ErrorCode.ALREADY_PARTNER,
        ErrorCode.CREDIT_CODE_INVALID,
        ErrorCode.COMPANY_MISMATCH,
        ErrorCode.REQUIRED,
        ErrorCode.STATE_CONFLICT,
    ),
    emits=("partner.applied",),
)
async def apply_for_admission(ctx: Context, *, company_name: str, credit_code: str) -> Partner:
    """Applies for admission to the partner network; again after a rejection.

    The automatic check follows within seconds. What it cannot settle is reviewed by the vendor; `partner` shows how far
    it is, and a mail tells the outcome.
    """
    own = await Partner.filter(main_account_id=ctx.actor.account_id).select_for_update().first()
    account = await Account.filter(id=ctx.actor.account_id).select_for_update().get()
    code = normalise_credit_code(credit_code, Site(account.site))
    known = None if isinstance(code, Violation) else await _registered(account.site, code)
    name = None if known is None else known.name
    require(check_application(_application(account, own, LegalEntity(company_name, credit_code), name)))
    applied = await _submit(ctx, account, own, company_name.strip(), str(code))
    ctx.enqueue(
        "admission.check",
        f"{applied.id}:{applied.version}",
        max_attempts=CHECK_ATTEMPTS,
        aggregate=f"partner:{applied.id}",
        partner_id=str(applied.id),
    )
    ctx.event("partner.applied", applied, partner_id=applied.id, state=applied.admission_state.value)
    ctx.effect("partner.applied", applied)
    return applied


async def _submit(ctx: Context, account: Account, own: Partner | None, name: str, code: str) -> Partner:
    if own is None:
        return await Partner.insert(
            now=ctx.now,
            main_account_id=account.id,
            site=account.site,
            name=name,
            credit_code=code,
            admission_state=AdmissionState.SUBMITTED,
            applied_at=ctx.now,
            step_up_enabled=ctx.policy[STEP_UP_SWITCH_DEFAULT],
        )
    await own.change(
        now=ctx.now,
        name=name,
        credit_code=code,
        admission_state=ADMISSION.after(own.admission_state, "resubmit"),
        applied_at=ctx.now,
        rejection_reason=None,
        decided_by=None,
        decided_at=None,
    )
    return own


@command(
    permission=Permission.PARTNERS_DECIDE,
    refuses=(
        ErrorCode.STATE_CONFLICT,
        ErrorCode.REASON_REQUIRED,
        ErrorCode.COMPANY_MISMATCH,
        ErrorCode.REVIEW_CLAIMED,
    ),
    emits=("partner.admitted", "partner.rejected", "company.keeper_changed"),
)
async def decide_admission(
    ctx: Context,
    *,
    partner_id: UUID,
    approve: bool,
    reason: str | None = None,
    rep_office_id: UUID | None = None,
    eco_manager_id: UUID | None = None,
    expected_version: int | None = None,
) -> Partner:
    """Admits an applicant whose automatic check did not succeed, or rejects it with a reason. The applicant is told.

    On admission the representative office and the ecosystem manager in charge may be named.
    """
    applicant = await access_partner(ctx, partner_id, "input", "id")
    expect_version(applicant, expected_version)
    event = "approve" if approve else "reject"
    require(ADMISSION.check(applicant.admission_state, event) + check_reason(approve, reason))
    _, wrong = await find_in_charge(applicant, rep_office_id, eco_manager_id)
    require(wrong)
    if not approve:
        await reviews.settle(ctx, ReviewKind.ADMISSION, applicant, False, reason)
        return await _reject(ctx, applicant, str(reason).strip())
    company = await _lock_registered(applicant)
    account = await _lock_account(applicant)
    same_name = check_registered_name(applicant.name, None if company is None else company.name)
    require(same_name + check_applicant(account.status is AccountStatus.ACTIVE))
    await reviews.settle(ctx, ReviewKind.ADMISSION, applicant, True)
    return await _admit(
        ctx,
        applicant,
        account,
        company,
        event,
        office_id=rep_office_id,
        eco_manager_id=eco_manager_id,
        decided_by=ctx.actor.account_id,
        decided_at=ctx.now,
    )


async def _reject(ctx: Context, applicant: Partner, reason: str) -> Partner:
    await applicant.change(
        now=ctx.now,
        admission_state=ADMISSION.after(applicant.admission_state, "reject"),
        rejection_reason=reason,
        decided_by=ctx.actor.account_id,
        decided_at=ctx.now,
    )
    account = await Account.get(id=applicant.main_account_id)
    ctx.event("partner.rejected", applicant, partner_id=applicant.id, state=applicant.admission_state.value)
    ctx.effect("partner.rejected", applicant)
    ctx.notify("admission_rejected", account, about=applicant, facts={"reason": reason})
    return applicant


@command(
    permission=Permission.PARTNERS_SET_STANDING,
    refuses=(ErrorCode.OUT_OF_RANGE, ErrorCode.STATE_CONFLICT, ErrorCode.REASON_REQUIRED),
    emits=("partner.standing_changed",),
)
async def set_partner_standing(
    ctx: Context, *, partner_id: UUID, standing: Standing, reason: str, expected_version: int | None = None
) -> Partner:
    """Restricts a partner (no new associations), freezes it (no dealings with resale customers), or restores it."""
    held = await access_partner(ctx, partner_id, "input", "id")
    expect_version(held, expected_version)
    before = held.standing
    require(check_standing_change(before, standing, reason))
    await held.change(now=ctx.now, standing=standing)
    ctx.audit(reason=reason.strip())
    ctx.event("partner.standing_changed", held, partner_id=held.id, before=before.value, standing=standing.value)
    ctx.effect("partner.standing_changed", held)
    return held


@command(
    permission=Permission.RUN_SCHEDULES,
    emits=("partner.admitted", "partner.review_requested", "company.keeper_changed"),
    key=Key.NONE,
)
async def check_admission(ctx: Context, *, partner_id: UUID) -> Partner:
    """The automatic check of an application: admitted when it says what the real name says, else reviewed by hand."""
    applicant = await Partner.filter(id=partner_id).select_for_update().get()
    if applicant.admission_state is not AdmissionState.SUBMITTED:
        return applicant
    company = await _lock_registered(applicant)
    account = await _lock_account(applicant)
    against = check_registered_name(applicant.name, None if company is None else company.name)
    against += check_applicant(account.status is AccountStatus.ACTIVE)
    real_name = await _real_name(applicant)
    licence = LegalEntity(applicant.name, applicant.credit_code)
    policy = ctx.policy_of(applicant)
    if real_name is not None and not against and is_automatic(licence, real_name, policy=policy):
        return await _admit(ctx, applicant, account, company, "auto_pass")
    await applicant.change(now=ctx.now, admission_state=ADMISSION.after(applicant.admission_state, "auto_fail"))
    await reviews.submit(ctx, ReviewKind.ADMISSION, applicant, applicant)
    ctx.event("partner.review_requested", applicant, partner_id=applicant.id, state=applicant.admission_state.value)
    ctx.effect("partner.review_requested", applicant)
    return applicant


async def _real_name(applicant: Partner) -> LegalEntity | None:
    """The company as the applicant's passed real-name case names it."""
    case = await _passed_case(applicant)
    return None if case is None else LegalEntity(case.legal_name, case.document_number)


async def _passed_case(applicant: Partner) -> RealNameCase | None:
    passed = RealNameCase.filter(account_id=applicant.main_account_id, state=RealNameState.PASSED)
    return await passed.order_by("-id").first()


async def _registered(site: str, code: str) -> Company | None:
    return await Company.get_or_none(site=site, credit_code=code)


async def _lock_registered(applicant: Partner) -> Company | None:
    """The company of this credit code; two admissions of one code go one after the other, so that one makes it."""
    await lock_credit_code(applicant.site, applicant.credit_code)
    return await _registered(applicant.site, applicant.credit_code)


async def _lock_account(applicant: Partner) -> Account:
    return await Account.filter(id=applicant.main_account_id).select_for_update().get()


async def _admit(
    ctx: Context, applicant: Partner, account: Account, company: Company | None, event: str, **decision: object
) -> Partner:
    """Joins the applicant to the network and makes its account, which is locked, the partner's main one."""
    company = company or await _found(ctx, applicant, account)
    await applicant.change(
        now=ctx.now,
        company_id=company.id,
        admission_state=ADMISSION.after(applicant.admission_state, event),
        admitted_at=ctx.now,
        **decision,
    )
    await account.change(now=ctx.now, partner_id=applicant.id, is_main=True)
    await take_over(ctx, company, applicant)
    ctx.event("partner.admitted", applicant, partner_id=applicant.id, state=applicant.admission_state.value)
    ctx.effect("partner.admitted", applicant)
    ctx.notify("admission_approved", account, about=applicant)
    return applicant


async def _found(ctx: Context, applicant: Partner, account: Account) -> Company:
    """The company with what is known of it, the licence that its real name was shown by included; the applicant's
    account, its first one, keeps its information.
    """
    company = await Company.insert(
        now=ctx.now, site=applicant.site, name=applicant.name, credit_code=applicant.credit_code
    )
    contact = CompanyContact(account.full_name, mobile=account.mobile, email=account.email)
    await CompanyProfile.insert(
        now=ctx.now,
        company_id=company.id,
        main_partner_id=applicant.id,
        contacts=[contact.data()],
        licence=_licence(await _passed_case(applicant), applicant),
    )
    return company


def _licence(case: RealNameCase | None, applicant: Partner) -> dict[str, Any] | None:
    """The licence by which a company's real name was shown, as its information keeps it; None for another company's."""
    if case is None or normalise_credit_code(case.document_number, Site(applicant.site)) != applicant.credit_code:
        return None
    shown = (one["file"] for one in case.files if one["kind"] == RealNameFileKind.LICENCE)
    return next(shown, None)
