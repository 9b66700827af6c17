"""GraphQL of incentives: performance, policies and their arithmetic, reconciliation, payouts."""
