"""The certificate of a membership: its number, holder, plan, tier and validity, also as a text in both languages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from core.i18n import Locale, translate
from models.partners import Partner
from models.plans import PlanMembership
from resolvers.context import Context
from rules.calendar import day_of
from rules.plans import PLANS, TIERS, MembershipState, Plan
from rules.sites import Site


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a certificate says. Days are the site's, both included; `valid_to` is None for no end."""

    number: str
    holder: str
    plan: Plan
    tiers: dict[str, str]
    valid_from: date
    valid_to: date | None

    def title(self, locale: str) -> str:
        """The plan in this language."""
        return self.plan.titles[locale]

    def document(self) -> str:
        """The text, in each of the languages."""
        return "\n\n".join(self._text(locale) for locale in Locale)

    def _text(self, locale: Locale) -> str:
        lines = ["title", "holder", "plan", *(["tier"] if self.tiers else []), "number"]
        lines += ["valid" if self.valid_to else "endless"]
        given = {
            "holder": self.holder,
            "plan": self.title(locale),
            "tier": self.tiers.get(locale, ""),
            "number": self.number,
            "begin": self.valid_from.isoformat(),
            "end": self.valid_to.isoformat() if self.valid_to else "",
        }
        return "\n".join(translate(f"certificates.{line}", locale, given) for line in lines)


async def certificates_of(ctx: Context, parents: Sequence[PlanMembership]) -> list[Certificate | None]:
    """The certificate of each membership that is in force; None of the others."""
    holders = {row.id: row for row in await Partner.filter(id__in={parent.partner_id for parent in parents})}
    return [_certificate(row, holders.get(row.partner_id)) for row in parents]


def _certificate(row: PlanMembership, holder: Partner | None) -> Certificate | None:
    begins_at = row.valid_from if row.state is MembershipState.JOINED else None
    if holder is None or begins_at is None or row.certificate_no is None:
        return None
    site = Site(holder.site)
    tier = next((known for known in TIERS[site] if known.code == row.tier), None)
    return Certificate(
        number=row.certificate_no,
        holder=holder.name,
        plan=PLANS[row.plan],
        tiers={} if tier is None else dict(tier.titles),
        valid_from=day_of(begins_at, site),
        valid_to=_last_day(row.valid_to, site),
    )


def _last_day(ends_at: datetime | None, site: Site) -> date | None:
    return None if ends_at is None else day_of(ends_at - timedelta(microseconds=1), site)
