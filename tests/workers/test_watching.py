"""From official pages to official notices, over a real HTTP server and a real Valkey."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from redis import Redis

from domain.notice import OfficialNotice, OfficialState
from domain.service import Service
from ingest.dashboards.fetching import Fetcher
from ingest.dashboards.matching import pages_of
from ingest.registry import DASHBOARDS
from storage.memory_notices import MemoryNotices
from storage.redis_watches import RedisWatches
from tests.ingest.dashboards.fake_dashboards import FakeDashboards, Reply, fake_dashboards
from tests.ingest.dashboards.payloads import MINUTE, NOON, apple_event, apple_feed, at, body_of, service
from tests.storage.servers import running_valkey
from workers.watching import Watching

SERVICES = ("imessage", "facetime")
NAMES = {"imessage": "iMessage", "facetime": "FaceTime"}


@pytest.fixture(scope="module")
def server() -> Iterator[Redis]:
    with tempfile.TemporaryDirectory(prefix="gs-") as folder, running_valkey(Path(folder)) as url:
        yield Redis.from_url(url)


@pytest.fixture
def web() -> Iterator[FakeDashboards]:
    with fake_dashboards() as web:
        yield web


class Watch:
    """A watch over Apple's page on this machine, and a clock that a test moves."""

    def __init__(self, redis: Redis, web: FakeDashboards) -> None:
        self.web, self.now, self.notices = web, NOON, MemoryNotices()
        self.redis = redis
        self.page = f"{web.url}support/systemstatus/"
        services: list[Service] = [service(one, "apple", self.page, NAMES[one]) for one in SERVICES]
        other = f"{web.url}status/"
        services.append(service("github", "statuspage", other))
        self.paths = [
            "/" + address.removeprefix(web.url) for address in DASHBOARDS["apple"].addresses(self.page)
        ]
        for path in self.paths:
            web.pages[path] = body_of(apple_feed())
        self.services = services
        self.begin_anew()

    def begin_anew(self) -> None:
        """As in another process."""
        self.watching = Watching(
            pages=pages_of(self.services, DASHBOARDS),
            kinds=DASHBOARDS,
            fetcher=Fetcher(60.0, timeout=1.0, chance=lambda: 0.5),
            watches=RedisWatches(self.redis),
            notices=self.notices,
            clock=self._clock,
        )

    def _clock(self) -> datetime:
        return self.now

    def after(self, minutes: float) -> list[OfficialNotice]:
        """The notices that are new after so many minutes."""
        before = set(self._all())
        self.now += minutes * MINUTE
        self.watching.look_around()
        return [notice for notice in self._all() if notice not in before]

    def _all(self) -> list[OfficialNotice]:
        return self.notices.find("live")


@pytest.fixture
def watch(server: Redis, web: FakeDashboards) -> Watch:
    server.flushall()
    return Watch(server, web)


def test_a_service_that_the_page_calls_ill_becomes_a_notice_of_the_time_at_which_we_saw_it(
    watch: Watch,
) -> None:
    assert watch.after(0) == []
    watch.web.pages[watch.paths[0]] = body_of(apple_feed({"iMessage": [apple_event(at(-30))]}))
    (notice,) = watch.after(2)
    assert (notice.service, notice.state) == ("imessage", OfficialState.TROUBLE)
    assert (notice.seen_at, notice.claimed_at) == (at(2), at(-30))
    watch.web.pages[watch.paths[0]] = body_of(apple_feed({"iMessage": [apple_event(at(-30), at(4))]}))
    (over,) = watch.after(5)
    assert (over.state, over.event, over.claimed_end_at) == (OfficialState.WELL, notice.event, at(4))


def test_a_page_is_asked_no_more_often_than_it_should_be_and_by_one_worker(watch: Watch) -> None:
    watch.after(0)
    watch.begin_anew()
    for _ in range(5):
        watch.after(0.1)
    assert len(watch.web.asked(watch.paths[0])) == 1
    watch.after(1)
    assert len(watch.web.asked(watch.paths[0])) == 2


def test_what_was_remembered_survives_a_restart_and_is_asked_for_politely(watch: Watch) -> None:
    watch.after(0)
    watch.begin_anew()
    assert watch.after(2) == []
    assert "if-none-match" in watch.web.asked(watch.paths[0])[1]


def test_a_page_that_fails_or_hangs_holds_no_other_up(watch: Watch, caplog: pytest.LogCaptureFixture) -> None:
    watch.after(0)
    for path in DASHBOARDS["statuspage"].addresses(f"{watch.web.url}status/"):
        watch.web.pages["/" + path.removeprefix(watch.web.url)] = Reply(silent=True)
    watch.web.pages[watch.paths[0]] = body_of(apple_feed({"FaceTime": [apple_event(at(0))]}))
    assert [notice.service for notice in watch.after(10)] == ["facetime"]
    assert "did not answer in time" in caplog.text


def test_a_memory_of_another_version_is_like_none(watch: Watch, server: Redis) -> None:
    watch.after(0)
    RedisWatches(server).put(watch.page, b"\xc1")
    assert watch.after(2) == []
    assert len(watch.web.asked(watch.paths[0])) == 2


def test_the_watch_of_a_page_that_broke_our_code_goes_on_for_the_others(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch.after(0)
    monkeypatch.setattr(watch.notices, "add", _broken)
    watch.web.pages[watch.paths[0]] = body_of(apple_feed({"iMessage": [apple_event(at(0))]}))
    assert watch.after(2) == []
    monkeypatch.undo()
    assert [notice.service for notice in watch.after(2)] == ["imessage"]  # nothing was remembered as told


def _broken(*_: object) -> None:
    raise ValueError("broken")


def test_a_second_worker_leaves_a_page_that_is_being_looked_at_alone(watch: Watch, server: Redis) -> None:
    with RedisWatches(server).alone(watch.page) as alone:
        assert alone
        watch.after(0)
        assert watch.web.asked(watch.paths[0]) == []
    watch.after(timedelta(seconds=1) / MINUTE)
    assert len(watch.web.asked(watch.paths[0])) == 1
