"""Vouchers of the sample data: quotas granted and passed on to resellers, vouchers in every state."""

from uuid import UUID

from core import db
from core.scope import EVERYTHING
from models.customers import Customer
from resolvers import vouchers
from rules.sites import Site
from rules.vouchers import QuotaChange
from tasks.samples.companies import CUSTOMERS
from tasks.samples.partners import partner_of, staff
from tasks.samples.stage import Person, Stage
from tasks.samples.timeline import Story

_NAMES = {company.domain: company.name for company in CUSTOMERS}


async def customer_of(stage: Stage, domain: str) -> UUID:
    """The id of a company's customer row."""
    async with db.read(EVERYTHING):
        return (await Customer.get(account_id=stage.people[domain].account_id)).id


async def grant(stage: Stage, to: str, value: str) -> UUID:
    """A quota of the vendor's, good for a year; its id."""
    quota = await stage.do(
        staff(stage, "ops", Site.CN),
        vouchers.grant_quota,
        partner_id=await partner_of(stage.people[to]),
        value=value,
        expires_at=stage.later(days=365),
    )
    return quota.id


async def distribution(stage: Stage) -> Story:
    """A distributor passes a part of its quota on; its reseller issues a voucher from it."""
    yield stage.on(365, "04:00")
    quota = await grant(stage, "huahai", "50000.00")
    yield stage.later(days=1)
    reseller = stage.people["lanjing"]
    given = {"reseller_ids": [await partner_of(reseller)], "amount": "12000.00"}
    issued = await stage.do(stage.people["huahai"], vouchers.issue_quota_to_resellers, quota_id=quota, **given)
    yield stage.later(days=2)
    [passed_on] = issued.results
    await issue(stage, reseller, passed_on.id, ["shuangxi"], "500.00")
    yield stage.later(days=3)
    issued = await stage.do(stage.people["huahai"], vouchers.issue_quota_to_resellers, quota_id=quota, **given)
    yield stage.later(days=4)
    recalled = {"quota_ids": [issued.results[0].id], "remark": "本季度额度重复发放。"}
    await stage.do(stage.people["huahai"], vouchers.recall_quotas, **recalled)


async def issue(stage: Stage, by: Person, quota: UUID, to: list[str], face: str, days: int = 90) -> list[UUID]:
    """One voucher to each of these customers; their ids."""
    ids = [await customer_of(stage, domain) for domain in to]
    given = {"customer_ids": ids, "face_value": face, "expires_at": stage.later(days=days)}
    batch = await stage.do(by, vouchers.issue_vouchers, quota_id=quota, **given)
    return [voucher.id for voucher in batch.results]


async def use(stage: Stage, voucher: UUID, order: str, amount: str) -> None:
    """What a voucher paid of an order."""
    given = {"order_ref": order, "amount": amount, "order_amount": "5000.00"}
    await stage.do(staff(stage, "ops", Site.CN), vouchers.record_voucher_use, voucher_id=voucher, **given)


async def own_vouchers(stage: Stage) -> Story:
    """A partner's vouchers: untouched, partly and wholly used, recalled, expired."""
    yield stage.on(370, "04:20")
    main = stage.people["yunshan"]
    quota = await grant(stage, "yunshan", "20000.00")
    yield stage.later(days=1)
    part, whole, mistaken = await issue(stage, main, quota, ["dongfang", "tianmu", "heyi"], "800.00", days=200)
    [short] = await issue(stage, main, quota, ["dongfang"], "200.00", days=10)
    yield stage.later(days=3)
    await use(stage, part, "CS2500001", "320.00")
    await use(stage, whole, "CS2500002", "800.00")
    await stage.do(main, vouchers.recall_vouchers, voucher_ids=[mistaken])
    yield stage.later(days=8)
    await stage.do(None, vouchers.expire_voucher, voucher_id=short)
    yield stage.on(412, "04:20")
    await issue(stage, main, quota, ["tianmu", "heyi"], "600.00", days=120)


async def other_quotas(stage: Stage) -> Story:
    """A quota that ran out of time, one for a partner that codes are switched on for, one frozen, one in adjustment."""
    yield stage.on(376, "04:40")
    ops = staff(stage, "ops", Site.CN)
    given = {"partner_id": await partner_of(stage.people["xingchen"]), "value": "3000.00"}
    short = await stage.do(ops, vouchers.grant_quota, expires_at=stage.later(days=20), **given)
    yield stage.later(days=1)
    quota = await grant(stage, "xingchen", "8000.00")
    yield stage.later(days=1)
    await issue(stage, stage.people["xingchen"], quota, ["kuaidi"], "300.00", days=180)
    yield stage.later(days=20)
    await stage.do(None, vouchers.expire_quota, quota_id=short.id)
    for change, value in ((QuotaChange.FREEZE, "4000.00"), (QuotaChange.ADJUST, "6000.00")):
        yield stage.later(days=1)
        held = await grant(stage, "xingchen", value)
        yield stage.later(days=1)
        await stage.do(ops, vouchers.set_quota_state, quota_id=held, change=change)


def stories(stage: Stage) -> list[Story]:
    """Everybody's."""
    return [distribution(stage), own_vouchers(stage), other_quotas(stage)]
