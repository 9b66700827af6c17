"""A code that was sent and waits to be answered."""

from datetime import datetime
from typing import Any

import strawberry

from rules.contacts import mask_email, mask_mobile
from rules.policy import CODES_GAP
from rules.sites import Site
from rules.verifications import Channel, CodeState
from schema.columns import looks_at
from schema.context import Info
from schema.nodes import Node, OfRow

strawberry.enum(Channel, name="ChallengeChannel", description="How a code travels.")
strawberry.enum(CodeState, name="ChallengeState", description="Where a code stands; expiry is a time, not a state.")


@strawberry.type(description="A verification code on its way. What it opens is decided when it is asked for.")
class Challenge(Node, OfRow):
    """The source object is a Verification row."""

    channel: Channel = strawberry.field(description="How the code travels.")
    state: CodeState = strawberry.field(description="Whether it has left; SEND_FAILED: ask for a new one.")
    expires_at: datetime = strawberry.field(description="From this instant on the code is refused.")

    @strawberry.field(description="The contact it was sent to, masked.", metadata=looks_at("channel", "target"))
    def sent_to(self) -> str:
        """The masked target."""
        row: Any = self
        return mask_mobile(row.target) if row.channel is Channel.SMS else mask_email(row.target)

    @strawberry.field(
        description="From when on another code may be asked for.", metadata=looks_at("created_at", "site")
    )
    def resend_after(self, info: Info) -> datetime:
        """The instant at which the gap between two codes is over."""
        row: Any = self
        moment: datetime = row.created_at + info.context.ctx.policies.at(Site(row.site), row.created_at)[CODES_GAP]
        return moment
