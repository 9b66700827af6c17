"""What one execution keeps: its errors, the places that became null, and the values that are still to come."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from types import CoroutineType
from typing import TYPE_CHECKING, Any

from graphql import FieldNode, GraphQLError, GraphQLResolveInfo, located_error
from graphql.execution.values import VariableValues
from graphql.pyutils import Path, gather_with_cancel
from graphql.type.definition import GraphQLResolveInfoHelpers

if TYPE_CHECKING:
    from core.execution.compiled.fields import Field

Link = tuple[Any, "str | int", bool, "Link | None", "str | None"]
"""A place in the answer: container, key, whether it may be null, the place of the container, the name of the type
whose field it is (None for an item of a list). A chain of them stands for a path; it is made into one on errors only.
"""
Complete = Callable[[Any, "State", "Link"], Any]
"""`(value, state, place) → what stands in the answer`; raises what the nearest place that may be null will swallow."""

_Waiting = tuple[Awaitable[Any], Complete, "Field", Link]


class Info(GraphQLResolveInfo[Any]):
    """What a resolver is told. Its path is made from the place when somebody asks for it."""

    link: Link
    planned: Any
    """What the field's planner made of the selection; None without one."""

    @property
    def path(self) -> Path:
        """The response path of the field."""
        return path_of(self.link)


def path_of(link: Link) -> Path:
    """The place as graphql-core's linked path."""
    path: Path | None = None
    for _, key, _, _, typename in reversed(list(chain(link))):
        path = Path(path, key, typename)
    assert path is not None
    return path


def chain(link: Link | None) -> Iterable[Link]:
    """The place, the place of its container, and so on to the root."""
    while link is not None:
        yield link
        link = link[3]


def keys_of(link: Link) -> list[str | int]:
    """The place as the list that stands in an error."""
    return [step[1] for step in chain(link)][::-1]


class Batch:
    """One call of a relation for all the parents that ask for it at once."""

    __slots__ = ("arguments", "entries", "load")

    def __init__(self, load: Callable[..., Awaitable[Sequence[Any]]], arguments: dict[str, Any]) -> None:
        self.load = load
        self.arguments = arguments
        self.entries: list[tuple[Any, Field, Link]] = []

    async def call(self, context: Any) -> tuple[list[Any], Sequence[Any]]:
        """The parents, each once, and what the relation gives for each."""
        parents = list({id(entry[0]): entry[0] for entry in self.entries}.values())
        plans = [field.planned for field in dict.fromkeys(field for _, field, _ in self.entries)]
        told = [plans] if any(plan is not None for plan in plans) else []
        values = await self.load(context, parents, *told, **self.arguments)
        if len(values) != len(parents):
            raise RuntimeError(f"a relation gave {len(values)} values for {len(parents)} parents")
        return parents, values


class State:
    """One execution of a plan."""

    __slots__ = (
        "_batches",
        "_dead",
        "_finished",
        "_infos",
        "_kept",
        "_tasks",
        "_waiting",
        "_wake",
        "awaitable",
        "context",
        "errors",
        "failed",
        "root",
        "schema_parts",
        "variables",
    )

    def __init__(
        self,
        parts: tuple[Any, ...],
        root: Any,
        context: Any,
        variables: VariableValues,
        awaitable: Callable[[Any], bool],
    ) -> None:
        self.schema_parts = parts
        self.root = root
        self.context = context
        self.variables = variables
        self.awaitable = awaitable
        self.errors: list[GraphQLError] = []
        self.failed = False
        self._dead: set[tuple[int, str | int]] = set()
        self._kept: list[Any] = []
        self._waiting: list[_Waiting] = []
        self._batches: dict[Hashable, Batch] = {}
        self._infos: dict[Field, tuple[Any, ...]] = {}
        self._tasks: dict[asyncio.Future[Any], Callable[[asyncio.Future[Any]], None]] = {}
        self._finished: list[asyncio.Future[Any]] = []
        self._wake: asyncio.Future[None] | None = None

    def info(self, field: "Field", link: Link) -> Info:
        """What the resolver of `field` at this place is told."""
        template = self._infos.get(field)
        if template is None:
            schema, fragments, operation = self.schema_parts
            helpers = GraphQLResolveInfoHelpers(gather=_gather, track=self._track)
            about = (field.name, field.nodes, field.definition.type, field.parent, None)
            whole = (schema, fragments, self.root, operation, self.variables, self.context)
            template = self._infos[field] = (*about, *whole, self.awaitable, None, helpers)
        made = tuple.__new__(Info, template)
        made.link, made.planned = link, field.planned
        return made

    def info_of_value(self, field: "Field", link: Link) -> Info:
        """What a type's function is told about a value: the field, also where the value is an item of its list."""
        while link[4] is None and link[3] is not None:
            link = link[3]
        return self.info(field, link)

    # Errors: a place that may be null swallows, any other passes the error on to the place of its container.

    def located(self, error: Exception, nodes: list[FieldNode], link: Link) -> GraphQLError:
        """The error with its path and places, unless it has them."""
        if isinstance(error, GraphQLError) and error.path is not None:
            return error
        return located_error(error, nodes, keys_of(link))

    def fail(self, error: Exception, nodes: list[FieldNode], link: Link) -> None:
        """While a value is being completed: nulls this place and records the error, or raises it located."""
        found = self.located(error, nodes, link)
        if not link[2]:
            raise found
        self._bury(found, link)

    def fail_later(self, error: Exception, nodes: list[FieldNode], link: Link) -> None:
        """As `fail` for a value that came later: what is above is complete, so the nearest nullable place is sought."""
        found = self.located(error, nodes, link)
        if self.is_dead(link):
            return
        place: Link | None = link
        while place is not None and not place[2]:
            place = place[3]
        if place is None:
            self.failed = True
            self.errors.append(found)
            return
        place[0][place[1]] = None
        self._bury(found, place)

    def _bury(self, error: GraphQLError, place: Link) -> None:
        if self._dead and self.is_dead(place):
            return
        self.errors.append(error)
        self._dead.add((id(place[0]), place[1]))
        self._kept.append(place[0])  # an address must not be given to another container meanwhile

    def is_dead(self, link: Link) -> bool:
        """Whether the place, or one that it is in, has become null by an error."""
        if self.failed:
            return True
        return bool(self._dead) and any((id(step[0]), step[1]) in self._dead for step in chain(link))

    # Values that are still to come.

    def wait_for(self, value: Awaitable[Any], complete: Complete, field: "Field", link: Link) -> None:
        """Completes the value at its place when it has come."""
        self._waiting.append((value, complete, field, link))

    def relate(self, field: "Field", parent: Any, link: Link, arguments: dict[str, Any], name: Hashable) -> None:
        """Asks a relation for one parent, together with all that ask it under the same name before it is called."""
        batch = self._batches.get(name)
        if batch is None:
            assert field.batch is not None
            batch = self._batches[name] = Batch(field.batch, arguments)
        batch.entries.append((parent, field, link))

    async def settle(self) -> None:
        """Returns when nothing is to come any more. Whatever ends it early, no task and no coroutine is left."""
        try:
            while self._waiting or self._batches or self._tasks:
                if not self._tasks and len(self._waiting) + len(self._batches) == 1:
                    await self._only_one()
                else:
                    self._start_all()
                    await self._some_finished()
        finally:
            await self.abandon()

    async def _only_one(self) -> None:
        """Awaits in this very task, which is cheaper and keeps what a resolver sets in its context."""
        if self._waiting:
            value, complete, field, link = self._waiting.pop()
            try:
                came = await value
            except Exception as error:
                self.fail_later(error, field.nodes, link)
            else:
                self._arrive(came, complete, field, link)
            return
        _, batch = self._batches.popitem()
        try:
            parents, values = await batch.call(self.context)
        except Exception as error:
            self._refuse(batch, error)
        else:
            self._hand_out(batch, parents, values)

    def _start_all(self) -> None:
        """Starts what is waiting. Relations are called when nothing else is under way, each for as many as possible."""
        waiting, self._waiting = self._waiting, []
        for value, complete, field, link in waiting:
            self._start(value, lambda done, *rest: self._came(done, *rest), complete, field, link)
        if self._tasks:
            return
        batches, self._batches = self._batches, {}
        for batch in batches.values():
            self._start(batch.call(self.context), lambda done, *rest: self._batch_came(done, *rest), batch)

    def _start(self, value: Awaitable[Any], then: Callable[..., None], *rest: Any) -> None:
        task = asyncio.ensure_future(value)
        self._tasks[task] = lambda done: then(done, *rest)
        task.add_done_callback(self._note)

    def _note(self, task: asyncio.Future[Any]) -> None:
        self._finished.append(task)
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    async def _some_finished(self) -> None:
        if not self._finished:
            self._wake = asyncio.get_running_loop().create_future()
            try:
                await self._wake
            finally:
                self._wake = None
        finished, self._finished = self._finished, []
        for task in finished:
            then = self._tasks.pop(task, None)
            if then is not None:
                then(task)

    def _came(self, task: asyncio.Future[Any], complete: Complete, field: "Field", link: Link) -> None:
        error = task.exception()
        if error is None:
            self._arrive(task.result(), complete, field, link)
        elif isinstance(error, Exception):
            self.fail_later(error, field.nodes, link)
        else:
            raise error

    def _arrive(self, value: Any, complete: Complete, field: "Field", link: Link) -> None:
        if self.is_dead(link):
            dispose(value)
            return
        try:
            link[0][link[1]] = complete(value, self, link)
        except Exception as error:
            self.fail_later(error, field.nodes, link)

    def _batch_came(self, task: asyncio.Future[Any], batch: Batch) -> None:
        error = task.exception()
        if error is None:
            self._hand_out(batch, *task.result())
        elif isinstance(error, Exception):
            self._refuse(batch, error)
        else:
            raise error

    def _hand_out(self, batch: Batch, parents: list[Any], values: Sequence[Any]) -> None:
        entries = batch.entries
        if len(parents) == len(entries):
            found: Iterable[Any] = values
        else:
            by_parent = {id(parent): value for parent, value in zip(parents, values, strict=True)}
            found = [by_parent[id(parent)] for parent, _, _ in entries]
        for (_, field, link), value in zip(entries, found, strict=True):
            if self.awaitable(value):
                self.wait_for(value, field.complete, field, link)
            else:
                self._arrive(value, field.complete, field, link)

    def _refuse(self, batch: Batch, error: Exception) -> None:
        for _, field, link in batch.entries:
            self.fail_later(error, field.nodes, link)

    def _track(self, values: Sequence[Any]) -> None:
        for value in values:
            dispose(value)

    async def abandon(self) -> None:
        """Ends what is still to come: its place is null already, or nobody waits for the answer."""
        waiting, self._waiting = self._waiting, []
        self._batches = {}
        for value, *_ in waiting:
            dispose(value)
        tasks, self._tasks = list(self._tasks), {}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.gather(*tasks, return_exceptions=True)


def dispose(value: Any) -> None:
    """Lets a value go that nobody will await."""
    if isinstance(value, CoroutineType):
        value.close()
    elif isinstance(value, asyncio.Future):
        value.cancel()


def _gather(values: Sequence[Awaitable[Any]]) -> Awaitable[list[Any]]:
    return gather_with_cancel(*values)
