"""Classification: tokens, symptoms and kind of each mention. One core."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from benchmarks.figures import Figure, measured
from benchmarks.material import catalogue, demo_mentions
from domain.mention import Mention
from models.classifier import Classifier
from models.model_file import load_shipped

MENTIONS, FEW = 2_000, 300
BATCH = 250  # mentions; what a page of 500 posts of the demo holds, roughly
SMALL = 5


def classification() -> Iterator[Figure]:
    """Batches as a replay brings them, and the small ones of a quiet live stream."""
    classifier = load_shipped(catalogue())
    mentions = demo_mentions()[:MENTIONS]
    usual = measured("classification", "mentions", lambda: _tag(classifier, mentions, BATCH))
    yield usual
    few = mentions[:FEW]
    small = measured("classification by fives", "mentions", lambda: _tag(classifier, few, SMALL))
    yield small.compared(usual, "large batches'")


def _tag(classifier: Classifier, mentions: Sequence[Mention], batch: int) -> int:
    for start in range(0, len(mentions), batch):
        classifier.tag(mentions[start : start + batch])
    return len(mentions)
