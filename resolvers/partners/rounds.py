"""The rounds of a change of a company's information that are over: what each wanted, and how it ended."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.partners import CompanyChange
from rules.partners.companies import CompanyChangeState

SHOWN = 20
"""How many rounds are shown."""


@dataclass(frozen=True, slots=True)
class CompanyChangeRound:
    """What a change said in one round of its review that is over; `decided_at` is None where it was taken back."""

    state: CompanyChangeState
    submitted_at: datetime
    decided_at: datetime | None
    reason: str | None
    before: dict[str, Any]
    after: dict[str, Any]


def rounds_of(change: CompanyChange) -> list[CompanyChangeRound]:
    """The rounds before the present one, oldest first; the newest twenty of them."""
    return [
        CompanyChangeRound(
            CompanyChangeState(kept["state"]),
            datetime.fromisoformat(kept["submitted_at"]),
            datetime.fromisoformat(kept["decided_at"]) if kept["decided_at"] else None,
            kept["reason"],
            kept["before"],
            kept["after"],
        )
        for kept in change.earlier[-SHOWN:]
    ]


def kept_round(change: CompanyChange) -> dict[str, Any]:
    """The present round as it is kept when the next one begins."""
    return {
        "state": change.state.value,
        "submitted_at": change.submitted_at.isoformat(),
        "decided_at": change.decided_at.isoformat() if change.decided_at else None,
        "reason": change.reason,
        "before": change.before,
        "after": change.after,
    }
