"""`cosell staff`: who is let in, and how such a person signs in."""

import argparse

import pytest

from tasks import staff_cli
from tests.client import Api, codes


async def cosell(api: Api, monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """Parses and performs `cosell staff …` with the test's settings."""
    parser = argparse.ArgumentParser()
    staff_cli.add_arguments(parser)
    monkeypatch.setattr("core.settings.get_settings", lambda: api.settings)
    return await staff_cli.perform(parser.parse_args(words))


ADD = (
    "add",
    "--site",
    "CN",
    "--role",
    "ECO_MANAGER",
    "--role",
    "PSM",
    "--name",
    "Li Na",
    "--email",
    "Li@Vendor.example",
)


async def test_a_person_let_in_sets_a_password_by_code_and_has_the_roles(
    api: Api, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await cosell(api, monkeypatch, *ADD) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("acc_")
    assert "Li" not in shown
    (row,) = await api.rows("select kind, email, password_hash, roles::text as roles from account")
    assert row == {
        "kind": "STAFF",
        "email": "li@vendor.example",
        "password_hash": None,
        "roles": '["ECO_MANAGER", "PSM"]',
    }
    assert await api.rows("select operation, via, actor from audit") == [
        {"operation": "add_staff", "via": "cli", "actor": "system"}
    ]

    signed = await api.anonymous.do(
        "signIn", "__typename", site="CN", email="li@vendor.example", password="Tea-house-88"
    )
    assert codes(signed) == ["SIGN_IN_FAILED"]
    asked = {"scene": "RESET_PASSWORD", "site": "CN", "email": "li@vendor.example"}
    challenge = (await api.anonymous.do("requestCode", "challenge { id }", **asked))["challenge"]["id"]
    given = {"verificationId": challenge, "code": await api.code("li@vendor.example"), "newPassword": "Tea-house-88"}
    assert codes(await api.anonymous.do("resetPassword", "__typename", **given)) == []
    signed = await api.anonymous.do(
        "signIn", "accessToken", site="CN", email="li@vendor.example", password="Tea-house-88"
    )
    viewer = await api.anonymous.as_(signed["accessToken"]).send("{ viewer { kind roles } }")
    assert viewer.data["viewer"] == {"kind": "STAFF", "roles": ["PSM", "ECO_MANAGER"]}


async def test_refusals_are_told_and_change_nothing(
    api: Api, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await cosell(api, monkeypatch, *ADD) == 0

    async def refused() -> None:
        assert await cosell(api, monkeypatch, *ADD) == 1
        assert await cosell(api, monkeypatch, *ADD[:-1], "nobody") == 1
        assert await cosell(api, monkeypatch, *ADD[:-3], " ", *ADD[-2:]) == 1

    assert await api.changes(refused) == set()
    told = capsys.readouterr().err.splitlines()
    assert [line.partition(":")[0] for line in told] == ["CONTACT_TAKEN", "EMAIL_INVALID", "REQUIRED"]


@pytest.mark.parametrize("role", ["MAIN_ACCOUNT", "SYSTEM", "NOBODY"])
async def test_only_the_vendors_roles_can_be_given(api: Api, monkeypatch: pytest.MonkeyPatch, role: str) -> None:
    with pytest.raises(SystemExit):
        await cosell(api, monkeypatch, "add", "--site", "CN", "--role", role, "--name", "x", "--email", "a@example.com")
