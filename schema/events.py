"""GraphQL of the event log and of finding things by id."""

from datetime import datetime
from typing import Any

import strawberry
from strawberry.scalars import JSON

from core.analyser.limits import Cost
from core.ids import encode_id
from models.registry import model_named
from resolvers import events, nodes
from schema.context import Info
from schema.fields import query
from schema.nodes import Node, OfRow
from schema.pages import PAGE_COST, Connection, Order, connect
from schema.scalars import Cursor


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

    @strawberry.field(description="Id of the object it happened to.")
    def subject_id(self) -> strawberry.ID:
        """The typed id of the subject."""
        row: Any = self
        return strawberry.ID(encode_id(model_named(row.subject_type).prefix, row.subject_id))


@strawberry.type
class EventQueries:
    """Root reads of this domain."""

    @query(events.events, cost=PAGE_COST)
    async def events(
        self,
        info: Info,
        types: list[str] | None = None,
        first: int | None = None,
        after: Cursor | None = None,
        last: int | None = None,
        before: Cursor | None = None,
    ) -> Connection[Event]:
        """The event feed, oldest first: keep the last cursor and ask for what came after it."""
        order, name = Order("sequence", descending=False), ",".join(sorted(types or []))
        rows = events.events(info.context.ctx, types=types)
        return await connect(info, rows, first=first, after=after, last=last, before=before, order=order, name=name)  # type: ignore[no-any-return]

    @query(nodes.node)
    async def node(self, info: Info, id: strawberry.ID) -> Node | None:
        """Anything by its id; null for what does not exist or is not yours to see."""
        return await nodes.node(info.context.ctx, id=id)  # type: ignore[return-value]

    @query(nodes.nodes, cost=Cost(weight=1, multiplier=("ids",)))
    async def nodes(self, info: Info, ids: list[strawberry.ID]) -> list[Node | None]:
        """Several things by their ids, at most 100, in the order asked."""
        return await nodes.nodes(info.context.ctx, ids=ids)  # type: ignore[return-value]
