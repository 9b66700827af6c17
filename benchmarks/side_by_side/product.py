"""The product as it is shipped, but for the size of the request budget: no setting has it.

A bucket holds and refills a hundred times what it does in production, so that the load of a few hundred accounts is
that of many thousands. It stays in Redis, and a process leases a twentieth of a bucket at a time, as in production.
"""

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from app import create_app, real_parts
from core.analyser import Limits
from core.http.budget import Rate
from core.log import configure_logging
from core.settings import get_settings

if TYPE_CHECKING:
    from starlette.applications import Starlette

RATE = Rate(capacity=1_000_000, refill=50_000)
MOST_ALIASES = "BENCH_MOST_ALIASES"
"""Set by `growth` alone, which asks for 200 fields where production allows 30 aliases."""


def __getattr__(name: str) -> "Starlette":
    """`benchmarks.side_by_side.product:app`, made when one asks, as `app:app` is."""
    if name != "app":
        raise AttributeError(name)
    settings = get_settings()
    configure_logging(settings)
    parts = replace(real_parts(settings), rate=RATE)
    if MOST_ALIASES in os.environ:
        limits = Limits(document_bytes=settings.document_limit, aliases=int(os.environ[MOST_ALIASES]), cost=50_000)
        parts = replace(parts, limits=limits)
    return create_app(settings, parts)
