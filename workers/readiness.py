"""Whether the parts of the house do their work just now."""

from __future__ import annotations

import time
from typing import cast

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from storage.database import DatabaseUnavailable
from storage.interfaces import Models

CANARY = "groundswell:canary"
CANARY_STALE = 20.0  # seconds without a sign of any worker


def leave_canary(redis: Redis) -> None:
    """Leave word that a worker lives."""
    redis.set(CANARY, time.time())


def last_canary(redis: Redis) -> float | None:
    """When a worker last left word, in seconds since 1970."""
    seen = cast(bytes | None, redis.get(CANARY))
    return None if seen is None else float(seen)


def redis_fault(redis: Redis) -> str | None:
    """What is wrong with Redis, if anything."""
    try:
        redis.ping()
    except RedisError as error:
        return f"does not answer ({type(error).__name__})"
    return None


def database_fault(models: Models) -> str | None:
    """What is wrong with the database, if anything."""
    try:
        active = models.active()
    except DatabaseUnavailable as error:
        return str(error)
    except SQLAlchemyError as error:  # it answers, but has no tables, or other ones
        return f"is not prepared ({type(error).__name__})"
    return None if active else "no classifier is active"


def worker_fault(redis: Redis) -> str | None:
    """What is wrong with the workers, if anything."""
    try:
        seen = last_canary(redis)
    except RedisError:
        return "unknown, as redis does not answer"
    if seen is None or time.time() - seen > CANARY_STALE:
        return f"no worker has given a sign for {CANARY_STALE:.0f} s"
    return None
