"""A page in the making, without any network."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ingest.source import Page
from ingest.sources.bluesky.events import microseconds, time_of
from ingest.sources.bluesky.page import FAR, MOST, REWIND, Delay, Memory, PageInTheMaking, Progress

NOW = microseconds(datetime(2026, 11, 4, 12, 0, tzinfo=UTC))
SECOND = 1_000_000


def commit(
    operation: str, number: int, text: str = "", *, at: int = NOW, rev: str = "", written: int | None = None
) -> bytes:
    record = {"text": text, "createdAt": time_of(at if written is None else written).isoformat()}
    inner = {"rev": rev, "operation": operation, "collection": "app.bsky.feed.post", "rkey": f"r{number}"}
    return json.dumps(
        {
            "did": "did:plc:a",
            "time_us": at,
            "kind": "commit",
            "commit": inner | ({} if operation == "delete" else {"record": record, "cid": f"c{text}"}),
        }
    ).encode()


def identity(at: int) -> bytes:
    return json.dumps({"did": "did:plc:a", "time_us": at, "kind": "identity"}).encode()


def gather(
    messages: Iterable[bytes], progress: Progress | None = None, *, asked: int | None = None
) -> tuple[Page, PageInTheMaking]:
    making = PageInTheMaking(progress or Progress(), NOW, frozenset(), asked=asked, resumed=asked is not None)
    for message in messages:
        making.take(message)
    return making.page(), making


def test_a_page_says_until_when_it_heard_whatever_the_last_event_was() -> None:
    page, _ = gather([commit("create", 1, at=NOW - 5), identity(NOW)])
    assert [post.id for post in page.posts] == ["did:plc:a/r1"]
    assert page.heard_until == time_of(NOW)
    assert page.cursor == str(NOW)


def test_a_page_of_nothing_moves_nothing() -> None:
    page, making = gather([])
    assert page == Page()
    assert making.is_empty


def test_time_does_not_go_back_when_a_server_mixes_up_its_events() -> None:
    progress = Progress()
    page, making = gather([identity(NOW), identity(NOW - SECOND)], progress)
    assert page.cursor == str(NOW)
    making.brought()
    page, _ = gather([commit("create", 1, at=NOW - SECOND)], progress)
    assert len(page.posts) == 1
    assert (page.cursor, page.heard_until) == (None, None)


def test_what_was_brought_is_left_out_when_it_comes_again() -> None:
    progress = Progress()
    _, making = gather([commit("create", 1), commit("delete", 2)], progress)
    making.brought()
    page, _ = gather([commit("create", 1), commit("delete", 2), commit("create", 3)], progress)
    assert [post.id for post in page.posts] == ["did:plc:a/r3"]
    assert page.withdrawn == ()


def test_what_was_gathered_but_not_brought_comes_again() -> None:
    progress = Progress()
    gather([commit("create", 1)], progress)
    page, _ = gather([commit("create", 1)], progress)
    assert len(page.posts) == 1
    assert progress.heard is None


def test_an_edited_post_is_withdrawn_and_brought_again_in_one_page() -> None:
    page, _ = gather([commit("create", 1, "down"), commit("update", 1, "up again")])
    assert page.withdrawn == (("bluesky", "did:plc:a/r1"),)
    assert [post.text for post in page.posts] == ["up again"]


def test_a_post_that_is_deleted_within_the_page_is_not_in_it() -> None:
    page, _ = gather([commit("create", 1), commit("create", 2), commit("delete", 1)])
    assert [post.id for post in page.posts] == ["did:plc:a/r2"]
    assert page.withdrawn == (("bluesky", "did:plc:a/r1"),)


def test_a_post_that_is_put_back_after_its_deletion_is_brought() -> None:
    progress = Progress()
    _, making = gather([commit("create", 1, rev="a"), commit("delete", 1, rev="b")], progress)
    making.brought()
    page, _ = gather([commit("create", 1, rev="c")], progress)
    assert len(page.posts) == 1


STEPS = st.lists(
    st.tuples(st.sampled_from(["create", "update", "delete"]), st.integers(1, 3), st.sampled_from("xyz")),
    max_size=12,
)


@given(STEPS, st.lists(st.integers(0, 12), max_size=4), st.integers(0, 12))
def test_pages_add_up_to_what_the_events_say_wherever_they_are_divided(
    steps: list[tuple[str, int, str]], breaks: list[int], back: int
) -> None:
    events = [commit(what, number, text, rev=str(at)) for at, (what, number, text) in enumerate(steps)]
    truth: dict[str, str] = {}
    for what, number, text in steps:
        truth.pop(f"did:plc:a/r{number}", None)
        if what != "delete":
            truth[f"did:plc:a/r{number}"] = text
    have: dict[str, str] = {}
    progress, begin = Progress(), 0
    for end in [*sorted(min(place, len(events)) for place in breaks), len(events)]:
        page, making = gather(events[max(begin - back, 0) : end], progress)  # some of it comes again
        for _, post_id in page.withdrawn:
            have.pop(post_id, None)
        have |= {post.id: post.text for post in page.posts}
        making.brought()
        begin = end
    assert have == truth


def test_a_page_is_full_of_posts_of_deletions_or_of_noise() -> None:
    for messages in (
        [commit("create", number) for number in range(MOST)],
        [commit("delete", number) for number in range(MOST)],
        [b"noise"] * MOST,
    ):
        assert not gather(messages[:-1])[1].is_full
        assert gather(messages)[1].is_full


def test_noise_is_said_and_moves_nothing() -> None:
    page, making = gather([b"noise", b"{}"])
    assert len(page.unreadable) == 2
    assert page.cursor is None
    assert not making.is_empty


def test_an_event_from_the_future_does_not_move_the_cursor_there() -> None:
    page, _ = gather([identity(NOW), identity(NOW + 3600 * SECOND)])
    assert page.cursor == str(NOW)
    assert len(page.unreadable) == 1


# --- gaps ---


def test_a_host_that_begins_far_behind_the_cursor_has_lost_the_rest() -> None:
    heard = NOW - 40 * 3600 * SECOND
    first = NOW - 36 * 3600 * SECOND
    page, making = gather([identity(first), identity(NOW)], Progress(heard), asked=heard - REWIND)
    assert page.missed is not None
    assert (page.missed.since, page.missed.until) == (time_of(heard), time_of(first))
    assert not making.awaits_first


def test_after_a_quiet_hour_the_last_event_before_it_comes_again_and_nothing_is_missing() -> None:
    heard = NOW - 3600 * SECOND
    page, _ = gather([identity(heard), commit("create", 1)], Progress(heard), asked=heard - REWIND)
    assert page.missed is None


def test_another_hosts_stamps_differ_and_nothing_is_missing() -> None:
    heard = NOW - 3600 * SECOND
    page, _ = gather([identity(heard + FAR)], Progress(heard), asked=heard - REWIND)
    assert page.missed is None


def test_noise_does_not_decide_whether_anything_is_missing() -> None:
    heard = NOW - 3600 * SECOND
    page, making = gather([b"noise"], Progress(heard), asked=heard - REWIND)
    assert page.missed is None
    assert making.awaits_first


def test_a_host_that_begins_too_early_brings_nothing_twice() -> None:
    heard = NOW - 60 * SECOND
    early = [commit("create", number, at=heard - 3600 * SECOND + number) for number in range(5)]
    page, _ = gather([*early, commit("create", 9)], Progress(heard), asked=heard - REWIND)
    assert [post.id for post in page.posts] == ["did:plc:a/r9"]
    assert page.missed is None


# --- hosts that are behind ---


def test_a_host_that_is_behind_has_not_heard_until_now() -> None:
    late = [commit("create", number, written=NOW - 90 * SECOND) for number in range(30)]
    page, _ = gather(late)
    assert page.heard_until == time_of(NOW - 90 * SECOND)
    assert page.cursor == str(NOW - 90 * SECOND)


def test_a_host_that_falls_behind_does_not_take_back_what_it_said() -> None:
    progress = Progress()
    _, making = gather([identity(NOW)], progress)
    making.brought()
    late = [commit("create", number, written=NOW - 90 * SECOND) for number in range(30)]
    page, making = gather([*late, identity(NOW + SECOND)], progress)
    assert (page.cursor, page.heard_until) == (None, None)
    making.brought()
    page, _ = gather([identity(NOW + 100 * SECOND)], progress)
    assert page.heard_until == time_of(NOW + 10 * SECOND)


def test_a_few_wrong_clocks_do_not_make_a_host_late() -> None:
    delay = Delay()
    for number in range(100):
        delay.learn(timedelta(days=number) if number % 10 == 0 else timedelta(seconds=2))
    assert delay.usual == timedelta(seconds=2)


def test_clocks_that_are_ahead_do_not_make_a_host_early() -> None:
    delay = Delay()
    for _ in range(100):
        delay.learn(timedelta(seconds=-30))
    assert delay.usual == timedelta()


def test_from_a_handful_of_posts_nothing_is_concluded() -> None:
    delay = Delay()
    delay.learn(timedelta(hours=1))
    assert delay.usual == timedelta()


@given(st.lists(st.lists(st.integers(0, 50), max_size=10), max_size=10), st.integers(1, 20))
def test_the_memory_holds_the_latest_and_no_more_than_it_may(pages: list[list[int]], most: int) -> None:
    memory = Memory(most)
    kept: list[int] = []
    for page in pages:
        memory.keep(page)
        kept += [key for key in dict.fromkeys(page) if key not in kept]
        kept = kept[-most:]
    assert [key for key in range(51) if key in memory] == sorted(kept)
