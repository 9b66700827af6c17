"""Who of the vendor's is told about work that waits for some of its roles."""

from collections.abc import Set

from models.accounts import Account
from resolvers.context import Somebody
from rules.access import Role
from rules.accounts import AccountKind, AccountStatus


async def staff_of(site: str, roles: Set[Role]) -> list[Somebody]:
    """The vendor's people of a site who hold one of the roles and can sign in."""
    staff = Account.filter(site=site, kind=AccountKind.STAFF, status=AccountStatus.ACTIVE)
    return [
        Somebody(Account, one.id) for one in await staff.order_by("id").only("id", "roles") if roles & set(one.roles)
    ]
