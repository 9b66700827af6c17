"""After a rotation of the key: bank data are sealed anew, once, and open with the present key alone."""

from typing import Any

import pytest
from pydantic import SecretStr

from core import db
from core.ids import uuid7
from core.scope import EVERYTHING
from core.sealing import BadSeal, sealer_of
from core.settings import Settings
from models.business_info import BusinessInfoForm, MicroDeposit, Supplier
from models.feeds import Feed
from resolvers.business_info.scope import open_account, open_amount
from rules.feeds import FeedState, FeedTopic
from rules.sites import Site
from tasks.seals import renew
from tests.business_info import ACCOUNT, arrived, enter_supplier, submitted
from tests.client import Api, codes
from tests.world import World, world


def rotated(settings: Settings, *, keep: bool = True) -> Settings:
    """The settings after a rotation; `keep`: the key before opens still."""
    earlier = (settings.secret_key,) if keep else ()
    present = SecretStr("another key of thirty-two characters or more")
    return settings.model_copy(update={"secret_key": present, "previous_secret_keys": earlier})


async def sealed(api: Api) -> tuple[World, str]:
    """A form, its micro-deposit and a supplier; the deposit's amount."""
    on = await world(api)
    await submitted(api, on)
    amount = await arrived(api, on)
    assert codes(await enter_supplier(api, on)) == []
    return on, amount


async def opened(settings: Settings) -> list[Any]:
    """What the three rows hold, under these settings."""
    async with db.read(EVERYTHING):
        form, supplier = await BusinessInfoForm.all().get(), await Supplier.all().get()
        deposit = await MicroDeposit.all().get()
    return [open_account(settings, form), open_account(settings, supplier), open_amount(settings, deposit)]


async def test_what_an_earlier_key_has_sealed_is_sealed_anew_once(api: Api) -> None:
    _, amount = await sealed(api)
    versions = "select version from business_info_form union all select version from supplier"
    before, held = await api.rows(versions), await opened(api.settings)
    assert held == [ACCOUNT[Site.CN], "95588000", round(float(amount) * 100)]
    assert await renew(api.settings, api.clock) == 0
    after = rotated(api.settings)

    assert [await renew(after, api.clock) for _ in range(2)] == [3, 0]

    assert await opened(rotated(api.settings, keep=False)) == held
    assert await api.rows(versions) == before
    with pytest.raises(BadSeal):
        await opened(api.settings)


async def test_a_seal_that_no_key_opens_keeps_no_other_from_its_turn(api: Api) -> None:
    on, _ = await sealed(api)
    await api.database.superuser.execute("update supplier set account_sealed = $1", b"x" * 60)
    after = rotated(api.settings)

    for _ in range(2):
        with pytest.raises(BadSeal):
            await renew(after, api.clock)

    async with db.read(EVERYTHING):
        form = await BusinessInfoForm.get(partner_id=on.partner_id)
    assert open_account(rotated(api.settings, keep=False), form) == ACCOUNT[Site.CN]


async def test_the_credentials_of_a_feed_are_sealed_anew_too(api: Api) -> None:
    on, feed_id = await world(api), uuid7()
    present = sealer_of(api.settings)
    kept = present.seal("[]", "feed", feed_id.bytes)
    async with db.transaction(EVERYTHING):
        await Feed.insert(
            now=api.clock(),
            id=feed_id,
            partner_id=on.partner_id,
            site="CN",
            state=FeedState.ACTIVE,
            endpoint="https://bucket.example",
            region="eu-1",
            bucket="files",
            folder="",
            topics=[FeedTopic.PERFORMANCE.value],
            credentials_sealed=kept,
            active_since=api.clock(),
            planned_through=api.clock().date(),
        )
    after = rotated(api.settings)

    assert [await renew(after, api.clock) for _ in range(2)] == [1, 0]

    row = (await api.rows("select credentials_sealed as seal, version from feed"))[0]
    assert sealer_of(rotated(api.settings, keep=False)).open(row["seal"], "feed", feed_id.bytes) == "[]"
    assert row["version"] == 1


async def test_what_was_erased_is_not_looked_at(api: Api) -> None:
    await sealed(api)
    await api.database.superuser.execute("update business_info_form set account_sealed = $1, account_end = $2", b"", "")

    assert await renew(rotated(api.settings), api.clock) == 2
