"""Offices and the list of offerings, as the vendor keeps them."""

from typing import Any

from core.ids import encode_id
from rules.access import Role
from rules.sites import Site
from tests import opportunities as po
from tests import world
from tests.client import Api, codes
from tests.opportunities import HANGZHOU, NANJING, ZHEJIANG, desk, done, key

OFFICE = "office { id name version regions { region } }"
MEMBER = "member { id duty tracks industries version office { name } account { id } }"
OFFERING = "offering { id kind lead reference version current { name } versions { number name beginsOn endsOn } }"


def places(payload: dict[str, Any]) -> list[tuple[str, list[str]]]:
    return [(error["code"], error["path"]) for error in payload["userErrors"]]


class TestOffices:
    async def test_an_office_and_its_regions(self, api: Api) -> None:
        admin = await po.staff(api, Role.VENDOR_ADMIN)
        given = {"name": "Hangzhou", "regions": [ZHEJIANG, HANGZHOU, ZHEJIANG], "idempotencyKey": key()}
        made = await done(await admin.client.do("addRepOffice", OFFICE, **given))
        assert made["office"]["regions"] == [{"region": ZHEJIANG}, {"region": HANGZHOU}]

        covers = {"id": made["office"]["id"], "regions": [NANJING], "expectedVersion": 1, "idempotencyKey": key()}
        changed = await done(await admin.client.do("changeOfficeRegions", OFFICE, **covers))

        assert changed["office"]["regions"] == [{"region": NANJING}]
        assert changed["office"]["version"] == 2
        partner = (await world.admitted_partner(api))[1]
        seen = (await partner.client.send("{ repOffices { nodes { name regions { region } } } }")).data["repOffices"]
        assert seen["nodes"] == [{"name": "Hangzhou", "regions": [{"region": NANJING}]}]

    async def test_what_is_refused(self, api: Api) -> None:
        admin = await po.staff(api, Role.VENDOR_ADMIN)
        taken = await po.office(api, "Hangzhou", (HANGZHOU,))
        other = await po.office(api, "Nanjing", (NANJING,))

        async def attempt() -> None:
            names: tuple[tuple[dict[str, Any], Any], ...] = (
                ({"name": " ", "regions": ["1", "33"]}, [("OUT_OF_RANGE", ["input", "regions", "0"])]),
                ({"name": " ", "regions": ["33"]}, [("REQUIRED", ["input", "name"]), _wrong_region]),
                ({"name": "Hangzhou", "regions": []}, [("CONFLICT", [])]),
                ({"name": "Third", "regions": [HANGZHOU]}, [("REGION_COVERED_ELSEWHERE", [])]),
            )
            for given, expected in names:
                refused = await admin.client.do("addRepOffice", OFFICE, **given, idempotencyKey=key())
                assert places(refused) == expected
            regions: tuple[tuple[dict[str, Any], Any], ...] = (
                ({"id": other, "regions": [HANGZHOU]}, [("REGION_COVERED_ELSEWHERE", [])]),
                ({"id": other, "regions": ["330106"]}, [_wrong_region]),
                ({"id": other, "regions": [], "expectedVersion": 7}, [("CONFLICT", ["input", "expectedVersion"])]),
            )
            for given, expected in regions:
                refused = await admin.client.do("changeOfficeRegions", OFFICE, **given, idempotencyKey=key())
                assert places(refused) == expected

        assert await api.changes(attempt) == set()
        assert taken

    async def test_members_come_change_and_go(self, api: Api) -> None:
        at = await desk(api)
        admin, seller = await po.staff(api, Role.VENDOR_ADMIN), await po.staff(api, Role.PSM)
        given = {"officeId": at.office_id, "accountId": encode_id("acc", seller.id), "duty": "BD"}
        first = await done(await admin.client.do("setOfficeMember", MEMBER, **given, idempotencyKey=key()))
        profile = {**given, "duty": "PSM", "tracks": ["IOT", "IOT"], "industries": ["ENERGY"]}
        second = await done(await admin.client.do("setOfficeMember", MEMBER, **profile, idempotencyKey=key()))

        assert second["member"]["id"] == first["member"]["id"]
        assert (second["member"]["duty"], second["member"]["tracks"]) == ("PSM", ["IOT"])
        assert second["member"]["industries"] == ["ENERGY"]
        document = "query($id: ID!) { officeMembers(office: $id) { nodes { duty account { id } } } }"
        seen = (await seller.client.send(document, id=at.office_id)).data["officeMembers"]["nodes"]
        assert seen[0]["account"]["id"] == encode_id("acc", seller.id)
        assert len(seen) == 3
        nobody = (await seller.client.send(document, id=encode_id("acc", seller.id))).data["officeMembers"]["nodes"]
        assert nobody == []

        opportunity = await po.verifying(api, at)
        gone = {"id": second["member"]["id"], "idempotencyKey": key()}
        await done(await admin.client.do("removeOfficeMember", OFFICE, **gone))
        assert codes(await po.verify(seller.client, opportunity)) == ["NOT_OFFICE_PSM"]

    async def test_who_cannot_be_a_member(self, api: Api) -> None:
        at = await desk(api)
        admin, reviewer = await po.staff(api, Role.VENDOR_ADMIN), await po.staff(api, Role.VENDOR_REVIEWER)
        elsewhere = await po.office(api, regions=("SG",), site=Site.INTL)

        async def attempt() -> None:
            for office, account, field in (
                (at.office_id, reviewer.id, "accountId"),
                (at.office_id, at.main.id, "accountId"),
                (at.office_id, at.partner_id, "accountId"),
                (elsewhere, at.psm.id, "officeId"),
            ):
                given = {"officeId": office, "accountId": encode_id("acc", account), "duty": "PSM"}
                refused = await admin.client.do("setOfficeMember", MEMBER, **given, idempotencyKey=key())
                assert places(refused) == [("NOT_FOUND", ["input", field])]
            unknown = {"id": encode_id("ofm", at.partner_id), "idempotencyKey": key()}
            assert codes(await admin.client.do("removeOfficeMember", OFFICE, **unknown)) == ["NOT_FOUND"]

        assert await api.changes(attempt) == set()


_wrong_region = ("INVALID_FORMAT", ["input", "regions", "0"])


class TestOfferings:
    async def test_a_new_version_and_an_end_leave_the_past(self, api: Api) -> None:
        operations = await po.staff(api, Role.VENDOR_OPS)
        offering = await po.offering(api, beginsOn="2026-01-01")
        version = {"id": offering, "name": "Port analytics 2", "track": "IOT", "beginsOn": "2026-03-10"}
        changed = await done(await operations.client.do("changeOffering", OFFERING, **version, idempotencyKey=key()))
        assert changed["offering"]["current"] == {"name": "Port analytics"}
        ended = {"id": offering, "endsOn": "2026-03-20", "idempotencyKey": key()}
        removed = await done(await operations.client.do("removeOffering", OFFERING, **ended))

        assert removed["offering"]["versions"] == [
            {"number": 1, "name": "Port analytics", "beginsOn": "2026-01-01", "endsOn": "2026-03-10"},
            {"number": 2, "name": "Port analytics 2", "beginsOn": "2026-03-10", "endsOn": "2026-03-20"},
        ]
        document = "query($day: Date!) { offerings(filter: { holdsOn: $day }) { nodes { id } } }"
        for day, found in (("2025-12-31", 0), ("2026-01-01", 1), ("2026-03-19", 1), ("2026-03-20", 0)):
            seen = (await operations.client.send(document, day=day)).data["offerings"]["nodes"]
            assert len(seen) == found, day

        api.clock.advance(days=30)
        operations = await po.staff(api, Role.VENDOR_OPS)
        again = {"id": offering, "name": "Port analytics 3", "track": "IOT", "beginsOn": "2026-04-05"}
        back = await done(await operations.client.do("changeOffering", OFFERING, **again, idempotencyKey=key()))
        assert [one["endsOn"] for one in back["offering"]["versions"]] == ["2026-03-10", "2026-03-20", None]

    async def test_what_is_refused(self, api: Api) -> None:
        operations = await po.staff(api, Role.VENDOR_OPS)
        offering, gone = await po.offering(api, reference="BL-1"), await po.offering(api)
        ended = {"id": gone, "endsOn": "2026-03-02"}
        await done(await operations.client.do("removeOffering", OFFERING, **ended, idempotencyKey=key()))
        added = {
            "kind": "BASELINE",
            "lead": "VENDOR",
            "reference": "BL-9",
            "name": "x",
            "track": "IOT",
            "beginsOn": "2026-03-02",
        }
        changed = {"id": offering, "name": "x", "track": "IOT", "beginsOn": "2026-03-02"}
        somebody = encode_id("par", (await world.admitted_partner(api))[0])
        unknown = encode_id("par", (await po.staff(api, Role.PSM)).id)

        async def attempt() -> None:
            for name, given, expected in (
                ("addOffering", {**added, "lead": "PARTNER"}, ("REQUIRED", ["input", "forPartnerId"])),
                ("addOffering", {**added, "forPartnerId": somebody}, ("OUT_OF_RANGE", ["input", "forPartnerId"])),
                (
                    "addOffering",
                    {**added, "lead": "PARTNER", "forPartnerId": unknown},
                    ("NOT_FOUND", ["input", "forPartnerId"]),
                ),
                ("addOffering", {**added, "name": " "}, ("REQUIRED", ["input", "name"])),
                ("addOffering", {**added, "reference": "BL-1"}, ("CONFLICT", [])),
                ("changeOffering", {**changed, "beginsOn": "2026-03-01"}, ("OUT_OF_RANGE", ["input", "beginsOn"])),
                ("changeOffering", {**changed, "name": " "}, ("REQUIRED", ["input", "name"])),
                ("removeOffering", {"id": offering, "endsOn": "2026-03-01"}, ("OUT_OF_RANGE", ["input", "endsOn"])),
                ("removeOffering", ended, ("STATE_CONFLICT", [])),
            ):
                refused = await operations.client.do(name, OFFERING, **given, idempotencyKey=key())
                assert places(refused) == [expected], (name, given)

        assert await api.changes(attempt) == set()

    async def test_a_partner_sees_the_vendors_and_its_own(self, api: Api) -> None:
        at = await desk(api)
        other = await po.another(api, at)
        vendors, own = await po.offering(api), await po.offering(api, at.partner_id)
        good = await po.offering(api, kind="MARKETPLACE_GOOD")
        document = "{ offerings { nodes { id partner { name } } } }"

        async def seen(client: Any, arguments: str = "") -> list[str]:
            answer = await client.send(document.replace("offerings", f"offerings{arguments}"))
            return [one["id"] for one in answer.data["offerings"]["nodes"]]

        assert await seen(at.main.client) == [good, own, vendors]
        assert await seen(other.main.client) == [good, vendors]
        assert await seen(at.main.client, "(filter: { lead: PARTNER })") == [own]
        assert await seen(at.main.client, "(filter: { kind: MARKETPLACE_GOOD })") == [good]
        assert await seen(at.manager.client) == [good, own, vendors]
        found = await other.main.client.send("query($id: ID!) { node(id: $id) { id } }", id=own)
        assert found.data["node"] is None
