"""How events and messages of this domain name a scheme and a list."""

from collections.abc import Mapping

from models.experts import ExpertIncentive
from resolvers.context import Context
from rules.experts import SCHEMES, ExpertSchemeCode
from rules.money import format_amount


def title_of(code: ExpertSchemeCode) -> Mapping[str, str]:
    """The scheme's name in each language."""
    return dict(SCHEMES[code].titles)


def told_of(row: ExpertIncentive) -> dict[str, str | Mapping[str, str]]:
    """What a message says of a list: its scheme and month, the heads and the total."""
    return {
        "scheme": title_of(row.scheme),
        "period": row.period,
        "heads": str(row.head_count),
        "total": f"{format_amount(row.amount)} {row.currency}",
    }


def happened(ctx: Context, event: str, row: ExpertIncentive) -> None:
    """The event of what has just become of a list."""
    ctx.event(
        event,
        row,
        partner_id=row.partner_id,
        scheme=row.scheme.value,
        period=row.period,
        status=row.status.value,
        deadline=row.deadline.isoformat(),
    )
