"""Baselines: what takes an hour to build, so that one sees what the classifier is worth beyond it.

All three read plain texts and score each from 0 to 1: how much it seems to complain.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it ships no types

from models.evaluating.measures import FASTTEXT, Truth
from models.learner import Floats

Learner = Callable[[Sequence[str], Truth, Sequence[str]], Floats]

INSTALL_FASTTEXT = "pip install floret==0.10.5"

_FAILURES = re.compile(
    r"\b(?:is down|are down|went down|goes down|not working|isn't working|doesn't work|don't work|won't work"
    r"|stopped working|not loading|won't load|can't log ?in|can't connect|outage|crash(?:es|ed|ing)?"
    r"|broken|error|fail(?:s|ed|ing)?|offline)\b|#\w+down\b"
)
_TOKEN = re.compile(r"\w+|[^\w\s]")
_COMPLAINT = "__label__complaint"


def keyword(texts: Sequence[str]) -> Floats:
    """How many of a short list of English words for a failure each text holds: h hits score h / (h + 1).

    >>> keyword(["ugh, Netflix is down", "I love Netflix"]).tolist()
    [0.5, 0.0]
    """
    plain = (text.lower().replace("\u2019", "'") for text in texts)
    hits = np.array([float(len(_FAILURES.findall(text))) for text in plain])
    scores: Floats = hits / (hits + 1)
    return scores


def tfidf(taught: Sequence[str], complains: Truth, asked: Sequence[str]) -> Floats:
    """scikit-learn's logistic regression on TF-IDF of words and pairs of words, as its guide shows it."""
    learner = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LogisticRegression(C=10.0, max_iter=1000)
    )
    with threadpool_limits(limits=1):  # the same sums, in the same order, on any machine
        learner.fit(taught, complains)
        likely: Floats = learner.predict_proba(asked)
    return likely[:, 1]


def fasttext_if_there() -> dict[str, Learner]:
    """fastText by its name; nothing where floret is not installed, which the product does not need."""
    return {FASTTEXT: fasttext} if importlib.util.find_spec("floret") is not None else {}


def fasttext(taught: Sequence[str], complains: Truth, asked: Sequence[str]) -> Floats:
    """fastText's classifier (Joulin et al. 2017) with pairs of words, as floret builds it.

    Its settings are the best of five on ten folds of ``complaints_acl19``, so that it is no straw man.
    """
    floret: _Floret = importlib.import_module("floret")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "posts.txt"
        labels = (_COMPLAINT if one else "__label__none" for one in complains)
        file.write_text(
            "".join(f"{label} {_tokens(text)}\n" for label, text in zip(labels, taught, strict=True))
        )
        model = floret.train_supervised(
            input=str(file), lr=0.2, epoch=25, wordNgrams=2, dim=50, bucket=100_000,
            thread=1, seed=1, verbose=0,
        )  # fmt: skip
    likeliest, sure = model.predict([_tokens(text) for text in asked], k=1)
    scores = [
        float(likely[0]) if label[0] == _COMPLAINT else 1 - float(likely[0])
        for label, likely in zip(likeliest, sure, strict=True)
    ]
    return np.clip(scores, 0, 1)  # it rounds to a hair above 1


def _tokens(text: str) -> str:
    return " ".join(_TOKEN.findall(text.lower()))


class _Model(Protocol):
    def predict(self, text: list[str], *, k: int) -> tuple[list[list[str]], list[Floats]]: ...


class _Floret(Protocol):
    def train_supervised(self, **settings: str | float) -> _Model: ...
