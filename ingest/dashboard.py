"""What an official dashboard is: the contract that every file of ``ingest/dashboards/`` fulfils."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from domain.notice import OfficialState


class Unreadable(Exception):
    """A dashboard's answer is not what it should be. The text says what is wrong, and where."""


class Claim(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a dashboard says just now of one component's trouble.

    ``component`` is the name that the page gives to what fails; ``None`` where the page names none, which
    speaks of all of them. ``id`` is the page's own for the trouble, if it has one. ``started_at`` and
    ``ended_at`` are what the page claims; ``state`` is ``WELL`` once it says that the trouble is over.
    ``planned`` tells work that was announced from a failure, also when it is over.
    """

    component: str | None
    state: OfficialState
    id: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    text: str = ""
    url: str | None = None
    planned: bool = False


class LeftOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """An entry of a dashboard that could not be understood, and why.

    ``id`` and ``component`` are whose entry it is, as far as that can be told. Whatever it may be about has
    not vanished from the page, though no claim speaks of it.
    """

    why: str
    id: str | None = None
    component: str | None = None


class Reading(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one answer of a dashboard says: its claims, and the entries that could not be understood."""

    claims: tuple[Claim, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


class DashboardKind(Protocol):
    """How the dashboards of one vendor or product are read.

    ``about`` says in one sentence what it reads. ``ids_last``: a trouble keeps its id for ever, so two ids
    are two troubles.
    """

    about: str
    ids_last: bool

    def addresses(self, page: str) -> Sequence[str]:
        """The addresses that hold a page's statements for programs, made from the page's own address."""

    def read(self, address: str, body: bytes) -> Reading:
        """What an answer says. Raises ``Unreadable``; a single strange entry is only left out."""
