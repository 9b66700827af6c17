"""The data set: what a vendor's partner centre holds after two years, in the product's own tables.

`data/*.sql` makes it from numbers alone. No trigger and no constraint is switched off: what is in the tables is what
the product's own schema accepts.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import asyncpg
import orjson

from models.config import surface
from rules.vouchers import QuotaLimits

ROOT = Path(__file__).resolve().parents[2]
PARTS = sorted((Path(__file__).parent / "data").glob("*.sql"))


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many rows of each kind. `accounts` are those of partners, main accounts included."""

    offices: int = 20
    partners: int = 200
    accounts: int = 2_000
    customers: int = 20_000
    opportunities: int = 100_000
    vouchers: int = 100_000
    incentives: int = 200_000
    solutions: int = 20_000


TINY = Sizes(
    offices=1, partners=2, accounts=6, customers=30, opportunities=80, vouchers=60, incentives=60, solutions=40
)
"""For a test: every statement runs, every branch of the cases has a row or two."""

GROWING = tuple(Sizes(opportunities=count, vouchers=1_000, incentives=1_000) for count in (10_000, 100_000, 1_000_000))
"""For `growth`: the same list, longer."""
KEPT = (Sizes(), *GROWING)
"""Data sets that stay on the disk beside each other."""


def fingerprint(sizes: Sizes) -> str:
    """Changes whenever the data set or the schema it is made for does."""
    digest = hashlib.sha256(repr((sizes, surface())).encode())
    for path in (*PARTS, *sorted(ROOT.glob("migrations/*.py"))):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


async def load(connection: asyncpg.Connection, sizes: Sizes, parts: Sequence[Path] = PARTS) -> None:
    """Fills a migrated, empty database in one transaction. `connection` is a superuser's: no row is its own."""
    async with connection.transaction():
        settings = {name: str(value) for name, value in asdict(sizes).items()}
        settings["limits"] = orjson.dumps(QuotaLimits().data()).decode()
        for name, value in settings.items():
            await connection.execute("select set_config('bench.' || $1, $2, true)", name, value)
        for part in parts:
            await connection.execute(part.read_text(encoding="utf-8"))
