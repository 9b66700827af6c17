"""The timeline, and who is told what of an opportunity."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from core import db
from models.accounts import Account
from models.base import Row
from models.opportunities import Opportunity, OpportunityUpdate
from models.partners import Partner
from resolvers.context import Context, Somebody
from resolvers.opportunities.facts import side_of
from rules.access import Role
from rules.opportunities import UpdateKind


async def record(
    ctx: Context, opportunity: Opportunity, kind: UpdateKind, text: str | None = None, **more: Any
) -> OpportunityUpdate:
    """Adds an entry to the timeline."""
    return await OpportunityUpdate.create(
        opportunity_id=opportunity.id,
        partner_id=opportunity.partner_id,
        kind=kind,
        side=side_of(ctx),
        author_id=ctx.actor.account_id,
        at=ctx.now,
        text=text,
        **more,
    )


async def psms_of(office_id: UUID | None, *, but: UUID | None = None) -> list[Somebody]:
    """The partner sales managers of an office who can sign in, without the one who acts."""
    row = await db.fetch_one("select guard_office_psms($1) as found", office_id)
    return _people(row, but)


async def eco_managers_of(partner: Partner) -> list[Somebody]:
    """The ecosystem manager who answers for the partner; all of the site's where nobody does."""
    return _people(await db.fetch_one("select guard_eco_managers($1) as found", partner.id))


def _people(row: dict[str, Any] | None, but: UUID | None = None) -> list[Somebody]:
    found = [] if row is None else row["found"]
    return [Somebody(Account, account_id) for account_id in found if account_id != but]


async def tell_partner(
    ctx: Context,
    template: str,
    opportunity: Opportunity,
    *,
    about: Row | None = None,
    facts: Mapping[str, str] | None = None,
) -> None:
    """A notice to the partner's administrators and to the member in charge, once to each."""
    partner = await Partner.get(id=opportunity.partner_id)
    owner = await Account.get_or_none(id=opportunity.owner_user_id)
    recipients: list[Row] = [partner]
    if owner is not None and not (owner.is_main or Role.SYSTEM_ADMIN in owner.roles):
        recipients.append(owner)
    ctx.notify(template, recipients, about=about or opportunity, names={"opportunity": opportunity}, facts=facts)
