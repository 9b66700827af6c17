"""Business information in the sample data: forms, the micro-deposits that prove their accounts, the automatic check."""

from typing import Any

from core import db
from core.scope import EVERYTHING
from models.business_info import BusinessInfo, MicroDeposit
from models.partners import Partner
from resolvers import business_info
from rules.business_info import PRIVACY_STATEMENT, BusinessInfoState, TaxpayerType
from rules.money import format_amount
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


async def prove_account(stage: Stage, name: str, **changes: Any) -> None:
    """A partner submits its form and names the amount that has arrived."""
    main = stage.people[name]
    partner_id = await partner_of(main)
    async with db.read(EVERYTHING):
        partner = await Partner.get(id=partner_id)
    given = {**_FORM, "account_holder": partner.name, **changes}
    await stage.do(main, business_info.save_business_info, **given)
    await stage.do(main, business_info.submit_business_info, privacy_statement=PRIVACY_STATEMENT)
    async with db.read(EVERYTHING):
        deposit = await MicroDeposit.get(partner_id=partner_id)
        order = await business_info.order_of(stage.settings, deposit)
    await stage.do(main, business_info.confirm_micro_deposit, amount=format_amount(order.amount))


async def check_forms(stage: Stage) -> None:
    """What the job does an hour later."""
    async with db.read(EVERYTHING):
        waiting = await BusinessInfo.filter(state=BusinessInfoState.AUTO_CHECK).order_by("id")
    for record in waiting:
        await stage.do(None, business_info.check_business_info, record_id=record.id)
