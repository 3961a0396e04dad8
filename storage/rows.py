"""Records into rows and back; and the two ways to insert one that may already be there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, RowMapping, Table
from sqlalchemy.dialects import postgresql, sqlite

Record = TypeVar("Record", bound=msgspec.Struct)
Some = TypeVar("Some")
Row = dict[str, Any]  # a row's values are of as many types as there are columns

_AT_ONCE = 500  # things named in one statement: databases bound how many there may be


def row_of(record: msgspec.Struct) -> Row:
    """A record laid flat: enums as their values, tuples as lists, times and bytes as they are."""
    row: Row = msgspec.to_builtins(record, builtin_types=(datetime, bytes))
    return row


def record_of(kind: type[Record], row: RowMapping | Row) -> Record:
    """The record that a row holds; columns that are no field of it are left aside."""
    return msgspec.convert({field: row[field] for field in kind.__struct_fields__}, kind)


def in_chunks(many: Sequence[Some]) -> Iterator[Sequence[Some]]:
    """Many things, as many at a time as one statement may name."""
    for start in range(0, len(many), _AT_ONCE):
        yield many[start : start + _AT_ONCE]


def insert_new(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert those rows whose primary key is not there yet."""
    if rows:
        connection.execute(_insert(connection, table).on_conflict_do_nothing(), rows)


def inserted(connection: Connection, table: Table, row: Row) -> bool:
    """Insert a row, and say whether its primary key was not there yet."""
    insert = _insert(connection, table).on_conflict_do_nothing()
    # Without this option SQLAlchemy does not ask the driver how many rows an insert made.
    result = connection.execute(insert, row, execution_options={"preserve_rowcount": True})
    return result.rowcount == 1


def insert_or_replace(
    connection: Connection, table: Table, rows: Sequence[Row], *, unless_later: str | None = None
) -> None:
    """Insert rows; one whose primary key is there already takes its place.

    ``unless_later`` names a time: a row that has a later one there keeps its place.
    """
    if not rows:
        return
    insert = _insert(connection, table)
    keys = [column.name for column in table.primary_key]
    fresh = {name: insert.excluded[name] for name in rows[0] if name not in keys}
    allowed = None if unless_later is None else table.c[unless_later] <= insert.excluded[unless_later]
    connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=fresh, where=allowed), rows)


def insert_or_add(connection: Connection, table: Table, row: Row) -> None:
    """Insert a row of numbers; where its primary key is there already, the numbers are added up."""
    insert = _insert(connection, table)
    keys = [column.name for column in table.primary_key]
    sums = {name: table.c[name] + insert.excluded[name] for name in row if name not in keys}
    connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=sums), row)


def _insert(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)
