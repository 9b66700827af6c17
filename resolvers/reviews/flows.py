"""What each kind of review leads to: the domain's own decision, who may take it and what it says."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self
from uuid import UUID

from resolvers.command import Command
from resolvers.context import Context
from rules.access import Permission, Role
from rules.errors import ErrorCode, Violation
from rules.reviews import ReviewKind


class Decide(Protocol):
    """Carries out the verdict on a subject: locks it, asks its guards, `settle`s the review, changes the subject."""

    def __call__(self, ctx: Context, subject_id: UUID, /, *, approve: bool, reason: str | None) -> Awaitable[object]:
        """Runs in the transaction of `decideReview`."""


class TakeUp(Protocol):
    """Follows a reviewer's taking a subject up, or giving it back. It locks the subject, as the decision does."""

    def __call__(self, ctx: Context, subject_id: UUID, /, *, taken: bool) -> Awaitable[object]:
        """Runs in the transaction of `claimReview` or `releaseReview`, before the case is locked."""


class Against(Protocol):
    """What stands against a verdict on each of these subjects beside the review itself, by the decision's own guard."""

    def __call__(self, ctx: Context, subject_ids: Sequence[UUID], /) -> Awaitable[Mapping[UUID, Sequence[Violation]]]:
        """Asked for all subjects of a page at once."""


@dataclass(frozen=True, slots=True)
class Flow:
    """One kind of review. Reviewers are those who hold `permission`; `take_up` where a claim means something to the
    subject; `overseers` hear of late ones beside the reviewers; `against` where a subject may have to wait.
    """

    kind: ReviewKind
    permission: Permission
    decide: Decide
    refuses: frozenset[ErrorCode]
    emits: tuple[str, ...]
    use_case: Callable[..., Any]
    take_up: TakeUp | None = None
    overseers: frozenset[Role] = frozenset()
    against: Against | None = None

    @classmethod
    def of(cls, kind: ReviewKind, command: Command[..., Any], argument: str) -> Self:
        """The flow of a decision that is a mutation of its own as well, since it can say more than yes, no and why.

        `argument` is what the command calls the subject's id.
        """

        async def decide(ctx: Context, subject_id: UUID, *, approve: bool, reason: str | None) -> object:
            return await command(ctx, **{argument: subject_id}, approve=approve, reason=reason)

        return cls(kind, command.spec.permission, decide, command.spec.refuses, command.spec.emits, command)
