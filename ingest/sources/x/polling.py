"""X as a poll: every query of the catalogue, one after the other, as often as the plan allows."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Generator, Sequence
from datetime import datetime
from threading import Event

from msgspec.structs import replace

from ingest.source import Missed, Page, SourceFailed, Surroundings
from ingest.sources.x.budget import Advance, Budget
from ingest.sources.x.calls import Closed
from ingest.sources.x.client import Client
from ingest.sources.x.cursor import Cursor, id_at, time_of
from ingest.sources.x.gap import TOO_DEAR, TOO_OLD
from ingest.sources.x.options import XOptions
from ingest.sources.x.plan import Plan
from ingest.sources.x.posts import SOURCE, Found
from ingest.sources.x.search import Search
from ingest.sources.x.seen import Seen
from ingest.sources.x.timing import LONG_AGO, REACH, SHARE, TIMING, Timing

_WINDOW = 900.0  # seconds over which X counts searches


class Polling:
    """Reads X by search. A round through all queries may take several polls, of which each asks a part.

    Search shows posts once they are half a minute old, so this is later than the stream, and a failure of
    it loses nothing. Deleted posts are not told of: X does that on Enterprise plans only.
    """

    name = SOURCE

    def __init__(self, options: XOptions, around: Surroundings, plan: Plan, timing: Timing = TIMING) -> None:
        self.every: float | None = options.poll_seconds
        self._options = options
        self._clock = around.clock
        self._plan = plan
        self._timing = timing
        self._closed = Event()
        self._budget = Budget(around.purse, around.clock, options.caps, options.micro_dollars_a_post)
        self._advance = Advance(self._budget)
        self._most = max(1, int(options.poll_seconds * options.searches / _WINDOW))  # searches in one poll
        self._client: Client | None = None

    def pages(self, cursor: str | None) -> Generator[Page]:
        """What there is since ``cursor``, page by page."""
        if self._closed.is_set():
            return
        now, at = self._clock(), Cursor.read(cursor)
        if at is None:  # from now on
            yield Page(cursor=str(Cursor.at(now)), heard_until=now - self._timing.held_back)
            return
        if self._options.bearer_token is None:
            raise ValueError("X_BEARER_TOKEN: is not set")
        self._client = Client(
            self._options.api, self._options.bearer_token, self._timing.silence, self._clock
        )
        search = Search(self._client, self._budget, self._advance, self._clock, self._timing.patience)
        try:
            yield from self._poll(at, search, now)
        except (Closed, SourceFailed):
            # A request that we ended ourselves fails as a matter of course.
            if not self._closed.is_set():
                raise
        finally:
            self._client.stop()
            search.end()

    def close(self) -> None:
        """End ``pages`` soon; called from another thread."""
        self._closed.set()
        if self._client is not None:
            self._client.stop()

    def _poll(self, at: Cursor, search: Search, now: datetime) -> Generator[Page]:
        queries = self._plan.wanted_queries(saving=self._budget.is_half_spent())
        of = _digest(queries)
        since = time_of(at.since)
        if at.began is None or at.of != of:
            at = Cursor(at.since, now, 0, of)
        if since < now - REACH:
            at = replace(at, since=id_at(now - REACH))
            yield Page(cursor=str(at), missed=Missed(since, now - REACH, TOO_OLD))
        room = self._budget.room()
        most = room // SHARE if room is not None and now - since > LONG_AGO else None
        yield from self._round(at, search, queries, most)

    def _round(self, at: Cursor, search: Search, queries: Sequence[str], most: int | None) -> Generator[Page]:
        """As much of a round as one poll may ask; ``most`` are the posts that it may pay for."""
        began, seen = at.began or self._clock(), Seen()
        heard = began - self._timing.held_back
        end = Cursor(max(at.since, id_at(heard - self._timing.settled)))
        for done, query in enumerate(queries[at.done :], start=at.done + 1):
            if search.asked >= self._most:
                return
            for found in self._answers(search, query, at.since):
                if isinstance(found, Page):
                    yield found
                    continue
                at = replace(at, done=done) if found.next_token is None else at
                is_over = at.done == len(queries)
                yield Page(
                    posts=seen.new(found.posts),
                    withdrawn=tuple(found.withdrawn),
                    unreadable=tuple(found.unreadable),
                    cursor=str(end if is_over else at),
                    heard_until=heard if is_over else None,
                )
                if most is not None and search.paid > most and not is_over:
                    missed = Missed(time_of(at.since), max(heard, time_of(at.since)), TOO_DEAR)
                    yield Page(cursor=str(end), heard_until=heard, missed=missed)
                    return
        search.complete()

    def _answers(self, search: Search, query: str, since: int) -> Generator[Found | Page]:
        """What a query finds, and an empty page with each tick until then."""
        last = time.monotonic()
        for found in search.results(query, since):
            if self._closed.is_set():
                raise Closed
            if found is not None:
                yield found
            elif time.monotonic() - last >= self._timing.tick:
                last = time.monotonic()
                yield Page()
            else:
                self._closed.wait(self._timing.look)


def _digest(queries: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(queries).encode()).hexdigest()[:8]
