"""The vendor's staff: accounts that an operator makes and that set their own password with a code."""

from models.accounts import Account
from resolvers import codes
from resolvers.command import command
from resolvers.context import Context
from rules.access import Permission, Role
from rules.accounts import AccountKind, check_staff
from rules.errors import ErrorCode, require
from rules.sites import Site


@command(
    permission=Permission.RUN_SCHEDULES,
    refuses=(
        ErrorCode.ROLE_COUNT,
        ErrorCode.ROLE_UNKNOWN,
        ErrorCode.REQUIRED,
        ErrorCode.EMAIL_INVALID,
        ErrorCode.CONTACT_TAKEN,
    ),
    emits=("account.staff_added",),
)
async def add_staff(ctx: Context, *, site: Site, email: str, full_name: str, roles: tuple[Role, ...]) -> Account:
    """Makes an account of the vendor's staff without a password: its owner sets one with a RESET_PASSWORD code."""
    require(check_staff(full_name, roles))
    _, address = codes.normalise_target(ctx, site, None, email)
    account = await Account.insert(
        now=ctx.now,
        site=site,
        kind=AccountKind.STAFF,
        full_name=full_name.strip(),
        email=address,
        locale=site.locale,
        roles=sorted(role.value for role in set(roles)),
    )
    ctx.event("account.staff_added", account, site=site.value, roles=account.roles)
    ctx.effect("account.staff_added", account)
    return account
