"""Passwords: hashed with argon2id, checked with the same work whether the person exists or not.

Two threads of their own do the work, so at most two hashes (46 MiB each) are computed at once and the loop stays free.
"""

import asyncio
import unicodedata
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher, Type
from argon2.exceptions import VerifyMismatchError

_hasher = PasswordHasher(time_cost=2, memory_cost=47_104, parallelism=1, hash_len=32, salt_len=16, type=Type.ID)
_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")

# The hash of a random text nobody knows, made with the parameters above (a test compares them).
_NOBODY = "$argon2id$v=19$m=47104,t=2,p=1$BCjPrdeW659AZSIkGdsjQw$UhlzCt8gt8CCAUwzIw+pF7+lFI6hWsvQjOdH7p3myRs"


async def hash_password(password: str) -> str:
    """The argon2id hash of `password`, with its parameters and a random salt, as text of about 100 characters."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _hasher.hash, _octets(password))


async def verify_password(stored: str | None, password: str) -> bool:
    """Whether `password` made the hash `stored`; `None` (nobody, or no password yet) is false after the same work.

    `argon2.exceptions.InvalidHashError` when `stored` is not a hash.
    """
    right = await asyncio.get_running_loop().run_in_executor(_threads, _verify, stored or _NOBODY, _octets(password))
    return right and stored is not None


def needs_rehash(stored: str) -> bool:
    """Whether `stored` was made with other parameters than today's; hash again at the next successful sign-in."""
    return _hasher.check_needs_rehash(stored)


def _verify(stored: str, password: bytes) -> bool:
    try:
        return _hasher.verify(stored, password)
    except VerifyMismatchError:
        return False


def _octets(password: str) -> bytes:
    # The same password typed on a full-width keyboard is the same password; lone surrogates must not raise.
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
