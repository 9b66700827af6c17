"""The application's database roles: it may use the rows and owns nothing; refused when it could do more.

One that only reads stands beside it, for statements that say themselves whose rows they want: its policies are plain.
"""

import base64
import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Mapping
from typing import NamedTuple

import asyncpg

ROLE_SETTINGS: Mapping[str, str] = {
    "statement_timeout": "5s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "10s",
    "timezone": "UTC",
}
APPLICATION = ":application:"
"""Stands for the application's role in statements written before its name is known."""
READERS = ":readers:"
"""Stands for the role that only reads."""
_NO_POWERS = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT"
_SCRAM_ROUNDS = 4096


class MigrateError(RuntimeError):
    """The database cannot be brought up to date; the text says why and what an administrator can do."""


class Refused(MigrateError):
    """The application role may do more than use rows, so row-level security would not bind it."""


class RoleChange(NamedTuple):
    """What was done to the role: whether it was created, and the statements that need a stronger role than ours."""

    created: bool
    left_to_administrator: tuple[str, ...]


def quote_name(name: str) -> str:
    """An SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    """An SQL string literal."""
    return "'" + text.replace("'", "''") + "'" if "\\" not in text else f"E{_escaped(text)}"


def _escaped(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


async def prepare_role(
    connection: asyncpg.Connection, role: str, password: str | None, settings: Mapping[str, str]
) -> RoleChange:
    """Creates `role` if it is missing and gives it its settings.

    Raises `MigrateError` carrying the statement when it is missing and may not be created; settings that may not be set
    are reported instead, since everything works without them.
    """
    created = False
    if not await connection.fetchval("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", role):
        statement = create_statement(role, password)
        if not await _try(connection, statement):
            raise MigrateError(
                f"the role {role} is missing and this role may not create it. Let one run:\n  {statement};"
            )
        created = True
    refused = []
    for name, value in settings.items():
        statement = f"ALTER ROLE {quote_name(role)} SET {name} = {quote_text(value)}"
        if not await _has_setting(connection, role, name, value) and not await _try(connection, statement):
            refused.append(statement)
    return RoleChange(created, tuple(refused))


async def _has_setting(connection: asyncpg.Connection, role: str, name: str, value: str) -> bool:
    query = (
        "SELECT EXISTS (SELECT FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole "
        "WHERE r.rolname = $1 AND s.setdatabase = 0 AND lower($2) = ANY (SELECT lower(c) FROM unnest(s.setconfig) c))"
    )
    return bool(await connection.fetchval(query, role, f"{name}={value}"))


async def _try(connection: asyncpg.Connection, statement: str) -> bool:
    try:
        async with connection.transaction():
            await connection.execute(statement)
    except asyncpg.InsufficientPrivilegeError:
        return False
    return True


def create_statement(role: str, password: str | None) -> str:
    """`CREATE ROLE …`; the password goes as its SCRAM verifier, so no server log or error text ever shows it."""
    secret = f" PASSWORD {quote_text(scram_verifier(password, secrets.token_bytes(16)))}" if password else ""
    return f"CREATE ROLE {quote_name(role)} LOGIN {_NO_POWERS}{secret}"


def readers_of(role: str) -> str:
    """The role that only reads, beside the application's."""
    return f"{role}_reader"


async def prepare_readers(connection: asyncpg.Connection, role: str) -> None:
    """Creates the role that only reads, if it is missing, and lets the application's take its place when it says so.

    Raises `MigrateError` carrying the statements when this role may not do what is missing.
    """
    readers = readers_of(role)
    make = f"CREATE ROLE {quote_name(readers)} NOLOGIN {_NO_POWERS}"
    # Before 16 whether rights are inherited is said of the role alone.
    alone = " WITH INHERIT FALSE" if int(await connection.fetchval("SHOW server_version_num")) >= 160_000 else ""
    join = f"GRANT {quote_name(readers)} TO {quote_name(role)}{alone}"
    exists = await connection.fetchval("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", readers)
    able = exists or await _try(connection, make)
    if able and not await connection.fetchval("SELECT pg_has_role($1::name, $2::name, 'MEMBER')", role, readers):
        able = await _try(connection, join)
    if not able:
        missing = join if exists else f"{make};\n  {join}"
        raise MigrateError(f"{readers} is not ready, and this role may not prepare it. Let one run:\n  {missing};")


def scram_verifier(password: str, salt: bytes) -> str:
    """The form in which PostgreSQL stores a password (RFC 5803, SCRAM-SHA-256)."""
    prepared = unicodedata.normalize("NFKC", password).encode()
    salted = hashlib.pbkdf2_hmac("sha256", prepared, salt, _SCRAM_ROUNDS)
    client, server = (_hmac(salted, label) for label in (b"Client Key", b"Server Key"))
    parts = (_text(salt), _text(hashlib.sha256(client).digest()), _text(server))
    return "SCRAM-SHA-256${}:{}${}:{}".format(_SCRAM_ROUNDS, *parts)


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


async def grant(connection: asyncpg.Connection, role: str) -> None:
    """Gives the role the use of every row and function in `public`, now and in later migrations, and nothing more.

    Its readers may look at every row.
    """
    name, readers = quote_name(role), quote_name(readers_of(role))
    for kind, privileges, excess in _PRIVILEGES:
        await connection.execute(f"REVOKE {excess} ON ALL {kind} IN SCHEMA public FROM {name}, PUBLIC")
        await _allow(connection, privileges, kind, name)
    await connection.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {readers}")
    await _allow(connection, "SELECT", "TABLES", readers)
    await connection.execute(f"REVOKE CREATE ON SCHEMA public FROM {name}, PUBLIC")
    await connection.execute(f"GRANT USAGE ON SCHEMA public TO {name}, {readers}")


async def _allow(connection: asyncpg.Connection, privileges: str, kind: str, name: str) -> None:
    await connection.execute(f"GRANT {privileges} ON ALL {kind} IN SCHEMA public TO {name}")
    await connection.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {privileges} ON {kind} TO {name}")


_PRIVILEGES = (
    ("TABLES", "SELECT, INSERT, UPDATE, DELETE", "TRUNCATE, REFERENCES, TRIGGER"),
    ("SEQUENCES", "USAGE", "UPDATE"),
    ("FUNCTIONS", "EXECUTE", "ALL"),
)


async def require_modest(connection: asyncpg.Connection, role: str) -> None:
    """`Refused` when the role, or a role it is a member of, has powers beyond logging in, or owns anything; or when it
    has its readers' rights unasked, so that their policies would hold for all that it does.
    """
    if await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = $1", role):
        raise Refused(f"the application role {role} is a superuser: row-level security would not bind it")
    await _refuse_when_found(connection, role, _POWERS, _BELONGINGS)
    readers = readers_of(role)
    inherits = "SELECT pg_has_role($1::name, oid, 'USAGE') FROM pg_roles WHERE rolname = $2"
    if await connection.fetchval(inherits, role, readers):
        how = "before PostgreSQL 16 make it NOINHERIT, later GRANT … WITH INHERIT FALSE"
        raise Refused(f"the application role {role} inherits from {readers} ({how}): its policies would hold for all")


async def require_confined(connection: asyncpg.Connection, role: str) -> None:
    """`Refused` when the role may create objects in this database or truncate a table, from whoever it got that."""
    await _refuse_when_found(connection, role, _RIGHTS)


async def _refuse_when_found(connection: asyncpg.Connection, role: str, *queries: str) -> None:
    problems = [row["problem"] for query in queries for row in await connection.fetch(query, role)]
    if problems:
        raise Refused(f"the application role {role} could pass row-level security: {'; '.join(problems)}")


_POWERS = """
SELECT rolname || ' has ' || attribute AS problem
FROM pg_roles, LATERAL (VALUES ('SUPERUSER', rolsuper), ('BYPASSRLS', rolbypassrls), ('CREATEROLE', rolcreaterole),
                               ('CREATEDB', rolcreatedb), ('REPLICATION', rolreplication)) has (attribute, held)
WHERE held AND pg_has_role($1::name, pg_roles.oid, 'MEMBER')
"""
_BELONGINGS = """
SELECT rolname || ' owns ' || min(owned.name) || CASE count(*) WHEN 1 THEN '' ELSE ' and more' END AS problem
FROM (SELECT relowner AS owner, relname::text AS name FROM pg_class
      UNION ALL SELECT proowner, proname::text FROM pg_proc
      UNION ALL SELECT nspowner, nspname::text FROM pg_namespace
      UNION ALL SELECT datdba, datname::text FROM pg_database WHERE datname = current_database()) owned
JOIN pg_roles ON pg_roles.oid = owned.owner
WHERE pg_has_role($1::name, pg_roles.oid, 'MEMBER') GROUP BY rolname
"""
_RIGHTS = """
SELECT 'it may create in the schema ' || nspname AS problem FROM pg_namespace
WHERE nspname NOT LIKE 'pg\\_%' AND has_schema_privilege($1::name, oid, 'CREATE')
UNION ALL SELECT 'it may create schemas' WHERE has_database_privilege($1::name, current_database(), 'CREATE')
UNION ALL SELECT 'it may truncate ' || relname FROM pg_class
WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
  AND has_table_privilege($1::name, oid, 'TRUNCATE')
"""
