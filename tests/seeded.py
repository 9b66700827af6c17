"""Chance that comes out alike in every run: the one place from which tests draw."""

import random  # noqa: TID251 - under a seed


class Random(random.Random):
    """The standard generator, which must be told its seed."""

    def __init__(self, seed: int | str) -> None:
        super().__init__(seed)


__all__ = ["Random"]
