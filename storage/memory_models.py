"""Model versions, in memory."""

from __future__ import annotations

from datetime import datetime

from domain.activation import Activation, Why
from domain.model_version import ModelCard, ModelVersion


class MemoryModels:
    """The twin of ``SqlModels``, for one process."""

    def __init__(self) -> None:
        self._versions: dict[str, ModelVersion] = {}
        self._activations: list[Activation] = []

    def add(self, version: ModelVersion) -> None:
        self._versions.setdefault(version.card.version, version)

    def activate(self, version: str, at: datetime, *, why: Why = Why.BY_HAND, by: str | None = None) -> None:
        if version not in self._versions:
            raise KeyError(version)
        self._activations.append(Activation(version, at, why, by))

    def active(self) -> str | None:
        return self._activations[-1].version if self._activations else None

    def activations(self) -> list[Activation]:
        return list(self._activations)

    def get(self, version: str) -> ModelVersion | None:
        return self._versions.get(version)

    def cards(self) -> list[ModelCard]:
        cards = [version.card for version in self._versions.values()]
        return sorted(cards, key=lambda card: (card.trained_at, card.version), reverse=True)

    def prune(self, keep: int) -> int:
        counted = {activation.version for activation in self._activations}
        never = [card.version for card in self.cards() if card.version not in counted]
        for version in never[keep:]:
            del self._versions[version]
        return len(never[keep:])
