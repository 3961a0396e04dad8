"""Matching: which services a post names. One core."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from benchmarks.figures import Figure, measured
from benchmarks.material import catalogue, demo, stream_texts
from domain.service import Service
from models.catalogue import Catalogue
from models.matcher import Matcher

POSTS = 10_000
LARGER = 10
_RARE = "qxzjvkwyh"


def matching() -> Iterator[Figure]:
    """A public stream and the demo with the shipped catalogue; the stream with ten times the names."""
    stream = stream_texts(POSTS)
    shipped, large = Matcher(catalogue()), Matcher(larger(catalogue(), LARGER))
    usual = measured("matching a stream", "posts", lambda: _match(shipped, stream))
    yield usual
    many = measured(f"matching, {LARGER} x names", "posts", lambda: _match(large, stream))
    yield many.compared(usual, "the shipped names'")
    chatter = [post.text for post in demo().posts]
    named = measured("matching the demo", "posts", lambda: _match(shipped, chatter))
    yield named.compared(usual, "a stream's")


def _match(matcher: Matcher, texts: list[str]) -> int:
    return len(matcher.match_many(texts))


def larger(shipped: Catalogue, times: int) -> Catalogue:
    """A catalogue with ``times`` as many names: each service again, under names that look like its own."""
    services = {service.id: service for service in shipped}
    for number in range(1, times):
        for service in shipped:
            other = _renamed(service, number)
            services[other.id] = other
    return Catalogue(services)


def _renamed(service: Service, number: int) -> Service:
    def all_of(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_other_name(name, number) for name in names)

    return msgspec.structs.replace(
        service,
        id=f"{service.id}_{number}",
        aliases=all_of(service.aliases),
        needs_company=tuple(
            msgspec.structs.replace(needy, word=_other_name(needy.word, number))
            for needy in service.needs_company
        ),
        handles=all_of(service.handles),
        handles_official=all_of(service.handles_official),
        hashtags=all_of(service.hashtags),
        not_names=all_of(service.not_names),
    )


def _other_name(name: str, number: int) -> str:
    """A name as long as this one that begins alike, so that the search has to go as deep."""
    middle = max(1, len(name) // 2)
    turn, letter = divmod(number - 1, len(_RARE))
    letters = [rare for rare in _RARE if rare not in name] or list(_RARE)
    other = name[:middle] + letters[letter % len(letters)] + name[middle + 1 :]
    return other[:-1] + letters[turn % len(letters)] if turn else other
