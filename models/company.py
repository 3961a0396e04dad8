"""The company of an everyday word: what must stand in a post for the word to name a service."""

from __future__ import annotations

import re
from collections.abc import Iterable

from models.folding import goes_on, words

NAME = "~"  # stands for the name itself in a phrase: "is ~ down"

_BETWEEN_WORDS = re.compile(r"[\W_]+")


class Said:
    """A folded text as company is looked for in it: its single words, and all of it in their order."""

    __slots__ = ("line", "words")

    def __init__(self, folded: str) -> None:
        self.words = words(folded)
        self.line = f" {_in_order(folded)} "


class Company:
    """Words and phrases of which one is enough. False when there are none but the name's own words.

    >>> company = Company("steam", ["valve", "is ~ down", "can't connect"])
    >>> [company.is_in(Said(text)) for text in ("is steam down?", "calm down, it's steam", "I cant connect")]
    [True, False, True]
    """

    __slots__ = ("_phrases", "_words")

    def __init__(self, name: str, beside: Iterable[str]) -> None:
        own = words(name)
        alone = {one for one in beside if words(one) == {one}}
        self._words = alone - own  # no name is company to itself
        itself = _in_order(name)
        phrases = (_in_order(phrase.replace(NAME, name)) for phrase in beside if phrase not in alone)
        self._phrases = tuple(dict.fromkeys(_bounded(phrase) for phrase in phrases if phrase not in itself))

    def __bool__(self) -> bool:
        return bool(self._words or self._phrases)

    def is_in(self, said: Said) -> bool:
        """Whether a text holds one of the words or phrases."""
        if not self._words.isdisjoint(said.words):
            return True
        line = said.line
        return any(phrase in line for phrase in self._phrases)


def _in_order(folded: str) -> str:
    """The words with one space between them; "won't" and "wont" are one word."""
    return _BETWEEN_WORDS.sub(" ", folded.replace("n't", "nt")).strip()


def _bounded(phrase: str) -> str:
    """The phrase with a space wherever a longer word must not go on."""
    return " " * goes_on(phrase[0]) + phrase + " " * goes_on(phrase[-1])
