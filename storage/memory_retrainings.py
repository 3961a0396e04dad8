"""Retrainings and their decisions, in memory."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from domain.activation import Why
from domain.retraining import Retraining, RetrainingState
from storage.memory_models import MemoryModels


class MemoryRetrainings:
    """The twin of ``SqlRetrainings``, for one process."""

    def __init__(self, models: MemoryModels) -> None:
        self._models = models
        self._kept: dict[str, Retraining] = {}

    def begin(self, retraining: Retraining) -> bool:
        if self.under_way() is not None or retraining.id in self._kept:
            return False
        self._kept[retraining.id] = retraining
        return True

    def get(self, retraining: str) -> Retraining | None:
        return self._kept.get(retraining)

    def under_way(self) -> Retraining | None:
        return next((one for one in self._kept.values() if not one.state.is_over), None)

    def find(self, *, after: str | None = None, most: int) -> list[Retraining]:
        by_id = sorted(self._kept.values(), key=lambda one: one.id)
        found = sorted(by_id, key=lambda one: one.asked_at, reverse=True)
        if after is not None:
            ids = [one.id for one in found]
            if after not in ids:
                raise KeyError(after)
            found = found[ids.index(after) + 1 :]
        return found[:most]

    def take_up(
        self, retraining: str, holder: str, at: datetime, *, silent_since: datetime
    ) -> Retraining | None:
        one = self._kept.get(retraining)
        if one is None or one.state.is_over:
            return None
        if one.holder is not None and one.alive_at is not None and one.alive_at >= silent_since:
            return None
        self._kept[one.id] = replace(one, holder=holder, alive_at=at, tries=one.tries + 1)
        return self._kept[one.id]

    def give_sign(self, retraining: str, holder: str, at: datetime) -> bool:
        one = self._held(retraining, holder)
        if one is not None:
            self._kept[one.id] = replace(one, alive_at=at)
        return one is not None

    def save(self, retraining: Retraining) -> bool:
        one = self._held(retraining.id, retraining.holder)
        if one is not None:
            self._kept[one.id] = replace(retraining, alive_at=one.alive_at)
        return one is not None

    def conclude(self, retraining: Retraining, *, over: str | None = None) -> bool:
        promoted = retraining.state is RetrainingState.PROMOTED
        if (promoted and self._models.active() != over) or not self.save(retraining):
            return False
        if promoted and retraining.challenger and retraining.finished_at:
            self._models.activate(
                retraining.challenger, retraining.finished_at, why=Why.PROMOTED, by=retraining.asked_by
            )
        return True

    def _held(self, retraining: str, holder: str | None) -> Retraining | None:
        one = self._kept.get(retraining)
        mine = one is not None and not one.state.is_over and one.holder == holder
        return one if mine else None
