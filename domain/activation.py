"""An activation: from then on a model version is the one that counts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

import msgspec


class Why(StrEnum):
    """Why a version became the one that counts."""

    SHIPPED = "shipped"  # nothing counted before
    PROMOTED = "promoted"  # a retraining found it better
    BY_HAND = "by_hand"  # a person chose it
    ROLLBACK = "rollback"  # a person went back to it


class NothingBefore(Exception):
    """There is no version to go back to."""


class Activation(msgspec.Struct, frozen=True):
    """Which version, since when, why, and who asked for it (``None``: nobody, the house began with it)."""

    version: str
    at: datetime
    why: Why
    by: str | None = None


def version_before(activations: Iterable[Activation]) -> str | None:
    """What a rollback leads to, given every activation, the earliest first; ``None`` if there is nothing.

    Going back again goes further back: never to the version that was left for being bad.

    >>> from datetime import UTC
    >>> at = datetime(2026, 1, 1, tzinfo=UTC)
    >>> first = [Activation(name, at, Why.BY_HAND) for name in ("a", "b", "c")]
    >>> version_before(first)
    'b'
    >>> version_before([*first, Activation("b", at, Why.ROLLBACK)])
    'a'
    """
    path: list[str] = []
    for one in activations:
        if one.why is Why.ROLLBACK and len(path) > 1:
            path.pop()
        if path[-1:] != [one.version]:
            path.append(one.version)
    return path[-2] if len(path) > 1 else None
