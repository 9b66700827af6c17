"""Members sign in by their own entry: the partner's administrator account, the user name, the password."""

from dataclasses import dataclass
from uuid import UUID

from core import db
from core.ids import NOBODY
from core.scope import EVERYTHING
from models.accounts import Account
from resolvers.accounts.guards import member_identifier
from resolvers.accounts.sessions import SignedIn
from resolvers.accounts.signing import BARRED, PasswordTry, compare_password, enter_by_password
from resolvers.command import command
from resolvers.context import Context
from rules.access import Permission
from rules.accounts import AccountStatus
from rules.contacts import normalise_email, normalise_mobile
from rules.errors import ErrorCode, Violation
from rules.sites import Site

_MEMBER = """
    select member.id, member.status from account main
    join partner on partner.main_account_id = main.id and partner.admission_state = 'JOINED'
         and partner.standing <> 'CLOSED'
    join account member on member.partner_id = partner.id
    where main.site = $1 and main.is_main and (main.mobile = $2 or main.email = $3)
      and member.name = $4 and member.kind = 'IAM_USER' and member.status <> 'DELETED'
"""


@dataclass(frozen=True, slots=True)
class NamedMember:
    """Whom an administrator account and a user name mean; `administrator` is the contact in its stored form, or as it
    was typed where it is none. Nobody where the rest is None.
    """

    administrator: str
    account_id: UUID | None = None
    status: AccountStatus | None = None


async def find_member(ctx: Context, site: Site, administrator: str, username: str) -> NamedMember:
    """The member of the partner whose main account has this contact; in the open transaction."""
    policy = ctx.policies.at(site, ctx.now)
    mobile, email = normalise_mobile(administrator, policy=policy), normalise_email(administrator)
    contacts = [None if isinstance(found, Violation) else found for found in (mobile, email)]
    row = await db.fetch_one(_MEMBER, site, *contacts, username)
    named = contacts[0] or contacts[1] or administrator
    return NamedMember(named) if row is None else NamedMember(named, row["id"], AccountStatus(row["status"]))


async def _try_password(ctx: Context, *, site: Site, administrator: str, username: str, password: str) -> PasswordTry:
    async with db.read(EVERYTHING):
        named = await find_member(ctx, site, administrator, username)
        account = await Account.get_or_none(id=named.account_id or NOBODY)
    return await compare_password(ctx, site, member_identifier(named.administrator, username), account, password)


@command(
    permission=Permission.ACCOUNTS_SIGN_IN,
    refuses=(ErrorCode.SIGN_IN_FAILED, *BARRED),
    emits=("session.opened",),
    as_system=True,
    secret=_try_password,
)
async def sign_in_as_member(ctx: Context, *, site: Site, administrator: str, username: str, password: str) -> SignedIn:
    """Signs a partner's member in by its partner's administrator account, its user name and its password.

    After five failures in a row these two names are locked for a while, known or not. The member's own contact opens
    signIn as well.
    """
    return await enter_by_password(ctx, by="user_name")
