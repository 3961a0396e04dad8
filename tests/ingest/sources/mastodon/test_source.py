"""Mastodon through the true library, against a server that behaves as an instance, or misbehaves."""

from __future__ import annotations

import json
import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from domain.post import Post
from ingest.registry import SOURCES
from ingest.source import Missed, Page, PostId, RateLimited, SourceFailed, SourceRefused
from ingest.sources.mastodon import client, wire
from ingest.sources.mastodon.options import Instance
from ingest.sources.mastodon.source import Mastodon
from tests.contracts.mastodon_world import GARBLED
from tests.ingest.sources.fake_mastodon import TOKEN, FakeMastodon

SILENCE = 0.6  # seconds; the fake's heartbeat comes every tenth of one
PATIENCE = 10.0  # seconds that a test waits for what must come


@pytest.fixture
def server() -> Iterator[FakeMastodon]:
    fake = FakeMastodon()
    yield fake
    fake.stop()


def streamed(server: FakeMastodon, *timelines: str, **options: Any) -> Mastodon:
    return _source(server, timelines, SecretStr(TOKEN), **options)


def polled(server: FakeMastodon, *timelines: str, token: str | None = None, **options: Any) -> Mastodon:
    return _source(server, timelines, SecretStr(token) if token else None, every=60.0, **options)


def _source(
    server: FakeMastodon, timelines: tuple[str, ...], token: SecretStr | None, **options: Any
) -> Mastodon:
    instance = Instance(server.host, server.url)
    chosen = {"silence": SILENCE, "beat": 0.02, **options}
    return Mastodon(instance, timelines or ("public",), token, **chosen)


class Told:
    """All that a source has brought, and where to go on."""

    def __init__(self, cursor: str | None = None) -> None:
        self.cursor = cursor
        self.heard_until: datetime | None = None
        self.posts: list[Post] = []
        self.withdrawn: list[PostId] = []
        self.missed: list[Missed] = []
        self.unreadable: list[str] = []

    @property
    def ids(self) -> list[str]:
        return [post.id for post in self.posts]

    @property
    def texts(self) -> list[str]:
        return [post.text for post in self.posts]

    def add(self, page: Page) -> None:
        self.cursor = page.cursor or self.cursor
        self.heard_until = page.heard_until or self.heard_until
        self.posts += page.posts
        self.withdrawn += page.withdrawn
        self.unreadable += page.unreadable
        self.missed += [page.missed] if page.missed else []

    def listen(self, source: Mastodon, until: Callable[[], object], *then: Callable[[], object]) -> Told:
        """Take pages until something is so; where more is given, do it then, and wait for the next."""
        self.heard_until = None
        steps, end = [until, *then], time.monotonic() + PATIENCE
        with closing(source.pages(self.cursor)) as pages:
            for page in pages:
                self.add(page)
                assert time.monotonic() < end, "it did not come about in time"
                while steps and steps[0]():
                    steps.pop(0)
                    if steps:
                        steps.pop(0)()
                if not steps:
                    break
        return self

    def poll(self, source: Mastodon) -> Told:
        for page in source.pages(self.cursor):
            self.add(page)
        return self


def ready(server: FakeMastodon, told: Told, streams: int = 1) -> Callable[[], bool]:
    """Whether the streams are open and all that was written before has been brought."""
    return lambda: len(server.streams) == streams and told.heard_until is not None


def started(server: FakeMastodon, source: Mastodon, streams: int = 1) -> Told:
    """What has been told at the first start of a source, which is nothing but where to go on."""
    told = Told()
    return told.listen(source, ready(server, told, streams))


# --- what is heard ---


def test_it_is_listed() -> None:
    assert SOURCES["mastodon"] is Mastodon
    assert Mastodon.needs == "GROUNDSWELL_MASTODON_INSTANCES"


def test_what_is_written_from_now_on_is_heard(server: FakeMastodon) -> None:
    server.write("before")
    source, told = streamed(server), Told()
    told.listen(
        source, ready(server, told), lambda: server.write("spotify is <down>"), lambda: len(told.posts) == 1
    )
    [post] = told.posts
    assert (source.name, source.every) == (f"mastodon:{server.host}", None)
    assert (post.source, post.text) == ("mastodon", "spotify is <down>")


def test_a_page_comes_even_when_nothing_happens_and_says_until_when_all_was_heard(
    server: FakeMastodon,
) -> None:
    told = Told()
    begin = datetime.now(UTC)
    pages = 0

    def enough() -> bool:
        nonlocal pages
        pages += 1
        later = begin + timedelta(seconds=2 * SILENCE) - timedelta(seconds=3)
        return told.heard_until is not None and told.heard_until > later

    told.listen(streamed(server), enough)
    assert pages > 20
    assert told.posts == []
    assert told.heard_until is not None
    assert told.heard_until < datetime.now(UTC)


def test_what_is_written_between_two_readings_is_caught_up_with_oldest_first(server: FakeMastodon) -> None:
    told = started(server, streamed(server))
    written = [server.write(f"no {number}")["uri"] for number in range(100)]
    told.listen(
        streamed(server), lambda: len(told.posts) >= 100, lambda: server.write("last"), _heard(told, "last")
    )
    assert told.ids[:100] == written
    assert len(told.posts) == 101
    assert sum("min_id" in path for path, _ in server.requests) <= 5


def _heard(told: Told, text: str) -> Callable[[], bool]:
    return lambda: text in told.texts


def test_what_was_given_before_a_restart_is_not_given_again(server: FakeMastodon) -> None:
    told = started(server, streamed(server))
    server.write("one")
    told.listen(streamed(server), _heard(told, "one"))
    server.write("two")
    told.listen(streamed(server), _heard(told, "two"))
    told.listen(streamed(server), ready(server, told), lambda: server.write("three"), _heard(told, "three"))
    assert told.texts == ["one", "two", "three"]


def test_a_status_that_was_long_on_its_way_is_caught_up_with_too(server: FakeMastodon) -> None:
    """An instance gives it an id by the time at which it was written, which is lower than others given."""
    late = server.status("late")
    told = started(server, streamed(server))
    server.write("one")
    told.listen(streamed(server), _heard(told, "one"))
    server.keep(late)
    told.listen(streamed(server), _heard(told, "late"))
    assert told.texts == ["one", "late"]


def test_a_status_in_two_timelines_is_one_post(server: FakeMastodon) -> None:
    source = streamed(server, "public", "local", "tag:outage")
    told = started(server, source, streams=3)
    local = {"account": {"acct": "ann"}}
    server.write("first #outage", **local)
    told.listen(
        source,
        lambda: len(server.streams) == 3 and told.posts,
        lambda: server.write("second #outage", **local),
        _heard(told, "second #outage"),
        lambda: server.write("third"),
        _heard(told, "third"),
    )
    assert told.texts == ["first #outage", "second #outage", "third"]
    assert told.posts[0].author == f"ann@{server.host}"
    streams = [path for path, _ in server.requests if "/streaming/" in path][:3]
    assert sorted(path.partition("/streaming/")[2] for path in streams) == [
        "hashtag?tag=outage",
        "public",
        "public/local",
    ]


def test_a_status_seen_on_two_instances_is_one_post(server: FakeMastodon) -> None:
    other = FakeMastodon()
    told, told_there = started(server, streamed(server)), started(other, streamed(other))
    status = server.write("down")
    other.write("down", **{**status, "id": "7" + status["id"][1:]})
    told.listen(streamed(server), lambda: told.posts)
    told_there.listen(streamed(other), lambda: told_there.posts)
    assert told.posts == told_there.posts
    other.stop()


def test_a_reply_names_the_post_that_it_answers_if_that_was_heard(server: FakeMastodon) -> None:
    source = streamed(server)
    told = started(server, source)
    parent = server.write("spotify is down")
    server.write("same here", in_reply_to_id=parent["id"])
    server.write("who?", in_reply_to_id="12345")
    told.listen(source, lambda: len(told.posts) == 3)
    assert [post.in_reply_to for post in told.posts] == [None, parent["uri"], None]


def test_a_boost_is_a_repost_and_who_answers_what_it_repeats_answers_that(server: FakeMastodon) -> None:
    source = streamed(server)
    told = started(server, source)
    original = server.status("spotify is down")
    server.write("", reblog=original, uri="https://social.example/users/bob/statuses/9/activity")
    server.write("same here", in_reply_to_id=original["id"])
    told.listen(source, lambda: len(told.posts) == 2)
    boost, reply = told.posts
    assert (boost.is_repost, boost.text) == (True, "spotify is down")
    assert reply.in_reply_to == original["uri"]


def test_what_is_not_public_is_never_taken(server: FakeMastodon) -> None:
    source, told = streamed(server), Told()

    def whisper() -> None:
        for visibility in ("private", "direct", "limited", ""):
            server.say("update", json.dumps(server.status("secret", visibility=visibility)))
            server.say("status.update", json.dumps(server.status("secret", visibility=visibility)))
        server.say(
            "update", json.dumps(server.status("", reblog=server.status("secret", visibility="private")))
        )
        server.write("public")

    told.listen(source, ready(server, told), whisper, lambda: told.posts)
    hidden = [server.status("secret", visibility="direct"), server.status("unlisted", visibility="unlisted")]
    server.answers = [(200, json.dumps(hidden).encode())]
    told.listen(streamed(server), lambda: len(told.posts) == 2)
    assert told.texts == ["public", "unlisted"]


# --- what is taken back ---


def test_a_deleted_status_is_withdrawn_and_one_never_heard_is_no_matter(server: FakeMastodon) -> None:
    source, told = streamed(server), Told()
    told.listen(source, ready(server, told), lambda: server.write("down"), lambda: told.posts)
    server.wait_for_streams(0)
    told.listen(
        source,
        ready(server, told),
        lambda: (server.say("delete", "424242"), server.delete(told.ids[0])),
        lambda: told.withdrawn,
    )
    assert told.withdrawn == [("mastodon", told.ids[0])]


def test_an_edited_status_is_withdrawn_and_brought_again_in_one_page(server: FakeMastodon) -> None:
    source, told = streamed(server), Told()
    status = server.status("dwon")
    told.listen(
        source,
        ready(server, told),
        lambda: server.tell(status),
        lambda: told.posts,
        lambda: server.edit(status, "down"),
        lambda: told.withdrawn,
    )
    assert told.texts == ["dwon", "down"]
    assert told.withdrawn == [("mastodon", status["uri"])]


def test_what_is_edited_or_deleted_at_once_is_brought_as_it_is_now(server: FakeMastodon) -> None:
    source, told = streamed(server, beat=0.3), Told()
    gone, changed = server.status("gone"), server.status("chnaged")

    def all_at_once() -> None:
        for status in (gone, changed):
            server.keep(status)
            server.tell(status)
        server.delete(gone["uri"])
        server.edit(changed, "changed")
        server.write("after")

    told.listen(source, ready(server, told), all_at_once, _heard(told, "after"))
    assert Counter(told.texts) - Counter(["chnaged", "gone"]) == Counter(["changed", "after"])
    assert set(told.withdrawn) == {("mastodon", gone["uri"]), ("mastodon", changed["uri"])}


# --- what fails ---


def test_no_post_is_missing_and_none_comes_twice_after_thirty_disconnections(server: FakeMastodon) -> None:
    """The reader, too, fails now and then: it forgets a page, and goes on from the cursor before it."""
    chance = random.Random(20121118)
    told, source, stopping = started(server, streamed(server)), streamed(server), threading.Event()

    def read() -> None:
        nonlocal source
        while not stopping.is_set():
            try:
                with closing(source.pages(told.cursor)) as pages:
                    for page in pages:
                        if page.posts and chance.random() < 0.2:
                            break
                        told.add(page)
            except SourceFailed:
                pass
            if chance.random() < 0.2:
                source = streamed(server)

    reader = threading.Thread(target=read)
    reader.start()
    written = []
    for cut in range(30):
        server.wait_for_streams()
        written += [server.write(f"down {cut} {number}")["uri"] for number in range(chance.randrange(60))]
        time.sleep(chance.random() * 0.03)
        server.cut()
        written += [server.write(f"meanwhile {cut}")["uri"]]
    end = time.monotonic() + PATIENCE
    while len(told.posts) < len(written) and time.monotonic() < end:
        time.sleep(0.01)
    stopping.set()
    source.close()
    reader.join()
    assert server.connects >= 31
    assert sorted(told.ids) == sorted(written)
    assert told.missed == []


def test_what_no_client_expects_is_told_in_a_sentence_each_and_ends_nothing(server: FakeMastodon) -> None:
    told = Told()

    def garble() -> None:
        for raw in GARBLED:
            server.say_raw(raw)
        server.say("filters_changed", "undefined")  # which is none of it
        server.write("down")

    told.listen(streamed(server), ready(server, told), garble, lambda: told.posts)
    assert len(told.unreadable) == len(GARBLED)
    assert all(sentence.startswith("the timeline public: ") for sentence in told.unreadable)
    assert server.connects == 1


def test_a_stream_that_falls_silent_has_failed(server: FakeMastodon) -> None:
    told = Told()
    with pytest.raises(SourceFailed, match=r"nothing was heard|said nothing"):
        told.listen(streamed(server), ready(server, told), lambda: server.hang(True), lambda: False)
    with pytest.raises(SourceFailed, match=r"nothing was heard|said nothing"):
        told.listen(streamed(server), lambda: False)


def test_a_reader_that_takes_its_time_is_not_taken_for_a_silent_server(server: FakeMastodon) -> None:
    told = Told()
    told.listen(
        streamed(server),
        ready(server, told),
        lambda: time.sleep(2 * SILENCE),
        lambda: server.write("down"),
        lambda: told.posts,
    )
    assert server.connects == 1


def test_a_stream_that_is_closed_has_failed_and_is_not_opened_again_by_itself(server: FakeMastodon) -> None:
    told = Told()
    with pytest.raises(SourceFailed, match="has closed the stream of the timeline public"):
        told.listen(streamed(server), ready(server, told), server.end_streams, lambda: False)
    server.closes_at_once = True
    with pytest.raises(SourceFailed):
        told.listen(streamed(server), lambda: False)
    assert server.connects == 2


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("first", [True, False])
def test_a_refusal_names_the_setting_and_the_instance(server: FakeMastodon, status: int, first: bool) -> None:
    told = Told() if first else started(server, streamed(server))
    server.refusal = status
    with pytest.raises(SourceRefused) as refused:
        told.listen(streamed(server), lambda: False)
    assert f"the token for {server.host} in GROUNDSWELL_MASTODON_TOKENS" in str(refused.value)


def test_an_instance_for_members_only_asks_for_a_token(server: FakeMastodon) -> None:
    server.members_only = True
    with pytest.raises(SourceRefused, match=f"add {server.host}=... with a token"):
        Told().poll(polled(server))
    with pytest.raises(SourceRefused, match=f"add {server.host}=... with a token"):
        Told().listen(_source(server, ("public",), None), lambda: False)


@pytest.mark.parametrize("first", [True, False])
def test_an_instance_that_was_asked_too_often_is_left_alone_until_it_says(
    server: FakeMastodon, first: bool
) -> None:
    told = Told() if first else started(server, streamed(server))
    server.refusal = 429
    with pytest.raises(RateLimited) as limited:
        told.listen(streamed(server), lambda: False)
    assert abs(limited.value.until - datetime.now(UTC) - timedelta(minutes=1)) < timedelta(seconds=5)


def test_an_instance_that_is_down_has_failed(server: FakeMastodon) -> None:
    server.refusal = 503
    with pytest.raises(SourceFailed, match="answered 503"):
        Told().listen(streamed(server), lambda: False)
    gone = FakeMastodon()
    gone.stop()
    with pytest.raises(SourceFailed, match=f"the connection to {gone.host} failed"):
        Told().listen(streamed(gone), lambda: False)


def test_a_mistake_of_our_own_costs_a_connection_and_no_post(
    server: FakeMastodon, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = started(server, streamed(server))
    server.write("one")

    def stumble(_: object) -> Iterator[None]:
        raise ZeroDivisionError(TOKEN)

    with monkeypatch.context() as patch:
        patch.setattr(client, "events_in", stumble)
        with pytest.raises(SourceFailed, match=r"failed \(ZeroDivisionError\)$"):
            told.listen(streamed(server), lambda: False)
    server.write("two")
    told.listen(streamed(server), _heard(told, "two"))
    assert told.texts == ["one", "two"]


# --- gaps ---


def test_what_is_too_much_to_catch_up_with_is_missed_and_said_to_be(server: FakeMastodon) -> None:
    told = started(server, streamed(server))
    begin = datetime.now(UTC).replace(microsecond=0)
    times = [begin + timedelta(seconds=number) for number in range(200)]
    written = [server.write(f"no {number}", created_at=at.isoformat()) for number, at in enumerate(times)]
    source = streamed(server, most_pages=2)
    told.listen(source, lambda: told.missed, lambda: server.write("after"), _heard(told, "after"))
    uris = [status["uri"] for status in written]
    assert told.ids[:-1] == uris[:80] + uris[160:]
    assert [(gap.since, gap.until) for gap in told.missed] == [(times[79], times[160])]
    assert told.missed[0].why == "more than 80 statuses had come since the last reading"
    told.listen(
        streamed(server, most_pages=2), ready(server, told), lambda: server.write("x"), _heard(told, "x")
    )
    assert (len(told.missed), len(told.posts)) == (1, 122)


def test_an_instance_that_does_not_reach_back_leaves_a_gap(server: FakeMastodon) -> None:
    told = started(server, streamed(server))
    server.write("one")
    told.listen(streamed(server), lambda: told.posts)
    heard_until = told.heard_until
    server.ignores_min_id = True
    for number in range(100):
        server.write(f"no {number}")
    told.listen(streamed(server), lambda: len(told.posts) == 41)
    [gap] = told.missed
    assert gap.why == "the instance does not reach back to where reading ended"
    assert heard_until is None or gap.since >= heard_until
    assert gap.since <= gap.until


def test_a_cursor_that_cannot_be_read_is_said_to_be_and_reading_begins_anew(server: FakeMastodon) -> None:
    server.write("before")
    told = Told("{}}")
    told.listen(streamed(server), ready(server, told), lambda: server.write("down"), lambda: told.posts)
    assert told.texts == ["down"]
    assert "the cursor is none of this source's" in told.unreadable[0]


# --- polls ---


def test_a_poll_brings_what_is_new_and_ends(server: FakeMastodon) -> None:
    server.write("before")
    now = datetime(2026, 11, 18, 20, 0, tzinfo=UTC)
    source = polled(server, clock=lambda: now)
    told = Told().poll(source)
    assert (told.posts, source.every) == ([], 60.0)
    assert told.heard_until == now - timedelta(seconds=3)
    server.write("one")
    server.write("two")
    now += timedelta(minutes=1)
    told.poll(source)
    assert told.texts == ["one", "two"]
    assert told.heard_until == now - timedelta(seconds=3)
    server.requests.clear()
    told.poll(polled(server))
    assert told.texts == ["one", "two"]
    assert sum("/timelines/" in path for path, _ in server.requests) == 1


def test_a_poll_of_several_timelines_ends_when_all_are_caught_up_with(server: FakeMastodon) -> None:
    source = polled(server, "local", "tag:störung")
    told = Told().poll(source)
    server.write("one #störung")
    server.write("two", account={"acct": "ann"})
    server.write("three")
    assert sorted(told.poll(source).texts) == ["one #störung", "two"]


def test_an_empty_timeline_is_polled_from_its_very_beginning(server: FakeMastodon) -> None:
    told = Told().poll(polled(server))
    server.write("first ever")
    assert told.poll(polled(server)).texts == ["first ever"]


def test_a_poll_that_fails_has_failed(server: FakeMastodon) -> None:
    told = Told().poll(polled(server))
    server.hang(True)
    with pytest.raises(SourceFailed):
        told.poll(polled(server))


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b"null", b"[1", b"\xff", b"[" * 100_000])
def test_an_answer_that_is_no_list_of_statuses_is_a_failure(server: FakeMastodon, body: bytes) -> None:
    told = Told().poll(polled(server))
    server.answers = [(200, body)]
    with pytest.raises(SourceFailed, match="no list of statuses"):
        told.poll(polled(server))


def test_one_broken_status_costs_no_other(server: FakeMastodon) -> None:
    told = Told().poll(polled(server))
    good = [server.status("one"), server.status("two")]
    odd = [
        {"self": 1},
        5,
        None,
        [],
        {"id": "1"},
        {**server.status("x"), "created_at": "now"},
        {"__class__": "x"},
    ]
    server.answers = [(200, json.dumps([good[0], *odd, good[1]]).encode())]
    told.poll(polled(server))
    assert sorted(told.texts) == ["one", "two"]
    assert len(told.unreadable) == len(odd)


def test_odd_headers_that_the_library_stumbles_over_do_no_harm(server: FakeMastodon) -> None:
    told = Told().poll(polled(server))
    server.write("one")
    server.headers = {
        "X-RateLimit-Reset": "soon",
        "Link": '<x?limit=y&offset=z>; rel="next", <',
        "Date": "never",
    }
    assert told.poll(polled(server)).texts == ["one"]


def test_an_answer_without_end_does_not_fill_the_memory(
    server: FakeMastodon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "MOST_BYTES", 1_000)
    server.answers = [(200, b"[" + b" " * 100_000 + b"]")]
    with pytest.raises(SourceFailed):
        Told().poll(polled(server))


# --- ending ---


@pytest.mark.parametrize("state", ["streaming", "hung", "hung from the start"])
def test_it_ends_within_two_seconds_when_it_is_closed(server: FakeMastodon, state: str) -> None:
    source, told = streamed(server, silence=30.0, beat=1.0), Told()
    server.hangs = state == "hung from the start"
    failures = []

    def read() -> None:
        try:
            for page in source.pages(None):
                told.add(page)
        except SourceFailed as failed:
            failures.append(failed)

    reader = threading.Thread(target=read)
    reader.start()
    if not server.hangs:
        server.wait_for_streams()
    if state == "hung":
        server.hang(True)
    time.sleep(0.05)
    source.close()
    reader.join(2.0)
    assert not reader.is_alive()
    assert failures == []
    assert list(source.pages(None)) == []


def test_no_thread_is_left_behind(server: FakeMastodon) -> None:
    started(server, streamed(server, "public", "local"), streams=2)
    end = time.monotonic() + PATIENCE
    while any(thread.name.startswith("mastodon ") for thread in threading.enumerate()):
        assert time.monotonic() < end
        time.sleep(0.01)


# --- the token ---


def test_the_streaming_host_is_the_one_that_the_instance_names(server: FakeMastodon) -> None:
    port = server.host.partition(":")[2]
    server.streaming = f"ws://localhost:{port}"
    started(server, streamed(server))
    hosts = {headers["host"] for path, headers in server.requests if "/streaming/" in path}
    assert hosts == {f"localhost:{port}"}


def test_a_token_does_not_follow_where_an_instance_leads_and_that_is_no_refusal_of_it(
    server: FakeMastodon,
) -> None:
    server.moved_to = server.url.replace("127.0.0.1", "localhost")
    with pytest.raises(SourceFailed, match="led elsewhere, and so came without the token") as failed:
        Told().listen(streamed(server), lambda: False)
    assert not isinstance(failed.value, SourceRefused)
    led = [headers for path, headers in server.requests if headers["host"].startswith("localhost")]
    assert led
    assert all("authorization" not in headers for headers in led)


@pytest.mark.parametrize("streaming", ["ws://streaming.example", "http://203.0.113.7"])
def test_a_token_is_never_sent_in_clear(server: FakeMastodon, streaming: str) -> None:
    server.streaming = streaming
    with pytest.raises(SourceRefused, match="without encryption"):
        Told().listen(streamed(server), lambda: False)


@pytest.mark.parametrize("streaming", ["gopher://x", 5, {"a": 1}, ["x"], "wss://[", "wss://x:y"])
def test_a_streaming_host_that_is_none_is_a_failure(server: FakeMastodon, streaming: Any) -> None:
    server.streaming = streaming
    with pytest.raises(SourceFailed):
        Told().listen(streamed(server), lambda: False)


def test_the_token_is_told_to_nobody_but_the_instance(
    server: FakeMastodon, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    source, said = streamed(server), []
    for status in (401, 403, 404, 429, 500, 503):
        server.refusal = status
        with pytest.raises(SourceFailed) as failed:
            Told().listen(source, lambda: False)
        said += [repr(failed.value), repr(failed.value.__cause__), str(failed.value.__cause__)]
    assert all(headers["authorization"] == f"Bearer {TOKEN}" for _, headers in server.requests)
    assert TOKEN not in "".join([*said, caplog.text, repr(source), str(vars(source))])


def test_a_token_that_is_the_name_of_a_file_is_not_read_from_there(
    server: FakeMastodon, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / TOKEN).write_text("something-else")
    started(server, streamed(server))


def test_an_entry_of_a_netrc_file_does_not_take_the_tokens_place(
    server: FakeMastodon, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("default login ann password other\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    started(server, streamed(server))
