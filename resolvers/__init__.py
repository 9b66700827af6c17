"""The use cases: one plain async function per root field, GraphQL-free, called by API, worker and CLI alike."""
