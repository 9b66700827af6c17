"""What partners earn on consumption: performance, policies, reconciliation and payout."""
