"""Inviting through the API: mails, general links, what a link offers, and what it tells nobody."""

import logging
from datetime import timedelta
from typing import Any

import pytest

from core import db
from core.ids import encode_id
from core.tokens import TokenKind, new_token
from rules.access import Role
from rules.customers import AssociationType
from rules.partners import Standing
from tests import world
from tests.client import NOON, Api, Client, codes
from tests.development import (
    CORRECTED,
    INVITATION,
    accept,
    general_token,
    invite,
    key,
    link,
    mailed_token,
    prospect,
    report,
    reported_customer,
    signed_in_again,
    token_in,
)

OFFER = "query($token: String!) { invitation(token: $token) { partnerName associationType noticeRequired notice } }"


async def offer(client: Client, token: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = (await client.send(OFFER, token=token)).data["invitation"]
    return found


async def revoke(client: Client, invitation_id: str) -> dict[str, Any]:
    return await client.do("revokeInvitation", INVITATION, id=invitation_id, idempotencyKey=key())


class TestByMail:
    async def test_the_mail_has_the_link_with_the_token_in_its_fragment(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        booked = await reported_customer(api, main)

        invited = await invite(main.client, booked.id)

        assert codes(invited) == []
        assert invited["invitation"]["validUntil"] == "2026-03-09T04:00:00.000Z"
        assert invited["invitation"]["url"] is None  # only its recipient knows it
        [mail] = await api.inbox(booked.person.email)
        name = await api.value("select name from partner")
        assert f"http://127.0.0.1:8000/invitation#{token_in(mail['body'])}" in mail["body"]
        assert name in mail["subject"]
        assert "7" in mail["body"]

    async def test_the_type_is_the_reports_unless_another_is_named(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        one = await reported_customer(api, main, AssociationType.REFERRAL)
        two = await reported_customer(api, main, AssociationType.REFERRAL)

        assert (await invite(main.client, one.id))["invitation"]["associationType"] == "REFERRAL"
        named = await invite(main.client, two.id, associationType="RESALE")
        assert named["invitation"]["associationType"] == "RESALE"

    async def test_a_second_mail_when_the_first_link_has_ended_to_the_millisecond(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        booked = await reported_customer(api, main)
        await invite(main.client, booked.id)
        api.clock.at = NOON + timedelta(days=7, milliseconds=-1)
        main = await signed_in_again(api, main)

        async def attempt() -> None:
            refused = await invite(main.client, booked.id)
            assert codes(refused) == ["INVITATION_STILL_VALID"]
            assert refused["userErrors"][0]["availableAt"] == "2026-03-09T04:00:00.000Z"

        assert await api.changes(attempt) == set()
        api.clock.advance(milliseconds=1)
        assert codes(await invite(main.client, booked.id)) == []
        states = await api.rows("select state from customer_invitation order by id")
        assert [row["state"] for row in states] == ["EXPIRED", "ACTIVE"]

    async def test_one_that_is_taken_back_makes_room_for_another(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        booked = await reported_customer(api, main)
        first = await invite(main.client, booked.id)

        assert codes(await revoke(main.client, first["invitation"]["id"])) == []

        assert codes(await invite(main.client, booked.id)) == []

    async def test_a_mail_taken_back_before_it_left_is_not_sent(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        booked = await reported_customer(api, main)
        invited = await invite(main.client, booked.id)
        await revoke(main.client, invited["invitation"]["id"])

        assert await api.inbox(booked.person.email) == []

    async def test_only_a_report_that_holds_with_an_address_and_a_type(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        without = await report(main.client, prospect(), email=None, associationType=None)
        over = await report(main.client, prospect())
        await main.client.do("cancelReport", CORRECTED, id=over["report"]["id"], idempotencyKey=key())

        async def attempt() -> None:
            refused = await invite(main.client, without["report"]["id"])
            assert codes(refused) == ["REQUIRED"]
            refused = await invite(main.client, without["report"]["id"], associationType="RESALE")
            assert codes(refused) == ["INVITATION_EMAIL_REQUIRED"]
            assert codes(await invite(main.client, over["report"]["id"])) == ["INVITATION_NOT_REPORTED"]
            assert codes(await invite(main.client, encode_id("rep", main.id))) == ["NOT_FOUND"]

        assert await api.changes(attempt) == set()

    async def test_a_partner_that_may_no_longer_develop_refer_or_work(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        booked = await reported_customer(api, main, AssociationType.REFERRAL)
        await api.database.superuser.execute("update partner set may_develop = false, may_refer = false")

        refused = await invite(main.client, booked.id)

        assert codes(refused) == ["DEVELOPMENT_NOT_ALLOWED", "INVITATION_TYPE_NOT_ALLOWED"]
        await api.database.superuser.execute("update partner set may_develop = true, standing = $1", Standing.FROZEN)
        assert codes(await invite(main.client, booked.id, associationType="RESALE")) == ["PARTNER_FROZEN"]


class TestGeneralLinks:
    async def test_it_has_no_end_and_shows_its_link_to_creator_and_administrators(self, api: Api) -> None:
        partner_id, main = await world.admitted_partner(api)
        clerk, another = [await world.member(api, partner_id, Role.OPERATIONS) for _ in range(2)]

        made = await link(clerk.client)

        assert made["invitation"]["channel"] == "OFFLINE_LINK"
        assert made["invitation"]["validUntil"] is None
        assert made["invitation"]["tag"].startswith("colleague")
        document = f'{{ node(id: "{made["invitation"]["id"]}") {{ ... on CustomerInvitation {{ url }} }} }}'
        urls = [(await who.client.send(document)).data["node"]["url"] for who in (clerk, main, another)]
        assert urls == [made["invitation"]["url"], made["invitation"]["url"], None]

    async def test_a_qr_code_with_a_tag(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)

        made = await link(main.client, qrCode=True, tag="Hannover Fair")

        assert (made["invitation"]["channel"], made["invitation"]["tag"]) == ("OFFLINE_QR", "Hannover Fair")
        token_in(made["invitation"]["url"])

    async def test_it_opens_years_later_until_it_is_taken_back(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        made = await link(main.client)
        token = token_in(made["invitation"]["url"])
        api.clock.at = NOON + timedelta(days=2000)
        main = await signed_in_again(api, main)
        assert await offer(api.anonymous, token) is not None

        revoked = await revoke(main.client, made["invitation"]["id"])

        assert revoked["invitation"]["state"] == "REVOKED"
        assert revoked["invitation"]["url"] is None
        assert await offer(api.anonymous, token) is None
        assert codes(await revoke(main.client, made["invitation"]["id"])) == ["STATE_CONFLICT"]

    async def test_partners_without_the_right(self, api: Api) -> None:
        _, main = await world.admitted_partner(api, may_develop=False, may_refer=False)
        _, frozen = await world.admitted_partner(api, standing=Standing.FROZEN)

        async def attempt() -> None:
            refused = await link(main.client, associationType="REFERRAL")
            assert codes(refused) == ["DEVELOPMENT_NOT_ALLOWED", "INVITATION_TYPE_NOT_ALLOWED"]
            assert codes(await link(frozen.client)) == ["PARTNER_FROZEN"]

        assert await api.changes(attempt) == set()

    async def test_a_foreign_one_is_not_found(self, api: Api) -> None:
        (_, main), (_, other) = await world.admitted_partner(api), await world.admitted_partner(api)
        made = await link(main.client)

        async def attempt() -> None:
            assert codes(await revoke(other.client, made["invitation"]["id"])) == ["NOT_FOUND"]

        assert await api.changes(attempt) == set()


class TestOffer:
    async def test_anybody_with_the_link_sees_who_invites_and_for_what(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        name = await api.value("select name from partner")
        resale, referral = (
            await general_token(main.client),
            await general_token(main.client, associationType="REFERRAL"),
        )

        sold, referred = await offer(api.anonymous, resale), await offer(api.anonymous, referral)

        assert sold is not None and referred is not None
        assert (sold["partnerName"], sold["associationType"], sold["noticeRequired"]) == (name, "RESALE", True)
        assert (referred["associationType"], referred["noticeRequired"]) == ("REFERRAL", False)
        assert sold["notice"] != referred["notice"]

    async def test_unknown_used_revoked_expired_and_overtaken_ones_look_the_same(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        used, revoked, overtaken, expired = [await reported_customer(api, main) for _ in range(4)]
        tokens = {}
        for name, booked in {"used": used, "revoked": revoked, "overtaken": overtaken}.items():
            invited = await invite(main.client, booked.id)
            tokens[name] = await mailed_token(api, booked.person.email)
            if name == "revoked":
                await revoke(main.client, invited["invitation"]["id"])
        assert codes(await accept(used.person.client, tokens["used"])) == []
        await main.client.do("cancelReport", CORRECTED, id=overtaken.id, idempotencyKey=key())
        await invite(main.client, expired.id)
        tokens["expired"] = await mailed_token(api, expired.person.email)
        assert await offer(api.anonymous, tokens["expired"]) is not None
        api.clock.at = NOON + timedelta(days=7)

        answers = {name: await api.anonymous.send(OFFER, token=token) for name, token in tokens.items()}
        answers["unknown"] = await api.anonymous.send(OFFER, token=new_token(TokenKind.INVITATION))
        answers["no token"] = await api.anonymous.send(OFFER, token="x" * 5000)

        assert {str(answer.body["data"]) for answer in answers.values()} == {"{'invitation': None}"}
        assert {answer.status for answer in answers.values()} == {200}

    async def test_it_takes_one_statement_known_or_not(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        counts = set()
        for token in (await general_token(main.client), new_token(TokenKind.INVITATION)):
            with db.observed() as statements:
                await offer(api.anonymous, token)
            counts.add(len(statements))

        assert len(counts) == 1


async def test_a_token_is_in_no_table_but_the_recorded_mail_and_in_no_log(
    api: Api, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO)  # below, the development inbox logs what it keeps
    _, main = await world.admitted_partner(api)
    booked = await reported_customer(api, main)
    await invite(main.client, booked.id)
    mailed, general = await mailed_token(api, booked.person.email), await general_token(main.client)
    await offer(api.anonymous, general)
    assert codes(await accept(booked.person.client, mailed)) == []
    await api.deliver()

    picture = await api.database.picture()
    logged = caplog.text + "".join(capsys.readouterr())

    for token in (mailed, general):
        secret = token.removeprefix(TokenKind.INVITATION)
        assert [name for name, rows in picture.items() if any(secret in row for row in rows)] in (
            [],
            ["recorded_message"],
        )
        assert secret not in logged
