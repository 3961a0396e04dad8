"""What every source promises, whatever its world does: each post is brought, none counts twice.

The true client library reads a local server through the true reader, into a real Valkey; only the pauses
between two readings pass faster than they say.
"""

from __future__ import annotations

import random
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisGone

from domain.rate import MEASURES, Measure
from domain.source import SourceState, SourceStatus
from ingest.registry import SOURCES

from tests.contracts.mastodon_world import MastodonWorld
from tests.contracts.world import World
from tests.storage.servers import running_valkey
from tests.workers.listening import Room
from workers.standing_by import read_until_stopped

WORLDS: dict[str, Callable[[], World]] = {"mastodon": MastodonWorld}
WITHOUT_A_WORLD = {"folder"}  # nobody can cut a folder off; its own tests say what it promises
PATIENCE = 30.0  # seconds: a busy machine may be slow
DISCONNECTIONS = 30


def test_every_source_is_held_to_this_contract() -> None:
    assert WORLDS.keys() | WITHOUT_A_WORLD == SOURCES.keys()


@dataclass
class FastClock:
    """The true time, and all the pauses that were cut short."""

    skipped: timedelta = field(default_factory=timedelta)
    until: timedelta | None = None  # of pauses, after which to stop
    stop: threading.Event = field(default_factory=threading.Event)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.skipped

    def rest(self, seconds: float) -> bool:
        self.skipped += timedelta(seconds=seconds)
        out_of_time = self.until is not None and self.skipped >= self.until
        return self.stop.wait(min(seconds, 0.01)) or out_of_time


class Reading:
    """A source read in a thread, and the room in which it is counted."""

    def __init__(self, redis: Redis, world: World) -> None:
        self.world = world
        self.clock = FastClock()
        self.room = Room(redis, world.source(), self.clock)  # type: ignore[arg-type]  # a clock like any other
        self._thread: threading.Thread | None = None

    @contextmanager
    def going_on(self) -> Iterator[None]:
        self.start()
        try:
            yield
        finally:
            self.stop()

    def start(self) -> None:
        """Begin to read, and wait until the source is heard."""
        self.read()
        self.until(lambda: self.status.state is SourceState.LISTENING and self.world.connects > 0)

    def read(self) -> None:
        self.clock.stop.clear()
        self._thread = threading.Thread(
            target=read_until_stopped, args=(self.room.listener, self.clock.rest), daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        self.clock.stop.set()
        self.room.listener.stop()
        assert self._thread is not None
        self._thread.join(10)
        assert not self._thread.is_alive()

    def begin_anew(self) -> None:
        """As after a restart of the process."""
        self.room.source = self.world.source()
        self.room.listener = self.room.new_listener()

    @property
    def status(self) -> SourceStatus:
        found = self.room.sources.status(self.room.source.name)
        return found or SourceStatus(self.room.source.name, SourceState.WAITING, self.clock())

    def until(self, true: Callable[[], object]) -> None:
        ends = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < ends, f"waited in vain; {self.status}"
            time.sleep(0.01)

    def complaints(self) -> int:
        """How many authors were counted; every post has an author of its own."""
        self.room.count()
        first = int((datetime.now(UTC) - timedelta(hours=1)).timestamp() // 60)
        block = self.room.posts.rates(first, 125)
        return int(block.counts[MEASURES.index(Measure.COMPLAINTS)].sum())


@pytest.fixture(scope="module")
def server() -> Iterator[Redis]:
    with tempfile.TemporaryDirectory(prefix="gs-") as folder, running_valkey(Path(folder)) as url:
        yield Redis.from_url(url)


@pytest.fixture(params=sorted(WORLDS))
def reading(request: pytest.FixtureRequest, server: Redis) -> Iterator[Reading]:
    server.flushall()
    world = WORLDS[request.param]()
    yield Reading(server, world)
    world.stop()


def broken(number: int, start: int = 0) -> list[str]:
    return [f"spotify is broken for me {index}" for index in range(start, start + number)]


def test_posts_are_heard_while_they_are_written(reading: Reading) -> None:
    with reading.going_on():
        reading.world.write(*broken(20))
        reading.until(lambda: reading.complaints() == 20)
        reading.until(lambda: reading.status.lag(datetime.now(UTC)) is not None)
    assert reading.status.errors == 0
    assert reading.status.mentions == 20
    assert not reading.room.stores.sources.gaps(datetime(2020, 1, 1, tzinfo=UTC), datetime.now(UTC))


def test_what_was_written_while_nobody_read_is_brought_afterwards(reading: Reading) -> None:
    with reading.going_on():
        reading.world.write(*broken(5))
        reading.until(lambda: reading.complaints() == 5)
    reading.world.write(*broken(45, start=5))
    reading.begin_anew()
    with reading.going_on():
        reading.until(lambda: reading.complaints() == 50)


@pytest.mark.slow
def test_thirty_disconnections_lose_no_post_and_count_none_twice(reading: Reading) -> None:
    chance = random.Random(7)
    written = 0
    with reading.going_on():
        for _ in range(DISCONNECTIONS):
            for _ in range(chance.randrange(3)):
                number = chance.randrange(1, 5)
                reading.world.write(*broken(number, start=written))
                written += number
                time.sleep(chance.random() * 0.05)
            reading.world.cut()
            time.sleep(chance.random() * 0.1)
        reading.world.write(*broken(3, start=written))
        written += 3
        reading.until(lambda: reading.complaints() >= written)
        time.sleep(0.5)
        assert reading.complaints() == written
    assert not reading.room.stores.sources.gaps(datetime(2020, 1, 1, tzinfo=UTC), datetime.now(UTC))


def test_a_server_that_accepts_and_closes_at_once_is_not_hammered(reading: Reading) -> None:
    """At most 20 connections in a quarter of an hour."""
    reading.world.close_at_once(True)
    reading.clock.until = timedelta(minutes=15)
    reading.read()
    reading.until(lambda: reading.clock.skipped >= timedelta(minutes=15))
    reading.stop()
    assert 3 <= reading.world.connects <= 20
    assert reading.status.state is SourceState.WAITING
    assert reading.status.is_blind(reading.clock())


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_stops_the_source_with_a_sentence_until_the_operator_has_mended_it(
    reading: Reading, status: int
) -> None:
    reading.world.refuse(status)
    reading.read()
    reading.until(lambda: reading.status.state is SourceState.STOPPED)
    asked = reading.world.connects
    time.sleep(0.3)
    assert reading.world.connects == asked
    assert [one.state for one in reading.room.announced] == [SourceState.STOPPED]
    assert "GROUNDSWELL_" in str(reading.status.last_error) or "X_BEARER_TOKEN" in str(
        reading.status.last_error
    )
    reading.stop()
    reading.world.refuse(None)
    reading.begin_anew()
    with reading.going_on():
        reading.world.write(*broken(3))
        reading.until(lambda: reading.complaints() == 3)


def test_a_rate_limit_is_waited_out(reading: Reading) -> None:
    with reading.going_on():
        reading.world.write(*broken(2))
        reading.until(lambda: reading.complaints() == 2)
        reading.world.refuse(429)
        reading.world.cut()
        reading.world.write(*broken(4, start=2))
        reading.until(lambda: reading.status.state is SourceState.WAITING)
        reading.until(lambda: (reading.status.again_at or reading.clock()) > reading.status.at)
        skipped = reading.clock.skipped
        reading.until(lambda: reading.clock.skipped - skipped > timedelta(minutes=2))
        reading.world.refuse(None)
        reading.until(lambda: reading.complaints() == 6)


def test_a_server_that_hangs_is_noticed_and_read_again(reading: Reading) -> None:
    with reading.going_on():
        reading.world.write(*broken(2))
        reading.until(lambda: reading.complaints() == 2)
        reading.world.hang(True)
        reading.world.write(*broken(3, start=2))
        reading.until(lambda: reading.status.errors > 0)
        reading.world.hang(False)
        reading.world.cut()
        reading.until(lambda: reading.complaints() == 5)


def test_messages_that_nobody_expects_stop_nothing(reading: Reading) -> None:
    with reading.going_on():
        reading.world.write(*broken(2))
        reading.until(lambda: reading.complaints() == 2)
        reading.world.garble()
        reading.world.write(*broken(3, start=2))
        reading.until(lambda: reading.complaints() == 5)
        reading.until(lambda: reading.status.unreadable > 0)
    assert reading.status.posts >= 5


def test_an_exception_in_our_own_handler_loses_no_post_and_counts_none_twice(
    reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    true, calls = reading.room.posts.hand_over, []

    def now_and_then(page: object) -> bool:
        calls.append(page)
        if len(calls) % 3 == 0:
            raise RedisGone("gone")
        return true(page)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr(reading.room.posts, "hand_over", now_and_then)
    reading.read()
    for start in range(0, 20, 2):
        reading.until(lambda: reading.status.state is SourceState.LISTENING)
        reading.world.write(*broken(2, start=start))
        time.sleep(0.05)
    monkeypatch.undo()
    reading.until(lambda: reading.complaints() >= 20 - 2)  # the first may come before the first connection
    time.sleep(0.3)
    assert reading.complaints() <= 20
    reading.stop()
    assert reading.status.errors > 0


def test_a_deleted_post_keeps_its_count_and_loses_its_words(reading: Reading) -> None:
    with reading.going_on():
        gone, kept = reading.world.write(*broken(2))
        reading.until(lambda: reading.complaints() == 2)
        if not reading.world.delete(gone):
            return  # this kind of source is never told
        reading.world.write("spotify is nice")
        now = int(datetime.now(UTC).timestamp() // 60)
        evidence = reading.room.posts.evidence
        reading.until(lambda: [one.post_id for one in evidence("spotify", now - 60, now, 9)] == [kept[1]])
        assert reading.complaints() == 2


def test_stopping_takes_less_than_two_seconds(reading: Reading) -> None:
    reading.start()
    began = time.monotonic()
    reading.stop()
    assert time.monotonic() - began < 2
