"""What the rules ask before an employee is invited or bound: whom an identifier means, what holds of each, how much the
partner has sent today, what entitles it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from core import db
from models.partners import Partner
from models.plans import PlanMembership
from models.specialists import SpecialistBinding, SpecialistInvitation, SpecialistProfile
from resolvers.context import Context
from resolvers.paths.facts import enrolled_paths
from rules.accounts import AccountKind
from rules.calendar import day_of
from rules.contacts import normalise_email, normalise_mobile
from rules.errors import Violation
from rules.partners import Undertaking, check_standing
from rules.plans import MembershipState
from rules.sites import Site
from rules.specialists import (
    Invitee,
    SpecialistInvitationState,
    check_entitled,
    compute_window_start,
)

_FOUND = "select * from guard_invitees($1, $2, $3, $4, $5, $6, $7)"
_FOUND_FOR_EACH = """
    select partner.id as partner_id, found.* from unnest($3::uuid[]) as partner (id)
    cross join lateral guard_invitees($1, $2, null, null, null, partner.id, $4) as found
"""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An account that an identifier may mean, its contacts in clear, and what the rules ask of it."""

    account_id: UUID
    full_name: str
    mobile: str | None
    email: str | None
    invitee: Invitee


async def candidates(ctx: Context, partner: Partner, identifier: str) -> list[Candidate]:
    """The accounts of the partner's site with this mobile number, e-mail address or account name. Three statements."""
    policy, given = ctx.policy_of(partner), identifier.strip()
    mobile, email = normalise_mobile(given, policy=policy), normalise_email(given)
    rows = await db.fetch(
        _FOUND,
        partner.site,
        None,
        given,
        None if isinstance(mobile, Violation) else mobile,
        None if isinstance(email, Violation) else email,
        partner.id,
        compute_window_start(ctx.now, policy=policy),
    )
    ids = [row["account_id"] for row in rows]
    bound, invited = await _known_here(partner.id, ids)
    return [_candidate(row, row["account_id"] in bound, invited.get(row["account_id"])) for row in rows]


async def person_of(ctx: Context, partner: Partner, account_id: UUID) -> Invitee:
    """What the rules ask of an account that is about to be bound to the partner."""
    since = compute_window_start(ctx.now, policy=ctx.policy_of(partner))
    rows = await db.fetch(_FOUND, partner.site, account_id, None, None, None, partner.id, since)
    return _candidate(rows[0], False, None).invitee


async def oneself_for(ctx: Context, partner_ids: Collection[UUID]) -> dict[UUID, Invitee]:
    """What the rules ask of the caller's own account for each of these partners. One statement for all."""
    since = compute_window_start(ctx.now, policy=ctx.policy)
    rows = await db.fetch(_FOUND_FOR_EACH, ctx.actor.site, ctx.actor.account_id, sorted(partner_ids), since)
    return {row["partner_id"]: _candidate(row, False, None).invitee for row in rows}


def _candidate(row: Mapping[str, Any], bound_here: bool, invited_until: datetime | None) -> Candidate:
    known = row["known"]
    invitee = Invitee(
        kind=AccountKind(row["kind"]),
        is_enterprise="ENTERPRISE" in known,
        is_real_named="REAL_NAMED" in known,
        is_partner="PARTNER" in known,
        is_bound_elsewhere="ELSEWHERE" in known,
        partners=row["partners"],
        is_bound_here=bound_here,
        invited_until=invited_until,
    )
    return Candidate(row["account_id"], row["full_name"], row["mobile"], row["email"], invitee)


async def _known_here(partner_id: UUID, account_ids: Sequence[UUID]) -> tuple[set[UUID], dict[UUID, datetime]]:
    """Those bound to the partner now, and until when the partner's open invitations to the others last."""
    if not account_ids:
        return set(), {}
    bound = SpecialistBinding.filter(partner_id=partner_id, account_id__in=account_ids, unbound_at=None)
    invited = SpecialistInvitation.filter(
        partner_id=partner_id, account_id__in=account_ids, state=SpecialistInvitationState.INVITED
    )
    return {row.account_id for row in await bound}, {row.account_id: row.valid_until for row in await invited}


async def sent_today(ctx: Context, partner: Partner) -> int:
    """How many invitations the partner has sent on the site's day, those sent again included. One statement."""
    rows = SpecialistInvitation.filter(partner_id=partner.id, sent_on=day_of(ctx.now, Site(partner.site)))
    found: list[Any] = await rows.values_list("sent_that_day", flat=True)
    return sum(found)


async def entitlement(partner: Partner) -> list[Violation]:
    """What keeps the partner from inviting and binding anybody. Two statements."""
    rows = PlanMembership.filter(partner_id=partner.id, state=MembershipState.JOINED)
    entitled = check_entitled({row.plan for row in await rows}, set(await enrolled_paths(partner.id)))
    return entitled + check_standing(partner.standing, Undertaking.BIND_PERSONAL_ACCOUNT)


async def base_locations(bindings: Iterable[SpecialistBinding]) -> dict[UUID, str | None]:
    """The base location that each bound person tells, by its account, as far as the caller sees it. One statement."""
    profiles = SpecialistProfile.filter(account_id__in=[row.account_id for row in bindings])
    return {row.account_id: row.base_location for row in await profiles}
