"""Business information as the vendor records it, and who sees it."""

from rules.sites import Site
from tests.client import Api, codes
from tests.earning import Stage, certify, stage
from tests.factories import key
from tests.world import admitted_partner

RECORD = "businessInfo { certified taxpayerType since version }"


async def record(on: Stage, **changes: object) -> dict[str, object]:
    given = {"partnerId": on.partner_gid, "certified": True, "taxpayerType": "GENERAL", "idempotencyKey": key()}
    return await on.operations.do("recordBusinessInfo", RECORD, **{**given, **changes})


async def test_recorded_once_and_changed_afterwards(api: Api) -> None:
    on = await stage(api, certified=False)
    first = await record(on)
    assert first["businessInfo"] == {
        "certified": True,
        "taxpayerType": "GENERAL",
        "since": "2026-03-02T04:00:00.000Z",
        "version": 1,
    }
    api.clock.advance(minutes=5)

    changed = await record(on, certified=False, taxpayerType="SMALL_SCALE", expectedVersion=1)

    assert changed["businessInfo"] == {
        "certified": False,
        "taxpayerType": "SMALL_SCALE",
        "since": "2026-03-02T04:05:00.000Z",
        "version": 2,
    }
    assert await api.value("select count(*) from business_info") == 1
    events = await api.rows("select changes from event where type = 'business_info.recorded' order by id")
    assert [row["changes"] for row in events] == ['{"certified": true}', '{"certified": false}']


async def test_refusals_leave_no_trace(api: Api) -> None:
    on = await stage(api)

    async def attempt() -> None:
        assert codes(await record(on, taxpayerType=None)) == ["TAXPAYER_TYPE_REQUIRED"]
        assert codes(await record(on, expectedVersion=7)) == ["CONFLICT"]
        assert codes(await record(on, partnerId="par_01JZZZZZZZZZZZZZZZZZZZZZZZ")) == ["NOT_FOUND"]

    assert await api.changes(attempt) == set()


async def test_the_other_site_has_no_taxpayer_types(api: Api) -> None:
    on = await stage(api, Site.INTL)

    async def attempt() -> None:
        assert codes(await record(on)) == ["TAXPAYER_TYPE_NOT_OF_SITE"]

    assert await api.changes(attempt) == set()


async def test_the_partner_and_the_vendor_see_it_and_nobody_else(api: Api) -> None:
    on, (_, other) = await stage(api), await admitted_partner(api)
    recorded = await certify(api, on)
    info = recorded["businessInfo"]["id"]
    own = await on.clerk.send("{ partner { businessInfo { id certified } } }")
    assert own.data["partner"]["businessInfo"] == {"id": info, "certified": True}
    assert (await other.client.send("{ partner { businessInfo { id } } }")).data["partner"]["businessInfo"] is None
    asked = f'{{ node(id: "{info}") {{ id }} }}'
    for reader, found in ((on.clerk, {"id": info}), (on.finance, {"id": info}), (other.client, None)):
        assert (await reader.send(asked)).data["node"] == found
    seen = await on.world.customer.client.send("{ myPartner { partner { businessInfo { id } } } }")
    assert seen.data["myPartner"]["partner"]["businessInfo"] is None


async def test_only_the_vendor_records(api: Api) -> None:
    on = await stage(api, certified=False)
    document = """mutation($input: RecordBusinessInfoInput!)
      { recordBusinessInfo(input: $input) { userErrors { code } } }"""
    given = {"partnerId": on.partner_gid, "certified": True, "taxpayerType": "GENERAL", "idempotencyKey": key()}
    for caller in (on.clerk, on.world.main.client, on.finance):
        assert (await caller.send(document, input=given)).error["code"] == "FORBIDDEN"
    assert await api.value("select count(*) from business_info") == 0
