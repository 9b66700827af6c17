"""Reading the ledger: accounts, statements and traces, of one's own and of nobody else's."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from core import db
from core.ids import encode_id
from models.partners import Partner
from models.wallets import LedgerHold
from resolvers.command import run
from resolvers.context import Context
from resolvers.system import system_context
from resolvers.wallets import expire_ledger_hold, ledger, overdue_holds
from resolvers.wallets.ledger import Leg
from rules.access import Role
from rules.errors import ErrorCode
from rules.wallets import AccountKind, HoldState, Posting
from tasks.sequencer import sequence_once
from tasks.wallets import expire_holds
from tests import modes
from tests.client import Api, Client
from tests.factories import staff
from tests.ledger import acting_for, attempt, carry_out, fund, open_pool, partner_row, transfer
from tests.world import Person, admitted_partner, member

ACCOUNT = "id kind currency ownerId partner { id } balance { amount currency } held { amount } available { amount }"
ENTRY = "seq kind amount { amount } balanceAfter { amount currency }"
TRANSACTION = (
    "id kind occurredAt subjectId audit { number operation actor } reverses { id } reversedBy { id }"
    " entries { amount { amount } account { id } transaction { id } }"
)


@dataclass(frozen=True)
class Stage:
    """A distributor that was granted 1,000.00, issued 250.00 to a reseller and has 100.00 held."""

    distributor: tuple[UUID, Person]
    reseller: tuple[UUID, Person]
    quota: UUID
    child: UUID
    issued: UUID
    hold: UUID

    @property
    def about(self) -> str:
        return encode_id(Partner.prefix, self.reseller[0])


@pytest.fixture
async def stage(api: Api) -> Stage:
    distributor, reseller = await admitted_partner(api), await admitted_partner(api)

    async def grant(ctx: Context) -> UUID:
        partner = await partner_row(distributor[0])
        quota = await ledger.open_account(ctx, AccountKind.PARTNER_QUOTA, currency="CNY", owner=partner)
        await fund(ctx, quota, 100_000, partner)
        return quota

    quota = await carry_out(api, grant)
    api.clock.advance(minutes=1)

    async def issue(ctx: Context) -> Stage:
        partner = await partner_row(reseller[0])
        child = await ledger.open_account(
            ctx, AccountKind.RESELLER_QUOTA, currency="CNY", owner=partner, issuer_id=distributor[0]
        )
        issued = await transfer(ctx, quota, child, 25_000, partner)
        hold = await ledger.hold(ctx, quota, child, 10_000, subject=partner, expires_at=ctx.now + timedelta(days=1))
        return Stage(distributor, reseller, quota, child, issued, hold)

    return await carry_out(api, issue)


async def wallets(client: Client, arguments: str = "") -> list[dict[str, Any]]:
    answer = await client.send(f"{{ wallets{arguments} {{ nodes {{ {ACCOUNT} }} }} }}")
    nodes: list[dict[str, Any]] = answer.data["wallets"]["nodes"]
    return nodes


async def statement(client: Client, account: UUID, arguments: str = "", selection: str = ENTRY) -> list[dict[str, Any]]:
    """Entries of an account's statement, `arguments` beside its id."""
    answer = await client.send(
        f"query($id: ID!) {{ ledgerEntries(ledgerAccountId: $id{arguments}) {{ nodes {{ {selection} }} }} }}",
        id=encode_id("wal", account),
    )
    nodes: list[dict[str, Any]] = answer.data["ledgerEntries"]["nodes"]
    return nodes


async def traced(client: Client, id: str) -> list[dict[str, Any]]:
    answer = await client.send(f"query($id: ID!) {{ trace(id: $id) {{ {TRANSACTION} }} }}", id=id)
    found: list[dict[str, Any]] = answer.data["trace"]
    return found


class TestWallets:
    async def test_show_what_there_is_what_is_held_and_what_may_be_spent(self, api: Api, stage: Stage) -> None:
        shown = {account["id"]: account for account in await wallets(stage.distributor[1].client)}

        assert shown[encode_id("wal", stage.quota)] == {
            "id": encode_id("wal", stage.quota),
            "kind": "PARTNER_QUOTA",
            "currency": "CNY",
            "ownerId": encode_id("par", stage.distributor[0]),
            "partner": {"id": encode_id("par", stage.distributor[0])},
            "balance": {"amount": "750.00", "currency": "CNY"},
            "held": {"amount": "100.00"},
            "available": {"amount": "650.00"},
        }
        child = shown[encode_id("wal", stage.child)]
        assert (child["partner"], child["balance"]["amount"]) == (None, "250.00"), "issued, so its balance is shown"
        assert len(shown) == 2

    async def test_of_a_reseller_are_its_own(self, api: Api, stage: Stage) -> None:
        [account] = await wallets(stage.reseller[1].client)
        assert account["id"] == encode_id("wal", stage.child)
        assert account["available"] == {"amount": "250.00"}

    async def test_by_kind_and_partner(self, api: Api, stage: Stage) -> None:
        vendor = (await staff(api, Role.VENDOR_FINANCE)).api
        partner = encode_id("par", stage.distributor[0])

        assert {a["kind"] for a in await wallets(vendor)} == {"VENDOR_POOL", "PARTNER_QUOTA", "RESELLER_QUOTA"}
        assert [a["kind"] for a in await wallets(vendor, f'(partnerId: "{partner}")')] == ["PARTNER_QUOTA"]
        pools = await wallets(vendor, "(kinds: [VENDOR_POOL, CASH])")
        assert [(a["kind"], a["ownerId"], a["balance"]["amount"]) for a in pools] == [("VENDOR_POOL", None, "-1000.00")]
        for nobody in ("nonsense", encode_id("cus", stage.distributor[0]), encode_id("par", stage.quota)):
            assert await wallets(vendor, f'(partnerId: "{nobody}")') == []

    @pytest.mark.parametrize(
        ("role", "kinds"),
        [
            (Role.FINANCE, ["RESELLER_QUOTA", "PARTNER_QUOTA", "CASH"]),
            (Role.SYSTEM_ADMIN, ["RESELLER_QUOTA", "PARTNER_QUOTA", "CASH"]),
            (Role.OPERATIONS, ["CASH"]),
            (Role.ACCOUNT_MANAGER, ["CASH"]),
        ],
    )
    async def test_a_member_sees_the_balance_and_who_keeps_the_money_everything(
        self, api: Api, stage: Stage, role: Role, kinds: list[str]
    ) -> None:
        async def open_cash(ctx: Context) -> None:
            partner = await partner_row(stage.distributor[0])
            await ledger.open_account(ctx, AccountKind.CASH, currency="CNY", owner=partner)

        await carry_out(api, open_cash)
        person = await member(api, stage.distributor[0], role)
        seen = await wallets(person.client)
        assert sorted(account["kind"] for account in seen) == sorted(kinds)
        statement = f'{{ ledgerEntries(ledgerAccountId: "{seen[0]["id"]}") {{ nodes {{ id }} }} }}'
        assert ("errors" in (await person.client.send(statement)).body) is (kinds == ["CASH"])

    @modes.plans
    async def test_are_read_by_one_statement_with_their_partners(self, api: Api, stage: Stage) -> None:
        with db.observed() as statements:
            await wallets(stage.distributor[1].client)
        assert len(statements) == 2, "token, accounts with partners"


class TestStatements:
    async def test_run_backwards_with_the_balance_after_each_entry(self, api: Api, stage: Stage) -> None:
        assert await statement(stage.distributor[1].client, stage.quota) == [
            {
                "seq": 2,
                "kind": "QUOTA_ISSUE",
                "amount": {"amount": "-250.00"},
                "balanceAfter": {"amount": "750.00", "currency": "CNY"},
            },
            {
                "seq": 1,
                "kind": "QUOTA_GRANT",
                "amount": {"amount": "1000.00"},
                "balanceAfter": {"amount": "1000.00", "currency": "CNY"},
            },
        ]

    @pytest.mark.parametrize(
        ("filter", "seqs"),
        [
            ("kinds: [QUOTA_ISSUE]", [2]),
            ("kinds: []", []),
            ('since: "2026-03-02T04:01:00.000Z"', [2]),
            ('since: "2026-03-02T04:00:59.999Z"', [2]),
            ('since: "2026-03-02T04:00:00.000Z"', [2, 1]),
            ('until: "2026-03-02T04:01:00.000Z"', [1]),
            ('until: "2026-03-02T04:01:00.001Z"', [2, 1]),
            ('until: "2026-03-02T04:00:00.000Z"', []),
        ],
    )
    async def test_by_kind_and_time(self, api: Api, stage: Stage, filter: str, seqs: list[int]) -> None:
        found = await statement(stage.distributor[1].client, stage.quota, f", filter: {{{filter}}}", "seq")
        assert [entry["seq"] for entry in found] == seqs

    async def test_go_on_where_a_page_ends(self, api: Api, stage: Stage) -> None:
        partner_id, client = stage.distributor[0], stage.distributor[1].client

        async def spend(ctx: Context) -> None:
            for _ in range(8):
                await transfer(ctx, stage.quota, stage.child, 1, await partner_row(partner_id))

        await carry_out(api, spend)
        document = (
            "query($id: ID!, $after: Cursor) { ledgerEntries(ledgerAccountId: $id, first: 4, after: $after)"
            " { nodes { seq } pageInfo { endCursor hasNextPage } } }"
        )
        seen, after = [], None
        for _ in range(3):
            answer = await client.send(document, id=encode_id("wal", stage.quota), after=after)
            page = answer.data["ledgerEntries"]
            seen += [entry["seq"] for entry in page["nodes"]]
            after = page["pageInfo"]["endCursor"]
        assert seen == list(range(10, 0, -1))
        assert not page["pageInfo"]["hasNextPage"]
        other = await client.send(document, id=encode_id("wal", stage.child), after=after)
        assert other.error["code"] == "BAD_QUERY", "a cursor is of one account's statement"

    async def test_are_the_owners_alone(self, api: Api, stage: Stage) -> None:
        assert await statement(stage.distributor[1].client, stage.child) == [], "issued, but not its own"
        assert await statement(stage.reseller[1].client, stage.quota) == []
        assert len(await statement(stage.reseller[1].client, stage.child)) == 1


class TestTraces:
    async def test_lead_from_an_entry_to_the_command(self, api: Api, stage: Stage) -> None:
        client = stage.distributor[1].client
        [entry, _] = await statement(client, stage.quota, selection="id")
        await sequence_once()

        [found] = await traced(client, entry["id"])

        own = encode_id("wal", stage.quota)
        transaction = encode_id("ltx", stage.issued)
        assert found == {
            "id": transaction,
            "kind": "QUOTA_ISSUE",
            "occurredAt": "2026-03-02T04:01:00.000Z",
            "subjectId": stage.about,
            "audit": None,
            "reverses": None,
            "reversedBy": None,
            "entries": [{"amount": {"amount": "-250.00"}, "account": {"id": own}, "transaction": {"id": transaction}}],
        }
        assert await traced(client, transaction) == [found]

    async def test_show_the_number_of_ones_own_command(self, api: Api, stage: Stage) -> None:
        async def give(ctx: Context) -> UUID:
            return await transfer(ctx, stage.quota, stage.child, 1, await partner_row(stage.distributor[0]))

        moved = await carry_out(api, give, acting_for(stage.distributor[0]))
        client, id = stage.distributor[1].client, encode_id("ltx", moved)
        unnumbered = {"number": None, "operation": "move_money", "actor": "anonymous"}
        assert [one["audit"] for one in await traced(client, id)] == [unnumbered]
        await sequence_once()
        number = await api.value("select seq from audit where tenant_id = $1", stage.distributor[0])
        assert [one["audit"] for one in await traced(client, id)] == [{**unnumbered, "number": number}]
        assert [one["audit"] for one in await traced(stage.reseller[1].client, id)] == [None]
        vendor = (await staff(api, Role.VENDOR_OPS)).api
        [seen] = await traced(vendor, id)
        assert (seen["audit"]["number"], len(seen["entries"])) == (number, 2)

    async def test_lead_to_the_reversal_and_back(self, api: Api, stage: Stage) -> None:
        async def undo(ctx: Context) -> UUID:
            legs = [Leg(stage.quota, 25_000), Leg(stage.child, -25_000)]
            partner = await partner_row(stage.reseller[0])
            return await ledger.post(ctx, Posting.REVERSAL, legs, subject=partner, reverses=stage.issued)

        undone, client = await carry_out(api, undo), stage.reseller[1].client
        first, second = encode_id("ltx", stage.issued), encode_id("ltx", undone)

        of_subject = await traced(client, stage.about)

        links = [(one["id"], one["reverses"], one["reversedBy"]) for one in of_subject]
        assert links == [(second, {"id": first}, None), (first, None, {"id": second})]
        assert await traced(client, first) == of_subject[1:]

    async def test_find_nothing_of_strangers_and_of_nonsense(self, api: Api, stage: Stage) -> None:
        stranger = (await admitted_partner(api))[1].client
        for id in (encode_id("ltx", stage.issued), stage.about, "nonsense", "par_zzz"):
            assert await traced(stranger, id) == []
        assert await traced(stage.distributor[1].client, encode_id("ltx", stage.quota)) == []


class TestExpiry:
    @pytest.mark.parametrize(("early", "state", "held"), [(1, "HELD", 10_000), (0, "EXPIRED", 0)])
    async def test_gives_back_what_was_held_too_long(
        self, api: Api, stage: Stage, early: int, state: str, held: int
    ) -> None:
        api.clock.advance(days=1, milliseconds=-early)

        assert await expire_holds(api.settings, api.clock) == (1 if held == 0 else 0)

        [row] = await api.rows("select * from ledger_hold")
        assert (row["state"], row["ended_at"]) == (state, None if held else api.clock())
        found = await api.rows("select balance, held from ledger_account where id = $1", stage.quota)
        assert found == [{"balance": 75_000, "held": held}]

    async def test_happens_once(self, api: Api, stage: Stage) -> None:
        api.clock.advance(days=1)
        assert [await expire_holds(api.settings, api.clock) for _ in range(2)] == [1, 0]

    async def test_leaves_alone_what_somebody_else_has_ended(self, api: Api, stage: Stage) -> None:
        api.clock.advance(days=1)
        ctx = await system_context(api.settings, api.clock())
        [hold_id] = await overdue_holds(ctx)
        await carry_out(api, lambda ctx: ledger.release(ctx, hold_id))

        async def late() -> None:
            outcome = await run(ctx, expire_ledger_hold, hold_id=hold_id)
            assert [violation.code for violation in outcome.violations] == [ErrorCode.STATE_CONFLICT]

        assert await api.changes(late) == set()

    async def test_of_a_hold_without_end_never_comes(self, api: Api, stage: Stage) -> None:
        async def keep(ctx: Context) -> UUID:
            partner = await partner_row(stage.reseller[0])
            return await ledger.hold(ctx, stage.child, stage.quota, 5, subject=partner, expires_at=None)

        kept = await carry_out(api, keep)
        api.clock.advance(days=4000)
        assert await expire_holds(api.settings, api.clock) == 1

        async def look(ctx: Context) -> HoldState:
            return (await LedgerHold.get(id=kept)).state

        assert await carry_out(api, look) is HoldState.HELD
        assert (await attempt(api, lambda ctx: ledger.settle(ctx, kept))).violations == []


async def test_the_pool_in_another_currency_is_another_one(api: Api, stage: Stage) -> None:
    opened = await carry_out(api, lambda ctx: open_pool(ctx, "USD"))
    vendor = (await staff(api, Role.VENDOR_OPS)).api
    [account] = [a for a in await wallets(vendor, "(kinds: [VENDOR_POOL])") if a["currency"] == "USD"]
    assert account["id"] == encode_id("wal", opened)
