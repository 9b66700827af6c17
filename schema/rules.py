"""GraphQL of a published rule."""

from typing import Any

import strawberry
from strawberry.scalars import JSON

from schema.context import Info
from schema.enums import Site


@strawberry.type(description="A published business rule. Refusals name the one that said no.")
class Rule:
    """The source object is a PublishedRule."""

    site: Site = strawberry.field(description="Whose numbers `parameters` shows.")
    parameters: JSON = strawberry.field(description="The numbers it uses, as they hold today: name to value.")

    @strawberry.field(description="Its id, as associations.window.")
    def id(self) -> strawberry.ID:
        """The rule's id."""
        source: Any = self
        return strawberry.ID(source.rule.id)

    @strawberry.field(description="The rule in one line, in the caller's language.")
    def title(self, info: Info) -> str:
        """The catalogue's text."""
        source: Any = self
        title: str = source.rule.title(info.context.ctx.locale)
        return title

    @strawberry.field(description="Chapter of the rule book.")
    def source(self) -> str:
        """The chapter."""
        found: Any = self
        chapter: str = found.rule.source
        return chapter

    @strawberry.field(description="Public page of the manual it comes from; null where there is none.")
    def page(self) -> str | None:
        """The address."""
        found: Any = self
        return found.rule.page or None
