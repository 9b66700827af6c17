"""Clients whose every mutation is kept in a journal with what they were told, to be compared with the tables."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx2

from tests.client import Answer, Api
from tests.faults.apis import ApiProcess, acknowledged, chance, insist, leaves, raw, replayed
from tests.faults.oracle import assert_whole


@dataclass(frozen=True)
class Mutation:
    """A mutation with its key. `counted`: a statement and its value that tell how many of its `effects` there are."""

    document: str
    field_name: str
    token: str | None
    given: dict[str, Any]
    counted: tuple[str, Any]
    effects: int = 1

    async def once(self, process: ApiProcess, fault: str = "") -> Answer | None:
        """Sends it; None when no answer came, or one that says to try again."""
        try:
            answer = await process.send(self.document, self.token, fault, **self.given)
        except httpx2.TransportError:
            return None
        return answer if acknowledged(answer, self.field_name) is not None else None

    async def insist(self, process: ApiProcess) -> Answer:
        """Sends it with its key until it is done."""
        return await insist(process, self.document, self.token, self.field_name, **self.given)

    async def dies(self, process: ApiProcess, fault: str) -> None:
        """Sends it to a process that it ends."""
        await process.dies(self.document, self.token, fault, **self.given)

    async def found(self, api: Api) -> int:
        """How many of its effects there are."""
        return int(await api.value(*self.counted))


@dataclass
class Sent:
    """One mutation of a load, and whether its success was acknowledged."""

    mutation: Mutation
    acknowledged: bool = False


@dataclass
class Load:
    """A scripted, seeded day of several clients, and the journal of what they were told; `run` is the script."""

    api: Api
    front: ApiProcess
    seed: str
    journal: list[Sent] = field(default_factory=list)
    failures: int = 0
    stopped: bool = False

    async def run(self, client: int) -> None:
        """One client's day; ends when its work is done or the load is stopped."""
        raise NotImplementedError

    async def attempt(self, mutation: Mutation) -> Answer | None:
        """Sends a mutation; after a failure it is sent again once in three times, else left as it is."""
        sent = Sent(mutation)
        self.journal.append(sent)
        while True:
            answer = await mutation.once(self.front)
            if answer is not None:
                sent.acknowledged = True
                return answer
            self.failures += 1
            if self.stopped or chance(self.seed, self.failures) < 2 / 3:
                return None

    async def settle(self) -> None:
        """Every acknowledged mutation is there once, every other once or not, and its key replays or does it."""
        for sent in self.journal:
            mutation, all_of_it = sent.mutation, sent.mutation.effects
            found = await mutation.found(self.api)
            assert found in ((all_of_it,) if sent.acknowledged else (0, all_of_it)), sent
            assert replayed(await mutation.insist(self.front)) == (found == all_of_it), sent
            assert await mutation.found(self.api) == all_of_it, sent


async def storm(load: Load, *, seconds: float, clients: int, pause: float) -> None:
    """Runs the load while one connection of the API after the other is ended at random, with a pause between them."""
    running = [asyncio.create_task(load.run(client)) for client in range(clients)]
    query = (
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'api' and pid <> $2"
        " order by state = 'idle', md5(pid || $1) limit 1"
    )
    loop = asyncio.get_running_loop()
    end, ended = loop.time() + seconds, 0
    while loop.time() < end and not all(task.done() for task in running):
        ended += len(await load.api.rows(query, f"{load.seed}{ended}", os.getpid()))
        await asyncio.sleep(pause)
    load.stopped = True
    await asyncio.gather(*running)
    sys.stderr.write(f"\n{ended} connections ended, {len(load.journal)} mutations, {load.failures} failures\n")


async def endure(load: Load, *, seconds: float, clients: int, pause: float) -> None:
    """A storm that is felt and leaves nothing half way."""
    await storm(load, seconds=seconds, clients=clients, pause=pause)
    assert load.failures > 0, "the faults must have been felt"
    await load.front.pool_is_whole()
    await load.settle()
    await assert_whole()


CALLERS = 20
DYING = 0.3
LONGEST_LIFE = 0.06


async def call(front: ApiProcess, mutation: Mutation, name: str) -> Answer | None:
    """One caller: insists until it is answered, or dies within a few hundredths of a second, its connection closed."""
    if chance("dies", name) < DYING:
        assert mutation.token is not None
        message = raw(mutation.token, mutation.document, **mutation.given)
        await leaves(front, message, waits=chance("life", name) * LONGEST_LIFE)
        return None
    while True:
        answer = await mutation.once(front)
        if answer is not None:
            return answer
        await asyncio.sleep(0.05)


async def crowd(
    front: ApiProcess, keys: int, offer: Callable[[int], Awaitable[Mutation]], *, at_once: int = 3
) -> list[Answer]:
    """`keys` keys with 20 callers each, so many keys at once; an answer for each key, which was all its callers' one.

    `offer` makes the mutation of the n-th key.
    """
    gate = asyncio.Semaphore(at_once)

    async def one(number: int) -> list[Answer]:
        async with gate:
            mutation = await offer(number)
            calls = (call(front, mutation, f"{number}-{caller}") for caller in range(CALLERS))
            return [answer for answer in await asyncio.gather(*calls) if answer is not None]

    answers = await asyncio.gather(*(one(number) for number in range(keys)))
    died = keys * CALLERS - sum(map(len, answers))
    first = sum(not replayed(answer) for one_key in answers for answer in one_key)
    sys.stderr.write(
        f"\n{keys} keys, {keys * CALLERS} callers, {died} died, {first} of {keys} told the first success\n"
    )
    assert died > keys * CALLERS * DYING / 2
    for one_key in answers:
        assert all(answer.data == one_key[0].data for answer in one_key)
        assert sum(not replayed(answer) for answer in one_key) <= 1
    return [one_key[0] for one_key in answers]
