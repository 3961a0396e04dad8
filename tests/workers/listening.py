"""A source that does what a test says, a clock that a test moves, and a listener between them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from redis import Redis

from domain.source import SourceStatus
from ingest.source import Page, Source
from storage.interfaces import Posts
from storage.memory import MemoryStores
from storage.redis_posts import RedisPosts
from storage.redis_sources import RedisSources
from tests.workers.records import PlainTagger, reader
from workers.counting import count_waiting
from workers.listening import Listener

Step = Page | Exception | Callable[[], object]


@dataclass
class Clock:
    """A time that passes only when somebody rests."""

    now: datetime = datetime(2026, 5, 4, 12, tzinfo=UTC)
    rested: float = 0.0
    stop_after: float = float("inf")  # seconds of rest in all

    def __call__(self) -> datetime:
        return self.now

    def rest(self, seconds: float) -> bool:
        self.now += timedelta(seconds=seconds)
        self.rested += seconds
        return self.rested >= self.stop_after


@dataclass
class Scripted:
    """A source that plays one list of steps each time it is read; what is no page is raised, or called."""

    readings: list[Sequence[Step]]
    name: str = "x"
    every: float | None = None
    started_at: list[str | None] = field(default_factory=list)
    closed: bool = False

    def pages(self, cursor: str | None) -> Generator[Page]:
        self.started_at.append(cursor)
        for step in self.readings.pop(0) if self.readings else ():
            if isinstance(step, Page):
                yield step
            elif isinstance(step, Exception):
                raise step
            else:
                step()

    def close(self) -> None:
        self.closed = True


@dataclass
class Room:
    """A listener with stores of its own: the running ones on a real server, the lasting ones in memory."""

    redis: Redis
    source: Source
    clock: Clock = field(default_factory=Clock)
    stores: MemoryStores = field(default_factory=MemoryStores)
    nudges: int = 0
    announced: list[SourceStatus] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.posts: Posts = RedisPosts(self.redis, "live", claim_after=0)
        self.sources = RedisSources(self.redis)
        self.listener = self.new_listener()

    def new_listener(self, holder: str = "here:1") -> Listener:
        """As after a restart of the process."""
        return Listener(
            source=self.source,
            reader=reader(),
            posts=self.posts,
            stores=self.stores,
            sources=self.sources,
            holder=holder,
            nudge=self._nudge,
            announce=self.announced.append,
            clock=self.clock,
            chance=lambda: 0.0,
        )

    def _nudge(self) -> None:
        self.nudges += 1

    def turn(self) -> SourceStatus:
        """Read the source once, under a lease of its own."""
        lease = self.sources.lease(self.source.name)
        assert lease.take()
        try:
            return self.listener.turn(lease)
        finally:
            lease.release()

    def counted(self) -> list[tuple[str, str]]:
        """The source and id of every mention that was handed over, in order."""
        found: list[tuple[str, str]] = []
        while batches := self.posts.take("worker", 10):
            for batch in batches:
                found += [(one.post.source, one.post.id) for one in batch.mentions]
                self.posts.count(batch, [], [])
        return found

    def count(self) -> None:
        while count_waiting(self.posts, PlainTagger, "worker", notices=self.stores.notices, run="live"):
            pass
