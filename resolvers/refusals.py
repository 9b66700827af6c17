"""What the database refuses, as the reasons a caller reads."""

from core import db
from models.base import Entity, StaleVersion
from models.registry import CONSTRAINTS
from rules.errors import Conflict, ErrorCode, Violation


def violation_of(violated: db.ConstraintViolated) -> Violation:
    """The code declared for a constraint that held a race the rule could not see; raised again where none is."""
    if violated.name == "idempotency_key_once":
        raise db.Contended("idempotency key") from violated
    code = CONSTRAINTS.get(violated.name)
    if code is None:
        raise violated
    return Violation(code, retryable=False)


async def conflict_of(stale: StaleVersion) -> Violation:
    """CONFLICT with the row as it stands now, or as gone or out of sight, read in the open scope."""
    row: Entity = stale.row
    current = await type(row).get_or_none(id=row.id)
    return Conflict(ErrorCode.CONFLICT, retryable=True, current=current, expected_version=row.version)
