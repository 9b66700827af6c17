"""The partner's form: saving it piece by piece, and submitting it, which has a micro-deposit made."""

from collections.abc import Mapping
from enum import Enum
from typing import Any, TypedDict, Unpack
from uuid import UUID

from core.ids import uuid7
from models.business_info import BusinessInfo, BusinessInfoForm
from models.partners import Partner
from resolvers.business_info.deposits import request_deposit
from resolvers.business_info.records import move
from resolvers.business_info.scope import access_own, lock_of_partner, open_account, seal_account
from resolvers.command import Key, command, expect_version
from resolvers.context import Context
from resolvers.partners.scope import lock_own_open
from rules.access import Permission
from rules.business_info import (
    BANKS,
    BRANCHES,
    BusinessInfoState,
    Content,
    TaxpayerType,
    check_editable,
    check_form,
    check_privacy,
    check_submittable,
    normalise_answer,
    normalise_rate,
)
from rules.contacts import normalise_email, normalise_mobile
from rules.errors import ErrorCode, Violation, refuse, require
from rules.policy import Policy
from rules.sites import Site


class Answers(TypedDict, total=False):
    """What may be written of a form: absent leaves it as it is, None empties it."""

    address: str | None
    taxpayer_type: TaxpayerType | None
    tax_number: str | None
    tax_rate: str | None
    contact_name: str | None
    contact_mobile: str | None
    contact_email: str | None
    bank_country: str | None
    bank_code: str | None
    bank_name: str | None
    branch_name: str | None
    branch_code: str | None
    bic: str | None
    account_holder: str | None
    account_number: str | None
    intermediary_bank: str | None
    intermediary_bic: str | None
    signing_entity: str | None
    currency: str | None
    related_supplier: bool | None
    related_details: str | None


_COPIED = tuple(name for name in Answers.__annotations__ if name != "account_number")
"""The columns that a new draft takes from the form that was submitted last."""


@command(
    permission=Permission.BUSINESS_INFO_SUBMIT,
    refuses=(
        ErrorCode.INVALID_FORMAT,
        ErrorCode.MOBILE_INVALID,
        ErrorCode.MOBILE_NOT_OF_SITE,
        ErrorCode.EMAIL_INVALID,
        ErrorCode.BANK_UNKNOWN,
        ErrorCode.BUSINESS_INFO_NOT_EDITABLE,
    ),
    emits=("business_info.saved",),
    key=Key.NONE,  # what is kept with a key is made of the input: nothing may be made of an account number
)
async def save_business_info(
    ctx: Context, *, expected_version: int | None = None, **answers: Unpack[Answers]
) -> BusinessInfoForm:
    """Writes your draft of the form. Fields left out stay as they are, null empties them.

    The first draft after a submitted form begins with its answers; what has been certified holds until the draft is
    submitted, and is not changed at all where the site asks for a ticket. Only the form of each answer is checked:
    what is missing is told by submitBusinessInfo, all at once. The account number is kept sealed and never shown
    again but for its last four characters. A bank or branch chosen from the list is none of the list any more once
    its data are written over.
    """
    partner = await Partner.get(id=ctx.actor.partner_id)
    record = await lock_of_partner(partner.id) or await _begin(ctx, partner)
    draft = await _present_draft(partner.id)
    if draft is not None:
        expect_version(draft, expected_version)
    policy = ctx.policy_of(partner)
    values = _stored(answers, policy, check_editable(record.state, opened=record.opened, policy=policy))
    if draft is None:
        draft = await _draft(ctx, record)
    values |= _off_list(draft, values, Site(partner.site))
    if "account_number" in values:
        values |= _sealed(ctx, draft.id, values.pop("account_number"))
    await draft.change(now=ctx.now, **values)
    ctx.event("business_info.saved", draft, partner_id=partner.id)
    ctx.effect("business_info.saved", draft)
    return draft


async def _begin(ctx: Context, partner: Partner) -> BusinessInfo:
    return await BusinessInfo.insert(now=ctx.now, partner_id=partner.id, state=BusinessInfoState.NONE, since=ctx.now)


async def _present_draft(partner_id: UUID) -> BusinessInfoForm | None:
    return await BusinessInfoForm.filter(partner_id=partner_id, submitted_at=None).select_for_update().first()


async def draft_of(ctx: Context, record: BusinessInfo) -> BusinessInfoForm:
    """The draft of a locked record's partner, locked; made where there is none."""
    return await _present_draft(record.partner_id) or await _draft(ctx, record)


async def _draft(ctx: Context, record: BusinessInfo) -> BusinessInfoForm:
    """A new draft, with the answers of the form before it."""
    row_id, answers = uuid7(), dict[str, Any]()
    last = None if record.form_id is None else await BusinessInfoForm.get(id=record.form_id)
    if last is not None:
        answers = {name: getattr(last, name) for name in _COPIED}
        answers |= _sealed(ctx, row_id, open_account(ctx.settings, last))
    return await BusinessInfoForm.insert(now=ctx.now, id=row_id, partner_id=record.partner_id, **answers)


def _sealed(ctx: Context, form_id: UUID, number: str | None) -> dict[str, Any]:
    if number is None:
        return {"account_sealed": None, "account_end": None}
    return seal_account(ctx, BusinessInfoForm, form_id, number)


def _stored(answers: Answers, policy: Policy, against: list[Violation]) -> dict[str, Any]:
    """The answers in their stored form; refuses with all that is wrong, and what else stands `against` writing them."""
    values: dict[str, Any] = {}
    for name, answer in answers.items():
        empty = isinstance(answer, str) and not isinstance(answer, Enum) and not answer.strip()
        values[name] = None if empty else answer if not isinstance(answer, str) else _normalised(name, answer, policy)
    if isinstance(values.get("bank_code"), str):
        values |= _listed(values["bank_code"], policy.site)
    if (branch := BRANCHES.get(str(values.get("branch_code")))) is not None:
        values["branch_name"] = branch.titles[policy.site.locale]
    require(against + [value for value in values.values() if isinstance(value, Violation)])
    return values


def _normalised(name: str, answer: str, policy: Policy) -> Any:
    if isinstance(answer, Enum):
        return answer
    if name == "contact_mobile":
        return normalise_mobile(answer, policy=policy, path=("input", "contactMobile"))
    if name == "contact_email":
        return normalise_email(answer, path=("input", "contactEmail"))
    return normalise_rate(answer) if name == "tax_rate" else normalise_answer(name, answer)


def _listed(code: str, site: Site) -> dict[str, Any]:
    """What the list says of a bank chosen from it."""
    bank = BANKS.get(code)
    if bank is None:
        return {"bank_code": Violation(ErrorCode.BANK_UNKNOWN, ("input", "bankCode"), "business_info.bank")}
    return {"bank_country": bank.country, "bank_name": bank.titles[site.locale], "bic": bank.bic}


def _off_list(draft: BusinessInfoForm, values: Mapping[str, Any], site: Site) -> dict[str, Any]:
    """The codes of a draft's bank and branch that hold no more, because other data than the list's were written."""
    codes: dict[str, Any] = {}
    bank = {} if draft.bank_code is None else _listed(draft.bank_code, site)
    if "bank_code" not in values and any(values.get(name, said) != said for name, said in bank.items()):
        codes["bank_code"] = None
    branch = BRANCHES.get(draft.branch_code or "")
    if branch is not None and "branch_code" not in values:
        said = branch.titles[site.locale]
        if values.get("branch_name", said) != said:
            codes["branch_code"] = None
    return codes


@command(
    permission=Permission.BUSINESS_INFO_SUBMIT,
    refuses=(
        ErrorCode.STATE_CONFLICT,
        ErrorCode.BUSINESS_INFO_LOCKED,
        ErrorCode.BUSINESS_INFO_NOT_EDITABLE,
        ErrorCode.BANK_LETTER_REQUIRED,
        ErrorCode.BUSINESS_INFO_INCOMPLETE,
        ErrorCode.TAXPAYER_TYPE_REQUIRED,
        ErrorCode.TAXPAYER_TYPE_NOT_OF_SITE,
        ErrorCode.TAX_RATE_NOT_ALLOWED,
        ErrorCode.BANK_HOLDER_MISMATCH,
        ErrorCode.BANK_ACCOUNT_INVALID,
        ErrorCode.BANK_UNKNOWN,
        ErrorCode.BRANCH_NOT_OF_BANK,
        ErrorCode.SIGNING_ENTITY_NOT_OF_SITE,
        ErrorCode.CURRENCY_NOT_OF_ENTITY,
        ErrorCode.AGREEMENT_REQUIRED,
    ),
    emits=("business_info.submitted",),
)
async def submit_business_info(
    ctx: Context, *, privacy_statement: str | None = None, expected_version: int | None = None
) -> BusinessInfo:
    """Submits your draft. A small sum is sent to the account; confirm its amount with confirmMicroDeposit.

    Nothing is settled until the form is decided. The account holder must be the company itself.
    """
    partner = await lock_own_open(ctx)
    record = await access_own(ctx)
    policy = ctx.policy_of(partner)
    closed = check_submittable(record.state) + check_editable(record.state, opened=record.opened, policy=policy)
    draft = await _present_draft(partner.id)
    if draft is None:
        require(closed)
        raise refuse(ErrorCode.NOT_FOUND, "input")
    expect_version(draft, expected_version)
    content = _content(ctx, partner, draft)
    require(closed + check_form(content, policy=policy) + check_privacy(privacy_statement))
    await draft.change(
        now=ctx.now,
        company_name=partner.name,
        credit_code=partner.credit_code,
        privacy_statement=privacy_statement,
        submitted_by=ctx.actor.account_id,
        submitted_at=ctx.now,
    )
    await move(ctx, record, "submit", form_id=draft.id, reason=None, check_reasons=[], certified_at=None)
    await request_deposit(ctx, record, draft)
    ctx.event("business_info.submitted", record, partner_id=partner.id, state=record.state.value)
    ctx.effect("business_info.submitted", record)
    return record


def _content(ctx: Context, partner: Partner, draft: BusinessInfoForm) -> Content:
    answers = {name: getattr(draft, name) for name in _COPIED}
    answers["account_number"] = open_account(ctx.settings, draft)
    return Content(Site(partner.site), partner.name, answers)
