"""What gateways of cloud providers share: one bounded HTTP client, one signature per cloud, one table of codes."""
