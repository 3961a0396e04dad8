"""Charts as SVG, made here: no library, no script, and colours from the page's own style sheet.

Shapes lie in an inner SVG that stretches to any width; words stand outside of it, so that they don't.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from markupsafe import Markup

from api.markers import ROW_HEIGHT, Marker, drawn, lines_for
from api.shapes import area, columns, excess, line
from api.wording import clock, figure
from domain.moments import minute_of, start_of_minute
from domain.series import Minute

PLOT_HEIGHT = 150
AXIS_HEIGHT = 22
HOURS_BETWEEN_TICKS = (1, 2, 3, 4, 6, 12, 24)
MOST_TICKS = 7


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
    rows = lines_for(seen, first, width)
    head = ROW_HEIGHT * (max(rows, default=-1) + 1) + 6
    ground = head + PLOT_HEIGHT
    height = ground + AXIS_HEIGHT
    return Markup("").join(
        [
            Markup('<svg class="chart" role="img" height="{}" aria-label="{}. {}">').format(
                height, title, text
            ),
            _plot(shown, first, width, top, head),
            _grid(top, head),
            *(
                drawn(marker, row, first, width, head + PLOT_HEIGHT)
                for marker, row in zip(seen, rows, strict=True)
            ),
            *_ticks(first, last, height),
            Markup("</svg>"),
        ]
    )


def _plot(shown: Mapping[int, Minute], first: int, width: int, top: float, head: int) -> Markup:
    numbers = range(first, first + width)
    complaints = [float(shown[number].complaints) if number in shown else 0.0 for number in numbers]
    uppers = [shown[number].upper if number in shown else 0.0 for number in numbers]
    expected = [(number - first, shown[number].expected) for number in numbers if number in shown]
    above = [
        (number - first, (shown[number].complaints, shown[number].upper))
        for number in numbers
        if number in shown
    ]
    return Markup(
        '<svg x="0" y="{head}" width="100%" height="{height}" viewBox="0 0 {width} {height}"'
        ' preserveAspectRatio="none"><path class="band" d="{band}"/>{blind}<path class="rate" d="{rate}"/>'
        '<path class="over" d="{over}"/><path class="limit" d="{limit}"/>'
        '<path class="expected" d="{expected}"/></svg>'
    ).format(
        head=head,
        height=PLOT_HEIGHT,
        width=width,
        blind=_blind([x for x, _ in expected if shown[first + x].blind]),
        band=area(uppers, top, PLOT_HEIGHT),
        rate=area(complaints, top, PLOT_HEIGHT),
        over=excess(above, top, PLOT_HEIGHT),
        limit=line([(x, uppers[x]) for x, _ in expected], top, PLOT_HEIGHT),
        expected=line(expected, top, PLOT_HEIGHT),
    )


def _blind(places: Sequence[int]) -> Markup:
    """The minutes in which a source was not heard, behind the complaints."""
    shape = Markup('<path class="blind-minutes" d="{}"/>')
    return shape.format(columns(places, PLOT_HEIGHT)) if places else Markup("")


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


def _nice_ceiling(value: float) -> float:
    """A round number that leaves a little room above ``value``.

    >>> [_nice_ceiling(value) for value in (0, 1, 7, 16, 23)]
    [2.0, 2.0, 8.0, 20.0, 30.0]
    """
    wanted = max(value * 1.05, 1.01)
    power = 10.0 ** math.floor(math.log10(wanted))
    return next(factor * power for factor in (1, 2, 3, 4, 5, 6, 8, 10) if factor * power >= wanted)
