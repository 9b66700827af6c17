"""The end of capability labels: notice of it, and what it does to the stages that rest on them."""

from uuid import UUID

from tortoise.expressions import Q

from core import db
from core.scope import EVERYTHING
from models.capabilities import CapabilityApplication
from resolvers.capabilities.scope import lock_capability, titles_of
from resolvers.command import Key, command
from resolvers.context import Context
from resolvers.paths.certifying import follow_lapse
from resolvers.paths.facts import labels_of
from resolvers.system import near_end
from rules.access import Permission
from rules.capabilities import CAPABILITY, CapabilityState, HeldLabel, is_near_end, is_superseded
from rules.policy import CAPABILITIES_NOTICE

BATCH = 500


async def due_capabilities(ctx: Context) -> list[UUID]:
    """Labels to which time does something: those near their end that nobody has been told of, and those over."""
    near = Q(near_end(ctx, "valid_until", lambda policy: policy[CAPABILITIES_NOTICE]), noticed_at__isnull=True)
    async with db.read(EVERYTHING):
        rows = CapabilityApplication.filter(Q(near | Q(valid_until__lte=ctx.now)), state=CapabilityState.PASSED)
        return [row.id for row in await rows.order_by("valid_until", "id").limit(BATCH).only("id")]


@command(
    permission=Permission.RUN_SCHEDULES,
    emits=("capability.near_end_noticed", "capability.expired", "path.endangered"),
    key=Key.OPTIONAL,
    as_system=True,
)
async def pass_capability_time(ctx: Context, *, application_id: UUID) -> CapabilityApplication | None:
    """Tells a partner that a label nears its end, or ends it and puts the stages at risk that rest on it. Of a label
    that a later one says as well, nobody is told.
    """
    own, row = await lock_capability(application_id)
    until = row.valid_until
    if row.state is not CapabilityState.PASSED or until is None or not is_near_end(until, ctx.now, ctx.policy_of(own)):
        return None
    held = (await labels_of(ctx, [own.id]))[own.id]
    told = not is_superseded(HeldLabel(row.level1, frozenset(row.level2), until), held)
    label, over = titles_of(row), ctx.now >= until
    if over:
        await row.change(now=ctx.now, state=CAPABILITY.after(row.state, "expire"))
    elif row.noticed_at is None:
        await row.change(now=ctx.now, noticed_at=ctx.now)
    else:
        return None
    event = "capability.expired" if over else "capability.near_end_noticed"
    ctx.event(event, row, partner_id=own.id, label=row.level1)
    ctx.effect(event, row)
    if told:
        template = "capability_expired" if over else "capability_expiring"
        ctx.notify(template, own, about=row, facts={"label": label}, instants={"until": until})
    if over:
        await follow_lapse(ctx, own)
    return row
