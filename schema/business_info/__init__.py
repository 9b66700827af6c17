"""GraphQL of business information."""
