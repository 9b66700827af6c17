"""Quotas of the market development fund by line and year; through the API."""

import asyncio
from typing import Any

import pytest

from rules.sites import Site
from tests.client import Api, codes
from tests.funds import (
    CURRENCIES,
    QUOTA,
    Funded,
    actions,
    certify,
    create,
    entitled,
    funded,
    in_provider_plan,
    open_quota,
    refused,
    submitted,
)
from tests.opportunities import done, key
from tests.paths import certified, mails, walker


async def change_quota(who: Funded, amount: str, **more: Any) -> dict[str, Any]:
    """What the ecosystem manager adds to the quota."""
    given = {"id": who.quota, "amount": amount, "reason": "A fair of three days.", "idempotencyKey": key()}
    return await who.manager.client.do("changeMdfQuota", QUOTA, **{**given, **more})


class TestQuota:
    @pytest.mark.parametrize(("site", "granted"), [(Site.CN, "50000.00"), (Site.INTL, "8000.00")])
    async def test_it_is_opened_once_a_year_with_what_the_stage_gives(self, api: Api, site: Site, granted: str) -> None:
        who = await walker(api, site)

        async def offer(line: str = "SI") -> dict[str, Any]:
            document = (
                "{ mdfLines { line amount { amount currency } quota { id } suspendedUntil"
                " actions { action blockers { code } } } }"
            )
            lines = (await who.api.send(document)).data["mdfLines"]
            found: dict[str, Any] = {one["line"]: one for one in lines}[line]
            return found

        async def attempt() -> None:
            refused = await open_quota(who)
            assert codes(refused) == ["MDF_NOT_ENTITLED", "BUSINESS_INFO_REQUIRED"]

        assert await api.changes(attempt) == set()
        assert actions(await offer()) == {"OPEN": ["MDF_NOT_ENTITLED", "BUSINESS_INFO_REQUIRED"]}
        await certified(api, who)
        assert codes(await open_quota(who)) == ["BUSINESS_INFO_REQUIRED"]
        await certify(api, who, site)
        assert (await offer())["amount"] == {"amount": granted, "currency": CURRENCIES[site]}
        assert actions(await offer()) == {"OPEN": []}
        quota = (await done(await open_quota(who)))["quota"]
        assert (quota["granted"]["amount"], quota["available"]["amount"]) == (granted, granted)
        assert (quota["year"], quota["reserved"]["amount"]) == (2026, "0.00")

        async def again() -> None:
            assert codes(await open_quota(who)) == ["MDF_QUOTA_OPENED"]

        assert await api.changes(again) == set()
        assert (await offer())["quota"] == {"id": quota["id"]}
        assert codes(await open_quota(who, "SOFTWARE")) == ["MDF_NOT_ENTITLED"]

    async def test_a_tier_of_the_provider_plan_gives_one_too(self, api: Api) -> None:
        who = await entitled(api)
        await in_provider_plan(api, who, "SELECT")
        assert codes(await open_quota(who, "SOLUTION_PROVIDER")) == ["MDF_NOT_ENTITLED"]
        await api.database.superuser.execute("update plan_membership set tier = 'CORE'")
        quota = (await done(await open_quota(who, "SOLUTION_PROVIDER")))["quota"]
        assert quota["granted"] == {"amount": "500000.00", "currency": "CNY"}

    async def test_two_at_once_open_one(self, api: Api) -> None:
        who = await entitled(api)
        answers = await asyncio.gather(*(open_quota(who) for _ in range(4)))
        assert sorted(map(tuple, map(codes, answers))) == [(), *[("MDF_QUOTA_OPENED",)] * 3]

    async def test_the_ecosystem_manager_changes_it_for_a_reason(self, api: Api) -> None:
        who = await funded(api)
        await submitted(api, who)

        async def attempt() -> None:
            assert codes(await change_quota(who, "-46000.01")) == ["MDF_OVER_QUOTA"]
            assert codes(await change_quota(who, "0.00", reason=" ")) == ["OUT_OF_RANGE", "REASON_REQUIRED"]
            assert codes(await change_quota(who, "much")) == ["INVALID_FORMAT"]
            assert codes(await change_quota(who, "1.00", expectedVersion=1)) == ["CONFLICT"]

        assert await api.changes(attempt) == set()
        lowered = (await done(await change_quota(who, "-46000.00")))["quota"]
        assert lowered["available"]["amount"] == "0.00"
        await done(await change_quota(who, "20000.00"))
        document = (
            "query($id: ID!) { node(id: $id) { ... on MdfQuota { granted { amount } adjustments(first: 1) {"
            " amount { amount } reason madeById } } } }"
        )
        found = (await who.api.send(document, id=who.quota)).data["node"]
        assert found["granted"] == {"amount": "24000.00"}
        [newest] = found["adjustments"]
        assert (newest["amount"], newest["reason"]) == ({"amount": "20000.00"}, "A fair of three days.")
        assert "mdf_quota_adjusted" in await mails(api, who)

    async def test_a_stranger_and_a_partner_cannot_change_it(self, api: Api) -> None:
        who, other = await funded(api), await walker(api)
        document = "{ mdfQuotas(line: SI, year: 2026) { nodes { id partner { id } } } }"
        assert (await other.api.send(document)).data["mdfQuotas"]["nodes"] == []
        [seen] = (await who.manager.client.send(document)).data["mdfQuotas"]["nodes"]
        assert seen == {"id": who.quota, "partner": {"id": who.id}}
        theirs = Funded(other.partner_id, other.main, other.manager)
        theirs.quota, theirs.site = who.quota, Site.CN
        await refused(api, lambda: create(api, theirs), "NOT_FOUND")

        async def attempt() -> None:
            given = {"id": who.quota, "amount": "1.00", "reason": "More.", "idempotencyKey": key()}
            for client in (who.api, other.api):
                document = "mutation($input: ChangeMdfQuotaInput!) { changeMdfQuota(input: $input) { __typename } }"
                assert (await client.send(document, input=given)).error["reason"] == "PERMISSION_DENIED"

        assert await api.changes(attempt) == set()
