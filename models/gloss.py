"""The gloss: a post in another language in the English words by which it is judged.

A lexicon holds phrases of a language, each with what an English customer would say for it ("no funciona":
"not working"). Whatever English posts taught then holds for all languages that have a lexicon.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from models.folding import runs_on

LEXICONS = Path(__file__).parent.parent / "data" / "lexicons"

_TOKEN = re.compile(r"[^\W_]+|[^\w\s']")
_MARK = re.compile(r"x(?:svc|other|user|url|num|code|to|reply)")
_RUNNING = re.compile(r"x(?:svc|other|user|url|num|code|to|reply)|[a-z0-9]+|[^\w\s]|\S")
# English words that the whole world uses of what fails.
_LOANED = """
app apps server servers error errors login online offline internet wifi update updates bug bugs lag
down status feedback stream streaming website browser chrome firefox safari android iphone ipad ios
pc laptop router modem help fix fail crash lol wtf omg ok hotspot roaming chat timeline feed spam dm
password email link gb 4g 5g lte sim esim
"""
_LOANS = frozenset(_LOANED.split())
_FOLDED = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l"})
_LONGEST_RUN = 16  # characters of a phrase in a script without spaces


class LexiconError(ValueError):
    """A lexicon that cannot be read; the sentence names the file, the line and the mend."""


class Lexicon:
    """The phrases of one language, and their English."""

    def __init__(self, phrases: Iterable[tuple[str, str]]) -> None:
        self._spaced: dict[tuple[str, ...], list[str]] = {}
        self._longest: dict[str, int] = {}  # by its first word, how many words a phrase may have
        self._running: dict[str, list[str]] = {}
        for phrase, gloss in phrases:
            if runs_on(phrase):
                self._running[phrase] = gloss.split()
            else:
                words = tuple(_TOKEN.findall(without_accents(phrase)))
                self._spaced.setdefault(words, gloss.split())
                self._longest[words[0]] = max(len(words), self._longest.get(words[0], 0))

    def gloss(self, masked: str) -> list[str]:
        """The English words of a masked text; its marks and signs stay, unknown words are dropped.

        >>> spanish = Lexicon([("no funciona", "not working"), ("desde", "since")])
        >>> spanish.gloss("xsvc no funciona desde las xnum!")
        ['xsvc', 'not', 'working', 'since', 'xnum', '!']
        """
        if self._running and runs_on(masked):
            return list(self._of_running(masked))
        return list(self._of_words(_TOKEN.findall(without_accents(masked))))

    def _of_words(self, words: list[str]) -> Iterator[str]:
        at, last = 0, len(words)
        while at < last:
            word = words[at]
            for size in range(min(self._longest.get(word, 0), last - at), 0, -1):
                gloss = self._spaced.get(tuple(words[at : at + size]))
                if gloss is not None:
                    yield from gloss
                    at += size
                    break
            else:
                if not any(map(str.isalpha, word)) or word in _LOANS or _MARK.fullmatch(word):
                    yield word
                at += 1

    def _of_running(self, text: str) -> Iterator[str]:
        at, last = 0, len(text)
        while at < last:
            for size in range(min(_LONGEST_RUN, last - at), 0, -1):
                gloss = self._running.get(text[at : at + size])
                if gloss is not None:
                    yield from gloss
                    at += size
                    break
            else:
                found = _RUNNING.match(text, at)
                if found is None:
                    at += 1
                    continue
                word = found.group()
                if _MARK.fullmatch(word) or word in _LOANS or not word[0].isalnum():
                    yield word
                at = found.end()


@cache
def lexicon_of(lang: str) -> Lexicon | None:
    """The lexicon that ships for a language (ISO 639-1), if there is one."""
    path = LEXICONS / f"{lang}.tsv"
    return Lexicon(read_lexicon(path)) if path.exists() else None


def read_lexicon(path: Path) -> list[tuple[str, str]]:
    """The phrases of a file, one a line with a tab before its English. Raises ``LexiconError``."""
    found: dict[str, str] = {}
    for number, line in enumerate(_text_of(path).splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        phrase, tab, gloss = (part.strip() if part != "\t" else part for part in line.partition("\t"))
        where = f"{path.name}, line {number}"
        if not tab or not _TOKEN.search(without_accents(phrase)):
            raise LexiconError(f"{where}: must be a phrase, a tab, and its English (or nothing)")
        if not gloss.isascii() or gloss != gloss.lower():
            raise LexiconError(f"{where}: {gloss!r} must be plain English in lower case")
        if phrase in found:
            raise LexiconError(f"{where}: {phrase!r} stands there twice; keep one of them")
        found[phrase] = gloss
    return list(found.items())


def _text_of(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as problem:
        number = problem.object[: problem.start].count(b"\n") + 1
        raise LexiconError(f"{path.name}, line {number}: is not UTF-8; save the file as UTF-8") from problem


def without_accents(text: str) -> str:
    """Letters without their accents: "caída" as many type it, "caida".

    >>> without_accents("störung, já caída")
    'storung, ja caida'
    """
    if text.isascii():
        return text
    split = unicodedata.normalize("NFKD", text.translate(_FOLDED))
    return "".join(char for char in split if not unicodedata.combining(char))
