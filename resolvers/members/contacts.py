"""The contacts of a new member, held against everybody's: how often they were others' is counted first."""

from dataclasses import dataclass

from core import db
from core.scope import EVERYTHING
from models.partners import Partner
from resolvers.accounts.guards import check_contact_guesses, count_contact_guesses
from resolvers.context import Context
from rules.contacts import normalise_email, normalise_mobile
from rules.errors import Violation


@dataclass(frozen=True, slots=True)
class NewContacts:
    """A new member's contacts in their stored form, and what speaks against them.

    `taken` names those that are others': MOBILE, EMAIL. Where the comparing was `refused`, nothing has been compared.
    """

    mobile: str | None
    email: str | None
    malformed: list[Violation]
    refused: list[Violation]
    taken: frozenset[str] = frozenset()


async def compare_contacts(
    ctx: Context, *, mobile: str | None = None, email: str | None = None, **_: object
) -> NewContacts:
    """Compares the contacts and counts those that are others', in a transaction of its own.

    The partner is locked from the look at the count until it is written, so that parallel guesses cannot outrun it.
    """
    (mobile, bad_mobile), (email, bad_email) = _mobile(ctx, mobile), _email(email)
    malformed = bad_mobile + bad_email
    async with db.transaction(EVERYTHING):
        own = await Partner.filter(id=ctx.actor.partner_id).select_for_update(no_key=True).get()
        refused = await check_contact_guesses(ctx, own)
        if refused:
            return NewContacts(mobile, email, malformed, refused)
        taken = await find_taken(own, mobile=mobile, email=email)
        if taken:
            await count_contact_guesses(ctx, own, len(taken))
    return NewContacts(mobile, email, malformed, [], taken)


async def find_taken(
    own: Partner, *, name: str | None = None, mobile: str | None = None, email: str | None = None
) -> frozenset[str]:
    """Which of these is taken: NAME by a member of the partner, present or past, MOBILE and EMAIL by an account of the
    site.
    """
    asked = (own.site, own.id, name, mobile, email)
    row = await db.fetch_one("select guard_account($1, $2, $3, $4, $5) as taken", *asked)
    return frozenset() if row is None else frozenset(row["taken"])


def _mobile(ctx: Context, text: str | None) -> tuple[str | None, list[Violation]]:
    if text is None:
        return None, []
    found = normalise_mobile(text, policy=ctx.policy, path=("input", "mobile"))
    return (None, [found]) if isinstance(found, Violation) else (found, [])


def _email(text: str | None) -> tuple[str | None, list[Violation]]:
    if text is None:
        return None, []
    found = normalise_email(text, path=("input", "email"))
    return (None, [found]) if isinstance(found, Violation) else (found, [])
