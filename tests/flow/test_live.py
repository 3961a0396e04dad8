"""``groundswell live``: Bluesky heard, an official page watched, and readers that die or hang replaced."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from domain.moments import minute_of
from domain.rate import MEASURES, Measure
from domain.run import LIVE, Run
from tests.delivery.receiver import Receiver, receiving
from tests.flow.stack import COMMAND, Stack, Started, kill_group, new_stack, until
from tests.ingest.dashboards.fake_dashboards import FakeDashboards, fake_dashboards
from tests.ingest.dashboards.payloads import body_of, incident, statuspage_incidents, statuspage_summary
from tests.ingest.sources.fake_jetstream import FakeJetstream

pytestmark = pytest.mark.slow

CATALOGUE = """
services:
  - {{id: netflix, name: Netflix, vendor: netflix, category: streaming, aliases: [netflix],
     dashboard: {{kind: statuspage, url: '{url}'}}}}
"""
TAKE_OVER = 15.0  # seconds in which a reader that stands by has to be at work


@pytest.fixture(scope="module")
def jetstream() -> Iterator[FakeJetstream]:
    """A network on which somebody always says something, and four times a minute of Netflix."""
    server, ended = FakeJetstream(), threading.Event()

    def chat() -> None:
        for number in itertools.count():
            server.create("Netflix won't play anything" if number % 60 == 0 else "what a lovely morning")
            if ended.wait(0.25):
                return

    chatter = threading.Thread(target=chat, daemon=True)
    chatter.start()
    yield server
    ended.set()
    chatter.join()
    server.stop()


@pytest.fixture(scope="module")
def web() -> Iterator[FakeDashboards]:
    """The official page of Netflix, on which all is well."""
    with fake_dashboards() as web:
        say(web)
        yield web


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture(scope="module")
def stack(
    jetstream: FakeJetstream,
    web: FakeDashboards,
    receiver: Receiver,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stack]:
    catalogue = tmp_path_factory.mktemp("catalogue") / "services.yaml"
    catalogue.write_text(CATALOGUE.format(url=web.url))
    with new_stack(
        GROUNDSWELL_BLUESKY_HOSTS=jetstream.url,
        GROUNDSWELL_CATALOGUE=str(catalogue),
        GROUNDSWELL_DASHBOARD_SECONDS="1",
        GROUNDSWELL_GRACE_SECONDS="5",
        GROUNDSWELL_WEBHOOK_URL=receiver.url,
        HTTPS_PROXY="http://127.0.0.1:9",  # nothing listens there: no page of the true world is asked
    ) as stack:
        yield stack


def say(web: FakeDashboards, *incidents: object) -> None:
    """What that page says from now on."""
    web.pages["/api/v2/summary.json"] = body_of(statuspage_summary())
    web.pages["/api/v2/incidents.json"] = body_of(statuspage_incidents(*incidents))


@pytest.fixture(scope="module")
def live(stack: Stack) -> Iterator[Started]:
    with stack.started("live") as live:
        until(lambda: "bluesky" in live.printed() or live.process.poll() is not None)
        assert live.process.poll() is None, live.printed()
        until(lambda: source(stack)["state"] == "listening")
        yield live


def told(receiver: Receiver) -> list[dict[str, Any]]:
    """What the subscriber got, in the order of its arrival."""
    return [json.loads(request.body) for request in receiver.requests]


def source(stack: Stack) -> dict[str, object]:
    (found,) = httpx.get(f"{stack.url}/v1/sources").json()["items"]
    return dict(found)


def authors(stack: Stack) -> int:
    """How many people were counted as naming Spotify; each of the test's posts has an author of its own."""
    first = int((datetime.now(UTC) - timedelta(minutes=30)).timestamp() // 60)
    block = stack.house().posts(Run(LIVE, datetime.now(UTC))).rates(first, 40)
    if "spotify" not in block.services:
        return 0
    return int(block.counts[MEASURES.index(Measure.MENTIONS), block.services.index("spotify")].sum())


def closed_minutes(stack: Stack) -> int:
    """How many minutes of the live run are closed."""
    stores = stack.house().stores
    run, detection = stores.runs.get(LIVE), stores.incidents.detection(LIVE)
    assert run is not None
    assert detection is not None
    return detection.next_minute - minute_of(run.started_at)


def write(jetstream: FakeJetstream, number: int) -> None:
    for _ in range(number):
        jetstream.create("Spotify will not play anything for me right now")


def test_posts_mentions_and_lag_are_shown(live: Started, stack: Stack, jetstream: FakeJetstream) -> None:
    write(jetstream, 5)
    until(lambda: authors(stack) == 5)
    until(lambda: "listening" in live.printed())
    until(lambda: int(str(source(stack)["mentions"])) >= 5)
    found = source(stack)
    assert (found["blind"], found["errors"]) == (False, 0)
    assert int(str(found["posts"])) > 5
    assert float(str(found["lag_seconds"])) < 60
    assert 'groundswell_source_blind{source="bluesky"} 0.0' in httpx.get(f"{stack.url}/metrics").text


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


def test_the_official_page_is_seen_to_admit_what_was_raised_before(
    live: Started, stack: Stack, jetstream: FakeJetstream, web: FakeDashboards, receiver: Receiver
) -> None:
    until(lambda: closed_minutes(stack) >= 2)  # of a first minute, nobody could say whether it is usual
    for number in range(150):
        jetstream.create(f"Netflix will not play anything for me {number}")
    until(lambda: [one for one in told(receiver) if one["type"] == "incident.opened"])
    start = datetime.now(UTC) - timedelta(hours=1)  # it sets its start back, as pages do
    say(web, incident("Playback fails", start=start))
    until(lambda: [one for one in told(receiver) if one["type"] == "official.acknowledged"])
    (found,) = httpx.get(f"{stack.url}/v1/incidents").json()["items"]
    assert found["service"] == "netflix"
    assert found["lead_minutes"] > 0
    lead = httpx.get(f"{stack.url}/v1/lead").json()
    assert lead["total"]["us"] == 1
    assert "official page admits" in live.printed()
