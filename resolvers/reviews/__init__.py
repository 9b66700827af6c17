"""The one engine of reviews. Domains import `resolvers.reviews.engine` and are imported by `deciding`."""
