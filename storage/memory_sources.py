"""What must be known of the sources, in memory."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime

from domain.source import Gap
from domain.spending import Spent
from storage.touching import joined


class MemorySources:
    """The twin of ``SqlSources``, for one process."""

    def __init__(self) -> None:
        self.cursors: dict[str, str] = {}  # ``MemoryIncidents.save`` brings them
        self._gaps: dict[tuple[str, datetime], Gap] = {}
        self._spent: dict[tuple[str, date], Spent] = defaultdict(Spent)

    def cursor(self, source: str) -> str | None:
        return self.cursors.get(source)

    def keep_gap(self, gap: Gap) -> None:
        whole, replaced = joined(gap, [one for one in self._gaps.values() if one.source == gap.source])
        for one in replaced:
            del self._gaps[one.source, one.since]
        self._gaps[whole.source, whole.since] = whole

    def gaps(self, since: datetime, until: datetime, source: str | None = None) -> list[Gap]:
        found = [
            gap
            for gap in list(self._gaps.values())
            if gap.since < until and gap.until > since and source in (None, gap.source)
        ]
        return sorted(found, key=lambda gap: (gap.since, gap.source))

    def spent(self, source: str, since: date) -> Spent:
        total = Spent()
        for (of, day), cost in list(self._spent.items()):
            if of == source and day >= since:
                total += cost
        return total

    def spend(self, source: str, day: date, cost: Spent) -> None:
        self._spent[source, day] += cost
