"""A month from the vendor's billing to the partner's quota: import, close, audit, incentive, confirmation, payout."""

from core import db
from core.ids import encode_id
from core.scope import EVERYTHING
from models.associations import CustomerAssociation
from models.customers import Customer
from rules.access import Role
from rules.associations import AssociationSource, AssociationStatus
from rules.customers import AssociationType
from tests import performance
from tests.api.leaving import signed_in_again
from tests.client import Api, Client, codes
from tests.consumption import line
from tests.earning import balances, confirm, pay_out
from tests.factories import key, staff
from tests.performance import MARCH
from tests.world import World, admitted_partner

INCENTIVES = """{ incentives { nodes { id period lineCount amount { amount currency } sheet { id status }
                   explanation { policy { code version } } } } }"""


async def audited(api: Api, sheet: str) -> None:
    """The vendor's operations confirm the sheet."""
    operations = (await staff(api, Role.VENDOR_OPS)).api
    done = await operations.do("auditPerformance", "sheet { status }", id=sheet, idempotencyKey=key())
    assert (codes(done), done["sheet"]["status"]) == ([], "FINAL"), done
    assert "incentive.generated" in [effect["kind"] for effect in done["effects"]]


async def certified(api: Api, made: World) -> None:
    """The vendor's reviewer has certified the partner's business information."""
    reviewer = (await staff(api, Role.VENDOR_REVIEWER)).api
    partner = (await made.main.client.send("{ partner { id } }")).data["partner"]["id"]
    given = {"partnerId": partner, "certified": True, "taxpayerType": "GENERAL", "idempotencyKey": key()}
    assert codes(await reviewer.do("recordBusinessInfo", "businessInfo { id }", **given)) == []


async def earned(client: Client) -> list[tuple[str, str]]:
    """(month, amount) of the partner's incentives, oldest first."""
    nodes = (await client.send(INCENTIVES)).data["incentives"]["nodes"]
    return [(node["period"], node["amount"]["amount"]) for node in reversed(nodes)]


async def test_from_consumption_to_a_quota(api: Api) -> None:
    made = await performance.stage(api)
    lines = [line(made, MARCH, officialAmount=amount, cashAmount=amount) for amount in ("333.33", "0.01", "1000.00")]
    sheet = await performance.drafted(api, made, *lines)
    await audited(api, sheet)
    made = await signed_in_again(api, made)
    caller = made.main.client

    [incentive] = (await caller.send(INCENTIVES)).data["incentives"]["nodes"]
    assert incentive == {
        "id": incentive["id"],
        "period": "2026-03",
        "lineCount": 3,
        "amount": {"amount": "66.67", "currency": "CNY"},
        "sheet": {"id": sheet, "status": "FINAL"},
        "explanation": {"policy": {"code": "RESALE_CONSUMPTION", "version": 2}},
    }
    shares = "{ performanceLines(sheet: $sheet) { nodes { shares { incentive { id } amount { amount } } } } }"
    seen = await caller.send(f"query($sheet: ID!) {shares}", sheet=sheet)
    parts = [share for row in seen.data["performanceLines"]["nodes"] for share in row["shares"]]
    assert {part["incentive"]["id"] for part in parts} == {incentive["id"]}
    assert sorted(part["amount"]["amount"] for part in parts) == ["0.00", "16.67", "50.00"]
    again = await caller.send(f'{{ explainIncentive(id: "{incentive["id"]}") {{ same }} }}')
    assert again.data["explainIncentive"] == {"same": True}

    await certified(api, made)
    assert (await confirm(caller, incentive["id"]))["results"][0]["userErrors"] == []
    paid = await pay_out(caller, incentive["id"])
    assert (codes(paid), paid["payout"]["status"]) == ([], "COMPLETED")
    assert await balances(api) == {"VENDOR_POOL": -6_667, "PARTNER_QUOTA": 6_667}
    seen = await caller.send("{ payoutRequests { nodes { quota { balance { amount } expiresAt status } } } }")
    assert seen.data["payoutRequests"]["nodes"] == [
        {"quota": {"balance": {"amount": "66.67"}, "expiresAt": "2027-03-31T18:00:00.000Z", "status": "NORMAL"}}
    ]


async def test_a_renewal_after_binding_anew_earns_for_the_partner_at_payment(api: Api) -> None:
    """Ordered with A on 10 March, unbound, bound to B on the 12th, renewed on the 15th: each earns on its own."""
    made = await performance.stage(api)
    other_id, _ = await admitted_partner(api)
    parted = MARCH.replace(day=12)
    async with db.transaction(EVERYTHING):
        await CustomerAssociation.filter(id=made.association_id).update(
            status=AssociationStatus.ENDED, ended_at=parted, started_at=MARCH.replace(month=2, day=20)
        )
        await CustomerAssociation.insert(
            now=parted,
            customer_id=made.customer_id,
            partner_id=other_id,
            type=AssociationType.RESALE,
            status=AssociationStatus.ACTIVE,
            source=AssociationSource.REPORT,
            started_at=parted,
        )
        assert (await Customer.get(id=made.customer_id)).partner_id == other_id
    ordered = line(made, MARCH.replace(day=10), officialAmount="1000", cashAmount="1000")
    renewed = line(made, MARCH, billType="RENEW", officialAmount="400", cashAmount="400")
    await performance.drafted(api, made, ordered, renewed)
    for row in await api.rows("select id from performance_sheet"):
        await audited(api, encode_id("prs", row["id"]))

    made = await signed_in_again(api, made)
    asked = await api.rows("select partner_id, amount from incentive")
    assert {row["partner_id"]: row["amount"] for row in asked} == {made.partner_id: 5_000, other_id: 2_000}
    assert await earned(made.main.client) == [("2026-03", "50.00")]
