"""The whole GraphQL layer: types, inputs, payloads and root fields."""

from schema.build import Mutation, Query, schema, sdl

__all__ = ["Mutation", "Query", "schema", "sdl"]
