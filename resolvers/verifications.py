"""Answering a step-up challenge, and the partner's switch that decides when one is asked."""

from uuid import UUID

from core.tokens import TokenKind, digest, new_token
from models.verifications import Verification
from resolvers import codes
from resolvers.command import Key, command
from resolvers.context import Context
from rules.access import Permission
from rules.errors import ErrorCode, refuse
from rules.policy import STEP_UP_PROOF_LIFE
from rules.verifications import Scene


class Proof:
    """The one-time proof that a challenge was answered; the text is shown once and stored as a digest."""

    def __init__(self, token: str, challenge: Verification) -> None:
        self.token = token
        self.challenge = challenge


async def _try_code(ctx: Context, *, challenge_id: UUID, code: str) -> codes.TriedCode:
    return await codes.attempt(ctx, challenge_id, Scene.SENSITIVE_OPERATION, code)


@command(
    permission=Permission.VERIFICATIONS_ANSWER,
    refuses=(ErrorCode.CODE_WRONG, ErrorCode.CODE_EXPIRED, ErrorCode.CODE_TOO_MANY_TRIES),
    secret=_try_code,
)
async def verify_challenge(ctx: Context, *, challenge_id: UUID, code: str) -> Proof:
    """Exchanges the right code for a proof that lives five minutes and opens the challenged input once."""
    challenge = ctx.verdict.require(ctx)
    await codes.spend(ctx, challenge)
    token = new_token(TokenKind.PROOF)
    await Verification.filter(id=challenge.id).update(
        proof_digest=digest(token), proof_expires_at=ctx.now + ctx.policy[STEP_UP_PROOF_LIFE]
    )
    return Proof(token, await Verification.get(id=challenge.id))


@command(
    permission=Permission.VERIFICATIONS_ANSWER,
    refuses=(ErrorCode.CODE_TOO_SOON, ErrorCode.CODE_SEND_LIMIT),
    key=Key.OPTIONAL,
    as_system=True,
    sensitive=True,
)
async def resend_challenge(ctx: Context, *, challenge_id: UUID) -> Verification:
    """Sends a new code for an open challenge of one's own; the old code dies."""
    old = await Verification.get_or_none(
        id=challenge_id, account_id=ctx.actor.account_id, scene=Scene.SENSITIVE_OPERATION, used_at=None
    )
    if old is None:
        raise refuse(ErrorCode.NOT_FOUND, "input", "id")
    to = codes.Recipient(ctx.actor.site, old.channel, old.target, old.account_id, old.partner_id)
    return await codes.issue(ctx, Scene.SENSITIVE_OPERATION, to, operation=old.operation, fingerprint=old.fingerprint)
