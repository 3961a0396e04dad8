"""Official notices, in memory."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from domain.notice import OfficialNotice, OfficialState


class MemoryNotices:
    """The twin of ``SqlNotices``, for one process."""

    def __init__(self) -> None:
        self._notices: dict[tuple[str, str, OfficialState, datetime], OfficialNotice] = {}

    def add(self, notices_seen: Iterable[OfficialNotice]) -> None:
        for notice in notices_seen:
            self._notices.setdefault((notice.run, notice.service, notice.state, notice.seen_at), notice)

    def find(self, run: str, service: str | None = None) -> list[OfficialNotice]:
        found = [notice for notice in list(self._notices.values()) if notice.run == run]
        wanted = [notice for notice in found if service in (None, notice.service)]
        return sorted(wanted, key=lambda notice: (notice.seen_at, notice.service, notice.state))

    def forget(self, run: str) -> None:
        """Drop everything of a run."""
        self._notices = {key: notice for key, notice in self._notices.items() if notice.run != run}
