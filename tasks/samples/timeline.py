"""Plays stories that overlap in time: each says when it goes on, and the clock never runs backwards."""

import heapq
from collections.abc import AsyncIterator, Iterable
from datetime import datetime

from core.clock import SettableClock

Story = AsyncIterator[datetime]
"""Yields the instant at which it wants to go on; what it does in between happens at the clock's time."""


async def play(clock: SettableClock, stories: Iterable[Story]) -> None:
    """Plays all stories to their end. Those that meet go on in the order given."""
    waiting = [(clock(), number, story) for number, story in enumerate(stories)]
    heapq.heapify(waiting)
    while waiting:
        at, number, story = heapq.heappop(waiting)
        clock.at = max(clock.at, at)
        try:
            following = await anext(story)
        except StopAsyncIteration:
            continue
        heapq.heappush(waiting, (following, number, story))
