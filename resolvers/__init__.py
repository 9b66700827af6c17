"""The use cases: one plain async function per root field, GraphQL-free, called by the API, the worker and the CLI alike."""
