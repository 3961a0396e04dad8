"""Training: a labelled corpus becomes a model version, with figures measured on posts held out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from sklearn.model_selection import StratifiedGroupKFold

from domain.mention import KINDS, Kind
from domain.model_version import ModelCard, ModelVersion
from domain.service import Service
from models.classifier import Reader
from models.corpus import CorpusError, LabelledPost, read_corpus
from models.evaluation import evaluate
from models.features import Features, Reading, learn_vocabularies
from models.fitting import WRITTEN, certain, fit, fit_by_vectors
from models.ground import Ground, load_ground
from models.learner import Floats, Weights
from models.model_file import installed, save, version_of
from models.shipped import SHIPPED, write

FOLDS = 10
BINS = 10  # of the complaint's probability, for what a card keeps of its distribution
_SEED = 20121118  # the day iMessage failed; any would do, but always the same


def train(
    corpus: Sequence[LabelledPost],
    *,
    trained_at: datetime,
    services: Iterable[Service] = (),
    ground: Ground | None = None,
    folds: int = FOLDS,
) -> ModelVersion:
    """A model of the corpus and the ground. The same corpus, services and ground give the same bytes.

    Its figures come from cross-validation in which a service, or a pair, is never on both sides: they tell
    how well complaints are known about a service of which no training post spoke. Of the ground they use its
    vectors alone, as what it knows of the kinds was learned with this corpus at hand: the model itself knows
    more than they show.
    """
    _check(corpus)
    readings = read_all(corpus, services)
    logits = held_out(corpus, readings, folds, ground)
    kinds = [post.kind for post in corpus]
    temperature = best_temperature(kinds_as_numbers(corpus), logits)
    probabilities = np.exp(log_softmax(logits / temperature, axis=1))
    figures = evaluate(kinds, probabilities)
    features = _features(corpus, readings, ground)
    weights = fit(
        features,
        features.rows(readings),
        certain(kinds),
        ground=ground,
        weights=np.full(len(corpus), WRITTEN),
    )
    body = save(features, Weights(weights.of_features / temperature, weights.bias / temperature))
    card = ModelCard(
        version=version_of(body, trained_at),
        trained_at=trained_at,
        data=dict(sorted(Counter(post.file or "unnamed" for post in corpus).items())),
        figures={**figures, "temperature": round(temperature, 4), "folds": float(folds)},
        libraries=installed(),
        kinds=shares_of_kinds(probabilities),
        scores=shares_of_scores(probabilities),
    )
    return ModelVersion(card, body)


def shares_of_kinds(probabilities: Floats) -> dict[str, float]:
    """How often each kind is the likeliest."""
    counts = np.bincount(probabilities.argmax(axis=1), minlength=len(KINDS))
    return {
        kind.value: round(float(count) / len(probabilities), 4)
        for kind, count in zip(KINDS, counts, strict=True)
    }


def shares_of_scores(probabilities: Floats) -> tuple[float, ...]:
    """How often the complaint's probability lies in each of ten equal bins from 0 to 1."""
    counts, _ = np.histogram(probabilities[:, KINDS.index(Kind.COMPLAINT)], bins=BINS, range=(0, 1))
    return tuple(round(float(count) / len(probabilities), 4) for count in counts)


def train_shipped(
    corpus: Path, out: Path = SHIPPED, *, services: Iterable[Service] = (), trained_at: datetime | None = None
) -> ModelVersion:
    """Train on the corpus in a folder, and write the model and its card into another."""
    model = train(
        read_corpus(corpus),
        trained_at=trained_at or datetime.now(UTC).replace(microsecond=0),
        services=services,
        ground=load_ground(),
    )
    write(model, out)
    return model


def read_all(corpus: Sequence[LabelledPost], services: Iterable[Service] = ()) -> list[Reading]:
    """Every post as the classifier would read it. Raises ``CorpusError`` for a language it cannot read."""
    reader = Reader(services)
    readings: list[Reading] = []
    for post in corpus:
        others = reader.names.others_in(post.text, post.service)
        read = reader.read(post.text, post.service, others, post.lang)
        # A few words may look like any language; in a corpus it is known which one they are.
        if read.reading is None:
            read = reader.read_as(post.lang, post.text, post.service, others)
        if read.reading is None:
            raise CorpusError(f"{post.file}: {post.id} is in {post.lang!r}, of which there is no lexicon")
        readings.append(read.reading)
    return readings


def held_out(
    corpus: Sequence[LabelledPost], readings: Sequence[Reading], folds: int, ground: Ground | None = None
) -> Floats:
    """For each post, the logits by kind of a model that saw no post of its service or pair."""
    numbers, groups = kinds_as_numbers(corpus), _groups(corpus)
    logits = np.zeros((len(corpus), len(KINDS)))
    split = StratifiedGroupKFold(min(folds, len(set(groups))), shuffle=True, random_state=_SEED)
    for seen, unseen in split.split(numbers, numbers, groups):
        posts, known = [corpus[at] for at in seen], [readings[at] for at in seen]
        features = _features(posts, known, ground)
        weights = fit_by_vectors(
            features,
            features.rows(known),
            certain([post.kind for post in posts]),
            ground=ground,
            weights=np.full(len(seen), WRITTEN),
        )
        logits[unseen] = weights.logits(features.rows([readings[at] for at in unseen]))
    return logits


def best_temperature(numbers: NDArray[np.int64], logits: Floats) -> float:
    """What logits must be divided by for the likeliest probabilities (Guo et al. 2017)."""

    def surprise(temperature: float) -> float:
        return -float(log_softmax(logits / temperature, axis=1)[np.arange(len(numbers)), numbers].mean())

    return float(minimize_scalar(surprise, bounds=(0.2, 5.0), method="bounded").x)


def kinds_as_numbers(corpus: Sequence[LabelledPost]) -> NDArray[np.int64]:
    return np.array([KINDS.index(post.kind) for post in corpus], dtype=np.int64)


def _features(corpus: Sequence[LabelledPost], readings: Sequence[Reading], ground: Ground | None) -> Features:
    known = ground.features if ground is not None else None
    return learn_vocabularies(readings, [post.service for post in corpus], known=known)


def _groups(corpus: Sequence[LabelledPost]) -> list[str]:
    """The service of each post, or that of the first post of its pair."""
    first: dict[str, str] = {}
    return [first.setdefault(post.pair, post.service) if post.pair else post.service for post in corpus]


def _check(corpus: Sequence[LabelledPost]) -> None:
    for kind in KINDS:
        services = {group for post, group in zip(corpus, _groups(corpus), strict=True) if post.kind is kind}
        if len(services) < 2:
            raise CorpusError(
                f"the corpus has posts of kind {kind.value!r} about {len(services)} services: "
                "at least two are needed, so that one can be held out"
            )
