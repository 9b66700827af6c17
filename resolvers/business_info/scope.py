"""Whose business information an actor sees, how a command gets at it, and what opens sealed bank data."""

from uuid import UUID

from tortoise.queryset import QuerySet

from core.sealing import sealer_of
from core.settings import Settings
from models.business_info import BusinessInfo, BusinessInfoForm, MicroDeposit, Supplier
from resolvers.context import Context
from resolvers.nodes import findable, own_rows, sees_all
from rules.access import Permission, may
from rules.business_info import Settlement
from rules.errors import ErrorCode, refuse


def visible(ctx: Context) -> QuerySet[BusinessInfo]:
    """The vendor sees every record, a partner its own."""
    return own_rows(ctx, BusinessInfo)


def visible_forms(ctx: Context) -> QuerySet[BusinessInfoForm]:
    """What has been submitted for those of the vendor whose work it is; for the partner's, all of its own."""
    if not may(ctx.actor, Permission.BUSINESS_INFO_READ):
        return BusinessInfoForm.filter(id__in=[])
    if sees_all(ctx):
        return BusinessInfoForm.filter(submitted_at__isnull=False)
    return BusinessInfoForm.filter(partner_id=ctx.actor.partner_id)


def visible_deposits(ctx: Context) -> QuerySet[MicroDeposit]:
    """The vendor's see every micro-deposit, the partner's people their own."""
    if not may(ctx.actor, Permission.BUSINESS_INFO_READ):
        return MicroDeposit.filter(id__in=[])
    return own_rows(ctx, MicroDeposit)


findable(BusinessInfo, Permission.PARTNERS_READ, visible)
findable(BusinessInfoForm, Permission.BUSINESS_INFO_READ, visible_forms)
findable(MicroDeposit, Permission.BUSINESS_INFO_READ, visible_deposits)


async def lock_of_partner(partner_id: UUID | None) -> BusinessInfo | None:
    """The partner's record, locked. It is locked before its forms, deposits and letters."""
    return await BusinessInfo.filter(partner_id=partner_id).select_for_update().first()


async def access_own(ctx: Context) -> BusinessInfo:
    """The acting partner's record, locked; NOT_FOUND where it has none."""
    row = await lock_of_partner(ctx.actor.partner_id)
    if row is None:
        raise refuse(ErrorCode.NOT_FOUND, "input")
    return row


async def access_record(ctx: Context, record_id: UUID) -> BusinessInfo:
    """A record, locked; NOT_FOUND for one the actor may not see."""
    row = await visible(ctx).filter(id=record_id).select_for_update().first()
    if row is None:
        raise refuse(ErrorCode.NOT_FOUND, "input", "id")
    return row


_ACCOUNTS = {BusinessInfoForm: "business_info_form", Supplier: "supplier"}


def seal_account(
    ctx: Context, model: type[BusinessInfoForm | Supplier], row_id: UUID, number: str
) -> dict[str, object]:
    """The columns that keep an account number: sealed, and its last four characters."""
    sealed = sealer_of(ctx.settings).seal(number, _ACCOUNTS[model], row_id.bytes)
    return {"account_sealed": sealed, "account_end": number[-4:]}


def open_account(settings: Settings, row: BusinessInfoForm | Supplier) -> str | None:
    """The account number of a form or supplier; None while the form has none, and once it is erased."""
    if not row.account_sealed:
        return None
    return sealer_of(settings).open(row.account_sealed, _ACCOUNTS[type(row)], row.id.bytes)


def seal_amount(ctx: Context, deposit_id: UUID, minor: int) -> bytes:
    """The amount of a micro-deposit, sealed."""
    return sealer_of(ctx.settings).seal(str(minor), "micro_deposit", deposit_id.bytes)


def open_amount(settings: Settings, deposit: MicroDeposit) -> int:
    """The amount of a micro-deposit in minor units."""
    return int(sealer_of(settings).open(deposit.amount_sealed, "micro_deposit", deposit.id.bytes))


def settlement_of(settings: Settings, row: BusinessInfoForm | Supplier) -> Settlement:
    """Where the money of a submitted form, or of a supplier, goes."""
    account = open_account(settings, row)
    assert account is not None and row.signing_entity is not None and row.currency is not None
    return Settlement(account, row.signing_entity, row.currency)
