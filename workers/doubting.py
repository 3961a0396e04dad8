"""From tagged mentions to the doubts among them: what a person might be asked about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from domain.doubt import LONGEST_TEXT, SURE, UNSURE, Doubt, spread, unsureness
from domain.mention import TaggedMention
from domain.post import Post
from models.text import is_repost

MOST = 5  # of one batch: there is one every second, and whoever labels reads a few dozen a day


def is_own_word(post: Post) -> bool:
    """Whether an author speaks in it, and not somebody who repeats one."""
    return not post.is_repost and not is_repost(post.text)


def doubts_in(tagged: Iterable[TaggedMention]) -> list[Doubt]:
    """The public's most doubtful posts, each for the service of its least sure tag."""
    return spread(_doubts(tagged), MOST)


def _doubts(tagged: Iterable[TaggedMention]) -> Iterator[Doubt]:
    for one in tagged:
        if one.mention.speaks_for is not None or all(max(tag.probabilities) > SURE for tag in one.tags):
            continue  # as most are, so that they cost next to nothing
        tag = max(one.tags, key=lambda tag: unsureness(tag.probabilities))
        unsure, post = unsureness(tag.probabilities), one.mention.post
        if unsure >= UNSURE and is_own_word(post):
            yield Doubt(
                source=post.source,
                post=post.id,
                service=tag.service,
                text=post.text[:LONGEST_TEXT],
                written_at=post.written_at,
                probabilities=tag.probabilities,
                unsure=round(unsure, 4),
                url=post.url,
                lang=post.lang,
            )
