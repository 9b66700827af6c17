"""The types of the experts' incentive; source objects are rows, and schemes of the rules."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from resolvers import experts as use_cases
from rules.experts import (
    SCHEMES,
    ExpertIncentiveStatus,
    ExpertLevel,
    ExpertQualificationState,
    ExpertSchemeCode,
    Generation,
    MaterialKind,
)
from rules.statements import StatementCode, present
from schema.actions import ActionState
from schema.columns import looks_at
from schema.context import Info
from schema.documents import declared_list
from schema.enums import PathCode, PathStage
from schema.fields import HowMany, amount_of, relation
from schema.nodes import Node, OfRow, Versioned
from schema.rules import Statement
from schema.scalars import Money, money_of

if TYPE_CHECKING:
    from schema.incentives.types import PayoutRequest
    from schema.partners import Partner
    from schema.specialists.types import SpecialistBinding

PartnerType = Annotated["Partner", strawberry.lazy("schema.partners")]
BindingType = Annotated["SpecialistBinding", strawberry.lazy("schema.specialists.types")]
PayoutType = Annotated["PayoutRequest", strawberry.lazy("schema.incentives.types")]
ExpertType = Annotated["Expert", strawberry.lazy("schema.experts.types")]

strawberry.enum(ExpertSchemeCode, description="A way in which the vendor pays for a partner's experts.")
strawberry.enum(Generation, name="ExpertGeneration", description="When a scheme's list of a month is made.")
strawberry.enum(ExpertLevel, description="How much an expert can do; the amount of a month depends on it.")
strawberry.enum(MaterialKind, name="ExpertMaterial", description="What a partner shows about the experts of a month.")
strawberry.enum(ExpertQualificationState, description="Where a partner's application to a scheme stands.")
strawberry.enum(ExpertIncentiveStatus, description="Where the list of a month stands.")

_LINES = {"first": HowMany(20, 200, "How many of the experts")}


@strawberry.type(description="A partner's qualification for a scheme of the experts' incentive.")
class ExpertQualification(Versioned, Node, OfRow):
    """The source object is an ExpertQualification row."""

    scheme: ExpertSchemeCode = strawberry.field(description="Which scheme.")
    state: ExpertQualificationState = strawberry.field(description="Where it stands.")
    agreement_version: str = strawberry.field(description="The version of the scheme's agreement that was accepted.")
    submitted_at: datetime = strawberry.field(description="When it was applied for last.")
    qualified_at: datetime | None = strawberry.field(description="Since when it holds.")
    reason: str | None = strawberry.field(description="Why it was rejected.")
    partner = relation(use_cases.partners_of, PartnerType, "The partner.")


@strawberry.type(description="What an expert of a level gives in a month.")
class ExpertAmount:
    """Made from a scheme of the rules."""

    level: ExpertLevel = strawberry.field(description="The level.")
    amount: Money = strawberry.field(description="For one person and month.")


@strawberry.type(description="A scheme of the experts' incentive as the acting partner sees it.")
class ExpertScheme:
    """The source object is a SchemeOffer."""

    qualification: ExpertQualification | None = strawberry.field(
        description="Your partner's qualification; null when it has never applied."
    )
    actions: list[ActionState] = strawberry.field(description="What you may do: APPLY, REQUEST.")

    @strawberry.field(description="Its stable code.")
    def code(self) -> ExpertSchemeCode:
        """The scheme's code."""
        return _offer(self).scheme.code

    @strawberry.field(description="Its name in the caller's language.")
    def name(self, info: Info) -> str:
        """The title from the data."""
        return _offer(self).scheme.titles[info.context.ctx.locale]

    @strawberry.field(description="The development path whose partners may qualify.")
    def path(self) -> PathCode:
        """From the data."""
        return _offer(self).scheme.path

    @strawberry.field(description="The lowest stage on it at which they do.")
    def min_stage(self) -> PathStage:
        """From the data."""
        return _offer(self).scheme.min_stage

    @strawberry.field(description="When a month's list is made.")
    def generation(self) -> Generation:
        """From the data."""
        return _offer(self).scheme.generation

    @strawberry.field(description="The version of its agreement, to be accepted with the application.")
    def agreement_version(self) -> str:
        """The present version."""
        return present(StatementCode.EXPERT_INCENTIVE).version

    @strawberry.field(description="The agreement itself.")
    def agreement(self) -> Statement:
        """The version in force."""
        return present(StatementCode.EXPERT_INCENTIVE)  # type: ignore[return-value]

    @strawberry.field(description="What is handed in once a list is confirmed.")
    def materials(self) -> list[MaterialKind]:
        """From the data."""
        return list(_offer(self).scheme.materials)

    @strawberry.field(description="What each level gives on your site. Null until your partner is qualified.")
    def amounts(self) -> list[ExpertAmount] | None:
        """From the data."""
        offer = _offer(self)
        if offer.amounts is None:
            return None
        currency = offer.site.currency
        return [ExpertAmount(level=level, amount=money_of(amount, currency)) for level, amount in offer.amounts.items()]


def _offer(source: Any) -> use_cases.SchemeOffer:
    offer: use_cases.SchemeOffer = source
    return offer


@strawberry.type(description="Somebody whom the vendor has entered as an expert of a partner's for a scheme.")
class Expert(Versioned, Node, OfRow):
    """The source object is an Expert row."""

    masked_name: str = strawberry.field(description="How the person is called, masked.")
    scheme: ExpertSchemeCode = strawberry.field(description="For which scheme; a person is in one at a time.")
    level: ExpertLevel = strawberry.field(description="How much it can do.")
    assessed: bool = strawberry.field(description="Whether it has passed the vendor's own assessment.")
    project: str | None = strawberry.field(description="The project that it is entered for, where the scheme asks.")
    entered_at: datetime = strawberry.field(description="When it was entered.")
    ended_at: datetime | None = strawberry.field(description="From this instant on it is on no further list.")
    reason: str | None = strawberry.field(description="Why it was removed.")
    partner = relation(use_cases.partners_of, PartnerType, "The partner.")
    binding = relation(
        use_cases.bindings_of, BindingType | None, "As what it belongs to the partner, for those who see it."
    )
    actions = relation(
        use_cases.expert_actions, list[ActionState], "What you may do with it now: REMOVE.", columns=("ended_at",)
    )


@strawberry.type(description="One expert on a list.")
class ExpertIncentiveLine(Node, OfRow):
    """The source object is an ExpertIncentiveLine row."""

    masked_name: str = strawberry.field(description="How the person is called, masked.")
    level: ExpertLevel = strawberry.field(description="The level it had when the list was made.")
    amount = amount_of("amount", "What it gives for the month.")
    expert = relation(use_cases.experts_of, ExpertType, "The expert.")


@strawberry.type(description="A scheme's list of a month: the partner's experts, and what they come to.")
class ExpertIncentive(Versioned, Node, OfRow):
    """The source object is an ExpertIncentive row."""

    scheme: ExpertSchemeCode = strawberry.field(description="Which scheme.")
    period: str = strawberry.field(description="The month it is for, as 2026-03.")
    head_count: int = strawberry.field(description="How many experts are on it. You acknowledge it with confirming.")
    total = amount_of("amount", "What they come to together. You acknowledge it with confirming.")
    generated_at: datetime = strawberry.field(description="When it was made.")
    waits_since: datetime = strawberry.field(description="Since when the present step waits.")
    deadline: datetime = strawberry.field(
        description="From this instant on it is too late to check it, or to hand in its materials, and it expires."
    )
    deadline_provisional: bool = strawberry.field(
        description="Whether the deadline counts days that are not published yet, and may move."
    )
    confirmed_at: datetime | None = strawberry.field(description="When heads and total were acknowledged.")
    objection: str | None = strawberry.field(description="What the partner had against it last.")
    answer: str | None = strawberry.field(description="What the vendor answered.")
    employment_proofs = declared_list("employment_proofs", "Proof of the experts' employment.")
    insurance_proofs = declared_list("insurance_proofs", "Proof of their social insurance.")
    acceptance_proofs = declared_list("acceptance_proofs", "Certificates, cases and evaluations of the month.")
    submitted_at: datetime | None = strawberry.field(description="When the materials were handed in last.")
    approved_at: datetime | None = strawberry.field(description="When the vendor approved it.")
    reason: str | None = strawberry.field(description="Why the materials were sent back last.")
    partner = relation(use_cases.partners_of, PartnerType, "The partner.")
    payout = relation(use_cases.payouts_of, PayoutType | None, "The payout it is in; null while there is none.")
    lines = relation(
        use_cases.lines_of,
        list[ExpertIncentiveLine],
        "The experts on it, the one entered last first.",
        arguments=_LINES,
        columns=("id",),
    )
    actions = relation(
        use_cases.actions_of,
        list[ActionState],
        "What you may do with it now: CONFIRM, DISPUTE, SUBMIT_MATERIALS, REQUEST_PAYOUT; for the vendor"
        " ANSWER_DISPUTE.",
        columns=("amount", "deadline", "head_count", "id", "partner_id", "period", "scheme", "status"),
    )

    @strawberry.field(
        description="Where it stands now.", metadata=looks_at("status", "deadline", "head_count", "amount")
    )
    def status(self, info: Info) -> ExpertIncentiveStatus:
        """Past its time it has expired, marked or not."""
        row: Any = self
        return use_cases.standing_of(info.context.ctx, row)

    @strawberry.field(description="The scheme's name in the caller's language.", metadata=looks_at("scheme"))
    def scheme_name(self, info: Info) -> str:
        """The title from the data."""
        row: Any = self
        return SCHEMES[row.scheme].titles[info.context.ctx.locale]
