"""Markers: moments of an incident as lines across its chart, with labels that don't cover each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup

from api.wording import clock
from domain.moments import start_of_minute

ROW_HEIGHT = 17  # one line of marker labels
NARROWEST = 320  # pixels; labels are kept apart for a chart of this width
LETTER = 6.6  # pixels a letter takes, about
MIDDLE = 0.5  # of the width; from there on a label stands to the left of its line


@dataclass(frozen=True)
class Marker:
    """A moment worth a line across the chart. ``look`` names its style; ``sign`` tells it without colour."""

    at: datetime
    name: str
    look: str
    sign: str


def lines_for(markers: Sequence[Marker], first: int, width: int) -> list[int]:
    """For each marker, the line of labels on which its own finds room."""
    return _rows([_extent(marker, first, width) for marker in markers])


def drawn(marker: Marker, row: int, first: int, width: int, ground: int) -> Markup:
    """A marker from the ``row`` of its label down to the ``ground``."""
    share = _share(marker.at, first, width)
    to_the_left = share > MIDDLE
    return Markup(
        '<g class="marker {look}"><line x1="{x}%" x2="{x}%" y1="{top}" y2="{ground}"/>'
        '<text x="{x}%" dx="{dx}" y="{y}" text-anchor="{anchor}">{label}</text></g>'
    ).format(
        look=marker.look,
        x=round(100 * share, 2),
        top=row * ROW_HEIGHT + 3,
        ground=ground,
        dx=-5 if to_the_left else 5,
        y=row * ROW_HEIGHT + 13,
        anchor="end" if to_the_left else "start",
        label=_label(marker),
    )


def _label(marker: Marker) -> str:
    return f"{marker.sign} {marker.name} {clock(marker.at)}"


def _share(at: datetime, first: int, width: int) -> float:
    """How far along the chart an instant lies, from 0 to 1."""
    return (at - start_of_minute(first)) / timedelta(minutes=width)


def _extent(marker: Marker, first: int, width: int) -> tuple[float, float]:
    """The pixels that a label takes in the narrowest chart."""
    at = NARROWEST * _share(marker.at, first, width)
    length = LETTER * len(_label(marker)) + 8
    return (at - length, at) if at > MIDDLE * NARROWEST else (at, at + length)


def _rows(extents: Sequence[tuple[float, float]]) -> list[int]:
    """The first line on which each label finds room.

    >>> _rows([(0, 50), (20, 70), (60, 90)])
    [0, 1, 0]
    """
    taken: list[list[tuple[float, float]]] = []
    rows = []
    for start, end in extents:
        row = next(
            (index for index, line in enumerate(taken) if all(end < a or b < start for a, b in line)),
            len(taken),
        )
        if row == len(taken):
            taken.append([])
        taken[row].append((start, end))
        rows.append(row)
    return rows
