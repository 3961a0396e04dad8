"""Waiting for a request without being held by it."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from threading import Event, Thread
from typing import Generic, TypeVar

from ingest.source import Page
from ingest.sources.x.timing import Timing
from ingest.sources.x.wire import AnswerLost

Got = TypeVar("Got")


class Closed(Exception):
    """The source was closed while it waited."""


class Call(Generic[Got]):
    """A request under way in a thread of its own, for ``patience`` seconds at the most."""

    def __init__(self, ask: Callable[[], Got], patience: float) -> None:
        self._over = Event()
        self._ask = ask
        self._got: list[Got] = []
        self._failed: Exception | None = None
        self._patience = patience
        self._late_at = time.monotonic() + patience
        Thread(target=self._run, name="x-call", daemon=True).start()

    def _run(self) -> None:
        try:
            self._got.append(self._ask())
        except Exception as error:  # noqa: BLE001 - whatever it is, it is raised where the result is asked for
            self._failed = error
        finally:
            self._over.set()

    def is_over(self, wait: float = 0.0) -> bool:
        """Whether there is a result, or no hope of one any more."""
        return self._over.wait(wait) or time.monotonic() > self._late_at

    def result(self) -> Got:
        """What was got. Raises what went wrong."""
        if not self._over.is_set():
            raise AnswerLost(f"X has given no whole answer within {self._patience:g} seconds")
        if self._failed is not None:
            raise self._failed
        return self._got[0]


def awaiting(call: Call[Got], closed: Event, timing: Timing) -> Generator[Page, None, Got]:
    """The result of a call; until then an empty page with each tick. Raises ``Closed``."""
    last = time.monotonic()
    while not call.is_over(timing.look):
        if closed.is_set():
            raise Closed
        if time.monotonic() - last >= timing.tick:
            last = time.monotonic()
            yield Page()
    return call.result()
