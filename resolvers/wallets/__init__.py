"""Money inside: accounts, postings and holds, statements, and the trace from an entry to the command behind it."""
