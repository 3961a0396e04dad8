"""``groundswell live``: everything started, Bluesky heard, and readers that die or hang replaced."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from domain.rate import MEASURES, Measure
from domain.run import LIVE, Run
from tests.flow.stack import COMMAND, Stack, Started, kill_group, new_stack, until
from tests.ingest.sources.fake_jetstream import FakeJetstream

pytestmark = pytest.mark.slow

TAKE_OVER = 15.0  # seconds in which a reader that stands by has to be at work


@pytest.fixture(scope="module")
def jetstream() -> Iterator[FakeJetstream]:
    server = FakeJetstream()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def stack(jetstream: FakeJetstream) -> Iterator[Stack]:
    with new_stack(GROUNDSWELL_BLUESKY_HOSTS=jetstream.url, GROUNDSWELL_DASHBOARD_SECONDS="0") as stack:
        yield stack


@pytest.fixture(scope="module")
def live(stack: Stack) -> Iterator[Started]:
    with stack.started("live") as live:
        until(lambda: "bluesky" in live.printed() or live.process.poll() is not None)
        assert live.process.poll() is None, live.printed()
        until(lambda: source(stack)["state"] == "listening")
        yield live


def source(stack: Stack) -> dict[str, object]:
    (found,) = httpx.get(f"{stack.url}/v1/sources").json()["items"]
    return dict(found)


def authors(stack: Stack) -> int:
    """How many people were counted as naming Spotify; each of the test's posts has an author of its own."""
    first = int((datetime.now(UTC) - timedelta(minutes=30)).timestamp() // 60)
    block = stack.house().posts(Run(LIVE, datetime.now(UTC))).rates(first, 40)
    return int(block.counts[MEASURES.index(Measure.MENTIONS)].sum())


def write(jetstream: FakeJetstream, number: int) -> None:
    for _ in range(number):
        jetstream.create("Spotify will not play anything for me right now")
        jetstream.create("what a lovely morning")


def test_posts_mentions_and_lag_are_shown(live: Started, stack: Stack, jetstream: FakeJetstream) -> None:
    write(jetstream, 5)
    until(lambda: authors(stack) == 5)
    until(lambda: "listening" in live.printed())
    until(lambda: source(stack)["mentions"] == 5)
    found = source(stack)
    assert (found["posts"], found["blind"], found["errors"]) == (10, False, 0)
    assert float(str(found["lag_seconds"])) < 60
    assert 'groundswell_source_mentions_total{source="bluesky"} 5.0' in httpx.get(f"{stack.url}/metrics").text


def test_a_killed_reader_is_started_again_and_misses_nothing(
    live: Started, stack: Stack, jetstream: FakeJetstream
) -> None:
    before, reader = authors(stack), stack.process_of("listen bluesky")
    assert reader is not None
    write(jetstream, 3)
    kill_group(reader)
    write(jetstream, 4)
    until(lambda: authors(stack) == before + 7)
    assert stack.process_of("listen bluesky") != reader
    time.sleep(1)
    assert authors(stack) == before + 7


def test_a_reader_that_hangs_is_replaced_by_the_one_that_stands_by(
    live: Started, stack: Stack, jetstream: FakeJetstream
) -> None:
    first = stack.process_of("listen bluesky")
    before, reader = authors(stack), source(stack)["reader"]
    assert first is not None
    second = subprocess.Popen([COMMAND, "listen", "bluesky"], env=_environment(stack))
    try:
        time.sleep(2)
        assert source(stack)["reader"] == reader  # one reads, the other stands by
        os.kill(first, signal.SIGSTOP)
        write(jetstream, 3)
        hung = time.monotonic()
        until(lambda: source(stack)["reader"] != reader)
        assert time.monotonic() - hung < TAKE_OVER
        until(lambda: authors(stack) == before + 3)
        os.kill(first, signal.SIGCONT)
        write(jetstream, 2)
        until(lambda: authors(stack) == before + 5)
    finally:
        second.terminate()
        second.wait(10)
    write(jetstream, 2)
    until(lambda: authors(stack) == before + 7)


def _environment(stack: Stack) -> dict[str, str]:
    return {**stack.environment, "GROUNDSWELL_SOURCES": "auto"}
