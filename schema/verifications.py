"""GraphQL of step-up: answering a challenge, and the partner's switch."""

from typing import Any

import strawberry

from models.partners import Partner
from models.verifications import Verification
from resolvers import verifications
from schema.challenges import Challenge
from schema.context import Info
from schema.fields import Payload, mutation, query
from schema.inputs import CommandInput, SecretInput, SensitiveInput, ref, text


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


@strawberry.type(description="Whether the partner's sensitive operations ask for a code.")
class StepUpSwitch:
    """The source object is a Partner row."""

    version: int = strawberry.field(description="Give it as expectedVersion to be told when somebody was faster.")

    @strawberry.field(description="Whether it is on.")
    def enabled(self) -> bool:
        """The partner's column."""
        partner: Any = self
        return bool(partner.step_up_enabled)

    @classmethod
    def is_type_of(cls, obj: Any, info: Any) -> bool:
        """Whether the row is a partner."""
        return isinstance(obj, Partner)


@strawberry.input
class SetStepUpSwitchInput(SensitiveInput):
    """How the switch shall stand."""

    enabled: bool = strawberry.field(description="On or off.")
    expected_version: int | None = strawberry.field(default=None, description="The version you decided by.")


@strawberry.type(description="The switch concerned.")
class SetStepUpSwitchPayload(Payload):
    """The source object is a Partner row."""

    switch: StepUpSwitch | None = strawberry.field(description="The switch as it stands now.")


@strawberry.type
class VerificationQueries:
    """Root reads of this domain."""

    @query(verifications.step_up_switch)
    async def step_up_switch(self, info: Info) -> StepUpSwitch:
        """Whether the partner's sensitive operations ask for a code."""
        return await verifications.step_up_switch(info.context.ctx)  # type: ignore[return-value]


@strawberry.type
class VerificationMutations:
    """Root mutations of this domain."""

    set_step_up_switch = mutation(verifications.set_step_up_switch, SetStepUpSwitchInput, SetStepUpSwitchPayload)

    verify_challenge = mutation(verifications.verify_challenge, VerifyChallengeInput, VerifyChallengePayload)
    resend_challenge = mutation(verifications.resend_challenge, ResendChallengeInput, ResendChallengePayload)
