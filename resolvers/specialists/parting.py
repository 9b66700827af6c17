"""How a personal account leaves a partner: the person may ask for it, the main account alone does it."""

from uuid import UUID

from models.accounts import Account
from models.partners import Partner
from models.specialists import SpecialistBinding
from resolvers.command import command, expect_version
from resolvers.context import Context, Somebody
from resolvers.specialists.scope import access_binding, access_own_binding
from rules.access import Permission
from rules.errors import ErrorCode, require
from rules.specialists import BINDING, check_request_unbind, check_unbind


@command(
    permission=Permission.SPECIALISTS_UNBIND,
    refuses=(ErrorCode.STATE_CONFLICT, ErrorCode.SPECIALIST_MUST_BE_CANCELLED),
    emits=("specialist.unbound",),
    sensitive=True,
)
async def unbind_specialist(
    ctx: Context, *, binding_id: UUID, reason: str | None = None, expected_version: int | None = None
) -> SpecialistBinding:
    """Ends the binding of a personal account: from now on nothing of its data is shared with your partner.

    Only the partner's main account may. A project specialist must be cancelled first. Both sides are told.
    """
    binding = await access_binding(ctx, binding_id)
    expect_version(binding, expected_version)
    require(check_unbind(binding.state))
    said = (reason or "").strip() or None
    await binding.change(
        now=ctx.now,
        state=BINDING.after(binding.state, "unbind"),
        unbound_at=ctx.now,
        unbound_by=ctx.actor.account_id,
        reason=said,
    )
    ctx.audit(reason=said)
    ctx.event("specialist.unbound", binding)
    ctx.effect("specialist.unbound", binding)
    own = await Partner.get(id=binding.partner_id)
    ctx.notify("specialist_unbound", own, about=binding, names={"person": binding})
    ctx.notify("specialist_released", Somebody(Account, binding.account_id), about=binding, names={"partner": own})
    return binding


@command(
    permission=Permission.SPECIALISTS_REQUEST_UNBIND,
    refuses=(ErrorCode.STATE_CONFLICT, ErrorCode.REQUEST_ALREADY_OPEN),
    emits=("specialist.unbind_requested",),
)
async def request_specialist_unbind(ctx: Context, *, binding_id: UUID, reason: str) -> SpecialistBinding:
    """Asks your partner to end the binding of your account. Its administrators are told; only the main account ends it.

    You can ask once for each binding, also while you are a project specialist.
    """
    binding = await access_own_binding(ctx, binding_id)
    require(check_request_unbind(binding.state, binding.unbind_requested_at))
    await binding.change(now=ctx.now, unbind_requested_at=ctx.now, unbind_wish=reason.strip())
    ctx.event("specialist.unbind_requested", binding, partner_id=binding.partner_id)
    ctx.effect("specialist.unbind_requested", binding)
    told = Somebody(Partner, binding.partner_id)
    ctx.notify("specialist_unbind_requested", told, about=binding, names={"person": binding})
    return binding
