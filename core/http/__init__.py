"""A strict front door in plain ASGI: what reaches the application is bounded, well formed and in time."""
