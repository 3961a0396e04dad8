"""The company of an everyday word: what must stand in a post for the word to name a service."""

from __future__ import annotations

import re
from collections.abc import Iterable

from models.folding import goes_on, words

NAME = "~"  # stands for the name itself in a phrase: "is ~ down"

_BETWEEN_WORDS = re.compile(r"\W+")
# One table look-up per character; most posts are ASCII, and for them this is thrice as fast as a pattern.
_TO_SPACES = {code: " " for code in range(128) if not (chr(code).isalnum() or chr(code) == "_")}


class Said:
    """A folded text as company is looked for in it: its words, and all of them in a ``line``."""

    __slots__ = ("line", "words")

    def __init__(self, folded: str) -> None:
        text = _one_spelling(folded)
        if text.isascii():
            parts = text.translate(_TO_SPACES).split()
            self.words = frozenset(parts)
            self.line = f" {' '.join(parts)} "
        else:
            self.words = words(text)
            self.line = f" {_in_order(text)} "


class Company:
    """Words and phrases of which one is enough. False when there are none but the name's own words.

    >>> company = Company("steam", ["valve", "is ~ down", "can't connect"])
    >>> [company.is_in(Said(text)) for text in ("is steam down?", "calm down, it's steam", "I cant connect")]
    [True, False, True]
    """

    __slots__ = ("_alone", "_by_word", "_run_on", "_telling")

    def __init__(self, name: str, beside: Iterable[str]) -> None:
        name = _one_spelling(name)
        own = words(name)
        itself = f" {_in_order(name)} "
        self._by_word: dict[str, list[str]] = {}  # phrases by the word that tells best whether to look
        self._run_on: list[str] = []  # phrases of scripts without spaces, which have no such word
        alone: set[str] = set()
        for written in map(_one_spelling, beside):
            phrase = _in_order(written.replace(NAME, f" {name} "))
            others = words(phrase) - own
            if others == {phrase}:
                alone.add(phrase)
            elif others:
                self._by_word.setdefault(max(others, key=len), []).append(_bounded(phrase))
            elif _bounded(phrase) not in itself:  # no name is company to itself
                self._run_on.append(_bounded(phrase))
        self._alone = frozenset(alone)
        self._telling = frozenset(self._by_word)

    def __bool__(self) -> bool:
        return bool(self._alone or self._by_word or self._run_on)

    def is_in(self, said: Said) -> bool:
        """Whether a text holds one of the words or phrases."""
        if not self._alone.isdisjoint(said.words):
            return True
        line = said.line
        if any(phrase in line for phrase in self._run_on):
            return True
        return any(phrase in line for word in self._telling & said.words for phrase in self._by_word[word])


def _one_spelling(folded: str) -> str:
    """ "won't" as many write it: "wont"."""
    return folded.replace("n't", "nt")


def _in_order(folded: str) -> str:
    return _BETWEEN_WORDS.sub(" ", folded).strip()


def _bounded(phrase: str) -> str:
    """The phrase with a space wherever a longer word must not go on."""
    return " " * goes_on(phrase[0]) + phrase + " " * goes_on(phrase[-1])
