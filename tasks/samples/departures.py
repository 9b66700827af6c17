"""Who has gone: accounts that were closed, one of them a partner's and one deleted by now, a member who was removed,
and resellers that part with their distributors.
"""

from datetime import timedelta
from uuid import UUID

from core import db
from core.scope import EVERYTHING
from models.resellers import ResellerLink
from resolvers import accounts, members, resellers
from rules.access import Role
from rules.accounts import AccountKind
from rules.sites import Site
from tasks.samples.partners import partner_of
from tasks.samples.stage import Stage
from tasks.samples.timeline import Story


async def is_kept_for_a_while(stage: Stage) -> Story:
    """Closed, and still to be restored."""
    yield stage.on(400, "09:00")
    person = await stage.sign_up(
        "Nora Lindqvist", site=Site.INTL, email="nora.lindqvist@mail.example", kind=AccountKind.PERSONAL
    )
    yield stage.later(days=6)
    await stage.do(person, accounts.cancel_account)


async def is_deleted(stage: Stage) -> Story:
    """Closed, and deleted when nobody had restored it."""
    yield stage.on(210, "04:30")
    person = await stage.sign_up("郑文", site=Site.CN, mobile="+8613720000020", kind=AccountKind.PERSONAL)
    yield stage.later(days=3)
    closed = await stage.do(person, accounts.cancel_account)
    assert closed.retained_until is not None
    yield closed.retained_until + timedelta(hours=1)
    await stage.do(None, accounts.delete_account, account_id=person.account_id)


async def was_removed(stage: Stage) -> Story:
    """A member who changed the company."""
    yield stage.on(140, "02:40")
    main = stage.people["xingchen"]
    given = {"username": "du.peng", "full_name": "杜鹏", "mobile": "+8613710000021", "email": None}
    added = await stage.do(main, members.add_member, roles=(Role.OPERATIONS,), **given)
    yield stage.on(333, "06:50")
    await stage.do(main, members.remove_member, member_id=added.id)


async def has_given_up(stage: Stage) -> Story:
    """A partner that never found a plan, and closed its account."""
    yield stage.on(404, "08:20")
    await stage.do(stage.people["lvzhou"], accounts.cancel_account)


async def parts(stage: Stage) -> Story:
    """A reseller that gets no more quota: its distributor is about to end it."""
    yield stage.on(409, "03:10")
    link = await _link_of(stage, "yunfan")
    given = {"link_id": link, "reason": "双方合同到期，不再续签。"}
    await stage.do(stage.people["jinqiao"], resellers.start_reseller_exit, **given)


async def has_parted(stage: Stage) -> Story:
    """A reseller that left its distributor, and with it the plan."""
    yield stage.on(388, "03:30")
    link, distributor = await _link_of(stage, "mingyue"), stage.people["huahai"]
    await stage.do(distributor, resellers.start_reseller_exit, link_id=link, reason="该公司已停止经营云业务。")
    yield stage.later(days=4)
    await stage.do(distributor, resellers.end_reseller_exit, link_id=link)


async def _link_of(stage: Stage, reseller: str) -> UUID:
    async with db.read(EVERYTHING):
        return (await ResellerLink.get(reseller_id=await partner_of(stage.people[reseller]))).id


STORIES = (is_kept_for_a_while, is_deleted, was_removed, has_given_up, parts, has_parted)
