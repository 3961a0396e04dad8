"""X as a stream, against a local server and through the true tweepy."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from domain.spending import Spent
from ingest.source import BudgetSpent, Page, RateLimited, SourceFailed, SourceRefused
from ingest.sources.x.cursor import Cursor, id_at
from ingest.sources.x.gap import TOO_DEAR, TOO_OLD
from tests.ingest.sources.fake_x import BUSY, CAPPED, DISCONNECTED, TOKEN, FakeX, fake_x
from tests.ingest.sources.fake_x_reading import SHORT, Brought, Reader, services

RULES = "/2/tweets/search/stream/rules"
STREAM = "/2/tweets/search/stream"
SEARCH = "/2/tweets/search/recent"


@pytest.fixture
def x() -> Iterator[FakeX]:
    with fake_x() as world:
        yield world


def connected(reader: Reader, cursor: str | None = None, **chosen: object) -> Brought:
    """A reader that is connected and has filled its gap."""
    return filled(Brought(reader.listening(**chosen).pages(cursor)))


def filled(brought: Brought) -> Brought:
    """Read on until the stream itself is heard, and not only what search has found."""
    return brought.until(lambda: len({page.heard_until for page in brought.all} - {None}) > 1)


def failure(brought: Brought) -> SourceFailed:
    with pytest.raises(SourceFailed) as failed:
        brought.rest()
    return failed.value


def before(**ago: float) -> str:
    """A cursor of some time ago."""
    return str(Cursor.at(datetime.now(UTC) - timedelta(**ago)))


# --- what is heard ---


def test_posts_are_heard_as_they_are_written(x: FakeX) -> None:
    brought = connected(Reader(x))
    ids = [x.write(f"spotify is down {index}") for index in range(50)]
    brought.until(lambda: len(brought.ids) == 50)
    assert brought.ids == ids
    assert brought.unreadable == []


def test_the_rules_are_at_x_before_the_stream_is_connected(x: FakeX) -> None:
    connected(Reader(x))
    paths = [(method, path) for method, path, _ in x.asked]
    assert paths.index(("POST", RULES)) < paths.index(("GET", STREAM))
    assert all(rule["tag"].startswith("groundswell:") for rule in x.rules.values())
    assert any("spotify" in rule["value"] for rule in x.rules.values())


def test_only_what_the_rules_find_is_sent(x: FakeX) -> None:
    x.everything = False
    brought = connected(Reader(x))
    x.write("a lovely day")
    x.write("netflix is down")
    brought.until(lambda: brought.texts)
    assert brought.texts == ["netflix is down"]


def test_the_fields_that_we_need_are_asked_for_and_no_posts_besides(x: FakeX) -> None:
    connected(Reader(x))
    [how] = [how for _, path, how in x.asked if path == STREAM]
    assert how["tweet.fields"].split(",") == ["created_at", "lang", "referenced_tweets", "note_tweet"]
    assert how["expansions"] == "author_id"


def test_posts_that_come_twice_are_brought_once(x: FakeX) -> None:
    brought = connected(Reader(x))
    id_ = x.write("spotify is down")
    x.repeat(id_)
    last = x.write("spotify is down too")
    brought.until(lambda: last in brought.ids)
    assert brought.ids == [id_, last]


def test_posts_may_come_in_any_order(x: FakeX) -> None:
    brought = connected(Reader(x))
    now = datetime.now(UTC)
    ids = [x.write("spotify is down", at=now - timedelta(seconds=ago)) for ago in (1, 3, 0, 2)]
    brought.until(lambda: len(brought.ids) == 4)
    assert brought.ids == ids


def test_a_post_that_a_rule_without_a_tag_found_is_heard_like_any_other(x: FakeX) -> None:
    brought = connected(Reader(x))  # tweepy's own handler ends at such a rule with a KeyError
    post = {"id": str(id_at(datetime.now(UTC))), "text": "spotify is down"}
    post["created_at"] = datetime.now(UTC).isoformat()
    x.say(json.dumps({"data": post, "matching_rules": [{"id": "1"}]}).encode())
    brought.until(lambda: brought.texts)


def test_a_quiet_stream_still_gives_pages_and_is_heard(x: FakeX) -> None:
    brought = connected(Reader(x))
    before = brought.heard_until
    brought.until(lambda: brought.heard_until != before)
    assert brought.next().posts == ()


def test_what_is_heard_lags_as_x_does(x: FakeX) -> None:
    reader = Reader(x, timing=replace(SHORT, late=timedelta(seconds=8)))
    brought = Brought(reader.listening().pages(None))
    began = datetime.now(UTC)
    brought.until(lambda: brought.heard_until is not None)
    x.write("spotify is down")
    brought.until(lambda: brought.texts)
    for _ in range(5):
        brought.next()
    assert brought.heard_until is not None
    assert brought.heard_until < max(began + timedelta(seconds=2), datetime.now(UTC) - timedelta(seconds=7))


def test_strange_messages_are_told_one_by_one_and_stop_nothing(x: FakeX) -> None:
    brought = connected(Reader(x))
    x.say(b"no JSON", b'{"data": {"id": "17"', b"[]", b'{"data": {"id": 4}}', b'{"hello": 1}', b"\xff")
    x.write("spotify is down")
    brought.until(lambda: brought.texts)
    assert len(brought.unreadable) == 6


# --- the first start, and the gap ---


def test_the_first_start_reads_from_now_on(x: FakeX) -> None:
    x.write("spotify was down yesterday", at=datetime.now(UTC) - timedelta(days=1))
    x.write("spotify was down just now", at=datetime.now(UTC) - timedelta(seconds=1))
    brought = Brought(Reader(x).listening().pages(None))
    first = brought.next()
    assert first.cursor is not None
    x.write("spotify is down now")  # while nobody is connected
    brought.until(lambda: brought.heard_until is not None)
    assert brought.texts == ["spotify is down now"]


def test_what_was_written_while_nobody_was_connected_is_searched_for(x: FakeX) -> None:
    reader = Reader(x)
    cursor = connected(reader).cursor
    missed = [x.write(f"spotify is down {index}") for index in range(250)]
    brought = connected(reader, cursor)
    assert sorted(brought.ids) == sorted(missed)
    assert brought.missed == []
    assert len(x.searches()) > 2


def test_the_stream_is_connected_before_the_gap_is_searched_so_nothing_falls_between(x: FakeX) -> None:
    reader = Reader(x, timing=replace(SHORT, held_back=timedelta(seconds=0.5)))
    x.held_back = timedelta(seconds=0.4)
    x.write("spotify is down before", at=datetime.now(UTC) - timedelta(minutes=1))
    brought = Brought(reader.listening().pages(before(minutes=50)))
    brought.until(lambda: x.streams)
    x.write("spotify is down after")
    brought.until(lambda: len(brought.texts) == 2)
    brought.until(lambda: brought.heard_until is not None)
    assert [path for _, path, _ in x.asked].index(STREAM) < [path for _, path, _ in x.asked].index(SEARCH)


def test_what_search_does_not_show_yet_is_searched_for_a_second_time(x: FakeX) -> None:
    reader = Reader(x, timing=replace(SHORT, held_back=timedelta(seconds=0.6)))
    x.held_back = timedelta(seconds=0.5)
    x.write("spotify is down", at=datetime.now(UTC) - timedelta(seconds=0.2))
    brought = Brought(reader.listening().pages(before(minutes=50)))
    brought.until(lambda: brought.texts)
    assert brought.texts == ["spotify is down"]
    assert brought.all[-1].heard_until is None or brought.all[-1].heard_until < datetime.now(UTC)


def test_until_the_gap_is_filled_nothing_new_counts_as_heard(x: FakeX) -> None:
    x.refuse(503, None, None, SEARCH)
    cursor = before(minutes=50)
    brought = Brought(Reader(x).listening().pages(cursor))
    brought.until(lambda: x.streams)
    x.write("spotify is down")
    brought.until(lambda: brought.texts)
    for _ in range(5):
        brought.next()
    assert brought.heard_until is None
    assert brought.cursor == cursor
    x.refuse(None)
    brought.until(lambda: brought.heard_until is not None)
    assert int(brought.cursor) > int(cursor)


def test_no_cursor_moves_past_a_post_that_was_not_brought(x: FakeX) -> None:
    brought = connected(Reader(x))
    for index in range(100):
        x.write(f"spotify is down {index}")
    brought.until(lambda: len(brought.ids) == 100)
    given: set[str] = set()
    for page in brought.all:
        given |= {post.id for post in page.posts}
        if page.cursor is not None:
            assert {
                post["post"]["id"] for post in x.posts if int(post["post"]["id"]) <= int(page.cursor)
            } <= given


def test_reading_on_from_any_cursor_brings_every_post_after_it(x: FakeX) -> None:
    reader = Reader(x)
    brought = connected(reader)
    for index in range(20):
        x.write(f"spotify is down {index}")
        brought.next()
    x.cut()
    failure(brought)
    last = x.write("spotify is down for good")
    again = connected(reader, brought.cursor)
    assert set(brought.ids) | set(again.ids) == {one["post"]["id"] for one in x.posts}
    assert last in again.ids


def test_what_is_older_than_seven_days_is_missed(x: FakeX) -> None:
    ancient = datetime.now(UTC) - timedelta(days=9)
    brought = connected(Reader(x), str(Cursor.at(ancient)))
    assert brought.missed == [TOO_OLD]
    [missed] = [page.missed for page in brought.all if page.missed]
    assert abs(missed.since - ancient) < timedelta(seconds=1)
    assert timedelta(days=6, hours=23) < datetime.now(UTC) - missed.until < timedelta(days=7)
    since = min(int(how["since_id"]) for how in x.searches())
    assert since > id_at(datetime.now(UTC) - timedelta(days=7))


def test_a_rate_limit_of_search_is_waited_out_while_the_stream_goes_on(x: FakeX) -> None:
    x.write("spotify was down", at=datetime.now(UTC) - timedelta(minutes=30))
    soon = {"x-rate-limit-reset": str(int(time.time()) + 1)}
    x.refuse(429, None, soon, SEARCH)
    brought = Brought(Reader(x).listening().pages(before(minutes=50)))
    brought.until(lambda: x.streams and x.searches())
    x.write("spotify is down")
    brought.until(lambda: brought.texts)
    asked = len(x.searches())
    x.refuse(None)
    brought.until(lambda: brought.heard_until is not None)
    assert asked == 1
    assert sorted(brought.texts) == ["spotify is down", "spotify was down"]


@pytest.mark.parametrize(
    ("status", "why"),
    [(403, "may not do this"), (429, "asked less often"), (503, "X answered 503"), (400, "LONGEST_QUERY")],
)
def test_a_gap_that_cannot_be_filled_is_missed_with_its_reason(x: FakeX, status: int, why: str) -> None:
    x.refuse(status, None, None, SEARCH)
    reader = Reader(x, timing=replace(SHORT, filling=timedelta(seconds=0.4)))
    cursor = before(minutes=50)
    brought = connected(reader, cursor)
    [missed] = brought.missed
    assert why in missed
    [span] = [page.missed for page in brought.all if page.missed]
    assert id_at(span.since) == int(cursor)
    assert datetime.now(UTC) - span.until < timedelta(seconds=20)
    x.write("spotify is down")
    brought.until(lambda: brought.texts)


# --- failures ---


@pytest.mark.parametrize(
    ("status", "kind", "sentence"),
    [
        (401, SourceRefused, "X_BEARER_TOKEN"),
        (403, SourceRefused, "X_BEARER_TOKEN"),
        (429, RateLimited, "asked less often"),
        (503, SourceFailed, "X answered 503"),
    ],
)
@pytest.mark.parametrize("path", [RULES, STREAM])
def test_a_refusal_ends_the_reading_at_once(
    x: FakeX, path: str, status: int, kind: type[SourceFailed], sentence: str
) -> None:
    x.refuse(status, None, None, path)
    brought = Brought(Reader(x).listening().pages(None))
    failed = failure(brought)
    assert type(failed) is kind
    assert sentence in str(failed)
    assert x.connects == 1
    if isinstance(failed, RateLimited):
        assert timedelta(seconds=50) < failed.until - datetime.now(UTC) <= timedelta(seconds=61)


def test_another_program_with_the_same_token_is_told_of(x: FakeX) -> None:
    x.refuse(429, BUSY, None, STREAM)
    assert "another program holds the stream" in str(failure(Brought(Reader(x).listening().pages(None))))


def test_a_clean_close_ends_the_reading_and_is_not_reconnected(x: FakeX) -> None:
    brought = connected(Reader(x))
    x.write("spotify is down")
    x.end_streams()
    assert str(failure(brought)) == "X has closed the stream"
    assert brought.texts == ["spotify is down"]
    time.sleep(0.2)
    assert x.connects == 1


def test_a_server_that_closes_at_once_is_connected_once(x: FakeX) -> None:
    x.closing_at_once = True
    assert "X has closed the stream" in str(failure(Brought(Reader(x).listening().pages(None))))
    time.sleep(0.2)
    assert x.connects == 1


def test_a_connection_that_is_cut_in_the_middle_of_a_line_loses_no_post(x: FakeX) -> None:
    reader = Reader(x)
    brought = connected(reader)
    x.write("spotify is down 1")
    brought.until(lambda: brought.texts)
    x.write("spotify is down 2")
    x.cut()
    x.write("spotify is down 3")
    assert "the stream broke" in str(failure(brought))
    again = connected(reader, brought.cursor)
    assert set(brought.texts + again.texts) == {f"spotify is down {index}" for index in (1, 2, 3)}
    assert x.connects == 2


def test_a_stream_that_falls_silent_is_noticed(x: FakeX) -> None:
    brought = connected(Reader(x))
    x.hanging = True
    began = time.monotonic()
    assert "X has said nothing for 0.4 seconds" in str(failure(brought))
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("path", [RULES, STREAM])
def test_a_server_that_hangs_from_the_start_is_noticed(x: FakeX, path: str) -> None:
    if path == STREAM:
        connected(Reader(x))  # which leaves the rules that the next one wants
    x.hanging, x.hanging_paths = True, (path,)
    brought = Brought(Reader(x).listening().pages(None))
    assert "X has said nothing" in str(failure(brought))
    assert sum(page == Page() for page in brought.all) >= 3  # signs of life while it waits


@pytest.mark.parametrize(
    ("problem", "kind", "sentence"),
    [
        ({"errors": [DISCONNECTED]}, SourceFailed, "for operational reasons"),
        (CAPPED, BudgetSpent, "X gives no more posts on this plan"),
        (BUSY, SourceFailed, "another program holds the stream"),
    ],
)
def test_a_problem_that_the_stream_tells_of_ends_it_after_the_posts_before_it(
    x: FakeX, problem: dict[str, object], kind: type[SourceFailed], sentence: str
) -> None:
    brought = connected(Reader(x))
    x.write("spotify is down")
    x.say(json.dumps(problem).encode())
    failed = failure(brought)
    assert type(failed) is kind
    assert sentence in str(failed)
    assert brought.texts == ["spotify is down"]


def test_posts_that_nobody_takes_end_the_stream_and_are_searched_for(
    x: FakeX, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.sources.x.connection.MOST_WAITING", 5)
    reader = Reader(x)
    brought = connected(reader)
    for index in range(30):
        x.write(f"spotify is down {index}")
    time.sleep(0.2)
    assert "the rest will be searched for" in str(failure(brought))
    monkeypatch.undo()
    again = connected(reader, brought.cursor)
    assert len({*brought.ids, *again.ids}) == 30


def test_results_that_cannot_be_read_are_searched_for_again(x: FakeX) -> None:
    x.write("spotify was down", at=datetime.now(UTC) - timedelta(minutes=5))
    x.told_results = b"<html>"
    brought = Brought(Reader(x).listening().pages(before(minutes=50)))
    brought.until(lambda: len(x.searches()) > 1)
    x.told_results = None
    brought.until(lambda: brought.texts)


def test_a_purse_that_fails_ends_the_reading(x: FakeX) -> None:
    class Broken:
        def spent(self, source: str, since: object) -> Spent:
            return Spent()

        def spend(self, source: str, day: object, cost: Spent) -> None:
            raise OSError("the database is away")

    brought = Brought(Reader(x, purse=Broken()).listening().pages(None))
    with pytest.raises(OSError, match="the database is away"):
        brought.rest()
    assert x.connects == 0


# --- the end ---


@pytest.mark.parametrize("when", ["connecting", "reading", "hanging", "filling"])
def test_closing_takes_less_than_two_seconds(x: FakeX, when: str) -> None:
    timing = replace(SHORT, silence=9.0, patience=9.0, tick=0.3)
    source = Reader(x, timing=timing).listening()
    brought = Brought(source.pages(before(minutes=50)))
    if when == "connecting":
        x.hanging = True
    elif when == "filling":
        x.refuse(503, None, None, SEARCH)
        brought.until(lambda: x.searches())
    else:
        brought.until(lambda: brought.heard_until is not None)
        x.hanging = when == "hanging"
    threading.Timer(0.2, source.close).start()
    began = time.monotonic()
    brought.rest()
    assert time.monotonic() - began < 2
    assert list(source.pages(None)) == []


def test_after_the_end_no_thread_and_no_connection_is_left(x: FakeX) -> None:
    source = Reader(x).listening()
    brought = Brought(source.pages(None))
    brought.until(lambda: brought.heard_until is not None)
    brought.pages.close()
    deadline = time.monotonic() + 5
    while x.streams and time.monotonic() < deadline:
        time.sleep(0.02)
    assert x.streams == 0
    assert not [one for one in threading.enumerate() if one.name == "Tweepy Stream"]


# --- money ---


def paid(reader: Reader) -> int:
    return reader.purse.spent("x", datetime.now(UTC).date()).posts


def billed(x: FakeX) -> int:
    return sum(len(posts) for posts in x.billed.values())


def test_every_post_is_paid_before_it_is_brought_and_in_the_end_exactly(x: FakeX) -> None:
    reader = Reader(x)
    brought = connected(reader)
    for index in range(70):
        x.write(f"spotify is down {index}")
        if index % 7 == 0:
            brought.next()
            assert paid(reader) >= len(brought.ids)
    brought.until(lambda: len(brought.ids) == 70)
    brought.pages.close()
    again = connected(reader, brought.cursor)  # reads the last ones once more, which costs nothing
    again.pages.close()
    loudest = paid(reader) - billed(x)
    assert billed(x) == 70
    assert (
        0 <= loudest <= 2 * 70
    )  # what may have been on its way at the last end, and what a new process forgets


def test_within_one_process_reading_again_costs_nothing(x: FakeX) -> None:
    reader = Reader(x)
    source = reader.listening()
    for index in range(30):
        x.write(f"spotify is down {index}", at=datetime.now(UTC) - timedelta(minutes=5))
    for _ in range(3):
        brought = filled(Brought(source.pages(before(minutes=50))))
        brought.pages.close()
    assert paid(reader) == billed(x) == 30


@pytest.mark.parametrize(
    ("chosen", "setting"),
    [
        ({"dollars_a_day": Decimal("0.5")}, "GROUNDSWELL_X_DOLLARS_A_DAY"),
        ({"dollars_a_month": Decimal("0.5")}, "GROUNDSWELL_X_DOLLARS_A_MONTH"),
        ({"posts_a_month": 100}, "GROUNDSWELL_X_POSTS_A_MONTH"),
    ],
)
def test_reading_stops_before_a_cap_is_passed(x: FakeX, chosen: dict[str, object], setting: str) -> None:
    x.pace = 0.004  # as fast as X sends
    reader = Reader(x)
    brought = connected(reader, **chosen)
    for index in range(300):
        x.write(f"spotify is down {index}")
    failed = failure(brought)
    assert isinstance(failed, BudgetSpent)
    assert setting in str(failed)
    assert failed.until > datetime.now(UTC)
    time.sleep(0.1)
    assert len(brought.ids) <= billed(x) <= 100
    assert len(brought.ids) > 20
    assert paid(reader) <= 100


def test_processes_that_die_again_and_again_pass_no_cap(x: FakeX, monkeypatch: pytest.MonkeyPatch) -> None:
    # A killed process settles nothing: only its connections end.
    monkeypatch.setattr("ingest.sources.x.listening._Reading.end", lambda reading: reading.stop())
    x.pace = 0.004
    reader = Reader(x)
    stopped = 0
    for _ in range(8):
        brought = Brought(reader.listening(posts_a_month=250).pages(before(minutes=50)))
        try:
            brought.until(lambda: x.streams)
            last = [x.write(f"spotify is down {index}") for index in range(20)][-1]
            while last not in brought.ids:
                brought.next()
        except BudgetSpent:
            stopped += 1
        brought.pages.close()
        deadline = time.monotonic() + 5
        while x.streams and time.monotonic() < deadline:
            time.sleep(0.01)
        assert billed(x) <= paid(reader) <= 250
    assert stopped


def test_with_no_money_nothing_is_asked_at_all(x: FakeX) -> None:
    failed = failure(Brought(Reader(x).listening(dollars_a_day=Decimal(0)).pages(None)))
    assert isinstance(failed, BudgetSpent)
    assert x.asked == []


def test_an_old_gap_takes_no_more_than_a_share_of_what_is_left(x: FakeX) -> None:
    x.page = 10
    for index in range(80):
        x.write(f"spotify is down {index}", at=datetime.now(UTC) - timedelta(hours=5))
    brought = connected(Reader(x), before(hours=10), posts_a_month=100)
    assert brought.missed == [TOO_DEAR]
    assert 20 <= len(brought.ids) <= 40


def test_a_gap_for_which_there_is_no_money_is_missed(x: FakeX) -> None:
    reader = Reader(x)
    reader.purse.spend("x", datetime.now(UTC).date(), Spent(posts=75))
    for index in range(80):
        x.write(f"spotify is down {index}", at=datetime.now(UTC) - timedelta(minutes=5))
    brought = Brought(reader.listening(posts_a_month=100).pages(before(minutes=9)))
    brought.until(lambda: brought.missed)
    assert "GROUNDSWELL_X_POSTS_A_MONTH" in brought.missed[0]
    assert billed(x) <= 25


# --- the services that matter ---


def groups(x: FakeX) -> set[str]:
    """Whose rules X has."""
    return {rule["tag"].split(":")[1] for rule in x.rules.values()}


def test_half_of_an_allowance_is_kept_for_the_services_that_matter(
    x: FakeX, caplog: pytest.LogCaptureFixture
) -> None:
    x.everything, x.pace = False, 0.004  # as fast as X sends
    reader = Reader(x)
    reader.purse.spend("x", datetime.now(UTC).date(), Spent(posts=950))
    brought = connected(reader, services="netflix", posts_a_month=2_000)
    assert groups(x) == {"first", "others"}
    for index in range(60):
        x.write(f"spotify is down {index}")
    brought.until(lambda: groups(x) == {"first"})
    assert "half of an allowance is spent" in caplog.text
    x.write("spotify is still down")
    x.write("netflix is down")
    brought.until(lambda: "netflix is down" in brought.texts)
    assert "spotify is still down" not in brought.texts
    assert x.connects == 1  # the stream was not left for it


def test_on_a_new_day_every_service_is_heard_again(x: FakeX) -> None:
    x.everything = False
    ahead = [timedelta()]
    x.clock = lambda: datetime.now(UTC) + ahead[0]
    reader = Reader(x)
    reader.purse.spend("x", x.clock().date(), Spent(posts=150, micro_dollars=750_000))
    brought = connected(reader, services="netflix", dollars_a_day=Decimal(1), dollars_a_month="none")
    assert groups(x) == {"first"}
    ahead[0] = timedelta(days=1)
    brought.until(lambda: groups(x) == {"first", "others"})


def test_the_gap_too_is_searched_only_for_what_matters_once_half_is_spent(x: FakeX) -> None:
    reader = Reader(x)
    reader.purse.spend("x", datetime.now(UTC).date(), Spent(posts=150))
    x.write("spotify is down", at=datetime.now(UTC) - timedelta(minutes=5))
    x.write("netflix is down", at=datetime.now(UTC) - timedelta(minutes=5))
    brought = connected(reader, before(minutes=50), services="netflix", posts_a_month=200)
    assert brought.texts == ["netflix is down"]
    assert all("spotify" not in how["query"] for how in x.searches())


def test_rules_that_cannot_be_changed_end_the_reading(x: FakeX) -> None:
    reader = Reader(x)
    brought = connected(reader, services="netflix", posts_a_month=200)
    x.refuse(503, None, None, RULES)
    reader.purse.spend("x", datetime.now(UTC).date(), Spent(posts=120))
    assert "X answered 503" in str(failure(brought))


# --- the token ---


def test_the_token_is_told_nowhere(x: FakeX, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    source = Reader(x).listening()
    brought = Brought(source.pages(None))
    brought.until(lambda: brought.heard_until is not None)
    x.write("spotify is down")
    x.say(b"strange")
    brought.until(lambda: brought.unreadable)
    x.refuse(401)
    x.cut()
    said = str(failure(brought)) + repr(source) + repr(vars(source)) + repr(brought.all) + caplog.text
    x.refuse(None)
    assert TOKEN not in said


def test_every_service_of_a_small_catalogue_is_heard(x: FakeX) -> None:
    x.everything = False
    reader = Reader(x, of=services("imessage", "att", "target"))
    brought = connected(reader)
    for text in ("imessage is down", "AT&T is out again", "is target down?", "#iMessageDown"):
        x.write(text)
    brought.until(lambda: len(brought.texts) == 4)
