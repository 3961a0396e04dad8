"""The Celery tasks: each fetches the collaborators and calls a step, nothing more."""

from __future__ import annotations

import logging
import os
import socket
from datetime import UTC, datetime

from celery.signals import worker_process_init
from redis.exceptions import LockError

from settings import load_settings
from workers.app import app
from workers.counting import drain as drain_step
from workers.delivering import deliver_due
from workers.house import House

log = logging.getLogger(__name__)

MOST_BATCHES = 200  # counted by one task, before others get their turn
LOCK_SECONDS = 120  # longer than a pass over a day of minutes; a killed worker's lock ends by itself

_houses: dict[int, House] = {}


def house() -> House:
    """This process's own collaborators: connections must not be shared across a fork."""
    pid = os.getpid()
    if pid not in _houses:
        _houses.clear()
        _houses[pid] = House(load_settings())
    return _houses[pid]


@worker_process_init.connect  # type: ignore[untyped-decorator]  # Celery ships no types
def warm_up(**_: object) -> None:
    """Load catalogue and classifier before the first batch waits for them."""
    house().prepare()
    house().classifier()


@app.task(name="tick")  # type: ignore[untyped-decorator]  # Celery ships no types
def tick() -> None:
    """Nudge whatever may have lost its nudge, and leave word that a worker lives."""
    house().leave_canary()
    for run in house().active_runs():
        drain.delay(run.name)
    deliver.delay()


@app.task(name="drain")  # type: ignore[untyped-decorator]  # Celery ships no types
def drain(name: str) -> None:
    """Count what waits in a run's Stream, then see which minutes may close."""
    run = house().stores.runs.get(name)
    if run is None:
        return
    worker = f"{socket.gethostname()}:{os.getpid()}"
    _, more = drain_step(house().posts(run), house().classifier(), worker, most_batches=MOST_BATCHES)
    if more:
        drain.delay(name)
    close(name)


def close(name: str) -> None:
    """Close the minutes of a run that may be closed. One worker at a time is enough."""
    lock = house().redis.lock(f"groundswell:closing:{name}", timeout=LOCK_SECONDS, blocking=False)
    if not lock.acquire():
        return
    try:
        while run := house().stores.runs.get(name):
            detecting = house().detecting(run)
            if not detecting.close_minutes(datetime.now(UTC)):
                if run.is_live:
                    detecting.look_ahead(datetime.now(UTC))
                return
            lock.reacquire()
    finally:
        try:
            lock.release()
        except LockError:
            log.warning("closing the minutes of run %s took longer than its lock", name)


@app.task(name="deliver")  # type: ignore[untyped-decorator]  # Celery ships no types
def deliver() -> None:
    """Send what is due. One worker at a time, so that the others go on counting."""
    lock = house().redis.lock("groundswell:delivering", timeout=LOCK_SECONDS, blocking=False)
    if not lock.acquire():
        return
    try:
        deliver_due(house().stores.deliveries, house().sender, datetime.now(UTC))
    finally:
        try:
            lock.release()
        except LockError:
            log.warning("a round of deliveries took longer than its lock")
