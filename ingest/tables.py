"""A table with a head (CSV), as the JSON lines that its rows would be."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Iterator

import msgspec

from ingest.faults import LONGEST_LINE, LineRefused, refuse

_SEPARATORS = (",", ";", "\t")  # where a comma is a decimal point, spreadsheets write semicolons

Numbered = tuple[int, bytes]


def rows_as_lines(
    lines: Iterable[Numbered], *, known_by: Collection[str]
) -> Iterator[tuple[int, bytes | LineRefused]]:
    """Lines as they are; or, if the first one is a table's head, each row as an object under that head.

    A head is known by one of the columns ``known_by``. A row has the number of the line on which it begins,
    empty cells are left out, and a row that cannot be read is given as the exception which says why.
    """
    rest = iter(lines)
    first = next(((number, raw) for number, raw in rest if raw.strip()), None)
    if first is None:
        return
    separator, head = _head(first[1])
    if not set(head) & set(known_by):
        yield first
        yield from rest
        return
    yield from _rows(rest, separator, head)


def _head(raw: bytes) -> tuple[str, list[str]]:
    line = raw[:LONGEST_LINE].decode("utf-8", "replace").strip()
    separator = max(_SEPARATORS, key=line.count)
    try:
        cells = next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        cells = []  # no head of any table
    return separator, [cell.strip().lower() for cell in cells]


def _rows(
    lines: Iterator[Numbered], separator: str, head: list[str]
) -> Iterator[tuple[int, bytes | LineRefused]]:
    reading = _Reading(lines)
    rows = csv.reader(reading, delimiter=separator, strict=True)
    while True:
        reading.begun = None
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield reading.at, refuse(reading.at, None, f"is no row of a table ({error}); see to its quotes")
            continue
        if any(cells):
            yield reading.at, _row(reading.at, head, cells)


def _row(number: int, head: list[str], cells: list[str]) -> bytes | LineRefused:
    if len(cells) != len(head):
        return refuse(
            number, None, f"has {len(cells)} cells, its head {len(head)}; see to its commas and quotes"
        )
    try:
        return msgspec.json.encode(
            {name: cell for name, cell in zip(head, cells, strict=True) if cell.strip()}
        )
    except UnicodeEncodeError:
        return refuse(number, None, "is no UTF-8; save the table as UTF-8")


class _Reading:
    """Lines as csv wants them; it remembers on which one the row at hand began."""

    def __init__(self, lines: Iterator[Numbered]) -> None:
        self._lines = lines
        self._last = 0
        self.begun: int | None = None

    @property
    def at(self) -> int:
        return self._last if self.begun is None else self.begun

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        self._last, raw = next(self._lines)
        self.begun = self._last if self.begun is None else self.begun
        # Bytes that are no UTF-8 come through as halves of surrogate pairs, which no encoder takes.
        return raw.decode("utf-8", "surrogateescape") + "\n"
