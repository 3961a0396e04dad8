"""Model versions, in memory."""

from __future__ import annotations

from datetime import datetime

from domain.model_version import ModelCard, ModelVersion


class MemoryModels:
    """The twin of ``SqlModels``, for one process."""

    def __init__(self) -> None:
        self._versions: dict[str, ModelVersion] = {}
        self._activations: list[tuple[str, datetime]] = []

    def add(self, version: ModelVersion) -> None:
        self._versions.setdefault(version.card.version, version)

    def activate(self, version: str, at: datetime) -> None:
        if version not in self._versions:
            raise KeyError(version)
        self._activations.append((version, at))

    def active(self) -> str | None:
        return self._activations[-1][0] if self._activations else None

    def get(self, version: str) -> ModelVersion | None:
        return self._versions.get(version)

    def cards(self) -> list[ModelCard]:
        cards = [version.card for version in self._versions.values()]
        return sorted(cards, key=lambda card: (card.trained_at, card.version), reverse=True)
