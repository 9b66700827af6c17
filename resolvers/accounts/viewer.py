"""Who the caller is."""

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from core.rows import read_first
from models.accounts import Account
from resolvers.context import Context
from resolvers.nodes import findable
from resolvers.query import query
from rules.access import Permission, may
from rules.accounts import AccountKind


def visible(ctx: Context) -> QuerySet[Account]:
    """One's own account, and for a partner's administrators its members."""
    own = Q(id=ctx.actor.account_id)
    if ctx.actor.partner_id is None or not may(ctx.actor, Permission.MEMBERS_READ):
        return Account.filter(own)
    return Account.filter(own | Q(partner_id=ctx.actor.partner_id, kind=AccountKind.IAM_USER))


findable(Account, Permission.ACCOUNTS_READ_SELF, visible)


@query(permission=Permission.PUBLIC_READ)
async def viewer(ctx: Context) -> Account | None:
    """The caller's own account; None when nobody is signed in."""
    if ctx.actor.account_id is None:
        return None
    return await read_first(Account.filter(id=ctx.actor.account_id))
