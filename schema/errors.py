"""Refusals as data: the UserError interface, one type for each kind of help it can give."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import strawberry

from core.analyser.limits import Cost
from resolvers.rules import published
from rules.errors import UPSTREAM, Conflict, ErrorCode, StepUpRequired, Violation, message_of, told_of
from schema.challenges import Challenge
from schema.context import Info
from schema.nodes import Node
from schema.rules import Rule
from schema.scalars import write_instant

strawberry.enum(ErrorCode, description="Why an operation was refused.")
MOST_DETAILS = 4
"""How many places the text of a refusal has at most."""


@strawberry.type(description="Something that a reason is about.")
class ErrorDetail:
    """One parameter of a message."""

    name: str = strawberry.field(description="Its place in the message, as in the catalogue of errors.")
    values: list[str] = strawberry.field(
        description="Codes, numbers, days, instants or words; a single one, or a list."
    )


def _written(value: Any) -> list[str]:
    if isinstance(value, list | tuple):
        return [text for one in value for text in _written(one)]
    return [write_instant(value) if isinstance(value, datetime) else str(value)]


@strawberry.interface(
    description="One reason why nothing was changed. All reasons are given at once, each with the input it concerns."
)
class UserError:
    """The source object is the rules' Violation itself."""

    code: ErrorCode = strawberry.field(description="The reason, stable for programs.")
    retryable: bool = strawberry.field(description="Whether the same input may succeed later.")

    @strawberry.field(description="The reason in the caller's language, fit to be shown.")
    def message(self, info: Info) -> str:
        """The catalogue's text with the violation's parameters."""
        violation: Any = self
        return message_of(violation, info.context.ctx.locale)

    @strawberry.field(
        description="What the message is filled with, for programs: codes where it shows their names.",
        metadata={"extensions": {"cost": Cost(weight=0, multiplier=MOST_DETAILS)}},
    )
    def details(self) -> list[ErrorDetail]:
        """The violation's parameters, as far as the text names them."""
        violation: Any = self
        return [ErrorDetail(name=name, values=_written(value)) for name, value in told_of(violation).items()]

    @strawberry.field(description='Which input it concerns: ["input", "email"]; empty for the whole operation.')
    def path(self) -> list[str]:
        """The violation's path."""
        violation: Any = self
        return list(violation.path)

    @strawberry.field(description="The vendor's own number of this refusal, as CBC.99000013; null where it has none.")
    def upstream_code(self) -> str | None:
        """The violation's own, or the code's."""
        violation: Any = self
        return violation.upstream_code or UPSTREAM.get(violation.code)

    @strawberry.field(description="The published rule that said no; null where none stands behind.")
    def rule(self, info: Info) -> Rule | None:
        """The rule with its present numbers."""
        violation: Any = self
        return None if violation.rule is None else published(info.context.ctx, violation.rule)  # type: ignore[return-value]

    @classmethod
    def resolve_type(cls, obj: Any, info: Any, type_: Any) -> str:
        """The kind of help the violation can give."""
        return kind_of(obj)


def kind_of(violation: Violation) -> str:
    """The GraphQL type of a violation."""
    if isinstance(violation, Conflict):
        return "ConflictError"
    if isinstance(violation, StepUpRequired):
        return "StepUpError"
    if violation.limit is not None:
        return "QuotaError"
    if violation.available_at is not None or violation.deadline is not None:
        return "TimingError"
    return "GenericError"


class _Kind:
    @classmethod
    def is_type_of(cls, obj: Any, info: Any) -> bool:
        """Whether the violation is of this kind."""
        return isinstance(obj, Violation) and kind_of(obj) == cls.__name__


@strawberry.type(description="A reason with nothing more to say than its text.")
class GenericError(UserError, _Kind):
    """Any violation without details."""


@strawberry.type(description="Too early or too late.")
class TimingError(UserError, _Kind):
    """A violation about time."""

    available_at: datetime | None = strawberry.field(description="From when on it is possible.")
    deadline: datetime | None = strawberry.field(description="Until when it was possible.")


@strawberry.type(description="A limit is used up.")
class QuotaError(UserError, _Kind):
    """A violation of a limit."""

    limit: Decimal = strawberry.field(description="The limit.")
    used: Decimal | None = strawberry.field(description="What is used of it.")
    requested: Decimal | None = strawberry.field(description="What was asked for.")
    resets_at: datetime | None = strawberry.field(description="When the limit starts anew.")


@strawberry.type(description="Somebody else changed the object first.")
class ConflictError(UserError, _Kind):
    """A violation of optimistic locking."""

    expected_version: int = strawberry.field(description="The version the caller knew.")
    current: Node | None = strawberry.field(description="The object as it stands now.")


@strawberry.type(description="A code is needed. Answer the challenge, then send the same input with the proof.")
class StepUpError(UserError, _Kind):
    """A violation that a code mends."""

    challenge: Challenge = strawberry.field(description="The code on its way.")
