"""From mentions in flight to counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.drift import Verdicts
from domain.mention import Mention, TaggedMention
from domain.moments import minute_of
from domain.notice import OfficialNotice, OfficialState
from domain.post import Post
from domain.rate import MEASURES
from storage.memory_notices import MemoryNotices
from storage.memory_posts import MemoryPosts
from tests.workers.records import START, PlainTagger, post, reader
from workers import counting


def store_with(*pages: list[Post]) -> MemoryPosts:
    store = MemoryPosts()
    for page in pages:
        reader().hand_over(page, "x", store, None)
    return store


def count_waiting(store: MemoryPosts, notices: MemoryNotices | None = None) -> int:
    notices = notices or MemoryNotices()
    return counting.count_waiting(store, PlainTagger, "worker", notices=notices, run="recording")


def counts(store: MemoryPosts, service: str = "imessage") -> dict[str, int]:
    block = store.rates(minute_of(START), 60)
    if service not in block.services:
        return {}
    row = block.counts[:, block.services.index(service), :].sum(axis=1)
    return {str(measure): int(count) for measure, count in zip(MEASURES, row, strict=True) if count}


def test_each_author_is_counted_for_the_kind_and_as_a_mention() -> None:
    store = store_with([post(1, "imessage broken"), post(2, "imessage is back"), post(3, "imessage, eh")])
    assert count_waiting(store) == 1
    assert counts(store) == {"complaints": 1, "recoveries": 1, "mentions": 3}


def test_an_author_who_repeats_themselves_counts_once() -> None:
    store = store_with([post(number, "imessage broken", author="ann", minutes=number) for number in range(9)])
    count_waiting(store)
    assert counts(store) == {"complaints": 1, "mentions": 1}


def test_a_post_that_names_two_services_counts_for_both() -> None:
    store = store_with([post(1, "imessage and spotify broken")])
    count_waiting(store)
    assert counts(store) == counts(store, "spotify") == {"complaints": 1, "mentions": 1}


def test_an_official_account_is_nobodys_customer() -> None:
    store = store_with([post(1, "spotify is broken, we are on it", author="SpotifyCares")])
    assert count_waiting(store) == 1
    assert (counts(store, "spotify"), store.backlog()) == ({}, 0)


def test_a_complaint_keeps_which_other_services_it_names() -> None:
    store = store_with([post(1, "spotify and imessage broken"), post(2, "imessage broken")])
    count_waiting(store)
    both, one = store.evidence("imessage", minute_of(START), minute_of(START), 10)
    assert (both.also_names, one.also_names) == (("spotify",), ())


def test_complaints_are_kept_as_evidence_without_their_author() -> None:
    store = store_with([post(1, "imessage broken"), post(2, "imessage is back")])
    count_waiting(store)
    (kept,) = store.evidence("imessage", minute_of(START), minute_of(START), 10)
    assert (kept.text, kept.post_id, kept.probability) == ("imessage broken", "1", 1.0)
    assert "author" not in kept.__struct_fields__


def test_a_batch_that_cannot_be_tagged_stays_in_flight_and_takes_no_other_with_it() -> None:
    store = store_with([post(1, "imessage poison")], [post(2, "imessage broken")])
    assert count_waiting(store) == 1
    assert (counts(store), store.backlog()) == ({"complaints": 1, "mentions": 1}, 1)


def test_a_drain_ends_when_nothing_waits_or_enough_is_done() -> None:
    store = store_with(*([post(number, "imessage")] for number in range(40)))

    def drain() -> tuple[int, bool]:
        return counting.drain(
            store, PlainTagger, "worker", notices=MemoryNotices(), run="recording", most_batches=20
        )

    assert [drain(), drain()] == [(20, True), (20, True)]


# --- what official accounts say ---

SAID = [
    post(1, "We're looking into it.", author="SpotifyCares", minutes=3),
    post(2, "We are still looking into reports of errors.", author="SpotifyCares", minutes=20),
    post(3, "All clear!", author="SpotifyCares", minutes=40, url="https://x.example/3"),
    post(4, "spotify is broken", minutes=2),
    post(5, "All clear!", minutes=41),
    post(6, "Hi ann, we're looking into it", author="SpotifyCares", minutes=5, in_reply_to="4"),
    post(7, "New music on Friday!", author="SpotifyCares", minutes=7),
]


def test_what_an_official_account_says_of_its_service_is_a_notice_as_of_when_it_was_written() -> None:
    notices = MemoryNotices()
    count_waiting(store_with(SAID), notices)
    assert [(one.state, one.seen_at - START) for one in notices.find("recording")] == [
        (OfficialState.TROUBLE, timedelta(minutes=3)),
        (OfficialState.TROUBLE, timedelta(minutes=20)),
        (OfficialState.WELL, timedelta(minutes=40)),
    ]
    assert notices.find("recording")[2] == OfficialNotice(
        run="recording",
        service="spotify",
        state=OfficialState.WELL,
        seen_at=START + timedelta(minutes=40),
        text="All clear!",
        url="https://x.example/3",
        event="account:spotify:x:3",
    )


def test_a_notice_is_kept_before_its_batch_is_counted_and_even_if_it_cannot_be() -> None:
    notices = MemoryNotices()
    store = store_with([*SAID, post(9, "spotify poison")])
    assert count_waiting(store, notices) == 0
    assert store.backlog() == 1
    assert len(notices.find("recording")) == 3


@given(st.permutations(SAID), st.integers(1, 4), st.integers(1, 2))
def test_the_order_of_posts_and_how_often_they_come_changes_no_notice(
    posts: list[Post], size: int, times: int
) -> None:
    notices, expected = MemoryNotices(), MemoryNotices()
    pages = [posts[start : start + size] for start in range(0, len(posts), size)] * times
    store = store_with(*pages)
    while count_waiting(store, notices):
        pass
    count_waiting(store_with(SAID), expected)
    assert notices.find("recording") == expected.find("recording")


# --- versions, verdicts and doubts ---


class Named(PlainTagger):
    """It takes whatever says "hm" for half a complaint."""

    def __init__(self, version: str = "v1") -> None:
        self.version = version

    def tag(self, mentions: Sequence[Mention]) -> list[TaggedMention]:
        return [
            replace(one, tags=tuple(replace(tag, probabilities=HALF) for tag in one.tags))
            if "hm" in one.mention.post.text
            else one
            for one in super().tag(mentions)
        ]


HALF = (0.5, 0.5, 0.0, 0.0, 0.0)


def count_live(store: MemoryPosts, run: str = "live", tagger: Named | None = None) -> None:
    notices, named = MemoryNotices(), tagger or Named()
    while counting.count_waiting(
        store, lambda: named, "worker", notices=notices, run=run, clock=lambda: START
    ):
        pass


def test_each_batch_is_judged_whole_by_the_version_that_is_active_when_its_turn_comes() -> None:
    versions = iter(["v1", "v2", "v3"])
    store = store_with(*([post(10 * at + who, "imessage", minutes=at) for who in (1, 2)] for at in range(3)))
    judged: list[tuple[str, int]] = []

    class Swapping(Named):
        def tag(self, mentions: Sequence[Mention]) -> list[TaggedMention]:
            judged.append((self.version, len(mentions)))
            return super().tag(mentions)

    counting.drain(
        store,
        lambda: Swapping(next(versions)),
        "worker",
        notices=MemoryNotices(),
        run="recording",
        most_batches=20,
    )
    assert judged == [("v1", 2), ("v2", 2), ("v3", 2)]
    assert store.rates(minute_of(START), 3).versions == ("v1", "v2", "v3")


def test_how_the_live_runs_posts_were_judged_is_counted_by_version() -> None:
    store = store_with(
        [
            post(1, "imessage broken"),
            post(2, "imessage and spotify hm"),
            post(3, "imessage broken", is_repost=True),
            post(4, "spotify is broken, we are on it", author="SpotifyCares"),
        ]
    )
    count_live(store)
    told = store.verdicts(minute_of(START) // 60, 1)["v1"]
    assert told == Verdicts((1, 0, 0, 0, 2), (0, 0, 0, 0, 0, 2, 0, 0, 0, 1))


def test_of_a_replay_neither_verdicts_nor_doubts_are_kept() -> None:
    store = store_with([post(1, "imessage hm")])
    count_live(store, run="recording")
    assert store.verdicts(0, 10**6) == {}
    assert store.label_queue.find(START, most=9) == []


def test_posts_of_which_the_classifier_is_unsure_go_to_the_label_queue() -> None:
    store = store_with([post(1, "imessage hm"), post(2, "imessage broken")])
    count_live(store)
    assert [one.post for one in store.label_queue.find(START, most=9)] == ["1"]
