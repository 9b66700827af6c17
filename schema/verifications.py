"""GraphQL of step-up: answering a challenge."""

import strawberry

from models.verifications import Verification
from resolvers import verifications
from schema.challenges import Challenge
from schema.fields import Payload, mutation
from schema.inputs import CommandInput, SecretInput, ref, text


@strawberry.input
class VerifyChallengeInput(SecretInput):
    """A challenge from a StepUpError and its code."""

    id: strawberry.ID = ref(Verification, "Id of the challenge.", argument="challenge_id")
    code: str = text("The code as received.", most=12)


@strawberry.type(description="The proof of an answered challenge.")
class VerifyChallengePayload(Payload):
    """The source object is a Proof."""

    challenge: Challenge | None = strawberry.field(description="The challenge as it stands now.")
    proof: str | None = strawberry.field(description="Shown once; send the same input with it within five minutes.")


@strawberry.input
class ResendChallengeInput(CommandInput):
    """The challenge whose code did not arrive."""

    id: strawberry.ID = ref(Verification, "Id of the challenge.", argument="challenge_id")


@strawberry.type(description="The new code on its way.")
class ResendChallengePayload(Payload):
    """The source object is a Verification."""

    challenge: Challenge | None = strawberry.field(description="The new challenge; the old one is dead.")


@strawberry.type
class VerificationMutations:
    """Root mutations of this domain."""

    verify_challenge = mutation(verifications.verify_challenge, VerifyChallengeInput, VerifyChallengePayload)
    resend_challenge = mutation(verifications.resend_challenge, ResendChallengeInput, ResendChallengePayload)
