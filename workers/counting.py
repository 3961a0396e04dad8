"""From mentions in flight to counts: tag a batch, count its authors, keep what may become evidence.

What official accounts say is kept beside the counts, as official notices. Of the live run it is counted too
how the classifier judges, for its drift, and posts of which it is unsure go to the label queue.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Protocol

from domain.drift import Verdicts, tally
from domain.incident import Evidence
from domain.mention import KINDS, Kind, Mention, Tag, TaggedMention
from domain.moments import milliseconds
from domain.rate import Measure, Sighting
from domain.run import LIVE
from ingest.source import wall_clock
from storage.interfaces import Notices, Posts, Witness
from workers.doubting import doubts_in, is_own_word
from workers.official_accounts import notices_of

log = logging.getLogger(__name__)

_MEASURE_OF = {
    Kind.COMPLAINT: Measure.COMPLAINTS,
    Kind.QUESTION: Measure.QUESTIONS,
    Kind.ECHO: Measure.ECHOES,
    Kind.RECOVERY: Measure.RECOVERIES,
}
_COMPLAINT = KINDS.index(Kind.COMPLAINT)


class Tagger(Protocol):
    """What counting asks of a classifier."""

    @property
    def version(self) -> str: ...

    def tag(self, mentions: Sequence[Mention]) -> list[TaggedMention]: ...


def count_waiting(
    store: Posts,
    at_work: Callable[[], Tagger],
    worker: str,
    *,
    notices: Notices,
    run: str,
    most: int = 4,
    clock: Callable[[], datetime] = wall_clock,
) -> int:
    """Tag and count the batches that wait, and say how many were done. None is left half-done.

    ``at_work`` is asked for the classifier before each batch, which so is judged whole by one version. What
    official accounts say goes to ``notices`` first: who sees a batch counted sees them too. A batch that
    cannot be tagged stays with the Stream, which gives it to another worker, and after a number of turns
    puts it aside.
    """
    done = 0
    for batch in store.take(worker, most):
        if said := list(notices_of(batch.mentions, run)):
            notices.add(said)
        tagger = at_work()
        try:
            tagged = tagger.tag(batch.mentions)
        except Exception:  # one strange post must not take the others of this drain with it
            log.exception("batch %s could not be tagged and stays in flight", batch.id)
            continue
        is_live = run == LIVE
        store.count(
            batch,
            list(_sightings(tagged)),
            list(_witnesses(tagged)),
            version=tagger.version,
            verdicts=_verdicts(tagged) if is_live else {},
        )
        if is_live and (doubts := doubts_in(tagged)):
            store.label_queue.offer(doubts, clock())
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
                    also_names=tuple(sorted({one.service for one in mention.namings} - {tag.service})),
                ),
            )


def _verdicts(tagged: Iterable[TaggedMention]) -> dict[int, Verdicts]:
    """How the public's own words were judged, by the hour of their writing. Of reposts a rule is certain."""
    judged: dict[int, list[tuple[Kind, float]]] = defaultdict(list)
    for one in tagged:
        if one.mention.speaks_for is None and is_own_word(one.mention.post):
            hour = int(one.mention.post.written_at.timestamp()) // 3600
            judged[hour] += [(tag.kind, tag.probabilities[_COMPLAINT]) for tag in one.tags]
    return {hour: tally(verdicts) for hour, verdicts in judged.items()}


def drain(
    store: Posts,
    at_work: Callable[[], Tagger],
    worker: str,
    *,
    notices: Notices,
    run: str,
    most_batches: int,
) -> tuple[int, bool]:
    """Count until nothing waits or ``most_batches`` are done. Returns how many, and whether more may wait."""
    done = 0
    while done < most_batches:
        counted = count_waiting(store, at_work, worker, notices=notices, run=run)
        if not counted:
            return done, False
        done += counted
    return done, True
