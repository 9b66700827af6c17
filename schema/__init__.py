"""The whole GraphQL layer: types, inputs, payloads and root fields."""

import strawberry

API_VERSION = "0.1.0"


@strawberry.type(description="What can be read.")
class Query:
    """The root of all reads."""

    @strawberry.field(description="The API's version, as in the changelog.")
    def api_version(self) -> str:
        """The version, MAJOR.MINOR.PATCH."""
        return API_VERSION


schema = strawberry.Schema(query=Query)


def sdl() -> str:
    """The schema in SDL, as it is committed in schema.graphql."""
    return schema.as_str() + "\n"
