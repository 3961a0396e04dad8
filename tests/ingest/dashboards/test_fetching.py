"""Asking a page's address through the true client, of a real HTTP server."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.dashboards.fetching import (
    JITTER,
    LARGEST_BODY,
    LONGEST_PAUSE,
    LONGEST_WAIT,
    MOST_REDIRECTS,
    Answer,
    Fetcher,
    Visit,
    may_be_asked,
    spread,
)
from tests.ingest.dashboards.fake_dashboards import FakeDashboards, Reply, fake_dashboards

NOW = datetime(2025, 6, 20, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def world() -> Iterator[FakeDashboards]:
    with fake_dashboards() as dashboards:
        yield dashboards


@pytest.fixture(scope="module")
def fetcher() -> Iterator[Fetcher]:
    one = Fetcher(60, timeout=2, longest=0.5, chance=lambda: 0.5)  # no jitter, but where it is asked for
    yield one
    one.close()


def fetch(fetcher: Fetcher, world: FakeDashboards, visit: Visit | None = None, now: datetime = NOW) -> Answer:
    return fetcher.fetch(f"{world.url}status", visit or Visit(), now)


def failure_of(fetcher: Fetcher, world: FakeDashboards, reply: Reply) -> Answer:
    world.pages["/status"] = reply
    answer = fetch(fetcher, world)
    assert answer.failure is not None
    assert (answer.body, answer.unchanged) == (None, False)
    return answer


# --- what is asked for ---


def test_a_body_is_read_unpacked_and_the_next_visit_is_in_a_minute(world, fetcher):
    world.pages["/status"] = b'{"status": "ok"}'
    answer = fetch(fetcher, world)
    assert (answer.body, answer.unchanged, answer.failure) == (b'{"status": "ok"}', False, None)
    assert (answer.visit.seen_at, answer.visit.next_at, answer.visit.failures) == (NOW, NOW + MINUTE, 0)


def test_we_say_who_asks_and_keep_no_cookie(world, fetcher):
    world.pages["/status"] = b"{}"
    fetch(fetcher, world)
    fetch(fetcher, world)
    first, second = world.asked("/status")
    assert first["user-agent"].startswith("Groundswell")
    assert "cookie" not in second


def test_what_has_not_changed_is_not_sent_again(world, fetcher):
    world.pages["/status"] = b"[1]"
    first = fetch(fetcher, world)
    second = fetch(fetcher, world, first.visit, NOW + MINUTE)
    assert (second.body, second.unchanged) == (None, True)
    assert second.visit.etag == first.visit.etag
    assert second.visit.seen_at == NOW + MINUTE
    world.pages["/status"] = b"[2]"
    third = fetch(fetcher, world, second.visit, NOW + 2 * MINUTE)
    assert (third.body, third.unchanged) == (b"[2]", False)
    assert "if-none-match" not in world.asked("/status")[0]


def test_a_page_without_an_etag_is_asked_by_its_date(world, fetcher):
    date = "Fri, 20 Jun 2025 11:00:00 GMT"
    world.pages["/status"] = Reply(200, {"last-modified": date}, b"[1]")
    visit = fetch(fetcher, world).visit
    world.pages["/status"] = Reply(304)
    second = fetch(fetcher, world, visit)
    assert second.unchanged
    assert world.asked("/status")[1]["if-modified-since"] == date
    assert second.visit.last_modified == date


def test_a_forgetful_visit_brings_the_whole_body(world, fetcher):
    world.pages["/status"] = b"[1]"
    visit = fetch(fetcher, world).visit
    assert fetch(fetcher, world, visit.forgetful()).body == b"[1]"


def test_not_changed_is_no_answer_to_a_first_question(world, fetcher):
    assert failure_of(fetcher, world, Reply(304)).failure == "answered 304"


@pytest.mark.parametrize("etag", ["x" * 2000, '"\N{LATIN SMALL LETTER E WITH ACUTE}"'])
def test_an_etag_that_cannot_be_sent_back_is_forgotten(world, fetcher, etag):
    world.pages["/status"] = Reply(200, {"etag": etag}, b"[1]")
    assert fetch(fetcher, world).visit.etag is None


def test_a_visit_is_kept_as_bytes_between_two_processes(world, fetcher):
    world.pages["/status"] = b"[1]"
    visit = fetch(fetcher, world).visit
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(visit), type=Visit) == visit


# --- when it is asked ---


@given(st.floats(0, 1), st.integers(1, 3600))
def test_the_pause_is_the_usual_one_give_or_take_a_tenth(chance: float, every: int) -> None:
    pause = spread(timedelta(seconds=every), chance).total_seconds()
    assert every * (1 - JITTER) - 1e-3 <= pause <= every * (1 + JITTER) + 1e-3


def test_an_address_is_due_at_first_and_then_not_before_its_time():
    assert Visit().is_due(NOW)
    assert Visit(next_at=NOW).is_due(NOW)
    assert not Visit(next_at=NOW + MINUTE).is_due(NOW)


def test_failures_in_a_row_are_answered_by_longer_pauses_up_to_a_limit(world, fetcher):
    visit, pauses = Visit(), []
    for _ in range(40):
        visit = fetch(fetcher, world, visit).visit
        assert visit.next_at is not None
        pauses.append(visit.next_at - NOW)
    assert pauses[:4] == [MINUTE, 2 * MINUTE, 4 * MINUTE, LONGEST_PAUSE]
    assert pauses[-1] == LONGEST_PAUSE
    assert visit.failures == 40
    world.pages["/status"] = b"[]"
    assert fetch(fetcher, world, visit).visit.failures == 0


def test_a_failure_does_not_forget_what_was_read(world, fetcher):
    world.pages["/status"] = b"[1]"
    visit = fetch(fetcher, world).visit
    world.pages["/status"] = Reply(500)
    after = fetch(fetcher, world, visit, NOW + MINUTE).visit
    assert (after.etag, after.seen_at) == (visit.etag, NOW)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("asked", "pause"),
    [
        ("120", 2 * MINUTE),
        ("7200", 120 * MINUTE),
        ("1", MINUTE),
        ("Fri, 20 Jun 2025 12:10:00 GMT", 10 * MINUTE),
        ("Fri, 20 Jun 2025 05:10:00 -0700", 10 * MINUTE),
        ("Thu, 19 Jun 2025 12:00:00 GMT", MINUTE),
        ("Fri, 20 Jun 2042 12:00:00 GMT", LONGEST_WAIT),
        ("9" * 30, LONGEST_WAIT),
        ("soon", MINUTE),
        ("-5", MINUTE),
        ("\N{SUPERSCRIPT TWO}", MINUTE),
        ("", MINUTE),
    ],
)
def test_we_come_again_when_the_page_asks_us_to_and_not_before(world, fetcher, status, asked, pause):
    answer = failure_of(fetcher, world, Reply(status, {"retry-after": asked}))
    assert answer.failure == f"answered {status}"
    assert answer.visit.next_at == NOW + pause


# --- what goes wrong ---


@pytest.mark.parametrize("status", [204, 400, 401, 403, 404, 410, 500, 502])
def test_any_other_status_is_a_failure(world, fetcher, status):
    assert failure_of(fetcher, world, Reply(status)).failure == f"answered {status}"


def test_a_page_that_hangs_holds_nobody_up(world):
    fetcher = Fetcher(60, timeout=0.2)
    begun = time.monotonic()
    assert failure_of(fetcher, world, Reply(silent=True)).failure == "did not answer in time"
    assert time.monotonic() - begun < 5


def test_a_page_that_drips_holds_nobody_up(world, fetcher):
    answer = failure_of(fetcher, world, Reply(200, body=b"x" * 500, drip=0.02))
    assert answer.failure == "had not ended its answer after 0.5 seconds"


def test_a_body_that_is_cut_off_is_a_failure(world, fetcher):
    answer = failure_of(fetcher, world, Reply(200, {"content-length": "100"}, b"[1"))
    assert "could not be asked" in str(answer.failure)


def test_a_body_without_end_is_not_read_to_its_end(world, fetcher):
    answer = failure_of(fetcher, world, Reply(200, body=b"x" * (LARGEST_BODY + 70_000)))
    assert answer.failure == "has more than 5,000,000 bytes to say"


def test_a_small_body_that_unpacks_to_a_huge_one_is_not_read_to_its_end(world, fetcher):
    world.pages["/status"] = b"0" * (LARGEST_BODY + 1)
    assert fetch(fetcher, world).failure == "has more than 5,000,000 bytes to say"


def test_what_is_not_packed_as_it_says_is_a_failure(world, fetcher):
    answer = failure_of(fetcher, world, Reply(200, {"content-encoding": "gzip"}, b"no gzip"))
    assert "could not be asked" in str(answer.failure)


def test_a_closed_port_is_a_failure(fetcher):
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/"
    assert str(fetcher.fetch(address, Visit(), NOW).failure).startswith("could not be asked: ")


# --- where it leads ---


def test_a_redirect_is_followed_with_the_same_question(world, fetcher):
    world.pages["/status"] = b"[1]"
    visit = fetch(fetcher, world).visit
    world.pages["/status"] = Reply(301, {"location": "/moved"})
    world.pages["/moved"] = b"[1]"
    assert fetch(fetcher, world, visit).unchanged


def test_a_redirect_in_a_circle_ends(world, fetcher):
    answer = failure_of(fetcher, world, Reply(302, {"location": "/status"}))
    assert answer.failure == f"redirects more than {MOST_REDIRECTS} times"
    assert len(world.requests) == MOST_REDIRECTS + 1


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("http://status.example/", "which is not https"),
        ("ftp://status.example/", "which is not https"),
        ("file:///etc/passwd", "which is not https"),
        ("https://" + "a" * 70 + ".example/", "could not be asked"),
        ("https://[::1", "could not be asked"),
    ],
)
def test_a_redirect_leads_nowhere_but_to_https(world, fetcher, location, why):
    answer = failure_of(fetcher, world, Reply(302, {"location": location}))
    assert why in str(answer.failure)


@pytest.mark.parametrize(
    "address", ["http://status.example/", "status", "https://", "gopher://status.example/"]
)
def test_a_page_that_is_not_on_https_is_not_asked(fetcher, address):
    assert fetcher.fetch(address, Visit(), NOW).failure


@pytest.mark.parametrize(
    ("first", "then", "allowed"),
    [
        ("https://status.example/", "https://other.example/", True),
        ("https://status.example/", "http://status.example/", False),
        ("https://status.example/", "http://127.0.0.1:6379/", False),
        ("https://status.example/", "http://[::1]/", False),
        ("http://127.0.0.1/", "http://localhost:8000/", True),
        ("http://127.0.0.1/", "http://status.example/", False),
    ],
)
def test_a_page_of_the_world_cannot_send_us_to_this_machine(first, then, allowed):
    assert may_be_asked(httpx.URL(then), httpx.URL(first)) is allowed
