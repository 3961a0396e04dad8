"""Text with its names masked, so that a classifier learns how people complain and not of whom.

A masked text is lower-cased and holds these marks: ``xsvc`` the service that is asked about, ``xother``
another service, ``xuser`` a person's handle, ``xurl`` a link, ``xnum`` a number, ``xcode`` an HTTP error's
number; and, in place of the handles at its very start, ``xto`` (a service was addressed) and ``xreply``
(somebody else was).
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable

from domain.service import Service
from models.folding import RUN_ON

LONGEST = 2_000  # characters; whoever writes more has said by then what fails

_INVISIBLE = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060\ufe0e\ufe0f\ufeff\ud800-\udfff]+")
_QUOTES = str.maketrans("\u2018\u2019\u00b4`\u201c\u201d\u2026", "''''\"\".")
_REPOST = re.compile(r"\s*RT\s+@\w+", re.IGNORECASE)
_PIECE = re.compile(
    r"(?=[hwp@#\d\uff20\uff03])(?:"  # only here may one begin, which is quick to see
    r"(?P<url>https?://\S+|www\.\S+|\bpic\.twitter\.com/\S+)"
    r"|(?P<handle>[@\uff20][\w.]{1,64})"
    r"|(?P<hashtag>[#\uff03]\w{1,64})"
    r"|(?P<number>(?<![^\W\d_])\d[\d.,:/]*))"
)
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{1,64}")
_MAIL_SIGN = re.compile(r"\w@\w")
_ADDRESSED = re.compile(r"(?:\s*(?:xsvc|xuser|xother)@)+")
_LONG_DRAWN = re.compile(r"([^\W\d_])\1{2,}|([^\w\s])\2{3,}")
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_GOES_ON = (
    rf"[^\W{RUN_ON}]"  # "iMessageが送れない" names iMessage: there a name ends amid what looks like a word
)
_NEVER = re.compile(r"(?!)")
_TAILS = {
    "isdown": "is down",
    "notworking": "not working",
    "isbroken": "is broken",
    "down": "down",
    "outage": "outage",
    "fail": "fail",
    "crash": "crash",
    "issues": "issues",
    "sucks": "sucks",
}


def is_repost(text: str) -> bool:
    """Whether a text says by itself that it repeats another's ("RT @somebody ...")."""
    return _REPOST.match(text[:LONGEST]) is not None


class Names:
    """What each service is called, from the catalogue; without one, a service is known by its id alone."""

    def __init__(self, services: Iterable[Service] = ()) -> None:
        self._services = {service.id: service for service in services}
        self._known: dict[str, NamesOfOne] = {}

    def of(self, service: str) -> NamesOfOne:
        known = self._known.get(service)
        if known is None:
            known = self._known[service] = NamesOfOne(service, self._services.get(service))
        return known

    def others_in(self, text: str, service: str) -> tuple[str, ...]:
        """The other services that a text names plainly. Slow: it asks each service in turn."""
        lowered = text.lower()
        return tuple(
            other for other in self._services if other != service and self.of(other).plain_in(lowered)
        )


class NamesOfOne:
    """The names of one service, as patterns."""

    def __init__(self, service: str, known: Service | None) -> None:
        plain = {service, service.replace("-", " "), service.replace("_", " "), service.replace("-", "")}
        handles: set[str] = set()
        company: set[str] = set()
        if known is not None:
            plain |= {known.name.lower(), *known.aliases, *known.hashtags}
            handles = {*known.handles, *known.handles_official}
            company = {needed.word for needed in known.needs_company}
            plain -= company
        self._handles = frozenset(handle.lower() for handle in handles)
        self._stems = tuple(sorted({_letters(name) for name in plain if len(_letters(name)) >= 4}, key=len))
        self._plain = _any_of(plain)
        self._all = _any_of(plain | company)

    def plain_in(self, lowered: str) -> bool:
        return self._plain.search(lowered) is not None

    def mask(self, lowered: str, mark: str) -> str:
        return self._all.sub(mark, lowered)

    def is_handle(self, handle: str) -> bool:
        """Whether a handle (lower case, without its sign) speaks of this service."""
        return handle in self._handles or any(stem in handle for stem in self._stems)

    def split(self, hashtag: str) -> str | None:
        """What is left of a hashtag beside the name ("githubdown": "down"); ``None`` if it names another."""
        for stem in reversed(self._stems):
            if hashtag.startswith(stem):
                return hashtag[len(stem) :]
            if hashtag.endswith(stem):
                return hashtag[: -len(stem)]
        return None


def _any_of(names: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted({name.lower() for name in names if name}, key=lambda name: (-len(name), name))
    if not longest_first:
        return _NEVER  # of no alternative, a pattern would match between any two signs
    return re.compile(f"(?<!{_GOES_ON})(?:" + "|".join(map(re.escape, longest_first)) + f")(?!{_GOES_ON})")


def _letters(name: str) -> str:
    return re.sub(r"\W|_", "", name.lower())


def mask(text: str, asked: NamesOfOne, others: Iterable[NamesOfOne] = ()) -> str:
    """A text as the classifier reads it: lower case, one space between words, names masked.

    >>> mask("@GitHub is DOWN sooooo annoying #githubdown https://t.co/x", Names().of("github"))
    'xto is down soo annoying xsvc down xurl'
    >>> mask("@someone same problem here, 3 hours now", Names().of("github"))
    'xreply same problem here, xnum hours now'
    """
    others = tuple(others)

    def replaced(found: re.Match[str]) -> str:
        sort, piece = found.lastgroup, found.group()
        if sort == "url":
            return " xurl "
        if sort == "handle":
            return f" {_handle(piece[1:].lower(), asked, others)}@ "
        if sort == "hashtag":
            return f" {_hashtag(piece[1:], asked, others)} "
        return " xcode " if len(piece) == 3 and piece[:2] in ("40", "50", "52") else " xnum "

    lowered = _PIECE.sub(replaced, _plain(text)).lower()
    addressed = _ADDRESSED.match(lowered)
    if addressed:
        lowered = _start(addressed.group()) + lowered[addressed.end() :]
    lowered = asked.mask(lowered.replace("@", " "), "xsvc")
    for other in others:
        lowered = other.mask(lowered, "xother")
    return " ".join(_LONG_DRAWN.sub(_shortened, lowered).split())


def _plain(text: str) -> str:
    """A text without control characters, entities and typographic variants, and not too long."""
    text = text[:LONGEST]
    if "&" in text:
        text = html.unescape(text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.translate(_QUOTES))[:LONGEST]
    if _MAIL_SIGN.search(text):
        text = _MAIL.sub(" xuser ", text)
    return _INVISIBLE.sub(" ", text)


def _handle(handle: str, asked: NamesOfOne, others: tuple[NamesOfOne, ...]) -> str:
    if asked.is_handle(handle):
        return "xsvc"
    return "xother" if any(other.is_handle(handle) for other in others) else "xuser"


def _hashtag(hashtag: str, asked: NamesOfOne, others: tuple[NamesOfOne, ...]) -> str:
    rest = asked.split(hashtag.lower())
    if rest is not None:
        return f"xsvc {_TAILS.get(rest, rest)}"
    for other in others:
        rest = other.split(hashtag.lower())
        if rest is not None:
            return f"xother {_TAILS.get(rest, rest)}"
    return _HUMPS.sub(" ", hashtag).replace("_", " ")


def _start(addressed: str) -> str:
    marks = ["xto"] if "xsvc" in addressed else []
    if "xuser" in addressed or "xother" in addressed:
        marks.append("xreply")
    return " ".join(marks) + " "


def _shortened(found: re.Match[str]) -> str:
    return found.group()[:2] if found.group(1) else found.group()[:3]
