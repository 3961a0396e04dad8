"""The matcher: which services a post names, and how."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ahocorasick_rs import AhoCorasick, Implementation

from domain.mention import Naming, Via
from domain.service import Service
from models.catalogue import Catalogue
from models.company import Company, Said
from models.folding import fold, goes_on

_SURENESS = {via: place for place, via in enumerate(Via)}
_FAILING = ("", "down", "isdown", "outage")  # what people add to a name to make a hashtag of it
_JOINED = ("störung", "ausfall", "storing", "app", "server")
_MOST_IN_TABLE = 20_000  # names; above that the memory is better spent elsewhere
_REPOSTED = re.compile(r"(?:rt @\w+:? ?)+")
# Addresses name where something lies, not what fails: links, bare hosts with a path, and e-mail addresses.
_ADDRESS = re.compile(
    r"\bhttps?:\S*|\bwww\.\S+|(?<![\w.-])[\w.-]+\.[a-z]{2,}/\S*|(?<![@\w.+-])[\w.+-]+@[\w-]+\.[\w.-]+"
)
_NOT_IN_TAGS = re.compile(r"\W")


class _Claim:
    """One name's hold on a service: alone, or only in ``company``. Without ``naming`` nothing is named."""

    __slots__ = ("company", "naming")

    def __init__(self, naming: Naming | None, company: Company | None = None) -> None:
        self.naming = naming
        self.company = company


_Hit = tuple[int, int, _Claim]  # start and end in the folded text


class Matcher:
    """Finds all names of a catalogue in one pass, whatever their number."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        claims = _claims(catalogue)
        self._names = list(claims)
        self._claims = list(claims.values())
        # Twice as fast as the library's own choice, for some kilobytes a name.
        fast = Implementation.DFA if len(self._names) <= _MOST_IN_TABLE else None
        self._find = AhoCorasick(self._names, implementation=fast).find_matches_as_indexes

    def match(self, text: str) -> tuple[Naming, ...]:
        """Each service that a post names, by its surest way, in the order of the text."""
        folded = fold(text)
        # Overlapping, because a name inside a longer one may be the only one that ends where a word does.
        found = self._find(folded, True)
        if not found or not (hits := self._bounded(folded, found)):
            return ()
        spoken = _spoken(folded)
        if spoken != folded:
            hits = self._bounded(spoken, self._find(spoken, True))
        return self._namings(_longest(_in_company(hits, spoken)))

    def match_many(self, texts: Iterable[str]) -> list[tuple[Naming, ...]]:
        """What ``match`` says of each text."""
        return [self.match(text) for text in texts]

    def _bounded(self, folded: str, found: list[tuple[int, int, int]]) -> list[_Hit]:
        """The names that are not part of a longer word, handle or hashtag."""
        hits: list[_Hit] = []
        last = len(folded)
        for index, start, end in found:
            if end < last and goes_on(folded[end]):
                continue
            before = folded[start - 1] if start else " "
            if before in "@#" or goes_on(before):
                continue
            after = folded[end] if end < last else " "
            for claim in self._claims[index]:
                # An everyday word joined to another is another word: "one-line", "x-ray". But German and
                # Dutch join a name to its failure: "o2-Störung".
                joined = before == "-" or (after == "-" and not folded.startswith(_JOINED, end + 1))
                if not (claim.company and joined):
                    hits.append((start, end, claim))
        return hits

    def _namings(self, hits: list[_Hit]) -> tuple[Naming, ...]:
        surest: dict[str, Naming] = {}
        for _, _, claim in hits:
            if claim.naming is None:
                continue
            known = surest.setdefault(claim.naming.service, claim.naming)
            if _SURENESS[claim.naming.via] < _SURENESS[known.via]:
                surest[known.service] = claim.naming
        if len(surest) < 2:
            return tuple(surest.values())
        gives_way = self._catalogue.gives_way
        return tuple(
            naming
            for service, naming in surest.items()
            if not any(gives_way(service, other) for other in surest)
        )


def _spoken(folded: str) -> str:
    """The text without the account it reposts and without addresses."""
    if folded.startswith("rt @"):
        folded = _REPOSTED.sub("", folded, count=1)
    if "/" in folded or "@" in folded or "www." in folded:
        return _ADDRESS.sub(" ", folded)
    return folded


def _in_company(hits: list[_Hit], folded: str) -> list[_Hit]:
    """The hits that hold: alone, in their company, or beside another name of their service."""
    if not any(claim.company for _, _, claim in hits):
        return hits
    said = Said(folded)
    holds = [claim.company is None or claim.company.is_in(said) for _, _, claim in hits]
    held = [hit for hit, holding in zip(hits, holds, strict=True) if holding]
    named = {claim.naming.service for _, _, claim in _longest(held) if claim.naming}
    return [
        hit
        for hit, holding in zip(hits, holds, strict=True)
        if holding or (hit[2].naming and hit[2].naming.service in named)
    ]


def _longest(hits: list[_Hit]) -> list[_Hit]:
    """Of hits that overlap the leftmost, then the longest; all claims on that place stay."""
    hits.sort(key=lambda hit: (hit[0], -hit[1]))
    kept: list[_Hit] = []
    for hit in _not_silenced(hits):
        if not kept or hit[0] >= kept[-1][1] or hit[:2] == kept[-1][:2]:
            kept.append(hit)
    return kept


def _not_silenced(hits: list[_Hit]) -> list[_Hit]:
    """The names outside the phrases that name nobody: "the notion" silences "notion", not "notion app"."""
    silent = [(start, end) for start, end, claim in hits if claim.naming is None]
    if not silent:
        return hits
    return [
        (start, end, claim)
        for start, end, claim in hits
        if not any(first <= start and end <= last for first, last in silent)
    ]


def _claims(catalogue: Catalogue) -> dict[str, list[_Claim]]:
    """Who claims each name, as it stands in a folded text, its sign before it."""
    claims: dict[str, list[_Claim]] = {}
    for service in catalogue:
        for name, claim in _stated(service):
            claims.setdefault(name, []).append(claim)
    # A hashtag that some service states for itself is not made of another's alias.
    for service in catalogue:
        for alias in service.aliases:
            for ending in _FAILING:
                tag = f"#{_NOT_IN_TAGS.sub('', alias)}{ending}"
                claims.setdefault(tag, [_Claim(Naming(service=service.id, via=Via.HASHTAG))])
    return claims


def _stated(service: Service) -> Iterator[tuple[str, _Claim]]:
    by = {via: Naming(service=service.id, via=via) for via in Via}
    for alias in service.aliases:
        for spelling in _spellings(alias):
            yield spelling, _Claim(by[Via.NAME])
    for handle in dict.fromkeys((*service.handles, *service.handles_official)):
        yield f"@{handle}", _Claim(by[Via.HANDLE])
    for tag in service.hashtags:
        yield f"#{tag}", _Claim(by[Via.HASHTAG])
    for needy in service.needs_company:
        company = Company(needy.word, needy.company)
        for spelling in _spellings(needy.word):
            yield spelling, _Claim(by[Via.NAME], company)
        tag = _NOT_IN_TAGS.sub("", needy.word)
        if tag not in service.hashtags:
            yield f"#{tag}", _Claim(by[Via.HASHTAG], company)
    for phrase in service.not_names:
        for spelling in _spellings(phrase):
            yield spelling, _Claim(None)


def _spellings(name: str) -> Iterator[str]:
    """A name as written, and as sources that escape their texts write it."""
    yield name
    if "&" in name:
        yield name.replace("&", "&amp;")
