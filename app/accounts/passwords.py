"""Passwords: argon2id, and never more than a few hashes at a time, so that a flood of sign-ins stops nothing else."""

import threading
import unicodedata
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app
from werkzeug.exceptions import ServiceUnavailable

AT_ONCE = 2  # 19 MiB and a core each
WAITING = 6  # threads that may queue for their turn; the others are told to come back
PATIENCE = 2.0  # seconds

_turns = threading.BoundedSemaphore(AT_ONCE)
_places = threading.BoundedSemaphore(AT_ONCE + WAITING)
# Each thread that ever hashed keeps its 19 MiB for the next time: so always the same few, not every thread of a server.
_threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="hash")


def hash_password(password: str) -> str:
    """The argon2id hash to store. Raises ServiceUnavailable (503) when too many are asked for at once."""
    with _turn():
        return _threads.submit(_hasher().hash, _spell(password)).result()


def is_right(password_hash: str, password: str) -> bool:
    """Whether `password` is the one behind the hash. Takes the same time for right and wrong."""
    with _turn():
        try:
            return _threads.submit(_hasher().verify, password_hash, _spell(password)).result()
        except (VerificationError, InvalidHashError):
            return False


def spend_the_same(password: str) -> None:
    """Hash in vain, where there is no account, so that time does not tell."""
    with _turn():
        _threads.submit(_hasher().hash, _spell(password)).result()


def _spell(password: str) -> bytes:
    """One spelling, whichever keyboard it was typed on (Unicode NFC); broken characters are as good as any."""
    return unicodedata.normalize("NFC", password).encode(errors="surrogatepass")


def _hasher() -> PasswordHasher:
    passes, memory, lanes = current_app.config["HASH_COST"]
    return PasswordHasher(time_cost=passes, memory_cost=memory, parallelism=lanes)


@contextmanager
def _turn() -> Iterator[None]:
    if not _places.acquire(blocking=False):
        raise ServiceUnavailable(retry_after=5)
    try:
        if not _turns.acquire(timeout=PATIENCE):
            raise ServiceUnavailable(retry_after=5)
        try:
            yield
        finally:
            _turns.release()
    finally:
        _places.release()
