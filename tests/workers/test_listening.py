"""A reader brings what its source gives, and comes again whatever fails."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisGone

from domain.source import Gap, SourceState
from ingest.source import BudgetSpent, Missed, Page, RateLimited, SourceFailed, SourceRefused
from tests.storage.servers import running_valkey
from tests.workers.listening import Clock, Room, Scripted, Step
from tests.workers.records import START, post
from workers.hearing import HOLD
from workers.listening import LeaseLost
from workers.standing_by import read_until_stopped

MINUTE = timedelta(minutes=1)
FIRST, SECOND = post(1, "imessage broken"), post(2, "spotify broken")


@pytest.fixture(scope="module")
def server() -> Iterator[Redis]:
    with tempfile.TemporaryDirectory(prefix="gs-") as folder, running_valkey(Path(folder)) as url:
        yield Redis.from_url(url)


@pytest.fixture
def room(server: Redis) -> Callable[..., Room]:
    server.flushall()

    def of(*readings: list[Step], **fields: Any) -> Room:
        return Room(server, Scripted(list(readings), **fields))

    return of


def test_posts_are_handed_over_and_the_status_says_so(room: Callable[..., Room]) -> None:
    heard = START + MINUTE
    here = room([Page((FIRST, post(9, "a nice day")), cursor="7", heard_until=heard), Page()])
    here.turn()
    status = here.sources.status("x")
    assert here.counted() == [("x", "1")]
    assert here.posts.cursor("x") == "7"
    assert here.nudges == 1
    assert status is not None
    assert (status.posts, status.mentions, status.cursor, status.heard_until) == (2, 1, "7", heard)
    assert status.written_at == START


def test_reading_goes_on_where_it_stopped(room: Callable[..., Room]) -> None:
    here = room([Page((FIRST,), cursor="7")], [Page((SECOND,), cursor="8")])
    here.turn()
    here.listener = here.new_listener("here:2")
    here.turn()
    assert here.source.started_at == [None, "7"]
    assert here.counted() == [("x", "1"), ("x", "2")]


def test_without_redis_memory_the_lasting_cursor_is_taken(room: Callable[..., Room]) -> None:
    here = room([Page((FIRST,), cursor="8")])
    here.stores.sources.cursors["x"] = "5"
    here.turn()
    assert here.source.started_at == ["5"]
    assert here.posts.cursor("x") == "8"


@pytest.mark.parametrize(
    "trouble",
    [SourceFailed("the connection was lost"), ValueError("a mistake of ours")],
    ids=["source", "ours"],
)
def test_what_fails_is_read_again_after_a_pause(room: Callable[..., Room], trouble: Exception) -> None:
    here = room([Page((FIRST,), cursor="7"), trouble], [Page((SECOND,), cursor="8")])
    status = here.turn()
    assert (status.state, status.errors, status.failures) == (SourceState.WAITING, 1, 1)
    assert status.again_at == here.clock.now + timedelta(seconds=1)
    assert "mistake" not in str(status.last_error)  # an exception's own words may hold anything
    here.turn()
    assert here.counted() == [("x", "1"), ("x", "2")]


def test_an_exception_in_our_own_handler_loses_no_post_and_counts_none_twice(
    room: Callable[..., Room], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Page((FIRST,), cursor="7")
    here = room([page], [page, Page((SECOND,), cursor="8")])
    true = here.posts.hand_over

    def broken(*_: object) -> bool:
        monkeypatch.setattr(here.posts, "hand_over", true)
        raise RedisGone("gone")

    monkeypatch.setattr(here.posts, "hand_over", broken)
    assert here.turn().state is SourceState.WAITING
    here.turn()
    assert here.source.started_at == [None, None]
    assert here.counted() == [("x", "1"), ("x", "2")]


def test_a_page_that_another_reader_has_brought_is_not_brought_again(room: Callable[..., Room]) -> None:
    here = room([Page((FIRST,), cursor="7"), lambda: other.turn(), Page((SECOND,), cursor="9")])
    other = Room(here.redis, Scripted([[Page((SECOND,), cursor="8")]]), here.clock, here.stores)
    here.redis.delete("groundswell:lease:x")
    other.sources.lease = lambda _: _AnyLease()  # type: ignore[method-assign, assignment, return-value]  # two at once, as after a split
    status = here.turn()
    assert status.last_error == "another reader has moved its cursor"
    assert here.posts.cursor("x") == "8"
    assert here.counted() == [("x", "1"), ("x", "2")]


class _AnyLease:
    def take(self) -> bool:
        return True

    renew = take

    def release(self) -> None: ...


def test_pauses_grow_with_the_failures_in_a_row_and_begin_anew_after_a_steady_reading(
    room: Callable[..., Room],
) -> None:
    here = room()
    assert [here.turn().failures for _ in range(3)] == [1, 2, 3]  # a stream that ends at once has failed
    here.source.readings = [[lambda: here.clock.rest(120), SourceFailed("cut")]]
    status = here.turn()
    assert status.failures == 1
    assert status.again_at == here.clock.now + timedelta(seconds=1)


def test_a_rate_limit_is_honoured(room: Callable[..., Room]) -> None:
    clock = Clock()
    here = room([RateLimited("asked too often", clock.now + 7 * MINUTE)])
    assert here.turn().again_at == clock.now + 7 * MINUTE


def test_a_source_that_refuses_us_is_announced_once_and_read_no_longer(room: Callable[..., Room]) -> None:
    why = "X_BEARER_TOKEN is not valid: make a new one"
    here = room([Page((FIRST,), cursor="7"), SourceRefused(why)], [SourceRefused(why)], [Page()])
    status = here.turn()
    assert (status.state, status.again_at, status.last_error) == (SourceState.STOPPED, None, why)
    here.listener = here.new_listener()  # the operator starts again, in vain
    here.turn()
    assert [status.state for status in here.announced] == [SourceState.STOPPED]
    here.listener = here.new_listener()
    here.turn()
    assert [status.state for status in here.announced] == [SourceState.STOPPED, SourceState.LISTENING]


def test_a_spent_budget_is_announced_and_waited_out(room: Callable[..., Room]) -> None:
    clock = Clock()
    here = room([BudgetSpent("5 dollars a day are spent", clock.now + 60 * MINUTE)], [Page()])
    status = here.turn()
    assert (status.state, status.again_at) == (SourceState.SPENT, clock.now + 60 * MINUTE)
    here.turn()
    assert [status.state for status in here.announced] == [SourceState.SPENT, SourceState.LISTENING]


def test_a_gap_that_cannot_be_filled_is_kept(room: Callable[..., Room]) -> None:
    here = room([Page((FIRST,), cursor="7", missed=Missed(START, START + MINUTE, "too long ago"))])
    here.turn()
    gaps = here.stores.sources.gaps(START, START + MINUTE)
    assert gaps == [Gap("x", START, START + MINUTE, "too long ago")]


def test_a_withdrawn_post_keeps_its_count_and_loses_its_words(room: Callable[..., Room]) -> None:
    now = Clock().now
    said = post(1, "imessage broken", minutes=(now - START) / MINUTE)
    here = room([Page((said,), cursor="7"), Page(withdrawn=(("x", "1"),), cursor="8")])
    here.turn()
    here.count()
    minute = int(now.timestamp() // 60)
    assert here.posts.rates(minute, 1).counts.any()
    assert here.posts.evidence("imessage", minute, minute, 5) == []


def test_what_cannot_be_understood_or_comes_from_the_future_is_counted_and_left_out(
    room: Callable[..., Room],
) -> None:
    ahead = post(3, "imessage broken", minutes=(Clock().now - START) / MINUTE + 6)
    here = room([Page((FIRST, ahead), cursor="7", unreadable=("this is no JSON",))])
    here.turn()
    status = here.sources.status("x")
    assert status is not None
    assert (status.posts, status.unreadable) == (1, 2)
    assert here.counted() == [("x", "1")]


def test_a_poll_that_has_caught_up_is_read_again_in_its_time(room: Callable[..., Room]) -> None:
    here = room([Page((FIRST,), cursor="7"), lambda: here.clock.rest(10)], every=60)
    status = here.turn()
    assert (status.state, status.failures) == (SourceState.LISTENING, 0)
    assert status.again_at == Clock().now + MINUTE


def test_a_poll_that_has_much_to_bring_lets_others_have_their_turn(room: Callable[..., Room]) -> None:
    pages: list[Step] = [Page((post(number, "spotify"),), cursor=str(number)) for number in range(1, 5)]
    script = [step for page in pages for step in (page, lambda: here.clock.rest(40))]
    here = room(script, every=60)
    status = here.turn()
    assert here.posts.cursor("x") == "3"
    assert status.again_at is not None
    assert status.again_at <= here.clock.now


def test_a_reader_that_lost_its_lease_stops_at_once(room: Callable[..., Room]) -> None:
    here = room([Page((FIRST,), cursor="7"), lambda: server.delete("groundswell:lease:x"), Page((SECOND,))])
    server = here.redis
    with pytest.raises(LeaseLost):
        here.turn()
    assert here.counted() == [("x", "1")]


def test_stopping_closes_the_source_and_is_no_failure(room: Callable[..., Room]) -> None:
    here = room([Page((FIRST,), cursor="7"), lambda: here.listener.stop(), SourceFailed("closed by us")])
    here.turn()
    assert here.source.closed
    status = here.sources.status("x")
    assert status is not None
    assert status.errors == 0


def test_a_server_that_closes_at_once_is_asked_at_most_20_times_in_a_quarter_of_an_hour(
    room: Callable[..., Room],
) -> None:
    here = room()
    here.clock.stop_after = 15 * 60
    read_until_stopped(here.listener, here.clock.rest)
    assert 10 <= len(here.source.started_at) <= 20


def test_a_stopped_source_is_not_asked_again_and_keeps_its_lease(room: Callable[..., Room]) -> None:
    here = room([SourceRefused("no")])
    here.clock.stop_after = 3600
    read_until_stopped(here.listener, here.clock.rest)
    assert len(here.source.started_at) == 1


def test_a_second_reader_stands_by_and_takes_over_when_the_first_is_gone(room: Callable[..., Room]) -> None:
    here = room([Page((FIRST,), cursor="7")])
    first = here.sources.lease("x")
    assert first.take()
    waits = []

    def rest(seconds: float) -> bool:
        waits.append(seconds)
        if len(waits) == 3:  # the first one dies, and its lease ends
            here.redis.delete("groundswell:lease:x")
        return len(waits) > 4

    read_until_stopped(here.listener, rest)
    assert here.source.started_at[0] is None
    assert sum(waits[:3]) <= 15
    assert here.counted() == [("x", "1")]


def test_minutes_are_not_held_up_for_longer_than_detection_looks_ahead() -> None:
    assert HOLD // 60_000 < 15
