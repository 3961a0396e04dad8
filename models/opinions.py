"""Opinions: which kinds a person's label leaves open for a post, as it speaks of one service."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from domain.label import Label, Verdict
from domain.mention import KINDS, Kind

Subject = tuple[str, str, str]  # a post's source and id, and the service that it is judged for

NOT_A_COMPLAINT = frozenset(KINDS) - {Kind.COMPLAINT}


class Opinion(msgspec.Struct, frozen=True):
    """What one person says that one post is, for one service: one of ``kinds``.

    ``weight`` is 1 for a verdict on this very post, and less for one that follows from a larger verdict.
    """

    source: str
    post: str
    service: str
    text: str
    lang: str | None
    by: str
    at: datetime
    kinds: frozenset[Kind]
    weight: float

    @property
    def subject(self) -> Subject:
        return self.source, self.post, self.service


def opinions_of(labels: Iterable[Label]) -> list[Opinion]:
    """What these labels say of posts, the earliest first: one opinion for each person and subject.

    The later one counts, unless the earlier is of more weight: a look at the post itself outlasts a verdict
    on an incident.
    """
    latest: dict[tuple[str, Subject], Opinion] = {}
    for label in sorted(labels, key=lambda label: (label.at, label.id)):
        for opinion in _said_by(label):
            key = opinion.by, opinion.subject
            if key not in latest or latest[key].weight <= opinion.weight:
                latest.pop(key, None)  # so that the later one also comes later
                latest[key] = opinion
    return list(latest.values())


def _said_by(label: Label) -> Iterator[Opinion]:
    if label.post is None or label.untaught is not None:
        return
    if label.verdict is not Verdict.WRONG_SERVICE:
        if label.service is not None:
            yield _opinion(label, label.service, _kinds_of(label))
        return
    if label.instead_of is not None:  # what is said of it is said of another service
        yield _opinion(label, label.instead_of, frozenset({Kind.OTHER}))
    if label.service is not None and label.service != label.instead_of:
        yield _opinion(label, label.service, _kinds_of(label))


def _kinds_of(label: Label) -> frozenset[Kind]:
    if label.kind is not None:
        return frozenset({label.kind})
    # Who only says that it is none leaves open which of the four other kinds it is.
    return NOT_A_COMPLAINT if label.verdict is Verdict.NOT_AN_OUTAGE else frozenset({Kind.COMPLAINT})


def _opinion(label: Label, service: str, kinds: frozenset[Kind]) -> Opinion:
    return Opinion(
        source=label.source or "",
        post=label.post or "",
        service=service,
        text=label.text or "",
        lang=label.lang,
        by=label.by,
        at=label.at,
        kinds=kinds,
        weight=label.weight,
    )
