"""The root fields of opportunities."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from tortoise.queryset import QuerySet

from core.analyser.limits import Cost
from core.ids import filter_id
from models.accounts import Account as AccountRow
from models.customers import Customer as CustomerRow
from models.opportunities import RepOffice as RepOfficeRow
from resolvers import opportunities as use_cases
from resolvers.context import Context
from rules.opportunities import Industry, OpportunityState, Track
from schema.context import Info
from schema.fields import mutation, query
from schema.inputs import ref, text
from schema.opportunities import inputs
from schema.opportunities.types import DuplicateCheck, Opportunity, OpportunityUpdate
from schema.pages import Order, connection

_OLDEST_FIRST = Order(descending=False)
OpportunityId = Annotated[strawberry.ID | None, strawberry.argument(description="The opportunity's id.")]
OpportunityRef = Annotated[str | None, strawberry.argument(description="What your own system calls it.")]
GivenId = Annotated[strawberry.ID, strawberry.argument(description="The opportunity's id.")]


@strawberry.input(description="Which opportunities; every condition given must hold.")
class OpportunityFilter:
    """Absent or null: any."""

    states: list[OpportunityState] | None = strawberry.field(default=None, description="Any of these, at most 10.")
    customer: strawberry.ID | None = ref(CustomerRow, "About this customer.", default=None)
    office: strawberry.ID | None = ref(RepOfficeRow, "Verified by this office.", default=None)
    owner_user: strawberry.ID | None = ref(AccountRow, "With this member in charge.", default=None)
    external_ref: str | None = text("What your own system calls it.", most=64, default=None)
    updated_from: datetime | None = strawberry.field(default=None, description="Changed then or later.")
    updated_before: datetime | None = strawberry.field(default=None, description="Changed before.")

    def condition(self) -> use_cases.OpportunityFilter:
        """For the use case; an id that is none finds nothing."""
        return use_cases.OpportunityFilter(
            states=None if self.states is None else tuple(self.states),
            customer_id=filter_id(CustomerRow.prefix, self.customer),
            office_id=filter_id(RepOfficeRow.prefix, self.office),
            owner_user_id=filter_id(AccountRow.prefix, self.owner_user),
            external_ref=self.external_ref,
            updated_from=self.updated_from,
            updated_before=self.updated_before,
        )


@strawberry.input(description="Which of what waits; every condition given must hold.")
class OpportunityQueueFilter:
    """Absent or null: any."""

    tracks: list[Track] | None = strawberry.field(default=None, description="With any of these tags, at most 8.")
    industries: list[Industry] | None = strawberry.field(default=None, description="Any of these, at most 11.")
    claimed: bool | None = strawberry.field(default=None, description="Whether somebody has taken it up.")
    by_profile: bool = strawberry.field(
        default=False, description="Only what suits the tracks and industries of your own profile at the office."
    )

    def condition(self) -> use_cases.QueueFilter:
        """For the use case."""
        return use_cases.QueueFilter(
            tracks=None if self.tracks is None else tuple(self.tracks),
            industries=None if self.industries is None else tuple(self.industries),
            claimed=self.claimed,
            by_profile=self.by_profile,
        )


@strawberry.type
class OpportunityQueries:
    """Root reads of this domain."""

    @connection(use_cases.opportunities, Opportunity)
    def opportunities(self, ctx: Context, filter: OpportunityFilter | None = None) -> QuerySet[Any]:
        """Opportunities, newest first: a partner's own (an account manager's own ones); for the vendor what was
        submitted, for a PSM of its office, for an ecosystem manager of its partners.
        """
        wanted = filter.condition() if filter else use_cases.OpportunityFilter()
        return use_cases.opportunities(ctx, filter=wanted)

    @connection(use_cases.opportunity_queue, Opportunity, order=_OLDEST_FIRST)
    async def opportunity_queue(self, ctx: Context, filter: OpportunityQueueFilter | None = None) -> QuerySet[Any]:
        """For the vendor: what waits for you, oldest first. An ecosystem manager audits the opportunities of its
        partners, a PSM verifies those of its office.
        """
        wanted = filter.condition() if filter else use_cases.QueueFilter()
        return await use_cases.opportunity_queue(ctx, filter=wanted)

    @connection(use_cases.opportunity_updates, OpportunityUpdate)
    def opportunity_updates(self, ctx: Context, opportunity: OpportunityId = None) -> QuerySet[Any]:
        """The timeline of an opportunity, or what is new about all of them, newest first."""
        return use_cases.opportunity_updates(ctx, opportunity_id=opportunity)

    @query(use_cases.opportunity, cost=Cost(weight=1))
    async def opportunity(
        self, info: Info, id: OpportunityId = None, external_ref: OpportunityRef = None
    ) -> Opportunity | None:
        """One opportunity, by its id or by what your own system calls it."""
        return await use_cases.opportunity(info.context.ctx, id=id, external_ref=external_ref)  # type: ignore[return-value]

    @query(use_cases.opportunity_duplicates, cost=Cost(weight=5))
    async def opportunity_duplicates(self, info: Info, id: GivenId) -> DuplicateCheck | None:
        """Whether an opportunity of yours repeats a verified one, to be asked before it is submitted. Never tells
        which, nor whose; null for one you do not see.
        """
        return await use_cases.opportunity_duplicates(info.context.ctx, id=id)  # type: ignore[return-value]


@strawberry.type
class OpportunityMutations:
    """Root mutations of this domain."""

    save_opportunity_draft = mutation(
        use_cases.save_opportunity_draft, inputs.SaveOpportunityDraftInput, inputs.OpportunityPayload
    )
    delete_opportunity_draft = mutation(
        use_cases.delete_opportunity_draft, inputs.DeleteOpportunityDraftInput, inputs.DeletedOpportunityPayload
    )
    submit_opportunity = mutation(
        use_cases.submit_opportunity, inputs.SubmitOpportunityInput, inputs.OpportunityPayload
    )
    audit_opportunity = mutation(use_cases.audit_opportunity, inputs.AuditOpportunityInput, inputs.OpportunityPayload)
    claim_opportunity = mutation(use_cases.claim_opportunity, inputs.ClaimOpportunityInput, inputs.OpportunityPayload)
    verify_opportunity = mutation(
        use_cases.verify_opportunity, inputs.VerifyOpportunityInput, inputs.OpportunityPayload
    )
    update_opportunity_progress = mutation(
        use_cases.update_opportunity_progress, inputs.UpdateOpportunityProgressInput, inputs.OpportunityPayload
    )
    mark_opportunity_signed = mutation(
        use_cases.mark_opportunity_signed, inputs.MarkOpportunitySignedInput, inputs.OpportunityPayload
    )
    mark_opportunity_delivered = mutation(
        use_cases.mark_opportunity_delivered, inputs.MarkOpportunityDeliveredInput, inputs.OpportunityPayload
    )
    mark_opportunity_lost = mutation(
        use_cases.mark_opportunity_lost, inputs.MarkOpportunityLostInput, inputs.OpportunityPayload
    )
    cancel_opportunity = mutation(
        use_cases.cancel_opportunity, inputs.CancelOpportunityInput, inputs.OpportunityPayload
    )
    reveal_opportunity_contact = mutation(
        use_cases.reveal_opportunity_contact,
        inputs.RevealOpportunityContactInput,
        inputs.RevealedOpportunityPayload,
    )
