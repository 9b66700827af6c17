"""Who the caller is."""

from tortoise.queryset import QuerySet

from models.accounts import Account
from resolvers.context import Context
from resolvers.nodes import findable
from resolvers.query import query
from rules.access import Permission


def visible(ctx: Context) -> QuerySet[Account]:
    """One's own account."""
    return Account.filter(id=ctx.actor.account_id)


findable(Account, Permission.ACCOUNTS_READ_SELF, visible)


@query(permission=Permission.PUBLIC_READ)
async def viewer(ctx: Context) -> Account | None:
    """The caller's own account; None when nobody is signed in."""
    if ctx.actor.account_id is None:
        return None
    return await Account.get_or_none(id=ctx.actor.account_id)
