"""Labels, in SQL."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, or_, select, tuple_, update

from domain.label import Label
from storage.database import reading, writing
from storage.interfaces import KnownPost, ThreadId
from storage.known_posts import of_labels
from storage.label_subjects import LabelKey, changed, key_of
from storage.rows import Row, in_chunks, insert_or_replace, record_of, row_of
from storage.tables import labels


class SqlLabels:
    """People's verdicts, one for each person and subject."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, label: Label) -> None:
        with writing(self._engine) as connection:
            insert_or_replace(connection, labels, [_row(label)], unless_later="at")

    def add_all(self, fresh: Sequence[Label]) -> int:
        with writing(self._engine) as connection:
            wanted = changed(_kept(connection, {key_of(label) for label in fresh}), fresh)
            for some in in_chunks(wanted):
                insert_or_replace(connection, labels, [_row(label) for label in some], unless_later="at")
        return len(wanted)

    def remove(self, label: str, by: str) -> bool:
        with writing(self._engine) as connection:
            gone = connection.execute(delete(labels).where(labels.c.id == label, labels.c.by == by))
        return gone.rowcount > 0

    def find(
        self,
        *,
        incident: str | None = None,
        official: str | None = None,
        source: str | None = None,
        post: str | None = None,
        by: str | None = None,
        after: str | None = None,
        most: int = 1000,
    ) -> list[Label]:
        wanted = {"incident": incident, "official": official, "source": source, "post": post, "by": by}
        latest_first = select(labels).order_by(labels.c.at.desc(), labels.c.id).limit(most)
        for column, value in wanted.items():
            if value is not None:
                latest_first = latest_first.where(labels.c[column] == value)
        with reading(self._engine) as connection:
            if after is not None:
                latest_first = latest_first.where(_comes_after(connection, after))
            return [record_of(Label, row) for row in connection.execute(latest_first).mappings()]

    def of_posts(self, since: datetime | None = None) -> list[Label]:
        told = select(labels).where(labels.c.post.is_not(None), labels.c.text.is_not(None))
        if since is not None:
            told = told.where(labels.c.at > since)
        with reading(self._engine) as connection:
            rows = connection.execute(told.order_by(labels.c.at, labels.c.id)).mappings()
            return [record_of(Label, row) for row in rows]

    def of_incidents(self) -> list[Label]:
        told = select(labels).where(labels.c.post.is_(None)).order_by(labels.c.at.desc(), labels.c.id)
        with reading(self._engine) as connection:
            return [record_of(Label, row) for row in connection.execute(told).mappings()]

    def known_posts(self, posts: Collection[ThreadId]) -> dict[ThreadId, KnownPost]:
        told: list[Label] = []
        with reading(self._engine) as connection:
            for some in in_chunks(list(posts)):
                theirs = select(labels).where(_theirs(some)).order_by(labels.c.at, labels.c.id)
                told += [record_of(Label, row) for row in connection.execute(theirs).mappings()]
        return of_labels(told)

    def withdraw(self, posts: Collection[ThreadId]) -> None:
        for some in in_chunks(list(posts)):
            told = _theirs(some)
            # Most deleted posts were never labelled: to learn that needs no writer.
            with reading(self._engine) as connection:
                found = connection.execute(select(labels.c.id).where(told).limit(1)).first()
            if found:
                with writing(self._engine) as connection:
                    connection.execute(update(labels).where(told).values(text=None))


def _theirs(posts: Sequence[ThreadId]) -> ColumnElement[bool]:
    """The labels of some posts that keep their words."""
    return and_(tuple_(labels.c.source, labels.c.post).in_(posts), labels.c.text.is_not(None))


def _row(label: Label) -> Row:
    return row_of(label) | {"subject": key_of(label)[1]}


def _kept(connection: Connection, keys: Collection[LabelKey]) -> dict[LabelKey, Label]:
    """The labels that are kept of these people on these subjects."""
    kept: dict[LabelKey, Label] = {}
    for some in in_chunks(list(keys)):
        theirs = select(labels).where(tuple_(labels.c.by, labels.c.subject).in_(some))
        for row in connection.execute(theirs).mappings():
            kept[row["by"], row["subject"]] = record_of(Label, row)
    return kept


def _comes_after(connection: Connection, label: str) -> ColumnElement[bool]:
    at = connection.execute(select(labels.c.at).where(labels.c.id == label)).scalar_one_or_none()
    if at is None:
        raise KeyError(label)
    return or_(labels.c.at < at, and_(labels.c.at == at, labels.c.id > label))
