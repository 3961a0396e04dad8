"""Features: a masked mention as one row of numbers (word 1- to 3-grams, parts of words, signs)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfTransformer

from models.signs import SIGNS
from models.tokens import pieces

# Says which way of making features a model was trained with; a change in text.py, tokens.py, signs.py,
# languages.py, a lexicon or here that moves any number needs a new one, so that an old model is refused and
# not silently wrong.
FEATURES = 2

_WEIGHTS = (1.0, 0.7, 0.35)  # of words, parts of words and signs; chosen by cross-validation
_LONGEST_GRAM = 3  # words
_MOST_WORDS = 100_000  # whose pieces are remembered


class Reading(msgspec.Struct, frozen=True):
    """One mention's text, read once: its words, in English, and its signs.

    ``native`` are the words of a post in another language, as they stand there; ``words`` then are its gloss.
    """

    words: list[str]
    signs: list[float]
    native: list[str] = []


class Vocabulary(msgspec.Struct, frozen=True):
    """The n-grams that count, in a fixed order, each with its weight (inverse document frequency)."""

    grams: list[str]
    weights: NDArray[np.float64]


class Features:
    """Turns readings into rows, by two vocabularies that training found."""

    def __init__(self, of_words: Vocabulary, of_pieces: Vocabulary) -> None:
        self.of_words, self.of_pieces = of_words, of_pieces
        self._words = TfidfTransformer(sublinear_tf=True)
        self._words.idf_ = of_words.weights
        self._gram_places = {gram: place for place, gram in enumerate(of_words.grams)}
        self._pieces = TfidfTransformer(sublinear_tf=True)
        self._pieces.idf_ = of_pieces.weights
        self._piece_places = {piece: place for place, piece in enumerate(of_pieces.grams)}
        self._places_in: dict[str, list[int]] = {}  # the columns of a word's pieces

    @property
    def count(self) -> int:
        return len(self.of_words.grams) + len(self.of_pieces.grams) + len(SIGNS)

    def rows(self, readings: Sequence[Reading]) -> csr_matrix:
        blocks = (
            _shares(self._words, _counted(map(self._grams_of, readings), len(self._gram_places))),
            _shares(self._pieces, _counted(map(self._pieces_of, readings), len(self._piece_places))),
            csr_matrix(np.array([one.signs for one in readings]).reshape(-1, len(SIGNS))),
        )
        weighed = [block * weight for block, weight in zip(blocks, _WEIGHTS, strict=True)]
        return csr_matrix(hstack(weighed, format="csr"))

    def _grams_of(self, one: Reading) -> list[int]:
        found = self._grams_in(one.words)
        return found + self._grams_in(one.native) if one.native else found

    def _pieces_of(self, one: Reading) -> list[int]:
        found = self._pieces_in(one.words)
        return found + self._pieces_in(one.native) if one.native else found

    def _grams_in(self, words: Iterable[str]) -> list[int]:
        """The columns of a text's n-grams. One is kept only if the shorter ones in it are."""
        place_of = self._gram_places.get
        found: list[int] = []
        word_before = pair_before = ""  # empty: not kept
        for word in words:
            known = place_of(word)
            if known is None:
                word_before = pair_before = ""
                continue
            found.append(known)
            pair = ""
            if word_before:
                pair = f"{word_before} {word}"
                known = place_of(pair)
                if known is None:
                    pair = ""
                else:
                    found.append(known)
                    if pair_before and (known := place_of(f"{pair_before} {word}")) is not None:
                        found.append(known)
            word_before, pair_before = word, pair
        return found

    def _pieces_in(self, words: Iterable[str]) -> list[int]:
        """The columns of the pieces of a text's words; each word is looked up once, to be quick."""
        found: list[int] = []
        known_in = self._places_in.get
        for word in words:
            known = known_in(word)
            found += self._look_up(word) if known is None else known
        return found

    def _look_up(self, word: str) -> list[int]:
        if len(self._places_in) > _MOST_WORDS:
            self._places_in.clear()
        places = [self._piece_places[piece] for piece in pieces(word) if piece in self._piece_places]
        self._places_in[word] = places
        return places


def _shares(weighing: TfidfTransformer, counted: csr_matrix) -> csr_matrix:
    """Each count as a share of its text, a rare n-gram's the larger."""
    # scikit-learn refuses what has no rows, or no columns.
    return weighing.transform(counted, copy=False) if min(counted.shape) else counted


def _counted(texts: Iterable[list[int]], width: int) -> csr_matrix:
    """How often each column stands in each text."""
    columns: list[int] = []
    ends = [0]
    for found in texts:
        columns += found
        ends.append(len(columns))
    counted = csr_matrix(
        (np.ones(len(columns)), np.array(columns, dtype=np.int32), np.array(ends, dtype=np.int32)),
        shape=(len(ends) - 1, width),
    )
    counted.sum_duplicates()
    return counted


def learn_vocabularies(
    readings: Sequence[Reading],
    services: Sequence[str],
    *,
    known: Features | None = None,
    least_services: int = 2,
) -> Features:
    """Features of those n-grams that posts about several services share, beside those already ``known``.

    What only one service's posts say ("bluetooth", "checkout") would teach whom people complain about.
    """
    words, parts = (known.of_words, known.of_pieces) if known is not None else (None, None)
    return Features(
        _vocabulary(map(grams_of, readings), services, words, least_services),
        _vocabulary(map(pieces_of, readings), services, parts, least_services + 1),
    )


def _vocabulary(
    texts: Iterable[Iterable[str]], services: Sequence[str], known: Vocabulary | None, least_services: int
) -> Vocabulary:
    posts: Counter[str] = Counter()
    seen_in: defaultdict[str, set[str]] = defaultdict(set)
    for grams, service in zip(texts, services, strict=True):
        for gram in set(grams):
            posts[gram] += 1
            seen_in[gram].add(service)
    least = min(least_services, len(set(services)))
    before = dict(zip(known.grams, known.weights.tolist(), strict=True)) if known else {}
    new = sorted(gram for gram, where in seen_in.items() if len(where) >= least and gram not in before)
    rarity = [np.log((1 + len(services)) / (1 + posts[gram])) + 1 for gram in new]
    return Vocabulary([*before, *new], np.array([*before.values(), *rarity], dtype=np.float64))


def grams_of(one: Reading) -> list[str]:
    """Every word 1- to 3-gram of a reading."""
    sizes = range(1, _LONGEST_GRAM + 1)
    return [
        " ".join(words[start : start + size])
        for words in (one.words, one.native)
        for size in sizes
        for start in range(len(words) - size + 1)
    ]


def pieces_of(one: Reading) -> list[str]:
    """Every part of a word of a reading."""
    return [part for word in (*one.words, *one.native) for part in pieces(word)]
