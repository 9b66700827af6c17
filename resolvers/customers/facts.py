"""What the rules of reporting and inviting need to know, gathered and locked in the one order."""

from datetime import datetime
from uuid import UUID

from tortoise.expressions import Q

from core import db
from models.accounts import Account
from models.customers import CustomerReport
from models.guards import known_of_contact
from models.partners import Partner
from resolvers.context import Context
from resolvers.partners import standing_of
from rules.contacts import normalise_email, normalise_mobile
from rules.customers import (
    Contact,
    Prospect,
    ReportDraft,
    Reporter,
    ReportFacts,
    ReportStatus,
    compute_aged_before,
)
from rules.errors import Rejected, Violation, require
from rules.money import parse_amount
from rules.sites import Site


def stored_contact(ctx: Context, mobile: str | None, email: str | None) -> Contact:
    """The contacts in their stored form; refuses with what is wrong about either."""
    policy = ctx.policy
    found = {
        "mobile": None if mobile is None else normalise_mobile(mobile, policy=policy, path=("input", "mobile")),
        "email": None if email is None else normalise_email(email, path=("input", "email")),
    }
    require([value for value in found.values() if isinstance(value, Violation)])
    return Contact(**found)  # type: ignore[arg-type]


def minor_units(amount: str, *path: str) -> int:
    """A decimal amount in minor units; refuses one in another form."""
    found = parse_amount(amount, *path)
    if isinstance(found, Violation):
        raise Rejected([found])
    return found


async def locked_partner(ctx: Context) -> Partner:
    """The acting partner, locked: who counts its reports must be alone."""
    return await Partner.filter(id=ctx.actor.partner_id).select_for_update(no_key=True).get()


async def lock_contact(site: str, contact: Contact) -> None:
    """Lets one transaction at a time decide whose a contact is, whichever partner asks."""
    for text in sorted(filter(None, (contact.mobile, contact.email))):
        await db.lock_name(f"customer:{site}:{text}")


async def reporter_of(ctx: Context, partner: Partner, *, open_reports: int = 0) -> Reporter:
    """The partner and the person acting for it, as the rules see them."""
    account = await Account.get(id=ctx.actor.account_id)
    return Reporter(
        standing=await standing_of(partner),
        may_develop=partner.may_develop,
        may_refer=partner.may_refer,
        has_contact=bool(account.mobile or account.email),
        open_reports=open_reports,
    )


async def prospect_of(
    ctx: Context, site: str, partner_id: UUID, contact: Contact, *, reported_at: datetime | None = None
) -> Prospect:
    """What holds of the customer behind a contact now; an account's age is taken at `reported_at`, by default now."""
    policy = ctx.policies.at(Site(site), ctx.now)
    known = await known_of_contact(
        site=site,
        mobile=contact.mobile,
        email=contact.email,
        partner_id=partner_id,
        now=ctx.now,
        aged_before=compute_aged_before(reported_at or ctx.now, policy),
    )
    return Prospect.of(known)


async def open_contacts(ctx: Context, partner_id: UUID) -> dict[UUID, Contact]:
    """The partner's reports in review and those that hold, each with its contact; the limit keeps them few."""
    holds = Q(status=ReportStatus.PENDING_REVIEW) | Q(status=ReportStatus.REPORTED, valid_until__gt=ctx.now)
    rows = await CustomerReport.filter(holds, partner_id=partner_id).values_list("id", "mobile", "email")
    return {row[0]: Contact(row[1], row[2]) for row in rows}


async def facts_of(ctx: Context, partner: Partner, draft: ReportDraft) -> ReportFacts:
    """Everything that decides on a new report; the partner must be locked."""
    contact = Contact(draft.mobile, draft.email)
    await lock_contact(partner.site, contact)
    taken = await open_contacts(ctx, partner.id)
    return ReportFacts(
        draft=draft,
        reporter=await reporter_of(ctx, partner, open_reports=len(taken)),
        prospect=await prospect_of(ctx, partner.site, partner.id, contact),
        own_open=any(shares(contact, other) for other in taken.values()),
    )


def shares(one: Contact, other: Contact) -> bool:
    """Whether two contacts have the number or the address in common."""
    return (one.mobile is not None and one.mobile == other.mobile) or (
        one.email is not None and one.email == other.email
    )
