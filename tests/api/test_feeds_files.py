"""What the files of feeds say: what the API shows the main account of the same rows, and nothing of anybody else."""

from datetime import timedelta

import pytest

from core.ids import encode_id
from rules.sites import Site
from tests import consumption, distribution, earning, feeds, performance, world
from tests.client import Api
from tests.factories import sign_in

SECOND = timedelta(seconds=1)


class TestContent:
    async def test_customers_as_the_api_shows_them_and_nobody_elses(self, api: Api, bucket: feeds.Bucket) -> None:
        made, other = await world.world(api), await world.world(api)
        rename = "update customer set name = '=cmd()|''calc''!A1, \"Ltd\"' where id = $1"
        await api.database.superuser.execute(rename, made.customer_id)
        await feeds.active(api, made.main.client, bucket, "CUSTOMER_INFO")
        await feeds.next_morning(api)
        await feeds.work(api)
        client = await feeds.back(api, made.main)
        document = (
            "{ customers { nodes { id name mobile email registeredAt association { id type startedAt label } } } }"
        )
        [shown] = (await client.send(document)).data["customers"]["nodes"]
        [file] = await feeds.deliveries(client)
        [row] = await bucket.table(file["objectKey"])
        association = shown.pop("association")
        assert row == {
            "customer_id": shown["id"],
            "name": guarded(shown["name"]),
            "mobile": guarded(shown["mobile"]),
            "email": guarded(shown["email"]),
            "registered_at": shown["registeredAt"],
            "association_id": association["id"],
            "association_type": association["type"],
            "associated_since": association["startedAt"],
            "tag": "",
        }
        raw = (await bucket.get(file["objectKey"]) or b"").decode()
        assert made.customer.mobile not in raw
        assert made.customer.email not in raw
        assert encode_id("cus", other.customer_id) not in raw

    async def test_consumption_of_the_day_it_arrived_on(self, api: Api, bucket: feeds.Bucket) -> None:
        api.clock.at = api.clock().replace(hour=16) - 10 * timedelta(days=1)
        made, other = await world.world(api), await world.world(api)
        await feeds.active(api, made.main.client, bucket, "CUSTOMER_CONSUMPTION")
        paid = api.clock() + timedelta(hours=1)
        api.clock.advance(hours=24)
        api.clock.at -= SECOND  # the last second of the day in Shanghai
        ids = await consumption.imported(
            api, consumption.line(made, paid, cashAmount="-1.50", officialAmount="-1.50", billType="REFUND")
        )
        await consumption.imported(api, consumption.line(other, paid))
        api.clock.at += SECOND
        later = await consumption.imported(api, consumption.line(made, paid))
        for expected in (ids, later):
            await feeds.next_morning(api)
            await feeds.work(api)
            client = await feeds.back(api, made.main)
            newest = (await feeds.deliveries(client))[-1]
            rows = await bucket.table(newest["objectKey"])
            assert [row["line_id"] for row in rows] == expected, newest
        document = """{ consumption { nodes { id reference billType paidAt period officialAmount { amount currency }
          cashAmount { amount } customer { id } } } }"""
        shown = (await client.send(document)).data["consumption"]["nodes"]
        first = next(one for one in shown if one["id"] == ids[0])
        rows = await bucket.table((await feeds.deliveries(client))[-2]["objectKey"])
        assert (rows[0]["official_amount"], rows[0]["cash_amount"]) == ("-1.50", first["cashAmount"]["amount"])
        assert (rows[0]["paid_at"], rows[0]["period"], rows[0]["customer_id"], rows[0]["currency"]) == (
            first["paidAt"],
            first["period"],
            first["customer"]["id"],
            first["officialAmount"]["currency"],
        )

    async def test_a_file_of_several_batches_has_each_line_once(self, api: Api, bucket: feeds.Bucket) -> None:
        made = await world.world(api)
        await feeds.active(api, made.main.client, bucket, "CUSTOMER_CONSUMPTION")
        await consumption.imported(api, consumption.line(made, api.clock()))
        # 2500 arrived with it in the same instant, 500 a second later: places in the walk are told apart by their ids
        columns = [row["column_name"] for row in await api.rows(COLUMNS)]
        for number, later in ((2_500, 0), (500, 1)):
            statement = f"""
                insert into consumption_line (id, reference, imported_at, {", ".join(columns)})
                select gen_random_uuid(), 'COPY-{later}-' || number, imported_at + interval '{later} seconds',
                  {", ".join(columns)}
                from (select * from consumption_line where reference like 'BILL%') line,
                  generate_series(1, {number}) number"""
            await api.database.superuser.execute(statement)
        await feeds.next_morning(api)
        await feeds.work(api)
        [file] = await feeds.deliveries(await feeds.back(api, made.main))
        rows = await bucket.table(file["objectKey"])
        assert (file["rows"], len(rows)) == (3_001, 3_001)
        stored = await api.rows("select reference from consumption_line")
        assert {row["reference"] for row in rows} == {row["reference"] for row in stored}
        assert len({row["reference"] for row in rows}) == 3_001

    async def test_performance_and_estimates_of_the_months_that_are_not_final(
        self, api: Api, bucket: feeds.Bucket
    ) -> None:
        made = await performance.stage(api)
        await feeds.active(
            api,
            await feeds.back(api, made.main),
            bucket,
            "PERFORMANCE",
            "ESTIMATED_INCENTIVE",
            "INCENTIVE",
            "INDICATOR_DETAIL",
        )
        lines = [consumption.line(made, performance.MARCH, officialAmount="90000.00", cashAmount="90000.00")]
        other = await world.world(api)
        await consumption.imported(api, *lines, consumption.line(other, performance.MARCH))
        await performance.estimate(api)
        await feeds.next_morning(api)
        await feeds.work(api)
        client = await feeds.back(api, made.main)
        files = {one["topic"]: await bucket.table(one["objectKey"]) for one in await feeds.deliveries(client)}
        shown = (
            await client.send(
                """{ performanceLines { nodes { id amount { amount } customer { id } productCode } }
                incentiveEstimates { period amount { amount currency } base { amount } policy { code version }
                  step { rate } } }"""
            )
        ).data
        [line] = shown["performanceLines"]["nodes"]
        [row] = files["PERFORMANCE"]
        assert (row["line_id"], row["amount"], row["customer_id"], row["status"], row["product_code"]) == (
            *(line["id"], line["amount"]["amount"], line["customer"]["id"], "ESTIMATE"),
            line["productCode"],
        )
        estimates = shown["incentiveEstimates"]
        assert [(one["policy"], one["amount"], one["currency"]) for one in files["ESTIMATED_INCENTIVE"]] == [
            (one["policy"]["code"], one["amount"]["amount"], one["amount"]["currency"]) for one in estimates
        ]
        assert any(one["amount"] != "0.00" for one in files["ESTIMATED_INCENTIVE"])
        assert [(one["estimated"], one["base_value"], one["rate"]) for one in files["INDICATOR_DETAIL"]] == [
            ("true", one["base"]["amount"], one["step"]["rate"] if one["step"] else "0") for one in estimates
        ]
        assert files["INCENTIVE"] == []

    @pytest.mark.parametrize("site", Site)
    async def test_incentives_with_what_they_come_from(self, api: Api, bucket: feeds.Bucket, site: Site) -> None:
        stage = await earning.stage(api, site)
        await earning.generated(
            api, stage, (earning.RESALE, 90_000_00), (earning.REFERRAL, 90_000_00), currency=site.currency
        )
        main = stage.world.main
        await feeds.active(api, main.client, bucket, "INCENTIVE", "INDICATOR_DETAIL", "PERFORMANCE")
        await feeds.next_morning(api)
        await feeds.work(api)
        client = await feeds.back(api, main)
        files = {one["topic"]: await bucket.table(one["objectKey"]) for one in await feeds.deliveries(client)}
        listed = "{ incentives { nodes { id period status frozen amount { amount currency } confirmDeadline } } }"
        shown = (await client.send(listed)).data["incentives"]["nodes"]
        assert shown
        assert [
            (row["incentive_id"], row["period"], row["status"], row["amount"], row["currency"], row["confirm_deadline"])
            for row in files["INCENTIVE"]
        ] == [
            *(
                (
                    one["id"],
                    one["period"],
                    one["status"],
                    one["amount"]["amount"],
                    site.currency,
                    one["confirmDeadline"],
                )
                for one in reversed(shown)
            )
        ]
        assert {row["estimated"] for row in files["INDICATOR_DETAIL"]} == {"false"}
        assert [row["amount"] for row in files["INDICATOR_DETAIL"]] == [row["amount"] for row in files["INCENTIVE"]]

    async def test_a_distributors_resellers(self, api: Api, bucket: feeds.Bucket) -> None:
        chosen = await distribution.distributor(api)
        company, link = await distribution.reseller(api, chosen)
        other = await distribution.distributor(api)
        await distribution.reseller(api, other)
        await feeds.active(api, chosen.main.api, bucket, "RESELLER_INFO")
        await feeds.next_morning(api)
        await feeds.work(api)
        client = (await sign_in(api, chosen.main.account_id)).api
        shown = (
            await client.send("{ resellers { nodes { id companyName mobile email status beganAt reseller { id } } } }")
        ).data["resellers"]["nodes"]
        [file] = await feeds.deliveries(client)
        [row] = await bucket.table(file["objectKey"])
        [one] = shown
        assert (row["link_id"], row["reseller_id"], row["company_name"]) == (link, company.id, one["companyName"])
        assert (row["mobile"], row["email"]) == (guarded(one["mobile"]), one["email"])
        assert (row["status"], row["began_at"], row["ended_at"]) == ("ACTIVE", one["beganAt"], "")
        assert str(company.main.mobile) not in str(row)


COLUMNS = """
    select column_name from information_schema.columns
    where table_name = 'consumption_line' and column_name not in ('id', 'reference', 'imported_at')
"""


def guarded(text: str) -> str:
    """As a file has a text that a spreadsheet might compute."""
    return f"'{text}" if text[0] in "=+-@" else text
