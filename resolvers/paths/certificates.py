"""The certificate of a stage that was reached: its number, holder, path, stage and end, also as a text."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from core.i18n import Locale, translate
from models.partners import Partner
from models.paths import PathEnrollment
from resolvers.context import Context
from rules.calendar import day_of
from rules.paths import PATHS, VALIDATED, DevelopmentPath, PathStage, stage_of
from rules.sites import Site


@dataclass(frozen=True, slots=True)
class PathCertificate:
    """What a certificate says; `valid_to` is the last day of the site on which it holds."""

    number: str
    holder: str
    path: DevelopmentPath
    stage: PathStage
    valid_to: date

    def title(self, locale: str) -> str:
        """The path in this language."""
        return self.path.titles[locale]

    def document(self) -> str:
        """The text, in each of the languages."""
        return "\n\n".join(self._text(locale) for locale in Locale)

    def _text(self, locale: Locale) -> str:
        given = {
            "holder": self.holder,
            "path": self.title(locale),
            "number": self.number,
            "end": self.valid_to.isoformat(),
        }
        lines = ("title", "holder", "path", self.stage.value, "number", "valid")
        return "\n".join(translate(f"path_certificates.{line}", locale, given) for line in lines)


async def certificates_of(ctx: Context, parents: Sequence[PathEnrollment]) -> list[PathCertificate | None]:
    """The certificate of each enrollment whose stage has one that is valid; None of the others."""
    holders = {row.id: row for row in await Partner.filter(id__in={parent.partner_id for parent in parents})}
    return [_certificate(ctx, row, holders.get(row.partner_id)) for row in parents]


def _certificate(ctx: Context, row: PathEnrollment, holder: Partner | None) -> PathCertificate | None:
    stage, end = stage_of(row.state), row.valid_until
    if holder is None or row.certificate_no is None or end is None or ctx.now >= end:
        return None
    if stage is None or stage not in VALIDATED:
        return None
    last = day_of(end - timedelta(microseconds=1), Site(holder.site))
    return PathCertificate(row.certificate_no, holder.name, PATHS[row.path], stage, last)
