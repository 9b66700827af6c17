"""Signing up and in, sessions and passwords, through the API."""

import pytest

from tests.client import Api, codes

MOBILE = "+8613812345678"
PASSWORD = "Tea-house-88"
SESSION = "account { id mobile fullName } accessToken refreshToken"


async def ask_code(api: Api, scene: str = "SIGN_UP", mobile: str = "138 1234 5678") -> str:
    payload = await api.anonymous.do("requestCode", "challenge { id }", scene=scene, site="CN", mobile=mobile)
    assert payload["userErrors"] == []
    return str(payload["challenge"]["id"])


async def sign_up(api: Api, mobile: str = MOBILE, **changes: object) -> dict:
    challenge = await ask_code(api, mobile=mobile)
    given = {
        "verificationId": challenge,
        "code": await api.code(mobile),
        "password": PASSWORD,
        "kind": "ENTERPRISE",
        "fullName": "西湖云计算有限公司",
        "termsVersion": "2026-01",
    }
    return await api.anonymous.do("signUp", SESSION, **{**given, **changes})


async def test_a_person_signs_up_with_a_code_that_came_by_sms(api: Api) -> None:
    payload = await sign_up(api)

    assert payload["userErrors"] == []
    assert [effect["kind"] for effect in payload["effects"]] == ["account.signed_up"]
    assert payload["account"]["fullName"] != "西湖云计算有限公司"  # the payload is read as an anonymous caller
    own = api.anonymous.as_(payload["accessToken"])
    viewer = (await own.send("{ viewer { id mobile fullName realNameState roles } }")).data["viewer"]
    assert viewer == {
        "id": payload["account"]["id"],
        "mobile": MOBILE,
        "fullName": "西湖云计算有限公司",
        "realNameState": "NONE",
        "roles": [],
    }
    assert [row["type"] for row in await api.rows("select type from event")] == ["account.signed_up"]
    assert (await api.rows("select operation, actor from audit order by id"))[-1]["operation"] == "sign_up"
    messages = await api.inbox(MOBILE)
    assert [message["template"] for message in messages] == ["code_sign_up"]


@pytest.mark.parametrize(
    ("header", "site", "expected"), [(None, "CN", "zh-CN"), (None, "INTL", "en"), ("en", "CN", "en")]
)
async def test_who_names_no_language_is_written_to_in_that_of_the_site(
    api: Api, header: str | None, site: str, expected: str
) -> None:
    ask = "mutation($input: RequestCodeInput!) { requestCode(input: $input) { challenge { id } userErrors { code } } }"
    up = "mutation($input: SignUpInput!) { signUp(input: $input) { userErrors { code } } }"
    contact = {"mobile": MOBILE} if site == "CN" else {"email": "li.ming@example.com"}
    headers = {} if header is None else {"accept-language": header}

    async def do(document: str, name: str, **given: object) -> dict:
        body = {"query": document, "variables": {"input": given}}
        answer = (await api.anonymous.http.post("/graphql", json=body, headers=headers)).json()
        assert codes(answer["data"][name]) == [], answer
        payload: dict = answer["data"][name]
        return payload

    asked = await do(ask, "requestCode", scene="SIGN_UP", site=site, **contact)
    assert await api.value("select locale from verification") == expected
    given = {"kind": "ENTERPRISE", "fullName": "Lion Rock", "termsVersion": "2026-01", "password": PASSWORD}
    code = await api.code(*contact.values())
    await do(up, "signUp", verificationId=asked["challenge"]["id"], code=code, **given)
    assert await api.value("select locale from account") == expected
