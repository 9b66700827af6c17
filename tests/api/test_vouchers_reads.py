"""Lists of quotas, vouchers, uses and records, who sees what, and `actions` as the mutations themselves answer."""

from datetime import timedelta
from typing import Any

import pytest

from core.ids import encode_id
from rules.access import Role
from rules.customers import AssociationType
from rules.partners import PartnerKind
from tests import world
from tests.api.test_vouchers_uses import unbind
from tests.client import NOON, Api, Client, codes
from tests.factories import key, sign_in
from tests.vouchers import (
    Stage,
    customer,
    grant,
    issue,
    issue_quota,
    outcomes,
    recall,
    recall_quotas,
    reseller,
    stage,
    use,
    voucher,
)


async def listed(client: Client, name: str, filter: str = "", selection: str = "id") -> list[Any]:
    """The nodes of a list, oldest first."""
    arguments = f"(filter: {{ {filter} }})" if filter else ""
    answer = await client.send(f"{{ {name}{arguments} {{ nodes {{ {selection} }} }} }}")
    nodes: list[Any] = answer.data[name]["nodes"]
    return [node["id"] if selection == "id" else node for node in reversed(nodes)]


async def actions(client: Client, row_id: str, kind: str) -> dict[str, list[str]]:
    """Action → the codes of its blockers."""
    selection = "actions { action allowed blockers { code } }"
    answer = await client.send(f'{{ node(id: "{row_id}") {{ ... on {kind} {{ {selection} }} }} }}')
    found = answer.data["node"]["actions"]
    assert all(one["allowed"] == (not one["blockers"]) for one in found)
    return {one["action"]: [blocker["code"] for blocker in one["blockers"]] for one in found}


class TestLists:
    async def test_quotas_by_state_kind_parent_owner_and_end(self, api: Api) -> None:
        made = await stage(api, kind=PartnerKind.DISTRIBUTOR)
        cash = await grant(api, made.operations, made.partner_id, kind="CASH")
        soon = await grant(api, made.operations, made.partner_id, expiresAt=(NOON + timedelta(days=1)).isoformat())
        (first, _), (second, _) = [await reseller(api, made.partner_id) for _ in range(2)]
        children = [one["quota"]["id"] for one in (await issue_quota(made, first, second))["results"]]
        await recall_quotas(made, children[0])

        own = made.client
        assert await listed(own, "voucherQuotas") == [made.quota, cash, soon]
        assert await listed(own, "voucherQuotas", "kind: CASH") == [cash]
        before = f'expiresBefore: "{(NOON + timedelta(days=1, milliseconds=1)).isoformat()}"'
        assert await listed(own, "voucherQuotas", before) == [soon]
        assert await listed(own, "voucherQuotas", f'expiresBefore: "{(NOON + timedelta(days=1)).isoformat()}"') == []
        assert await listed(own, "issuedQuotas") == children
        assert await listed(own, "issuedQuotas", "status: [RECALLED]") == children[:1]
        assert await listed(own, "issuedQuotas", f'owner: "{encode_id("par", second)}"') == children[1:]
        assert await listed(own, "issuedQuotas", f'parent: "{made.quota}"') == children
        assert await listed(own, "issuedQuotas", f'parent: "{cash}"') == []
        assert await listed(own, "issuedQuotas", 'parent: "nonsense"') == []
        assert await listed(made.operations, "issuedQuotas") == children
        assert await listed(made.operations, "voucherQuotas") == [made.quota, cash, soon, *children]

    async def test_vouchers_by_state_customer_and_quota(self, api: Api) -> None:
        made, other = await stage(api), await stage(api)
        someone, another = await customer(api, made.partner_id), await customer(api, made.partner_id)
        kept, gone = await voucher(made, someone), await voucher(made, someone)
        theirs = await voucher(made, another)
        await voucher(other, await customer(api, other.partner_id))
        await recall(made, gone)

        assert await listed(made.client, "issuedVouchers") == [kept, gone, theirs]
        assert await listed(made.client, "issuedVouchers", "status: [USABLE]") == [kept, theirs]
        assert await listed(made.client, "issuedVouchers", f'customer: "{someone.gid}"') == [kept, gone]
        assert await listed(made.client, "issuedVouchers", f'quota: "{other.quota}"') == []
        assert len(await listed(made.operations, "issuedVouchers")) == 4
        assert await listed(someone.person.client, "myVouchers") == [kept, gone]
        assert await listed(another.person.client, "myVouchers", "status: [RECALLED, USED]") == []

    async def test_what_ended_a_year_ago_leaves_the_list_and_is_still_found(self, api: Api) -> None:
        made = await stage(api)
        someone = await customer(api, made.partner_id)
        one = await voucher(made, someone)
        await recall(made, one)
        for at, wanted in ((NOON.replace(year=2027), [one]), (NOON.replace(year=2027, microsecond=1000), [])):
            api.clock.at = at
            main = (await sign_in(api, made.main.id)).api
            assert await listed(main, "issuedVouchers") == wanted
            assert (await main.send(f'{{ node(id: "{one}") {{ id }} }}')).data["node"] == {"id": one}

    async def test_records_by_operation_object_and_time(self, api: Api) -> None:
        made = await stage(api)
        someone = await customer(api, made.partner_id)
        first = await voucher(made, someone)
        api.clock.advance(minutes=1)
        later = api.clock().isoformat()
        second = await voucher(made, someone)
        await recall(made, first)
        shown = "operation amount { amount currency } destination voucher { id } quota { id } customer { id }"

        records = await listed(made.client, "voucherRecords", "operation: [RECALL]", shown)
        assert records == [
            {
                "operation": "RECALL",
                "amount": {"amount": "100.00", "currency": "CNY"},
                "destination": "QUOTA",
                "voucher": {"id": first},
                "quota": {"id": made.quota},
                "customer": {"id": someone.gid},
            }
        ]
        assert len(await listed(made.client, "voucherRecords", f'voucher: "{first}"')) == 2
        assert len(await listed(made.client, "voucherRecords", f'voucher: "{second}", customer: "{someone.gid}"')) == 1
        assert len(await listed(made.client, "voucherRecords", f'since: "{later}"')) == 2
        assert len(await listed(made.client, "voucherRecords", f'until: "{later}", quota: "{made.quota}"')) == 1
        [granted] = await listed(made.client, "quotaRecords", "operation: [GRANT]", "amount { amount } quota { id }")
        assert granted == {"amount": {"amount": "1000.00"}, "quota": {"id": made.quota}}
        assert await listed(made.client, "quotaRecords", "operation: [ISSUE, RECALL]") == []

    async def test_both_sides_of_an_issued_quota_read_its_records(self, api: Api) -> None:
        made = await stage(api, kind=PartnerKind.DISTRIBUTOR)
        first, main = await reseller(api, made.partner_id)
        _, stranger = await reseller(api, made.partner_id)
        child = (await issue_quota(made, first))["results"][0]["quota"]["id"]

        for client, wanted in ((made.client, 1), (main.client, 1), (stranger.client, 0)):
            assert len(await listed(client, "quotaRecords", f'quota: "{child}"')) == wanted
        assert len(await listed(made.client, "quotaRecords", f'parent: "{made.quota}"')) == 1
        assert len(await listed(made.client, "quotaRecords", f'owner: "{encode_id("par", first)}"')) == 1

    async def test_uses_by_voucher_customer_and_order(self, api: Api) -> None:
        made = await stage(api)
        someone = await customer(api, made.partner_id)
        one = await voucher(made, someone)
        paid = (await use(made, one, "10.00", orderRef="order-7"))["use"]["id"]
        for arguments, wanted in (
            (f'voucher: "{one}"', [paid]),
            (f'customer: "{someone.gid}"', [paid]),
            ('orderRef: "order-7"', [paid]),
            ('orderRef: "order-8"', []),
            (f'voucher: "{made.quota}"', []),
        ):
            answer = await made.client.send(f"{{ voucherUses({arguments}) {{ nodes {{ id }} }} }}")
            assert [node["id"] for node in answer.data["voucherUses"]["nodes"]] == wanted


class TestWho:
    async def test_the_memo_is_for_the_issuing_partner_alone(self, api: Api) -> None:
        made = await stage(api)
        someone = await customer(api, made.partner_id)
        one = await voucher(made, someone, memo="late payer")
        for client, wanted in (
            (made.client, "late payer"),
            (someone.person.client, None),
            (made.operations, None),
        ):
            answer = await client.send(f'{{ node(id: "{one}") {{ ... on Voucher {{ memo quota {{ id }} }} }} }}')
            assert answer.data["node"]["memo"] == wanted
            assert (answer.data["node"]["quota"] is None) == (client is someone.person.client)

    @pytest.mark.parametrize("role", [Role.FINANCE, Role.OPERATIONS, Role.SYSTEM_ADMIN])
    async def test_these_members_read(self, api: Api, role: Role) -> None:
        made = await stage(api)
        reader = (await world.member(api, made.partner_id, role)).client
        assert await listed(reader, "voucherQuotas") == [made.quota]

    @pytest.mark.parametrize("role", [Role.ACCOUNT_MANAGER, Role.ACCOUNT_DIRECTOR, Role.MARKETING, Role.SA_SPECIALIST])
    async def test_these_members_do_not(self, api: Api, role: Role) -> None:
        made = await stage(api)
        someone = await customer(api, made.partner_id)
        one = await voucher(made, someone)
        reader = (await world.member(api, made.partner_id, role)).client
        assert (await reader.send("{ voucherQuotas { nodes { id } } }")).error["reason"] == "PERMISSION_DENIED"
        found = await reader.send(f'{{ nodes(ids: ["{one}", "{made.quota}"]) {{ id }} }}')
        assert found.data["nodes"] == [None, None]

    async def test_a_former_customer_keeps_its_history_and_the_partner_its_vouchers(self, api: Api) -> None:
        made = await stage(api)
        someone = await customer(api, made.partner_id)
        one = await voucher(made, someone)
        await unbind(api, made, someone)
        assert await listed(someone.person.client, "myVouchers") == [one]
        [seen] = await listed(made.client, "issuedVouchers", "", "id customer { id }")
        assert seen == {"id": one, "customer": None}


class TestActions:
    async def test_of_a_quota_in_every_state(self, api: Api) -> None:
        made = await stage(api, kind=PartnerKind.DISTRIBUTOR)
        own = await actions(made.client, made.quota, "VoucherQuota")
        assert own["ISSUE_TO_RESELLERS"] == own["ISSUE_VOUCHERS"] == []
        assert own["RECALL"] == ["NOT_FOUND"]
        assert own["FREEZE"] == ["PERMISSION_DENIED"]
        vendor = await actions(made.operations, made.quota, "VoucherQuota")
        assert {name for name, codes in vendor.items() if not codes} == {"FREEZE", "ADJUST", "INVALIDATE"}
        await self.change(made, "FREEZE")
        vendor = await actions(made.operations, made.quota, "VoucherQuota")
        assert {name for name, codes in vendor.items() if not codes} == {"UNFREEZE", "INVALIDATE"}
        own = await actions(made.client, made.quota, "VoucherQuota")
        assert own["ISSUE_TO_RESELLERS"] == own["ISSUE_VOUCHERS"] == ["QUOTA_NOT_USABLE"]
        await self.change(made, "INVALIDATE")
        own = await actions(made.client, made.quota, "VoucherQuota")
        assert own["ISSUE_VOUCHERS"] == ["QUOTA_NOT_USABLE", "QUOTA_INSUFFICIENT"]
        vendor = await actions(made.operations, made.quota, "VoucherQuota")
        assert [name for name, codes in vendor.items() if not codes] == []

    async def change(self, made: Stage, what: str) -> None:
        """The vendor changes the state."""
        given = {"quotaId": made.quota, "change": what, "idempotencyKey": key()}
        assert codes(await made.operations.do("setQuotaState", "quota { id }", **given)) == []

    async def test_what_they_say_is_what_happens(self, api: Api) -> None:
        made = await stage(api, "100.00", kind=PartnerKind.DISTRIBUTOR)
        someone_id, main = await reseller(api, made.partner_id)
        someone = await customer(api, made.partner_id)
        child = (await issue_quota(made, someone_id, amount="100.00"))["results"][0]["quota"]["id"]

        empty = await actions(made.client, made.quota, "VoucherQuota")
        assert empty["ISSUE_VOUCHERS"] == codes(await issue(made, someone, face="0.01")) == ["QUOTA_INSUFFICIENT"]
        assert empty["ISSUE_TO_RESELLERS"] == codes(await issue_quota(made, someone_id, amount="0.01"))
        theirs = await actions(main.client, child, "VoucherQuota")
        assert theirs["ISSUE_TO_RESELLERS"] == ["NOT_A_DISTRIBUTOR"]
        assert (theirs["ISSUE_VOUCHERS"], theirs["RECALL"]) == ([], ["NOT_FOUND"])
        issued = await actions(made.client, child, "VoucherQuota")
        assert (issued["ISSUE_VOUCHERS"], issued["RECALL"]) == (["NOT_FOUND"], [])
        assert outcomes(await recall_quotas(made, child)) == ["quota"]
        recalled = await actions(made.client, child, "VoucherQuota")
        assert [recalled["RECALL"]] == outcomes(await recall_quotas(made, child)) == [["STATE_CONFLICT"]]

    async def test_of_a_voucher(self, api: Api) -> None:
        made = await stage(api)
        resale = await customer(api, made.partner_id)
        referral = await customer(api, made.partner_id, type=AssociationType.REFERRAL)
        one, other = await voucher(made, resale), await voucher(made, referral)
        later = await voucher(made, resale, validFrom=(NOON + timedelta(days=1)).isoformat())

        assert await actions(made.client, one, "Voucher") == {"RECALL": [], "USE": ["PERMISSION_DENIED"]}
        assert (await actions(made.client, other, "Voucher"))["RECALL"] == ["NOT_RECALLABLE_REFERRAL"]
        assert (await actions(made.operations, one, "Voucher"))["USE"] == []
        assert (await actions(made.operations, later, "Voucher"))["USE"] == ["VOUCHER_NOT_USABLE"]
        assert (await actions(resale.person.client, one, "Voucher"))["RECALL"] == ["PERMISSION_DENIED"]
        await use(made, one, "100.00")
        assert (await actions(made.client, one, "Voucher"))["RECALL"] == ["STATE_CONFLICT"]
        assert outcomes(await recall(made, one)) == [["STATE_CONFLICT"]]
        await recall(made, later)
        assert (await actions(made.client, later, "Voucher"))["RECALL"] == ["ALREADY_EXPIRED_OR_RECALLED"]


async def test_what_breaks_the_books_is_found(api: Api) -> None:
    made = await stage(api)
    one = await voucher(made, await customer(api, made.partner_id))
    assert await api.database.offences() == []
    for statement, back, name in (
        ("update voucher set face_minor = face_minor + 1", "update voucher set face_minor = face_minor - 1", "I5"),
        ("update voucher_quota set value_minor = 1", "update voucher_quota set value_minor = 100000", "I5"),
        (
            "update voucher set status = 'USED', ended_at = now()",
            "update voucher set status = 'USABLE', ended_at = null",
            "I5",
        ),
        ("update voucher_record set operation = 'RECALL'", "update voucher_record set operation = 'ISSUE'", "I6"),
    ):
        await api.database.superuser.execute(statement)
        assert name in {offence.split(":")[0] for offence in await api.database.offences()}, statement
        await api.database.superuser.execute(back)
    assert await api.database.offences() == []
    assert one
