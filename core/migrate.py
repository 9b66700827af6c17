"""Brings a database up to date: migrations, the application's role, its grants, then the surface, all or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
from tortoise.context import TortoiseContext
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget
from tortoise.migrations.migration import Migration
from tortoise.migrations.operations import AddConstraint, AddField, AddIndex, CreateModel, RunSQL
from tortoise.migrations.schema_generator.state import State
from tortoise.migrations.schema_generator.state_apps import StateApps

from core.grants import (
    APPLICATION,
    READERS,
    ROLE_SETTINGS,
    MigrateError,
    Refused,
    grant,
    prepare_readers,
    prepare_role,
    quote_name,
    readers_of,
    require_confined,
    require_modest,
)
from core.urls import parse_url

_ADDING = (CreateModel, AddField, AddConstraint, AddIndex, RunSQL)
OLDEST = 15
LOCK_KEY = 0x636F73656C6C  # any number that nobody else in this database uses
LOCK_WAIT = "10min"
TABLE_LOCK_WAIT = "10s"
HISTORY_TABLE = "tortoise_migrations"
_TABLES = (
    "SELECT quote_ident(relname) AS name FROM pg_class "
    "WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND relname <> $1"
)
_UNHURRIED = {"statement_timeout": "0", "idle_in_transaction_session_timeout": "0"}

__all__ = ["HISTORY_TABLE", "MigrateError", "Refused", "Report", "is_empty", "migrate"]


@dataclass(frozen=True)
class Report:
    """What one run did: the migrations applied, whether the role was made, statements only an administrator may run."""

    applied: tuple[str, ...]
    role: str
    role_created: bool
    left_to_administrator: tuple[str, ...]


async def migrate(
    owner_url: str,
    app_url: str,
    surface: Sequence[str],
    *,
    role_settings: Mapping[str, str] = ROLE_SETTINGS,
    package: str = "migrations",
    app_label: str = "models",
) -> Report:
    """Applies what is missing; safe to run again and by several processes at once (they queue for ten minutes).

    Everything is one transaction: pending migrations of `package`, the role that `app_url` names, its settings and
    grants, and the idempotent statements of `surface`, in which `APPLICATION` and `READERS` stand for roles. Raises
    `MigrateError` (PostgreSQL too old, role missing and not creatable, somebody else migrating), `Refused` (the role
    could pass row-level security) or the database's own error.
    """
    owner, application = parse_url(owner_url), parse_url(app_url)
    if owner["user"] == application["user"]:
        raise Refused(f"owner and application are both {owner['user']}: row-level security would not bind it")
    settings = owner.pop("server_settings", {}) | _UNHURRIED
    credentials = {**owner, "server_settings": settings, "minsize": 1, "maxsize": 1}
    async with TortoiseContext() as context:
        # Connections only: a migration must not depend on today's models, so they are not even loaded.
        context.connections._init_config(
            {"default": {"engine": "tortoise.backends.asyncpg", "credentials": credentials}}
        )
        client: Any = context.connections.get("default")
        async with client._in_transaction() as transaction:
            connection: asyncpg.Connection = transaction._connection
            await _require_version(connection)
            await _take_lock(connection)
            applied = await _apply(transaction, package, app_label)
            role = application["user"]
            change = await prepare_role(connection, role, application["password"], role_settings)
            await prepare_readers(connection, role)
            await require_modest(connection, role)
            await grant(connection, role)
            application_role, readers = quote_name(role), quote_name(readers_of(role))
            for statement in surface:
                await connection.execute(statement.replace(APPLICATION, application_role).replace(READERS, readers))
            await require_confined(connection, role)
    return Report(applied, role, change.created, change.left_to_administrator)


async def is_empty(owner_url: str) -> bool:
    """Whether no table of a migrated database has a row yet."""
    connection = await asyncpg.connect(**parse_url(owner_url))
    try:
        names = [row["name"] for row in await connection.fetch(_TABLES, HISTORY_TABLE)]
        looks = " OR ".join(f"EXISTS (SELECT FROM {name})" for name in names) or "false"
        return not await connection.fetchval(f"SELECT {looks}")
    finally:
        await connection.close()


async def _require_version(connection: asyncpg.Connection) -> None:
    number = int(await connection.fetchval("SHOW server_version_num"))
    if number < OLDEST * 10_000:
        raise MigrateError(f"PostgreSQL {OLDEST} or newer is needed, the server is version {number // 10_000}")


async def _take_lock(connection: asyncpg.Connection) -> None:
    """Waits for other migrations; afterwards a table in use stops us soon, so that we do not stop its users."""
    await connection.execute(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'")
    try:
        await connection.execute(f"SELECT pg_advisory_xact_lock({LOCK_KEY})")
    except asyncpg.LockNotAvailableError as error:
        raise MigrateError(f"another process has been migrating this database for {LOCK_WAIT}") from error
    await connection.execute(f"SET LOCAL lock_timeout = '{TABLE_LOCK_WAIT}'")


async def _apply(transaction: Any, package: str, app_label: str) -> tuple[str, ...]:
    executor = MigrationExecutor(transaction, {app_label: {"migrations": package, "default_connection": "default"}})
    # First of all: the tool reads its history before it makes the table, and a failed read ends the transaction.
    await executor.recorder.ensure_schema(executor._schema_editor(atomic=False))
    target = [MigrationTarget(app_label=app_label, name="__latest__")]
    pending = [step.migration for step in await executor.plan(target)]
    separate = [migration.name for migration in pending if not migration.atomic]
    if separate:
        raise MigrateError(f"migrations run in one transaction, these ask for none: {', '.join(separate)}")
    _spare_copies(executor, pending)
    await executor.migrate(target, direction="forward")
    return tuple(migration.name for migration in pending)


def _spare_copies(executor: MigrationExecutor, pending: Sequence[Migration]) -> None:
    """Keeps the tool from copying every model before each operation, from building all related models anew for a
    constraint or index, which needs none of them, and from preparing queries of models that nobody asks.

    With these the time grows with the square of the number of models: minutes instead of seconds.
    """
    ahead = iter([operation for migration in pending for operation in migration.operations])
    project = executor._project_state

    async def projected(*args: Any, **named: Any) -> State:
        state = await project(*args, **named)
        reloaded = state.reload_model
        state.apps._build_initial_querysets = lambda: None  # type: ignore[method-assign]

        def remember() -> State:
            """Asked for once before each operation, in their order."""
            operation = next(ahead)
            idle = isinstance(operation, (AddConstraint, AddIndex))
            state.reload_model = (lambda *_: None) if idle else reloaded  # type: ignore[method-assign]
            return state if isinstance(operation, _ADDING) else _as_it_is(state)

        state.clone = remember  # type: ignore[method-assign]
        return state

    executor._project_state = projected  # type: ignore[method-assign]


def _as_it_is(state: State) -> State:
    """What the state knows now. Its classes need no copies: a change registers new ones in their place."""
    apps = StateApps(state.apps._default_connections, state.apps._connections)
    apps.apps = {label: dict(models) for label, models in state.apps.apps.items()}
    return State({key: model.clone() for key, model in state.models.items()}, apps)
