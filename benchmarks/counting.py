"""Counting: mentions taken from the Stream, counted and acknowledged, on a real Valkey. One core each."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Sequence

from redis import Redis

from benchmarks.figures import RUNS, Figure, figure_of
from benchmarks.material import catalogue, demo_mentions
from benchmarks.valkey import running_valkey
from domain.mention import Mention, TaggedMention
from models.model_file import load_shipped
from storage.interfaces import HandOver
from storage.memory_notices import MemoryNotices
from storage.redis_posts import RedisPosts
from workers.counting import count_waiting

MENTIONS, BATCH = 3_000, 250


class Remembered:
    """A tagger that judged everything beforehand, so that only the counting is measured."""

    version = "remembered"

    def __init__(self, mentions: Sequence[Mention]) -> None:
        tagged = load_shipped(catalogue()).tag(mentions)
        self._tagged = {one.mention.post.id: one for one in tagged}

    def tag(self, mentions: Sequence[Mention]) -> list[TaggedMention]:
        return [self._tagged[mention.post.id] for mention in mentions]


def counting() -> Iterator[Figure]:
    """The demo's mentions once, then all of them again, as after a crash: these must change nothing."""
    mentions = demo_mentions()[:MENTIONS]
    tagger = Remembered(mentions)
    first: list[float] = []
    again: list[float] = []
    with running_valkey() as redis:
        for number in range(RUNS + 1):
            store = RedisPosts(redis, f"run{number}")
            first.append(_counted(store, tagger, mentions))
            again.append(_counted(store, tagger, mentions))
            store.forget()
        usual = figure_of("counting", "mentions", first[1:])
        yield usual
        twice = figure_of("counting again", "mentions", again[1:])
        yield twice.compared(usual, "the first time's")
        yield _handing_over(redis, mentions).compared(usual, "counting's")


def _counted(store: RedisPosts, tagger: Remembered, mentions: Sequence[Mention]) -> float:
    for batch in _batches(mentions):
        store.hand_over(_page(batch))
    began = time.perf_counter()
    while count_waiting(store, lambda: tagger, "benchmarks", notices=MemoryNotices(), run="benchmarks"):
        pass
    return len(mentions) / (time.perf_counter() - began)


def _handing_over(redis: Redis, mentions: Sequence[Mention]) -> Figure:
    rates: list[float] = []
    pages = [_page(batch) for batch in _batches(mentions)]
    for number in range(RUNS + 1):
        store = RedisPosts(redis, f"handed{number}")
        began = time.perf_counter()
        for page in pages:
            store.hand_over(page)
        rates.append(len(mentions) / (time.perf_counter() - began))
        store.forget()
    return figure_of("handing over", "mentions", rates[1:])


def _page(batch: tuple[Mention, ...]) -> HandOver:
    return HandOver(source="benchmarks", step=None, mentions=batch, volume={}, threads={})


def _batches(mentions: Sequence[Mention]) -> Iterator[tuple[Mention, ...]]:
    rest = iter(mentions)
    while batch := tuple(itertools.islice(rest, BATCH)):
        yield batch
