"""Classification: tokens, symptoms and kind of each mention. One core."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import msgspec

from benchmarks.figures import Figure, measured
from benchmarks.matching import larger
from benchmarks.material import catalogue, demo_mentions, reader
from benchmarks.peers import fasttext, spacy_and_tfidf
from commands.classify import collecting_seldom
from domain.mention import Mention
from ingest.recordings import parse_line
from models.catalogue import Catalogue
from models.classifier import Classifier
from models.model_file import load_shipped
from workers.classifying import judge

MENTIONS, FEW = 2_000, 300
BATCH = 250  # mentions; what a page of 500 posts of the demo holds, roughly
SMALL = 5
FEW_SERVICES, MANY_SERVICES = 100, 10_000


def classification() -> Iterator[Figure]:
    """Batches as a replay brings them, small ones of a quiet stream, all from the line, and peers."""
    classifier = load_shipped(catalogue())
    mentions = demo_mentions()[:MENTIONS]
    usual = measured("classification", "mentions", lambda: _tag(classifier, mentions, BATCH))
    yield usual
    few = mentions[:FEW]
    small = measured("classification by fives", "mentions", lambda: _tag(classifier, few, SMALL))
    yield small.compared(usual, "large batches'")
    yield from _by_size_of_catalogue(mentions)
    texts = [mention.post.text for mention in mentions]
    for name, peer in (("fastText", fasttext()), ("spaCy and TF-IDF", spacy_and_tfidf())):
        if peer is not None:
            yield measured(name, "texts", partial(peer, texts)).compared(usual, "ours")


def _by_size_of_catalogue(mentions: Sequence[Mention]) -> Iterator[Figure]:
    """From the JSON line to the verdict: decoding, matching, threads and classifying."""
    lines = [
        msgspec.json.encode(
            {"id": one.post.id, "written_at": one.post.written_at, "text": one.post.text, "source": "x"}
        )
        for one in mentions
    ]
    named = {naming.service for mention in mentions for naming in mention.namings}
    ordered = sorted(catalogue(), key=lambda service: service.id not in named)
    small = Catalogue({service.id: service for service in ordered[:FEW_SERVICES]})
    large = larger(catalogue(), -(-MANY_SERVICES // len(catalogue())))
    usual = _from_lines(f"from the line, {len(small)} services", small, lines)
    yield usual
    many = _from_lines(f"from the line, {len(large):,} services", large, lines)
    yield many.compared(usual, f"with {len(small)}")


def _from_lines(what: str, services: Catalogue, lines: Sequence[bytes]) -> Figure:
    reads, classifier = reader(services), load_shipped(services)

    def work() -> int:
        posts = (parse_line(number, line, default_source="x") for number, line in enumerate(lines, start=1))
        with collecting_seldom():
            return sum(len(page) for page in judge(posts, reads, classifier))

    return measured(what, "mentions", work)


def _tag(classifier: Classifier, mentions: Sequence[Mention], batch: int) -> int:
    for start in range(0, len(mentions), batch):
        classifier.tag(mentions[start : start + batch])
    return len(mentions)
