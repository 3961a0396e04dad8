"""Charts as SVG, made here: no library, no script, and colours from the page's own style sheet.

Shapes lie in an inner SVG that stretches to any width; words stand outside of it, so that they don't.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup

from api.series import Minute
from api.wording import clock, figure
from domain.moments import minute_of, start_of_minute

PLOT_HEIGHT = 150
ROW_HEIGHT = 17  # one line of marker labels
AXIS_HEIGHT = 22
NARROWEST = 320  # pixels; labels are kept apart for a chart of this width
LETTER = 6.6  # pixels a letter takes, about
SPARK_BIN = 5  # minutes
HOURS_BETWEEN_TICKS = (1, 2, 3, 4, 6, 12, 24)
MOST_TICKS = 7


@dataclass(frozen=True)
class Marker:
    """A moment worth a line across the chart. ``look`` names its style; ``sign`` tells it without colour."""

    at: datetime
    name: str
    look: str
    sign: str


def rate_chart(
    minutes: Sequence[Minute], first: int, last: int, markers: Sequence[Marker], *, title: str, text: str
) -> Markup:
    """Complaints by minute from ``first`` to ``last`` against what is usual, with its markers.

    ``text`` says in words what the chart shows.
    """
    width = last - first + 1
    shown = {minute.number: minute for minute in minutes}
    top = _nice_ceiling(max((max(minute.complaints, minute.upper) for minute in minutes), default=1))
    seen = [marker for marker in markers if first <= minute_of(marker.at) <= last]
    rows = _rows([_extent(marker, first, width) for marker in seen])
    head = ROW_HEIGHT * (max(rows, default=-1) + 1) + 6
    height = head + PLOT_HEIGHT + AXIS_HEIGHT
    return Markup("").join(
        [
            Markup('<svg class="chart" role="img" height="{}" aria-label="{}. {}">').format(
                height, title, text
            ),
            _plot(shown, first, width, top, head),
            _grid(top, head),
            *(_marker(marker, row, first, width, head) for marker, row in zip(seen, rows, strict=True)),
            *_ticks(first, last, height),
            Markup("</svg>"),
        ]
    )


def spark(minutes: Sequence[Minute], first: int, last: int, text: str) -> Markup:
    """The highest minute of every five, against the highest that is usual."""
    shown = {minute.number: minute for minute in minutes}
    bins = [
        [shown[number] for number in range(start, min(start + SPARK_BIN, last + 1)) if number in shown]
        for start in range(first, last + 1, SPARK_BIN)
    ]
    peaks = [max((minute.complaints for minute in one), default=0) for one in bins]
    uppers = [max((minute.upper for minute in one), default=0.0) for one in bins]
    top = max(4.0, *peaks, *uppers)
    return Markup(
        '<svg class="spark" role="img" aria-label="{}" viewBox="0 0 {} 30" preserveAspectRatio="none">'
        '<path class="band" d="{}"/><path class="rate" d="{}"/><path class="over" d="{}"/></svg>'
    ).format(
        text,
        len(bins),
        _area(uppers, top, 30),
        _area([float(peak) for peak in peaks], top, 30),
        _excess(list(enumerate(zip(peaks, uppers, strict=True))), top, 30),
    )


def _plot(shown: Mapping[int, Minute], first: int, width: int, top: float, head: int) -> Markup:
    numbers = range(first, first + width)
    complaints = [float(shown[number].complaints) if number in shown else 0.0 for number in numbers]
    uppers = [shown[number].upper if number in shown else 0.0 for number in numbers]
    expected = [(number - first, shown[number].expected) for number in numbers if number in shown]
    excess = [
        (number - first, (shown[number].complaints, shown[number].upper))
        for number in numbers
        if number in shown
    ]
    return Markup(
        '<svg x="0" y="{head}" width="100%" height="{height}" viewBox="0 0 {width} {height}"'
        ' preserveAspectRatio="none"><path class="band" d="{band}"/><path class="rate" d="{rate}"/>'
        '<path class="over" d="{over}"/><path class="limit" d="{limit}"/>'
        '<path class="expected" d="{expected}"/></svg>'
    ).format(
        head=head,
        height=PLOT_HEIGHT,
        width=width,
        band=_area(uppers, top, PLOT_HEIGHT),
        rate=_area(complaints, top, PLOT_HEIGHT),
        over=_excess(excess, top, PLOT_HEIGHT),
        limit=_line([(x, uppers[x]) for x, _ in expected], top, PLOT_HEIGHT),
        expected=_line(expected, top, PLOT_HEIGHT),
    )


def _area(values: Sequence[float], top: float, height: int) -> str:
    """Steps from the ground, one unit wide each; neighbours of one height are one step."""
    path, before = [f"M0 {height}"], None
    for x, value in enumerate(values):
        if value != before:
            path.append(f"H{x}V{_y(value, top, height)}")
        before = value
    return "".join([*path, f"H{len(values)}V{height}Z"])


def _line(points: Sequence[tuple[int, float]], top: float, height: int) -> str:
    """A line through the points; it breaks where a minute is missing."""
    path, before = [], None
    for x, value in points:
        path.append(f"{'L' if before == x - 1 else 'M'}{x + 0.5} {_y(value, top, height)}")
        before = x
    return "".join(path)


def _excess(points: Sequence[tuple[int, tuple[int, float]]], top: float, height: int) -> str:
    """What stands above the usual, as columns."""
    return "".join(
        f"M{x} {_y(upper, top, height)}V{_y(count, top, height)}H{x + 1}V{_y(upper, top, height)}Z"
        for x, (count, upper) in points
        if count > upper
    )


def _y(value: float, top: float, height: int) -> str:
    return f"{height * (1 - min(value, top) / top):.1f}"


def _grid(top: float, head: int) -> Markup:
    levels = [top, top / 2] if top > 1 else [top]
    lines = [
        Markup(
            '<line class="grid" x1="0" x2="100%" y1="{y}" y2="{y}"/>'
            '<text class="tick" x="2" y="{above}">{level}</text>'
        ).format(y=round(y, 1), above=round(y - 3, 1), level=figure(level))
        for level in levels
        for y in [head + PLOT_HEIGHT * (1 - level / top)]
    ]
    ground = Markup('<line class="ground" x1="0" x2="100%" y1="{y}" y2="{y}"/>').format(y=head + PLOT_HEIGHT)
    return Markup("").join([*lines, ground])


def _ticks(first: int, last: int, height: int) -> Iterator[Markup]:
    hours = range(first // 60 + 1, (last + 1) // 60 + 1)
    step = next((step for step in HOURS_BETWEEN_TICKS if len(hours) / step <= MOST_TICKS), 24)
    for hour in hours:
        share = (hour * 60 - first) / (last - first + 1)
        if hour % step == 0 and share < 0.97:
            yield Markup(
                '<line class="ground" x1="{x}%" x2="{x}%" y1="{y1}" y2="{y2}"/>'
                '<text class="tick" x="{x}%" y="{y}" text-anchor="{anchor}">{time}</text>'
            ).format(
                x=round(100 * share, 2),
                y1=height - AXIS_HEIGHT,
                y2=height - AXIS_HEIGHT + 4,
                y=height - 5,
                anchor="middle" if share > 0.05 else "start",
                time=clock(start_of_minute(hour * 60)),
            )


def _marker(marker: Marker, row: int, first: int, width: int, head: int) -> Markup:
    share = _share(marker.at, first, width)
    to_the_left = share > 0.6
    return Markup(
        '<g class="marker {look}"><line x1="{x}%" x2="{x}%" y1="{top}" y2="{ground}"/>'
        '<text x="{x}%" dx="{dx}" y="{y}" text-anchor="{anchor}">{label}</text></g>'
    ).format(
        look=marker.look,
        x=round(100 * share, 2),
        top=row * ROW_HEIGHT + 3,
        ground=head + PLOT_HEIGHT,
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
    return (at - length, at) if at > 0.6 * NARROWEST else (at, at + length)


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


def _nice_ceiling(value: float) -> float:
    """A round number that leaves a little room above ``value``.

    >>> [_nice_ceiling(value) for value in (0, 1, 7, 16, 23)]
    [2.0, 2.0, 8.0, 20.0, 30.0]
    """
    wanted = max(value * 1.05, 1.01)
    power = 10.0 ** math.floor(math.log10(wanted))
    return next(factor * power for factor in (1, 2, 3, 4, 5, 6, 8, 10) if factor * power >= wanted)
