"""Hashing: the parameters, the same work for nobody, and never more than two at once."""

import asyncio
import re
import threading

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError

from core import passwords
from core.passwords import hash_password, needs_rehash, verify_password


async def test_a_password_is_recognised_by_its_hash() -> None:
    stored = await hash_password("correct horse 1")
    assert await verify_password(stored, "correct horse 1")
    assert not await verify_password(stored, "correct horse 2")
    assert not await verify_password(stored, "")


async def test_hashes_are_argon2id_salted_and_bounded_in_length() -> None:
    first, second = await hash_password("same password 1"), await hash_password("same password 1")
    assert first != second
    assert re.fullmatch(r"\$argon2id\$v=19\$m=47104,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}", first)
    assert len(first) <= 128
    assert not needs_rehash(first)


def test_weaker_hashes_are_made_anew() -> None:
    assert needs_rehash(PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash("x"))


async def test_nobody_has_a_password_and_costs_the_same_parameters() -> None:
    assert not needs_rehash(passwords._NOBODY)
    assert not await verify_password(None, "")
    assert not await verify_password(None, "anything")
    assert not await verify_password("", "anything")


async def test_nobody_costs_the_same_work() -> None:
    """The same function runs over a hash of the same cost; its time is the machine's affair, so it is not compared."""
    assert extract_parameters(passwords._NOBODY) == extract_parameters(await hash_password("correct horse 1"))


async def test_full_width_typing_is_the_same_password_and_odd_text_does_not_raise() -> None:
    stored = await hash_password("abc\uff11\uff12\uff13密码")
    assert await verify_password(stored, "\uff41bc123密码")
    assert not await verify_password(stored, "\ud800\x00")


async def test_what_is_no_hash_is_an_error() -> None:
    with pytest.raises(InvalidHashError):
        await verify_password("plain text", "plain text")


async def test_at_most_two_at_once_and_the_loop_stays_free(monkeypatch: pytest.MonkeyPatch) -> None:
    running, most = 0, 0
    lock = threading.Lock()
    verify = passwords._verify

    def counted(stored: str, password: bytes) -> bool:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        try:
            return verify(stored, password)
        finally:
            with lock:
                running -= 1

    monkeypatch.setattr(passwords, "_verify", counted)
    turns = 0
    work = asyncio.gather(*(verify_password(None, "x") for _ in range(6)))
    while not work.done():
        await asyncio.sleep(0.001)
        turns += 1
    assert await work == [False] * 6
    assert most == 2
    assert turns > 10
