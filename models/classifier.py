"""The classifier: mentions become tagged mentions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

import msgspec
from msgspec.structs import replace
from scipy.special import softmax

from domain.mention import KINDS, Kind, Mention, Symptom, Tag, TaggedMention
from domain.model_version import ModelCard
from domain.service import Service
from models.agreement import agreement, follow
from models.blame import cannot_reach, has_fled, is_spared
from models.decision import kind_of
from models.features import Features, Reading
from models.gloss import lexicon_of
from models.languages import ENGLISH, language_of
from models.learner import Floats, Weights
from models.signs import says_back, signs
from models.symptoms import SymptomRules
from models.text import Names, is_repost, mask
from models.tokens import Tokenizer

Probabilities = tuple[float, float, float, float, float]

_COMPLAINT, _ECHO, _OTHER = map(KINDS.index, (Kind.COMPLAINT, Kind.ECHO, Kind.OTHER))
_AT_ONCE = 512  # mentions; more take memory and win no speed


class Read(msgspec.Struct, frozen=True):
    """One text as it speaks about one service. ``reading`` is ``None`` in a language that is not known."""

    reading: Reading | None
    symptoms: tuple[Symptom, ...]
    lang: str


class Reader:
    """Reads texts into features' readings and symptoms; knows what the services are called."""

    def __init__(self, services: Iterable[Service] = ()) -> None:
        self.names = Names(services)
        self._tokenizer = Tokenizer()
        self._rules: SymptomRules | None = None
        self._generation = -1

    def read(self, text: str, service: str, others: Collection[str] = (), lang: str | None = None) -> Read:
        """One text as it speaks about one service, beside which it names ``others``.

        ``lang`` is the language that its source claims.
        """
        masked = mask(text, self.names.of(service), map(self.names.of, others))
        return self._read_as(language_of(masked, lang), text, masked)

    def read_agreement(self, text: str, english: str, service: str, lang: str | None = None) -> Read:
        """A text that only agrees, as the ``english`` that it stands for: few words fit many languages."""
        return replace(self.read_as(ENGLISH, english, service), lang=self.read(text, service, (), lang).lang)

    def read_as(self, lang: str, text: str, service: str, others: Iterable[str] = ()) -> Read:
        """The same, in a language that is known for sure."""
        return self._read_as(lang, text, mask(text, self.names.of(service), map(self.names.of, others)))

    def _read_as(self, lang: str, text: str, masked: str) -> Read:
        if lang == ENGLISH:
            return self._read(text, masked, (), lang)
        lexicon = lexicon_of(lang)
        if lexicon is None:
            return Read(None, (), lang)
        native = self._tokenizer.words(self._tokenizer.read(masked))
        return self._read(text, " ".join(lexicon.gloss(masked)), native, lang)

    def _read(self, raw: str, english: str, native: Sequence[str], lang: str) -> Read:
        doc = self._tokenizer.read(english)
        if self._rules is None or self._generation != self._tokenizer.generation:
            self._rules, self._generation = SymptomRules(doc.vocab), self._tokenizer.generation
        words = self._tokenizer.words(doc)
        return Read(Reading(words, signs(raw, words), list(native)), self._rules.find(doc), lang)


class Classifier:
    """Tells complaints from echoes, questions, recoveries and the rest; ``model_file.load`` makes one."""

    def __init__(
        self, features: Features, weights: Weights, card: ModelCard, services: Iterable[Service] = ()
    ) -> None:
        self.card = card
        self.features = features
        self.weights = weights
        self._reader = Reader(services)

    @property
    def version(self) -> str:
        return self.card.version

    def tag(self, mentions: Sequence[Mention]) -> list[TaggedMention]:
        """Every mention with one tag for each service it names, in the order they came.

        A tag does not depend on the other mentions, but for a post that only agrees with one of them.
        """
        tagged: list[TaggedMention] = []
        for start in range(0, len(mentions), _AT_ONCE):
            tagged += self._tag_some(mentions[start : start + _AT_ONCE])
        return follow(tagged)

    def _tag_some(self, mentions: Sequence[Mention]) -> list[TaggedMention]:
        read = [[self._read(mention, naming.service) for naming in mention.namings] for mention in mentions]
        readings = [one.reading for of_one in read for one in of_one if one.reading is not None]
        rows = iter(self.probabilities(readings).tolist() if readings else ())
        return [_tagged(mention, of_one, rows) for mention, of_one in zip(mentions, read, strict=True)]

    def _read(self, mention: Mention, service: str) -> Read:
        post = mention.post
        english = agreement(post.text) if post.in_reply_to is not None else None
        if english is not None:
            return self._reader.read_agreement(post.text, english, service, post.lang)
        return self._reader.read(post.text, service, _others(mention, service), post.lang)

    def probabilities(self, readings: Sequence[Reading]) -> Floats:
        """One row for each reading, one column for each kind, in the order of ``Kind``."""
        likely: Floats = softmax(self.weights.logits(self.features.rows(readings)), axis=1)
        return likely


def _tagged(mention: Mention, read: Sequence[Read], rows: Iterator[list[float]]) -> TaggedMention:
    """A mention with its tags; ``rows`` gives the probabilities of each reading in turn."""
    tags = tuple(
        _tag(mention, naming.service, one, next(rows) if one.reading is not None else None)
        for naming, one in zip(mention.namings, read, strict=True)
    )
    unread = [one.lang for one in read if one.reading is None]
    return TaggedMention(mention, tags, (unread or [one.lang for one in read] or [ENGLISH])[0], not unread)


def _tag(mention: Mention, service: str, read: Read, row: list[float] | None) -> Tag:
    words = read.reading.words if read.reading is not None else ()
    ruled = _ruled(mention, words)
    if ruled is None and row is not None:
        if has_fled(words):
            row = _complaining(row, _ECHO)
        elif cannot_reach(words):
            row = _complaining(row, _ECHO, _OTHER)
        probabilities = (row[0], row[1], row[2], row[3], row[4])
    else:
        probabilities = _certain(ruled or Kind.OTHER)
    kind = kind_of(probabilities)
    # Chatter has no symptom: "sent you a message, no problem" names nothing that fails.
    return Tag(service, kind, probabilities, read.symptoms if kind is not Kind.OTHER else ())


def _ruled(mention: Mention, words: Sequence[str]) -> Kind | None:
    """The kind that follows from who wrote and whom they blame; ``None`` if the words alone must tell."""
    if mention.speaks_for is not None:
        return Kind.RECOVERY if says_back(words) else Kind.ECHO
    if mention.post.is_repost or is_repost(mention.post.text):
        return Kind.ECHO
    return Kind.OTHER if is_spared(words) else None


def _complaining(row: Sequence[float], *seeming: int) -> list[float]:
    """Probabilities of a post whose writer suffers: what seems one of these kinds is a complaint."""
    moved = list(row)
    for kind in seeming:
        moved[_COMPLAINT] += moved[kind]
        moved[kind] = 0.0
    return moved


def _certain(kind: Kind) -> Probabilities:
    first, second, third, fourth, fifth = (1.0 if one is kind else 0.0 for one in KINDS)
    return first, second, third, fourth, fifth


def _others(mention: Mention, service: str) -> list[str]:
    if len(mention.namings) == 1:
        return []
    return [naming.service for naming in mention.namings if naming.service != service]
