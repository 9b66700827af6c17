"""The migration writer: constraints really made, nothing of ours imported, drift seen; tried on a tree of its own."""

import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.migrations.operations import CreateModel

from core.urls import parse_url
from models.config import OWNER_ROLE
from scripts.make_migration import Unwritable, complete, house_imports, independent_source
from tests.database import Servers, create_database

ROOT = Path(__file__).resolve().parents[2]
NAME = "drawn"
MODELS = '''
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model
from core.ids import uuid7
from models.colours import Colour, Size

class Box(Model):
    """A docstring."""
    id = fields.UUIDField(primary_key=True, default=uuid7)
    colour = fields.CharEnumField(Colour, default=Colour.RED, max_length=8)
    size = fields.IntEnumField(Size)
    label = fields.CharField(max_length=20)
    class Meta:
        table = "box"
        indexes = (Index(fields=("label", "size"), name="box_label"),)
        constraints = (
            CheckConstraint(check="colour IN ('red','blue')", name="box_colour_known"),
            UniqueConstraint(fields=("label",), name="box_red_once", condition="colour = 'red'"),
        )
'''
COLOURS = """
from enum import IntEnum, StrEnum
class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"
class Size(IntEnum):
    SMALL = 1
"""
CONFIG = """
APP_LABEL, MIGRATIONS, MODEL_MODULES = "models", "migrations", ("models.boxes",)
"""
REGISTRY = """
from models import boxes
MODULES = (boxes,)
"""
MIGRATE = """
import asyncio, sys
from core.migrate import migrate
print(asyncio.run(migrate(sys.argv[1], sys.argv[2], [])).applied)
"""


class Tree:
    """A small project beside ours: our core and scripts, models and migrations of its own."""

    def __init__(self, folder: Path, servers: Servers) -> None:
        self.folder = folder
        self.servers = servers
        for name in ("core", "scripts"):
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("models", "migrations"):
            (folder / name).mkdir()
            (folder / name / "__init__.py").touch()
        self.write("config", CONFIG)
        self.write("registry", REGISTRY)
        self.write("colours", COLOURS)
        self.write("boxes", MODELS)

    def write(self, module: str, text: str) -> None:
        (self.folder / "models" / f"{module}.py").write_text(text)

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-B", *arguments]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False, timeout=60)

    def check(self) -> subprocess.CompletedProcess[str]:
        return self.python("-m", "scripts.check_migrations")

    def make(self, name: str) -> str:
        done = self.python("-m", "scripts.make_migration", name)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def migrate(self) -> str:
        owner, application = (self.servers.postgres.url(role, NAME) for role in (OWNER_ROLE, "app_drawn"))
        done = self.python("-c", MIGRATE, owner, application)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def text(self) -> str:
        return "".join(path.read_text() for path in sorted((self.folder / "migrations").glob("0*.py")))


@pytest.fixture
async def drawn(servers: Servers) -> AsyncIterator[asyncpg.Connection]:
    await create_database(servers, NAME)
    connection = await asyncpg.connect(**parse_url(servers.postgres.url(database=NAME)))
    yield connection
    await connection.close()
    administrator = await asyncpg.connect(**parse_url(servers.postgres.url()))
    await administrator.execute(f"DROP DATABASE {NAME} WITH (FORCE)")
    await administrator.execute("DROP ROLE IF EXISTS app_drawn")
    await administrator.close()


async def test_models_reach_the_database_whole(tmp_path: Path, servers: Servers, drawn: asyncpg.Connection) -> None:
    tree = Tree(tmp_path, servers)
    stale = tree.check()
    assert stale.returncode == 1
    assert "no migration says: Create model Box" in stale.stdout
    assert tree.make("Draw the boxes").startswith("wrote migrations/0001_draw_the_boxes.py")
    assert house_imports(tree.text()) == []
    fresh = tree.check()
    assert (fresh.returncode, fresh.stdout) == (0, "migrations: no changes\n")

    tree.write("boxes", "raise SystemExit('a migration needs no model')")
    tree.write("colours", "raise SystemExit('a migration needs no enum of ours')")
    assert tree.migrate() == "('0001_draw_the_boxes',)"
    insert = "INSERT INTO box (id, colour, size, label) VALUES (gen_random_uuid(), $1, 1, $2)"
    await drawn.execute(insert, "red", "a")
    await drawn.execute(insert, "blue", "a")
    with pytest.raises(asyncpg.UniqueViolationError, match="box_red_once"):
        await drawn.execute(insert, "red", "a")
    with pytest.raises(asyncpg.CheckViolationError, match="box_colour_known"):
        await drawn.execute(insert, "green", "b")
    assert await drawn.fetchval("SELECT to_regclass('box_label') IS NOT NULL")

    tree.write("colours", COLOURS)
    tree.write("boxes", MODELS.replace("A docstring.", "Other words."))
    assert tree.check().returncode == 0, "words are not a change of the tables"
    tree.write("boxes", MODELS.replace("max_length=20", "max_length=40"))
    assert "no migration says: Alter field label on Box" in tree.check().stdout
    tree.make("Wider labels")
    assert tree.check().returncode == 0
    assert tree.migrate() == "('0002_wider_labels',)"
    await drawn.execute(insert, "blue", "b" * 40)
    assert tree.make("Nothing") == "the migrations already say what the models say\n"


def test_a_migration_that_leans_on_our_code_is_found(tmp_path: Path, servers: Servers) -> None:
    tree = Tree(tmp_path, servers)
    tree.make("boxes")
    path = tmp_path / "migrations" / "0001_boxes.py"
    path.write_text("from models.colours import Colour\n" + path.read_text())
    done = tree.check()
    assert done.returncode == 1
    assert "0001_boxes.py:1 imports code of ours" in done.stdout


@pytest.mark.parametrize("line", ["from core.ids import uuid7", "import models.base"])
def test_what_cannot_be_written_into_the_file_is_refused(line: str) -> None:
    with pytest.raises(Unwritable):
        independent_source(f"{line}\n")


def test_a_constraint_without_a_name_is_refused() -> None:
    operation = CreateModel("Box", [], {"constraints": [UniqueConstraint(fields=("label",))]})
    with pytest.raises(Unwritable, match="Box: name the constraint"):
        complete([operation])
