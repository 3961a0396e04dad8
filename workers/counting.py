"""From mentions in flight to counts: tag a batch, count its authors, keep what may become evidence.

What official accounts say is kept beside the counts, as official notices.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from domain.incident import Evidence
from domain.mention import Kind, Mention, Tag, TaggedMention
from domain.moments import milliseconds
from domain.rate import Measure, Sighting
from storage.interfaces import Notices, Posts, Witness
from workers.official_accounts import notices_of

log = logging.getLogger(__name__)

_MEASURE_OF = {
    Kind.COMPLAINT: Measure.COMPLAINTS,
    Kind.QUESTION: Measure.QUESTIONS,
    Kind.ECHO: Measure.ECHOES,
    Kind.RECOVERY: Measure.RECOVERIES,
}


class Tagger(Protocol):
    """What counting asks of a classifier."""

    def tag(self, mentions: Sequence[Mention]) -> list[TaggedMention]: ...


def count_waiting(
    store: Posts, tagger: Tagger, worker: str, *, notices: Notices, run: str, most: int = 4
) -> int:
    """Tag and count the batches that wait, and say how many were done. None is left half-done.

    What official accounts say goes to ``notices`` first: who sees a batch counted sees them too. A batch that
    cannot be tagged stays with the Stream, which gives it to another worker, and after a number of turns
    puts it aside.
    """
    done = 0
    for batch in store.take(worker, most):
        if said := list(notices_of(batch.mentions, run)):
            notices.add(said)
        try:
            tagged = tagger.tag(batch.mentions)
        except Exception:  # one strange post must not take the others of this drain with it
            log.exception("batch %s could not be tagged and stays in flight", batch.id)
            continue
        store.count(batch, list(_sightings(tagged)), list(_witnesses(tagged)))
        done += 1
    return done


def _public(tagged: Iterable[TaggedMention]) -> Iterator[tuple[Mention, Tag]]:
    """Each tag of a post that is the public's own: an official account is nobody's customer."""
    for one in tagged:
        if one.mention.speaks_for is None:
            for tag in one.tags:
                yield one.mention, tag


def _sightings(tagged: Iterable[TaggedMention]) -> Iterator[Sighting]:
    for mention, tag in _public(tagged):
        author = bytes.fromhex(mention.post.author or "")
        at = milliseconds(mention.post.written_at)
        yield Sighting(service=tag.service, measure=Measure.MENTIONS, author=author, at=at)
        if measure := _MEASURE_OF.get(tag.kind):
            yield Sighting(service=tag.service, measure=measure, author=author, at=at)


def _witnesses(tagged: Iterable[TaggedMention]) -> Iterator[Witness]:
    for mention, tag in _public(tagged):
        if tag.kind is Kind.COMPLAINT:
            post = mention.post
            yield Witness(
                service=tag.service,
                evidence=Evidence(
                    source=post.source,
                    post_id=post.id,
                    written_at=post.written_at,
                    text=post.text,
                    kind=tag.kind,
                    probability=round(tag.probability(Kind.COMPLAINT), 4),
                    symptoms=tag.symptoms,
                    url=post.url,
                ),
            )


def drain(
    store: Posts, tagger: Tagger, worker: str, *, notices: Notices, run: str, most_batches: int
) -> tuple[int, bool]:
    """Count until nothing waits or ``most_batches`` are done. Returns how many, and whether more may wait."""
    done = 0
    while done < most_batches:
        counted = count_waiting(store, tagger, worker, notices=notices, run=run)
        if not counted:
            return done, False
        done += counted
    return done, True
