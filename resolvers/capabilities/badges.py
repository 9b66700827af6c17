"""The badge of a capability label: number, holder, label and validity, also as a text in both languages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from core.i18n import Locale, translate
from models.capabilities import CapabilityApplication
from models.partners import Partner
from resolvers.capabilities.scope import titles_of
from resolvers.context import Context
from rules.calendar import day_of
from rules.capabilities import LABELS, CapabilityState
from rules.sites import Site


@dataclass(frozen=True, slots=True)
class Badge:
    """What a badge says. Days are the site's, both included."""

    number: str
    holder: str
    label: Mapping[str, str]
    parts: Sequence[Mapping[str, str]]
    valid_from: date
    valid_to: date

    def title(self, locale: str) -> str:
        """The label in this language."""
        return self.label[locale]

    def document(self) -> str:
        """The text, in each of the languages."""
        return "\n\n".join(self._text(locale) for locale in Locale)

    def _text(self, locale: Locale) -> str:
        given = {
            "holder": self.holder,
            "label": self.title(locale),
            "number": self.number,
            "begin": self.valid_from.isoformat(),
            "end": self.valid_to.isoformat(),
        }
        head = [translate(f"badges.{line}", locale, given) for line in ("title", "holder", "label")]
        parts = [translate("badges.part", locale, {"part": part[locale]}) for part in self.parts]
        tail = [translate(f"badges.{line}", locale, given) for line in ("number", "valid")]
        return "\n".join(head + parts + tail)


async def badges_of(ctx: Context, parents: Sequence[CapabilityApplication]) -> list[Badge | None]:
    """The badge of each application whose label is valid; None of the others."""
    holders = {row.id: row for row in await Partner.filter(id__in={parent.partner_id for parent in parents})}
    return [_badge(ctx, row, holders.get(row.partner_id)) for row in parents]


def _badge(ctx: Context, row: CapabilityApplication, holder: Partner | None) -> Badge | None:
    passed = row.state is CapabilityState.PASSED and row.valid_until is not None and ctx.now < row.valid_until
    if not passed or holder is None or row.badge_no is None or row.valid_from is None or row.valid_until is None:
        return None
    site, known = Site(holder.site), LABELS.get(row.level1)
    parts = {} if known is None else known.parts
    return Badge(
        number=row.badge_no,
        holder=holder.name,
        label=titles_of(row),
        parts=[parts[code].titles if code in parts else {"en": code, "zh-CN": code} for code in row.level2],
        valid_from=day_of(row.valid_from, site),
        valid_to=day_of(row.valid_until - timedelta(microseconds=1), site),
    )
