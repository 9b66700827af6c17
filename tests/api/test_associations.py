"""Unbinding and switching through the API: both directions, windows, codes, effects, notices."""

from datetime import UTC, datetime, timedelta

from rules.access import Role
from rules.customers import AssociationType, CustomerFact
from rules.sites import Site
from tests.api.leaving import KEYS, OUTLIVES, REQUEST, answer, leave, signed_in_again, unbind
from tests.client import Api, codes
from tests.world import member, world


class TestPartnerUnbinds:
    async def test_only_an_administrator_may_ask(self, api: Api) -> None:
        stage = await world(api)

        async def attempt() -> None:
            document = "mutation($input: RequestUnbindInput!) { requestUnbind(input: $input) { userErrors { code } } }"
            given = {
                "customerId": stage.customer_gid,
                "reason": "x",
                "acknowledged": True,
                "idempotencyKey": next(KEYS),
            }
            refused = await stage.member.client.send(document, input=given)
            assert refused.error["code"] == "FORBIDDEN"
            assert refused.error["reason"] == "ADMIN_ONLY"

        assert await api.changes(attempt) == set()

    async def test_the_system_administrator_may_ask(self, api: Api) -> None:
        stage = await world(api)
        administrator = await member(api, stage.partner_id, Role.SYSTEM_ADMIN)

        assert (await unbind(administrator.client, stage))["userErrors"] == []

    async def test_the_customer_is_told_and_its_approval_ends_the_association(self, api: Api) -> None:
        stage = await world(api)
        asked = await unbind(stage.main.client, stage)
        assert asked["request"]["status"] == "PENDING_CUSTOMER"
        assert asked["request"]["deadline"] == "2026-04-01T04:00:00.000Z"
        told = await api.inbox(stage.customer.email)
        assert [message["template"] for message in told] == ["unbind_requested_to_customer"]
        assert "2026-04-01 12:00 CST" in told[0]["body"]

        done = await answer(api, stage, asked["request"]["id"])

        assert done["userErrors"] == []
        assert done["request"]["status"] == "DONE"
        assert [effect["kind"] for effect in done["effects"]] == ["association_request.done", "association.ended"]
        rows = await api.rows("select status, ended_at from customer_association")
        assert [row["status"] for row in rows] == ["ENDED"]
        assert await api.value("select partner_id from customer") is None
        events = await api.rows("select type from event order by id")
        assert [row["type"] for row in events] == ["association.unbind_requested", "association.unbound"]
        records = await api.rows("select action, result from association_record order by id")
        assert [(row["action"], row["result"]) for row in records] == [("UNBIND", "REQUESTED"), ("UNBIND", "DONE")]
        for person in (stage.customer, stage.main):
            assert (await api.inbox(person.email))[-1]["template"] == "unbind_done"

    async def test_the_customer_leaves_the_partners_sight(self, api: Api) -> None:
        stage = await world(api)
        asked = await unbind(stage.main.client, stage)
        await answer(api, stage, asked["request"]["id"])

        seen = await stage.main.client.send(f'{{ node(id: "{stage.customer_gid}") {{ id }} }}')

        assert seen.data["node"] is None

    async def test_every_reason_comes_at_once(self, api: Api) -> None:
        stage = await world(api, facts=(CustomerFact.SUPPORT_PLAN, CustomerFact.ORDERS_AWAIT_PAYMENT))

        async def attempt() -> None:
            refused = await unbind(stage.main.client, stage, acknowledged=False)
            assert set(codes(refused)) == {
                "ACKNOWLEDGEMENT_REQUIRED",
                "UNBIND_SUPPORT_PLAN",
                "UNBIND_ORDERS_AWAIT_PAYMENT",
            }

        assert await api.changes(attempt) == set()

    async def test_another_partners_customer_is_not_found(self, api: Api) -> None:
        stage, other = await world(api), await world(api)

        async def attempt() -> None:
            refused = await unbind(other.main.client, stage)
            assert codes(refused) == ["NOT_FOUND"]
            assert refused["userErrors"][0]["path"] == ["input", "customerId"]

        assert await api.changes(attempt) == set()

    async def test_a_second_request_while_one_is_open(self, api: Api) -> None:
        stage = await world(api, site=Site.INTL)
        await unbind(stage.main.client, stage)

        assert codes(await unbind(stage.main.client, stage)) == ["REQUEST_ALREADY_OPEN"]


class TestWindows:
    async def test_three_months_to_the_millisecond(self, api: Api) -> None:
        stage = await world(api)
        asked = await unbind(stage.main.client, stage)
        await answer(api, stage, asked["request"]["id"], approve=False)

        api.clock.at = datetime(2026, 6, 2, 3, 59, 59, 999000, tzinfo=UTC)
        stage = await signed_in_again(api, stage)
        refused = await unbind(stage.main.client, stage)
        assert codes(refused) == ["PARTNER_REQUEST_LIMIT"]
        assert refused["userErrors"][0]["availableAt"] == "2026-06-02T04:00:00.000Z"

        api.clock.advance(milliseconds=1)
        assert (await unbind(stage.main.client, stage))["userErrors"] == []

    async def test_a_customer_that_asked_to_leave_is_left_in_peace(self, api: Api) -> None:
        stage = await world(api)
        request = (await leave(api, stage))["request"]["id"]
        await stage.main.client.do(
            "answerLeaveRequest", REQUEST, id=request, approve=False, reason="Please stay.", idempotencyKey=next(KEYS)
        )

        refused = await unbind(stage.main.client, stage)

        assert codes(refused) == ["CUSTOMER_REQUEST_TOO_RECENT"]
        assert refused["userErrors"][0]["availableAt"] == "2026-06-02T04:00:00.000Z"

    async def test_a_withdrawn_request_still_counts(self, api: Api) -> None:
        stage = await world(api)
        asked = await unbind(stage.main.client, stage)
        withdrawn = await stage.main.client.do(
            "withdrawAssociationRequest", REQUEST, id=asked["request"]["id"], idempotencyKey=next(KEYS)
        )
        assert withdrawn["request"]["status"] == "WITHDRAWN"

        assert codes(await unbind(stage.main.client, stage)) == ["PARTNER_REQUEST_LIMIT"]

    async def test_the_international_site_allows_three(self, api: Api) -> None:
        stage = await world(api, site=Site.INTL)
        for _ in range(3):
            asked = await unbind(stage.main.client, stage)
            assert asked["userErrors"] == []
            await stage.main.client.do(
                "withdrawAssociationRequest", REQUEST, id=asked["request"]["id"], idempotencyKey=next(KEYS)
            )

        assert codes(await unbind(stage.main.client, stage)) == ["PARTNER_REQUEST_LIMIT"]


class TestCustomerLeaves:
    async def test_a_code_is_always_asked_and_the_partner_approves(self, api: Api) -> None:
        stage = await world(api)
        asked = await leave(api, stage)
        assert asked["request"]["status"] == "PENDING_PARTNER"
        assert (await api.inbox(stage.main.email))[-1]["template"] == "unbind_requested_to_partner"

        done = await stage.main.client.do(
            "answerLeaveRequest", REQUEST, id=asked["request"]["id"], approve=True, idempotencyKey=next(KEYS)
        )

        assert done["userErrors"] == []
        assert done["request"]["status"] == "DONE"
        assert await api.value("select status from customer_association") == "ENDED"

    async def test_a_rejection_needs_a_reason(self, api: Api) -> None:
        stage = await world(api)
        request = (await leave(api, stage))["request"]["id"]

        refused = await stage.main.client.do(
            "answerLeaveRequest", REQUEST, id=request, approve=False, idempotencyKey=next(KEYS)
        )

        assert codes(refused) == ["REASON_REQUIRED"]

    async def test_a_member_may_not_answer(self, api: Api) -> None:
        stage = await world(api)
        request = (await leave(api, stage))["request"]["id"]
        document = "mutation($i: AnswerLeaveRequestInput!) { answerLeaveRequest(input: $i) { userErrors { code } } }"

        refused = await stage.member.client.send(
            document, i={"id": request, "approve": True, "idempotencyKey": next(KEYS)}
        )

        assert refused.error["reason"] == "ADMIN_ONLY"

    async def test_the_code_is_bound_to_the_answer_it_was_asked_for(self, api: Api) -> None:
        stage = await world(api)
        asked = await unbind(stage.main.client, stage)
        request, key = asked["request"]["id"], next(KEYS)
        caller = stage.customer.client
        refused = await caller.do("answerPartnerRequest", REQUEST, id=request, approve=False, idempotencyKey=key)
        challenge = refused["userErrors"][0]["challenge"]["id"]
        proof = (await caller.do("verifyChallenge", "proof", id=challenge, code=await api.code(stage.customer.mobile)))[
            "proof"
        ]

        other = await caller.do(
            "answerPartnerRequest", REQUEST, id=request, approve=True, idempotencyKey=key, proof=proof
        )

        assert codes(other) == ["PROOF_INVALID"]
        assert await api.value("select status from association_request") == "PENDING_CUSTOMER"


class TestStepUp:
    async def test_with_the_switch_on_the_administrator_needs_a_code(self, api: Api) -> None:
        stage = await world(api, step_up_enabled=True)

        async def attempt() -> None:
            assert codes(await unbind(stage.main.client, stage)) == ["STEP_UP_REQUIRED"]

        assert await api.changes(attempt, besides=OUTLIVES) == set()

    async def test_no_code_is_sent_for_what_is_refused_anyway(self, api: Api) -> None:
        stage = await world(api, step_up_enabled=True, facts=(CustomerFact.SUPPORT_PLAN,))

        async def attempt() -> None:
            assert codes(await unbind(stage.main.client, stage)) == ["UNBIND_SUPPORT_PLAN"]

        assert await api.changes(attempt) == set()

    async def test_a_dry_run_asks_for_no_code_and_leaves_nothing(self, api: Api) -> None:
        stage = await world(api, step_up_enabled=True)

        async def attempt() -> None:
            dry = await unbind(stage.main.client, stage, dryRun=True)
            assert dry["userErrors"] == []
            assert [effect["kind"] for effect in dry["effects"]] == ["association.unbind_requested"]

        assert await api.changes(attempt) == set()


class TestSwitch:
    async def test_an_approved_switch_changes_the_type(self, api: Api) -> None:
        stage = await world(api, type=AssociationType.REFERRAL)
        given = {"customerId": stage.customer_gid, "reason": "Invoices.", "acknowledged": True}
        asked = await stage.main.client.do(
            "requestSwitch", REQUEST, **given, targetType="RESALE", idempotencyKey=next(KEYS)
        )
        assert asked["userErrors"] == []

        done = await answer(api, stage, asked["request"]["id"])

        assert [effect["kind"] for effect in done["effects"]] == ["association_request.done", "association.switched"]
        assert await api.value("select type from customer_association") == "RESALE"
        assert (await api.inbox(stage.customer.email))[-1]["template"] == "association_switched"

    async def test_to_the_same_type_is_refused(self, api: Api) -> None:
        stage = await world(api)
        given = {"customerId": stage.customer_gid, "reason": "?", "acknowledged": True, "targetType": "RESALE"}

        refused = await stage.main.client.do("requestSwitch", REQUEST, **given, idempotencyKey=next(KEYS))

        assert codes(refused) == ["SAME_ASSOCIATION_TYPE"]


class TestEnd:
    async def test_the_guards_are_asked_again_when_it_is_approved(self, api: Api) -> None:
        stage = await world(api)
        asked = await unbind(stage.main.client, stage)
        await api.database.superuser.execute("update customer set facts = '[\"SUPPORT_PLAN\"]'")

        refused = await stage.customer.client.do(
            "answerPartnerRequest", REQUEST, id=asked["request"]["id"], approve=True, idempotencyKey=next(KEYS)
        )

        assert codes(refused) == ["UNBIND_SUPPORT_PLAN"]
        assert await api.value("select status from association_request") == "PENDING_CUSTOMER"

    async def test_an_overdue_request_cannot_be_answered_and_expires(self, api: Api) -> None:
        from tasks.associations import expire_requests

        stage = await world(api)
        asked = await unbind(stage.main.client, stage)
        api.clock.at = datetime.fromisoformat(asked["request"]["deadline"]) - timedelta(milliseconds=1)
        assert await expire_requests(api.settings, api.clock) == 0
        api.clock.advance(milliseconds=1)
        stage = await signed_in_again(api, stage)

        refused = await stage.customer.client.do(
            "answerPartnerRequest", REQUEST, id=asked["request"]["id"], approve=True, idempotencyKey=next(KEYS)
        )
        assert codes(refused) == ["STATE_CONFLICT"]

        assert await expire_requests(api.settings, api.clock) == 1
        assert await api.value("select status from association_request") == "EXPIRED"
        for person in (stage.customer, stage.main):
            assert (await api.inbox(person.email))[-1]["template"] == "unbind_expired"
        assert await expire_requests(api.settings, api.clock) == 0
