"""What is shown of business information: records, forms, micro-deposits, and what may be done with them now."""

from collections.abc import Sequence
from uuid import UUID

from tortoise.queryset import QuerySet

from models.business_info import BankLetter, BusinessInfo, BusinessInfoForm, MicroDeposit
from models.partners import Partner
from resolvers.actions import ActionState, action
from resolvers.business_info.deposits import (
    confirm_micro_deposit,
    report_missing_micro_deposit,
    unlock_business_info,
)
from resolvers.business_info.forms import submit_business_info
from resolvers.business_info.records import open_business_info, record_business_info
from resolvers.business_info.reviewing import submit_bank_letter
from resolvers.business_info.scope import visible, visible_deposits, visible_forms
from resolvers.context import Context
from resolvers.query import query
from resolvers.related import to_one
from rules.access import Permission
from rules.business_info import (
    BUSINESS_INFO,
    ENTITIES,
    PRIVACY_STATEMENT,
    Bank,
    Branch,
    BusinessInfoState,
    MicroDepositState,
    SigningEntity,
    Try,
    banks_of,
    branches_of,
    check_amount,
    check_editable,
    check_missing,
    check_submittable,
)

_BRANCHES_MOST = 50


@query(permission=Permission.BUSINESS_INFO_READ)
def business_infos(ctx: Context, *, state: BusinessInfoState | None = None) -> QuerySet[BusinessInfo]:
    """The partner's record; the vendor's staff see every partner's, newest first."""
    rows = visible(ctx)
    return rows if state is None else rows.filter(state=state)


@query(permission=Permission.BUSINESS_INFO_READ)
def micro_deposits(ctx: Context, *, state: MicroDepositState | None = None) -> QuerySet[MicroDeposit]:
    """The partner's micro-deposits; for the vendor's staff also those that are still to be made (REQUESTED)."""
    rows = visible_deposits(ctx)
    return rows if state is None else rows.filter(state=state)


class FormOptions:
    """What the form offers to choose from on the caller's site."""

    def __init__(self, entities: list[SigningEntity], banks: list[Bank]) -> None:
        self.signing_entities = entities
        self.banks = banks
        self.privacy_statement = PRIVACY_STATEMENT


@query(permission=Permission.BUSINESS_INFO_READ)
async def business_info_options(ctx: Context) -> FormOptions:
    """The signing entities of your site, the banks to choose from, and the privacy statement to accept."""
    entities = [entity for entity in ENTITIES.values() if entity.site is ctx.actor.site]
    return FormOptions(entities, banks_of(ctx.actor.site))


@query(permission=Permission.BUSINESS_INFO_READ)
async def bank_branches(ctx: Context, *, bank_code: str, part: str = "") -> list[Branch]:
    """Branches of a bank of the list, at most 50, by the beginning of their number or a part of their name."""
    offered = {bank.code for bank in banks_of(ctx.actor.site)}
    return branches_of(bank_code, part)[:_BRANCHES_MOST] if bank_code in offered else []


async def of_partners(ctx: Context, parents: Sequence[Partner]) -> list[BusinessInfo | None]:
    """The record of each partner; None without one, and for those who may not see it."""
    rows = await visible(ctx).filter(partner_id__in=[parent.id for parent in parents])
    found = {row.partner_id: row for row in rows}
    return [found.get(parent.id) for parent in parents]


forms_of = to_one("form_id", BusinessInfoForm, visible=visible_forms)
"""The form that each record is about."""

partners_of = to_one("partner_id", Partner)
"""The partner of each record."""


async def drafts_of(ctx: Context, parents: Sequence[BusinessInfo]) -> list[BusinessInfoForm | None]:
    """The partner's draft; None without one, and for the vendor."""
    rows = visible_forms(ctx).filter(partner_id__in=[parent.partner_id for parent in parents], submitted_at=None)
    found = {row.partner_id: row for row in await rows}
    return [found.get(parent.partner_id) for parent in parents]


async def deposits_of(ctx: Context, parents: Sequence[BusinessInfo]) -> list[MicroDeposit | None]:
    """The newest micro-deposit for each record's form."""
    found = await _newest(ctx, [parent.form_id for parent in parents if parent.form_id is not None])
    return [found.get(parent.form_id) if parent.form_id else None for parent in parents]


async def _newest(ctx: Context, forms: Sequence[UUID]) -> dict[UUID, MicroDeposit]:
    rows = await visible_deposits(ctx).filter(form_id__in=list(forms)).order_by("id")
    return {row.form_id: row for row in rows}


async def letters_of(ctx: Context, parents: Sequence[BusinessInfoForm]) -> list[BankLetter | None]:
    """The bank's letter about each form; None without one."""
    rows = await BankLetter.filter(form_id__in=[parent.id for parent in parents])
    found = {row.form_id: row for row in rows}
    return [found.get(parent.id) for parent in parents]


async def actions_of(ctx: Context, parents: Sequence[BusinessInfo]) -> list[list[ActionState]]:
    """What the actor may do with each record, by the guards of the commands."""
    deposits = await deposits_of(ctx, parents)
    return [_actions(ctx, row, deposit) for row, deposit in zip(parents, deposits, strict=True)]


def _actions(ctx: Context, row: BusinessInfo, deposit: MicroDeposit | None) -> list[ActionState]:
    waits = row.state is BusinessInfoState.AMOUNT_PENDING
    missing = BUSINESS_INFO.check(row.state, "deposit_missed")
    if not missing and deposit is not None:
        missing = check_missing(deposit.overdue_from, now=ctx.now)
    editable = check_editable(row.state, opened=row.opened, policy=ctx.policy)  # asked of its own partner alone
    return [
        action(ctx, "SUBMIT", submit_business_info, check_submittable(row.state) + editable),
        action(ctx, "CONFIRM_MICRO_DEPOSIT", confirm_micro_deposit, check_amount(Try(row.state, waits, right=waits))),
        action(ctx, "REPORT_MISSING_MICRO_DEPOSIT", report_missing_micro_deposit, missing),
        action(ctx, "SUBMIT_BANK_LETTER", submit_bank_letter, BUSINESS_INFO.check(row.state, "send_letter")),
        action(ctx, "UNLOCK", unlock_business_info, BUSINESS_INFO.check(row.state, "unlock")),
        action(ctx, "OPEN", open_business_info, BUSINESS_INFO.check(row.state, "open")),
        action(ctx, "RECORD", record_business_info, BUSINESS_INFO.check(row.state, "record")),
    ]
