"""Features: a masked mention as one row of numbers (word 1- to 3-grams, parts of words, signs)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfTransformer, TfidfVectorizer

from models.signs import SIGNS
from models.tokens import pieces

# Says which way of making features a model was trained with; a change in text.py, tokens.py, signs.py or
# here that moves any number needs a new one, so that an old model is refused and not silently wrong.
FEATURES = 1

_WEIGHTS = (1.0, 0.7, 0.35)  # of words, parts of words and signs; chosen by cross-validation
_N_GRAMS = (1, 3)
_SPACED = r"\S+"  # our own tokens come with spaces between
_MOST_WORDS = 100_000  # whose pieces are remembered


class Reading(msgspec.Struct, frozen=True):
    """One mention's text, read once: its words and its signs."""

    words: list[str]
    signs: list[float]


class Vocabulary(msgspec.Struct, frozen=True):
    """The n-grams that count, in a fixed order, each with its weight (inverse document frequency)."""

    grams: list[str]
    weights: NDArray[np.float64]


class Features:
    """Turns readings into rows, by two vocabularies that training found."""

    def __init__(self, of_words: Vocabulary, of_pieces: Vocabulary) -> None:
        self.of_words, self.of_pieces = of_words, of_pieces
        self._words = TfidfVectorizer(
            vocabulary={gram: place for place, gram in enumerate(of_words.grams)},
            token_pattern=_SPACED,
            lowercase=False,
            ngram_range=_N_GRAMS,
            sublinear_tf=True,
        )
        self._words.idf_ = of_words.weights
        self._pieces = TfidfTransformer(sublinear_tf=True)
        self._pieces.idf_ = of_pieces.weights
        self._piece_places = {piece: place for place, piece in enumerate(of_pieces.grams)}
        self._places_in: dict[str, list[int]] = {}  # the columns of a word's pieces

    @property
    def count(self) -> int:
        return len(self.of_words.grams) + len(self.of_pieces.grams) + len(SIGNS)

    def rows(self, readings: Sequence[Reading]) -> csr_matrix:
        blocks = (
            self._words.transform([" ".join(one.words) for one in readings]),
            self._pieces.transform(self._counted_pieces(readings), copy=False),
            csr_matrix(np.array([one.signs for one in readings])),
        )
        weighed = [block * weight for block, weight in zip(blocks, _WEIGHTS, strict=True)]
        return csr_matrix(hstack(weighed, format="csr"))

    def _counted_pieces(self, readings: Sequence[Reading]) -> csr_matrix:
        """How often each piece stands in each text; a word's pieces are looked up once, to be quick."""
        columns: list[int] = []
        ends = [0]
        for one in readings:
            for word in one.words:
                known = self._places_in.get(word)
                columns += self._look_up(word) if known is None else known
            ends.append(len(columns))
        counted = csr_matrix(
            (np.ones(len(columns)), np.array(columns, dtype=np.int32), np.array(ends, dtype=np.int32)),
            shape=(len(readings), len(self.of_pieces.grams)),
        )
        counted.sum_duplicates()
        return counted

    def _look_up(self, word: str) -> list[int]:
        if len(self._places_in) > _MOST_WORDS:
            self._places_in.clear()
        places = [self._piece_places[piece] for piece in pieces(word) if piece in self._piece_places]
        self._places_in[word] = places
        return places


def learn_vocabularies(
    readings: Sequence[Reading], services: Sequence[str], *, least_services: int = 2
) -> Features:
    """Features of those n-grams that posts about several services share.

    What only one service's posts say ("bluetooth", "checkout") would teach whom people complain about.
    """
    return Features(
        _vocabulary([_grams(one.words) for one in readings], services, least_services),
        _vocabulary(
            [[part for word in one.words for part in pieces(word)] for one in readings],
            services,
            least_services + 1,
        ),
    )


def _vocabulary(texts: Sequence[Iterable[str]], services: Sequence[str], least_services: int) -> Vocabulary:
    posts: Counter[str] = Counter()
    seen_in: defaultdict[str, set[str]] = defaultdict(set)
    for grams, service in zip(texts, services, strict=True):
        for gram in set(grams):
            posts[gram] += 1
            seen_in[gram].add(service)
    kept = sorted(gram for gram, where in seen_in.items() if len(where) >= least_services)
    weights = np.array([np.log((1 + len(texts)) / (1 + posts[gram])) + 1 for gram in kept], dtype=np.float64)
    return Vocabulary(kept, weights)


def _grams(words: Sequence[str]) -> list[str]:
    sizes = range(_N_GRAMS[0], _N_GRAMS[1] + 1)
    return [" ".join(words[start : start + size]) for size in sizes for start in range(len(words) - size + 1)]
