"""Incentives: performance, generation, reconciliation and payout."""

import resolvers.incentives.invariants  # noqa: F401 - registered by being imported
