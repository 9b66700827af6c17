"""Where Tortoise finds the models and the migrations, and what the database's roles are called."""

from importlib import import_module
from inspect import isclass
from typing import Any

from tortoise.models import Model

from core.urls import parse_url

APP_LABEL = "models"
MODEL_MODULES: tuple[str, ...] = ()
MIGRATIONS = "migrations"

DATABASE = "cosell"
OWNER_ROLE = "cosell_owner"
APP_ROLE = "cosell_app"


def tortoise_config(url: str, *, pool_size: int = 20) -> dict[str, Any]:
    """The configuration for the database at `url`, as `core.db.open_database` and `Tortoise.init` take it."""
    credentials = {**parse_url(url), "minsize": 1, "maxsize": pool_size}
    app = {"models": list(MODEL_MODULES), "default_connection": "default", "migrations": MIGRATIONS}
    return {
        "connections": {"default": {"engine": "core.engine", "credentials": credentials}},
        "apps": {APP_LABEL: app},
        "use_tz": True,
        "timezone": "UTC",
    }


def all_models() -> list[type[Model]]:
    """Every table's model, by module in the order of `MODEL_MODULES` and then by name."""
    found = []
    for name in MODEL_MODULES:
        here = [value for _, value in sorted(vars(import_module(name)).items()) if _is_table(value, name)]
        found += here
    return found


def _is_table(value: object, module: str) -> bool:
    return isclass(value) and issubclass(value, Model) and not value._meta.abstract and value.__module__ == module


def surface() -> list[str]:
    """What every migrate applies after the migrations: policies, functions and triggers of the declared tables."""
    from models.security import statements

    models = all_models()
    return statements(models) if models else []
