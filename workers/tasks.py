"""The Celery tasks: each fetches the collaborators and calls a step, nothing more."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from celery.signals import worker_process_init
from redis.exceptions import LockError
from redis.lock import Lock

from domain.source import SourceState
from settings import load_settings
from workers.app import app
from workers.asking import is_free
from workers.counting import drain as drain_step
from workers.delivering import deliver_due
from workers.house import House
from workers.listening import LeaseLost
from workers.readiness import leave_canary
from workers.tidying import tidy as tidy_step
from workers.training_process import LONGEST, carry_out_apart

log = logging.getLogger(__name__)

MOST_BATCHES = 200  # counted by one task, before others get their turn
# Longer than a pass of detection or a round of requests, after which a lock is renewed; and short, because a
# killed worker's lock holds the others up until it ends. Nothing false comes of a lock that ends too early:
# a minute is closed once by its fence, and a delivery is sent once by its claim.
LOCK_SECONDS = 15

_houses: dict[int, House] = {}
_making = threading.Lock()  # who asks outside works in threads


def house() -> House:
    """This process's own collaborators: connections must not be shared across a fork."""
    pid = os.getpid()
    with _making:
        if pid not in _houses:
            _houses.clear()
            _houses[pid] = House(load_settings())
        return _houses[pid]


@worker_process_init.connect  # type: ignore[untyped-decorator]  # Celery ships no types
def warm_up(**_: object) -> None:
    """Load catalogue and classifier before the first batch waits for them; wake what was given up."""
    house().prepare()
    house().wake_polled()
    house().classifier()


@app.task(name="tick")  # type: ignore[untyped-decorator]  # Celery ships no types
def tick() -> None:
    """Nudge whatever may have lost its nudge, and leave word that a worker lives."""
    leave_canary(house().redis)
    for run in house().active_runs():
        drain.delay(run.name)
    for name, source in house().sources.items():
        if source.every is not None and _is_due(name):
            poll.apply_async(args=[name], expires=5)
    deliver.delay()


@app.task(name="poll")  # type: ignore[untyped-decorator]  # Celery ships no types
def poll(name: str) -> None:
    """Read a polled source once, unless another worker does just now."""
    source = house().sources.get(name)
    lease = house().source_statuses.lease(name)
    if source is None or not lease.take():
        return
    try:
        if _is_due(name):  # another worker may have read it since this was asked for
            house().listener(source).turn(lease)
    except LeaseLost as lost:
        log.warning("%s", lost)
    finally:
        lease.release()


def _is_due(name: str) -> bool:
    status = house().source_statuses.status(name)
    if status is None or (status.state is SourceState.LISTENING and status.again_at is None):
        return True
    return status.again_at is not None and status.again_at <= datetime.now(UTC)


@app.task(name="watch")  # type: ignore[untyped-decorator]  # Celery ships no types
def watch() -> None:
    """Look at the official pages that are due."""
    if watching := house().watching:
        watching.look_around()


@app.task(name="tidy")  # type: ignore[untyped-decorator]  # Celery ships no types
def tidy() -> None:
    """Drop what was kept for long enough."""
    now = datetime.now(UTC)
    tidy_step(house().stores, now, timedelta(days=house().settings.text_days))
    house().posts(house().live).label_queue.sweep(now)


@app.task(name="look_after_retraining")  # type: ignore[untyped-decorator]  # Celery ships no types
def look_after_retraining() -> None:
    """Begin the retraining that is due; see that none waits or has stopped unseen."""
    house().look_after_retraining(datetime.now(UTC))


@app.task(name="retrain", time_limit=LONGEST + 60)  # type: ignore[untyped-decorator]  # Celery ships no types
def retrain(retraining: str) -> None:
    """Carry out a retraining, unless another process does just now."""
    one = house().stores.retrainings.get(retraining)
    if one is not None and is_free(one, datetime.now(UTC)):
        carry_out_apart(retraining)


@app.task(name="drain")  # type: ignore[untyped-decorator]  # Celery ships no types
def drain(name: str) -> None:
    """Count what waits in a run's Stream, then see which minutes may close."""
    run = house().stores.runs.get(name)
    if run is None:
        return
    worker = f"{socket.gethostname()}:{os.getpid()}"
    _, more = drain_step(
        house().posts(run),
        house().at_work,
        worker,
        notices=house().stores.notices,
        run=name,
        most_batches=MOST_BATCHES,
    )
    if more:
        drain.delay(name)
    close(name)


def close(name: str) -> None:
    """Close the minutes of a run that may be closed. One worker at a time is enough."""
    with _alone(f"closing:{name}") as lock:
        while lock and (run := house().stores.runs.get(name)):
            detecting = house().detecting(run)
            if not detecting.close_minutes(datetime.now(UTC)):
                if run.is_live:
                    detecting.look_ahead(datetime.now(UTC))
                return
            lock.reacquire()


@app.task(name="deliver")  # type: ignore[untyped-decorator]  # Celery ships no types
def deliver() -> None:
    """Send what is due. One worker at a time, so that the others go on counting."""
    with _alone("delivering") as lock:
        if lock:
            deliver_due(
                house().stores.deliveries, house().sender, datetime.now(UTC), after_round=lock.reacquire
            )


@contextmanager
def _alone(work: str) -> Iterator[Lock | None]:
    """The lock of some work, to be renewed with every step; ``None`` while another worker holds it."""
    lock = house().redis.lock(f"groundswell:{work}", timeout=LOCK_SECONDS, blocking=False)
    if not lock.acquire():
        yield None
        return
    try:
        try:
            yield lock
        finally:
            lock.release()
    except LockError:
        log.warning("%s took longer than its lock, and another worker may go on with it", work)
