"""The whole source, against a real server on this machine."""

from __future__ import annotations

import random
import socket
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
import trustme

from domain.post import Post
from ingest.source import Missed, Page, PostId, RateLimited, SourceFailed, SourceRefused, wall_clock
from ingest.sources.bluesky.events import AHEAD, microseconds, time_of
from ingest.sources.bluesky.page import REWIND
from ingest.sources.bluesky.source import Bluesky
from tests.ingest.sources.fake_jetstream import FakeJetstream, Log

SOON = 5.0  # seconds that a busy machine may need for what takes a tenth of one
HOUR = 3_600_000_000


@dataclass
class Brought:
    """All that some pages brought, put together."""

    posts: list[Post] = field(default_factory=list)
    withdrawn: list[PostId] = field(default_factory=list)
    missed: list[Missed] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    cursor: str | None = None
    heard_until: datetime | None = None
    failures: list[SourceFailed] = field(default_factory=list)

    def add(self, page: Page) -> None:
        self.posts += page.posts
        self.withdrawn += page.withdrawn
        self.missed += [page.missed] if page.missed else []
        self.unreadable += page.unreadable
        self.cursor = page.cursor or self.cursor
        self.heard_until = page.heard_until or self.heard_until

    @property
    def ids(self) -> list[str]:
        return [post.id for post in self.posts]


@pytest.fixture
def jetstream() -> Iterator[FakeJetstream]:
    server = FakeJetstream()
    yield server
    server.stop()


@contextmanager
def another(log: Log | None = None, **how: Any) -> Iterator[FakeJetstream]:
    server = FakeJetstream(log, **how)
    try:
        yield server
    finally:
        server.stop()


def source_of(*servers: FakeJetstream, silence: float = 0.4, pace: float = 0.02) -> Bluesky:
    return Bluesky([server.url for server in servers], silence=silence, pace=pace)


def read(
    source: Bluesky,
    until: Callable[[Brought], object],
    brought: Brought | None = None,
    *,
    begun: Callable[[], object] = lambda: None,
) -> Brought:
    """Read on from the cursor until there is enough; a failure is written down, and ends it as well."""
    brought = brought or Brought()
    too_late = monotonic() + SOON
    try:
        with closing(source.pages(brought.cursor)) as pages:
            for number, page in enumerate(pages):
                brought.add(page)
                if number == 0:
                    begun()
                if until(brought):
                    next(pages, None)  # only now does the page count as brought
                    return brought
                assert monotonic() < too_late, f"still waiting, with {brought}"
    except SourceFailed as failed:
        brought.failures.append(failed)
    return brought


def failure(source: Bluesky) -> SourceFailed:
    [failed] = read(source, lambda brought: False).failures
    return failed


def subscribed(server: FakeJetstream) -> Callable[[Brought], bool]:
    return lambda brought: bool(server.asked)


def so_many(number: int) -> Callable[[Brought], bool]:
    return lambda brought: len(brought.posts) >= number


# --- what it brings ---


def test_the_first_reading_begins_now_and_brings_what_is_written_from_then_on(
    jetstream: FakeJetstream,
) -> None:
    jetstream.create("spotify was down before we came")
    source = source_of(jetstream)
    with closing(source.pages(None)) as pages:
        while not jetstream.asked:
            assert next(pages) == Page()
        sleep(0.1)
        wanted = [jetstream.create(f"spotify is down for me {number}") for number in range(3)]
        brought = Brought()
        while len(brought.posts) < 3:
            brought.add(next(pages))
    assert brought.ids == wanted
    assert jetstream.asked == [{"wantedCollections": "app.bsky.feed.post", "maxMessageSizeBytes": "1000000"}]


def test_a_stream_gives_a_sign_of_life_while_nothing_happens(jetstream: FakeJetstream) -> None:
    with closing(source_of(jetstream, silence=60).pages(None)) as pages:
        assert [next(pages) for _ in range(5)] == [Page()] * 5


def test_time_goes_on_by_whatever_happens(jetstream: FakeJetstream) -> None:
    began = jetstream.identity()
    last = []

    def people_move_and_leave() -> None:
        jetstream.identity()
        last.append(jetstream.account())

    brought = read(
        source_of(jetstream),
        lambda brought: brought.cursor == str(last[0]),
        Brought(cursor=str(began)),
        begun=people_move_and_leave,
    )
    assert brought.heard_until == time_of(last[0])
    assert brought.posts == []


def test_edits_and_deletions_are_passed_on(jetstream: FakeJetstream) -> None:
    began = str(jetstream.identity())
    edited, deleted = jetstream.create("spotify down?"), jetstream.create("netflix down?")
    source = source_of(jetstream)
    brought = read(source, so_many(2), Brought(cursor=began))
    jetstream.update(edited, "spotify is up again")
    jetstream.delete(deleted)
    read(source, so_many(3), brought)
    assert brought.posts[-1].id == edited
    assert brought.posts[-1].text == "spotify is up again"
    assert brought.withdrawn == [("bluesky", edited), ("bluesky", deleted)]


def test_a_reply_names_its_parent(jetstream: FakeJetstream) -> None:
    began = str(jetstream.identity())
    parent = jetstream.create("anyone else?")
    did, rkey = parent.split("/")
    uri = {"uri": f"at://{did}/app.bsky.feed.post/{rkey}", "cid": "c"}
    jetstream.create("same here", reply={"root": uri, "parent": uri})
    brought = read(source_of(jetstream), so_many(2), Brought(cursor=began))
    assert [post.in_reply_to for post in brought.posts] == [None, parent]


def test_posts_in_languages_that_are_not_wanted_are_left_out(jetstream: FakeJetstream) -> None:
    began = str(jetstream.identity())
    jetstream.create("spotify caiu", langs=["pt"])
    wanted = [jetstream.create("spotify is down", langs=["en-US"]), jetstream.create("hm", langs=None)]
    source = Bluesky([jetstream.url], langs=("en",), silence=0.4, pace=0.02)
    assert read(source, so_many(2), Brought(cursor=began)).ids == wanted


# --- going on after a break ---


def test_five_seconds_are_read_again_and_what_was_given_is_left_out(jetstream: FakeJetstream) -> None:
    now = microseconds(wall_clock())
    posts = [jetstream.create(str(number), at=now - 10_000_000 + number * 1_000_000) for number in range(10)]
    source = source_of(jetstream)
    brought = read(source, so_many(9), Brought(cursor=str(now - 9_000_000 + REWIND)))
    assert brought.ids == posts[1:]
    jetstream.cut()
    posts.append(jetstream.create("after the break"))
    read(source, so_many(10), brought)
    assert brought.ids == posts[1:]
    assert int(jetstream.asked[1]["cursor"]) == now - 1_000_000 - REWIND


def test_after_a_restart_five_seconds_come_again_and_nothing_is_missing(jetstream: FakeJetstream) -> None:
    began = str(jetstream.identity())
    posts = [jetstream.create("one"), jetstream.create("two")]
    brought = read(source_of(jetstream), so_many(2), Brought(cursor=began))
    posts.append(jetstream.create("three"))
    read(source_of(jetstream), so_many(5), brought)
    assert brought.ids == [*posts[:2], *posts]


def test_who_goes_on_from_elsewhere_gets_everything_from_there(jetstream: FakeJetstream) -> None:
    """A store that lost what it was handed has an older cursor, and must not be told that it has it."""
    began = str(jetstream.identity())
    posts = [jetstream.create("one"), jetstream.create("two")]
    source = source_of(jetstream)
    assert read(source, so_many(2), Brought(cursor=began)).ids == posts
    assert read(source, so_many(2), Brought(cursor=began)).ids == posts


def test_a_page_that_was_not_taken_comes_again(jetstream: FakeJetstream) -> None:
    began = str(jetstream.identity())
    jetstream.create("one")
    source = source_of(jetstream)
    with closing(source.pages(began)) as pages:
        while not next(pages).posts:
            pass
    assert len(read(source, so_many(1), Brought(cursor=began)).posts) == 1


def test_thirty_cuts_at_random_moments_lose_nothing_and_bring_nothing_twice(
    jetstream: FakeJetstream,
) -> None:
    chance = random.Random(20121118)
    began = str(jetstream.identity())
    written: list[str] = []
    cuts = 0

    def the_world_goes_on() -> None:
        nonlocal cuts
        while cuts < 30:
            for _ in range(chance.randrange(4)):
                written.append(jetstream.create(f"spotify is down for me {len(written)}"))
            sleep(chance.random() * 0.05)
            if chance.random() < 0.5:
                cuts += jetstream.cut()
        written.append(jetstream.create("the last one"))

    world = threading.Thread(target=the_world_goes_on)
    world.start()
    source, brought = source_of(jetstream, silence=5), Brought(cursor=began)
    while not brought.posts or brought.posts[-1].text != "the last one":
        read(source, lambda brought: brought.posts and brought.posts[-1].text == "the last one", brought)
    world.join()
    assert Counter(brought.ids) == Counter(written)
    assert brought.missed == []
    assert len(brought.failures) >= 15  # a connection may be cut twice before its reader sees it


def test_a_cursor_older_than_the_host_keeps_is_a_gap(jetstream: FakeJetstream) -> None:
    now = microseconds(wall_clock())
    lost = now - 40 * HOUR
    jetstream.create("too long ago", at=lost + HOUR)
    oldest = jetstream.create("just in time", at=now - 35 * HOUR)
    brought = read(source_of(jetstream), so_many(1), Brought(cursor=str(lost)))
    assert brought.ids == [oldest]
    [missed] = brought.missed
    assert (missed.since, missed.until) == (time_of(lost), time_of(now - 35 * HOUR))
    assert missed.why


def test_a_gap_is_said_again_when_the_page_that_said_it_was_not_taken(jetstream: FakeJetstream) -> None:
    lost = str(microseconds(wall_clock()) - 40 * HOUR)
    jetstream.create("just in time")
    source = source_of(jetstream)
    for _ in range(2):
        with closing(source.pages(lost)) as pages:
            assert any(page.missed for page in pages)


def test_a_host_that_keeps_nothing_at_all_is_a_gap_too() -> None:
    with another(lookback=timedelta()) as forgetful:
        ago = microseconds(wall_clock()) - HOUR
        forgetful.create("a while ago", at=ago + 1)
        source = source_of(forgetful, silence=60)
        brought = read(
            source,
            lambda brought: brought.missed,
            Brought(cursor=str(ago)),
            begun=lambda: threading.Timer(0.2, forgetful.create, ["now"]).start(),
        )
        assert [missed.since for missed in brought.missed] == [time_of(ago)]


def test_a_quiet_hour_is_no_gap(jetstream: FakeJetstream) -> None:
    ago = microseconds(wall_clock()) - HOUR
    jetstream.identity(at=ago)
    jetstream.create("after a quiet hour")
    brought = read(source_of(jetstream), so_many(1), Brought(cursor=str(ago)))
    assert len(brought.posts) == 1
    assert brought.missed == []


@pytest.mark.parametrize(
    ("cursor", "why"),
    [
        (str(10**15 * 9), "in the future"),
        ("9" * 60, "no time"),
        ("17", "no time"),  # servers would take it for a place in a queue
        ("-1725911162329308", "no time"),
        ("\u0661\u0662", "no time"),
        ("", "no time"),
        ("min_id=5", "no time"),
    ],
)
def test_with_a_cursor_that_cannot_be_reading_goes_on_from_now_and_says_so(
    jetstream: FakeJetstream, cursor: str, why: str
) -> None:
    brought = read(source_of(jetstream), subscribed(jetstream), Brought(cursor=cursor))
    assert why in brought.unreadable[0]
    assert "cursor" not in jetstream.asked[0]


def test_a_cursor_a_little_too_far_ahead_is_of_a_wrong_clock_too(jetstream: FakeJetstream) -> None:
    ahead = str(microseconds(wall_clock()) + AHEAD + 60_000_000)
    brought = read(source_of(jetstream), subscribed(jetstream), Brought(cursor=ahead))
    assert "in the future" in brought.unreadable[0]


# --- more hosts than one ---


def test_another_host_takes_over_where_the_first_one_failed(jetstream: FakeJetstream) -> None:
    with another(jetstream.log, stamps_later=timedelta(seconds=-3)) as second:
        began = str(jetstream.identity())
        posts = [jetstream.create("one"), jetstream.create("two")]
        source = source_of(jetstream, second)
        brought = read(source, so_many(2), Brought(cursor=began))
        jetstream.refuse(503)
        jetstream.cut()
        read(source, lambda brought: False, brought)
        posts.append(jetstream.create("three"))
        read(source, so_many(3), brought)
        assert brought.ids == posts
        assert brought.missed == []
        assert second.connects == 1


def test_another_host_has_what_one_that_was_behind_had_still_to_give(jetstream: FakeJetstream) -> None:
    ago = microseconds(wall_clock()) - 60_000_000
    with another(stamps_later=timedelta(seconds=8)) as late:
        for number in range(30):
            for server in (late, jetstream):
                post = {"did": f"did:plc:a{number}", "rkey": f"r{number}"}
                server.create("down", at=ago + number * 1_000_000, **post)
        source = source_of(late, jetstream)
        brought = read(source, so_many(30), Brought(cursor=str(ago)))
        late.cut()
        read(source, lambda brought: False, brought)
        # The late one would have stamped this eight seconds later, and has already stamped others so.
        missing = jetstream.create("down", at=ago + 30 * 1_000_000)
        read(source, so_many(31), brought)
        assert brought.ids[30:] == [missing]


def test_hosts_are_asked_in_turn_until_one_is_well(jetstream: FakeJetstream) -> None:
    with another() as refusing, another() as hanging:
        refusing.refuse(503)
        hanging.hang(True)
        source = source_of(refusing, hanging, jetstream)
        assert "503" in str(failure(source))
        assert "has sent nothing for 0.4 s" in str(failure(source))
        assert read(source, subscribed(jetstream)).failures == []
        assert (refusing.connects, hanging.connects, jetstream.connects) == (1, 1, 1)


def test_a_host_that_works_is_stayed_with(jetstream: FakeJetstream) -> None:
    with another() as second:
        source = source_of(jetstream, second)
        for _ in range(3):
            read(source, subscribed(jetstream))
        assert second.connects == 0


# --- what goes wrong ---


@pytest.mark.parametrize("status", [401, 403])
def test_when_its_only_host_refuses_the_operator_is_told_which_setting_helps(
    jetstream: FakeJetstream, status: int
) -> None:
    jetstream.refuse(status)
    refused = failure(source_of(jetstream))
    assert isinstance(refused, SourceRefused)
    assert str(status) in str(refused)
    assert "GROUNDSWELL_BLUESKY_HOSTS" in str(refused)


def test_when_its_only_host_has_too_many_it_says_until_when(jetstream: FakeJetstream) -> None:
    jetstream.refuse(429, Retry_After="60")
    before = wall_clock()
    limited = failure(source_of(jetstream))
    assert isinstance(limited, RateLimited)
    assert timedelta(seconds=60) <= limited.until - before < timedelta(seconds=60 + SOON)


@pytest.mark.parametrize("status", [301, 400, 404, 500, 502, 503])
def test_any_other_answer_is_a_failure_that_may_pass(jetstream: FakeJetstream, status: int) -> None:
    jetstream.refuse(status)
    failed = failure(source_of(jetstream))
    assert not isinstance(failed, SourceRefused | RateLimited)
    assert str(status) in str(failed)


def test_a_server_that_closes_at_once_is_asked_once(jetstream: FakeJetstream) -> None:
    jetstream.close_at_once(True)
    assert "closed the connection (1000)" in str(failure(source_of(jetstream)))
    assert jetstream.connects == 1


def test_a_server_that_falls_silent_in_the_middle_is_noticed(jetstream: FakeJetstream) -> None:
    began = str(jetstream.identity())
    jetstream.create("one")
    source = source_of(jetstream)
    brought = read(source, lambda brought: False, Brought(cursor=began))
    assert len(brought.posts) == 1
    assert "has sent nothing for 0.4 s" in str(brought.failures[0])
    assert brought.heard_until is not None
    assert brought.heard_until <= wall_clock() - timedelta(seconds=0.4)  # blind since then, not calm


def test_a_server_that_is_cut_gives_what_it_had_said_before(jetstream: FakeJetstream) -> None:
    began = str(jetstream.identity())
    source = source_of(jetstream, pace=60)  # no page would be due before
    jetstream.create("one")
    threading.Timer(0.3, jetstream.cut).start()
    brought = read(source, lambda brought: False, Brought(cursor=began))
    assert len(brought.posts) == 1
    assert "dropped the connection" in str(brought.failures[0])


def test_a_server_that_does_not_speak_http_is_a_failure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def gibber() -> None:
            client, _ = server.accept()
            with client:
                client.recv(10_000)
                client.sendall(b"SSH-2.0-OpenSSH_9.9\r\n\r\n")

        thread = threading.Thread(target=gibber)
        thread.start()
        source = Bluesky([f"ws://127.0.0.1:{server.getsockname()[1]}"], pace=0.02)
        assert "cannot be reached" in str(failure(source))
        thread.join()


def test_a_host_without_a_server_is_a_failure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        nobody = f"ws://127.0.0.1:{server.getsockname()[1]}"
    assert "cannot be reached" in str(failure(Bluesky([nobody], pace=0.02)))
    assert "cannot be reached" in str(failure(Bluesky(["ws://..:1"], pace=0.02)))


def test_messages_that_nobody_expects_are_said_and_end_nothing(jetstream: FakeJetstream) -> None:
    began = str(jetstream.identity())
    first = jetstream.create("before")
    bad = jetstream.garble()
    last = jetstream.create("after")
    brought = read(source_of(jetstream), so_many(2), Brought(cursor=began))
    assert brought.ids == [first, last]
    assert len(brought.unreadable) == bad
    assert brought.failures == []


def test_a_post_that_is_too_large_to_be_one_is_not_even_sent(jetstream: FakeJetstream) -> None:
    began = str(jetstream.identity())
    jetstream.create("x" * 1_200_000)
    last = jetstream.create("after")
    brought = read(source_of(jetstream), so_many(1), Brought(cursor=began))
    assert brought.ids == [last]
    assert brought.unreadable == []


def test_a_large_message_that_is_sent_all_the_same_is_said(jetstream: FakeJetstream) -> None:
    began = str(jetstream.identity())
    jetstream.log.add("x" * 2_000_000)
    jetstream.create("after")
    brought = read(source_of(jetstream), so_many(1), Brought(cursor=began))
    assert brought.unreadable == ["a message is longer than 1,000,000 bytes"]


def test_a_huge_message_fails_the_host_and_the_next_one_goes_on(jetstream: FakeJetstream) -> None:
    began = str(jetstream.identity())
    with another() as broken:
        broken.log.add("x" * 5_000_000)
        source = source_of(broken, jetstream)
        brought = read(source, lambda brought: False, Brought(cursor=began))
        assert "broke the rules of the protocol (1009" in str(brought.failures[0])
        jetstream.create("after")
        assert len(read(source, so_many(1), brought).posts) == 1


# --- stopping ---


def stops_soon(source: Bluesky, begun: threading.Event) -> None:
    """A reader in a thread, which ends within two seconds of ``close``, without a failure."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            for _ in source.pages(None):
                begun.set()
        except SourceFailed as failed:
            failures.append(failed)

    reader = threading.Thread(target=run, daemon=True)
    reader.start()
    assert begun.wait(SOON)
    source.close()
    reader.join(2)
    assert not reader.is_alive()
    assert failures == []


def test_close_ends_a_quiet_stream(jetstream: FakeJetstream) -> None:
    stops_soon(source_of(jetstream, silence=60, pace=0.2), threading.Event())


def test_close_ends_a_busy_stream(jetstream: FakeJetstream) -> None:
    done = threading.Event()

    def flood() -> None:
        while not done.is_set():
            jetstream.create("spotify is down")

    flooding = threading.Thread(target=flood)
    flooding.start()
    try:
        stops_soon(source_of(jetstream), threading.Event())
    finally:
        done.set()
        flooding.join()


def test_close_does_not_wait_for_a_server_that_accepts_and_never_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        stops_soon(Bluesky([f"ws://127.0.0.1:{server.getsockname()[1]}"], pace=0.2), threading.Event())


def test_close_does_not_wait_for_a_name_that_is_being_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()

    def slow(*args: object, **kwargs: object) -> None:
        answered.wait(SOON)
        raise OSError("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    stops_soon(Bluesky(["wss://jetstream.example"], pace=0.2), threading.Event())
    answered.set()


def test_a_source_that_was_closed_stays_closed(jetstream: FakeJetstream) -> None:
    source = source_of(jetstream)
    source.close()
    assert list(source.pages(None)) == []


def test_the_connection_is_given_back_when_nobody_reads_any_more(jetstream: FakeJetstream) -> None:
    before = threading.active_count()
    for _ in range(3):
        read(source_of(jetstream), subscribed(jetstream))
    deadline = monotonic() + SOON
    while threading.active_count() > before and monotonic() < deadline:
        sleep(0.01)
    assert threading.active_count() <= before


# --- TLS and proxies ---


@pytest.fixture
def authority(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> trustme.CA:
    """Whoever it vouches for is trusted on this machine, and there is no proxy."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    monkeypatch.setenv("NO_PROXY", "*")
    return authority


def certified(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def test_a_host_is_read_over_tls(authority: trustme.CA) -> None:
    with another(tls=certified(authority, "localhost")) as jetstream:
        began = str(jetstream.identity())
        jetstream.create("spotify is down")
        assert jetstream.url.startswith("wss://localhost:")
        assert len(read(source_of(jetstream), so_many(1), Brought(cursor=began)).posts) == 1


def test_a_host_that_is_not_who_it_says_is_a_failure(authority: trustme.CA) -> None:
    with another(tls=certified(authority, "elsewhere.example")) as impostor:
        assert "certificate" in str(failure(source_of(impostor)))


def test_a_proxy_of_the_environment_is_not_for_a_host_at_home(
    jetstream: FakeJetstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("HTTP_PROXY", "HTTPS_PROXY", "SOCKS_PROXY", "http_proxy", "https_proxy", "ws_proxy"):
        monkeypatch.setenv(variable, "http://127.0.0.1:1")
    assert read(source_of(jetstream), subscribed(jetstream)).failures == []


@pytest.mark.parametrize("proxy", ["ftp://me:hunter2@127.0.0.1:1", "socks5://me:hunter2@127.0.0.1:1"])
def test_a_proxy_that_cannot_be_used_is_named_without_its_password(
    proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("https_proxy", proxy)
    said = str(failure(Bluesky(["wss://jetstream.example"], pace=0.02)))
    assert "HTTPS_PROXY" in said
    assert "hunter2" not in said
