"""The same question must get the same answer from everybody before anybody is measured.

Normalised away, and nothing else: the product's typed ids are the UUIDs they stand for (peers answer these), instants
are compared as instants to the millisecond, a cursor only as being there (every server has its own), keys of an object
have no order. PostGraphile's answers are brought into the product's shape first (`postgraphile.py`).
"""

import difflib
import json
import re
import urllib.error
import urllib.request
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from benchmarks.side_by_side import postgraphile
from benchmarks.side_by_side.callers import Caller, Callers
from benchmarks.side_by_side.operations import UNIQUE, Operation
from benchmarks.side_by_side.servers import Running, Server
from core.ids import InvalidId, decode_id, uuid7

SAMPLES = 6
"""How many callers of each operation are compared, from the largest partner to the smallest."""
_ID = re.compile(r"[a-z]{3}_[0-9a-z]{26}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d(:?\d\d)?)")
_CURSORS = {"cursor", "startCursor", "endCursor"}


class Differs(RuntimeError):
    """A server does not answer as the product does; the text shows where."""


def body(server: Server, operation: Operation, caller: Caller) -> str:
    """The request's JSON on one line; `UNIQUE` still stands in that of a mutation."""
    document, variables = operation.document, operation.variables(caller)
    if server.speaks == "postgraphile":
        document, variables = postgraphile.question(operation, caller)
    return json.dumps({"query": document, "variables": variables}, ensure_ascii=False)


def ask(running: Running, operation: Operation, caller: Caller) -> tuple[Any, int]:
    """The answer's data in the product's shape, and how many bytes it had."""
    text = body(running.server, operation, caller).replace(UNIQUE, str(uuid7()))
    name, _, value = running.server.header(caller).partition(": ")
    request = urllib.request.Request(
        running.address, text.encode(), {"content-type": "application/json", name: value}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            octets = response.read()
    except urllib.error.HTTPError as error:
        raise Differs(f"{running.server.name} refuses {operation.name}: {error.read()[:2000]!r}") from error
    answer = json.loads(octets)
    if answer.get("errors") or not answer.get("data"):
        raise Differs(f"{running.server.name} answers {operation.name} with {json.dumps(answer)[:2000]}")
    data = answer["data"]
    return (postgraphile.shaped(operation, data) if running.server.speaks == "postgraphile" else data), len(octets)


def normal(value: Any, dropped: Sequence[str] = ()) -> Any:
    """What of an answer is compared."""
    if isinstance(value, dict):
        return {
            key: (entry is not None if key in _CURSORS else normal(entry, dropped))
            for key, entry in value.items()
            if key not in dropped
        }
    if isinstance(value, list):
        return [normal(entry, dropped) for entry in value]
    return _plain(value) if isinstance(value, str) else value


def _plain(text: str) -> str:
    if _ID.fullmatch(text):
        try:
            return str(decode_id(text)[1])
        except InvalidId:
            return text
    if _INSTANT.fullmatch(text):
        return datetime.fromisoformat(text).astimezone(UTC).isoformat(timespec="milliseconds")
    return text


def sample(callers: Sequence[Caller]) -> list[Caller]:
    """Some callers, spread over all of them."""
    step = max(1, len(callers) // SAMPLES)
    return [*callers[::step][: SAMPLES - 1], callers[-1]]


def require_same(servers: Sequence[Running], operations: Sequence[Operation], callers: Callers) -> dict[str, int]:
    """Asks everybody everything; `Differs` at the first difference. Mean bytes of the answers by "server operation"."""
    reference = next(one for one in servers if one.server.is_product)
    sizes = {}
    for operation in operations:
        chosen = sample(operation.callers(callers))
        expected = [ask(reference, operation, caller) for caller in chosen]
        for server in servers:
            total = 0
            for caller, (wanted, _) in zip(chosen, expected, strict=True):
                found, octets = ask(server, operation, caller)
                total += octets
                _compare(operation, server.server.name, wanted, found)
            sizes[f"{server.server.name} {operation.name}"] = total // len(chosen)
    return sizes


def _compare(operation: Operation, name: str, wanted: Any, found: Any) -> None:
    left, right = (_lines(normal(value, operation.dropped)) for value in (wanted, found))
    if left != right:
        shown = list(difflib.unified_diff(left, right, "product", name, lineterm="", n=3))
        raise Differs(f"{name} answers {operation.name} otherwise than the product:\n" + "\n".join(shown[:60]))


def _lines(value: Any) -> list[str]:
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False).splitlines()
