"""Which version counts, chosen by hand: only one that can be loaded here is ever kept or activated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.activation import Activation, NothingBefore, Why, version_before
from domain.model_version import ModelCard, ModelVersion
from domain.service import Service
from models.shipped import ModelRefused
from storage.interfaces import Models


@dataclass(frozen=True)
class Versions:
    """What a person may do with the versions that are kept.

    A version that cannot be loaded here raises ``ModelRefused``, which names it.
    """

    models: Models
    services: Sequence[Service]

    def activate(self, version: str, by: str, now: datetime) -> Activation:
        """Let a kept version count. Raises ``KeyError`` for an unknown one."""
        return self._activate(version, Why.BY_HAND, by, now)

    def roll_back(self, by: str, now: datetime) -> Activation:
        """Let the version count again that did before. Raises ``NothingBefore``."""
        before = version_before(self.models.activations())
        if before is None:
            raise NothingBefore(f"no other version counted before {self.models.active()}")
        return self._activate(before, Why.ROLLBACK, by, now)

    def take_in(self, version: ModelVersion) -> ModelCard:
        """Keep a version that was trained elsewhere, without activating it."""
        self._check(version)
        self.models.add(version)
        return version.card

    def _activate(self, version: str, why: Why, by: str, now: datetime) -> Activation:
        kept = self.models.get(version)
        if kept is None:
            raise KeyError(version)
        self._check(kept)
        self.models.activate(version, now, why=why, by=by)
        return Activation(version, now, why, by)

    def _check(self, version: ModelVersion) -> None:
        # Who only shows what there is never waits for scikit-learn and spaCy.
        from models.model_file import load

        try:
            load(version.body, version.card, self.services)
        except ModelRefused as refused:
            raise ModelRefused(f"{version.card.version} is refused: {refused}") from refused
