"""How often a code may be asked for and a password guessed: both sides of every limit, and Redis may forget it all."""

from typing import Any

import pytest
import redis

from core import db
from core.scope import EVERYTHING
from models.verifications import Verification
from tests.api.account_cases import call, challenge, main_account, other
from tests.api.step_up_cases import ask
from tests.client import NOON, Api, codes
from tests.factories import PASSWORD, mobile, person
from tests.refusing import unsent

ASK = {"scene": "SIGN_UP", "site": "CN"}


async def asked(api: Api, to: str, **more: Any) -> dict[str, Any]:
    return await api.anonymous.do("requestCode", "challenge { id }", **{**ASK, "mobile": to, **more})


async def set_policy(api: Api, **numbers: Any) -> None:
    """Overrides of what bounds codes: `per_prefix_hour=3`."""
    for key, value in numbers.items():
        await api.override(f"codes.{key}", value)


async def sent_before(api: Api, to: str, number: int, **values: Any) -> None:
    """Codes as if asked for at equal steps over the hour before."""
    async with db.transaction(EVERYTHING):
        for step in range(number):
            row = await Verification.filter(target=to).order_by("-id").first()
            assert row is not None
            born = values.get("born", api.clock())
            await Verification.insert(
                now=born,
                **{
                    **{name: getattr(row, name) for name in ("site", "scene", "channel", "target", "locale")},
                    "state": "SENT",
                    "salt": bytes([step]) * 16,
                    "max_tries": 5,
                    "expires_at": born,
                    "address_block": None,
                },
            )


class TestSends:
    @pytest.mark.parametrize(("milliseconds", "found"), [(59_999, ["CODE_TOO_SOON"]), (60_000, [])])
    async def test_a_minute_lies_between_two_codes(self, api: Api, milliseconds: int, found: list[str]) -> None:
        to = mobile()
        await asked(api, to)
        api.clock.advance(milliseconds=milliseconds)
        payload = await asked(api, to)
        assert codes(payload) == found
        if found:
            assert payload["userErrors"][0]["availableAt"] == "2026-03-02T04:01:00.000Z"
            assert payload["userErrors"][0]["rule"]["id"] == "codes.gap"

    async def test_another_scene_waits_alike(self, api: Api) -> None:
        who = await person(api)
        await asked(api, str(who.mobile), scene="SIGN_IN")
        assert codes(await asked(api, str(who.mobile), scene="RESET_PASSWORD")) == ["CODE_TOO_SOON"]

    async def test_fifteen_an_hour_go_to_one_target(self, api: Api) -> None:
        to = mobile()
        for _ in range(15):
            assert codes(await asked(api, to)) == []
            api.clock.advance(minutes=1)
        refused = await asked(api, to)
        assert codes(refused) == ["CODE_SEND_LIMIT"]
        assert refused["userErrors"][0]["rule"]["id"] == "codes.per_target_hour"
        assert refused["userErrors"][0]["availableAt"] == "2026-03-02T05:00:00.000Z"
        _forget_everything(api)
        assert codes(await asked(api, to)) == ["CODE_SEND_LIMIT"]
        api.clock.at = NOON.replace(hour=4, minute=59, second=59, microsecond=999_000)
        assert codes(await asked(api, to)) == ["CODE_SEND_LIMIT"]
        api.clock.at = NOON.replace(hour=5)
        assert codes(await asked(api, to)) == []

    async def test_sixty_a_day_go_to_one_target(self, api: Api) -> None:
        to = mobile()
        await asked(api, to)
        api.clock.advance(hours=2)
        await sent_before(api, to, 58, born=NOON.replace(hour=5))
        assert codes(await asked(api, to)) == []
        api.clock.advance(hours=2)
        refused = await asked(api, to)
        assert [error["rule"]["id"] for error in refused["userErrors"]] == ["codes.per_target_day"]
        assert refused["userErrors"][0]["availableAt"] == "2026-03-03T04:00:00.000Z"
        api.clock.at = NOON.replace(day=3)
        assert codes(await asked(api, to)) == []

    async def test_twenty_an_hour_are_asked_for_from_one_network(self, api: Api) -> None:
        for _ in range(20):
            assert codes(await asked(api, mobile())) == []
        refused = await asked(api, mobile())
        assert [error["rule"]["id"] for error in refused["userErrors"]] == ["codes.per_address_hour"]
        _forget_everything(api)
        assert codes(await asked(api, mobile())) == ["CODE_SEND_LIMIT"]
        api.clock.advance(hours=1)
        assert codes(await asked(api, mobile())) == []

    async def test_numbers_close_together_share_a_limit(self, api: Api) -> None:
        await set_policy(api, per_prefix_hour=3)
        for last in range(3):
            assert codes(await asked(api, f"+861380000{last:04}")) == []
        refused = await asked(api, "+8613800009999")
        assert [error["rule"]["id"] for error in refused["userErrors"]] == ["codes.per_prefix_hour"]
        assert codes(await asked(api, "+8613800019999")) == []
        assert codes(await api.anonymous.do("requestCode", "__typename", **ASK, email="a@example.com")) == []

    async def test_a_partner_has_a_limit(self, api: Api) -> None:
        await set_policy(api, per_partner_hour=1)
        main = await main_account(api, switched_on=True)
        await ask(main)
        api.clock.advance(minutes=10)
        payload = await main.api.do("setStepUpSwitch", "__typename", enabled=False, idempotencyKey="switch-off-1")
        assert [error["rule"]["id"] for error in payload["userErrors"]] == ["codes.per_partner_hour"]

    async def test_an_account_has_a_limit_for_its_own_operations_only(self, api: Api) -> None:
        await set_policy(api, per_account_hour=1)
        main = await main_account(api, switched_on=True)
        await ask(main)
        api.clock.advance(minutes=10)
        payload = await main.api.do("setStepUpSwitch", "__typename", enabled=False, idempotencyKey="switch-off-1")
        assert [error["rule"]["id"] for error in payload["userErrors"]] == ["codes.per_account_hour"]
        # Anybody may ask for a code to sign in: a limit of the account's would tell that there is one.
        assert codes(await asked(api, str(main.mobile), scene="SIGN_IN")) == []

    async def test_the_hours_money_has_an_end(self, api: Api) -> None:
        await set_policy(api, message_price="0.05", money_per_hour="1")
        for _ in range(19):
            assert codes(await asked(api, mobile())) == []
        elsewhere = api.at("198.51.100.7")  # the network's own limit is twenty
        assert codes(await elsewhere.do("requestCode", "__typename", **ASK, mobile=mobile())) == []
        refused = await elsewhere.do("requestCode", "__typename", **ASK, mobile=mobile())
        assert [error["rule"]["id"] for error in refused["userErrors"]] == ["codes.money_per_hour"]
        abroad = await elsewhere.do("requestCode", "__typename", scene="SIGN_UP", site="INTL", email="a@b.cn")
        assert codes(abroad) == []

    async def test_a_code_that_could_not_be_sent_counts_no_more(self, api: Api) -> None:
        to = mobile()
        await asked(api, to)
        await unsent(api)
        assert codes(await asked(api, to)) == []
        assert codes(await asked(api, to)) == ["CODE_TOO_SOON"]

    async def test_a_replay_sends_nothing_again(self, api: Api) -> None:
        to = mobile()
        first = await asked(api, to, idempotencyKey="ask-once")
        again = await asked(api, to, idempotencyKey="ask-once")
        assert first["challenge"] is not None
        assert again["challenge"] == first["challenge"]
        assert len(await api.inbox(to)) == 1


class TestLocks:
    async def test_five_failures_lock_for_a_quarter_of_an_hour(self, api: Api) -> None:
        who = await person(api)
        wrong = call(api.anonymous, "signIn", site="CN", mobile=who.mobile, password="Wrong-one-1")
        right = call(api.anonymous, "signIn", site="CN", mobile=who.mobile, password=PASSWORD)
        for _ in range(5):
            assert codes(await wrong()) == ["SIGN_IN_FAILED"]
        locked = await right()
        assert codes(locked) == ["ACCOUNT_LOCKED"]
        assert locked["userErrors"][0]["availableAt"] == "2026-03-02T04:15:00.000Z"
        _forget_everything(api)
        api.clock.advance(milliseconds=899_999)
        assert codes(await right()) == ["ACCOUNT_LOCKED"]
        api.clock.advance(milliseconds=1)
        assert codes(await right()) == []

    async def test_four_failures_and_a_right_one_start_anew(self, api: Api) -> None:
        who = await person(api)
        wrong = call(api.anonymous, "signIn", site="CN", mobile=who.mobile, password="Wrong-one-1")
        right = call(api.anonymous, "signIn", site="CN", mobile=who.mobile, password=PASSWORD)
        for _ in range(2):
            for _ in range(4):
                assert codes(await wrong()) == ["SIGN_IN_FAILED"]
            assert codes(await right()) == []

    @pytest.mark.parametrize(("milliseconds", "found"), [(899_999, ["ACCOUNT_LOCKED"]), (900_000, [])])
    async def test_failures_are_forgotten_after_a_quarter_of_an_hour(
        self, api: Api, milliseconds: int, found: list[str]
    ) -> None:
        who = await person(api)
        wrong = call(api.anonymous, "signIn", site="CN", mobile=who.mobile, password="Wrong-one-1")
        for _ in range(4):
            await wrong()
        api.clock.advance(milliseconds=milliseconds)
        await wrong()
        signed = await api.anonymous.do("signIn", "__typename", site="CN", mobile=who.mobile, password=PASSWORD)
        assert codes(signed) == found

    async def test_a_reset_by_code_ends_the_lock(self, api: Api) -> None:
        who = await person(api)
        for _ in range(5):
            await api.anonymous.do("signIn", "__typename", site="CN", email=who.email, password="Wrong-one-1")
        found, digits = await challenge(api, "RESET_PASSWORD", str(who.mobile))
        given = {"verificationId": found, "code": digits, "newPassword": "Green-tea-99"}
        assert codes(await api.anonymous.do("resetPassword", "__typename", **given)) == []
        signed = await api.anonymous.do("signIn", "__typename", site="CN", email=who.email, password="Green-tea-99")
        assert codes(signed) == []

    async def test_five_tries_end_a_code(self, api: Api) -> None:
        to = mobile()
        found, digits = await challenge(api, "SIGN_UP", to)
        given = {"password": PASSWORD, "kind": "PERSONAL", "fullName": "张伟", "termsVersion": "2026-01"}
        for _ in range(4):
            payload = await api.anonymous.do("signUp", "__typename", verificationId=found, code=other(digits), **given)
            assert (codes(payload), payload["userErrors"][0]["retryable"]) == (["CODE_WRONG"], True)
        fifth = await api.anonymous.do("signUp", "__typename", verificationId=found, code=digits, **given)
        assert codes(fifth) == []


def _forget_everything(api: Api) -> None:
    with redis.Redis.from_url(api.database.redis_url) as client:
        client.flushall()
