"""The vendor's company that signs with a partner: when it is another one, what was certified of the old one is over."""

from uuid import UUID

from models.business_info import BusinessInfo, BusinessInfoForm
from models.partners import Partner
from resolvers.business_info.forms import draft_of
from resolvers.business_info.records import expire_by_change
from resolvers.business_info.scope import access_record
from resolvers.command import command, expect_version
from resolvers.context import Context
from rules.access import Permission
from rules.business_info import BUSINESS_INFO, SigningEntity, check_new_entity, entity_of
from rules.errors import ErrorCode, require
from rules.sites import Site


async def signing_entity_of(partner: Partner) -> SigningEntity:
    """The company of the vendor's that signs with a certified partner, and gets its invoices."""
    record = await BusinessInfo.filter(partner_id=partner.id).select_related("form").first()
    code = None if record is None or record.form is None else record.form.signing_entity
    return entity_of(code, Site(partner.site))


@command(
    permission=Permission.BUSINESS_INFO_RECORD,
    refuses=(
        ErrorCode.STATE_CONFLICT,
        ErrorCode.SIGNING_ENTITY_UNCHANGED,
        ErrorCode.SIGNING_ENTITY_NOT_OF_SITE,
        ErrorCode.CURRENCY_NOT_OF_ENTITY,
    ),
    emits=("business_info.entity_changed", "business_info.expired"),
)
async def change_signing_entity(
    ctx: Context, *, record_id: UUID, signing_entity: str, currency: str, expected_version: int | None = None
) -> BusinessInfo:
    """Records that another of your companies signs with a partner, or settles in another currency.

    What is certified, or on its way there, names the old one and is over: the partner is told, and finds the new one in
    its draft, to be submitted. A partner that wants another signing entity itself submits a form that names it.
    """
    record = await access_record(ctx, record_id)
    expect_version(record, expected_version)
    partner = await Partner.get(id=record.partner_id)
    form = None if record.form_id is None else await BusinessInfoForm.get(id=record.form_id)
    present = (None, None) if form is None else (form.signing_entity, form.currency)
    require(
        BUSINESS_INFO.check(record.state, "expire")
        + check_new_entity(present, signing_entity, currency, Site(partner.site))
    )
    draft = await draft_of(ctx, record)
    await draft.change(now=ctx.now, signing_entity=signing_entity, currency=currency)
    ctx.event("business_info.entity_changed", record, partner_id=partner.id, signing_entity=signing_entity)
    ctx.effect("business_info.entity_changed", record, entity=signing_entity)
    return await expire_by_change(ctx, partner.id) or record
