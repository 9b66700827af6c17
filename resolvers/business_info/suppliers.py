"""The supplier register: what the vendor's purchasing knows of its suppliers, entered by operations or their system."""

from core.ids import uuid7
from models.business_info import Supplier
from resolvers.business_info.scope import seal_account
from resolvers.command import Key, command
from resolvers.context import Context
from resolvers.query import query
from rules.access import Permission
from rules.business_info import check_supplier, folded_name, normalise_answer
from rules.errors import ErrorCode, Violation, refuse, require


@query(permission=Permission.BUSINESS_INFO_MANAGE_SUPPLIERS)
async def supplier(ctx: Context, *, reference: str) -> Supplier | None:
    """A supplier of your site by the number that purchasing gives it; null for none."""
    return await Supplier.get_or_none(site=ctx.actor.site, reference=reference.strip(), removed_at=None)


@command(
    permission=Permission.BUSINESS_INFO_MANAGE_SUPPLIERS,
    refuses=(ErrorCode.INVALID_FORMAT, ErrorCode.SIGNING_ENTITY_NOT_OF_SITE),
    key=Key.NONE,  # as with forms, nothing may be made of an account number
)
async def save_supplier(
    ctx: Context, *, reference: str, name: str, account_number: str, signing_entity: str, currency: str
) -> Supplier:
    """Enters a supplier of your site, or writes the one of that reference anew. Forms are compared with it by name."""
    number, code = normalise_answer("account_number", account_number), normalise_answer("currency", currency)
    wrong = [value for value in (number, code) if isinstance(value, Violation)]
    require(wrong + check_supplier(signing_entity, ctx.actor.site))
    site, known = ctx.actor.site, reference.strip()
    row = await Supplier.filter(site=site, reference=known).select_for_update().first()
    row_id = uuid7() if row is None else row.id
    values = {
        "name": name.strip(),
        "name_key": folded_name(name),
        "signing_entity": signing_entity,
        "currency": code,
        "removed_at": None,
        **seal_account(ctx, Supplier, row_id, str(number)),
    }
    if row is None:
        row = await Supplier.insert(now=ctx.now, id=row_id, site=site, reference=known, **values)
    else:
        await row.change(now=ctx.now, **values)
    ctx.effect("supplier.saved", row)
    return row


@command(permission=Permission.BUSINESS_INFO_MANAGE_SUPPLIERS)
async def remove_supplier(ctx: Context, *, reference: str) -> Supplier:
    """Takes a supplier of your site off the register; forms are no longer compared with it."""
    live = Supplier.filter(site=ctx.actor.site, reference=reference.strip(), removed_at=None)
    row = await live.select_for_update().first()
    if row is None:
        raise refuse(ErrorCode.NOT_FOUND, "input", "reference")
    await row.change(now=ctx.now, removed_at=ctx.now)
    ctx.effect("supplier.removed", row)
    return row
