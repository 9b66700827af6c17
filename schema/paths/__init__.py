"""GraphQL of development paths."""

from schema.paths.fields import PathMutations, PathQueries

__all__ = ["PathMutations", "PathQueries"]
