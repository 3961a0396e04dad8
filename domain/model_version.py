"""A model version: one trained classifier, with the card that says what it is."""

from __future__ import annotations

from datetime import datetime

import msgspec


class ModelCard(msgspec.Struct, frozen=True):
    """Where a classifier comes from and how well it does.

    ``data`` maps each training file to its number of posts; ``figures`` are measured on posts held out.
    ``libraries`` names the versions it was trained and must be loaded with. ``kinds`` gives the share of each
    kind among the held-out verdicts, ``scores`` the shares of its complaint probabilities in ten equal bins
    from 0 to 1: what its work is compared with later. ``parent`` is the version that it was retrained from,
    ``labels_until`` the time of the latest label that taught it.
    """

    version: str
    trained_at: datetime
    data: dict[str, int]
    figures: dict[str, float]
    libraries: dict[str, str]
    kinds: dict[str, float] = {}
    scores: tuple[float, ...] = ()
    parent: str | None = None
    labels_until: datetime | None = None


class ModelVersion(msgspec.Struct, frozen=True):
    """A card with the model itself, as skops bytes."""

    card: ModelCard
    body: bytes
