"""Who has gone: accounts that were closed, one of them deleted by now, and a member who was removed."""

from datetime import timedelta

from resolvers import accounts, members
from rules.access import Role
from rules.accounts import AccountKind
from rules.sites import Site
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


STORIES = (is_kept_for_a_while, is_deleted, was_removed)
