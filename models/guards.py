"""One-purpose SQL functions for guards that ask about other tenants: they answer a reason code, never a row."""

GUARDS: tuple[str, ...] = ()
