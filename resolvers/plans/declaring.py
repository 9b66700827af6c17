"""Declarations of relations between a partner's people and the vendor's."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from tortoise.queryset import QuerySet

from models.partners import Partner
from models.plans import DeclaredRelation, RelationDeclaration
from resolvers.command import command
from resolvers.context import Context
from resolvers.nodes import findable, own_rows
from resolvers.query import query
from rules.access import Permission
from rules.errors import ErrorCode, require
from rules.plans import GivenRelation, check_relations, compute_declaration_end


def visible(ctx: Context) -> QuerySet[RelationDeclaration]:
    """The vendor sees every declaration, a partner's people its own."""
    return own_rows(ctx, RelationDeclaration)


findable(RelationDeclaration, Permission.PLANS_READ, visible)


@query(permission=Permission.PLANS_READ)
def relation_declarations(ctx: Context) -> QuerySet[RelationDeclaration]:
    """What has been declared; nothing is ever changed or taken away."""
    return visible(ctx)


async def relations_of(ctx: Context, parents: Sequence[RelationDeclaration]) -> list[list[DeclaredRelation]]:
    """The relations of each declaration in the order given."""
    rows = await DeclaredRelation.filter(declaration_id__in=[parent.id for parent in parents]).order_by("id")
    return [[row for row in rows if row.declaration_id == parent.id] for parent in parents]


async def declared_by(partner_ids: Iterable[UUID], *, now: datetime) -> set[UUID]:
    """Those of the partners whose declaration holds."""
    rows = RelationDeclaration.filter(partner_id__in=list(partner_ids), valid_until__gt=now)
    return {row.partner_id for row in await rows.only("partner_id")}


@command(
    permission=Permission.PLANS_JOIN,
    refuses=(ErrorCode.REQUIRED, ErrorCode.OUT_OF_RANGE, ErrorCode.TOO_MANY, ErrorCode.REPEATED),
    emits=("relation_declaration.made",),
)
async def declare_relations(ctx: Context, *, relations: list[GivenRelation]) -> RelationDeclaration:
    """Declares every relation of your people with the vendor's, or with an empty list that there is none. Plans that
    make a partner a seller ask for a declaration that holds; a new one takes the place of the last.
    """
    require(check_relations(relations))
    own = await Partner.filter(id=ctx.actor.partner_id).select_for_update().get()
    policy = ctx.policy_of(own)
    declaration = await RelationDeclaration.create(
        partner_id=own.id,
        declared_by=ctx.actor.account_id,
        declared_at=ctx.now,
        declared_address=ctx.address,
        valid_until=compute_declaration_end(ctx.now, policy=policy),
        relation_count=len(relations),
    )
    for one in relations:
        await DeclaredRelation.create(
            partner_id=own.id,
            declaration_id=declaration.id,
            kind=one.kind,
            person_name=one.person_name.strip(),
            person_position=one.person_position.strip(),
            vendor_person_name=one.vendor_person_name.strip(),
            vendor_department=one.vendor_department.strip(),
        )
    ctx.event("relation_declaration.made", declaration, partner_id=own.id, relations=len(relations))
    ctx.effect("relation_declaration.made", declaration, relations=str(len(relations)))
    return declaration
