"""X as a stream: the posts that its rules find, and by search those of the time in between."""

from __future__ import annotations

import logging
import time
from collections.abc import Generator, Sequence
from datetime import datetime
from threading import Event

from ingest.source import Page, SourceFailed, Surroundings
from ingest.sources.x.budget import Advance, Budget
from ingest.sources.x.calls import Call, Closed, awaiting
from ingest.sources.x.client import Client
from ingest.sources.x.connection import BLOCK, LEAST_SPARE, Connection, Line
from ingest.sources.x.cursor import Cursor, time_of
from ingest.sources.x.gap import Filled, Gap
from ingest.sources.x.options import XOptions
from ingest.sources.x.plan import Plan
from ingest.sources.x.posts import SOURCE, Found, Problem, read_line
from ingest.sources.x.refusals import failure_told
from ingest.sources.x.search import Search
from ingest.sources.x.seen import Seen
from ingest.sources.x.sync import keep_in_step
from ingest.sources.x.timing import TIMING, Timing
from ingest.sources.x.wire import Wire

log = logging.getLogger(__name__)

_SAVING = "x: half of an allowance is spent; the rest is for the services of GROUNDSWELL_X_SERVICES alone"
_NOT_SAVING = "x: a new allowance has begun; every service is heard again"


class Listening:
    """Reads X's filtered stream.

    The stream is connected first and the gap before it searched for then, so nothing falls between the two.
    Deleted posts are not told of: X does that on Enterprise plans only.
    """

    name = SOURCE
    every: float | None = None

    def __init__(self, options: XOptions, around: Surroundings, plan: Plan, timing: Timing = TIMING) -> None:
        self.options = options
        self.clock = around.clock
        self.plan = plan
        self.timing = timing
        self.closed = Event()
        self.budget = Budget(around.purse, around.clock, options.caps, options.micro_dollars_a_post)
        self.streaming = Advance(self.budget, BLOCK, LEAST_SPARE)
        self.searching = Advance(self.budget)
        self._reading: _Reading | None = None

    def pages(self, cursor: str | None) -> Generator[Page]:
        """What there is since ``cursor``, page by page."""
        if self.closed.is_set():
            return
        reading = self._reading = _Reading(self, cursor)
        try:
            yield from reading.pages()
        except (Closed, SourceFailed):
            # A connection that we closed ourselves fails as a matter of course.
            if not self.closed.is_set():
                raise
        finally:
            reading.end()

    def close(self) -> None:
        """End ``pages`` soon; called from another thread."""
        self.closed.set()
        if self._reading is not None:
            self._reading.stop()


class _Reading:
    """One connection, from the gap before it to its end."""

    def __init__(self, of: Listening, cursor: str | None) -> None:
        if of.options.bearer_token is None:
            raise ValueError("X_BEARER_TOKEN: is not set")
        api, token, silence = of.options.api, of.options.bearer_token, of.timing.silence
        self._of = of
        kept = Cursor.read(cursor)
        self._is_first = kept is None
        self._cursor = kept or Cursor.at(of.clock())
        self._client = Client(api, token, silence, of.clock)
        self._connection = Connection(Wire(api, token, silence, of.clock), of.streaming, of.clock, silence)
        self._seen = Seen()
        self._gap: Generator[Filled | None] | None = None
        self._heard: datetime | None = None  # all until then has been brought
        self._stream_heard: datetime | None = None  # the same, were it not for the gap
        self._saving = False
        self._in_step: Call[None] | None = None  # rules that are being changed
        self._failure: Exception | None = None  # to be told once all that came before it has been brought
        self._last_page = self._last_look = time.monotonic()

    def pages(self) -> Generator[Page]:
        if self._is_first:
            yield Page(cursor=str(self._cursor))  # from now on, however long it takes to connect
        if not self._of.closed.is_set():
            yield from self._connect()
        while not self._of.closed.is_set():
            page = self._next()
            if page is not None:
                self._last_page = time.monotonic()
                yield page
            if self._failure is not None:
                raise self._failure

    def stop(self) -> None:
        """End what is under way; called from another thread."""
        self._connection.close()
        self._client.stop()

    def end(self) -> None:
        """Close the connection, and settle what it cost."""
        self.stop()
        if self._gap is not None:
            self._gap.close()
        self._understood(self._connection.rest())  # which is to be paid, and will be found again by search
        self._of.streaming.may_have_come(self._connection.loudest)
        self._of.streaming.give_back()

    def _connect(self) -> Generator[Page]:
        of = self._of
        of.streaming.prepare()
        self._saving = self._is_saving()
        yield from awaiting(self._bring_in_step(), of.closed, of.timing)
        self._connection.open()
        while not self._connection.is_open(of.timing.look):
            if of.closed.is_set():
                raise Closed
            if self._is_time():
                self._last_page = time.monotonic()
                yield Page()
        connected_at = self._connection.connected_at or of.clock()
        search = Search(self._client, of.budget, of.searching, of.clock, of.timing.patience)
        self._gap = Gap(
            time_of(self._cursor.since),
            connected_at,
            search,
            lambda: of.plan.wanted_queries(saving=self._saving),
            of.budget,
            of.streaming,
            of.clock,
            of.timing,
        ).fill()

    def _next(self) -> Page | None:
        """What has come, after waiting for it; ``None`` when it is too early to say that nothing has."""
        busy = self._gap is not None or self._in_step is not None
        lines = self._connection.take(self._of.timing.look if busy else self._of.timing.tick)
        found = self._understood(lines)
        filled = self._filled()
        if filled.found is not None:
            found += filled.found
        self._keep_in_step()
        self._hear(lines, filled)
        posts = self._seen.new(found.posts)
        if not (posts or found.withdrawn or found.unreadable or filled.missed or self._is_time()):
            return None
        return Page(
            posts=posts,
            cursor=str(self._cursor),
            heard_until=self._heard,
            withdrawn=tuple(found.withdrawn),
            missed=filled.missed,
            unreadable=tuple(found.unreadable),
        )

    def _understood(self, lines: Sequence[Line]) -> Found:
        """The posts of some lines, which are paid now."""
        found, now = Found(), self._of.clock()
        messages = [line.raw for line in lines if line.raw]
        for message in messages:
            try:
                found += read_line(message, now)
            except Problem as problem:
                self._failure = failure_told(problem.body, now)
        self._of.streaming.came(len(messages), found.paid)
        return found

    # --- the gap ---

    def _filled(self) -> Filled:
        """What the filling of the gap has brought just now."""
        if self._gap is None:
            return Filled()
        for filled in self._gap:
            return filled or Filled()
        self._gap = None
        return Filled()

    def _hear(self, lines: Sequence[Line], filled: Filled) -> None:
        """Move on until when all has been brought, and the cursor with it."""
        if lines:
            self._stream_heard = lines[-1].at - self._of.timing.late
        heard = filled.until if self._gap is not None else self._stream_heard
        if heard is None or (self._heard is not None and heard <= self._heard):
            return
        self._heard = heard
        place = Cursor.at(heard - self._of.timing.overlap)
        if place.since > self._cursor.since:
            self._cursor = place

    # --- what is listened for ---

    def _is_saving(self) -> bool:
        """Whether what is left of an allowance is for the services that matter."""
        return self._of.plan.has_favourites and self._of.budget.is_half_spent()

    def _bring_in_step(self) -> Call[None]:
        plan = self._of.plan
        rules = plan.wanted_rules(saving=self._saving)
        return Call(lambda: keep_in_step(self._client, rules, plan.most_rules), self._of.timing.rules)

    def _keep_in_step(self) -> None:
        """Change the rules when an allowance is half spent, or a new one begins, while the stream goes on."""
        if self._in_step is not None:
            if not self._in_step.is_over():
                return
            call, self._in_step = self._in_step, None
            call.result()
        now = time.monotonic()
        if now - self._last_look < self._of.timing.tick:
            return
        self._last_look = now
        if self._is_saving() != self._saving:
            self._saving = not self._saving
            self._in_step = self._bring_in_step()
            log.warning(_SAVING if self._saving else _NOT_SAVING)

    def _is_time(self) -> bool:
        return time.monotonic() - self._last_page >= self._of.timing.tick
