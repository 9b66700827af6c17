"""Where Tortoise finds the models and the migrations, and what the database's roles are called."""

from typing import Any

from core.urls import parse_url
from models import security
from models.registry import MODULES

APP_LABEL = "models"
MODEL_MODULES: tuple[str, ...] = tuple(module.__name__ for module in MODULES)
MIGRATIONS = "migrations"

DATABASE = "cosell"
OWNER_ROLE = "cosell_owner"
APP_ROLE = "cosell_app"


def tortoise_config(url: str, *, pool_size: int = 20, command_timeout: float = 6.0) -> dict[str, Any]:
    """The configuration for the database at `url`, as `core.db.open_database` and `Tortoise.init` take it."""
    credentials = {**parse_url(url), "minsize": 1, "maxsize": pool_size, "command_timeout": command_timeout}
    app = {"models": list(MODEL_MODULES), "default_connection": "default", "migrations": MIGRATIONS}
    return {
        "connections": {"default": {"engine": "core.engine", "credentials": credentials}},
        "apps": {APP_LABEL: app},
        "use_tz": True,
        "timezone": "UTC",
    }


def surface() -> list[str]:
    """What every migrate applies after the migrations: policies, functions and triggers of the declared tables."""
    return security.statements()
