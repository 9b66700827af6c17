"""GraphQL of declared relations between a partner's people and the vendor's."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from tortoise.queryset import QuerySet

from models.base import Mask
from resolvers import plans
from resolvers.context import Context
from rules.access import Permission
from rules.plans import RelationKind
from rules.plans.relations import NAME_LENGTH
from schema.columns import looks_at
from schema.fields import Payload, masked, mutation, relation
from schema.inputs import KeyedInput, text
from schema.nodes import Node, OfRow, encoded
from schema.pages import connection

if TYPE_CHECKING:
    from schema.partners import Partner

strawberry.enum(RelationKind, description="What one of a partner's people is to one of the vendor's.")
_SEEN = Permission.PLANS_DECIDE


@strawberry.type(description="A relation between one of a partner's people and one of the vendor's.")
class DeclaredRelation(OfRow):
    """The source object is a DeclaredRelation row."""

    kind: RelationKind = strawberry.field(description="What the one is to the other.")
    person_name = masked("person_name", Mask.NAME, "Who of the partner's people.", seen_with=(_SEEN,))
    person_position: str = strawberry.field(description="What that person is at the partner.")
    vendor_person_name = masked("vendor_person_name", Mask.NAME, "Who of the vendor's people.", seen_with=(_SEEN,))
    vendor_department: str = strawberry.field(description="Where that person works at the vendor.")


@strawberry.type(description="What a partner has declared about relations of its people with the vendor's.")
class RelationDeclaration(Node, OfRow):
    """The source object is a RelationDeclaration row."""

    declared_at: datetime = strawberry.field(description="When.")
    valid_until: datetime = strawberry.field(description="From this instant on a new one is asked for.")
    relation_count: int = strawberry.field(description="How many relations; 0 says that there is none.")
    relations = relation(plans.relations_of, list[DeclaredRelation], "The relations.", columns=("id",))
    partner = relation(
        plans.partners_of, Annotated["Partner", strawberry.lazy("schema.partners")], "In whose name it was made."
    )

    @strawberry.field(description="The account of the person who made it.", metadata=looks_at("declared_by"))
    def declared_by_id(self) -> strawberry.ID:
        """Its public id."""
        row: Any = self
        return encoded("acc", row.declared_by)


@strawberry.input(description="A relation between one of your people and one of the vendor's.")
class RelationInput:
    """Handed to use cases as a GivenRelation."""

    kind: RelationKind = strawberry.field(description="What the one is to the other.")
    person_name: str = text("Who of your people.", most=NAME_LENGTH)
    person_position: str = text("What that person is with you.", most=NAME_LENGTH)
    vendor_person_name: str = text("Who of the vendor's people.", most=NAME_LENGTH)
    vendor_department: str = text("Where that person works at the vendor.", most=NAME_LENGTH)


@strawberry.input
class DeclareRelationsInput(KeyedInput):
    """Every relation, or none."""

    relations: list[RelationInput] = strawberry.field(description="All of them, 50 at most; empty: there is none.")


@strawberry.type(description="The declaration that was made.")
class RelationDeclarationPayload(Payload):
    """The source object is a RelationDeclaration."""

    declaration: RelationDeclaration | None = strawberry.field(description="The declaration.")


@strawberry.type
class RelationQueries:
    """Root reads of declarations."""

    @connection(plans.relation_declarations, RelationDeclaration)
    def relation_declarations(self, ctx: Context) -> QuerySet[Any]:
        """Your partner's declarations of relations with the vendor's people, newest first; the vendor sees all."""
        return plans.relation_declarations(ctx)


@strawberry.type
class RelationMutations:
    """Root mutations of declarations."""

    declare_relations = mutation(plans.declare_relations, DeclareRelationsInput, RelationDeclarationPayload)
