"""A reader of its own process: it reads while it holds the lease of its source, and else stands by."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from redis.exceptions import RedisError

from domain.source import SourceStatus
from storage.redis_sources import Lease
from workers.listening import LeaseLost, Listener

log = logging.getLogger(__name__)

ASK_EVERY = 2.0  # seconds between two looks at the lease, whether it is ours or another's

Rest = Callable[[float], bool]  # waits for so many seconds, and says whether to stop


def read_until_stopped(listener: Listener, rest: Rest) -> None:
    """Read a source again and again, whenever its status says so, until ``rest`` or the listener stops it."""
    lease = listener.sources.lease(listener.source.name)
    asked_to_stop = False
    while not (listener.stopped or asked_to_stop):
        try:
            if lease.take():
                asked_to_stop = _read_while_ours(listener, lease, rest)
        except LeaseLost as lost:
            log.warning("%s; this one stands by", lost)
        except RedisError as error:
            log.warning("the lease of %s cannot be had: %s", listener.source.name, type(error).__name__)
        asked_to_stop = asked_to_stop or rest(ASK_EVERY)


def _read_while_ours(listener: Listener, lease: Lease, rest: Rest) -> bool:
    try:
        while not listener.stopped:
            if _wait_until_due(listener, lease, listener.turn(lease), rest):
                return True
    finally:
        lease.release()
    return False


def _wait_until_due(listener: Listener, lease: Lease, status: SourceStatus, rest: Rest) -> bool:
    """Wait until the source is to be read again (for ever, where only the operator can help), or to stop."""
    while not listener.stopped:
        left = None if status.again_at is None else status.again_at - listener.clock()
        if left is not None and left <= timedelta():
            return False
        if rest(ASK_EVERY if left is None else min(ASK_EVERY, left.total_seconds())):
            return True
        if not lease.renew():
            raise LeaseLost(f"another process reads {listener.source.name} now")
    return True
