"""A worker like `cosell worker`, with topics that do harm when their payload says so.

A job writes one line to the file `PROVIDER_LOG` when it reaches the outside world: key, process, monotonic nanoseconds.
"""

import asyncio
import os
import signal
import time
from datetime import datetime, timedelta

from gateways.delivery import Receipt
from tasks.outbox import Job, Registry
from tasks.schedules import Schedules
from tasks.worker import main

registry = Registry()
schedules = Schedules()


def send(job: Job) -> Receipt:
    """The outside world: remembers every call, as one write that no kill can split."""
    line = f"{job.key} {os.getpid()} {time.monotonic_ns()}\n"
    file = os.open(os.environ["PROVIDER_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, line.encode())
    os.close(file)
    return Receipt(f"ref-{job.id}")


@registry.topic("send", lease=1.0, timeout=60.0, base=0.2, cap=1.0, concurrency=20)
async def deliver(job: Job) -> Receipt:
    """Sends after `takes` seconds; dies before or after that at its first `kills` tries, or blocks the loop first."""
    await asyncio.sleep(float(job.payload.get("takes", 0)))
    dies = job.attempt <= int(job.payload.get("kills", 0))
    if dies and job.payload["when"] == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    if job.attempt == 1 and "blocks" in job.payload:
        time.sleep(float(job.payload["blocks"]))
    receipt = send(job)
    if dies:
        os.kill(os.getpid(), signal.SIGKILL)
    return receipt


@registry.topic("poison", lease=1.0)
async def poison(_job: Job) -> None:
    """Ends the process, always."""
    os._exit(13)


@schedules.scheduled("second", every=timedelta(seconds=1), catch_up="all")
async def every_second(slot: datetime) -> None:
    """Tells the outside world its slot."""
    send(Job(0, "second", slot.isoformat(), {}, 1, 0))


if __name__ == "__main__":
    schedules.attach(registry)
    main(registry=registry, schedules=schedules)
