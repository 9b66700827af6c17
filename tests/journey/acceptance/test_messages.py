"""Acceptance scenarios 15, 17 and 18: how long a code lives, when people are written to, and to whom at least."""

from datetime import UTC, datetime, timedelta

import pytest

from core import db
from core.ids import encode_id
from core.scope import EVERYTHING
from models.verifications import Verification
from resolvers import journal
from resolvers.codes import Recipient, issue
from rules.access import Role
from rules.sites import Site
from rules.verifications import Channel, Scene
from tests import world
from tests.api.telling import do, keeping_hours, reached, tell, wait_over
from tests.client import Api, codes
from tests.factories import Person, context, person

pytestmark = pytest.mark.parametrize("site", Site)
MS = timedelta(milliseconds=1)
EVENING = {Site.CN: datetime(2026, 3, 3, 15, tzinfo=UTC), Site.INTL: datetime(2026, 3, 3, 23, tzinfo=UTC)}
"""Tuesday, 23:00 where the site's partners are."""
TEN_HOURS = timedelta(hours=10)


def contact(who: Person, site: Site) -> tuple[Channel, str]:
    """Where codes reach people of the site."""
    return (Channel.SMS, str(who.mobile)) if site is Site.CN else (Channel.EMAIL, str(who.email))


@pytest.mark.parametrize(("asked", "life"), [(61, 5), (60, 60), (None, 10)])
async def test_15_a_life_over_an_hour_becomes_five_minutes_and_none_ten(
    api: Api, site: Site, asked: int | None, life: int
) -> None:
    who = await person(api, site=site)
    (channel, target), ctx = contact(who, site), context(api)
    async with db.transaction(EVERYTHING):
        wanted = None if asked is None else timedelta(minutes=asked)
        code = await issue(ctx, Scene.SIGN_IN, Recipient(site, channel, target, account_id=who.account_id), life=wanted)
        await journal.write_messages(ctx)
    digits, end = await api.code(target), api.clock() + timedelta(minutes=life)
    given = {"verificationId": encode_id(Verification.prefix, code.id), "code": digits}
    for at, expected in ((end, ["CODE_EXPIRED"]), (end - MS, [])):
        api.clock.at = at
        assert codes(await api.anonymous.do("signInWithCode", "__typename", **given)) == expected


async def test_17_at_eleven_in_the_evening_a_message_waits_for_the_morning_and_a_code_does_not(
    api: Api, site: Site
) -> None:
    quiet = keeping_hours(api)
    quiet.clock.at = EVENING[site]
    partner_id, _ = await world.admitted_partner(quiet, site)
    await tell(quiet, partner_id)
    assert await reached(quiet) == set()

    channel, target = contact(await person(quiet, site=site), site)
    named = {"mobile" if channel is Channel.SMS else "email": target}
    assert (
        codes(await quiet.anonymous.do("requestCode", "challenge { id }", scene="SIGN_IN", site=site.value, **named))
        == []
    )
    assert [row["template"] for row in await quiet.inbox(target)] == ["code_sign_in"]

    for at, sent in ((EVENING[site] + TEN_HOURS - MS, 0), (EVENING[site] + TEN_HOURS, 1)):
        quiet.clock.at = at
        await wait_over(quiet)
        assert len(await reached(quiet)) == sent


async def test_18_the_last_recipient_of_a_type_stays(api: Api, site: Site) -> None:
    partner_id, main = await world.admitted_partner(api, site)
    clerk = await world.member(api, partner_id, Role.FINANCE, site=site)
    administrators = {"type": "PLAN", "administrators": True}
    member = {"type": "PLAN", "memberId": encode_id("acc", clerk.id)}
    assert codes(await do(main.client, "removeMessageRecipient", **administrators)) == ["LAST_RECIPIENT"]
    assert codes(await do(main.client, "addMessageRecipient", **member)) == []
    assert codes(await do(main.client, "removeMessageRecipient", **administrators)) == []
    assert codes(await do(main.client, "removeMessageRecipient", **member)) == ["LAST_RECIPIENT"]
