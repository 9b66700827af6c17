"""Another mobile number or e-mail address: who asks is proven first, the new contact then, and the old one is told."""

import asyncio
from collections import Counter

import pytest

from core import db
from core.scope import EVERYTHING
from models.customers import Customer
from rules.access import Role
from rules.sites import Site
from tests.api.contact_cases import COMPLETE, asked_to_change, change, linked, proved, sibling_input
from tests.api.reset_cases import asked, forgetful, ticketed
from tests.client import Api, codes
from tests.distribution import distributor, reseller
from tests.factories import Person, admitted_partner, email, key, member, mobile, person, sign_in

CROWDS = [5, pytest.param(200, marks=pytest.mark.long)]


async def templates(api: Api, contact: str | None) -> list[str]:
    """What a contact was sent, oldest first."""
    return [row["template"] for row in await api.inbox(str(contact))]


async def signs_in(api: Api, password: str = "Tea-house-88", **contact: str | None) -> list[str]:
    """The codes of a sign-in with this contact."""
    return codes(await api.anonymous.do("signIn", "__typename", site="CN", password=password, **contact))


class TestChanging:
    async def test_a_new_number_takes_two_codes_and_the_old_one_is_told(self, api: Api) -> None:
        who, number = await person(api), mobile()
        found, digits = await asked_to_change(api, who, mobile=number)
        assert await templates(api, who.mobile) == ["code_sensitive_operation"]
        assert await templates(api, number) == ["code_change_contact"]
        assert await api.value("select mobile from account where id = $1", who.account_id) == who.mobile

        payload = await change(who, found, digits)
        assert codes(payload) == []
        assert payload["account"] == {"id": who.id, "mobile": number, "email": who.email, "version": 2}
        assert [effect["kind"] for effect in payload["effects"]] == ["account.contact_changed"]
        assert await templates(api, who.mobile) == ["code_sensitive_operation", "mobile_changed"]
        assert await templates(api, who.email) == ["mobile_changed"]
        assert await api.value("select count(*) from message where template = 'mobile_changed'") == 1
        assert await api.rows("select changes from event where type = 'account.contact_changed'") == [
            {"changes": '{"channel": "SMS"}'}
        ]
        assert await signs_in(api, mobile=number) == []
        assert await signs_in(api, mobile=who.mobile) == ["SIGN_IN_FAILED"]

    async def test_a_new_address_is_proven_by_mail(self, api: Api) -> None:
        who, address = await person(api), email()
        found, digits = await asked_to_change(api, who, email=address)
        assert codes(await change(who, found, digits)) == []
        assert await templates(api, who.email) == ["email_changed"]
        assert await templates(api, address) == ["code_change_contact", "email_changed"]
        assert await signs_in(api, email=address) == []

    async def test_a_first_address_has_nobody_to_tell(self, api: Api) -> None:
        who, address = await person(api, with_email=False), email()
        found, digits = await asked_to_change(api, who, email=address)
        assert codes(await change(who, found, digits)) == []
        assert await api.rows("select * from contact_change") == []
        assert await templates(api, address) == ["code_change_contact", "email_changed"]

    async def test_who_lost_the_number_proves_itself_by_mail(self, api: Api) -> None:
        who, number = await person(api), mobile()
        given = {"mobile": number, "proveBy": "EMAIL"}
        payload = await proved(api, who, "requestContactChange", "challenge { id }", to=who.email, **given)
        assert codes(payload) == []
        assert await templates(api, who.mobile) == []
        assert codes(await change(who, payload["challenge"]["id"], await api.code(number))) == []

    async def test_a_challenge_is_sent_again_by_the_channel_it_went_by(self, api: Api) -> None:
        who = await person(api)
        given = {"mobile": mobile(), "proveBy": "EMAIL", "idempotencyKey": key()}
        asked = await who.api.do("requestContactChange", "__typename", **given)
        api.clock.advance(minutes=1)
        found = asked["userErrors"][0]["challenge"]["id"]
        again = await who.api.do("resendChallenge", "challenge { channel }", id=found)
        assert again["challenge"]["channel"] == "EMAIL"

    async def test_on_intl_the_first_code_comes_by_mail(self, api: Api) -> None:
        who, number = await person(api, site=Site.INTL), "+14155552671"
        payload = await proved(api, who, "requestContactChange", "challenge { id }", to=who.email, mobile=number)
        assert codes(payload) == []
        changed = await change(who, payload["challenge"]["id"], await api.code(number))
        assert changed["account"]["mobile"] == number

    async def test_a_member_changes_its_own(self, api: Api) -> None:
        who, number = await member(api, await admitted_partner(api), Role.FINANCE), mobile()
        found, digits = await asked_to_change(api, who, mobile=number)
        assert codes(await change(who, found, digits)) == []


class TestSecrets:
    async def test_nothing_tells_whether_somebody_has_the_new_contact(self, api: Api) -> None:
        who, owner = await person(api), await person(api)
        taken = await proved(api, who, "requestContactChange", "challenge { state }", email=owner.email)
        api.clock.advance(minutes=1)
        free = await proved(api, who, "requestContactChange", "challenge { state }", email=email())
        assert taken == free

    async def test_a_code_is_its_own_accounts(self, api: Api) -> None:
        who, thief, number = await person(api), await person(api), mobile()
        found, digits = await asked_to_change(api, who, mobile=number)
        before = await api.rows("select tries from verification where scene = 'CHANGE_CONTACT'")
        assert codes(await change(thief, found, digits)) == ["CODE_WRONG"]
        assert await api.rows("select tries from verification where scene = 'CHANGE_CONTACT'") == before
        assert codes(await change(who, found, digits)) == []

    async def test_a_proof_is_for_one_contact(self, api: Api) -> None:
        who, given = await person(api), {"idempotencyKey": key()}
        asked = await who.api.do("requestContactChange", "__typename", mobile=mobile(), **given)
        found = asked["userErrors"][0]["challenge"]["id"]
        proof = await who.api.do("verifyChallenge", "proof", id=found, code=await api.code(str(who.mobile)))
        other = await who.api.do("requestContactChange", "__typename", mobile=mobile(), proof=proof["proof"], **given)
        assert codes(other) == ["PROOF_INVALID"]

    async def test_codes_on_their_way_to_the_old_contact_open_nothing(self, api: Api) -> None:
        who = await person(api)
        found, digits = await asked_to_change(api, who, mobile=mobile())
        api.clock.advance(minutes=1)
        given = {"scene": "RESET_PASSWORD", "site": "CN", "mobile": who.mobile}
        reset = (await api.anonymous.do("requestCode", "challenge { id }", **given))["challenge"]["id"]
        old = await api.code(str(who.mobile))
        assert codes(await change(who, found, digits)) == []
        given = {"verificationId": reset, "code": old, "newPassword": "Green-tea-99"}
        assert codes(await api.anonymous.do("resetPassword", "__typename", **given)) == ["CODE_WRONG"]

    async def test_a_members_code_at_the_old_contact_opens_nothing(self, api: Api) -> None:
        clerk, verification_id, reset = await asked(api)
        found, digits = await asked_to_change(api, clerk, mobile=mobile())
        assert codes(await change(clerk, found, digits)) == []
        given = {"verificationId": verification_id, "code": reset}
        assert codes(await api.anonymous.do("verifyResetCode", "ticket", **given)) == ["CODE_WRONG"]

    async def test_a_members_ticket_opens_nothing(self, api: Api) -> None:
        clerk, ticket = await ticketed(api)
        api.clock.advance(minutes=1)
        found, digits = await asked_to_change(api, clerk, mobile=mobile())
        assert codes(await change(clerk, found, digits)) == []
        given = {"ticket": ticket, "newPassword": "Green-tea-99"}
        assert codes(await api.anonymous.do("setPassword", "__typename", **given)) == ["TICKET_INVALID"]

    async def test_an_administrators_link_at_the_old_address_opens_nothing(self, api: Api) -> None:
        partner, clerk, _ = await forgetful(api)
        await partner.main.api.do("resetMemberPassword", "__typename", id=clerk.id, idempotencyKey=key())
        link = next(row["body"] for row in await api.inbox(str(clerk.email)) if row["template"] == "password_link")
        clerk = await sign_in(api, clerk.account_id)
        found, digits = await asked_to_change(api, clerk, email=email())
        assert codes(await change(clerk, found, digits)) == []
        given = {"ticket": link.split("#")[1].split()[0], "newPassword": "Green-tea-99"}
        assert codes(await api.anonymous.do("setPassword", "__typename", **given)) == ["TICKET_INVALID"]

    @pytest.mark.parametrize(("channel", "expected"), [("email", ["LINK_INVALID"]), ("mobile", [])])
    async def test_a_link_for_a_further_account_went_to_the_address(
        self, api: Api, channel: str, expected: list[str]
    ) -> None:
        main, token = await linked(api)
        api.clock.advance(minutes=1)
        found, digits = await asked_to_change(api, main, **{channel: email() if channel == "email" else mobile()})
        assert codes(await change(main, found, digits)) == []
        assert codes(await api.anonymous.do(COMPLETE, "__typename", **await sibling_input(api, token))) == expected

    async def test_the_last_instant_of_the_code(self, api: Api) -> None:
        who = await person(api)
        found, digits = await asked_to_change(api, who, mobile=mobile())
        api.clock.advance(minutes=10, milliseconds=-1)
        assert codes(await change(who, found, digits)) == []


class TestCopies:
    async def test_what_partners_see_of_a_customer_follows(self, api: Api) -> None:
        who, number = await person(api), mobile()
        async with db.transaction(EVERYTHING):
            await Customer.insert(
                now=api.clock(), account_id=who.account_id, site="CN", name=who.name, mobile=who.mobile,
                registered_at=api.clock(),
            )  # fmt: skip
        found, digits = await asked_to_change(api, who, mobile=number)
        assert codes(await change(who, found, digits)) == []
        assert await api.value("select mobile from customer") == number

    async def test_what_a_distributor_sees_of_its_reseller_follows(self, api: Api) -> None:
        chosen = await distributor(api)
        (own, _), number = await reseller(api, chosen), mobile()
        found, digits = await asked_to_change(api, own.main, mobile=number)
        assert codes(await change(own.main, found, digits)) == []
        assert await api.value("select mobile from reseller_link") == number


@pytest.mark.usefixtures("patience")
@pytest.mark.parametrize("crowd", CROWDS)
async def test_one_contact_comes_to_one_account(api: Api, crowd: int) -> None:
    number, asked = mobile(), []
    for _ in range(crowd):
        who: Person = await person(api)
        found, digits = await asked_to_change(api, who, mobile=number)
        await api.value("update verification set state = 'SENT' where scene = 'CHANGE_CONTACT'")
        await api.value("update verification set created_at = created_at - interval '2 days'")
        asked.append((who, found, digits))

    payloads = await asyncio.gather(*(change(*each) for each in asked))

    outcomes = Counter("+".join(codes(payload)) or "done" for payload in payloads)
    assert outcomes == {"done": 1, "CONTACT_TAKEN": crowd - 1}
    assert await api.value("select count(*) from account where mobile = $1", number) == 1
    assert await api.value("select count(*) from event where type = 'account.contact_changed'") == 1
