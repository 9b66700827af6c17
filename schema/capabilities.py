"""GraphQL of capability labels: the catalogue, applications, badges, and what third parties say of applications."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from tortoise.queryset import QuerySet

from models.accounts import Account as AccountRow
from models.capabilities import CapabilityApplication as CapabilityApplicationRow
from models.capabilities import CapabilityAssessment as AssessmentRow
from resolvers import capabilities as use_cases
from resolvers.context import Context
from rules.capabilities import (
    CODE_LENGTH,
    LABELS,
    SELF_CHECK_LENGTH,
    STATEMENT_LENGTH,
    AssessmentState,
    CapabilityState,
)
from schema.actions import ActionState
from schema.columns import looks_at
from schema.context import Info
from schema.documents import declared_list, handed_in
from schema.fields import Payload, mutation, query, relation
from schema.inputs import KeyedInput, ref, text
from schema.nodes import Node, OfRow, Versioned
from schema.pages import connection

if TYPE_CHECKING:
    from schema.partners import Partner

strawberry.enum(CapabilityState, description="Where an application for a capability label stands.")
strawberry.enum(
    AssessmentState,
    name="CapabilityAssessmentState",
    description="What became of an assessment that the vendor has asked a third party for.",
)
Level1 = Annotated[str | None, strawberry.argument(description="Code of the level-1 label; null: any.")]
ApplicationId = Annotated[strawberry.ID | None, strawberry.argument(description="Only those of this application.")]
_FILES = "The files that show it, as many as the policy allows, 100 at most."


@strawberry.type(description="The badge of a capability label that is valid.")
class CapabilityBadge:
    """The source object is a Badge."""

    number: str = strawberry.field(description="Its number.")
    holder: str = strawberry.field(description="The partner's name.")
    valid_from: date = strawberry.field(description="First day on which it holds, on the partner's site.")
    valid_to: date = strawberry.field(description="Last day on which it holds.")

    @strawberry.field(description="The level-1 label in the caller's language.")
    def label(self, info: Info) -> str:
        """The title from the catalogue."""
        return _badge(self).title(info.context.ctx.locale)

    @strawberry.field(description="Its level-2 labels in the caller's language.")
    def parts(self, info: Info) -> list[str]:
        """The titles from the catalogue."""
        return [part[info.context.ctx.locale] for part in _badge(self).parts]

    @strawberry.field(description="The badge as plain text in English and Chinese.")
    def document(self) -> str:
        """Made from the fields."""
        return _badge(self).document()


def _badge(source: Any) -> use_cases.Badge:
    badge: use_cases.Badge = source
    return badge


@strawberry.type(description="A partner's application for a capability label, and the label that it leads to.")
class CapabilityApplication(Versioned, Node, OfRow):
    """The source object is a CapabilityApplication row."""

    level1: str = strawberry.field(description="Code of the level-1 label.")
    level2: list[str] = strawberry.field(description="Codes of those of its level-2 labels that are applied for.")
    self_check: str = strawberry.field(description="What the partner's own check against the standard came to.")
    evidence = declared_list("evidence", "The files that show it.")
    state: CapabilityState = strawberry.field(description="Where it stands.")
    submitted_at: datetime | None = strawberry.field(description="When it was submitted last.")
    valid_from: datetime | None = strawberry.field(description="Since when the label holds.")
    valid_until: datetime | None = strawberry.field(description="From this instant on it holds no more.")
    reason: str | None = strawberry.field(description="Why it was rejected last.")
    partner = relation(
        use_cases.partners_of,
        Annotated["Partner", strawberry.lazy("schema.partners")] | None,
        "The partner it belongs to, for those who see it: an assessor does not.",
    )
    badge = relation(
        use_cases.badges_of,
        CapabilityBadge | None,
        "The badge; null unless the label is valid.",
        columns=("badge_no", "level1", "level2", "partner_id", "state", "valid_from", "valid_until"),
    )
    actions = relation(
        use_cases.actions_of,
        list[ActionState],
        "What you may do with it now: CHANGE, SUBMIT, REQUEST_ASSESSMENT.",
        columns=("evidence", "level1", "level2", "partner_id", "self_check", "state"),
    )

    @strawberry.field(description="The level-1 label in the caller's language.", metadata=looks_at("level1"))
    def label_name(self, info: Info) -> str:
        """The title from the catalogue; the code of a label that it has no more."""
        return _label_name(self, info)


def _label_name(source: Any, info: Info) -> str:
    known = LABELS.get(source.level1)
    name: str = source.level1 if known is None else known.titles[info.context.ctx.locale]
    return name


@strawberry.type(
    description="A third party's assessment of an application, which the vendor has asked for. The applicant sees none."
)
class CapabilityAssessment(Versioned, Node, OfRow):
    """The source object is a CapabilityAssessment row."""

    partner_name: str = strawberry.field(description="Whose application it is about.")
    masked_name: str = strawberry.field(description="How the assessor is called, masked.")
    level1: str = strawberry.field(description="Code of the level-1 label.")
    due_at: datetime = strawberry.field(description="From this instant on it can no longer be given.")
    favourable: bool | None = strawberry.field(
        description="Whether the assessor is in favour of the label; null until it is given."
    )
    statement: str | None = strawberry.field(description="What that rests on, in the assessor's words.")
    ended_at: datetime | None = strawberry.field(description="When it was given, or ended otherwise.")
    application = relation(
        use_cases.applications_of,
        CapabilityApplication | None,
        "The application with its evidence. For the assessor as long as the assessment can be given, null afterwards.",
    )
    actions = relation(
        use_cases.assessment_actions,
        list[ActionState],
        "What you may do with it now: GIVE for the assessor, REVOKE for the vendor.",
        columns=("assessor_id", "due_at", "partner_id", "state"),
    )

    @strawberry.field(description="What became of it.", metadata=looks_at("state", "due_at"))
    def state(self, info: Info) -> AssessmentState:
        """The state that counts now."""
        row: Any = self
        return use_cases.state_of(info.context.ctx, row)

    @strawberry.field(description="The level-1 label in the caller's language.", metadata=looks_at("level1"))
    def label_name(self, info: Info) -> str:
        """The title from the catalogue; the code of a label that it has no more."""
        return _label_name(self, info)


@strawberry.type(description="A level-2 label as the acting partner sees it.")
class CapabilityPart:
    """Made from the catalogue."""

    code: str = strawberry.field(description="Its stable code, within the level-1 label.")
    name: str = strawberry.field(description="Its name in the caller's language.")
    held_until: datetime | None = strawberry.field(
        description="Until when your partner holds it; null when it does not."
    )


@strawberry.type(description="A level-1 label of the catalogue as the acting partner sees it.")
class CapabilityLabel:
    """The source object is a LabelOffer."""

    application: CapabilityApplication | None = strawberry.field(
        description="Your partner's application that is not decided for good; null without one."
    )
    actions: list[ActionState] = strawberry.field(description="What you may do: APPLY.")

    @strawberry.field(description="Its stable code.")
    def code(self) -> str:
        """The label's code."""
        return _offer(self).label.code

    @strawberry.field(description="Its name in the caller's language.")
    def name(self, info: Info) -> str:
        """From the catalogue."""
        return _offer(self).label.titles[info.context.ctx.locale]

    @strawberry.field(description="Whether the service path's differentiation asks for one such as this.")
    def core(self) -> bool:
        """From the catalogue."""
        return _offer(self).label.core

    @strawberry.field(description="Until when your partner holds it; null when it does not.")
    def held_until(self) -> datetime | None:
        """By the labels that are valid."""
        return _offer(self).held_until()

    @strawberry.field(description="The level-2 labels in it.")
    def level2(self, info: Info) -> list[CapabilityPart]:
        """From the catalogue."""
        offer, locale = _offer(self), info.context.ctx.locale
        return [
            CapabilityPart(code=part.code, name=part.titles[locale], held_until=offer.held_until(part.code))
            for part in offer.label.parts.values()
        ]


def _offer(source: Any) -> use_cases.LabelOffer:
    offer: use_cases.LabelOffer = source
    return offer


@strawberry.input
class CreateCapabilityApplicationInput(KeyedInput):
    """A draft; what is missing may come later, all of it is asked with the submission."""

    level1: str = text("Code of the level-1 label, from capabilityLabels.", most=CODE_LENGTH)
    level2: list[str] | None = text("Codes of its level-2 labels, each", most=CODE_LENGTH, default=None)
    self_check: str | None = text(
        "What your own check against the standard came to.", most=SELF_CHECK_LENGTH, default=None
    )
    evidence_ids: list[strawberry.ID] | None = handed_in(_FILES, argument="evidence_ids", default=None)


@strawberry.input
class UpdateCapabilityApplicationInput(KeyedInput):
    """What changes; null: stays. A list replaces the last one."""

    id: strawberry.ID = ref(CapabilityApplicationRow, "Id of the application.", argument="application_id")
    level2: list[str] | None = text("Codes of its level-2 labels, each", most=CODE_LENGTH, default=None)
    self_check: str | None = text(
        "What your own check against the standard came to.", most=SELF_CHECK_LENGTH, default=None
    )
    evidence_ids: list[strawberry.ID] | None = handed_in(_FILES, argument="evidence_ids", default=None)
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class SubmitCapabilityApplicationInput(KeyedInput):
    """The application to submit."""

    id: strawberry.ID = ref(CapabilityApplicationRow, "Id of the application.", argument="application_id")
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class RequestAssessmentInput(KeyedInput):
    """Whom the vendor asks about which application."""

    application_id: strawberry.ID = ref(CapabilityApplicationRow, "The application.", argument="application_id")
    identifier: str = text("The assessor's mobile number, e-mail address or account name.", most=64)
    account_id: strawberry.ID | None = ref(
        AccountRow, "The account meant, where several match.", argument="account_id", default=None
    )


@strawberry.input
class RevokeAssessmentInput(KeyedInput):
    """Which assessment is taken back."""

    id: strawberry.ID = ref(AssessmentRow, "Id of the assessment.", argument="assessment_id")
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class GiveAssessmentInput(KeyedInput):
    """What you say to the vendor."""

    id: strawberry.ID = ref(AssessmentRow, "Id of the assessment.", argument="assessment_id")
    favourable: bool = strawberry.field(description="Whether you are in favour of the label.")
    statement: str = text("What that rests on, point by point of the standard.", most=STATEMENT_LENGTH)
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.type(description="The assessment concerned.")
class CapabilityAssessmentPayload(Payload):
    """The source object is a CapabilityAssessment."""

    assessment: CapabilityAssessment | None = strawberry.field(description="The assessment as it stands now.")


@strawberry.type(description="The application concerned.")
class CapabilityApplicationPayload(Payload):
    """The source object is a CapabilityApplication."""

    application: CapabilityApplication | None = strawberry.field(description="The application as it stands now.")


@strawberry.type
class CapabilityQueries:
    """Root reads of this domain."""

    @query(use_cases.capability_labels)
    async def capability_labels(self, info: Info) -> list[CapabilityLabel]:
        """Every capability label: what your partner holds of it, and whether it may apply."""
        return await use_cases.capability_labels(info.context.ctx)  # type: ignore[return-value]

    @connection(use_cases.capability_applications, CapabilityApplication)
    def capability_applications(
        self, ctx: Context, state: CapabilityState | None = None, level1: Level1 = None
    ) -> QuerySet[Any]:
        """Applications for capability labels that you see, newest first: your partner's, for the vendor everybody's,
        for a person those that wait for its assessment.
        """
        return use_cases.capability_applications(ctx, state=state, level1=level1)

    @connection(use_cases.assessments, CapabilityAssessment)
    def assessments(
        self, ctx: Context, state: AssessmentState | None = None, application: ApplicationId = None
    ) -> QuerySet[Any]:
        """Third parties' assessments of applications, newest first: for the vendor all, else those asked of you."""
        return use_cases.assessments(ctx, state=state, application=application)


@strawberry.type
class CapabilityMutations:
    """Root mutations of this domain."""

    create_capability_application = mutation(
        use_cases.create_capability_application, CreateCapabilityApplicationInput, CapabilityApplicationPayload
    )
    update_capability_application = mutation(
        use_cases.update_capability_application, UpdateCapabilityApplicationInput, CapabilityApplicationPayload
    )
    submit_capability_application = mutation(
        use_cases.submit_capability_application, SubmitCapabilityApplicationInput, CapabilityApplicationPayload
    )
    request_assessment = mutation(use_cases.request_assessment, RequestAssessmentInput, CapabilityAssessmentPayload)
    revoke_assessment = mutation(use_cases.revoke_assessment, RevokeAssessmentInput, CapabilityAssessmentPayload)
    give_assessment = mutation(use_cases.give_assessment, GiveAssessmentInput, CapabilityAssessmentPayload)
