"""Types of development paths: the catalogue with its stages, ways along it, the verdict about opportunities."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from core.i18n import translate
from resolvers import paths as use_cases
from rules.paths import (
    PATHS,
    AnnualState,
    BenefitKind,
    DevelopmentPath,
    PathExitBlocker,
    PathRecordKind,
    PathState,
    RequirementKind,
    RequirementPlace,
    stage_of,
)
from rules.plans import JoinMode
from schema.actions import ActionState
from schema.columns import looks_at
from schema.context import Info
from schema.enums import PathCode, PathStage
from schema.errors import UserError
from schema.fields import relation
from schema.nodes import Node, OfRow, Versioned

if TYPE_CHECKING:
    from schema.partners import Partner

strawberry.enum(PathState, description="Where a partner's way along a path stands.")
strawberry.enum(AnnualState, name="PathAnnualState", description="Whether a stage's yearly review is due.")
strawberry.enum(RequirementKind, description="What a stage may ask for.")
strawberry.enum(RequirementPlace, description="Where a partner acts to meet a requirement.")
strawberry.enum(PathExitBlocker, description="What keeps a partner on a path.")
strawberry.enum(PathRecordKind, description="What the vendor keeps count of for a partner.")
strawberry.enum(BenefitKind, name="PathBenefitKind", description="In which way a stage helps a partner.")


@strawberry.type(description="The certificate of a path's stage that is valid.")
class PathCertificate:
    """The source object is a PathCertificate of the use cases."""

    number: str = strawberry.field(description="Its number.")
    holder: str = strawberry.field(description="The partner's name.")
    stage: PathStage = strawberry.field(description="The stage that it is about.")
    valid_to: date = strawberry.field(description="Last day on which it holds, on the partner's site.")

    @strawberry.field(description="The path's name in the caller's language.")
    def path_name(self, info: Info) -> str:
        """The title from the catalogue."""
        return _certificate(self).title(info.context.ctx.locale)

    @strawberry.field(description="The certificate as plain text in English and Chinese.")
    def document(self) -> str:
        """Made from the fields."""
        return _certificate(self).document()


def _certificate(source: Any) -> use_cases.PathCertificate:
    certificate: use_cases.PathCertificate = source
    return certificate


@strawberry.type(description="A partner's way along a path, from invitation or choice to its end.")
class PathEnrollment(Versioned, Node, OfRow):
    """The source object is a PathEnrollment row."""

    path: PathCode = strawberry.field(description="Which path.")
    state: PathState = strawberry.field(description="Where it stands.")
    invited_at: datetime | None = strawberry.field(description="When the vendor invited.")
    invited_until: datetime | None = strawberry.field(description="From this instant on the invitation opens no more.")
    selected_at: datetime | None = strawberry.field(description="When the path was taken.")
    certified_at: datetime | None = strawberry.field(description="When the role was validated last.")
    differentiated_at: datetime | None = strawberry.field(description="When the highest stage was reached last.")
    ended_at: datetime | None = strawberry.field(description="When it was left, or the invitation expired.")
    case_materials: str | None = strawberry.field(description="Where the case materials are found.")
    business_plan: str | None = strawberry.field(description="Where the business plan is found.")
    certificate_no: str | None = strawberry.field(description="Number of the present certificate.")
    valid_until: datetime | None = strawberry.field(description="Until when the present certificate is valid.")
    annual_state: AnnualState = strawberry.field(description="Whether the yearly review is due.")
    annual_due_at: datetime | None = strawberry.field(
        description="By when it must be submitted; null while it is not due."
    )
    at_risk: bool = strawberry.field(description="Whether what the stage rests on has lapsed since.")
    reason: str | None = strawberry.field(description="Why it was rejected last, or left.")
    partner = relation(
        use_cases.partners_of, Annotated["Partner", strawberry.lazy("schema.partners")], "The partner it belongs to."
    )
    actions = relation(
        use_cases.actions_of,
        list[ActionState],
        "What you may do with it now: ACCEPT, APPLY_ROLE, APPLY_DIFFERENTIATION, SUBMIT_ANNUAL_REVIEW, WITHDRAW, EXIT,"
        " RECORD_EXIT.",
        columns=(
            "annual_due_at",
            "annual_state",
            "business_plan",
            "case_materials",
            "invited_until",
            "partner_id",
            "path",
            "state",
        ),
    )

    certificate = relation(
        use_cases.certificates_of,
        PathCertificate | None,
        "The certificate; null unless a stage has one that is valid.",
        columns=("certificate_no", "partner_id", "path", "state", "valid_until"),
    )

    @strawberry.field(
        description="The stage that counts; null when the partner is not on the path.", metadata=looks_at("state")
    )
    def stage(self) -> PathStage | None:
        """By the state."""
        return stage_of(self.state)

    @strawberry.field(description="The path's name in the caller's language.", metadata=looks_at("path"))
    def path_name(self, info: Info) -> str:
        """The title from the catalogue."""
        return PATHS[self.path].titles[info.context.ctx.locale]


@strawberry.type(description="One thing that a stage asks for.")
class PathRequirement:
    """Made from the rule's requirement."""

    stage: PathStage = strawberry.field(description="The stage that asks for it.")
    kind: RequirementKind = strawberry.field(description="What is asked for.")
    title: str = strawberry.field(description="The same in the caller's language.")
    needed: int = strawberry.field(description="How many are needed.")
    have: int = strawberry.field(description="How many there are.")
    met: bool = strawberry.field(description="Whether there are enough.")
    place: RequirementPlace = strawberry.field(description="Where you act to get more.")


@strawberry.type(description="One thing that keeps your partner on the path.")
class PathExitObstacle:
    """Made from the rule's blocker."""

    kind: PathExitBlocker = strawberry.field(description="What it is.")
    title: str = strawberry.field(description="The same in the caller's language.")


@strawberry.type(description="What a stage opens.")
class PathBenefit:
    """Made from the catalogue."""

    stage: PathStage = strawberry.field(description="From which stage on.")
    kind: BenefitKind = strawberry.field(description="In which way it helps.")
    name: str = strawberry.field(description="What it is, in the caller's language.")


@strawberry.type(name="Path", description="A path of the catalogue as the acting partner sees it.")
class PathType:
    """The source object is a PathOffer."""

    enrollment: PathEnrollment | None = strawberry.field(
        description="Your partner's invitation or way along it; null without one."
    )
    actions: list[ActionState] = strawberry.field(
        description="What you may do: SELECT, and with an enrollment its actions."
    )

    @strawberry.field(description="Its stable code.")
    def code(self) -> PathCode:
        """The path's code."""
        return _path(self).code

    @strawberry.field(description="Its name in the caller's language.")
    def name(self, info: Info) -> str:
        """From the catalogue."""
        return _path(self).titles[info.context.ctx.locale]

    @strawberry.field(description="Whom it is for, in the caller's language.")
    def description(self, info: Info) -> str:
        """From the catalogue."""
        return _path(self).descriptions[info.context.ctx.locale]

    @strawberry.field(description="What partners on it do, in the caller's language.")
    def focus_areas(self, info: Info) -> list[str]:
        """From the catalogue."""
        return list(_path(self).focus[info.context.ctx.locale])

    @strawberry.field(description="Whether partners choose it by themselves or after an invitation.")
    def join_mode(self) -> JoinMode:
        """From the catalogue."""
        return _path(self).join

    @strawberry.field(description="Whether one account of a company alone may be on it.")
    def one_per_company(self) -> bool:
        """From the catalogue."""
        return _path(self).one_per_company

    @strawberry.field(description="What the stages open.")
    def benefits(self, info: Info) -> list[PathBenefit]:
        """From the catalogue."""
        locale = info.context.ctx.locale
        return [PathBenefit(stage=one.stage, kind=one.kind, name=one.titles[locale]) for one in _path(self).benefits]

    @strawberry.field(description="Your partner's stage; null when it is not on the path.")
    def stage(self) -> PathStage | None:
        """By the enrollment."""
        offer: Any = self
        return None if offer.enrollment is None else stage_of(offer.enrollment.state)

    @strawberry.field(description="What the stages ask of your partner; empty when no partner acts.")
    def requirements(self, info: Info) -> list[PathRequirement]:
        """By the rule of the commands."""
        offer: Any = self
        return [
            PathRequirement(
                stage=stage,
                kind=one.kind,
                title=translate(f"enums.RequirementKind.{one.kind.value}", info.context.ctx.locale),
                needed=one.needed,
                have=one.have,
                met=one.met,
                place=one.place,
            )
            for stage, one in offer.requirements
        ]

    @strawberry.field(description="Everything that keeps your partner on the path; empty when it is not on it.")
    def exit_blockers(self, info: Info) -> list[PathExitObstacle]:
        """By the guard of exitPath."""
        offer: Any = self
        locale = info.context.ctx.locale
        return [
            PathExitObstacle(kind=one, title=translate(f"enums.PathExitBlocker.{one.value}", locale))
            for one in offer.exit_blockers
        ]


def _path(offer: Any) -> DevelopmentPath:
    path: DevelopmentPath = offer.path
    return path


@strawberry.type(description="Whether the vendor may share its own opportunities with a partner.")
class HoEligibility:
    """The source object is the rule's verdict."""

    eligible: bool = strawberry.field(description="Whether nothing stands in the way.")
    reasons: list[UserError] = strawberry.field(description="Every reason against it.")
    deliveries: int = strawberry.field(description="Opportunities signed and delivered since the day below.")
    needed: int = strawberry.field(description="How many of them a certified partner needs.")
    since: date = strawberry.field(description="The first day that counts.")


@strawberry.type(description="How many of something the vendor knows a partner to have.")
class PathRecord(Versioned, Node, OfRow):
    """The source object is a PathRecord row."""

    kind: PathRecordKind = strawberry.field(description="What is counted.")
    count: int = strawberry.field(description="How many there are.")
