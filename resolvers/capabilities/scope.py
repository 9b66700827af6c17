"""Whose applications for capability labels an actor sees, one of them for a command, and what it says."""

from functools import partial

from tortoise.queryset import QuerySet

from models.capabilities import CapabilityApplication
from resolvers.context import Context
from resolvers.locking import access_with_partner, lock_with_partner
from resolvers.nodes import findable, own_rows
from rules.access import Permission
from rules.capabilities import CapabilityForm
from rules.documents import Document


def visible(ctx: Context) -> QuerySet[CapabilityApplication]:
    """The vendor sees every application, a partner's people its own."""
    return own_rows(ctx, CapabilityApplication)


findable(CapabilityApplication, Permission.CAPABILITIES_READ, visible)


access_capability = partial(access_with_partner, CapabilityApplication)
"""The partner and the application, both locked; NOT_FOUND when the actor may not see it."""


lock_capability = partial(lock_with_partner, CapabilityApplication)
"""The partner and the application, both locked."""


def form_of(row: CapabilityApplication) -> CapabilityForm:
    """What an application says, as the rules take it."""
    files = tuple(Document(**stored) for stored in row.evidence)
    return CapabilityForm(row.level1, tuple(row.level2), row.self_check, files)
