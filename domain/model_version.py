"""A model version: one trained classifier, with the card that says what it is."""

from __future__ import annotations

from datetime import datetime

import msgspec


class ModelCard(msgspec.Struct, frozen=True):
    """Where a classifier comes from and how well it does.

    ``data`` maps each training file to its number of posts; ``figures`` are measured on posts held out.
    ``libraries`` names the versions it was trained and must be loaded with.
    """

    version: str
    trained_at: datetime
    data: dict[str, int]
    figures: dict[str, float]
    libraries: dict[str, str]


class ModelVersion(msgspec.Struct, frozen=True):
    """A card with the model itself, as skops bytes."""

    card: ModelCard
    body: bytes
