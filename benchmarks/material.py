"""What is measured on: the demo recording, and streams made of its posts by a seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache

import msgspec

from domain.mention import Mention
from domain.post import Post
from ingest.pseudonyms import Pseudonyms
from models.catalogue import SHIPPED, Catalogue, load_catalogue
from models.matcher import Matcher
from settings import ROOT
from storage.memory_posts import MemoryPosts
from workers.reading import Reader
from workers.replaying import Recording, hand_over_all, load_recording

DEMO = ROOT / "data" / "demo" / "2012-11-18.jsonl.gz"
NAMING_SHARE = 0.02  # of the posts of a public stream, those that name a service of the catalogue
SEED = 20121118


@cache
def catalogue() -> Catalogue:
    return load_catalogue(SHIPPED)


@cache
def demo() -> Recording:
    return load_recording(DEMO)


def stream_texts(count: int) -> list[str]:
    """Texts as a public stream brings them: 98 of 100 name nobody."""
    matcher = Matcher(catalogue())
    naming: list[str] = []
    others: list[str] = []
    for post in demo().posts:
        (naming if matcher.match(post.text) else others).append(post.text)
    chance = random.Random(SEED)
    return [chance.choice(naming if chance.random() < NAMING_SHARE else others) for _ in range(count)]


def repeated(recording: Recording, times: int) -> Recording:
    """A louder day: every post ``times`` times, by other authors and with other ids."""
    posts = [_copy(post, number) for post in recording.posts for number in range(times)]
    return Recording(name=f"{recording.name}-x{times}", posts=posts, bad=())


def _copy(post: Post, number: int) -> Post:
    return msgspec.structs.replace(
        post,
        id=f"{post.id}-{number}",
        author=f"{post.author}-{number}",
        in_reply_to=f"{post.in_reply_to}-{number}" if post.in_reply_to else None,
    )


def reader(services: Catalogue | None = None) -> Reader:
    """A reader as the readers have it, with a key of its own, for the shipped catalogue or another."""
    services = services or catalogue()
    return Reader(
        matcher=Matcher(services),
        accounts=services,
        pseudonyms=Pseudonyms(b"a key for measurements only"),
        thread_limit=12 * 3_600_000,
    )


@cache
def demo_mentions() -> Sequence[Mention]:
    """The demo's mentions, in the order of their writing."""
    store = MemoryPosts()
    hand_over_all(demo(), reader(), store, lambda _: None)
    batches = store.take("benchmarks", len(demo().posts))
    return [mention for batch in batches for mention in batch.mentions]
