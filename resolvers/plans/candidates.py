"""What is known of a partner that looks at a plan, gathered for the rules."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from core import db
from models.accounts import Account
from models.partners import Partner
from models.plans import PlanMembership
from resolvers.paths.facts import stages_of
from resolvers.plans.declaring import declared_by
from rules.customers import CustomerFact
from rules.partners import Standing
from rules.paths import VALIDATED, PathCode
from rules.plans import Candidate, MembershipState, PlanCode, compute_invited_state
from rules.sites import Site

_SIBLING = "SIBLING_"
_RESOURCES = {CustomerFact.RESERVED_INSTANCE, CustomerFact.FROZEN_WITH_RESOURCES, CustomerFact.SUPPORT_PLAN}
_UNIFIED = {
    CustomerFact.UNIFIED_MEMBER,
    CustomerFact.NON_UNIFIED_MEMBER,
    CustomerFact.MASTER_WITH_UNIFIED_MEMBERS,
    CustomerFact.MASTER_WITH_NON_UNIFIED_MEMBERS,
}


async def candidates(rows: Iterable[Partner], *, now: datetime) -> dict[UUID, Candidate]:
    """The facts of each of these partners by its id, in as many statements however many they are.

    The one place where facts for plans come together. Those of the account's use of the cloud are what the vendor has
    recorded about it as a customer: wallets and orders will know arrears, consumption and open resources better.
    """
    partners = {row.id: row for row in rows}
    accounts = {row.id: row for row in await Account.filter(id__in=[row.main_account_id for row in partners.values()])}
    memberships: dict[UUID, dict[PlanCode, MembershipState]] = {row: {} for row in partners}
    for membership in await PlanMembership.filter(partner_id__in=list(partners)).order_by("id"):
        state = compute_invited_state(membership.state, membership.invited_until, now=now)
        memberships[membership.partner_id][membership.plan] = state  # the latest stays
    stages = await stages_of(list(partners))
    declared = await declared_by(partners, now=now)
    told = {row["partner_id"]: row["known"] for row in await db.fetch(_TOLD, list(partners))}
    return {
        row.id: replace(
            _candidate(row, accounts[row.main_account_id], memberships[row.id], frozenset(told.get(row.id, ()))),
            relations_declared=row.id in declared,
            path_chosen=bool(stages[row.id]),
            service_role=stages[row.id].get(PathCode.SERVICE) in VALIDATED,
        )
        for row in partners.values()
    }


_TOLD = "select partner_id, known from guard_candidates($1)"


async def candidate(row: Partner, *, now: datetime) -> Candidate:
    """The facts of one partner."""
    return (await candidates([row], now=now))[row.id]


def _candidate(
    row: Partner, account: Account, memberships: dict[PlanCode, MembershipState], known: frozenset[str]
) -> Candidate:
    return Candidate(
        site=Site(row.site),
        admission=row.admission_state,
        standing=Standing(row.standing),
        real_name_kind=account.real_name_kind,
        real_name_state=account.real_name_state,
        memberships=memberships,
        sibling_plans=frozenset(PlanCode(code.removeprefix(_SIBLING)) for code in known if code.startswith(_SIBLING)),
        email_bound=account.email is not None,
        has_distributor="LINKED" in known,
        open_resources=bool(known & _RESOURCES),
        in_arrears=CustomerFact.ARREARS in known,
        has_consumption=CustomerFact.CASH_CONSUMPTION in known,
        other_partner="ASSOCIATED" in known,
        unified_account=bool(known & _UNIFIED),
        credit_account=CustomerFact.CREDIT_ACCOUNT in known,
        reported_by_vendor=CustomerFact.REPORTED_BY_VENDOR in known,
    )
