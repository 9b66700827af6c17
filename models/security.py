"""The second wall: row-level security policies, functions and triggers, applied by every migrate."""


def statements() -> list[str]:
    """Idempotent SQL statements, run as the owner after the migrations."""
    return []
