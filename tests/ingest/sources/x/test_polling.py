"""X as a poll, against a local server and through the true tweepy."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.spending import Spent
from ingest.source import BudgetSpent, Page, RateLimited, SourceFailed, SourceRefused
from ingest.sources.x.cursor import Cursor, id_at, time_of
from ingest.sources.x.gap import TOO_DEAR, TOO_OLD
from ingest.sources.x.polling import Polling
from tests.ingest.sources.fake_x import FakeX, fake_x
from tests.ingest.sources.fake_x_reading import NOON, SHORT, Brought, Clock, Reader, services


@pytest.fixture
def x() -> Iterator[FakeX]:
    with fake_x(clock=Clock()) as world:
        yield world


def clock(x: FakeX) -> Clock:
    assert isinstance(x.clock, Clock)
    return x.clock


def poll(source: Polling, cursor: str | None) -> Brought:
    return Brought(source.pages(cursor)).rest()


def failure(source: Polling, cursor: str | None) -> SourceFailed:
    with pytest.raises(SourceFailed) as failed:
        poll(source, cursor)
    return failed.value


def started(x: FakeX, source: Polling) -> str:
    """Where a source stands that was first polled a minute ago."""
    cursor = poll(source, None).cursor
    clock(x).forward(minutes=1)
    return cursor


def paid(reader: Reader) -> int:
    return reader.purse.spent("x", datetime(2026, 1, 1, tzinfo=UTC).date()).posts


def test_the_first_poll_begins_now_and_asks_nothing(x: FakeX) -> None:
    source = Reader(x).polling()
    x.write("spotify was down", at=NOON - timedelta(minutes=1))
    brought = poll(source, None)
    assert brought.cursor == str(id_at(NOON))
    assert brought.ids == []
    assert x.asked == []


def test_a_poll_brings_what_was_written_since_the_one_before_and_ends(x: FakeX) -> None:
    source = Reader(x).polling()
    cursor = started(x, source)
    ids = [x.write(f"spotify is down {index}") for index in range(3)]
    clock(x).forward(seconds=1)
    brought = poll(source, cursor)
    assert sorted(brought.ids) == ids
    assert brought.heard_until == x.clock()
    assert {int(how["since_id"]) for how in x.searches()} == {int(cursor)}
    clock(x).forward(minutes=1)
    late = x.write("netflix is down")
    assert late in poll(source, brought.cursor).ids


def test_how_often_is_the_operators_choice(x: FakeX) -> None:
    assert Reader(x).polling().every == 60
    assert Reader(x).polling(poll_seconds=90).every == 90


def test_results_of_several_pages_are_all_read(x: FakeX) -> None:
    x.page = 10
    source = Reader(x).polling()
    cursor = started(x, source)
    ids = [x.write(f"spotify is down {index}") for index in range(35)]
    brought = poll(source, cursor)
    assert sorted(brought.ids) == ids
    assert [how.get("next_token") for how in x.searches() if "spotify" in how["query"]][:4] == [
        None,
        "10",
        "20",
        "30",
    ]


def test_what_search_holds_back_is_not_taken_for_heard(x: FakeX) -> None:
    x.held_back = timedelta(seconds=30)
    reader = Reader(x, timing=replace(SHORT, held_back=timedelta(seconds=30), settled=timedelta(seconds=10)))
    source = reader.polling()
    cursor = started(x, source)
    young = x.write("spotify is down", at=x.clock() - timedelta(seconds=10))
    brought = poll(source, cursor)
    assert brought.ids == []
    assert brought.heard_until == x.clock() - timedelta(seconds=30)
    assert time_of(int(brought.cursor)) == x.clock() - timedelta(seconds=40)
    clock(x).forward(minutes=1)
    assert poll(source, brought.cursor).ids == [young]


def test_a_round_of_more_queries_than_a_poll_may_ask_goes_on_in_the_next(x: FakeX) -> None:
    reader = Reader(x, of=services("spotify", "netflix", "imessage", "att"))
    source = reader.polling(longest_query=512, searches=30)  # two searches in a poll
    cursor = started(x, source)
    ids = {x.write(text) for text in ("spotify down", "netflix down", "imessage down", "at&t down")}
    began = x.clock()
    brought: set[str] = set()
    heard = None
    polls = 0
    while heard is None:
        polls += 1
        before = len(x.searches())
        one = poll(source, cursor)
        assert len(x.searches()) - before <= 2
        brought |= set(one.ids)
        cursor, heard = one.cursor, one.heard_until
        clock(x).forward(minutes=1)
    assert 5 < polls < 40
    assert brought == ids
    assert heard == began  # for then the round began
    assert int(cursor) <= id_at(began)
    assert len({how["query"] for how in x.searches()}) == len(x.searches())


def test_a_round_begins_anew_when_the_queries_have_changed(x: FakeX) -> None:
    reader = Reader(x)
    cursor = started(x, reader.polling())
    midway = Cursor(int(cursor), NOON, 1, "another")
    x.write("spotify is down")
    assert poll(reader.polling(), str(midway)).texts == ["spotify is down"]


def test_a_poll_that_is_broken_off_goes_on_where_it_was(x: FakeX) -> None:
    source = Reader(x).polling(longest_query=512)
    cursor = started(x, source)
    x.write("spotify is down")
    x.write("netflix is down")
    brought = Brought(source.pages(cursor)).until(lambda: len(x.searches()) == 2)
    brought.pages.close()
    again = poll(source, brought.cursor)
    assert {*brought.texts, *again.texts} == {"spotify is down", "netflix is down"}


def test_what_is_older_than_seven_days_is_missed(x: FakeX) -> None:
    source = Reader(x).polling()
    brought = poll(source, str(id_at(NOON - timedelta(days=9))))
    assert brought.missed == [TOO_OLD]
    assert min(int(how["since_id"]) for how in x.searches()) > id_at(NOON - timedelta(days=7))


def test_an_unreadable_cursor_is_as_none(x: FakeX, caplog: pytest.LogCaptureFixture) -> None:
    assert poll(Reader(x).polling(), "nonsense").cursor == str(id_at(NOON))
    assert "is no cursor of X" in caplog.text


def test_strange_results_are_told(x: FakeX) -> None:
    source = Reader(x).polling()
    cursor = started(x, source)
    x.write("spotify is down", created_at="yesterday")
    x.write("spotify is down too")
    brought = poll(source, cursor)
    assert brought.texts == ["spotify is down too"]
    assert len(brought.unreadable) == 1


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, SourceRefused), (403, SourceRefused), (400, SourceRefused), (503, SourceFailed)],
)
def test_a_refusal_ends_the_poll(x: FakeX, status: int, kind: type[SourceFailed]) -> None:
    source = Reader(x).polling()
    cursor = started(x, source)
    x.refuse(status)
    assert type(failure(source, cursor)) is kind
    assert len(x.searches()) == 1


def test_a_rate_limit_ends_the_poll_and_nothing_is_lost(x: FakeX) -> None:
    reader = Reader(x)
    source = reader.polling(longest_query=512)
    cursor = started(x, source)
    x.write("spotify is down")
    x.write("netflix is down")
    x.searches_left = 2
    brought = Brought(source.pages(cursor))
    with pytest.raises(RateLimited) as limited:
        brought.rest()
    assert limited.value.until > x.clock()
    x.searches_left = 100
    again = poll(source, brought.cursor)
    assert {*brought.texts, *again.texts} == {"spotify is down", "netflix is down"}
    assert paid(reader) == 2


def test_silence_is_a_failure_and_meanwhile_there_are_signs_of_life(x: FakeX) -> None:
    source = Reader(x).polling()
    cursor = started(x, source)
    x.hanging = True
    brought = Brought(source.pages(cursor))
    with pytest.raises(SourceFailed, match="X has said nothing"):
        brought.rest()
    assert sum(page == Page() for page in brought.all) >= 3


def test_closing_takes_less_than_two_seconds(x: FakeX) -> None:
    source = Reader(x, timing=replace(SHORT, silence=9, patience=9)).polling()
    cursor = started(x, source)
    x.hanging = True
    threading.Timer(0.1, source.close).start()
    began = time.monotonic()
    poll(source, cursor)
    assert time.monotonic() - began < 2
    assert poll(source, None).all == []


# --- money ---


def test_posts_are_paid_once_though_searches_overlap(x: FakeX) -> None:
    reader = Reader(x, timing=replace(SHORT, settled=timedelta(minutes=5)))
    source = reader.polling()
    cursor = started(x, source)
    for index in range(30):
        x.write(f"spotify is down {index}")
    for _ in range(3):
        cursor = poll(source, cursor).cursor
        clock(x).forward(minutes=1)
    assert paid(reader) == 30


def test_a_search_is_only_asked_when_its_worst_case_can_be_paid(x: FakeX) -> None:
    reader = Reader(x)
    source = reader.polling(posts_a_month=100)
    reader.purse.spend("x", NOON.date(), Spent(posts=60))
    cursor = started(x, source)
    for index in range(200):
        x.write(f"spotify is down {index}")
    failed = failure(source, cursor)
    assert isinstance(failed, BudgetSpent)
    assert failed.until == datetime(2026, 12, 1, tzinfo=UTC)
    assert next(how["max_results"] for how in x.searches()) == "40"
    assert 60 + len(set().union(*x.billed.values())) <= 100
    assert paid(reader) <= 100


def test_below_the_fewest_posts_of_a_search_none_is_asked(x: FakeX) -> None:
    reader = Reader(x)
    reader.purse.spend("x", NOON.date(), Spent(posts=91))
    source = reader.polling(posts_a_month=100)
    assert isinstance(failure(source, started(x, source)), BudgetSpent)
    assert x.searches() == []


def test_an_answer_that_is_lost_stays_paid_until_it_is_found(x: FakeX) -> None:
    reader = Reader(x)
    source = reader.polling()
    cursor = started(x, source)
    for index in range(20):
        x.write(f"spotify is down {index}")
    x.breaking_answers = True
    assert "broke off" in str(failure(source, cursor))
    assert paid(reader) == 100
    x.breaking_answers = False
    assert len(poll(source, cursor).ids) == 20
    assert paid(reader) == 20


def test_old_posts_take_no_more_than_a_share_of_what_is_left(x: FakeX) -> None:
    x.page = 10
    source = Reader(x).polling(posts_a_month=100)
    cursor = started(x, source)
    for index in range(80):
        x.write(f"spotify is down {index}")
    clock(x).forward(hours=5)
    brought = poll(source, cursor)
    assert brought.missed == [TOO_DEAR]
    assert 25 <= len(brought.ids) <= 40
    assert int(brought.cursor) > int(cursor)
    assert brought.heard_until == x.clock()


def test_once_half_is_spent_only_what_matters_is_searched_for(x: FakeX) -> None:
    reader = Reader(x)
    source = reader.polling(services="netflix", dollars_a_day=Decimal(1))
    cursor = started(x, source)
    reader.purse.spend("x", NOON.date(), Spent(posts=100, micro_dollars=500_000))
    x.write("spotify is down")
    x.write("netflix is down")
    assert poll(source, cursor).texts == ["netflix is down"]
    clock(x).forward(hours=13)
    assert "spotify is down" in poll(source, cursor).texts


WRITTEN = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 40), st.booleans()), max_size=6)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(WRITTEN, st.integers(11, 120), st.sampled_from([10, 100]))
def test_whatever_is_written_polls_bring_it_or_stop_before_the_cap(
    written: list[tuple[int, int, bool]], cap: int, page: int
) -> None:
    """Minutes that pass, posts that are written then, and whether the process dies after reading them."""
    with fake_x(clock=Clock(), page=page) as x:
        reader = Reader(x)
        source = reader.polling(posts_a_month=cap)
        cursor = poll(source, None).cursor
        brought: set[str] = set()
        stopped = False
        for minutes, posts, dies in written:
            clock(x).forward(minutes=minutes, seconds=2)
            for index in range(posts):
                x.write(f"spotify is down {index}")
            one = Brought(source.pages(cursor))
            try:
                one.rest()
            except BudgetSpent:
                stopped = True
            brought |= set(one.ids)
            if any(page.cursor for page in one.all):
                cursor = one.cursor
            source = reader.polling(posts_a_month=cap) if dies else source
            assert len(set().union(*x.billed.values())) <= cap
            assert paid(reader) <= cap
        assert stopped or brought == {one["post"]["id"] for one in x.posts}
