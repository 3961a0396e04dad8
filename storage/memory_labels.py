"""Labels, in memory."""

from __future__ import annotations

from domain.label import Label
from storage.label_subjects import subject_of


class MemoryLabels:
    """The twin of ``SqlLabels``, for one process."""

    def __init__(self) -> None:
        self._labels: dict[tuple[str, str], Label] = {}

    def add(self, label: Label) -> None:
        key = (label.by, subject_of(label))
        if key not in self._labels or self._labels[key].at <= label.at:
            self._labels[key] = label

    def find(
        self, *, incident: str | None = None, official: str | None = None, most: int = 1000
    ) -> list[Label]:
        by_id = sorted(self._labels.values(), key=lambda label: label.id)
        latest_first = sorted(by_id, key=lambda label: label.at, reverse=True)
        wanted = [
            label
            for label in latest_first
            if incident in (None, label.incident) and official in (None, label.official)
        ]
        return wanted[:most]
