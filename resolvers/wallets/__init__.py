"""Money inside: accounts, postings and holds, statements, and the trace from an entry to the command behind it.

Commands of other domains move money through `resolvers.wallets.ledger`.
"""

import resolvers.wallets.invariants  # noqa: F401 - registered by being imported
from resolvers.wallets.holds import expire_ledger_hold, overdue_holds

__all__ = ["expire_ledger_hold", "overdue_holds"]
