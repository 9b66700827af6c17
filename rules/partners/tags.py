"""Tags: words by which the vendor finds its partners again."""

from collections.abc import Iterable

from rules.errors import ErrorCode, Violation
from rules.policy import PARTNERS_TAGS_MAX, Policy
from rules.registry import rule

TAG_LENGTH = 40


def compute_tags(given: Iterable[str]) -> list[str]:
    """The words without blanks around them, each once, in the order of the alphabet; none that is empty."""
    return sorted({word for one in given if (word := one.strip())})


@rule("partners.tags", "A 5.2", policy=(PARTNERS_TAGS_MAX,), codes=(ErrorCode.TOO_MANY,))
def check_tags(tags: list[str], *, policy: Policy) -> list[Violation]:
    """TOO_MANY for more than the policy's number."""
    most = policy[PARTNERS_TAGS_MAX]
    if len(tags) <= most:
        return []
    return [Violation(ErrorCode.TOO_MANY, ("input", "tags"), "partners.tags", {"max": most})]
