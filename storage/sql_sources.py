"""What must be known of the sources when all that is running was lost: cursors, gaps, spending."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from sqlalchemy import Connection, Engine, and_, delete, func, select

from domain.source import Gap
from domain.spending import Spent
from storage.database import reading, writing
from storage.rows import insert_or_add, insert_or_replace, record_of, row_of
from storage.tables import cursors, gaps, spending
from storage.touching import joined


class SqlSources:
    """Cursors, gaps and spending of every source."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def cursor(self, source: str) -> str | None:
        wanted = select(cursors.c.cursor).where(cursors.c.source == source)
        with reading(self._engine) as connection:
            return connection.execute(wanted).scalar_one_or_none()

    def keep_gap(self, gap: Gap) -> None:
        with writing(self._engine) as connection:
            insert_gaps(connection, [gap])

    def gaps(self, since: datetime, until: datetime, source: str | None = None) -> list[Gap]:
        wanted = select(gaps).where(gaps.c.since < until, gaps.c.until > since)
        if source is not None:
            wanted = wanted.where(gaps.c.source == source)
        with reading(self._engine) as connection:
            rows = connection.execute(wanted.order_by(gaps.c.since, gaps.c.source)).mappings()
            return [record_of(Gap, row) for row in rows]

    def spent(self, source: str, since: date) -> Spent:
        sums = (func.coalesce(func.sum(spending.c[name]), 0) for name in Spent.__struct_fields__)
        total = select(*sums).where(spending.c.source == source, spending.c.day >= since.isoformat())
        with reading(self._engine) as connection:
            return Spent(*(int(value) for value in connection.execute(total).one()))

    def spend(self, source: str, day: date, cost: Spent) -> None:
        row = {"source": source, "day": day.isoformat(), **row_of(cost)}
        with writing(self._engine) as connection:
            insert_or_add(connection, spending, row)


def save_cursors(connection: Connection, at: Mapping[str, str]) -> None:
    """Keep where the readers may go on, in the transaction of the minutes that were closed."""
    rows = [{"source": source, "cursor": cursor} for source, cursor in at.items()]
    insert_or_replace(connection, cursors, rows)


def insert_gaps(connection: Connection, found: Iterable[Gap]) -> None:
    """Keep gaps, each joined with those it touches."""
    for gap in found:
        near = select(gaps).where(
            gaps.c.source == gap.source, gaps.c.since <= gap.until, gaps.c.until >= gap.since
        )
        rows = connection.execute(near).mappings().all()
        whole, replaced = joined(gap, [record_of(Gap, row) for row in rows])
        for one in replaced:
            this = and_(gaps.c.source == one.source, gaps.c.since == one.since)
            connection.execute(delete(gaps).where(this))
        insert_or_replace(connection, gaps, [row_of(whole)])
