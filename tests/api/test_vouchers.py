"""Granting quotas, issuing vouchers from them and recalling them, through the API."""

from tests.client import Api
from tests.vouchers import (
    customer,
    issue,
    left,
    outcomes,
    stage,
)


class TestIssue:
    async def test_each_customer_gets_a_voucher_and_is_told(self, api: Api) -> None:
        made = await stage(api)
        customers = [await customer(api, made.partner_id) for _ in range(2)]

        done = await issue(made, *customers, face="100.50", memo="for the fair")

        assert outcomes(done) == ["voucher", "voucher"]
        shown = done["results"][0]["voucher"]
        assert (shown["status"], shown["face"]["amount"], shown["balance"]["amount"]) == ("USABLE", "100.50", "100.50")
        assert [effect["kind"] for effect in done["effects"]] == ["voucher.issued"] * 2
        assert await left(api, made.quota) == 79_900
        records = await api.rows("select operation, amount_minor, destination, actor from voucher_record order by id")
        assert [tuple(row.values()) for row in records] == [("ISSUE", 10_050, "VOUCHER", f"account:{made.main.id}")] * 2
        events = await api.rows("select type, customer_id from event where type = 'voucher.issued' order by id")
        assert [row["customer_id"] for row in events] == [one.id for one in customers]
        told = (await api.inbox(customers[0].person.email))[-1]
        assert told["template"] == "voucher_issued"
        assert "100.50 CNY" in told["body"]
        assert "2026-04-01 12:00 CST" in told["body"]
