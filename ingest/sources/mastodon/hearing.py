"""Hearing one instance: a thread for each timeline, and one queue of what they bring."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from queue import Empty, Full, Queue
from typing import Annotated, Self

import msgspec

from ingest.source import SourceFailed
from ingest.sources.mastodon.client import LIMIT, Client
from ingest.sources.mastodon.events import Event, Told
from ingest.sources.mastodon.place import NOTHING, Place, rank
from ingest.sources.mastodon.posts import STATUS_ID

log = logging.getLogger(__name__)

_QUEUE = 10_000  # events that wait for the reader; a busy instance has thirty a second
_LOOK = 0.2  # seconds between two looks at whether a thread that waits should end


class Begun(msgspec.Struct, frozen=True):
    """Reading begins after this status, because nothing had been read before."""

    after: str


class Hole(msgspec.Struct, frozen=True):
    """Statuses of some time are left out; ``since`` is ``None`` where the last reading ended."""

    since: datetime | None
    until: datetime
    why: str
    after: str | None = None


class CaughtUp(msgspec.Struct, frozen=True):
    """All that was public before ``at`` has been told."""

    at: datetime


class Ended(msgspec.Struct, frozen=True):
    """There is no more to come, and ``failed`` says why if that was not to be."""

    failed: SourceFailed | None


class Heard(msgspec.Struct, frozen=True):
    """What was heard of one timeline, and when."""

    timeline: str
    at: datetime
    what: Told | Begun | Hole | CaughtUp | Ended


class _Mark(msgspec.Struct):
    """Where a status stands in its timeline."""

    id: Annotated[str, msgspec.Meta(pattern=STATUS_ID.pattern)]
    created_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


class Hearing:
    """Reads timelines from their places on, each in a thread of its own.

    With ``streaming`` a timeline's stream is opened first, then what came before it is caught up with, then
    the stream is read until it ends; without, catching up is all. At most ``most_pages`` of forty statuses
    are caught up with. A server that says nothing for ``silence`` seconds has failed.
    """

    def __init__(
        self,
        clients: Mapping[str, Client],
        places: Mapping[str, Place],
        *,
        streaming: bool,
        silence: float,
        most_pages: int,
        clock: Callable[[], datetime],
    ) -> None:
        self._clients = clients
        self._places = {timeline: (place.after, frozenset(place.given)) for timeline, place in places.items()}
        self._streaming = streaming
        self._silence = silence
        self._most_pages = most_pages
        self._clock = clock
        self._closed = threading.Event()
        self._queue: Queue[Heard] = Queue(_QUEUE)
        self._alive: dict[str, float] = {}  # when each timeline last gave a sign of life

    def __enter__(self) -> Self:
        self._alive = dict.fromkeys(self._clients, time.monotonic())
        for timeline in self._clients:
            threading.Thread(
                target=self._run, args=(timeline,), name=f"mastodon {timeline}", daemon=True
            ).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        for client in self._clients.values():
            client.stop()

    def take(self, seconds: float) -> Heard | None:
        """The next that was heard, within so many seconds. Raises ``SourceFailed`` after a silence."""
        try:
            return self._queue.get(timeout=max(seconds, 0.001))
        except Empty:
            timeline, alive = min(self._alive.items(), key=lambda item: item[1])
            if time.monotonic() - alive <= self._silence:
                return None
        raise SourceFailed(f"nothing was heard of the timeline {timeline} for {self._silence:g} seconds")

    # --- in a timeline's own thread ---

    def _run(self, timeline: str) -> None:
        failed: SourceFailed | None = None
        try:
            self._read(timeline)
        except SourceFailed as error:
            failed = error
        except Exception as error:  # whatever ends a thread must reach its reader
            # Silence would pass for calm. Only the kind of the error is told: its text may hold anything.
            log.exception("reading the timeline %s failed", timeline)
            failed = SourceFailed(f"reading the timeline {timeline} failed ({type(error).__name__})")
        self._tell(timeline, Ended(failed))
        self._alive[timeline] = math.inf  # silent for good, as it should be

    def _read(self, timeline: str) -> None:
        client = self._clients[timeline]
        after, given = self._places[timeline]
        if after is None:
            after = _newest_id(client.newest(timeline))
            self._tell(timeline, Begun(after))
        begin = after
        if self._streaming:
            client.listen(
                timeline,
                lambda: self._catch_up(timeline, begin, given),
                lambda told: self._tell(timeline, told),
            )
        else:
            self._catch_up(timeline, begin, given)

    def _catch_up(self, timeline: str, after: str, given: frozenset[str]) -> None:
        client = self._clients[timeline]
        began, last = self._clock(), None
        for number in range(self._most_pages):
            statuses, marks = _sorted(client.after(timeline, after))
            if number == 0 and _leaves_out(marks, given):
                why = "the instance does not reach back to where reading ended"
                self._tell(timeline, Hole(None, marks[0].created_at or began, why))
            self._tell_statuses(timeline, statuses)
            ahead = bool(marks) and rank(marks[-1].id) > rank(after)
            if ahead:
                after, last = marks[-1].id, marks[-1].created_at
            # An instance leaves out those of a page's forty that were deleted meanwhile, but never half.
            if not ahead or len(statuses) <= LIMIT // 2:
                break
        else:
            self._skip(timeline, after, last, began)
        self._tell(timeline, CaughtUp(began))

    def _skip(self, timeline: str, after: str, last: datetime | None, began: datetime) -> None:
        """Leave out what is too much to catch up with, and go on from the newest."""
        statuses, marks = _sorted(self._clients[timeline].newest(timeline))
        self._tell_statuses(timeline, statuses)
        if marks and rank(marks[0].id) > rank(after):
            why = f"more than {self._most_pages * LIMIT:,} statuses had come since the last reading"
            self._tell(timeline, Hole(last, marks[0].created_at or began, why, after=marks[0].id))

    def _tell_statuses(self, timeline: str, statuses: Sequence[msgspec.Raw]) -> None:
        for status in statuses:
            self._tell(timeline, Event("update", bytes(status)))

    def _tell(self, timeline: str, what: Told | Begun | Hole | CaughtUp | Ended) -> None:
        heard = Heard(timeline, self._clock(), what)
        while not self._closed.is_set():
            try:
                self._queue.put(heard, timeout=_LOOK)
            except Full:
                continue
            break
        self._alive[timeline] = time.monotonic()


def _newest_id(statuses: Sequence[msgspec.Raw]) -> str:
    _, marks = _sorted(statuses)
    return marks[-1].id if marks else NOTHING


def _sorted(statuses: Sequence[msgspec.Raw]) -> tuple[list[msgspec.Raw], list[_Mark]]:
    """Statuses, the oldest first, and the marks of those that have one."""
    marked = [(_mark(status), status) for status in statuses]
    marked.sort(key=lambda pair: rank(pair[0].id) if pair[0] else (0, ""))
    return [status for _, status in marked], [mark for mark, _ in marked if mark]


def _mark(status: msgspec.Raw) -> _Mark | None:
    try:
        return msgspec.json.decode(status, type=_Mark)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _leaves_out(marks: Sequence[_Mark], given: frozenset[str]) -> bool:
    """Whether statuses are missing between those given lately, which should come again, and a full page."""
    return len(marks) > LIMIT // 2 and bool(given) and given.isdisjoint(mark.id for mark in marks)
