"""From mentions in flight to counts."""

from __future__ import annotations

from domain.moments import minute_of
from domain.post import Post
from domain.rate import MEASURES
from storage.memory_posts import MemoryPosts
from tests.workers.records import START, PlainTagger, post, reader
from workers.counting import count_waiting, drain


def store_with(*pages: list[Post]) -> MemoryPosts:
    store = MemoryPosts()
    for page in pages:
        reader().hand_over(page, "x", store, None)
    return store


def counts(store: MemoryPosts, service: str = "imessage") -> dict[str, int]:
    block = store.rates(minute_of(START), 60)
    if service not in block.services:
        return {}
    row = block.counts[:, block.services.index(service), :].sum(axis=1)
    return {str(measure): int(count) for measure, count in zip(MEASURES, row, strict=True) if count}


def test_each_author_is_counted_for_the_kind_and_as_a_mention() -> None:
    store = store_with([post(1, "imessage broken"), post(2, "imessage is back"), post(3, "imessage, eh")])
    assert count_waiting(store, PlainTagger(), "worker") == 1
    assert counts(store) == {"complaints": 1, "recoveries": 1, "mentions": 3}


def test_an_author_who_repeats_themselves_counts_once() -> None:
    store = store_with([post(number, "imessage broken", author="ann", minutes=number) for number in range(9)])
    count_waiting(store, PlainTagger(), "worker")
    assert counts(store) == {"complaints": 1, "mentions": 1}


def test_a_post_that_names_two_services_counts_for_both() -> None:
    store = store_with([post(1, "imessage and spotify broken")])
    count_waiting(store, PlainTagger(), "worker")
    assert counts(store) == counts(store, "spotify") == {"complaints": 1, "mentions": 1}


def test_an_official_account_is_nobodys_customer() -> None:
    store = store_with([post(1, "spotify is broken, we are on it", author="SpotifyCares")])
    assert count_waiting(store, PlainTagger(), "worker") == 1
    assert (counts(store, "spotify"), store.backlog()) == ({}, 0)


def test_complaints_are_kept_as_evidence_without_their_author() -> None:
    store = store_with([post(1, "imessage broken"), post(2, "imessage is back")])
    count_waiting(store, PlainTagger(), "worker")
    (kept,) = store.evidence("imessage", minute_of(START), minute_of(START), 10)
    assert (kept.text, kept.post_id, kept.probability) == ("imessage broken", "1", 1.0)
    assert "author" not in kept.__struct_fields__


def test_a_batch_that_cannot_be_tagged_stays_in_flight_and_takes_no_other_with_it() -> None:
    store = store_with([post(1, "imessage poison")], [post(2, "imessage broken")])
    assert count_waiting(store, PlainTagger(), "worker") == 1
    assert (counts(store), store.backlog()) == ({"complaints": 1, "mentions": 1}, 1)


def test_a_drain_ends_when_nothing_waits_or_enough_is_done() -> None:
    store = store_with(*([post(number, "imessage")] for number in range(40)))
    assert drain(store, PlainTagger(), "worker", most_batches=20) == (20, True)
    assert drain(store, PlainTagger(), "worker", most_batches=20) == (20, True)
