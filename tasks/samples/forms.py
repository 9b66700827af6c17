"""Business information in the sample data: forms, the micro-deposits that prove their accounts, the automatic check."""

from typing import Any

from core import db
from core.scope import EVERYTHING
from models.business_info import BusinessInfo, MicroDeposit
from models.partners import Partner
from resolvers import business_info
from rules.business_info import PRIVACY_STATEMENT, BusinessInfoState, TaxpayerType
from rules.money import format_amount
from rules.sites import Site
from tasks.samples.partners import partner_of
from tasks.samples.stage import Stage

_FORM: dict[str, Any] = {
    "address": "杭州市西湖区文三路 90 号",
    "taxpayer_type": TaxpayerType.GENERAL,
    "tax_number": "91330106MA2XYZ1234",
    "tax_rate": "0.06",
    "contact_name": "陈会计",
    "contact_mobile": "13800138000",
    "contact_email": "finance@example.com",
    "bank_code": "ICBC",
    "branch_name": "西湖支行",
    "branch_code": "102331002011",
    "account_number": "6222021001116245702",
    "signing_entity": "CLOUD_CN",
    "currency": "CNY",
    "related_supplier": False,
}


_FORM_INTL: dict[str, Any] = {
    "address": "12 Marina Boulevard, Singapore",
    "tax_number": "M90312345A",
    "tax_rate": "0.09",
    "contact_name": "Mei Tan",
    "contact_mobile": "+6581234567",
    "contact_email": "accounts@example.com",
    "bank_code": "DBS",
    "branch_name": "Marina Bay",
    "account_number": "0012345678901",
    "signing_entity": "CLOUD_SG",
    "currency": "SGD",
    "related_supplier": False,
}


async def save_form(stage: Stage, name: str, **changes: Any) -> None:
    """A partner fills in the form of its site."""
    main = stage.people[name]
    holder = (await _partner(stage, name)).name
    form = _FORM if main.site is Site.CN else _FORM_INTL
    await stage.do(main, business_info.save_business_info, **{**form, "account_holder": holder, **changes})


async def submit_form(stage: Stage, name: str, **changes: Any) -> None:
    """It submits the form, and a micro-deposit is sent."""
    await save_form(stage, name, **changes)
    await stage.do(stage.people[name], business_info.submit_business_info, privacy_statement=PRIVACY_STATEMENT)


async def name_amount(stage: Stage, name: str) -> None:
    """It names the amount that has arrived."""
    deposit = await deposit_of(stage, name)
    async with db.read(EVERYTHING):
        order = await business_info.order_of(stage.settings, deposit)
    await stage.do(stage.people[name], business_info.confirm_micro_deposit, amount=format_amount(order.amount))


async def prove_account(stage: Stage, name: str, **changes: Any) -> None:
    """A partner submits its form and names the amount that has arrived."""
    await submit_form(stage, name, **changes)
    await name_amount(stage, name)


async def deposit_of(stage: Stage, name: str) -> MicroDeposit:
    """A partner's newest micro-deposit."""
    partner_id = (await _partner(stage, name)).id
    async with db.read(EVERYTHING):
        return await MicroDeposit.filter(partner_id=partner_id).order_by("-id").limit(1).get()


async def record_of(stage: Stage, name: str) -> BusinessInfo:
    """A partner's business information."""
    partner_id = (await _partner(stage, name)).id
    async with db.read(EVERYTHING):
        return await BusinessInfo.get(partner_id=partner_id)


async def _partner(stage: Stage, name: str) -> Partner:
    partner_id = await partner_of(stage.people[name])
    async with db.read(EVERYTHING):
        return await Partner.get(id=partner_id)


async def check_forms(stage: Stage) -> None:
    """What the job does an hour later."""
    async with db.read(EVERYTHING):
        waiting = await BusinessInfo.filter(state=BusinessInfoState.AUTO_CHECK).order_by("id")
    for record in waiting:
        await stage.do(None, business_info.check_business_info, record_id=record.id)
