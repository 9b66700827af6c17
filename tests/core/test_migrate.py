"""Migrating: repeatable, queued, and refused for a role that could pass row-level security."""

import asyncio
import base64
import re
from collections.abc import AsyncIterator
from functools import partial
from urllib.parse import quote

import asyncpg
import pytest

from core.grants import APPLICATION, READERS, scram_verifier
from core.migrate import MigrateError, Refused, Report, migrate
from core.urls import parse_url
from models.config import OWNER_ROLE
from tests.database import Servers, create_database

TABLE = "CREATE TABLE IF NOT EXISTS note (id bigserial PRIMARY KEY, text text)"
NAME = "migrating"
migrate_nothing = partial(migrate, package="tests.core.no_migrations")


class Place:
    """A database of this test's own and a superuser's connection to it."""

    def __init__(self, servers: Servers, superuser: asyncpg.Connection) -> None:
        self.servers = servers
        self.superuser = superuser

    def url(self, role: str, password: str = "") -> str:
        return self.servers.postgres.url(role, NAME).replace("@", f":{quote(password)}@")

    async def migrate(self, role: str = "app_one", *surface: str) -> Report:
        return await migrate_nothing(self.url(OWNER_ROLE), self.url(role), [TABLE, *surface])

    async def run_as(self, user: str, statement: str, **settings: str) -> str:
        connection = await asyncpg.connect(**parse_url(self.url(user)), server_settings=settings)
        try:
            return str(await connection.execute(statement))
        finally:
            await connection.close()


@pytest.fixture(scope="module")
async def superuser(servers: Servers) -> AsyncIterator[asyncpg.Connection]:
    await create_database(servers, NAME)
    connection = await asyncpg.connect(**parse_url(servers.postgres.url(database=NAME)))
    yield connection
    await connection.close()


@pytest.fixture
async def place(servers: Servers, superuser: asyncpg.Connection) -> AsyncIterator[Place]:
    yield Place(servers, superuser)
    await superuser.execute(
        f"DROP SCHEMA public CASCADE; DROP SCHEMA IF EXISTS s; DROP ROLE IF EXISTS app_one_x;"
        f"CREATE SCHEMA public AUTHORIZATION pg_database_owner; REVOKE CREATE ON DATABASE {NAME} FROM PUBLIC"
    )
    if await superuser.fetchval("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'app_one')"):
        await superuser.execute("DROP OWNED BY app_one; DROP ROLE app_one")
    if await superuser.fetchval("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'app_one_reader')"):
        await superuser.execute("DROP OWNED BY app_one_reader; DROP ROLE app_one_reader")


async def test_the_second_run_changes_nothing(place: Place) -> None:
    first, second = await place.migrate(), await place.migrate()
    assert (first.role_created, second.role_created) == (True, False)
    assert first.left_to_administrator == second.left_to_administrator == second.applied == ()


async def test_parallel_runs_queue(place: Place) -> None:
    reports = await asyncio.gather(*(place.migrate() for _ in range(4)))
    assert sorted(report.role_created for report in reports) == [False, False, False, True]


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        ("INSERT INTO note (text) VALUES ('x')", True),
        ("SELECT * FROM note", True),
        ("UPDATE note SET text = 'y'", True),
        ("DELETE FROM note", True),
        ("SELECT twice(2)", True),
        ("TRUNCATE note", False),
        ("ALTER TABLE note ADD COLUMN x int", False),
        ("DROP TABLE note", False),
        ("CREATE TABLE mine (id int)", False),
        ("CREATE SCHEMA mine", False),
        ("SELECT setval('note_id_seq', 1)", False),
        ("SET ROLE cosell_owner", False),
        ("SET session_replication_role = replica", False),
    ],
)
async def test_the_application_uses_rows_and_nothing_more(place: Place, statement: str, allowed: bool) -> None:
    function = "CREATE OR REPLACE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT n * 2'"
    await place.migrate("app_one", function)
    if allowed:
        await place.run_as("app_one", statement)
    else:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await place.run_as("app_one", statement)


GUARDED = (
    "ALTER TABLE note ENABLE ROW LEVEL SECURITY",
    "DROP POLICY IF EXISTS nobody ON note",
    "CREATE POLICY nobody ON note FOR SELECT USING (false)",
    "DROP POLICY IF EXISTS readers ON note",
    f"CREATE POLICY readers ON note FOR SELECT TO {READERS} USING (true)",
)


async def test_readers_see_every_row_and_change_none(place: Place) -> None:
    await place.migrate("app_one", *GUARDED)
    await place.run_as(OWNER_ROLE, "INSERT INTO note (text) VALUES ('x')")
    assert await place.run_as("app_one", "SELECT FROM note") == "SELECT 0"
    assert await place.run_as("app_one", "SELECT FROM note", role="app_one_reader") == "SELECT 1"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await place.run_as("app_one", "DELETE FROM note", role="app_one_reader")


async def test_what_readers_could_write_is_taken_from_them(place: Place) -> None:
    await place.migrate("app_one", *GUARDED)
    await place.superuser.execute("GRANT INSERT ON note TO app_one_reader")
    await place.migrate("app_one", *GUARDED)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await place.run_as("app_one", "INSERT INTO note (text) VALUES ('x')", role="app_one_reader")


async def test_tables_made_later_are_usable_at_once(place: Place) -> None:
    await place.migrate()
    await place.run_as(OWNER_ROLE, "CREATE TABLE later (id serial)")
    assert await place.run_as("app_one", "INSERT INTO later DEFAULT VALUES") == "INSERT 0 1"


async def test_a_statement_of_the_surface_can_name_the_role(place: Place) -> None:
    await place.migrate("app_one", f"REVOKE DELETE ON note FROM {APPLICATION}")
    await place.run_as("app_one", "INSERT INTO note (text) VALUES ('x')")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await place.run_as("app_one", "DELETE FROM note")


async def test_the_role_carries_its_time_outs(place: Place) -> None:
    await place.migrate()
    connection = await asyncpg.connect(**parse_url(place.url("app_one")))
    try:
        shown = [
            await connection.fetchval(f"SHOW {name}") for name in ("statement_timeout", "lock_timeout", "timezone")
        ]
    finally:
        await connection.close()
    assert shown == ["5s", "2s", "UTC"]


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        ("CREATE ROLE app_one LOGIN SUPERUSER", "is a superuser"),
        ("CREATE ROLE app_one LOGIN BYPASSRLS", "app_one has BYPASSRLS"),
        ("CREATE ROLE app_one LOGIN CREATEROLE", "app_one has CREATEROLE"),
        (
            "CREATE ROLE app_one_more BYPASSRLS; CREATE ROLE app_one LOGIN IN ROLE app_one_more",
            "app_one_more has BYPASSRLS",
        ),
        (f"CREATE ROLE app_one LOGIN IN ROLE {OWNER_ROLE}", f"{OWNER_ROLE} owns"),
        (
            "CREATE ROLE app_one LOGIN NOINHERIT; CREATE ROLE app_one_reader BYPASSRLS ROLE app_one",
            "app_one_reader has BYPASSRLS",
        ),
        (
            "CREATE ROLE app_one_reader; CREATE ROLE app_one LOGIN INHERIT IN ROLE app_one_reader",
            "inherits from app_one_reader",
        ),
        ("CREATE ROLE app_one LOGIN; CREATE TABLE t (id int); ALTER TABLE t OWNER TO app_one", "app_one owns t"),
        (f"CREATE ROLE app_one LOGIN; GRANT CREATE ON DATABASE {NAME} TO app_one", "may create schemas"),
        ("CREATE ROLE app_one LOGIN; CREATE SCHEMA s; GRANT CREATE ON SCHEMA s TO app_one", "create in the schema s"),
    ],
)
async def test_a_role_that_could_do_more_is_refused(place: Place, before: str, reason: str) -> None:
    await place.superuser.execute(before)
    with pytest.raises(Refused, match=reason):
        await place.migrate()
    assert await place.superuser.fetchval("SELECT to_regclass('note')") is None, "a refused run leaves nothing behind"


async def test_owner_and_application_must_differ(place: Place) -> None:
    with pytest.raises(Refused, match="are both"):
        await place.migrate(OWNER_ROLE)


async def test_an_administrator_is_told_the_statement_that_helps(place: Place) -> None:
    await place.superuser.execute(f"ALTER ROLE {OWNER_ROLE} NOCREATEROLE")
    try:
        with pytest.raises(MigrateError) as caught:
            await migrate_nothing(place.url(OWNER_ROLE), place.url("app_one", "p'w"), [TABLE])
        statement = str(caught.value).splitlines()[1].strip()
        assert statement.startswith('CREATE ROLE "app_one" LOGIN ')
        assert "p'w" not in statement
        await place.superuser.execute(statement)
        with pytest.raises(MigrateError, match="app_one_reader") as caught:
            await place.migrate()
        await place.superuser.execute("".join(str(caught.value).splitlines()[1:]))
        report = await place.migrate()
    finally:
        await place.superuser.execute(f"ALTER ROLE {OWNER_ROLE} CREATEROLE")
    assert len(report.left_to_administrator) == 4, "the settings are the administrator's too"
    await place.superuser.execute("; ".join(report.left_to_administrator))
    assert (await place.migrate()).left_to_administrator == ()
    assert await place.run_as("app_one", "SELECT * FROM note") == "SELECT 0"


async def test_a_password_is_stored_as_postgresql_itself_would(place: Place) -> None:
    await migrate_nothing(place.url(OWNER_ROLE), place.url("app_one", "p'\\w"), [TABLE])
    stored = await place.superuser.fetchval("SELECT rolpassword FROM pg_authid WHERE rolname = 'app_one'")
    await place.superuser.execute("ALTER ROLE app_one PASSWORD E'p\\'\\\\w'")
    own = await place.superuser.fetchval("SELECT rolpassword FROM pg_authid WHERE rolname = 'app_one'")
    match = re.fullmatch(r"SCRAM-SHA-256\$4096:([^$]+)\$.*", own)
    assert match is not None
    assert scram_verifier("p'\\w", base64.b64decode(match[1])) == own
    assert stored.startswith("SCRAM-SHA-256$4096:")
    assert stored != own, "the salt is random"


async def test_a_failing_surface_undoes_everything(place: Place) -> None:
    with pytest.raises(asyncpg.PostgresSyntaxError):
        await place.migrate("app_one", "NOT SQL")
    assert await place.superuser.fetchval("SELECT to_regclass('note')") is None
    assert not await place.superuser.fetchval("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'app_one')")
