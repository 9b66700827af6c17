"""Consumption for tests: lines as the vendor's billing gives them, taken over through the API."""

from datetime import datetime
from itertools import count
from typing import Any

from core.ids import encode_id
from rules.access import Role
from tests.client import Api, Client
from tests.factories import key, staff
from tests.world import World

_numbers = count(1)
RESULTS = "results { duplicate line { id reference period } userErrors { code path rule { id } } }"


def line(customer: World | str, paid_at: datetime | str, **changes: Any) -> dict[str, Any]:
    """A new purchase of 100.00 in cash, unless told otherwise."""
    instant = paid_at if isinstance(paid_at, str) else paid_at.isoformat(timespec="milliseconds")
    given = {
        "reference": f"BILL-{next(_numbers):08}",
        "customerId": customer if isinstance(customer, str) else customer.customer_gid,
        "billType": "NEW",
        "serviceCode": "hws.service.type.ec2",
        "productCode": "ECS-S6",
        "chargingMode": "YEARLY_MONTHLY",
        "paidAt": instant,
        "officialAmount": "100.00",
        "cashAmount": "100.00",
    }
    return {name: value for name, value in {**given, **changes}.items() if value is not None}


async def operations(api: Api) -> Client:
    """The vendor's operations, signed in."""
    return (await staff(api, Role.VENDOR_OPS)).api


async def send(client: Client, *lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The payload of importing these lines."""
    given = {"lines": list(lines), "idempotencyKey": key(), **changes}
    return await client.do("importConsumption", RESULTS, **given)


async def imported(api: Api, *lines: dict[str, Any]) -> list[str]:
    """Takes the lines over; their ids."""
    payload = await send(await operations(api), *lines)
    assert payload["userErrors"] == [], payload
    return [result["line"]["id"] for result in payload["results"]]


def gid(prefix: str, row: dict[str, Any]) -> str:
    """The public id of a row."""
    return encode_id(prefix, row["id"])
