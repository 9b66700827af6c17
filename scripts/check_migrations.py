"""Fails when the models have moved on without a migration, or a migration depends on code that may move."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from tortoise.migrations.writer import migrations_module_path

from models.config import MIGRATIONS, MODEL_MODULES
from scripts.make_migration import changes, house_imports


def problems(modules: Sequence[str], package: str) -> list[str]:
    """What is wrong with the migrations in `package`; empty when nothing is."""
    found = []
    for path in sorted(Path(migrations_module_path(package)).glob("[0-9]*.py")):
        text = path.read_text(encoding="utf-8")
        found += [f"{path.name}:{node.lineno} imports code of ours" for node in house_imports(text)]
        if "'constraints':" in text or '"constraints":' in text:
            found.append(f"{path.name} declares constraints as options, which creates none: use ops.AddConstraint")
    for writer in asyncio.run(changes(modules, package)) if modules else []:
        found += [f"no migration says: {operation.describe()}" for operation in writer.operations]
    return found


def main() -> int:
    """Part of `make check`."""
    found = problems(MODEL_MODULES, MIGRATIONS)
    for problem in found:
        print(problem)
    print("migrations: " + (f"{len(found)} problems; run: make migration name=…" if found else "no changes"))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
