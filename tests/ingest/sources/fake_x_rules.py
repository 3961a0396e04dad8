"""X's rule language, as far as it is documented: what a rule says, and whether a text is found by it.

How X divides a text of a script without spaces is not documented; here each sign of it is a word, which is
what Unicode does (UAX #29) and what makes of "LINE落ちてる" a text that holds the word "LINE".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_RUN_ON = "\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uac00-\ud7af"
_WORDS = re.compile(rf"[{_RUN_ON}]|[^\W_{_RUN_ON}]+")
_TOKEN = re.compile(r'\s*(?:(?P<sign>[()])|(?P<minus>-)?(?:"(?P<phrase>[^"]*)"|(?P<term>[^\s()"]+)))')
_KINDS = {"retweet", "reply", "quote"}


class InvalidRule(ValueError):
    """X would not accept this rule."""


@dataclass(frozen=True)
class Said:
    """A text as X compares it with rules."""

    line: str  # its words, with spaces between and around them
    mentions: frozenset[str]
    hashtags: frozenset[str]
    author: str
    is_repost: bool

    @classmethod
    def by(cls, text: str, author: str = "somebody", *, is_repost: bool = False) -> Said:
        """A text is split at whatever is no letter or digit; accounts and hashtags are recognised besides."""
        low = text.lower()
        return cls(
            line=_line(low),
            mentions=frozenset(re.findall(r"(?<![\w@])@([a-z0-9_]{1,15})(?![a-z0-9_])", low)),
            hashtags=frozenset(tag for tag in re.findall(r"(?<!\w)#(\w+)", low) if not tag.isdigit()),
            author=author.lower(),
            is_repost=is_repost,
        )


Test = Callable[[Said], bool]


def parsed(rule: str) -> Test:
    """The test that a rule puts a text to. Raises ``InvalidRule``."""
    parser = _Parser(rule)
    test = parser.alternatives()
    if parser.left():
        raise InvalidRule(f"not understood from here: {parser.left()[:40]}")
    if not parser.stands_alone:
        raise InvalidRule("nothing in it could stand alone")
    return test


class _Parser:
    def __init__(self, rule: str) -> None:
        self._rule = rule
        self._at = 0
        self.stands_alone = False

    def left(self) -> str:
        return self._rule[self._at :].strip()

    def alternatives(self) -> Test:
        tests = [self._together()]
        while self._peek() == "OR":
            self._next()
            tests.append(self._together())
        return lambda said: any(test(said) for test in tests)

    def _together(self) -> Test:
        tests: list[Test] = []
        while self._peek() not in (None, ")", "OR"):
            tests.append(self._one())
        if not tests:
            raise InvalidRule("an operator is missing")
        return lambda said: all(test(said) for test in tests)

    def _one(self) -> Test:
        found = self._next()
        if found["sign"] == "(":
            inner = self.alternatives()
            if self._peek() != ")":
                raise InvalidRule("a parenthesis is not closed")
            self._next()
            return inner
        test = _phrase(found["phrase"]) if found["phrase"] is not None else _term(found["term"])
        if not found["minus"]:
            self.stands_alone |= not str(found["term"]).startswith("is:")
            return test
        return lambda said: not test(said)

    def _peek(self) -> str | None:
        found = _TOKEN.match(self._rule, self._at)
        if found is None:
            return None
        return found["sign"] or found["term"] or '"'

    def _next(self) -> re.Match[str]:
        found = _TOKEN.match(self._rule, self._at)
        if found is None:
            raise InvalidRule(f"not understood: {self.left()[:40]}")
        self._at = found.end()
        return found


def _phrase(text: str) -> Test:
    phrase = _line(text.lower())
    if not phrase.strip():
        raise InvalidRule("a phrase without words")
    return lambda said: phrase in said.line


def _line(low: str) -> str:
    return f" {' '.join(_WORDS.findall(low))} "


def _term(text: str) -> Test:
    low = text.lower()
    if low in ("and", "not", "or"):
        raise InvalidRule(f"{text} is no word")
    if text.startswith("@") and re.fullmatch(r"\w{1,15}", text[1:], re.ASCII):
        return lambda said: low[1:] in said.mentions
    if text.startswith("#") and re.fullmatch(r"\w+", text[1:]) and not text[1:].isdigit():
        return lambda said: low[1:] in said.hashtags
    if low.startswith("from:") and re.fullmatch(r"\w{1,15}", text[5:], re.ASCII):
        return lambda said: low[5:] == said.author
    if low.startswith("is:") and low[3:] in _KINDS:
        return lambda said: low == "is:retweet" and said.is_repost
    if not text.isalnum():
        raise InvalidRule(f"{text} needs quotes, or is no operator")
    return _phrase(low)
