"""The report: every row there is to measure here, with the data that this machine has."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from domain.service import Service
from models.classifier import Classifier
from models.corpus import LabelledPost
from models.evaluating.baselines import fasttext_if_there
from models.evaluating.folds import Tell
from models.evaluating.known_posts import KnownPosts, LabelReader, of_corpus, of_ratings
from models.evaluating.measures import Pairs, Row
from models.evaluating.real import labelled_rows, rated_rows, stream_rows
from models.evaluating.written import core_rows, corpus_rows
from models.ground import Ground
from models.real_posts import DATA_SETS, STREAMS, Half, RatedPost, RealLabel, labelled_posts, rated_posts


class RealData(msgspec.Struct, frozen=True):
    """The real posts, read and joined with what they are."""

    rated: list[RatedPost]
    labelled: list[RealLabel]
    streams: list[RealLabel]
    half: Half


class Report(msgspec.Struct, frozen=True):
    """What was measured. ``unread`` posts are in languages that the classifier does not judge."""

    model: str
    rows: list[Row]
    pairs: Pairs
    half: Half | None  # of the streams; None without real posts
    unread: int
    with_fasttext: bool


def read_real(data: Path, half: Half) -> RealData:
    """The real posts in a folder, and this half of the streams. Raises ``RealPostsError``."""
    return RealData(
        rated_posts(data), labelled_posts(data, DATA_SETS), labelled_posts(data, STREAMS, half=half), half
    )


def evaluate(
    classifier: Classifier,
    corpus: Sequence[LabelledPost],
    core: Sequence[LabelledPost],
    real: RealData | None,
    *,
    services: Sequence[Service],
    ground: Ground | None,
    tell: Tell,
) -> Report:
    """Every row. The same posts and model give the same figures."""
    tell("reading the posts", 0, 1)
    written = of_corpus(corpus, services)
    rated = of_ratings(real.rated) if real is not None else None
    rows, pairs = corpus_rows(corpus, written, rated, ground=ground, tell=tell)
    rows += core_rows(core, of_corpus(core, services), written, rated, classifier)
    unread = 0
    if real is not None and rated is not None:
        more, unread = _real_rows(
            classifier, written, real, rated, services=services, ground=ground, tell=tell
        )
        rows += more
    return Report(
        classifier.version,
        rows,
        pairs,
        half=real.half if real is not None else None,
        unread=unread,
        with_fasttext=bool(fasttext_if_there()),
    )


def _real_rows(
    classifier: Classifier,
    written: KnownPosts,
    real: RealData,
    rated: KnownPosts,
    *,
    services: Sequence[Service],
    ground: Ground | None,
    tell: Tell,
) -> tuple[list[Row], int]:
    """The rows of real posts, and how many of those cannot be read."""
    reader = LabelReader(services)
    labels, labelled = reader.read(real.labelled)
    in_streams, streams = reader.read(real.streams)
    rows, of_tfidf = rated_rows(rated, ground=ground, tell=tell)
    rows += labelled_rows(labels, labelled, written, rated, of_tfidf, ground=ground, tell=tell)
    rows += stream_rows(in_streams, streams, written.beside(labelled), rated, classifier)
    return rows, len(real.labelled) - len(labels) + len(real.streams) - len(in_streams)
