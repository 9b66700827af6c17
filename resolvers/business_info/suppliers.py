"""The supplier register: what the vendor's purchasing knows of its suppliers, entered by operations or their system."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from core.ids import uuid7
from models.business_info import Supplier
from resolvers.batch import Batch, each
from resolvers.business_info.scope import seal_account
from resolvers.command import Key, command
from resolvers.context import Context
from resolvers.query import query
from rules.access import Permission
from rules.bills import ErrorPolicy
from rules.business_info import check_supplier, folded_name, normalise_answer
from rules.errors import ErrorCode, Violation, refuse, require


@query(permission=Permission.BUSINESS_INFO_MANAGE_SUPPLIERS)
async def supplier(ctx: Context, *, reference: str) -> Supplier | None:
    """A supplier of your site by the number that purchasing gives it; null for none."""
    return await Supplier.get_or_none(site=ctx.actor.site, reference=reference.strip(), removed_at=None)


class GivenSupplier(Protocol):
    """A supplier as a caller names it."""

    reference: str
    name: str
    account_number: str
    signing_entity: str
    currency: str


@dataclass(slots=True)
class _Named:
    """A supplier of a single call. `repr` shows nothing of the account."""

    reference: str
    name: str
    account_number: str = field(repr=False)
    signing_entity: str
    currency: str


_REFUSES = (ErrorCode.INVALID_FORMAT, ErrorCode.SIGNING_ENTITY_NOT_OF_SITE)


@command(
    permission=Permission.BUSINESS_INFO_MANAGE_SUPPLIERS,
    refuses=_REFUSES,
    key=Key.NONE,  # as with forms, nothing may be made of an account number
)
async def save_supplier(
    ctx: Context, *, reference: str, name: str, account_number: str, signing_entity: str, currency: str
) -> Supplier:
    """Enters a supplier of your site, or writes the one of that reference anew. Forms are compared with it by name."""
    return await _save(ctx, _Named(reference, name, account_number, signing_entity, currency), ("input",))


@command(
    permission=Permission.BUSINESS_INFO_MANAGE_SUPPLIERS,
    refuses=(*_REFUSES, ErrorCode.REQUIRED, ErrorCode.REPEATED),
    key=Key.NONE,
    sensitive=True,
)
async def import_suppliers(
    ctx: Context, *, suppliers: Sequence[GivenSupplier], error_policy: ErrorPolicy = ErrorPolicy.ALL_OR_NOTHING
) -> Batch[Supplier]:
    """Takes over up to 200 suppliers of your site from purchasing, each as saveSupplier does, with a result of its own.

    Doing it again does no harm. A reference may stand in the list once.
    """
    if not suppliers:
        raise refuse(ErrorCode.REQUIRED, "input", "suppliers")

    async def one(reference: str, place: tuple[str, ...]) -> Supplier:
        return await _save(ctx, suppliers[int(place[-1])], place)

    batch = await each(ctx, [given.reference.strip() for given in suppliers], one, "input", "suppliers")
    if error_policy is ErrorPolicy.ALL_OR_NOTHING:
        require(batch.violations)
    return batch


async def _save(ctx: Context, given: GivenSupplier, place: tuple[str, ...]) -> Supplier:
    """Writes one supplier; refuses with all that is wrong with it, at its `place`."""
    number = normalise_answer("account_number", given.account_number)
    code = normalise_answer("currency", given.currency)
    wrong = [value for value in (number, code) if isinstance(value, Violation)]
    wrong += check_supplier(given.signing_entity, ctx.actor.site)
    require([replace(one, path=(*place, one.path[-1])) for one in wrong])
    site, known = ctx.actor.site, given.reference.strip()
    row = await Supplier.filter(site=site, reference=known).select_for_update().first()
    row_id = uuid7() if row is None else row.id
    values = {
        "name": given.name.strip(),
        "name_key": folded_name(given.name),
        "signing_entity": given.signing_entity,
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
