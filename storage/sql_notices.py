"""Official notices, in SQL."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Engine, select

from domain.notice import OfficialNotice
from storage.database import reading, writing
from storage.rows import insert_new, record_of, row_of
from storage.tables import notices


class SqlNotices:
    """What the official dashboards said, each statement once."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, notices_seen: Iterable[OfficialNotice]) -> None:
        rows = [row_of(notice) for notice in notices_seen]
        with writing(self._engine) as connection:
            insert_new(connection, notices, rows)

    def find(
        self, run: str, service: str | None = None, *, since: datetime | None = None
    ) -> list[OfficialNotice]:
        seen = select(notices).where(notices.c.run == run)
        if service is not None:
            seen = seen.where(notices.c.service == service)
        if since is not None:
            seen = seen.where(notices.c.seen_at >= since)
        seen = seen.order_by(notices.c.seen_at, notices.c.service, notices.c.state, notices.c.event)
        with reading(self._engine) as connection:
            return [record_of(OfficialNotice, row) for row in connection.execute(seen).mappings()]
