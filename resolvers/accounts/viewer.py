"""Who the caller is."""

from models.accounts import Account
from resolvers.context import Context
from resolvers.query import query
from rules.access import Permission


@query(permission=Permission.PUBLIC_READ)
async def viewer(ctx: Context) -> Account | None:
    """The caller's own account; None when nobody is signed in."""
    if ctx.actor.account_id is None:
        return None
    return await Account.get_or_none(id=ctx.actor.account_id)
