"""GraphQL of reviews: the vendor's queue of everything that waits for a verdict, and a partner's or account's own."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from tortoise.queryset import QuerySet

from models.reviews import ReviewCase as ReviewRow
from resolvers.context import Context
from resolvers.reviews import deciding, reading
from rules.access import VENDOR_ROLES
from rules.reviews import ReviewKind, ReviewState
from rules.sites import Site
from schema.actions import ActionState
from schema.columns import looks_at
from schema.context import Info
from schema.fields import Payload, mutation, relation
from schema.inputs import KeyedInput, ref, text
from schema.nodes import Node, OfRow, Versioned, encoded
from schema.pages import Order, connection

if TYPE_CHECKING:
    from schema.partners import Partner

strawberry.enum(ReviewKind, description="What a review decides.")
strawberry.enum(ReviewState, description="Where one round of a review stands.")

PartnerType = Annotated["Partner", strawberry.lazy("schema.partners")]
_DUE_FIRST = Order("due_at", descending=False)


@strawberry.type(description="One round of a review: what was submitted, until when a verdict is due, what came of it.")
class ReviewCase(Versioned, Node, OfRow):
    """The source object is a ReviewCase row."""

    kind: ReviewKind = strawberry.field(description="What it decides.")
    state: ReviewState = strawberry.field(description="Where it stands.")
    site: Site = strawberry.field(description="Where the partner lives, or the account whose real name it is.")
    round: int = strawberry.field(description="1 for the first submission; what is submitted again is the next round.")
    submitted_at: datetime = strawberry.field(description="When it was submitted.")
    due_at: datetime = strawberry.field(description="From this instant on it is late.")
    decided_at: datetime | None = strawberry.field(description="When the vendor decided; null before.")
    reason: str | None = strawberry.field(description="Why it was rejected, or the reviewer's remark.")
    partner = relation(reading.partners_of, PartnerType | None, "Whose it is; null for a real name.")
    subject = relation(
        reading.subjects_of,
        Node | None,
        "What it is about; null where you may not see it.",
        columns=("subject_id", "subject_type"),
    )
    actions = relation(
        reading.actions_of,
        list[ActionState],
        "What you may do with it now: CLAIM, RELEASE, APPROVE, REJECT.",
        columns=("claimed_at", "claimed_by", "kind", "site", "state", "subject_id"),
    )

    @strawberry.field(
        description="The account of the reviewer who has taken it up. Null for partners.",
        metadata=looks_at("claimed_by"),
    )
    def claimed_by_id(self, info: Info) -> strawberry.ID | None:
        """The vendor's own affair."""
        row: Any = self
        shown = row.claimed_by is not None and info.context.ctx.actor.roles & VENDOR_ROLES
        return encoded("acc", row.claimed_by) if shown else None


@strawberry.input(description="Which reviews; every condition given must hold.")
class ReviewQueueFilter:
    """Absent or null: any."""

    kinds: list[ReviewKind] | None = strawberry.field(default=None, description="Of these kinds, one to twenty.")
    site: Site | None = strawberry.field(default=None, description="Of this site.")
    claimed: bool | None = strawberry.field(default=None, description="Whether somebody's claim holds.")
    mine: bool = strawberry.field(default=False, description="What you have taken up, also with your claim over.")
    overdue: bool = strawberry.field(default=False, description="Only what is late.")

    def condition(self) -> reading.QueueFilter:
        """As the use case takes it."""
        kinds = None if self.kinds is None else tuple(self.kinds)
        return reading.QueueFilter(kinds, self.site, self.claimed, self.mine, self.overdue)


@strawberry.input
class ClaimReviewInput(KeyedInput):
    """Which review is yours to decide from now on."""

    id: strawberry.ID = ref(ReviewRow, "Id of the review.", argument="review_id")
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class ReleaseReviewInput(KeyedInput):
    """Which review goes back to the queue."""

    id: strawberry.ID = ref(ReviewRow, "Id of the review.", argument="review_id")
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class DecideReviewInput(KeyedInput):
    """The verdict."""

    id: strawberry.ID = ref(ReviewRow, "Id of the review.", argument="review_id")
    approve: bool = strawberry.field(description="Approve or reject.")
    reason: str | None = text("Why it is rejected; who submitted it reads it.", most=500, default=None)
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.type(description="The review concerned.")
class ReviewPayload(Payload):
    """The source object is a ReviewCase."""

    review: ReviewCase | None = strawberry.field(description="The review as it stands now.")


@strawberry.type
class ReviewQueries:
    """Root reads of this domain."""

    @connection(reading.reviews, ReviewCase)
    def reviews(
        self,
        ctx: Context,
        kind: ReviewKind | None = None,
        state: ReviewState | None = None,
        subject: Annotated[
            strawberry.ID | None, strawberry.argument(description="Every round of this one subject.")
        ] = None,
    ) -> QuerySet[Any]:
        """Reviews that you see, newest first, with their verdicts: a partner its own, a reviewer those of its kinds."""
        return reading.reviews(ctx, kind=kind, state=state, subject=subject)

    @connection(reading.my_reviews, ReviewCase)
    def my_reviews(self, ctx: Context) -> QuerySet[Any]:
        """Every round of your own real name, newest first, with its verdict. Your partner does not see them."""
        return reading.my_reviews(ctx)

    @connection(reading.review_queue, ReviewCase, order=_DUE_FIRST)
    def review_queue(self, ctx: Context, filter: ReviewQueueFilter | None = None) -> QuerySet[Any]:
        """For the vendor: what waits for a verdict of yours, what is due first at the head."""
        return reading.review_queue(ctx, filter=filter.condition() if filter else reading.QueueFilter())


@strawberry.type
class ReviewMutations:
    """Root mutations of this domain."""

    claim_review = mutation(deciding.claim_review, ClaimReviewInput, ReviewPayload)
    release_review = mutation(deciding.release_review, ReleaseReviewInput, ReviewPayload)
    decide_review = mutation(deciding.decide_review, DecideReviewInput, ReviewPayload)
