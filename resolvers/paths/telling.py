"""What a step on a path leaves behind for others."""

from models.paths import PathEnrollment
from resolvers.context import Context


def tell(ctx: Context, event: str, row: PathEnrollment) -> None:
    """The event of an enrollment in its partner's feed."""
    ctx.event(event, row, partner_id=row.partner_id, path=row.path.value, state=row.state.value)
