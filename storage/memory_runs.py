"""Runs, in memory."""

from __future__ import annotations

from datetime import datetime

import msgspec

from domain.run import Run
from storage.memory_incidents import MemoryIncidents
from storage.memory_notices import MemoryNotices


class MemoryRuns:
    """The twin of ``SqlRuns``, for one process."""

    def __init__(self, incidents: MemoryIncidents, notices: MemoryNotices) -> None:
        self._incidents = incidents
        self._notices = notices
        self._runs: dict[str, Run] = {}

    def start(self, run: Run) -> None:
        self._incidents.forget(run.name)
        self._notices.forget(run.name)
        self._runs[run.name] = run

    def finish(self, name: str, at: datetime) -> None:
        if name in self._runs:
            self._runs[name] = msgspec.structs.replace(self._runs[name], finished_at=at)

    def get(self, name: str) -> Run | None:
        return self._runs.get(name)

    def all(self) -> list[Run]:
        by_name = sorted(self._runs.values(), key=lambda run: run.name)
        return sorted(by_name, key=lambda run: run.started_at, reverse=True)
