"""What a step on a path leaves behind for others."""

from models.paths import PathEnrollment
from resolvers.context import Context


def tell(ctx: Context, event: str, row: PathEnrollment) -> None:
    """The event of an enrollment, and the effect of the same name."""
    ctx.event(event, row, partner_id=row.partner_id, path=row.path.value, state=row.state.value)
    ctx.effect(event, row, path=row.path.value)
