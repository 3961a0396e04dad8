"""One connection to X's filtered stream through tweepy: it begins once, ends once, and says why."""

from __future__ import annotations

import queue
import ssl
import sys
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from threading import Event
from typing import NamedTuple

import requests
import tweepy  # type: ignore[import-untyped]  # tweepy ships no types
from urllib3.exceptions import HTTPError

from ingest.source import BudgetSpent, SourceFailed
from ingest.sources.x.budget import Advance
from ingest.sources.x.posts import EXPANSIONS, POST_FIELDS
from ingest.sources.x.wire import HIDDEN, Wire, said_of

MOST_A_SECOND = 250  # posts that X sends
MOST_WAITING = 40 * MOST_A_SECOND  # lines
ENDING = 0.5  # seconds in which a connection that was shut down ends
LEAST_SPARE = 10  # posts: what comes in a second when a quiet stream becomes a loud one
BLOCK = 20  # posts paid for at a time; a crash costs these and the spare ones


class Line(NamedTuple):
    """What came at a time; an empty line is X's sign of life."""

    at: datetime
    raw: bytes


class Connection(tweepy.StreamingClient):  # type: ignore[misc]  # tweepy ships no types
    """Reads the stream in a thread of tweepy's and keeps its lines until they are taken.

    A post is paid for before it is kept. When there is no money for it, the connection ends; what X sends
    until it notices, which takes less than a second, is paid from the spare posts: as many as came in the
    loudest second of the last minute.
    """

    def __init__(self, wire: Wire, advance: Advance, clock: Callable[[], datetime], silence: float) -> None:
        # No retries: tweepy would reconnect by itself, at once, for ever, even after a 401.
        super().__init__(HIDDEN, max_retries=0, daemon=True)
        wire.mount_on(self.session)
        self.connected_at: datetime | None = None
        self._wire = wire
        self._advance = advance
        self._clock = clock
        self._silence = silence
        self._lines: queue.Queue[Line | None] = queue.Queue(MOST_WAITING)  # None: look whether it has ended
        self._heard_at = time.monotonic()
        self._peaks: deque[list[int]] = deque()  # seconds of the last minute, and the posts in each
        self._begun = Event()  # or failed to
        self._closed = Event()
        self._why: Exception | None = None

    def open(self) -> None:
        """Connect, in a thread of its own."""
        self._heard_at = time.monotonic()
        self.filter(threaded=True, tweet_fields=list(POST_FIELDS), expansions=list(EXPANSIONS))

    def close(self) -> None:
        """End the connection, if it has not ended yet; called from another thread."""
        self._end(SourceFailed("the stream was closed by us"))
        self._wire.stop()

    def is_open(self, wait: float) -> bool:
        """Whether X has begun to send, after waiting for it. Raises why it never will."""
        if self._begun.wait(wait) and self.connected_at is None:
            raise self._why or SourceFailed("X has not begun to send")
        if self.connected_at is None:
            self._refuse_silence()
        return self.connected_at is not None

    @property
    def loudest(self) -> int:
        """Posts that came in the loudest second of the last minute."""
        return min(max((posts for _, posts in self._peaks), default=0), MOST_A_SECOND)

    def rest(self) -> list[Line]:
        """What was not taken, once the connection has ended."""
        if self.thread is not None:
            self.thread.join(ENDING)
        lines: list[Line] = []
        with suppress(queue.Empty):
            while True:
                lines += self._next(0)
        return lines

    def take(self, wait: float, most: int = 500) -> list[Line]:
        """The lines that have come, after waiting for the first of them. Raises what ended the connection."""
        ended = self._closed.is_set()  # looked at before the lines: after that, none comes
        lines: list[Line] = []
        with suppress(queue.Empty):
            lines += self._next(0 if ended else wait)
            while len(lines) < most:
                lines += self._next(0)
        if not lines and ended:
            raise self._why or SourceFailed("the stream ended")
        if not lines:
            self._refuse_silence()
        return lines

    def _refuse_silence(self) -> None:
        if time.monotonic() - self._heard_at > self._silence:
            raise SourceFailed(f"X has said nothing for {self._silence:g} seconds")

    def _next(self, wait: float) -> list[Line]:
        line = self._lines.get(timeout=wait) if wait else self._lines.get_nowait()
        return [] if line is None else [line]

    def _end(self, why: Exception) -> None:
        """End for the first reason that there is."""
        self._why = self._why or why
        self.running = False
        self._closed.set()
        self._begun.set()
        if self._lines.empty():
            self._lines.put_nowait(None)

    # --- what tweepy calls, in its thread ---

    def on_connect(self) -> None:
        self.max_retries = -1  # or tweepy would connect again after a clean end
        self.connected_at = self._clock()
        self._heard_at = time.monotonic()
        self._begun.set()
        if self._closed.is_set():
            self.running = False

    def on_keep_alive(self) -> None:
        self._keep(b"")

    def on_data(self, raw_data: bytes) -> None:
        self._measure()
        try:
            self._advance.expect(1)
        except BudgetSpent as spent:
            self._keep(raw_data)  # it has come, and is paid from the spare ones
            self._end(spent)
        else:
            self._keep(raw_data)

    def on_closed(self, response: requests.Response) -> None:  # noqa: ARG002 - tweepy's own name and place
        self._end(SourceFailed("X has closed the stream"))

    def on_connection_error(self) -> None:
        broken = sys.exception()  # tweepy calls this where it has caught it, and does not hand it over
        self._end(SourceFailed(f"the stream broke ({said_of(broken) if broken else 'no reason given'})"))

    def on_exception(self, exception: Exception) -> None:
        if isinstance(exception, requests.RequestException | HTTPError | ssl.SSLError):
            exception = SourceFailed(f"the stream cannot be read ({said_of(exception)})")
        self._end(exception)

    def on_disconnect(self) -> None:
        self._end(SourceFailed("X has closed the stream"))

    def _keep(self, raw: bytes) -> None:
        self._heard_at = time.monotonic()
        try:
            self._lines.put_nowait(Line(self._clock(), raw))
        except queue.Full:
            self._end(SourceFailed(f"{MOST_WAITING:,} posts wait to be taken; the rest will be searched for"))

    def _measure(self) -> None:
        """Keep as many posts spare as came in the loudest second of the last minute."""
        second = int(time.monotonic())
        if not self._peaks or self._peaks[-1][0] != second:
            self._peaks.append([second, 0])
        self._peaks[-1][1] += 1
        while self._peaks[0][0] < second - 60:
            self._peaks.popleft()
        self._advance.spare = max(LEAST_SPARE, self.loudest)
