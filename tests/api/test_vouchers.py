"""Granting quotas, issuing vouchers from them and recalling them, through the API."""

from datetime import timedelta
from uuid import UUID

from core.ids import encode_id, uuid7
from rules.access import Role
from rules.customers import AssociationType, CustomerFact
from rules.partners import PartnerKind
from tests import world
from tests.client import NOON, Api, codes
from tests.factories import key
from tests.vouchers import (
    VOUCHERS,
    customer,
    grant,
    granting,
    issue,
    issue_quota,
    left,
    outcomes,
    recall,
    reseller,
    stage,
    use,
    voucher,
)


class TestIssue:
    async def test_each_customer_gets_a_voucher_and_is_told(self, api: Api) -> None:
        made = await stage(api)
        customers = [await customer(api, made.partner_id) for _ in range(2)]

        done = await issue(made, *customers, face="100.50", memo="for the fair")

        assert outcomes(done) == ["voucher", "voucher"]
        shown = done["results"][0]["voucher"]
        assert (shown["status"], shown["face"]["amount"], shown["balance"]["amount"]) == ("USABLE", "100.50", "100.50")
        assert done["effects"] == [
            {
                "kind": "voucher.issued",
                "subjectId": one["voucher"]["id"],
                "amount": {"amount": "100.50", "currency": "CNY"},
            }
            for one in done["results"]
        ]
        assert await left(api, made.quota) == 79_900
        records = await api.rows("select operation, amount_minor, destination, actor from voucher_record order by id")
        assert [tuple(row.values()) for row in records] == [("ISSUE", 10_050, "VOUCHER", f"account:{made.main.id}")] * 2
        events = await api.rows("select type, customer_id from event where type = 'voucher.issued' order by id")
        assert [row["customer_id"] for row in events] == [one.id for one in customers]
        told = (await api.inbox(customers[0].person.email))[-1]
        assert told["template"] == "voucher_issued"
        assert "100.50 CNY" in told["body"]
        assert "2026-04-01 12:00 CST" in told["body"]

    async def test_customers_that_may_not_have_one_do_not_stop_the_others(self, api: Api) -> None:
        made = await stage(api)
        member = await customer(api, made.partner_id, facts=(CustomerFact.UNIFIED_MEMBER,))
        stranger = await customer(api, (await world.admitted_partner(api))[0])
        good = await customer(api, made.partner_id, type=AssociationType.REFERRAL)
        nobody = [encode_id("cus", uuid7()), made.gid, "nonsense"]

        done = await issue(made, customerIds=[member.gid, stranger.gid, good.gid, good.gid, *nobody], face="10.00")

        assert outcomes(done) == [
            ["VOUCHER_UNIFIED_MEMBER"],
            ["NOT_FOUND"],
            "voucher",
            ["REPEATED"],
            ["NOT_FOUND"],
            ["NOT_FOUND"],
            ["NOT_FOUND"],
        ]
        errors = [one["userErrors"][0] for one in done["results"] if one["userErrors"]]
        assert errors[0] == {
            "code": "VOUCHER_UNIFIED_MEMBER",
            "path": ["input", "customerIds", "0"],
            "upstreamCode": "CBC.50000034",
        }
        assert errors[1]["upstreamCode"] == "CBC.99000035"
        assert await api.value("select count(*) from voucher") == 1
        assert await api.value("select count(*) from outbox where topic = 'notice'") == 1
        assert await left(api, made.quota) == 99_000

    async def test_what_concerns_the_whole_leaves_nothing(self, api: Api) -> None:
        made = await stage(api, faceMin="10.00", faceMax="50.00", services=["ecs"], countMax=1)
        customers = [await customer(api, made.partner_id) for _ in range(2)]

        async def attempt() -> None:
            refused = await issue(
                made, *customers, face="9.99", services=["obs"], expiresAt=(NOON + timedelta(days=31)).isoformat()
            )
            assert [(error["code"], error["path"]) for error in refused["userErrors"]] == [
                ("OUT_OF_RANGE", ["input", "expiresAt"]),
                ("FACE_BELOW_MINIMUM", ["input", "faceValue"]),
                ("VOUCHER_COUNT_LIMIT", ["input", "customerIds"]),
                ("RANGE_OUTSIDE_QUOTA", ["input", "services", "0"]),
            ]
            assert refused["results"] == []

        assert await api.changes(attempt) == set()

    async def test_texts_that_are_no_amounts(self, api: Api) -> None:
        made = await stage(api)
        someone = await customer(api, made.partner_id)

        async def attempt() -> None:
            refused = await issue(made, someone, face="1.001", minOrderAmount="ten")
            assert [error["path"][1] for error in refused["userErrors"]] == ["faceValue", "minOrderAmount"]
            assert codes(refused) == ["INVALID_FORMAT"] * 2

        assert await api.changes(attempt) == set()

    async def test_the_quota_must_hold_the_face_for_all(self, api: Api) -> None:
        made = await stage(api, "200.00")
        customers = [await customer(api, made.partner_id) for _ in range(2)]

        async def attempt() -> None:
            refused = await issue(made, *customers, face="100.01")
            assert codes(refused) == ["QUOTA_INSUFFICIENT"]

        assert await api.changes(attempt) == set()
        assert outcomes(await issue(made, *customers, face="100.00")) == ["voucher", "voucher"]
        assert codes(await issue(made, customers[0], face="0.01")) == ["QUOTA_INSUFFICIENT"]

    async def test_a_count_includes_what_was_recalled(self, api: Api) -> None:
        made = await stage(api, countMax=2, totalMax="150.00")
        someone = await customer(api, made.partner_id)
        first = await voucher(made, someone)
        assert outcomes(await recall(made, first)) == ["voucher"]

        assert codes(await issue(made, someone, face="50.01")) == ["VOUCHER_TOTAL_LIMIT"]
        assert outcomes(await issue(made, someone, face="50.00")) == ["voucher"]
        assert codes(await issue(made, someone, face="0.01")) == ["VOUCHER_COUNT_LIMIT", "VOUCHER_TOTAL_LIMIT"]

    async def test_a_hundred_and_one_are_too_many(self, api: Api) -> None:
        made = await stage(api)
        refused = await issue(made, customerIds=[encode_id("cus", uuid7()) for _ in range(101)], face="0.01")
        assert codes(refused) == ["TOO_MANY"]
        assert codes(await issue(made, face="0.01")) == ["REQUIRED"]

    async def test_another_partners_quota_is_not_found(self, api: Api) -> None:
        made, other = await stage(api), await stage(api)
        someone = await customer(api, made.partner_id)

        async def attempt() -> None:
            refused = await issue(made, someone, quotaId=other.quota)
            assert codes(refused) == ["NOT_FOUND"]
            assert refused["userErrors"][0]["path"] == ["input", "quotaId"]

        assert await api.changes(attempt) == set()

    async def test_a_batch_refused_in_every_entry_leaves_nothing(self, api: Api) -> None:
        made = await stage(api, associationType="REFERRAL")
        someone = await customer(api, made.partner_id)

        async def attempt() -> None:
            assert outcomes(await issue(made, someone)) == [["QUOTA_WRONG_ASSOCIATION_TYPE"]]

        assert await api.changes(attempt) == set()

    async def test_a_replay_shows_the_same_vouchers_and_issues_no_others(self, api: Api) -> None:
        made = await stage(api)
        someone = await customer(api, made.partner_id)
        stranger = await customer(api, (await world.admitted_partner(api))[0])
        given = {"idempotencyKey": "issue-once-1"}
        first = await issue(made, someone, stranger, **given)

        async def repeat() -> None:
            assert await issue(made, someone, stranger, **given) == first

        assert await api.changes(repeat) == set()
        assert codes(await issue(made, someone, **given)) == ["IDEMPOTENCY_KEY_REUSED"]

    async def test_a_dry_run_says_who_would_get_one(self, api: Api) -> None:
        made = await stage(api)
        someone = await customer(api, made.partner_id)
        stranger = await customer(api, (await world.admitted_partner(api))[0])

        async def dry() -> None:
            shown = await issue(made, someone, stranger, dryRun=True)
            assert [(one["voucher"], [error["code"] for error in one["userErrors"]]) for one in shown["results"]] == [
                (None, []),
                (None, ["NOT_FOUND"]),
            ]
            assert [effect["kind"] for effect in shown["effects"]] == ["voucher.issued"]

        assert await api.changes(dry) == set()


class TestLimits:
    async def test_only_customers_the_quota_names(self, api: Api) -> None:
        made = await stage(api)
        named, other = await customer(api, made.partner_id), await customer(api, made.partner_id)
        quota = await grant(api, made.operations, made.partner_id, designatedCustomerIds=[named.gid])

        done = await issue(made, named, other, quotaId=quota)

        assert outcomes(done) == ["voucher", ["DESIGNATED_CUSTOMERS_ONLY"]]

    async def test_only_customers_with_their_first_partner(self, api: Api) -> None:
        made = await stage(api, firstAssociationOnly=True)
        fresh, moved = await customer(api, made.partner_id), await customer(api, made.partner_id)
        other, _ = await world.admitted_partner(api)
        await api.database.superuser.execute(
            "insert into customer_association (id, partner_id, customer_id, type, status, source, started_at, ended_at,"
            " created_at, updated_at) values ($1, $2, $3, 'RESALE', 'ENDED', 'REPORT', $4, $4, $4, $4)",
            uuid7(),
            other,
            moved.id,
            NOON,
        )

        assert outcomes(await issue(made, fresh, moved)) == ["voucher", ["FIRST_ASSOCIATION_ONLY"]]

    async def test_a_partner_is_not_its_own_customer(self, api: Api) -> None:
        made = await stage(api)
        someone = await customer(api, made.partner_id)
        await api.database.superuser.execute(
            "update partner set main_account_id = $1 where id = $2", someone.person.id, made.partner_id
        )
        assert outcomes(await issue(made, someone)) == [["SELF_ISSUE"]]

    async def test_a_quota_for_the_partners_own_bill_gives_no_vouchers(self, api: Api) -> None:
        made = await stage(api, ownUse=True)
        someone = await customer(api, made.partner_id)
        assert codes(await issue(made, someone)) == ["PARTNER_USES_VOUCHERS"]

    async def test_kinds_of_orders_and_faces(self, api: Api) -> None:
        made = await stage(api, subscriptions=["NEW"], faceMax="99.99")
        someone = await customer(api, made.partner_id)
        refused = await issue(made, someone, subscriptions=["RENEW"])
        assert codes(refused) == ["FACE_ABOVE_MAXIMUM", "SUBSCRIPTION_OUTSIDE_QUOTA"]

    async def test_a_quota_that_has_not_begun(self, api: Api) -> None:
        made = await stage(api, effectiveAt=(NOON + timedelta(milliseconds=1)).isoformat())
        someone = await customer(api, made.partner_id)

        refused = await issue(made, someone)

        assert codes(refused) == ["QUOTA_NOT_IN_FORCE"]
        assert refused["userErrors"][0]["availableAt"] == "2026-03-02T04:00:00.001Z"
        api.clock.advance(milliseconds=1)
        assert outcomes(await issue(made, someone)) == ["voucher"]

    async def test_what_makes_no_sense_is_not_granted(self, api: Api) -> None:
        made = await stage(api)

        async def attempt() -> None:
            refused = await granting(
                api,
                made.operations,
                made.partner_id,
                "10.00",
                expiresAt=NOON.isoformat(),
                faceMin="5.00",
                faceMax="4.99",
                countMax=0,
                services=[f"s{number}" for number in range(101)],
            )
            assert codes(refused) == ["TOO_MANY"]
            refused = await granting(
                api, made.operations, made.partner_id, "10.00", expiresAt=NOON.isoformat(), faceMax="0.00", countMax=0
            )
            assert codes(refused) == ["OUT_OF_RANGE"] * 3
            assert codes(await granting(api, made.operations, made.partner_id, "1,5")) == ["INVALID_FORMAT"]
            assert codes(await granting(api, made.operations, UUID(int=1), "1.50")) == ["NOT_FOUND"]

        assert await api.changes(attempt) == set()


class TestRecall:
    async def test_all_that_is_left_goes_back_into_the_quota(self, api: Api) -> None:
        made = await stage(api)
        someone = await customer(api, made.partner_id)
        spent, whole = await voucher(made, someone), await voucher(made, someone)
        assert codes(await use(made, spent, "30.00")) == []

        done = await recall(made, spent, whole)

        assert outcomes(done) == ["voucher", "voucher"]
        assert [one["voucher"]["status"] for one in done["results"]] == ["RECALLED"] * 2
        assert [one["voucher"]["balance"]["amount"] for one in done["results"]] == ["0.00"] * 2
        assert await left(api, made.quota) == 97_000
        records = await api.rows(
            "select amount_minor, destination from voucher_record where operation = 'RECALL' order by id"
        )
        assert [tuple(row.values()) for row in records] == [(7_000, "QUOTA"), (10_000, "QUOTA")]
        mails = await api.inbox(someone.person.email)
        recalled = [mail["body"] for mail in mails if mail["template"] == "voucher_recalled"]
        assert [sum(amount in body for body in recalled) for amount in ("100.00 CNY", "70.00 CNY")] == [1, 1]

    async def test_each_voucher_has_its_own_reason(self, api: Api) -> None:
        made, other = await stage(api), await stage(api)
        resale = await customer(api, made.partner_id)
        referral = await customer(api, made.partner_id, type=AssociationType.REFERRAL)
        foreign = await voucher(other, await customer(api, other.partner_id))
        gone, used, kept = [await voucher(made, resale) for _ in range(3)]
        referred = await voucher(made, referral)
        await recall(made, gone)
        await use(made, used, "100.00")

        done = await recall(made, gone, used, referred, foreign, kept, kept)

        assert outcomes(done) == [
            ["ALREADY_EXPIRED_OR_RECALLED"],
            ["STATE_CONFLICT"],
            ["NOT_RECALLABLE_REFERRAL"],
            ["NOT_FOUND"],
            "voucher",
            ["REPEATED"],
        ]
        upstream = [one["userErrors"][0]["upstreamCode"] for one in done["results"] if one["userErrors"]]
        assert upstream == ["CBC.99000048", None, "CBC.99000045", None, None]

    async def test_one_past_its_end_is_not_recalled_even_before_it_is_marked(self, api: Api) -> None:
        made = await stage(api)
        one = await voucher(
            made, await customer(api, made.partner_id), expiresAt=(NOON + timedelta(minutes=5)).isoformat()
        )
        api.clock.advance(minutes=5)

        async def attempt() -> None:
            assert outcomes(await recall(made, one)) == [["ALREADY_EXPIRED_OR_RECALLED"]]

        assert await api.changes(attempt) == set()

    async def test_what_comes_back_can_be_issued_again(self, api: Api) -> None:
        made = await stage(api, "100.00")
        someone = await customer(api, made.partner_id)
        await recall(made, await voucher(made, someone))
        assert outcomes(await issue(made, someone)) == ["voucher"]


class TestWho:
    async def test_an_account_manager_has_no_part_in_vouchers(self, api: Api) -> None:
        made = await stage(api)
        one = await voucher(made, await customer(api, made.partner_id))
        manager = (await world.member(api, made.partner_id, Role.ACCOUNT_MANAGER)).client
        both = (await world.member(api, made.partner_id, Role.ACCOUNT_MANAGER, Role.OPERATIONS)).client
        document = "mutation($i: RecallVouchersInput!) { recallVouchers(input: $i) { userErrors { code } } }"
        given = {"voucherIds": [one], "idempotencyKey": key(), "dryRun": True}

        assert (await manager.send(document, i=given)).error["reason"] == "PERMISSION_DENIED"
        assert (await manager.send("{ issuedVouchers { nodes { id } } }")).error["reason"] == "PERMISSION_DENIED"
        assert (await manager.send(f'{{ node(id: "{one}") {{ id }} }}')).data["node"] is None
        assert (await both.send(f'{{ node(id: "{one}") {{ id }} }}')).data["node"] == {"id": one}
        assert (await both.send(document, i=given)).data["recallVouchers"]["userErrors"] == []

    async def test_with_the_switch_on_a_code_is_asked_bound_to_amount_and_customers(self, api: Api) -> None:
        made = await stage(api, columns={"step_up_enabled": True})
        someone, other = await customer(api, made.partner_id), await customer(api, made.partner_id)
        given = {"idempotencyKey": "with-a-code-1"}

        async def attempt() -> None:
            assert codes(await issue(made, someone, **given)) == ["STEP_UP_REQUIRED"]

        assert await api.changes(attempt, besides=("verification", "outbox")) == set()
        asked = await issue(made, someone, **given)
        code = await api.code(made.main.mobile)
        verified = await made.client.do(
            "verifyChallenge", "proof", id=asked["userErrors"][0]["challenge"]["id"], code=code
        )
        proof = {"proof": verified["proof"], **given}
        assert codes(await issue(made, someone, face="100.01", **proof)) == ["PROOF_INVALID"]
        assert codes(await issue(made, other, **proof)) == ["PROOF_INVALID"]
        assert outcomes(await issue(made, someone, **proof)) == ["voucher"]

    async def test_no_code_is_sent_for_a_batch_of_which_nothing_is_done(self, api: Api) -> None:
        made = await stage(api, columns={"step_up_enabled": True})
        stranger = await customer(api, (await world.admitted_partner(api))[0])

        async def attempt() -> None:
            assert outcomes(await issue(made, stranger)) == [["NOT_FOUND"]]

        assert await api.changes(attempt) == set()

    async def test_a_reseller_issues_from_what_its_distributor_gave_it(self, api: Api) -> None:
        made = await stage(api, kind=PartnerKind.DISTRIBUTOR, faceMax="50.00")
        reseller_id, main = await reseller(api, made.partner_id)
        child = (await issue_quota(made, reseller_id))["results"][0]["quota"]["id"]
        someone = await customer(api, reseller_id)
        given = {"quotaId": child, "customerIds": [someone.gid], "idempotencyKey": key()}

        assert codes(await main.client.do("issueVouchers", VOUCHERS, **given, faceValue="50.01")) == [
            "FACE_ABOVE_MAXIMUM"
        ]
        done = await main.client.do("issueVouchers", VOUCHERS, **given, faceValue="50.00")
        assert outcomes(done) == ["voucher"]
        assert codes(await issue(made, someone, quotaId=child)) == ["NOT_FOUND"]
