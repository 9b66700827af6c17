"""A person's answer to a partner's invitation: by the link, or from the product where it is signed in."""

from uuid import UUID

from core.tokens import TokenKind, digest, kind_of
from models.accounts import Account
from models.partners import Partner
from models.specialists import SpecialistBinding, SpecialistInvitation, SpecialistProfile
from resolvers.command import Key, command
from resolvers.context import Context, Somebody
from resolvers.query import query
from resolvers.specialists.facts import entitlement, person_of
from resolvers.specialists.inviting import PERSON_REFUSALS
from resolvers.specialists.scope import access_own_invitation
from rules.access import Permission
from rules.accounts import AccountStatus
from rules.errors import ErrorCode, Rejected, refuse, require
from rules.specialists import (
    INVITATION,
    BindingState,
    Link,
    check_link,
    check_person,
    check_statement,
)

_LINK = (ErrorCode.REQUIRED, ErrorCode.LINK_INVALID, ErrorCode.LINK_USED, ErrorCode.LINK_EXPIRED)


@query(permission=Permission.SPECIALISTS_ANSWER_INVITATION)
async def specialist_invitation(ctx: Context, *, token: str) -> SpecialistInvitation | None:
    """The invitation that a link leads to; None alike for one that is unknown, over, answered or somebody else's."""
    rows = SpecialistInvitation.filter(token_digest=digest(token), account_id=ctx.actor.account_id)
    found = await rows.first()
    return None if found is None or check_link(_link(found), now=ctx.now) else found


def _link(invitation: SpecialistInvitation) -> Link:
    return Link(invitation.state, invitation.valid_until)


async def _named(ctx: Context, token: str | None, invitation_id: UUID | None) -> SpecialistInvitation:
    """The invitation to the caller that its link or its id names, not locked yet."""
    if (token is None) == (invitation_id is None):
        raise refuse(ErrorCode.REQUIRED, "input", "token")
    mine = SpecialistInvitation.filter(account_id=ctx.actor.account_id)
    if token is None:
        found = await mine.get_or_none(id=invitation_id)
        refusal = refuse(ErrorCode.NOT_FOUND, "input", "id")
    else:
        found = await mine.get_or_none(token_digest=digest(token)) if kind_of(token) is TokenKind.INVITATION else None
        refusal = Rejected(check_link(None, now=ctx.now))
    if found is None:
        raise refusal
    return found


async def _open(ctx: Context, named: SpecialistInvitation, token: str | None) -> SpecialistInvitation:
    """The same invitation, locked, as long as it can be answered."""
    invitation = await access_own_invitation(ctx, named.id)
    if token is not None and bytes(invitation.token_digest) != digest(token):
        raise Rejected(check_link(None, now=ctx.now))
    require(check_link(_link(invitation), now=ctx.now))
    return invitation


@command(
    permission=Permission.SPECIALISTS_ANSWER_INVITATION,
    refuses=(*PERSON_REFUSALS, *_LINK, ErrorCode.AGREEMENT_REQUIRED),
    emits=("specialist.bound",),
    key=Key.NONE,
    as_system=True,
    sensitive=True,
)
async def accept_specialist_invitation(
    ctx: Context, *, token: str | None = None, invitation_id: UUID | None = None, statement_version: str | None = None
) -> SpecialistBinding:
    """Binds your personal account to the partner that invited it, and shares your qualification data with it.

    Give the link's token or the invitation's id. It opens for the invited account alone; any other one learns as little
    as from a link that never was. The present version of the statement on what is shared must be accepted, and
    everything that was checked when you were invited is checked again.
    """
    named = await _named(ctx, token, invitation_id)
    # The partner first, as whoever sends it again does: its account may be closing.
    partner = await Partner.filter(id=named.partner_id).select_for_update(no_key=True).get()
    invitation = await _open(ctx, named, token)
    account = await Account.filter(id=invitation.account_id).select_for_update(no_key=True).get()
    if account.status is not AccountStatus.ACTIVE:
        raise Rejected(check_link(None, now=ctx.now))  # closed in this very moment
    policy, person = ctx.policy_of(partner), await person_of(ctx, partner, invitation.account_id)
    require(
        check_statement(statement_version) + check_person(person, policy=policy, path=()) + await entitlement(partner)
    )
    await invitation.change(now=ctx.now, state=INVITATION.after(invitation.state, "accept"), answered_at=ctx.now)
    binding = await SpecialistBinding.insert(
        now=ctx.now,
        partner_id=partner.id,
        account_id=account.id,
        profile_id=(await _profile(ctx, account)).id,
        invitation_id=invitation.id,
        partner_name=partner.name,
        masked_name=invitation.masked_name,
        state=BindingState.BOUND,
        bound_at=ctx.now,
        statement_version=statement_version,
        consent_address=ctx.address,
    )
    ctx.event("specialist.bound", binding, partner_id=partner.id, statement_version=binding.statement_version)
    ctx.effect("specialist.bound", binding)
    ctx.notify("specialist_bound", partner, about=binding, names={"person": binding})
    ctx.notify("specialist_welcome", Somebody(Account, binding.account_id), about=binding, names={"partner": partner})
    return binding


async def _profile(ctx: Context, account: Account) -> SpecialistProfile:
    """What the person shares, with the account's present name and contacts; made when there is none yet."""
    told = {"full_name": account.full_name, "mobile": account.mobile, "email": account.email}
    profile = await SpecialistProfile.get_or_none(account_id=account.id)
    if profile is None:
        return await SpecialistProfile.insert(now=ctx.now, account_id=account.id, **told)
    await profile.change(now=ctx.now, **told)
    return profile


@command(
    permission=Permission.SPECIALISTS_ANSWER_INVITATION,
    refuses=_LINK,
    emits=("specialist_invitation.declined",),
    key=Key.NONE,
)
async def decline_specialist_invitation(
    ctx: Context, *, token: str | None = None, invitation_id: UUID | None = None
) -> SpecialistInvitation:
    """Says no to a partner's invitation, by the link's token or the invitation's id. The partner is told."""
    invitation = await _open(ctx, await _named(ctx, token, invitation_id), token)
    await invitation.change(now=ctx.now, state=INVITATION.after(invitation.state, "decline"), answered_at=ctx.now)
    ctx.event("specialist_invitation.declined", invitation, partner_id=invitation.partner_id)
    ctx.effect("specialist_invitation.declined", invitation)
    told = Somebody(Partner, invitation.partner_id)
    ctx.notify("specialist_invitation_declined", told, about=invitation, names={"person": invitation})
    return invitation
