"""Suppliers taken over from purchasing, many in one call: a result for each, and what forms are compared with."""

from typing import Any

import pytest

from rules.access import Role
from rules.business_info import BusinessInfoState
from tests.business_info import checked, name_of, record_of, staff
from tests.client import Api, Client, codes
from tests.world import world

RESULTS = "results { supplier { reference name accountEnd currency } userErrors { code path } }"


def supplier(reference: str, **changes: Any) -> dict[str, Any]:
    """A supplier that nothing stands against."""
    given = {"name": f"Supplier {reference}", "accountNumber": "6222 0210 0111 6245", "currency": "CNY"}
    return {"reference": reference, "signingEntity": "CLOUD_CN", **given, **changes}


async def take_over(who: Client, *suppliers: dict[str, Any], **more: Any) -> dict[str, Any]:
    """One call."""
    return await who.do("importSuppliers", RESULTS, suppliers=list(suppliers), **more)


async def known(api: Api) -> dict[str, str]:
    """The register: name by reference."""
    return {row["reference"]: row["name"] for row in await api.rows("select reference, name from supplier")}


async def test_new_ones_are_entered_and_known_ones_written_anew(api: Api) -> None:
    operations = await staff(api, Role.VENDOR_OPS)

    first = await take_over(operations, supplier("S-1"), supplier("S-2"))
    again = await take_over(operations, supplier(" S-2 ", name="Renamed", currency="cny"), supplier("S-3"))

    assert (codes(first), codes(again)) == ([], [])
    assert [one["supplier"]["accountEnd"] for one in first["results"]] == ["6245", "6245"]
    assert [one["supplier"]["reference"] for one in again["results"]] == ["S-2", "S-3"]
    assert [effect["kind"] for effect in again["effects"]] == ["supplier.saved"] * 2
    assert await known(api) == {"S-1": "Supplier S-1", "S-2": "Renamed", "S-3": "Supplier S-3"}
    assert await api.value("select count(*) from audit where detail::text like '%6222%'") == 0


WRONG = (
    supplier("S-1", accountNumber="no number!"),
    supplier("S-2", signingEntity="CLOUD_SG"),
    supplier("S-3"),
    supplier("S-3", name="Once more"),
)
REASONS = [
    [("INVALID_FORMAT", "0.accountNumber")],
    [("SIGNING_ENTITY_NOT_OF_SITE", "1.signingEntity")],
    [],
    [("REPEATED", "3")],
]


async def test_with_one_that_is_wrong_none_is_taken_over(api: Api) -> None:
    operations = await staff(api, Role.VENDOR_OPS)

    async def attempt() -> None:
        refused = await take_over(operations, *WRONG)
        assert [(one["code"], ".".join(one["path"])) for one in refused["userErrors"]] == [
            (code, f"input.suppliers.{place}") for found in REASONS for code, place in found
        ]
        assert refused["results"] == []

    assert await api.changes(attempt) == set()


async def test_refused_ones_are_left_out_where_that_is_wanted(api: Api) -> None:
    operations = await staff(api, Role.VENDOR_OPS)

    done = await take_over(operations, *WRONG, errorPolicy="SKIP_REFUSED")

    assert codes(done) == []
    assert [
        [(wrong["code"], ".".join(wrong["path"][2:])) for wrong in one["userErrors"]] for one in done["results"]
    ] == REASONS
    assert await known(api) == {"S-3": "Supplier S-3"}


@pytest.mark.parametrize(("number", "expected"), [(0, ["REQUIRED"]), (200, []), (201, ["TOO_MANY"])])
async def test_how_many_at_once(api: Api, number: int, expected: list[str]) -> None:
    operations = await staff(api, Role.VENDOR_OPS)

    assert codes(await take_over(operations, *(supplier(f"S-{one}") for one in range(number)))) == expected

    assert len(await known(api)) == (0 if expected else number)


async def test_forms_are_compared_with_what_was_taken_over(api: Api) -> None:
    on, operations = await world(api), await staff(api, Role.VENDOR_OPS)
    assert codes(await take_over(operations, supplier("S-1", name=await name_of(api, on)))) == []

    await checked(api, on)

    assert (await record_of(api, on))["state"] == BusinessInfoState.LETTER_REQUIRED
    assert (await record_of(api, on))["check_reasons"] == '["SUPPLIER_ACCOUNT_DIFFERS"]'
