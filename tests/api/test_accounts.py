"""Signing up and in, sessions and passwords, through the API."""

from tests.client import Api

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
