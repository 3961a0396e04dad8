"""What is remembered of each official page between two looks: in Redis, where it may be forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import cast

from redis import Redis
from redis.exceptions import LockError

LOOK_SECONDS = 120.0  # longer than a look may take: all addresses of a page, each with its time limit
_WATCHES = "groundswell:watches"


class RedisWatches:
    """The memory of all official pages on one Redis server, as bytes whose shape their reader knows."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def get(self, page: str) -> bytes | None:
        return cast(bytes | None, self._redis.hget(_WATCHES, page))

    def put(self, page: str, remembered: bytes) -> None:
        self._redis.hset(_WATCHES, page, remembered)

    @contextmanager
    def alone(self, page: str) -> Iterator[bool]:
        """Whether nobody else looks at this page while the block lasts."""
        lock = self._redis.lock(
            f"groundswell:looking:{page}", timeout=LOOK_SECONDS, blocking=False, thread_local=False
        )
        taken = lock.acquire()
        try:
            yield bool(taken)
        finally:
            if taken:
                with suppress(LockError):  # it took longer than its lock: whoever saves, saves the same
                    lock.release()
