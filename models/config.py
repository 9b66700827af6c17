"""Where Tortoise finds the models and the migrations."""

from typing import Any

from core.settings import Settings
from core.urls import parse_url
from models.registry import MODULES

APP_LABEL = "models"
MODEL_MODULES: tuple[str, ...] = tuple(module.__name__ for module in MODULES)

DATABASE = "cosell"
OWNER_ROLE = "cosell_owner"
APP_ROLE = "cosell_app"


def tortoise_config(url: str) -> dict[str, Any]:
    """The configuration for a database at `url`, as `Tortoise.init(config=…)` takes it."""
    connection = {"engine": "tortoise.backends.asyncpg", "credentials": parse_url(url)}
    app = {"models": list(MODEL_MODULES), "default_connection": "default", "migrations": "migrations"}
    return {"connections": {"default": connection}, "apps": {APP_LABEL: app}, "use_tz": True, "timezone": "UTC"}


def application_config(settings: Settings) -> dict[str, Any]:
    """The configuration of the API and the worker: our own engine, and the settings' pool."""
    config = tortoise_config(settings.database_url)
    connection = config["connections"]["default"]
    connection["engine"] = "core.engine"
    connection["credentials"] |= {
        "minsize": 1,
        "maxsize": settings.database_pool_size,
        "command_timeout": settings.database_statement_timeout + 1,
    }
    return config
