"""Reads about capability labels: the catalogue as a partner sees it, applications, and what may be done with one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise.queryset import QuerySet

from models.capabilities import CapabilityApplication
from models.partners import Partner
from resolvers.actions import ActionState, action
from resolvers.capabilities.applying import (
    create_capability_application,
    opened_of,
    submit_capability_application,
    update_capability_application,
)
from resolvers.capabilities.scope import form_of, visible
from resolvers.context import Context
from resolvers.paths.facts import labels_of
from resolvers.query import query
from resolvers.related import to_one
from rules.access import Permission
from rules.capabilities import (
    CAPABILITY,
    LABELS,
    CapabilityLabel,
    CapabilityState,
    HeldLabel,
    check_begin,
    check_capability,
)


@dataclass(frozen=True, slots=True)
class LabelOffer:
    """A label as the acting partner sees it: what it holds of it; where no partner acts, the catalogue's part alone."""

    label: CapabilityLabel
    held: Sequence[HeldLabel]
    application: CapabilityApplication | None
    actions: list[ActionState]

    def held_until(self, part: str | None = None) -> datetime | None:
        """Until when the label, or one of its parts, is valid; None when it is not held."""
        ends = [one.valid_until for one in self.held if part is None or part in one.level2]
        return max(ends, default=None)


@query(permission=Permission.CAPABILITIES_READ)
async def capability_labels(ctx: Context) -> list[LabelOffer]:
    """Every label of the catalogue: what your partner holds, its open application, whether it may apply."""
    own = await Partner.get_or_none(id=ctx.actor.partner_id) if ctx.actor.partner_id else None
    if own is None:
        return [LabelOffer(label, [], None, []) for label in LABELS.values()]
    held = (await labels_of(ctx, [own.id]))[own.id]
    opened = await opened_of(own)
    return [
        LabelOffer(
            label,
            [one for one in held if one.level1 == code],
            opened.get(code),
            [action(ctx, "APPLY", create_capability_application, check_begin(code, opened=opened))],
        )
        for code, label in LABELS.items()
    ]


@query(permission=Permission.CAPABILITIES_READ)
def capability_applications(
    ctx: Context, *, state: CapabilityState | None = None, level1: str | None = None
) -> QuerySet[CapabilityApplication]:
    """Every application that the actor sees."""
    wanted = {"state": state, "level1": level1}
    return visible(ctx).filter(**{name: value for name, value in wanted.items() if value is not None})


async def actions_of(ctx: Context, parents: Sequence[CapabilityApplication]) -> list[list[ActionState]]:
    """What the actor may do with each application, by the guards of the commands."""
    owners = {row.id: row for row in await Partner.filter(id__in={parent.partner_id for parent in parents})}
    held = await labels_of(ctx, owners)
    return [_actions(ctx, row, owners[row.partner_id], held[row.partner_id]) for row in parents]


def _actions(ctx: Context, row: CapabilityApplication, own: Partner, held: Sequence[HeldLabel]) -> list[ActionState]:
    submission = check_capability(row.state, form_of(row), held, now=ctx.now, policy=ctx.policy_of(own))
    return [
        action(ctx, "CHANGE", update_capability_application, CAPABILITY.check(row.state, "change")),
        action(ctx, "SUBMIT", submit_capability_application, submission),
    ]


partners_of = to_one("partner_id", Partner)
"""The partner of each application."""
