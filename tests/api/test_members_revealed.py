"""A member's name and contacts in clear: for an administrator with a reason, and on record."""

from typing import Any

from core.ids import encode_id, uuid7
from rules.access import Role
from tests.client import Api, Client, codes
from tests.factories import admitted_partner, key, member, staff

DOCUMENT = "mutation($input: RevealMemberInput!) { revealMember(input: $input) { effects { kind } } }"


async def reveal(who: Client, member_id: str, reason: str = "Calling about the shift.") -> dict[str, Any]:
    given = {"id": member_id, "reason": reason, "idempotencyKey": key()}
    return await who.do("revealMember", "contact { name mobile email }", **given)


async def test_shown_for_a_reason_that_is_kept(api: Api) -> None:
    partner = await admitted_partner(api)
    clerk, admin = await member(api, partner, Role.FINANCE), await member(api, partner, Role.SYSTEM_ADMIN)
    listed = (await admin.api.send("{ members { nodes { fullName mobile } } }")).data["members"]["nodes"]
    assert clerk.mobile not in [one["mobile"] for one in listed]

    for who in (partner.main, admin):
        shown = await reveal(who.api, clerk.id)
        assert codes(shown) == []
        assert shown["contact"] == {"name": clerk.name, "mobile": clerk.mobile, "email": clerk.email}
        assert [one["kind"] for one in shown["effects"]] == ["member.contact_revealed"]

    audits = await api.rows("select subject_id, detail from audit where operation = 'reveal_member'")
    assert [one["subject_id"] for one in audits] == [clerk.account_id] * 2
    assert all("Calling about the shift." in one["detail"] for one in audits)
    assert not any(str(clerk.mobile) in one["detail"] for one in audits)


async def test_not_without_a_reason_nor_of_others(api: Api) -> None:
    partner, other = await admitted_partner(api), await admitted_partner(api)
    clerk, stranger = await member(api, partner, Role.FINANCE), await member(api, other, Role.FINANCE)
    removed = await member(api, partner, Role.MARKETING)
    await partner.main.api.do("removeMember", "member { id }", id=removed.id, idempotencyKey=key())

    async def attempt() -> None:
        for member_id, reason, expected in (
            (clerk.id, " ", ["REASON_REQUIRED"]),
            (clerk.id, "x" * 501, ["OUT_OF_RANGE"]),
            (stranger.id, "x", ["NOT_FOUND"]),
            (removed.id, "x", ["NOT_FOUND"]),
            (partner.main.id, "x", ["NOT_FOUND"]),
            (encode_id("acc", uuid7()), "x", ["NOT_FOUND"]),
        ):
            assert codes(await reveal(partner.main.api, member_id, reason)) == expected, (member_id, reason)

    assert await api.changes(attempt) == set()


async def test_only_administrators(api: Api) -> None:
    partner = await admitted_partner(api)
    clerk, seller = await member(api, partner, Role.FINANCE), await member(api, partner, Role.ACCOUNT_DIRECTOR)

    vendor = await staff(api, Role.VENDOR_ADMIN)

    async def refused() -> None:
        for who in (clerk, seller, vendor):
            given = {"id": clerk.id, "reason": "x", "idempotencyKey": key()}
            assert (await who.api.send(DOCUMENT, input=given)).error["reason"] == "ADMIN_ONLY"

    assert await api.changes(refused) == set()
