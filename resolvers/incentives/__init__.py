"""Incentives: performance, generation, reconciliation and payout."""

import resolvers.incentives.invariants
import resolvers.incentives.payout_invariants  # noqa: F401 - both registered by being imported
