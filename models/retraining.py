"""Retraining: a challenger that knows what its champion knew, and has learned from people's verdicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
import numpy as np
from scipy.special import softmax

from domain.mention import Kind
from domain.model_version import ModelCard, ModelVersion
from domain.service import Service
from models.classifier import Reader
from models.corpus import LabelledPost
from models.features import Reading, learn_vocabularies
from models.fitting import WRITTEN, certain, fit
from models.ground import Ground, load_ground
from models.learner import Progress, Weights
from models.model_file import installed, save, version_of
from models.training import read_all, shares_of_kinds, shares_of_scores

LESSONS = "labels"  # what a card calls them among its data


class Lesson(msgspec.Struct, frozen=True):
    """What people's verdicts say of one post for one service.

    ``weight`` says how much it counts beside a post of the corpus (1); ``by`` are those who said so; ``at``
    is the time of the latest verdict.
    """

    id: str
    text: str
    service: str
    kind: Kind
    at: datetime
    by: tuple[str, ...]
    weight: float = 1.0
    lang: str = "en"


def retrain(
    champion: ModelVersion,
    corpus: Sequence[LabelledPost],
    lessons: Sequence[Lesson],
    *,
    trained_at: datetime,
    services: Iterable[Service] = (),
    ground: Ground | None = None,
    progress: Progress | None = None,
) -> ModelVersion:
    """A challenger, taught by the ground, the corpus and the lessons; equal input gives equal bytes.

    What the lessons do not speak of stays as it was, also what was learned from data that are not here: it
    is in the ground. Lessons in a language that cannot be read teach nothing. Its card names the champion as
    ``parent`` and the latest lesson's time as ``labels_until``; how good it is, is measured by others
    (``models/promotion.py``).
    """
    services = list(services)
    ground = ground or load_ground()
    taught = _read(lessons, services)
    readings = [*read_all(corpus, services), *(reading for reading, _ in taught)]
    about = [*(post.service for post in corpus), *(lesson.service for _, lesson in taught)]
    kinds = [*(post.kind for post in corpus), *(lesson.kind for _, lesson in taught)]
    counts = WRITTEN * np.array([1.0] * len(corpus) + [lesson.weight for _, lesson in taught])
    features = learn_vocabularies(readings, about, known=ground.features)
    rows = features.rows(readings)
    weights = fit(features, rows, certain(kinds), ground=ground, weights=counts, progress=progress)
    # How far its probabilities are from honest ones was measured when the shipped model was trained.
    temperature = champion.card.figures.get("temperature", 1.0)
    cooled = Weights(weights.of_features / temperature, weights.bias / temperature)
    body = save(features, cooled)
    probabilities = softmax(cooled.logits(rows), axis=1)
    card = ModelCard(
        version=version_of(body, trained_at),
        trained_at=trained_at,
        data=dict(sorted(Counter([*(post.file for post in corpus), *[LESSONS] * len(taught)]).items())),
        figures={"temperature": temperature},
        libraries=installed(),
        kinds=shares_of_kinds(probabilities),
        scores=shares_of_scores(probabilities),
        parent=champion.card.version,
        labels_until=max((lesson.at for lesson in lessons), default=champion.card.labels_until),
    )
    return ModelVersion(card, body)


def _read(lessons: Sequence[Lesson], services: Sequence[Service]) -> list[tuple[Reading, Lesson]]:
    """The lessons in languages that can be read, each as the classifier reads it."""
    reader = Reader(services)
    read = [
        (reader.read(one.text, one.service, reader.names.others_in(one.text, one.service), one.lang), one)
        for one in lessons
    ]
    return [(found.reading, lesson) for found, lesson in read if found.reading is not None]
