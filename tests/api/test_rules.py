"""The published rules: everybody may read them, with the numbers of a site; refusals name theirs."""

from tests.client import Api
from tests.world import world


async def test_anybody_reads_a_rule_with_its_numbers(api: Api) -> None:
    document = '{ rules(site: INTL, ids: ["associations.window", "no.such"]) { id title source page parameters } }'

    found = (await api.anonymous.send(document)).data["rules"]

    assert [rule["id"] for rule in found] == ["associations.window"]
    assert found[0]["source"] == "B 4.2 A3 A4"
    assert found[0]["page"].startswith("https://")
    assert found[0]["parameters"] == {
        "associations.window_months": 3,
        "associations.partner_requests_max": 3,
        "associations.customer_requests_max": 3,
    }


async def test_all_rules_have_titles_in_both_languages(api: Api) -> None:
    api.anonymous.language = "zh-CN"
    chinese = (await api.anonymous.send("{ rules { id title } }")).data["rules"]
    api.anonymous.language = "en"
    english = (await api.anonymous.send("{ rules { id title } }")).data["rules"]

    assert [rule["id"] for rule in chinese] == [rule["id"] for rule in english]
    assert len(english) > 50
    assert all(one["title"] != other["title"] for one, other in zip(chinese, english, strict=True))


async def test_a_refusal_names_the_rule_that_said_no(api: Api) -> None:
    stage = await world(api)
    given = {"customerId": stage.customer_gid, "reason": "x", "acknowledged": False, "idempotencyKey": "key-000001"}

    refused = await stage.main.client.do("requestUnbind", "request { id }", **given)

    assert [error["rule"]["id"] for error in refused["userErrors"]] == ["associations.request"]
