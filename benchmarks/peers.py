"""Two usual ways to classify texts, taught the English posts of our corpus, to compare our speed with."""

from __future__ import annotations

import importlib
import importlib.util
import tempfile
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import spacy
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from models.corpus import CORPUS, LabelledPost, read_corpus
from models.languages import ENGLISH

Peer = Callable[[Sequence[str]], int]  # judges texts, and says how many


def fasttext() -> Peer | None:
    """fastText (Joulin et al. 2017), as floret builds it, on pairs of words; ``None`` without floret."""
    if importlib.util.find_spec("floret") is None:
        return None
    floret = importlib.import_module("floret")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "posts.txt"
        file.write_text("".join(f"__label__{post.kind} {_on_a_line(post.text)}\n" for post in _taught()))
        model = floret.train_supervised(
            input=str(file), lr=0.2, epoch=25, wordNgrams=2, dim=50, bucket=100_000, thread=1, verbose=0
        )

    def judge(texts: Sequence[str]) -> int:
        return len(model.predict([_on_a_line(text) for text in texts], k=1)[0])

    return judge


def spacy_and_tfidf() -> Peer:
    """spaCy's tokens, TF-IDF of words and pairs, logistic regression: text by text, as tutorials have it."""
    nlp = spacy.blank("en")

    def tokens(text: str) -> list[str]:
        return [token.lower_ for token in nlp(text)]

    vectorizer = TfidfVectorizer(analyzer=lambda text: _pairs(tokens(text)))
    learner = LogisticRegression(max_iter=1000)
    learner.fit(
        vectorizer.fit_transform([post.text for post in _taught()]), [post.kind for post in _taught()]
    )

    def judge(texts: Sequence[str]) -> int:
        return sum(len(learner.predict_proba(vectorizer.transform([text]))) for text in texts)

    return judge


def _taught() -> list[LabelledPost]:
    return [post for post in read_corpus(CORPUS) if post.lang == ENGLISH]


def _pairs(words: list[str]) -> list[str]:
    return words + [f"{first} {second}" for first, second in pairwise(words)]


def _on_a_line(text: str) -> str:
    return " ".join(text.lower().split())
