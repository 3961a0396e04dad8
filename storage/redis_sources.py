"""How every source is doing, and who reads it: in Redis, where it may be forgotten."""

from __future__ import annotations

from datetime import datetime
from typing import cast

import msgspec
from redis import Redis
from redis.exceptions import LockError
from redis.lock import Lock

from domain.moments import from_milliseconds, milliseconds
from domain.source import SourceState, SourceStatus

LEASE_SECONDS = 8.0  # a reader that stands by asks every two seconds, so it takes over within ten

_encode = msgspec.msgpack.Encoder().encode
_status = msgspec.msgpack.Decoder(SourceStatus)
_STATUSES = "groundswell:sources"
_BROUGHT = "groundswell:brought:"


class RedisSources:
    """The statuses and leases of all sources on one Redis server."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def say(self, status: SourceStatus) -> None:
        """Keep how a source is doing; the latest word replaces the one before."""
        self._redis.hset(_STATUSES, status.name, _encode(status))

    def status(self, source: str) -> SourceStatus | None:
        found = cast(bytes | None, self._redis.hget(_STATUSES, source))
        return None if found is None else _read(found)

    def took_in(self, source: str, posts: int, mentions: int, unreadable: int, now: datetime) -> None:
        """Count what was brought to us, by any number of processes at once."""
        key = f"{_BROUGHT}{source}"
        with self._redis.pipeline() as pipe:
            for field, number in (("posts", posts), ("mentions", mentions), ("unreadable", unreadable)):
                pipe.hincrby(key, field, number)
            pipe.hset(key, "at", milliseconds(now))
            pipe.execute()

    def statuses(self) -> list[SourceStatus]:
        """Every source that ever said how it is, or was ever brought to us, by name."""
        found = cast(dict[bytes, bytes], self._redis.hgetall(_STATUSES))
        read = [status for status in map(_read, found.values()) if status]
        brought = [self._brought(key) for key in self._redis.scan_iter(match=f"{_BROUGHT}*")]
        return sorted([*read, *brought], key=lambda status: status.name)

    def _brought(self, key: bytes) -> SourceStatus:
        counts = cast(dict[bytes, bytes], self._redis.hgetall(key))
        return SourceStatus(
            name=key.decode().removeprefix(_BROUGHT),
            state=SourceState.LISTENING,
            at=from_milliseconds(int(counts[b"at"])),
            posts=int(counts[b"posts"]),
            mentions=int(counts[b"mentions"]),
            unreadable=int(counts[b"unreadable"]),
        )

    def forget(self, source: str) -> None:
        """Drop what is known of a source that is read no longer."""
        self._redis.hdel(_STATUSES, source)

    def is_read(self, source: str) -> bool:
        """Whether anybody holds its lease."""
        return bool(self._redis.exists(_lease_key(source)))

    def lease(self, source: str) -> Lease:
        """The right to read a source, not yet taken."""
        return Lease(self._redis, source)


class Lease:
    """The right to be the one reader of a source, for ``LEASE_SECONDS`` after it was last renewed."""

    def __init__(self, redis: Redis, source: str) -> None:
        self._lock: Lock = redis.lock(
            _lease_key(source), timeout=LEASE_SECONDS, blocking=False, thread_local=False
        )

    def take(self) -> bool:
        """Whether it could be taken: nobody else holds it."""
        return bool(self._lock.acquire())

    def renew(self) -> bool:
        """Whether it is still ours, and will be for a while."""
        try:
            return bool(self._lock.reacquire())
        except LockError:
            return False

    def release(self) -> None:
        """Give it back; harmless when it was lost."""
        try:
            self._lock.release()
        except LockError:
            return


def _lease_key(source: str) -> str:
    return f"groundswell:lease:{source}"


def _read(packed: bytes) -> SourceStatus | None:
    try:
        return _status.decode(packed)
    except msgspec.DecodeError:  # said by another version: its reader will say it anew
        return None
