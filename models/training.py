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
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it ships no types

from domain.mention import KINDS
from domain.model_version import ModelCard, ModelVersion
from domain.service import Service
from models.classifier import Reader
from models.corpus import CorpusError, LabelledPost, read_corpus
from models.evaluation import evaluate
from models.features import Features, Reading, learn_vocabularies
from models.model_file import installed, save, version_of
from models.shipped import SHIPPED, write

STRENGTH = 5.0  # inverse of regularisation; 3 to 10 differ by less than 0.01 of macro-F1
FOLDS = 10
_SEED = 20121118  # the day iMessage failed; any would do, but always the same


def train(
    corpus: Sequence[LabelledPost],
    *,
    trained_at: datetime,
    services: Iterable[Service] = (),
    folds: int = FOLDS,
) -> ModelVersion:
    """A model of the whole corpus. The same corpus and services give the same bytes.

    Its figures come from cross-validation in which a service, or a pair, is never on both sides: they tell
    how well complaints are known about a service of which no training post spoke.
    """
    _check(corpus)
    readings = read_all(corpus, services)
    logits = held_out(corpus, readings, folds)
    kinds = [post.kind for post in corpus]
    temperature = best_temperature(kinds_as_numbers(corpus), logits)
    figures = evaluate(kinds, np.exp(log_softmax(logits / temperature, axis=1)))
    features, model = _fit(corpus, readings)
    model.coef_ = (model.coef_ / temperature).astype(np.float32)  # half the bytes, the same answers
    model.intercept_ = model.intercept_ / temperature
    body = save(features, model)
    card = ModelCard(
        version=version_of(body, trained_at),
        trained_at=trained_at,
        data=dict(sorted(Counter(post.file or "unnamed" for post in corpus).items())),
        figures={**figures, "temperature": round(temperature, 4), "folds": float(folds)},
        libraries=installed(),
    )
    return ModelVersion(card, body)


def train_shipped(
    corpus: Path, out: Path = SHIPPED, *, services: Iterable[Service] = (), trained_at: datetime | None = None
) -> ModelVersion:
    """Train on the corpus in a folder, and write the model and its card into another."""
    model = train(
        read_corpus(corpus),
        trained_at=trained_at or datetime.now(UTC).replace(microsecond=0),
        services=services,
    )
    write(model, out)
    return model


def read_all(corpus: Sequence[LabelledPost], services: Iterable[Service] = ()) -> list[Reading]:
    """Every post as the classifier would read it."""
    reader = Reader(services)
    return [
        reader.read(post.text, post.service, reader.names.others_in(post.text, post.service))[0]
        for post in corpus
    ]


def held_out(corpus: Sequence[LabelledPost], readings: Sequence[Reading], folds: int) -> NDArray[np.float64]:
    """For each post, the logits by kind of a model that saw no post of its service or pair."""
    numbers, groups = kinds_as_numbers(corpus), _groups(corpus)
    logits = np.zeros((len(corpus), len(KINDS)))
    split = StratifiedGroupKFold(min(folds, len(set(groups))), shuffle=True, random_state=_SEED)
    for seen, unseen in split.split(numbers, numbers, groups):
        features, model = _fit([corpus[at] for at in seen], [readings[at] for at in seen])
        order = [list(model.classes_).index(kind.value) for kind in KINDS]
        logits[unseen] = model.decision_function(features.rows([readings[at] for at in unseen]))[:, order]
    return logits


def best_temperature(numbers: NDArray[np.int64], logits: NDArray[np.float64]) -> float:
    """What logits must be divided by for the likeliest probabilities (Guo et al. 2017)."""

    def surprise(temperature: float) -> float:
        return -float(log_softmax(logits / temperature, axis=1)[np.arange(len(numbers)), numbers].mean())

    return float(minimize_scalar(surprise, bounds=(0.2, 5.0), method="bounded").x)


def kinds_as_numbers(corpus: Sequence[LabelledPost]) -> NDArray[np.int64]:
    return np.array([KINDS.index(post.kind) for post in corpus], dtype=np.int64)


def _fit(corpus: Sequence[LabelledPost], readings: Sequence[Reading]) -> tuple[Features, LogisticRegression]:
    features = learn_vocabularies(readings, [post.service for post in corpus])
    model = LogisticRegression(C=STRENGTH, max_iter=1_000)
    # Matrices this small take twenty times longer when several threads share them.
    with threadpool_limits(limits=1):
        model.fit(features.rows(readings), [post.kind.value for post in corpus])
    return features, model


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
