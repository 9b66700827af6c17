"""Who of the vendor's is told about work that waits for some of its roles."""

from collections.abc import Set
from uuid import UUID

from models.accounts import Account
from models.reviews import ReviewCase
from resolvers.context import Context, Somebody
from rules.access import Role
from rules.accounts import AccountKind, AccountStatus
from rules.reviews import check_turn


async def staff_of(site: str, roles: Set[Role]) -> list[Somebody]:
    """The vendor's people of a site who hold one of the roles and can sign in."""
    staff = Account.filter(site=site, kind=AccountKind.STAFF, status=AccountStatus.ACTIVE)
    return [
        Somebody(Account, one.id) for one in await staff.order_by("id").only("id", "roles") if roles & set(one.roles)
    ]


async def reviewers_of(
    ctx: Context, case: ReviewCase, roles: Set[Role], *, overseers: Set[Role] = frozenset()
) -> list[Somebody]:
    """Whose claim keeps the others out and who can sign in, else the people of the site with one of these roles; with
    them those who oversee reviews of the kind.
    """
    held = check_turn(case.claimed_at, by_other=True, now=ctx.now, policy=ctx.policy_of(case))
    if case.claimed_by is None or not held or not await _can_sign_in(case.claimed_by):
        return await staff_of(case.site, roles | overseers)
    others = await staff_of(case.site, overseers)
    return [Somebody(Account, case.claimed_by), *(one for one in others if one.id != case.claimed_by)]


async def _can_sign_in(account_id: UUID) -> bool:
    return await Account.filter(id=account_id, status=AccountStatus.ACTIVE).exists()
