"""GraphQL of a published rule, and of what people agree to."""

from datetime import date
from typing import Any

import strawberry
from strawberry.scalars import JSON

from rules.statements import StatementCode
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


strawberry.enum(StatementCode, description="Something that is agreed to.")


@strawberry.type(description="What people agree to, word for word. Acceptances name its version.")
class Statement:
    """The source object is a Statement of the rules."""

    code: StatementCode = strawberry.field(description="What it is.")
    version: str = strawberry.field(description="What an acceptance names; only the version in force is accepted.")
    since: date = strawberry.field(description="Its first day.")

    @strawberry.field(description="What it is called, in the caller's language.")
    def title(self, info: Info) -> str:
        """The name in the language."""
        source: Any = self
        return str(source.titles[info.context.ctx.locale])

    @strawberry.field(description="What it says, in the caller's language; paragraphs are parted by blank lines.")
    def text(self, info: Info) -> str:
        """The text in the language."""
        source: Any = self
        return str(source.texts[info.context.ctx.locale])
