"""Step-up: a sensitive operation waits for a code that is bound to this very operation and input."""

from core import db
from core.tokens import digest
from models.accounts import Account
from models.verifications import Verification
from resolvers import codes
from resolvers.context import Context
from rules.errors import ErrorCode, refuse
from rules.policy import CODES_CHANNEL
from rules.sites import Site
from rules.verifications import Channel, CodeState, Scene

_CONSUME = """
    update verification set proof_used_at = $4, updated_at = $4
    where proof_digest = $1 and account_id = $2 and fingerprint = $3 and proof_used_at is null and proof_expires_at > $4
    returning id
"""


async def challenge(
    ctx: Context,
    operation: str,
    fingerprint: bytes,
    channel: Channel | None = None,
    preferred: Channel | None = None,
) -> Verification:
    """The open challenge for this input, or a new one with its code on the way by `channel`; without one by the
    `preferred`, where the account has a contact for it, or by the site's own.

    Refuses with CONTACT_NOT_BOUND when the account has no contact for the channel, or a send limit.
    """
    # Callers with the same input queue here: the second finds the challenge of the first instead of a limit.
    await db.lock_name(f"challenge:{fingerprint.hex()}")
    open_one = await Verification.filter(
        account_id=ctx.actor.account_id,
        fingerprint=fingerprint,
        used_at=None,
        expires_at__gt=ctx.now,
        state__in=(CodeState.PENDING, CodeState.SENT),
    ).first()
    if open_one is not None and open_one.tries < open_one.max_tries:
        return open_one
    to = await recipient(ctx, channel, preferred)
    return await codes.issue(ctx, Scene.SENSITIVE_OPERATION, to, operation=operation, fingerprint=fingerprint)


async def recipient(ctx: Context, channel: Channel | None = None, preferred: Channel | None = None) -> codes.Recipient:
    """Where the actor's codes go: the account's contact for `channel`, by default for the `preferred` one if it has
    that, else for its site's; CONTACT_NOT_BOUND without one.
    """
    account = await Account.get(id=ctx.actor.account_id)
    site, contacts = Site(account.site), {Channel.SMS: account.mobile, Channel.EMAIL: account.email}
    if channel is None and preferred is not None and contacts[preferred] is not None:
        channel = preferred
    channel = channel or Channel(ctx.policies.at(site, ctx.now)[CODES_CHANNEL])
    target = contacts[channel]
    if target is None:
        raise refuse(ErrorCode.CONTACT_NOT_BOUND, rule="codes.channel", parameters={"channel": channel.value})
    return codes.Recipient(site, channel, target, account.id, ctx.actor.partner_id)


async def consume(ctx: Context, proof: str, fingerprint: bytes) -> None:
    """Uses the proof up in the business transaction; PROOF_INVALID unless this account's, for this input, in time."""
    used = await db.fetch_one(_CONSUME, digest(proof), ctx.actor.account_id, fingerprint, ctx.now)
    if used is None:
        raise refuse(ErrorCode.PROOF_INVALID, "input", "proof", rule="codes.proof")
