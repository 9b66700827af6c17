"""Who has an account is told to nobody: the same answers after the same work, known or not."""

import re
from typing import Any

import pytest

from core import db
from core.scope import EVERYTHING
from models.accounts import Account
from rules.access import Role
from tests.client import Api
from tests.factories import add_member, admitted_partner, key, mobile, person

SHOWN = {
    "requestCode": "challenge { id channel state sentTo expiresAt resendAfter }",
    "requestMemberPasswordReset": "verificationId expiresAt",
}
VARYING = re.compile(r"chl_[0-9a-z]{26}|\d{4}-\d\d-\d\dT[0-9:.]+Z|\*+\d{4}")


async def observed(api: Api, name: str, **given: Any) -> tuple[str, list[str]]:
    """The whole payload without ids and instants, and the statements it took."""
    selection = SHOWN.get(name, "__typename")
    with db.observed() as statements:
        payload = await api.anonymous.do(name, selection, **given)
    return VARYING.sub("…", repr(payload)), [re.sub(r"'[^']*'|\b\d+\b", "?", statement) for statement in statements]


async def contacts(api: Api) -> dict[str, str]:
    """Numbers of an account, of a frozen one, of one without a password, and of nobody."""
    known, frozen, bare = await person(api), await person(api), await person(api)
    async with db.transaction(EVERYTHING):
        await Account.filter(id=frozen.account_id).update(status="FROZEN")
        await Account.filter(id=bare.account_id).update(password_hash=None)
    numbers = {"known": known.mobile, "frozen": frozen.mobile, "bare": bare.mobile, "unknown": mobile()}
    return {name: str(number) for name, number in numbers.items()}


@pytest.mark.parametrize("scene", ["SIGN_UP", "SIGN_IN", "RESET_PASSWORD"])
async def test_asking_for_a_code(api: Api, scene: str) -> None:
    seen = {
        who: await observed(api, "requestCode", scene=scene, site="CN", mobile=number)
        for who, number in (await contacts(api)).items()
    }
    assert {who: answer == seen["unknown"] for who, answer in seen.items()} == dict.fromkeys(seen, True)


@pytest.mark.parametrize(("name", "scene"), [("signInWithCode", "SIGN_IN"), ("resetPassword", "RESET_PASSWORD")])
async def test_a_wrong_code(api: Api, name: str, scene: str) -> None:
    given = {"newPassword": "Green-tea-99"} if name == "resetPassword" else {}
    seen: dict[str, list[Any]] = {}
    for who, number in (await contacts(api)).items():
        asked = await api.anonymous.do("requestCode", "challenge { id }", scene=scene, site="CN", mobile=number)
        found = asked["challenge"]["id"]
        # Six tries: five wrong ones and the one after the last.
        seen[who] = [await observed(api, name, verificationId=found, code="12345", **given) for _ in range(6)]
    assert {who: answer == seen["unknown"] for who, answer in seen.items()} == dict.fromkeys(seen, True)
    assert [answer.count("CODE_TOO_MANY_TRIES") for answer, _ in seen["unknown"]] == [0, 0, 0, 0, 0, 1]


async def pairs(api: Api) -> dict[str, dict[str, str]]:
    """Administrator and user name of a member, of one who may not work, of one who is no member, of nobody."""
    partner, other = await admitted_partner(api), await admitted_partner(api)
    names = {}
    for who, of in (("known", partner), ("disabled", partner), ("of_other", other)):
        names[who] = f"{who}.member"
        added = await add_member(of, Role.FINANCE, username=names[who])
        if who == "disabled":
            given = {"id": added["member"]["id"], "status": "DISABLED", "idempotencyKey": key()}
            await of.main.api.do("setMemberStatus", "__typename", **given)
    administrator = str(partner.main.mobile)
    found = {who: {"administrator": administrator, "username": name} for who, name in names.items()}
    found["unknown"] = {"administrator": mobile(), "username": "known.member"}
    found["no_contact"] = {"administrator": "whoever he is", "username": "known.member"}
    found["no_name"] = {"administrator": administrator, "username": "nobody.at.all"}
    return found


async def test_asking_for_a_members_reset_and_trying_its_code(api: Api) -> None:
    """Six wrong tries, as above; then the same again within the gap, and after it."""
    seen: dict[str, list[Any]] = {}
    for who, pair in (await pairs(api)).items():
        given = {"site": "CN", **pair}
        seen[who] = [await observed(api, "requestMemberPasswordReset", **given)]
        api.clock.advance(minutes=2)
        asked = await api.anonymous.do("requestMemberPasswordReset", "verificationId", **given)
        tried = {"verificationId": asked["verificationId"], "code": "12345"}
        seen[who] += [await observed(api, "verifyResetCode", **tried) for _ in range(6)]
        seen[who] += [await observed(api, "requestMemberPasswordReset", **given)]
    assert {who: answer == seen["unknown"] for who, answer in seen.items()} == dict.fromkeys(seen, True)
    assert [answer.count("CODE_TOO_MANY_TRIES") for answer, _ in seen["known"]] == [0, 0, 0, 0, 0, 0, 1, 0]
    assert "CODE_TOO_SOON" in seen["known"][-1][0]


async def test_a_code_to_the_members_contact_shows_in_no_answer_about_the_pair(api: Api) -> None:
    """Whoever guesses a contact and a pair cannot find out by the send limits that they are the same person's."""
    partner, number = await admitted_partner(api), mobile()
    await add_member(partner, Role.FINANCE, username="wang.fang", mobile=number)
    await api.anonymous.do("requestCode", "__typename", scene="SIGN_IN", site="CN", mobile=number)
    given = {"site": "CN", "administrator": partner.main.mobile, "username": "wang.fang"}
    answer, _ = await observed(api, "requestMemberPasswordReset", **given)
    assert "'userErrors': []" in answer


async def test_a_wrong_password(api: Api) -> None:
    seen: dict[str, list[Any]] = {}
    for who, number in (await contacts(api)).items():
        given = {"site": "CN", "mobile": number, "password": "Wrong-one-1"}
        seen[who] = [await observed(api, "signIn", **given) for _ in range(6)]
    assert {who: answer == seen["unknown"] for who, answer in seen.items()} == dict.fromkeys(seen, True)
    assert [answer.count("ACCOUNT_LOCKED") for answer, _ in seen["unknown"]] == [0, 0, 0, 0, 0, 1]


async def test_a_known_contact_is_told_to_its_owner_alone(api: Api) -> None:
    who, nobody = await person(api), mobile()
    for scene, known, unknown in (
        ("SIGN_UP", ["code_known_contact"], ["code_sign_up"]),
        ("RESET_PASSWORD", ["code_known_contact", "code_reset_password"], ["code_sign_up"]),
    ):
        for number in (str(who.mobile), nobody):
            await api.anonymous.do("requestCode", "__typename", scene=scene, site="CN", mobile=number)
        assert [message["template"] for message in await api.inbox(str(who.mobile))] == known
        assert [message["template"] for message in await api.inbox(nobody)] == unknown
        api.clock.advance(minutes=1)
    assert {row["state"] for row in await api.rows("select state from outbox")} == {"done"}


async def test_a_site_knows_nothing_of_the_other(api: Api) -> None:
    who = await person(api)
    given = {"email": who.email, "password": "Tea-house-88"}
    here, _ = await observed(api, "signIn", site="CN", **given)
    there, _ = await observed(api, "signIn", site="INTL", **given)
    assert "SIGN_IN_FAILED" not in here
    assert "SIGN_IN_FAILED" in there
