"""The classifier: mentions become tagged mentions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from domain.mention import KINDS, Kind, Mention, Symptom, Tag, TaggedMention
from domain.model_version import ModelCard
from domain.service import Service
from models.blame import is_spared
from models.decision import kind_of
from models.features import Features, Reading
from models.signs import says_back, signs
from models.symptoms import SymptomRules
from models.text import Names, is_repost, mask
from models.tokens import Tokenizer

Probabilities = tuple[float, float, float, float, float]

_AT_ONCE = 512  # mentions; more take memory and win no speed


class Reader:
    """Reads texts into features' readings and symptoms; knows what the services are called."""

    def __init__(self, services: Iterable[Service] = ()) -> None:
        self.names = Names(services)
        self._tokenizer = Tokenizer()
        self._rules: SymptomRules | None = None
        self._generation = -1

    def read(
        self, text: str, service: str, others: Iterable[str] = ()
    ) -> tuple[Reading, tuple[Symptom, ...]]:
        """One text as it speaks about one service, beside which it names ``others``."""
        masked = mask(text, self.names.of(service), map(self.names.of, others))
        doc = self._tokenizer.read(masked)
        if self._rules is None or self._generation != self._tokenizer.generation:
            self._rules, self._generation = SymptomRules(doc.vocab), self._tokenizer.generation
        words = self._tokenizer.words(doc)
        return Reading(words, signs(text, words)), self._rules.find(doc)


class Classifier:
    """Tells complaints from echoes, questions, recoveries and the rest; ``model_file.load`` makes one."""

    def __init__(
        self, features: Features, kinds: LogisticRegression, card: ModelCard, services: Iterable[Service] = ()
    ) -> None:
        self.card = card
        self.features = features
        self.kinds = kinds
        self._order = [list(kinds.classes_).index(kind.value) for kind in KINDS]
        self._reader = Reader(services)

    @property
    def version(self) -> str:
        return self.card.version

    def tag(self, mentions: Sequence[Mention]) -> list[TaggedMention]:
        """Every mention with one tag for each service it names, in the order they came."""
        tagged: list[TaggedMention] = []
        for start in range(0, len(mentions), _AT_ONCE):
            tagged += self._tag_some(mentions[start : start + _AT_ONCE])
        return tagged

    def _tag_some(self, mentions: Sequence[Mention]) -> list[TaggedMention]:
        read = [
            self._reader.read(mention.post.text, naming.service, _others(mention, naming.service))
            for mention in mentions
            for naming in mention.namings
        ]
        if not read:
            return [TaggedMention(mention, ()) for mention in mentions]
        rows = iter(zip(read, self.probabilities([one for one, _ in read]).tolist(), strict=True))
        return [
            TaggedMention(
                mention, tuple(_tag(mention, naming.service, *next(rows)) for naming in mention.namings)
            )
            for mention in mentions
        ]

    def probabilities(self, readings: Sequence[Reading]) -> NDArray[np.float64]:
        """One row for each reading, one column for each kind, in the order of ``Kind``."""
        found: NDArray[np.float64] = self.kinds.predict_proba(self.features.rows(readings))
        return found[:, self._order]


def _tag(mention: Mention, service: str, read: tuple[Reading, tuple[Symptom, ...]], row: list[float]) -> Tag:
    ruled = _ruled(mention, read[0])
    probabilities = _certain(ruled) if ruled is not None else (row[0], row[1], row[2], row[3], row[4])
    kind = kind_of(probabilities)
    # Chatter has no symptom: "sent you a message, no problem" names nothing that fails.
    return Tag(service, kind, probabilities, read[1] if kind is not Kind.OTHER else ())


def _ruled(mention: Mention, read: Reading) -> Kind | None:
    """The kind that follows from who wrote and whom they blame; ``None`` if the words alone must tell."""
    if mention.speaks_for is not None:
        return Kind.RECOVERY if says_back(read.words) else Kind.ECHO
    if mention.post.is_repost or is_repost(mention.post.text):
        return Kind.ECHO
    return Kind.OTHER if is_spared(read.words) else None


def _certain(kind: Kind) -> Probabilities:
    first, second, third, fourth, fifth = (1.0 if one is kind else 0.0 for one in KINDS)
    return first, second, third, fourth, fifth


def _others(mention: Mention, service: str) -> list[str]:
    if len(mention.namings) == 1:
        return []
    return [naming.service for naming in mention.namings if naming.service != service]
