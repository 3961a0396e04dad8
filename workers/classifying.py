"""A recording judged post by post, on the way that counting takes: the same names, threads and classifier."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from domain.mention import Mention, Naming, TaggedMention, Via
from domain.post import Post
from models.languages import READ, language_of
from models.text import Names, mask
from storage.interfaces import HandOver
from storage.memory_posts import MemoryPosts
from workers.counting import Tagger
from workers.reading import PAGE, Reader

MOST_THREADS = 100_000  # mentions that a reply can be known to answer: some 30 MB

_NOBODY = Names().of("")


def judge(
    posts: Iterable[Post], reader: Reader, tagger: Tagger, *, assume: str | None = None
) -> Iterator[list[TaggedMention]]:
    """Page by page, every post with its tags: none for a post that names nobody.

    Such a post is judged for the service ``assume``, if one is given. A reply that names nobody is about the
    service of its thread, if what it answers came before it.
    """
    store, coming = _PassingPosts(), iter(posts)
    while page := list(islice(coming, PAGE)):
        named = _mentions_in(page, reader, store)
        mentions = [
            _assumed(post, assume) if mention is None else mention
            for post, mention in zip(page, named, strict=True)
        ]
        tagged = iter(tagger.tag([mention for mention in mentions if mention is not None]))
        yield [
            _nobody_named(post) if mention is None else next(tagged)
            for post, mention in zip(page, mentions, strict=True)
        ]


class _PassingPosts(MemoryPosts):
    """Posts of which nothing stays but the latest threads, so that a recording may be of any length."""

    def hand_over(self, page: HandOver) -> bool:
        handed = super().hand_over(page)
        self._volume.clear()
        while len(self._threads) > MOST_THREADS:
            del self._threads[next(iter(self._threads))]
        return handed


def _mentions_in(page: Sequence[Post], reader: Reader, store: MemoryPosts) -> list[Mention | None]:
    """The mention that each post of a page is, if it is one."""
    reader.hand_over(page, page[0].source, store, None)
    waiting: deque[Mention] = deque()
    for batch in store.take("", 1):
        waiting += batch.mentions
        store.count(batch, (), ())
    # Mentions keep the order of their posts, and differ from them by the name of the author alone.
    return [waiting.popleft() if waiting and _is_of(waiting[0], post) else None for post in page]


def _is_of(mention: Mention, post: Post) -> bool:
    found = mention.post
    return found.id == post.id and found.text is post.text and found.source == post.source


def _assumed(post: Post, service: str | None) -> Mention | None:
    return None if service is None else Mention(post, (Naming(service, Via.THREAD),))


def _nobody_named(post: Post) -> TaggedMention:
    lang = language_of(mask(post.text, _NOBODY), post.lang)
    return TaggedMention(Mention(post, ()), (), lang, lang in READ)
