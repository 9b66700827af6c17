"""Writes the next migration from the models, complete and independent of code that may move.

Tortoise's own tool silently leaves out the constraints of new models, and its files import our enums and functions.
"""

import argparse
import ast
import asyncio
import importlib
import subprocess
import sys
from collections.abc import Iterable, Sequence
from copy import copy
from enum import Enum
from pathlib import Path
from typing import Any

from tortoise.context import TortoiseContext
from tortoise.fields.base import Field
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.migrations.operations import AddConstraint, AddField, AlterField, CreateModel
from tortoise.migrations.writer import MigrationWriter, format_migration_name

from models.config import APP_LABEL, MIGRATIONS, MODEL_MODULES

ROOT = Path(__file__).resolve().parent.parent
OURS = {"app", "cli", "core", "gateways", "migrations", "models", "resolvers", "rules", "schema", "scripts", "tasks"}


class Unwritable(ValueError):
    """The change cannot be written as an independent migration; the text says what to change in the model."""


async def changes(modules: Sequence[str], package: str) -> list[MigrationWriter]:
    """The migrations that would bring `package` up to the models in `modules`, made complete; empty if none is due."""
    app = {"models": list(modules), "default_connection": "default", "migrations": package}
    unused = {"engine": "tortoise.backends.asyncpg", "credentials": {"host": "/", "user": "x", "database": "x"}}
    async with TortoiseContext() as context:
        await context.init({"connections": {"default": unused}, "apps": {APP_LABEL: app}}, init_connections=False)
        assert context.apps is not None
        for model in context.apps[APP_LABEL].values():
            model._meta.table_description = ""  # a docstring is no part of the schema
        writers = await MigrationAutodetector(context.apps, {APP_LABEL: app}).changes()
    for writer in writers:
        writer.operations = complete(writer.operations)
    return writers


def complete(operations: Iterable[Any]) -> list[Any]:
    """The operations with independent fields, and each new model's constraints as operations that really make them."""
    done: list[Any] = []
    constraints: list[AddConstraint] = []
    for operation in operations:
        if isinstance(operation, CreateModel):
            options = dict(operation.options or {})
            for constraint in options.pop("constraints", ()):
                constraints.append(_explicit(operation.name, constraint))
            operation.options = options
            operation.fields = [(name, _independent(field)) for name, field in operation.fields]
        elif isinstance(operation, AddField | AlterField):
            operation.field = _independent(operation.field)
        done.append(operation)
    return done + constraints


def _explicit(model: str, constraint: UniqueConstraint | CheckConstraint) -> AddConstraint:
    if not constraint.name:
        raise Unwritable(f"{model}: name the constraint {constraint}")
    return AddConstraint(model_name=model, constraint=constraint)


def _independent(field: Any) -> Any:
    """A copy without what only Python needs: defaults that are functions, and enum members as defaults."""
    if not isinstance(field, Field):
        return field
    if type(field).__module__.split(".")[0] in OURS:
        raise Unwritable(f"the field class {type(field).__name__} is ours: migrations can use Tortoise's only")
    field = copy(field)
    if isinstance(field.default, Enum):
        field.default = field.default.value
    elif callable(field.default):
        field.default = None
    return field


def source(writer: MigrationWriter) -> str:
    """The file's text, with the enums it needs written into it, and with the exclusion constraints."""
    return with_exclusions(independent_source(str(writer.as_string())), missing_exclusions())


def with_exclusions(text: str, statements: Sequence[str]) -> str:
    """The migration with raw statements at its end: what neither models nor the tool can express."""
    if not statements:
        return text
    head, _, tail = text.rpartition("    ]")
    added = "".join(f"        ops.RunSQL({statement!r}, reverse_sql=ops.RunSQL.noop),\n" for statement in statements)
    return f"{head}{added}    ]{tail}"


def missing_exclusions() -> list[str]:
    """The exclusion constraints of the models (with what they need) that no migration makes yet."""
    written = "".join(path.read_text(encoding="utf-8") for path in (ROOT / MIGRATIONS).glob("0*.py"))
    found: list[str] = []
    for module in map(importlib.import_module, MODEL_MODULES):
        new = [statement for name, statement in getattr(module, "EXCLUSIONS", ()) if name not in written]
        needs = getattr(module, "CREATE_EXTENSION", ()) if new else ()
        found += [*(need for need in needs if need not in found), *new]
    return found


def independent_source(text: str) -> str:
    """Replaces `from ours import SomeEnum` by the enum itself; `Unwritable` for anything else of ours."""
    lines = text.splitlines()
    definitions: list[str] = []
    for node in house_imports(text):
        if not isinstance(node, ast.ImportFrom):
            raise Unwritable(f"the migration needs {ast.unparse(node)}: move that name to the top of its module")
        for alias in node.names:
            definitions += _definition(str(node.module), alias.name)
        lines[node.lineno - 1] = ""
    if not definitions:
        return text
    end = max(number for number, line in enumerate(lines) if line.startswith(("import ", "from "))) + 1
    return "\n".join([*lines[:end], "from enum import IntEnum, StrEnum", "", *definitions, *lines[end:], ""])


def house_imports(text: str) -> list[ast.Import | ast.ImportFrom]:
    """The import statements of a migration that depend on code of ours."""
    imports = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import | ast.ImportFrom)]
    return [node for node in imports if any(name.split(".")[0] in OURS for name in _imported(node))]


def _imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    return [str(node.module)] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]


def _definition(module: str, name: str) -> list[str]:
    value = getattr(importlib.import_module(module), name)
    if not (isinstance(value, type) and issubclass(value, Enum)):
        raise Unwritable(f"the migration needs {module}.{name}, which is no enum: use a plain value in the model")
    base = "StrEnum" if issubclass(value, str) else "IntEnum"
    return ["", f"class {name}({base}):", *(f"    {member.name} = {member.value!r}" for member in value), ""]


def write(writer: MigrationWriter, name: str) -> Path:
    """Writes the file under its number and `name`, formatted like the rest of the house."""
    writer.name = format_migration_name(int(writer.name.split("_", 1)[0]), name)
    path = Path(writer.path())
    ruff = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length=120", "--stdin-filename=x.py", "-"]
    done = subprocess.run(ruff, input=source(writer), capture_output=True, text=True, check=True)
    path.write_text(done.stdout, encoding="utf-8")
    return path


def main() -> int:
    """`make migration name=what_changes`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", help="what the migration does, in a few words")
    writers = asyncio.run(changes(MODEL_MODULES, MIGRATIONS)) if MODEL_MODULES else []
    name = parser.parse_args().name
    for writer in writers:
        print(f"wrote {write(writer, name).relative_to(ROOT)}: read it before you commit it")
    if not writers:
        print("the migrations already say what the models say")
    return 0


if __name__ == "__main__":
    sys.exit(main())
