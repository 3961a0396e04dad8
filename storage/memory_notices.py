"""Official notices, in memory."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from domain.notice import OfficialNotice, OfficialState


class MemoryNotices:
    """The twin of ``SqlNotices``, for one process."""

    def __init__(self) -> None:
        self._notices: dict[tuple[str, str, OfficialState, datetime, str], OfficialNotice] = {}

    def add(self, notices_seen: Iterable[OfficialNotice]) -> None:
        for notice in notices_seen:
            key = (notice.run, notice.service, notice.state, notice.seen_at, notice.event)
            self._notices.setdefault(key, notice)

    def find(
        self, run: str, service: str | None = None, *, since: datetime | None = None
    ) -> list[OfficialNotice]:
        found = [notice for notice in list(self._notices.values()) if notice.run == run]
        wanted = [
            notice
            for notice in found
            if service in (None, notice.service) and (since is None or notice.seen_at >= since)
        ]
        return sorted(wanted, key=lambda notice: (notice.seen_at, notice.service, notice.state, notice.event))

    def forget(self, run: str) -> None:
        """Drop everything of a run."""
        self._notices = {key: notice for key, notice in self._notices.items() if notice.run != run}
