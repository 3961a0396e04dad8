"""Features: a masked mention as one row of numbers (word 1- to 3-grams, parts of words, signs)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from spacy.tokens import Doc

from models.signs import SIGNS, signs
from models.tokens import pieces, words

# Says which way of making features a model was trained with; a change in text.py, tokens.py, signs.py or
# here that moves any number needs a new one, so that an old model is refused and not silently wrong.
FEATURES = 1

_WEIGHTS = (1.0, 0.7, 0.35)  # of words, parts of words and signs; chosen by cross-validation
_N_GRAMS = (1, 3)


class Reading(msgspec.Struct, frozen=True):
    """One mention's text, read once: its words, their parts, and its signs."""

    words: str
    pieces: str
    signs: list[float]


def reading(raw: str, doc: Doc) -> Reading:
    """What is read from a text (``raw``) and its masked tokens (``doc``)."""
    found = words(doc)
    parts = [part for word in found if (part := pieces(word))]
    return Reading(" ".join(found), " ".join(parts), signs(raw, found))


class Vocabulary(msgspec.Struct, frozen=True):
    """The n-grams that count, in a fixed order, each with its weight (inverse document frequency)."""

    grams: list[str]
    weights: NDArray[np.float64]


class Features:
    """Turns readings into rows, by two vocabularies that training found."""

    def __init__(self, of_words: Vocabulary, of_pieces: Vocabulary) -> None:
        self.of_words, self.of_pieces = of_words, of_pieces
        self._words = _vectorizer(of_words, _N_GRAMS)
        self._pieces = _vectorizer(of_pieces, (1, 1))

    @property
    def count(self) -> int:
        return len(self.of_words.grams) + len(self.of_pieces.grams) + len(SIGNS)

    def rows(self, readings: Sequence[Reading]) -> csr_matrix:
        blocks = (
            self._words.transform([one.words for one in readings]),
            self._pieces.transform([one.pieces for one in readings]),
            csr_matrix(np.array([one.signs for one in readings])),
        )
        return hstack([block * weight for block, weight in zip(blocks, _WEIGHTS, strict=True)], format="csr")


def learn_vocabularies(
    readings: Sequence[Reading], services: Sequence[str], *, least_services: int = 2
) -> Features:
    """Features of those n-grams that posts about several services share.

    What only one service's posts say ("bluetooth", "checkout") would teach whom people complain about.
    """
    return Features(
        _vocabulary([one.words for one in readings], services, _N_GRAMS, least_services),
        _vocabulary([one.pieces for one in readings], services, (1, 1), least_services + 1),
    )


def _vocabulary(
    texts: Sequence[str], services: Sequence[str], sizes: tuple[int, int], least_services: int
) -> Vocabulary:
    posts: Counter[str] = Counter()
    seen_in: defaultdict[str, set[str]] = defaultdict(set)
    for text, service in zip(texts, services, strict=True):
        for gram in set(_grams(text.split(), sizes)):
            posts[gram] += 1
            seen_in[gram].add(service)
    kept = sorted(gram for gram, where in seen_in.items() if len(where) >= least_services)
    weights = np.array([np.log((1 + len(texts)) / (1 + posts[gram])) + 1 for gram in kept], dtype=np.float64)
    return Vocabulary(kept, weights)


def _grams(tokens: Sequence[str], sizes: tuple[int, int]) -> Iterable[str]:
    for size in range(sizes[0], sizes[1] + 1):
        for start in range(len(tokens) - size + 1):
            yield " ".join(tokens[start : start + size])


def _vectorizer(vocabulary: Vocabulary, sizes: tuple[int, int]) -> TfidfVectorizer:
    made = TfidfVectorizer(
        vocabulary={gram: place for place, gram in enumerate(vocabulary.grams)},
        token_pattern=r"\S+",
        lowercase=False,
        ngram_range=sizes,
        sublinear_tf=True,
    )
    made.idf_ = vocabulary.weights
    return made
