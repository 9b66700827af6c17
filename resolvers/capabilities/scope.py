"""Whose applications for capability labels an actor sees, one of them for a command, and what it says."""

from uuid import UUID

from tortoise.queryset import QuerySet

from models.capabilities import CapabilityApplication
from models.partners import Partner
from resolvers.context import Context
from resolvers.nodes import findable, own_rows
from rules.access import Permission
from rules.capabilities import CapabilityForm
from rules.documents import Document
from rules.errors import ErrorCode, refuse


def visible(ctx: Context) -> QuerySet[CapabilityApplication]:
    """The vendor sees every application, a partner's people its own."""
    return own_rows(ctx, CapabilityApplication)


findable(CapabilityApplication, Permission.CAPABILITIES_READ, visible)


async def access_capability(ctx: Context, application_id: UUID) -> tuple[Partner, CapabilityApplication]:
    """The application and its partner, both locked; NOT_FOUND when the actor may not see it."""
    if not await visible(ctx).filter(id=application_id).exists():
        raise refuse(ErrorCode.NOT_FOUND, "input", "id")
    return await lock_capability(application_id)


async def lock_capability(application_id: UUID) -> tuple[Partner, CapabilityApplication]:
    """The application and its partner, locked, the partner first."""
    found = await CapabilityApplication.get(id=application_id).only("id", "partner_id")
    partner = await Partner.filter(id=found.partner_id).select_for_update().get()
    return partner, await CapabilityApplication.filter(id=application_id).select_for_update().get()


def form_of(row: CapabilityApplication) -> CapabilityForm:
    """What an application says, as the rules take it."""
    files = tuple(Document(**stored) for stored in row.evidence)
    return CapabilityForm(row.level1, tuple(row.level2), row.self_check, files)
