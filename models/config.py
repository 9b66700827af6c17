"""Where Tortoise finds the models and the migrations."""

from typing import Any

from core.urls import parse_url

APP_LABEL = "models"
MODEL_MODULES: tuple[str, ...] = ()

DATABASE = "cosell"
OWNER_ROLE = "cosell_owner"
APP_ROLE = "cosell_app"


def tortoise_config(url: str) -> dict[str, Any]:
    """The configuration for a database at `url`, as `Tortoise.init(config=…)` takes it."""
    connection = {"engine": "tortoise.backends.asyncpg", "credentials": parse_url(url)}
    app = {"models": list(MODEL_MODULES), "default_connection": "default", "migrations": "migrations"}
    return {"connections": {"default": connection}, "apps": {APP_LABEL: app}, "use_tz": True, "timezone": "UTC"}
