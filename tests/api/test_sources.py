"""Sources and gaps in the API, as metrics, and on the page."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from api.app import create_app
from domain.busy import Busy
from domain.rate import RateHour
from domain.source import Gap, SourceState, SourceStatus
from tests.api.house import NOW, SmallHouse, an_incident, hour_of, save, small_house, with_live

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
HEARD = SourceStatus(
    "bluesky",
    SourceState.LISTENING,
    NOW,
    posts=1200,
    mentions=24,
    cursor="1353271860000000",
    heard_until=NOW - SECOND,
    reader="here:1",
)
REFUSED = SourceStatus(
    "x",
    SourceState.STOPPED,
    NOW,
    posts=7,
    errors=1,
    heard_until=NOW - 40 * MINUTE,
    last_error="X_BEARER_TOKEN is not valid: make a new one",
    last_error_at=NOW,
)


@pytest.fixture
def house() -> SmallHouse:
    house = with_live(small_house())
    house.statuses = [HEARD, REFUSED]
    return house


def ask(house: SmallHouse, path: str):
    return TestClient(create_app(house, clock=lambda: NOW)).get(path)


def test_every_source_says_how_far_it_is_read_and_whether_it_is_heard(house):
    heard, refused = ask(house, "/v1/sources").json()["items"]
    assert (heard["name"], heard["blind"], heard["lag_seconds"], heard["posts"]) == (
        "bluesky",
        False,
        1,
        1200,
    )
    assert (refused["state"], refused["blind"], refused["lag_seconds"]) == ("stopped", True, 2400)
    assert "X_BEARER_TOKEN" in refused["last_error"]


def test_a_source_that_says_nothing_of_the_present_is_not_blind_while_it_is_read(house):
    house.statuses = [SourceStatus("http", SourceState.LISTENING, NOW, posts=3)]
    (answer,) = ask(house, "/v1/sources").json()["items"]
    assert (answer["blind"], answer["lag_seconds"], answer["heard_until"]) == (False, None, None)


def test_without_redis_the_sources_are_not_known_for_now(house):
    house.busy = Busy("the store of running posts does not answer", 5)
    answer = ask(house, "/v1/sources")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert ask(house, "/").status_code == 200
    assert "groundswell_source_posts_total" not in ask(house, "/metrics").text


def test_gaps_are_listed_for_a_day_unless_asked_otherwise(house):
    lost = Gap("bluesky", NOW - 30 * MINUTE, NOW - 20 * MINUTE, "it looks back 36 hours only")
    old = msgspec.structs.replace(lost, since=NOW - timedelta(days=3), until=NOW - timedelta(days=2))
    for gap in (lost, old, msgspec.structs.replace(lost, source="x")):
        house.stores.sources.keep_gap(gap)
    assert len(ask(house, "/v1/gaps").json()["items"]) == 2
    (one,) = ask(house, "/v1/gaps?source=bluesky").json()["items"]
    assert one["why"] == lost.why
    assert len(ask(house, "/v1/gaps?from=2012-11-10T00:00:00Z").json()["items"]) == 3
    for wrong in ("from=2013-01-01T00:00:00Z", "from=2011-01-01T00:00:00Z", "from=yesterday", "sources=x"):
        assert ask(house, f"/v1/gaps?{wrong}").status_code == 422


def test_the_same_stands_in_the_metrics(house):
    save(house, "live", NOW, incidents=[an_incident()])
    house.failing = {"worker": "no sign"}
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(ask(house, "/metrics").text)
        for sample in family.samples
    }
    assert found["groundswell_source_posts_total", "bluesky"] == 1200
    assert found["groundswell_source_mentions_total", "bluesky"] == 24
    assert found["groundswell_source_errors_total", "x"] == 1
    assert found["groundswell_source_lag_seconds", "x"] == 2400
    assert (found["groundswell_source_blind", "bluesky"], found["groundswell_source_blind", "x"]) == (0, 1)
    assert found["groundswell_source_state", "x", "stopped"] == 1
    assert found["groundswell_source_state", "x", "listening"] == 0
    assert (found["groundswell_redis_up",], found["groundswell_worker_up",]) == (1, 0)
    assert found["groundswell_open_incidents", "imessage", "critical"] == 1


def test_the_wall_shows_the_sources_and_warns_of_the_blind_ones(house):
    page = ask(house, "/").text
    assert "x has not been heard since 20:11 UTC (X_BEARER_TOKEN is not valid: make a new one)" in page
    assert page.index("blind: stopped, needs you") < page.index("1,200 posts, 24 mentions")
    assert "1 s behind" in page


def test_minutes_in_which_a_source_was_not_heard_are_marked(house):
    hour = hour_of("imessage", int(NOW.timestamp() // 3600), [1, 2])
    fields = {name: getattr(hour, name) for name in hour.__struct_fields__}
    save(house, "live", NOW, rates=[RateHour(**fields | {"blind": (False, True)})])
    minutes = ask(house, "/v1/services/imessage/rates?from=2012-11-18T20:00:00Z&until=2012-11-18T20:02:00Z")
    assert [minute["blind"] for minute in minutes.json()["minutes"]] == [False, True]
