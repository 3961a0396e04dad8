"""Which posts speak for an incident."""

from __future__ import annotations

from collections.abc import Iterable

from domain.incident import Evidence


def surest(told: Iterable[Evidence], most: int) -> list[Evidence]:
    """The ``most`` likeliest of them, the earliest written first."""
    chosen = sorted(told, key=lambda one: (-one.probability, one.written_at, one.source, one.post_id))[:most]
    return sorted(chosen, key=lambda one: (one.written_at, one.source, one.post_id))
