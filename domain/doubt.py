"""A doubt: a tag of which the classifier is unsure, so that a person's verdict on it would teach most."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from domain.mention import KINDS, Kind

UNSURE = 0.5  # from here on a tag is a doubt: on a usual day about one in five is
SURE = 0.75  # a tag with a likelier kind than this is none, whatever the other kinds are
LONGEST_TEXT = 2_000  # characters; the classifier reads no more of a post

_COMPLAINT = KINDS.index(Kind.COMPLAINT)
_LINK_OR_HANDLE = re.compile(r"https?://\S+|www\.\S+|@\w+")
_WORD = re.compile(r"[^\W\d_]+")


class Doubt(msgspec.Struct, frozen=True):
    """A post, the service it was judged for, and how: it names no author.

    ``probabilities`` are in the order of ``Kind``; ``unsure`` goes from 0 to 1.
    """

    source: str
    post: str
    service: str
    text: str
    written_at: datetime
    probabilities: tuple[float, float, float, float, float]
    unsure: float
    url: str | None = None
    lang: str | None = None

    @property
    def kind(self) -> Kind:
        """The likeliest kind."""
        return KINDS[max(range(len(KINDS)), key=self.probabilities.__getitem__)]


def unsureness(probabilities: Sequence[float]) -> float:
    """How unsure a verdict is, from 0 to 1.

    It is the mean of how near the two likeliest kinds are (margin sampling: Scheffer, Decomain and Wrobel,
    2001) and of how near "complaint" and all the rest are, for complaints are what is counted.

    >>> round(unsureness((0.5, 0.5, 0.0, 0.0, 0.0)), 2), round(unsureness((0.0, 0.5, 0.5, 0.0, 0.0)), 2)
    (1.0, 0.5)
    """
    first, second = sorted(probabilities, reverse=True)[:2]
    complaint = probabilities[_COMPLAINT]
    return ((1 - (first - second)) + (1 - abs(2 * complaint - 1))) / 2


def gist(text: str) -> str:
    """Sixteen digits that near-identical texts share: those of the same words, whatever stands between them.

    >>> gist("Netflix down AGAIN!! https://t.co/1") == gist("@netflix again: netflix down 2")
    True
    """
    words = sorted(set(_WORD.findall(_LINK_OR_HANDLE.sub(" ", text.lower()))))
    return hashlib.blake2b(" ".join(words).encode("utf-8", "replace"), digest_size=8).hexdigest()


def spread(doubts: Iterable[Doubt], most: int) -> list[Doubt]:
    """The ``most`` unsure ones, in turns: every service's most unsure one first, then its second, and on."""
    turns: dict[str, int] = defaultdict(int)
    ranked: list[tuple[int, Doubt]] = []
    for doubt in sorted(doubts, key=_rank):
        ranked.append((turns[doubt.service], doubt))
        turns[doubt.service] += 1
    ranked.sort(key=lambda one: one[0])  # stable: within a turn the most unsure comes first
    return [doubt for _, doubt in ranked[:most]]


def _rank(doubt: Doubt) -> tuple[float, str, str]:
    return -doubt.unsure, doubt.source, doubt.post
