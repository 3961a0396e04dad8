"""What was heard, made into pages: whatever came in whatever order, the pages add up to what is true now."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ingest.source import Page, PostId, SourceFailed
from ingest.sources.mastodon.events import Event, Garbled, Heartbeat
from ingest.sources.mastodon.hearing import Begun, CaughtUp, Ended, Heard, Hole
from ingest.sources.mastodon.place import Place
from ingest.sources.mastodon.posts import Recent
from ingest.sources.mastodon.reading import Reading
from tests.ingest.sources.mastodon.test_posts import status

AT = datetime(2026, 11, 18, 20, 0, tzinfo=UTC)
LAG = timedelta(seconds=3)


def reading(*timelines: str, streaming: bool = True) -> Reading:
    places = {timeline: Place() for timeline in timelines or ("public",)}
    return Reading("social.example", places, Recent(1000), streaming=streaming, clock=lambda: AT)


def told(number: int, text: str) -> bytes:
    uri = f"https://social.example/{number}"
    return json.dumps(status(id=str(number), uri=uri, content=text)).encode()


class Store:
    """What is left after some pages: what is withdrawn goes before what is brought comes."""

    def __init__(self) -> None:
        self.texts: dict[PostId, str] = {}
        self.brought: list[PostId] = []

    def keep(self, page: Page) -> None:
        for name in page.withdrawn:
            self.texts.pop(name, None)
            if name in self.brought:
                self.brought.remove(name)
        for post in page.posts:
            self.texts[post.source, post.id] = post.text
            self.brought.append((post.source, post.id))


STEPS = st.lists(st.tuples(st.sampled_from(["update", "again", "edit", "delete", "page"]), st.integers(1, 4)))


@given(STEPS)
def test_pages_add_up_to_what_is_true_now_and_bring_nothing_twice(steps: list[tuple[str, int]]) -> None:
    source, store, truth = reading(), Store(), dict[PostId, str]()
    next_id, live = (
        10,
        dict[int, int](),
    )  # the id of each status that is there; a deleted one never comes back
    for count, (step, which) in enumerate(steps):
        name = ("mastodon", f"https://social.example/{live.get(which)}")
        event: Event | None = None
        if step == "update" and which not in live:
            next_id += 1
            live[which] = next_id
            truth["mastodon", f"https://social.example/{next_id}"] = f"text {count}"
            event = Event("update", told(next_id, f"text {count}"))
        elif step == "again" and which in live:  # as another timeline tells it
            event = Event("update", told(live[which], truth[name]))
        elif step == "edit" and which in live:
            truth[name] = f"text {count}"
            event = Event("status.update", told(live[which], truth[name]))
        elif step == "delete" and which in live:
            event = Event("delete", str(live.pop(which)).encode())
            del truth[name]
        elif step == "page":
            store.keep(source.page())
        if event is not None:
            source.take(Heard("public", AT, event))
    store.keep(source.page())
    assert store.texts == truth
    assert sorted(store.brought) == sorted(truth)


def test_all_was_heard_until_the_slowest_timeline_was() -> None:
    source = reading("public", "local")
    source.take(Heard("public", AT, CaughtUp(AT)))
    assert source.page().heard_until is None
    source.take(Heard("local", AT, CaughtUp(AT - timedelta(minutes=1))))
    assert source.page().heard_until == AT - timedelta(minutes=1) - LAG
    source.take(Heard("local", AT + timedelta(seconds=9), Heartbeat()))
    assert source.page().heard_until == AT - LAG
    assert source.page().heard_until is None  # nothing new


def test_what_is_heard_while_catching_up_says_nothing_of_the_present() -> None:
    source = reading()
    source.take(Heard("public", AT, Begun("5")))
    source.take(Heard("public", AT, Event("update", told(6, "old"))))
    page = source.page()
    assert page.heard_until is None
    assert json.loads(page.cursor or "") == {"public": {"after": "5", "given": ["6"]}}


def test_a_page_ends_with_a_gap_so_that_none_is_forgotten() -> None:
    source = reading("public", "local")
    for timeline in ("public", "local"):
        assert not source.full
        source.take(Heard(timeline, AT, Hole(None, AT, "too much", after="9")))
        assert source.full
        assert source.page().missed is not None
    assert not source.full


def test_a_stream_that_ends_has_failed_and_a_poll_has_come_to_its_end() -> None:
    source = reading("public", "local")
    source.take(Heard("local", AT, Ended(None)))
    assert source.ended
    assert "closed the stream of the timeline local" in str(source.failed)
    poll = reading("public", "local", streaming=False)
    poll.take(Heard("local", AT, Ended(None)))
    assert not poll.ended
    poll.take(Heard("public", AT, Ended(None)))
    assert (poll.ended, poll.failed) == (True, None)
    broken = reading("public", "local", streaming=False)
    broken.take(Heard("public", AT, Ended(SourceFailed("gone"))))
    assert broken.ended
    assert str(broken.failed) == "gone"


@given(st.sampled_from(["update", "status.update", "delete", "surprise", "filters_changed"]), st.binary())
def test_no_event_does_more_than_become_a_sentence(name: str, data: bytes) -> None:
    source = reading()
    source.take(Heard("public", AT, Event(name, data)))
    source.take(Heard("public", AT, Garbled("odd")))
    page = source.page()
    assert page.posts == ()
    assert len(page.unreadable) >= (1 if name in ("delete", "filters_changed") else 2)


def test_a_status_that_is_deleted_without_an_id_becomes_a_sentence() -> None:
    source = reading()
    for data in (b"", b"\xff", b"{}", b"1 2"):
        source.take(Heard("public", AT, Event("delete", data)))
    assert source.page().unreadable == ("the timeline public: a status is deleted that has no id",) * 4
