"""Answering a step-up challenge, and the partner's switch that decides when one is asked."""

from uuid import UUID

from tortoise.queryset import QuerySet

from core.tokens import TokenKind, digest, new_token
from models.accounts import Account
from models.partners import Partner
from models.verifications import Verification
from resolvers import codes, step_up
from resolvers.command import Key, StepUp, command, expect_version
from resolvers.context import Context
from resolvers.nodes import findable
from resolvers.query import query
from rules.access import Permission
from rules.accounts import check_lock
from rules.errors import ErrorCode, refuse, require
from rules.policy import STEP_UP_PROOF_LIFE
from rules.verifications import Scene, check_switch


def visible(ctx: Context) -> QuerySet[Verification]:
    """One's own step-up challenges; codes of other scenes are known by what asking for them answered."""
    return Verification.filter(account_id=ctx.actor.account_id, scene=Scene.SENSITIVE_OPERATION)


findable(Verification, Permission.VERIFICATIONS_ANSWER, visible)


class Proof:
    """The one-time proof that a challenge was answered; the text is shown once and stored as a digest."""

    def __init__(self, proof: str, challenge: Verification) -> None:
        self.proof = proof
        self.challenge = challenge


async def _try_code(ctx: Context, *, challenge_id: UUID, code: str) -> codes.TriedCode:
    return await codes.attempt(ctx, challenge_id, Scene.SENSITIVE_OPERATION, code)


@command(
    permission=Permission.VERIFICATIONS_ANSWER,
    refuses=(
        ErrorCode.CODE_WRONG,
        ErrorCode.CODE_EXPIRED,
        ErrorCode.CODE_TOO_MANY_TRIES,
        ErrorCode.CODE_SEND_FAILED,
        ErrorCode.ACCOUNT_LOCKED,
    ),
    secret=_try_code,
)
async def verify_challenge(ctx: Context, *, challenge_id: UUID, code: str) -> Proof:
    """Exchanges the right code for a proof that lives five minutes and opens the challenged input once.

    Even the right code opens nothing while too many wrong ones keep the account locked.
    """
    challenge = ctx.verdict.require(ctx)
    account = await Account.get(id=challenge.account_id)
    require(check_lock(account.locked_until, now=ctx.now))
    await codes.spend(ctx, challenge)
    token = new_token(TokenKind.PROOF)
    await Verification.filter(id=challenge.id).update(
        proof_digest=digest(token), proof_expires_at=ctx.now + ctx.policy[STEP_UP_PROOF_LIFE]
    )
    return Proof(token, await Verification.get(id=challenge.id))


@command(
    permission=Permission.VERIFICATIONS_ANSWER,
    refuses=(ErrorCode.CODE_TOO_SOON, ErrorCode.CODE_SEND_LIMIT, ErrorCode.CONTACT_NOT_BOUND),
    key=Key.OPTIONAL,
    as_system=True,
    sensitive=True,
)
async def resend_challenge(ctx: Context, *, challenge_id: UUID) -> Verification:
    """Sends a new code for an unanswered challenge of one's own, by the same channel, to the contact bound now.

    The old code dies.
    """
    old = await visible(ctx).filter(id=challenge_id, used_at=None).first()
    if old is None:
        raise refuse(ErrorCode.NOT_FOUND, "input", "id")
    to = await step_up.recipient(ctx, old.channel)
    return await codes.issue(ctx, Scene.SENSITIVE_OPERATION, to, operation=old.operation, fingerprint=old.fingerprint)


@query(permission=Permission.VERIFICATIONS_SET_SWITCH)
async def step_up_switch(ctx: Context) -> Partner:
    """The partner's switch for codes in sensitive operations."""
    return await Partner.get(id=ctx.actor.partner_id)


@command(
    permission=Permission.VERIFICATIONS_SET_SWITCH,
    refuses=(ErrorCode.STATE_CONFLICT,),
    emits=("partner.step_up_switched",),
    step_up=StepUp.ALWAYS,
    step_up_if=lambda given: not given["enabled"],
)
async def set_step_up_switch(ctx: Context, *, enabled: bool, expected_version: int | None = None) -> Partner:
    """Switches codes for the partner's sensitive operations on or off. Off needs a code; the main account is told."""
    partner = await Partner.filter(id=ctx.actor.partner_id).select_for_update().get()
    expect_version(partner, expected_version)
    require(check_switch(partner.step_up_enabled, enabled))
    await partner.change(now=ctx.now, step_up_enabled=enabled)
    account = await Account.get(id=ctx.actor.account_id)
    ctx.event("partner.step_up_switched", partner, enabled=enabled)
    ctx.effect("step_up.on" if enabled else "step_up.off", partner)
    ctx.notify("step_up_on" if enabled else "step_up_off", account, about=partner)
    return partner
