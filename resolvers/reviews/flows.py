"""What each kind of review leads to: the domain's own decision, who may take it and what it says."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol, Self
from uuid import UUID

from resolvers.command import Command
from resolvers.context import Context
from rules.access import Permission
from rules.errors import ErrorCode
from rules.reviews import ReviewKind


class Decide(Protocol):
    """Carries out the verdict on a subject: locks it, asks its guards, `settle`s the review, changes the subject."""

    def __call__(self, ctx: Context, subject_id: UUID, /, *, approve: bool, reason: str | None) -> Awaitable[object]:
        """Runs in the transaction of `decideReview`."""


@dataclass(frozen=True, slots=True)
class Flow:
    """One kind of review. Reviewers are those who hold `permission`."""

    kind: ReviewKind
    permission: Permission
    decide: Decide
    refuses: frozenset[ErrorCode]
    emits: tuple[str, ...]
    use_case: Callable[..., Any]

    @classmethod
    def of(cls, kind: ReviewKind, command: Command[..., Any], argument: str) -> Self:
        """The flow of a decision that is a mutation of its own as well, since it can say more than yes, no and why.

        `argument` is what the command calls the subject's id.
        """

        async def decide(ctx: Context, subject_id: UUID, *, approve: bool, reason: str | None) -> object:
            return await command(ctx, **{argument: subject_id}, approve=approve, reason=reason)

        return cls(kind, command.spec.permission, decide, command.spec.refuses, command.spec.emits, command)
