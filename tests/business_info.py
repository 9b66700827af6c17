"""Business information for tests: a complete form of each site, and the way to where a test begins."""

import re
from dataclasses import replace
from typing import Any

from core import db
from core.scope import EVERYTHING
from core.settings import SettlementMode
from gateways import build_settlement
from models.partners import CompanyProfile, Partner
from rules.access import Role
from rules.sites import Site
from tasks.business_info import check_due
from tests import companies, factories
from tests.client import Api, Client, codes
from tests.factories import key
from tests.uploads import uploaded
from tests.world import World, world

ACCOUNT = {Site.CN: "6222021001116245702", Site.INTL: "0012345678901"}
RECORD = """businessInfo { id state certified since certifiedAt reason checkReasons version
  form { id accountEnd submittedAt } microDeposit { id state overdueFrom } }"""
SUPPLIER = "supplier { reference name accountEnd signingEntity currency removedAt }"
FORM = "form { id version accountEnd accountHolder bankName bic taxRate contactMobile submittedAt }"


def answers(site: Site, holder: str, **changes: Any) -> dict[str, Any]:
    """A complete form that nothing stands against."""
    mainland = site is Site.CN
    bank = {"bankCode": "ICBC", "branchCode": "102331002011"} if mainland else {"bankCode": "DBS"}
    own = {"taxpayerType": "GENERAL", "taxRate": "0.06"} if mainland else {"taxRate": "0.09"}
    return {
        **bank,
        **own,
        "address": "杭州市西湖区文三路 90 号" if mainland else "12 Marina Boulevard, Singapore",
        "taxNumber": "91330106MA2XYZ1234",
        "contactName": "陈会计",
        "contactMobile": "+8613800138000" if mainland else "+6581234567",
        "contactEmail": "finance@example.com",
        "branchName": "西湖支行" if mainland else "Marina Bay",
        "accountHolder": holder,
        "accountNumber": ACCOUNT[site],
        "signingEntity": "CLOUD_CN" if mainland else "CLOUD_SG",
        "currency": "CNY" if mainland else "SGD",
        "relatedSupplier": False,
        **changes,
    }


async def name_of(api: Api, on: World) -> str:
    """The partner's name."""
    return str(await api.value("select name from partner where id = $1", on.partner_id))


async def save(api: Api, on: World, site: Site = Site.CN, **changes: Any) -> dict[str, Any]:
    """Saves a complete draft, but for the changes."""
    return await on.main.client.do("saveBusinessInfo", FORM, **answers(site, await name_of(api, on), **changes))


async def submit(on: World, **changes: Any) -> dict[str, Any]:
    """Submits the draft."""
    given = {"privacyStatement": "2026-01", "idempotencyKey": key(), **changes}
    return await on.main.client.do("submitBusinessInfo", RECORD, **given)


async def submitted(api: Api, on: World, site: Site = Site.CN, **changes: Any) -> dict[str, Any]:
    """A form that has been submitted, whose micro-deposit has arrived: the record waits for its amount."""
    assert codes(await save(api, on, site, **changes)) == []
    done = await submit(on)
    assert codes(done) == [], done
    await api.deliver()
    return dict(done["businessInfo"])


async def arrived(api: Api, on: World) -> str:
    """The amount of the newest micro-deposit, as the bank's notice in the development inbox tells it."""
    told = [row["body"] for row in await api.inbox(await name_of(api, on)) if row["channel"] == "BANK"]
    found = re.match(r"[\d.]+", told[-1])
    assert found
    return found[0]


async def confirm(on: World, amount: str) -> dict[str, Any]:
    """Names an amount."""
    return await on.main.client.do("confirmMicroDeposit", RECORD, amount=amount)


def another(amount: str) -> str:
    """An amount that is not this one."""
    return "4.99" if amount != "4.99" else "4.98"


def entered(api: Api) -> None:
    """From now on the vendor's finance makes micro-deposits itself and enters what came of each."""
    settings = api.settings.model_copy(update={"settlement": SettlementMode.ENTERED})
    object.__setattr__(api.post, "settlement", build_settlement(settings))


async def locked(api: Api, on: World) -> str:
    """A form that three wrong amounts have locked; the record's public id."""
    record = await submitted(api, on)
    wrong = another(await arrived(api, on))
    for code in ("AMOUNT_WRONG", "AMOUNT_WRONG", "BUSINESS_INFO_LOCKED"):
        assert codes(await confirm(on, wrong)) == [code]
    return str(record["id"])


async def in_auto_check(api: Api, on: World, site: Site = Site.CN, **changes: Any) -> dict[str, Any]:
    """A form whose amount was confirmed."""
    await submitted(api, on, site, **changes)
    done = await confirm(on, await arrived(api, on))
    assert codes(done) == [], done
    return dict(done["businessInfo"])


async def checked(api: Api, on: World, site: Site = Site.CN, **changes: Any) -> World:
    """The same world an hour later, when the automatic check has seen its form; with a new session."""
    await in_auto_check(api, on, site, **changes)
    api.clock.advance(hours=1)
    assert await check_due(api.settings, api.clock) == 1
    return await awake(api, on)


async def awake(api: Api, on: World) -> World:
    """The same world with a new session of the main account."""
    person = await factories.sign_in(api, on.main.id)
    return replace(on, main=replace(on.main, client=person.api))


async def record_of(api: Api, on: World) -> dict[str, Any]:
    """The row."""
    [row] = await api.rows("select * from business_info where partner_id = $1", on.partner_id)
    return row


async def staff(api: Api, role: Role, site: Site = Site.CN) -> Client:
    """One of the vendor's."""
    return (await factories.staff(api, role, site=site)).api


async def queue(reviewer: Client) -> list[dict[str, Any]]:
    """What waits for somebody."""
    found = await reviewer.send("{ reviewQueue(first: 9) { nodes { id kind dueAt subject { __typename id } } } }")
    return list(found.data["reviewQueue"]["nodes"])


async def decide(reviewer: Client, review: str, approve: bool, **changes: Any) -> dict[str, Any]:
    """The verdict."""
    given = {"id": review, "approve": approve, "idempotencyKey": key(), **changes}
    return await reviewer.do("decideReview", "review { id state round }", **given)


async def enter_supplier(api: Api, on: World, site: Site = Site.CN, **changes: Any) -> dict[str, Any]:
    """The partner as purchasing knows it: with another account, unless told otherwise."""
    operations = await staff(api, Role.VENDOR_OPS, site)
    asked = answers(site, await name_of(api, on))
    given = {"reference": "S-1", "name": asked["accountHolder"], "accountNumber": "95588000"}
    signed = {name: asked[name] for name in ("signingEntity", "currency")}
    return await operations.do("saveSupplier", SUPPLIER, **{**given, **signed, **changes})


async def letter_required(api: Api) -> World:
    """A form whose account differs from the supplier's."""
    on = await world(api)
    assert codes(await enter_supplier(api, on)) == []
    return await checked(api, on)


async def send_letter(on: World, **changes: Any) -> dict[str, Any]:
    """Sends the bank's letter."""
    given = {"idempotencyKey": key(), **changes}
    if "uploadId" not in given:
        given["uploadId"] = await uploaded(on.main.client, name="letter.pdf")
    selection = "businessInfo { state form { letter { document { name mediaType } } } }"
    return await on.main.client.do("submitBankLetter", selection, **given)


async def expire(api: Api, on: World) -> None:
    """The partner's company is renamed, so what was certified of the old name counts no more."""
    async with db.transaction(EVERYTHING):
        partner = await Partner.get(id=on.partner_id)
        await CompanyProfile.insert(now=api.clock(), company_id=partner.company_id, main_partner_id=partner.id)
    on = await awake(api, on)
    changed = await companies.submit(on.main.client, name=f"{partner.name} Renamed", licence=True)
    assert codes(changed) == [], changed
    reviewer = await factories.staff(api, Role.VENDOR_REVIEWER)
    assert codes(await companies.decide(reviewer, changed["change"])) == []
