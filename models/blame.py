"""Which of several services a post blames: one that works, or is fled to, is not the one that fails.

It goes by the words of a reading, which of another language are its gloss; so one set of patterns serves all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec

# Services in a row share what is said of them: "X and Y are both down", "X, Y and Z work".
_ROW = re.compile(
    r"(?<!from )x(?:svc|other)(?:(?: , (?:and|or)| ,| 、| /| &| \+| and| or| nor)? x(?:svc|other))+"
)
_BREAKS = re.compile(
    r"(?:^| )(?:[^\w\s'&/+]+|but|because|while|whereas|although|(?:even )?though|so|and|why|which|when)"
    r"(?= |$)"
)
_WORKS = re.compile(
    r"\b(?:works|working(?! (?:for|on|from|with|at)\b)|(?:is running|runs)|loads"
    r"|can (?:use|see|watch|play|open) (?:it|xsvc))\b"
    r"|\bxsvc (?:(?!says)\w+ ){0,3}?(?:fine|ok|okay|good|great|perfect|perfectly|alive|normal|normally"
    r"|no (?:problems?|issues?|trouble))\b"
    r"|\bxsvc (?:(?:is|are|still) )*up\b(?! to\b)"
    r"|\bxsvc goes(?: well| fine)?$"
)
_FAILS = re.compile(
    r"\b(?:not|nothing|never|nobody|neither|nor|unable|without|down|out|broken|broke|dead|stopped|errors?|stuck"
    r"|no (?:signal|service|network|connection|internet)|fail(?:s|ed|ing|ure)?|crash(?:es|ed|ing)?|frozen"
    r"|freezes|lagging|outage|offline|fell|slow|slowly|badly|barely|hardly|poorly|only|used to|was)\b"
)
_HARMLESS = re.compile(r"\bnot (?:down|broken|affected)\b")
# "It works again" is a recovery, and "does it work" a question: there the words must tell.
_OPEN = re.compile(
    r"\b(?:again|back|finally|fixed|resolved)\b|^(?:how|anyone|if|(?:is|does|can i|did) (?:my )?xsvc)\b"
)
_BESIDE = re.compile(
    r"\bxsvc (?:is |are |seems |still |just )?(?:works|working|fine|ok|okay|up|alive)\b"
    r"(?! (?:not|only|again|now)\b)"
)
_FLED_TO = re.compile(
    r"\b(?:(?:i switch|switch(?:ed|ing)|mov(?:e|ed|ing)|went|gone|migrated|back|passed|(?:goes|went) through)"
    r" (?:over |back )?(?:from xother )?(?:to|on|for)"
    r"|(?:using|use|via|download|downloaded|downloading|got)(?: right)?(?: now)?) xsvc\b"
    r"|\b(?:to|on) xsvc (?:switched|moved|changed)\b"
    r"|\bxsvc (?:use|using|am using|moved to it)$"
    r"|\b(?:we are|we're|were|i am|i'm|am|them|me|us|her|him|everyone|back|stay)(?: all| right)?(?: now)?"
    r" (?:on|in|to) xsvc\b"
    r"|\b(?:thank god|good thing|hooray) for xsvc\b"
    r"|\bxsvc (?:it is|instead|for now|then)\b"
    r"|^(?:on|to) xsvc$"
)
_DOES = re.compile(r"\bxsvc (?:does|yes|already|if|if works)$")  # "X is down, Y does" (it works)
_IS_NOT = re.compile(r"\bxsvc (?:is|are) not$")  # "X is down, Y is not"
_IS_DOWN = re.compile(r"\b(?:is|are) (?:down|broken|dead|out|offline)\b")
_ONLY_OTHER = re.compile(
    r"\bonly xother (?:(?:is|has|just) )?(?:not|down|dead|fail|crash|will not|does not|stopped)"
)
_CALLING = re.compile(r"\b(?:call|calls|calling|reach|ring|dial|phone|contact)\b")
_CALLED_FROM = re.compile(r"\b(?:from|since) (?:the |my |an? )?xsvc\b|\bof (?:the )?xsvc for xother\b")

# What may stand between the start of a clause and a flight, if it is the writer's own.
_THE_WRITERS = "i we me us am are 'm have had been just now right all already so then also is my xto xreply"
_OF_THE_WRITER = frozenset(_THE_WRITERS.split())
_OF_OTHERS = frozenset(("them", "her", "him", "everyone"))
_SWAPPED = {"xsvc": "xother", "xother": "xsvc"}


class _Said(msgspec.Struct, frozen=True):
    """The clauses that speak of the service asked about, of others, and of both at once."""

    line: str
    ours: list[str]
    theirs: list[str]
    of_both: list[str]


def is_spared(words: Sequence[str]) -> bool:
    """Whether a post that names others too has the service asked about (``xsvc``) work, or be fled to.

    >>> is_spared("xsvc works and xother does not".split())
    True
    >>> is_spared("xother works and xsvc does not".split())
    False
    """
    if "xother" not in words:
        return False
    said = _said(words)
    if "xother" not in said.line:  # what is said of one is said of all
        return False
    return _works(said) or _contrasts(said) or _is_called_from(said) or bool(_flights(said))


def has_fled(words: Sequence[str]) -> bool:
    """Whether the writer has left the service asked about for another, as it fails: that is no hearsay.

    >>> has_fled("moved to xother because xsvc is down".split())
    True
    >>> has_fled("half of brazil moved to xother because xsvc is down".split())
    False
    """
    if _asks_or_links(words):
        return False
    return any(
        _OF_THE_WRITER.issuperset(before.split()) and _OF_OTHERS.isdisjoint(flight.split())
        for before, flight in _flights(_said(_swapped(words)))
    )


def cannot_reach(words: Sequence[str]) -> bool:
    """Whether the writer tries in vain to call the service asked about from another.

    >>> cannot_reach("can not call xsvc from xother".split())
    True
    """
    return not _asks_or_links(words) and _is_called_from(_said(_swapped(words)))


def _asks_or_links(words: Sequence[str]) -> bool:
    return "xother" not in words or "?" in words or "xurl" in words


def _swapped(words: Sequence[str]) -> list[str]:
    return [_SWAPPED.get(word, word) for word in words]


def _said(words: Sequence[str]) -> _Said:
    line = _ROW.sub(lambda row: "xsvc" if "xsvc" in row.group() else "xother", " ".join(words))
    said = _Said(line, [], [], [])
    clauses: list[str] = []
    about: list[str] | None = None
    for clause in filter(None, map(str.strip, _BREAKS.split(line))):
        ours, theirs = "xsvc" in clause, "xother" in clause
        if ours or theirs:
            about = said.of_both if ours and theirs else said.ours if ours else said.theirs
        # A clause that names nobody goes on about whom the one before it named; at the start, the next one.
        clauses.append(clause)
        if about is not None:
            about += clauses
            clauses = []
    return said


def _works(said: _Said) -> bool:
    if any(map(_BESIDE.search, said.of_both)):
        return True
    named = [clause for clause in said.ours if "xsvc" in clause]
    works = any(_WORKS.search(clause) and not _OPEN.search(clause) for clause in named)
    return works and not _fail(said.ours)


def _contrasts(said: _Said) -> bool:
    """Whether it is spared in few words: by what fails beside it."""
    if not _fail(said.theirs):
        return False
    if any(map(_DOES.search, said.ours)) or (_ONLY_OTHER.search(said.line) and "only xsvc" not in said.line):
        return True
    return any(map(_IS_NOT.search, said.ours)) and any(map(_IS_DOWN.search, said.theirs))


def _is_called_from(said: _Said) -> bool:
    """Whether it is where a call comes from that does not reach another."""
    return any(
        _CALLING.search(clause) and _fail([clause]) and _CALLED_FROM.search(clause) for clause in said.of_both
    )


def _flights(said: _Said) -> list[tuple[str, str]]:
    """Each flight to the service asked about from another that fails, after what its clause begins with."""
    if _fail(said.ours) or not _fail([*said.theirs, *said.of_both]):
        return []
    found = [(clause, _FLED_TO.search(clause)) for clause in (*said.ours, *said.of_both)]
    return [(clause[: flight.start()], flight.group()) for clause, flight in found if flight]


def _fail(clauses: Iterable[str]) -> bool:
    return any(_FAILS.search(_HARMLESS.sub("", clause)) for clause in clauses)
