"""Puts the domains together into one schema, refuses unclassified fields, tells the engine what it needs to know."""

import inspect

import strawberry
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    get_named_type,
)
from strawberry.schema.config import StrawberryConfig
from strawberry.types.field import StrawberryField

from core.execution.compiled import WRITES
from core.i18n import pattern
from models.registry import MODELS
from resolvers.pages import DEFAULT, MOST
from schema.accounts import AccountMutations, AccountQueries
from schema.accounts.real_name import RealNameCase
from schema.associations import AssociationMutations, AssociationQueries
from schema.bills import BillMutations, BillQueries
from schema.business_info.fields import BusinessInfoMutations, BusinessInfoQueries
from schema.capabilities import CapabilityMutations, CapabilityQueries
from schema.compiling import prepare
from schema.customers import CustomerMutations, CustomerQueries
from schema.errors import ConflictError, GenericError, QuotaError, StepUpError, TimingError
from schema.events import EventQueries
from schema.experts import ExpertMutations, ExpertQueries
from schema.feeds import FeedMutations, FeedQueries
from schema.funds import FundMutations, FundQueries
from schema.incentives.fields import IncentiveMutations, IncentiveQueries
from schema.incentives.performance import PerformanceMutations, PerformanceQueries
from schema.inputs import camel
from schema.members import MemberMutations, MemberQueries
from schema.messages import MessageMutations, MessageQueries, NoticeMutations, NoticeQueries
from schema.opportunities import OfficeMutations, OfficeQueries, OpportunityMutations, OpportunityQueries
from schema.partners import BenefitMutations, CompanyMutations, PartnerMutations, PartnerQueries
from schema.paths import PathMutations, PathQueries
from schema.plans import PlanMutations, PlanQueries, RelationMutations, RelationQueries
from schema.resellers import ResellerMutations, ResellerQueries
from schema.reviews import ReviewMutations, ReviewQueries
from schema.scalars import SCALARS, WRITTEN
from schema.solutions import SolutionMutations, SolutionQueries
from schema.specialists import SpecialistMutations, SpecialistQueries
from schema.todos import TodoQueries
from schema.uploads import UploadMutations, UploadQueries
from schema.verifications import VerificationMutations, VerificationQueries
from schema.vouchers import VoucherMutations, VoucherQueries
from schema.wallets import WalletQueries


@strawberry.type(description="Everything that can be read.")
class Query(
    AccountQueries,
    PartnerQueries,
    PlanQueries,
    RelationQueries,
    PathQueries,
    SolutionQueries,
    CapabilityQueries,
    FundQueries,
    ReviewQueries,
    UploadQueries,
    FeedQueries,
    TodoQueries,
    MemberQueries,
    BusinessInfoQueries,
    SpecialistQueries,
    CustomerQueries,
    AssociationQueries,
    IncentiveQueries,
    ExpertQueries,
    VoucherQueries,
    WalletQueries,
    ResellerQueries,
    BillQueries,
    PerformanceQueries,
    OpportunityQueries,
    OfficeQueries,
    VerificationQueries,
    MessageQueries,
    NoticeQueries,
    EventQueries,
):
    """The root of all reads."""


@strawberry.type(description="Everything that can be done.")
class Mutation(
    AccountMutations,
    PartnerMutations,
    CompanyMutations,
    BenefitMutations,
    PlanMutations,
    RelationMutations,
    PathMutations,
    SolutionMutations,
    CapabilityMutations,
    FundMutations,
    ReviewMutations,
    UploadMutations,
    FeedMutations,
    MemberMutations,
    SpecialistMutations,
    CustomerMutations,
    AssociationMutations,
    BusinessInfoMutations,
    IncentiveMutations,
    ExpertMutations,
    VoucherMutations,
    ResellerMutations,
    BillMutations,
    PerformanceMutations,
    OpportunityMutations,
    OfficeMutations,
    VerificationMutations,
    MessageMutations,
    NoticeMutations,
):
    """The root of all commands."""


class Unclassified(TypeError):
    """A field that nobody has said who may see: a root field without a use case, or personal data without a mask."""


def build() -> strawberry.Schema:
    """The schema, complete and classified."""
    return complete(
        strawberry.Schema(
            query=Query,
            mutation=Mutation,
            types=[GenericError, TimingError, QuotaError, ConflictError, StepUpError, RealNameCase],
            config=StrawberryConfig(scalar_map=SCALARS),
        )
    )


def complete(made: strawberry.Schema) -> strawberry.Schema:
    """Describes what has no words of its own and refuses, with `Unclassified`, a field that nobody has classified."""
    for kind in made._schema.type_map.values():
        if not kind.name.startswith("__"):
            _describe(kind)
            if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
                _finish(kind)
            if kind.name in WRITTEN:
                kind.extensions = {**kind.extensions, WRITES: WRITTEN[kind.name]}
            if isinstance(kind, GraphQLInputObjectType):
                _check_input(kind)
    return made


_PAGE = {
    "first": f"How many from the beginning, 1 to {MOST}; {DEFAULT} when neither first nor last is given.",
    "after": "Only what comes after this cursor of the same list.",
    "last": f"How many from the end, 1 to {MOST}.",
    "before": "Only what comes before this cursor of the same list.",
}


def _describe(kind: GraphQLNamedType) -> None:
    """Gives what Strawberry leaves without words its own: inputs their docstrings, enum values and arguments texts."""
    if isinstance(kind, GraphQLEnumType):
        for name, value in kind.values.items():
            section = "errors" if kind.name == "ErrorCode" else f"enums.{kind.name}"
            value.description = value.description or pattern(f"{section}.{name}")
    if isinstance(kind, GraphQLInputObjectType) and not kind.description:
        kind.description = inspect.getdoc(kind.extensions["strawberry-definition"].origin)
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        for field in kind.fields.values():
            for name, argument in field.args.items():
                argument.description = argument.description or _argument_text(name, get_named_type(argument.type))


def _argument_text(name: str, kind: GraphQLNamedType) -> str | None:
    """What an argument is for, where its name or its type says it all."""
    if isinstance(kind, GraphQLInputObjectType):
        return kind.description or inspect.getdoc(kind.extensions["strawberry-definition"].origin)
    if isinstance(kind, GraphQLEnumType):
        return f"Only those with this value. {kind.description}"
    return _PAGE.get(name)


def _finish(kind: GraphQLObjectType | GraphQLInterfaceType) -> None:
    """Checks each field's classification and puts cost, sensitivity and relation where the engine looks for them."""
    masked = _masked_columns(kind.name)
    for name, field in kind.fields.items():
        definition: StrawberryField = field.extensions["strawberry-definition"]
        metadata = definition.metadata
        if kind.name in ("Query", "Mutation") and "use_case" not in metadata:
            raise Unclassified(f"{kind.name}.{name} has no use case")
        if definition.python_name in masked and "mask" not in metadata:
            raise Unclassified(f"{kind.name}.{name} shows personal data without a mask")
        for argument in definition.arguments:
            argument.graphql_name = camel(argument.python_name)  # Strawberry would make it anew for each call
        field.extensions.update({key: value for key, value in metadata.get("extensions", {}).items() if value})
    prepare(kind)


def _check_input(kind: GraphQLInputObjectType) -> None:
    """Requires bounds of texts, and says each field's name outright: Strawberry would make it anew for each input."""
    for name, field in kind.fields.items():
        definition: StrawberryField = field.extensions["strawberry-definition"]
        definition.graphql_name = name
        if get_named_type(field.type).name == "String" and "text" not in definition.metadata:
            raise Unclassified(f"{kind.name}.{name} is a text without bounds")


def _masked_columns(type_name: str) -> set[str]:
    for model in MODELS:
        if model.__name__ == type_name:
            return set(getattr(model, "masks", {}))
    return set()


schema = build()


def sdl() -> str:
    """The schema in SDL, as it is committed in schema.graphql."""
    return schema.as_str() + "\n"
