"""Pure business rules: narrow values in, violations, booleans or values out. No clock, no I/O, no async, no logging."""
