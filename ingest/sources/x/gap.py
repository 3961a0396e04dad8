"""The filling of the gap that a disconnection left, by search, while the stream goes on."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from datetime import datetime

import msgspec

from ingest.source import BudgetSpent, Missed, RateLimited, SourceFailed, SourceRefused
from ingest.sources.x.budget import Advance, Budget
from ingest.sources.x.cursor import id_at
from ingest.sources.x.posts import Found
from ingest.sources.x.search import Search
from ingest.sources.x.timing import LONG_AGO, REACH, SHARE, Timing

TOO_OLD = "X's search reaches back no further than seven days"
TOO_DEAR = "it would have taken more than a fourth of what is left to spend"


class Filled(msgspec.Struct, frozen=True):
    """Posts of the gap; until when it is filled now; what of it cannot be had."""

    found: Found | None = None
    until: datetime | None = None
    missed: Missed | None = None


class _GivenUp(Exception):
    """The rest of the gap cannot be had."""


class Gap:
    """What was written from ``since`` until ``until``, when the stream was connected.

    Search shows posts only when they are ``held_back`` old. So a gap is searched twice: at once, and when its
    end can be seen. ``queries`` says by what to search, the more important first; ``streaming`` has paid for
    what the stream may have sent before, and we never saw.
    """

    def __init__(
        self,
        since: datetime,
        until: datetime,
        search: Search,
        queries: Callable[[], Sequence[str]],
        budget: Budget,
        streaming: Advance,
        clock: Callable[[], datetime],
        timing: Timing,
    ) -> None:
        self._since = since
        self._until = until
        self._streaming = streaming
        self._search = search
        self._queries = queries
        self._clock = clock
        self._timing = timing
        self._give_up_at = clock() + timing.filling
        room = budget.room()
        self._most = room // SHARE if room is not None and until - since > LONG_AGO else None

    def fill(self) -> Generator[Filled | None]:
        """Fill it, little by little; ``None`` when there is nothing to do just now."""
        oldest = self._until - REACH
        if self._since < oldest:
            yield Filled(missed=Missed(self._since, oldest, TOO_OLD))
            self._since = oldest
        try:
            yield from self._in_sight()
            if self._since < self._until:
                yield from self._whole()
        except _GivenUp as given_up:
            if self._since < self._until:
                yield Filled(until=self._until, missed=Missed(self._since, self._until, str(given_up)))
        else:
            self._search.complete()
            self._streaming.all_was_found()
        finally:
            self._search.end()

    def _in_sight(self) -> Generator[Filled | None]:
        """What can be seen now, unless the second look would find it just as soon."""
        visible = min(self._clock() - self._timing.held_back, self._until)
        if visible - self._timing.overlap <= self._since:
            return
        yield from self._look(self._since)
        self._since = visible
        yield Filled(until=visible)

    def _whole(self) -> Generator[Filled | None]:
        while self._clock() < self._until + self._timing.held_back:
            yield None
        yield from self._look(self._since - self._timing.settled)
        self._since = self._until
        yield Filled(until=self._until)

    def _look(self, since: datetime) -> Generator[Filled | None]:
        for query in self._queries():
            yield from self._ask(query, id_at(since))

    def _ask(self, query: str, since: int) -> Generator[Filled | None]:
        """What one query finds. Asked again after a failure, as long as there is hope."""
        while True:
            try:
                for found in self._search.results(query, since):
                    yield None if found is None else Filled(found=found)
                    if self._most is not None and self._search.paid > self._most:
                        raise _GivenUp(TOO_DEAR)
            except (BudgetSpent, SourceRefused) as refused:
                raise _GivenUp(str(refused)) from None
            except RateLimited as limited:
                yield from self._wait(limited.until, str(limited))
            except SourceFailed as failed:
                yield from self._wait(self._clock() + self._timing.again, str(failed))
            else:
                return

    def _wait(self, until: datetime, why: str) -> Generator[None]:
        if until > self._give_up_at:
            raise _GivenUp(why)
        while self._clock() < until:
            yield None
