"""To-dos of business information: for those of a partner who may take the step, and for nobody once it is not open."""

from rules.access import Role
from rules.todos import TodoKind
from tests.business_info import expire, letter_required, staff, submitted
from tests.client import Api, codes
from tests.factories import key
from tests.todos import groups
from tests.world import member, world

KINDS = (TodoKind.BUSINESS_INFO_RENEWAL, TodoKind.MICRO_DEPOSIT_AMOUNT, TodoKind.BANK_LETTER)


async def test_those_of_the_partner_who_may_take_the_step_see_it(api: Api) -> None:
    on = await world(api)
    record = await submitted(api, on)
    finance, manager = await member(api, on.partner_id, Role.FINANCE), await member(api, on.partner_id, Role.OPERATIONS)

    for client in (on.main.client, finance.client):
        [item] = (await groups(client, *KINDS))["MICRO_DEPOSIT_AMOUNT"]["items"]
        assert item["dueAt"] is None
        assert item["subject"]["id"] == record["id"]
    assert await groups(manager.client, *KINDS) == {}
    assert await groups(await staff(api, Role.VENDOR_ADMIN), *KINDS) == {}


async def test_a_sum_that_the_bank_returned_is_not_asked_for(api: Api) -> None:
    on = await world(api)
    deposit = (await submitted(api, on))["microDeposit"]["id"]
    given = {"id": deposit, "sent": False, "reason": "Account closed.", "idempotencyKey": key()}
    finance = await staff(api, Role.VENDOR_FINANCE)
    assert codes(await finance.do("recordMicroDeposit", "microDeposit { state }", **given)) == []

    assert await groups(on.main.client, *KINDS) == {}


async def test_a_change_of_the_company_calls_the_letter_off_and_asks_for_the_form(api: Api) -> None:
    on = await letter_required(api)
    assert list(await groups(on.main.client, *KINDS)) == ["BANK_LETTER"]

    await expire(api, on)

    assert list(await groups(on.main.client, *KINDS)) == ["BUSINESS_INFO_RENEWAL"]
