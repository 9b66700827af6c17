"""GraphQL of the event log and of finding things by id."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry.scalars import JSON
from tortoise.queryset import QuerySet

from core.analyser.limits import Cost
from core.execution.errors import Code, RequestError
from core.ids import encode_id
from models.registry import model_named
from resolvers import events, nodes, rules
from resolvers.context import Context
from rules.statements import StatementCode
from schema.columns import looks_at
from schema.context import Info
from schema.enums import Site
from schema.fields import query
from schema.nodes import Node, OfRow
from schema.pages import Order, connection
from schema.rules import Rule, Statement

MOST_IDS = 100

NodeId = Annotated[strawberry.ID, strawberry.argument(description="Id of any object, as another field gave it.")]
WhatStatement = Annotated[StatementCode, strawberry.argument(description="What it is.")]
StatementVersion = Annotated[str | None, strawberry.argument(description="Its version; null: the one in force.")]
RuleIds = Annotated[list[str] | None, strawberry.argument(description="Only these rules; null: all.")]
NodeIds = Annotated[list[strawberry.ID], strawberry.argument(description=f"Ids of any objects, at most {MOST_IDS}.")]


@strawberry.type(description="Something that happened. Names are noun.past_verb.")
class Event(Node, OfRow):
    """The source object is an Event row."""

    sequence: int = strawberry.field(description="Counts up without gaps within the partner.")
    type: str = strawberry.field(description="As association.unbind_requested.")
    occurred_at: datetime = strawberry.field(description="When, in business time.")
    subject_version: int = strawberry.field(description="The subject's version after it.")
    actor: str = strawberry.field(description="system, anonymous, or account: and its UUID.")
    request_id: str = strawberry.field(description="The request that caused it.")
    changes: JSON = strawberry.field(description="Ids, states and dates; no personal data.")

    @strawberry.field(description="Id of the object it happened to.", metadata=looks_at("subject_type", "subject_id"))
    def subject_id(self) -> strawberry.ID:
        """The typed id of the subject."""
        row: Any = self
        return strawberry.ID(encode_id(model_named(row.subject_type).prefix, row.subject_id))


@strawberry.type
class EventQueries:
    """Root reads of this domain, and of what concerns them all."""

    @query(rules.statement)
    async def statement(self, info: Info, code: WhatStatement, version: StatementVersion = None) -> Statement | None:
        """What is agreed to, word for word: by default the version in force."""
        return rules.statement(info.context.ctx, code=code, version=version)  # type: ignore[return-value]

    @query(rules.rules, cost=Cost(multiplier=100))
    async def rules(self, info: Info, site: Site | None = None, ids: RuleIds = None) -> list[Rule]:
        """The published rules with their numbers on a site (default: your own), all or those asked for."""
        return rules.rules(info.context.ctx, site=site, ids=ids)  # type: ignore[return-value]

    @connection(events.events, Event, order=Order("sequence", descending=False))
    def events(
        self,
        ctx: Context,
        types: Annotated[
            list[str] | None, strawberry.argument(description="Only events of these types; null: of all.")
        ] = None,
    ) -> QuerySet[Any]:
        """The event feed, oldest first: keep the last cursor and ask for what came after it."""
        return events.events(ctx, types=types)

    @query(nodes.node)
    async def node(self, info: Info, id: NodeId) -> Node | None:
        """Anything by its id; null for what does not exist or is not yours to see."""
        return await nodes.node(info.context.ctx, id=id)  # type: ignore[return-value]

    @query(nodes.nodes, cost=Cost(weight=1, multiplier=("ids",)))
    async def nodes(self, info: Info, ids: NodeIds) -> list[Node | None]:
        """Several things by their ids, in the order asked."""
        if len(ids) > MOST_IDS:
            raise RequestError(Code.BAD_QUERY, f"Ask for at most {MOST_IDS} ids at once.")
        return await nodes.nodes(info.context.ctx, ids=ids)  # type: ignore[return-value]
