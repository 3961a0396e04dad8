"""How the sources are doing, and their leases, on a real server."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from redis import Redis

import storage.redis_sources
from domain.source import SourceState, SourceStatus
from storage.redis_sources import RedisSources
from tests.storage.servers import running_valkey

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def server() -> Iterator[Redis]:
    with tempfile.TemporaryDirectory(prefix="gs-") as folder, running_valkey(Path(folder)) as url:
        yield Redis.from_url(url)


@pytest.fixture
def sources(server: Redis) -> RedisSources:
    server.flushall()
    return RedisSources(server)


def test_a_source_that_never_spoke_is_unknown(sources: RedisSources) -> None:
    assert sources.status("x") is None
    assert sources.statuses() == []


def test_the_latest_word_counts(sources: RedisSources) -> None:
    for posts in (1, 2):
        sources.say(SourceStatus("x", SourceState.LISTENING, NOON, posts=posts, cursor="7", heard_until=NOON))
    sources.say(SourceStatus("bluesky", SourceState.STOPPED, NOON))
    assert [status.name for status in sources.statuses()] == ["bluesky", "x"]
    found = sources.status("x")
    assert found is not None
    assert (found.posts, found.cursor, found.heard_until) == (2, "7", NOON)
    sources.forget("x")
    assert sources.status("x") is None


def test_a_word_that_another_version_said_is_passed_over(sources: RedisSources, server: Redis) -> None:
    server.hset("groundswell:sources", "x", b"\xc1")
    assert sources.statuses() == []


def test_a_lease_has_one_holder(sources: RedisSources) -> None:
    first, second = sources.lease("x"), sources.lease("x")
    assert first.take()
    assert not second.take()
    assert sources.lease("bluesky").take()
    assert first.renew()
    first.release()
    assert second.take()
    assert not first.renew()
    first.release()  # harmless: it was lost
    assert second.renew()


def test_a_lease_that_is_not_renewed_ends(sources: RedisSources, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage.redis_sources, "LEASE_SECONDS", 0.2)
    first, second = sources.lease("x"), sources.lease("x")
    assert first.take()
    time.sleep(0.3)
    assert second.take()
    assert not first.renew()
