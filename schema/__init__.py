"""The whole GraphQL layer: types, inputs, payloads and root fields."""
