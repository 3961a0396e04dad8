"""One reader of one source: whatever it brings is handed over, and whatever fails, it comes again.

The client libraries reconnect at once, for ever and without a word. So none of them is let: a source raises,
and this is the one place that waits and comes again, for streams and polls alike.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from msgspec.structs import replace
from redis.exceptions import RedisError

from domain.moments import milliseconds, minute_of
from domain.post import Post
from domain.source import Gap, SourceState, SourceStatus
from ingest.source import BudgetSpent, Page, RateLimited, Source, SourceFailed, SourceRefused, wall_clock
from storage.interfaces import Posts, Step, Stores
from storage.redis_sources import Lease, RedisSources
from workers.back_off import STEADY, pause_after
from workers.reading import Reader
from workers.withdrawing import withdraw

log = logging.getLogger(__name__)

AHEAD = timedelta(minutes=5)  # a clock may be wrong by so much; a post from later than that is refused
LONGEST_POLL = timedelta(minutes=1)  # then others get their turn, and the rest is read in the next one
MOST_TOLD = 3  # unreadable messages of one page that are written to the log


class LeaseLost(Exception):
    """Another process reads this source now."""


@dataclass
class Listener:
    """Reads one source into the live run.

    ``nudge`` is called when mentions were handed over, ``announce`` with a status whose state has come to
    need a person's eye, or needs it no longer. ``chance`` gives a number from 0 to 1.
    """

    source: Source
    reader: Reader
    posts: Posts
    stores: Stores
    sources: RedisSources
    holder: str
    nudge: Callable[[], None]
    announce: Callable[[SourceStatus], None]
    clock: Callable[[], datetime] = wall_clock
    chance: Callable[[], float] = random.random
    _stopped: bool = field(default=False, init=False)

    def stop(self) -> None:
        """End ``turn`` soon; called from another thread."""
        self._stopped = True
        self.source.close()

    @property
    def stopped(self) -> bool:
        return self._stopped

    def turn(self, lease: Lease) -> SourceStatus:
        """Read the source until it ends, fails, or ``stop`` is called; how it is doing then.

        The status says when to come again: ``again_at``, or never by itself in the state ``STOPPED``. Raises
        ``LeaseLost`` when another reader has taken over.
        """
        reading = _Reading(self, self._last_status(), lease)
        try:
            reading.go_on()
        except LeaseLost:
            raise
        except SourceRefused as refused:
            log.error("%s is read no longer: %s", self.source.name, refused)  # noqa: TRY400 - the sentence says all
            return reading.end(SourceState.STOPPED, str(refused), None)
        except BudgetSpent as spent:
            log.warning("%s is not read until %s: %s", self.source.name, spent.until.isoformat(), spent)
            return reading.end(SourceState.SPENT, str(spent), spent.until)
        except RateLimited as limited:
            return reading.fail(str(limited), not_before=limited.until)
        except SourceFailed as failed:
            return reading.fail(str(failed))
        except Exception as error:  # whatever it was, the source is read again from the cursor
            log.exception("reading %s failed", self.source.name)
            return reading.fail(f"the reader failed ({type(error).__name__})")
        return reading.finish()

    def _last_status(self) -> SourceStatus:
        try:
            kept = self.sources.status(self.source.name)
        except RedisError:
            kept = None
        return kept or SourceStatus(self.source.name, SourceState.LISTENING, self.clock())


class _Reading:
    """One reading of a source, from its cursor until it ends."""

    def __init__(self, listener: Listener, status: SourceStatus, lease: Lease) -> None:
        self._of = listener
        self._status = replace(status, reader=listener.holder, every=listener.source.every)
        self._before = status.state
        self._lease = lease
        self._began = listener.clock()
        self._expected: str | None = None  # where the store says that the source stands

    def go_on(self) -> None:
        """Bring every page there is."""
        of = self._of
        self._expected = of.posts.cursor(of.source.name)
        start = self._expected or of.stores.sources.cursor(of.source.name)
        with closing(of.source.pages(start)) as pages:
            for page in pages:
                if of.stopped:
                    return
                if not self._lease.renew():
                    raise LeaseLost(f"another process reads {of.source.name} now")
                self._bring(page)
                self._listening(page)
                if of.source.every is not None and of.clock() - self._began > LONGEST_POLL:
                    return

    def _bring(self, page: Page) -> None:
        """Hand a page over; its gap and its withdrawals first, so that a crash in between loses neither."""
        of, now = self._of, self._of.clock()
        name = of.source.name
        if page.missed is not None:
            of.stores.sources.keep_gap(Gap(name, page.missed.since, page.missed.until, page.missed.why))
            log.warning("%s: posts are missing: %s", name, page.missed.why)
        if page.withdrawn:
            withdraw(page.withdrawn, of.posts, of.stores, now)
        for why in page.unreadable[:MOST_TOLD]:
            log.warning("%s: %s", name, why)
        posts = [post for post in page.posts if post.written_at <= now + AHEAD]
        early = len(page.posts) - len(posts)
        if early:
            log.warning("%s: %d posts from the future were refused", name, early)
        mentions = self._hand_over(posts, page, now)
        if mentions:
            of.nudge()
        self._count(posts, mentions, len(page.unreadable) + early)

    def _hand_over(self, posts: list[Post], page: Page, now: datetime) -> int:
        of = self._of
        cursor = page.cursor or self._expected
        step = None
        if cursor is not None:
            heard = None if page.heard_until is None else milliseconds(page.heard_until)
            step = Step(cursor, self._expected, heard, handed_at=minute_of(now))
        if not posts and (step is None or (page.cursor in (None, self._expected) and step.progress is None)):
            return 0
        mentions = of.reader.hand_over(posts, of.source.name, of.posts, step)
        if mentions is None:
            raise SourceFailed("another reader has moved its cursor")
        self._expected = cursor
        return mentions

    def _count(self, posts: list[Post], mentions: int, unreadable: int) -> None:
        before = self._status
        latest = max((post.written_at for post in posts), default=None)
        self._status = replace(
            before,
            posts=before.posts + len(posts),
            mentions=before.mentions + mentions,
            unreadable=before.unreadable + unreadable,
            written_at=max(filter(None, (latest, before.written_at)), default=None),
            cursor=self._expected,
        )

    def _listening(self, page: Page) -> None:
        heard = page.heard_until or self._status.heard_until
        self._say(replace(self._status, state=SourceState.LISTENING, heard_until=heard, again_at=None))

    # --- how a reading ends ---

    def finish(self) -> SourceStatus:
        """The reading ended by itself: a poll has caught up; a stream was closed, which is a failure."""
        every = self._of.source.every
        if every is None and not self._of.stopped:
            return self.fail("the stream ended")
        again_at = None if every is None else self._began + timedelta(seconds=every)
        return self._say(replace(self._status, state=SourceState.LISTENING, failures=0, again_at=again_at))

    def fail(self, why: str, *, not_before: datetime | None = None) -> SourceStatus:
        """The reading failed, and will be tried again after a pause that grows with the failures in a row."""
        if self._of.stopped:  # a connection that we closed ourselves fails as a matter of course
            return self._status
        now = self._of.clock()
        in_a_row = 0 if now - self._began >= STEADY else self._status.failures
        pause = timedelta(seconds=pause_after(in_a_row + 1, self._of.chance()))
        again_at = max(now + pause, not_before or now)
        log.warning("%s failed: %s; again at %s", self._of.source.name, why, again_at.isoformat())
        self._status = replace(self._status, failures=in_a_row + 1)
        return self.end(SourceState.WAITING, why, again_at)

    def end(self, state: SourceState, why: str, again_at: datetime | None) -> SourceStatus:
        now = self._of.clock()
        return self._say(
            replace(
                self._status,
                state=state,
                errors=self._status.errors + 1,
                last_error=why,
                last_error_at=now,
                again_at=again_at,
            )
        )

    def _say(self, status: SourceStatus) -> SourceStatus:
        """Keep a status, and announce one that has come to need a person's eye, or needs it no longer."""
        self._status = replace(status, at=self._of.clock())
        try:
            self._of.sources.say(self._status)
        except RedisError as error:
            log.warning("%s cannot say how it is doing: %s", status.name, type(error).__name__)
        if status.state is SourceState.WAITING:
            return self._status  # whether it has come back is not known yet
        if _needs_eye(self._before) != _needs_eye(status.state):
            self._of.announce(self._status)
        self._before = status.state
        return self._status


def _needs_eye(state: SourceState) -> bool:
    return state in (SourceState.SPENT, SourceState.STOPPED)
