"""GraphQL of to-dos: what waits for you, with the mutation that ends the waiting."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from core.analyser.limits import Cost
from resolvers import todos
from rules.todos import SHOWN, TodoKind
from schema.context import Info
from schema.fields import query, relation
from schema.inputs import camel
from schema.nodes import Node

strawberry.enum(TodoKind, description="What waits.")

Kinds = Annotated[list[TodoKind] | None, strawberry.argument(description="Only these kinds, one to thirty.")]


@strawberry.type(description="One thing that waits for you. It is there until somebody has taken the step.")
class Todo:
    """The source object is a Todo of the resolvers."""

    since: datetime = strawberry.field(description="Since when it waits.")
    due_at: datetime | None = strawberry.field(description="From this instant on it is late; null for no date.")
    overdue: bool = strawberry.field(description="Whether it is late.")
    subject = relation(todos.subjects_of, Node | None, "What it is about.")


@strawberry.type(description="Everything that waits for you of one kind.")
class TodoGroup:
    """The source object is a TodoGroup of the resolvers."""

    kind: TodoKind = strawberry.field(description="What waits.")
    overdue: int = strawberry.field(description="How many of the items are late.")
    more: bool = strawberry.field(description=f"Whether more than the {SHOWN} items wait.")

    @strawberry.field(description="The mutation that ends the waiting.")
    def mutation(self) -> str:
        """Its name in this schema."""
        group: Any = self
        return camel(group.step)

    @strawberry.field(
        description=f"What waits, what is due first at the head; at most {SHOWN}.",
        metadata={"extensions": {"cost": Cost(multiplier=SHOWN)}},
    )
    def items(self) -> list[Todo]:
        """The items found."""
        group: Any = self
        return list(group.items)


@strawberry.type
class TodoQueries:
    """Root reads of this domain."""

    @query(todos.todos, cost=Cost(weight=20))
    async def todos(self, info: Info, kinds: Kinds = None) -> list[TodoGroup]:
        """What waits for you now, by kind, as far as you may act; kinds of which nothing waits are left out."""
        return await todos.todos(info.context.ctx, kinds=kinds)  # type: ignore[return-value]
