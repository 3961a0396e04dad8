"""Numbers as the path of an SVG: x counts minutes, y goes from the ground up to ``top``."""

from __future__ import annotations

from collections.abc import Sequence


def area(values: Sequence[float], top: float, height: int) -> str:
    """Steps from the ground, one unit wide each; neighbours of one height are one step."""
    path, before = [f"M0 {height}"], None
    for x, value in enumerate(values):
        if value != before:
            path.append(f"H{x}V{_y(value, top, height)}")
        before = value
    return "".join([*path, f"H{len(values)}V{height}Z"])


def line(points: Sequence[tuple[int, float]], top: float, height: int) -> str:
    """A line through the points; it breaks where a minute is missing."""
    path, before = [], None
    for x, value in points:
        path.append(f"{'L' if before == x - 1 else 'M'}{x + 0.5} {_y(value, top, height)}")
        before = x
    return "".join(path)


def excess(points: Sequence[tuple[int, tuple[int, float]]], top: float, height: int) -> str:
    """What stands above the usual, as columns."""
    return "".join(
        f"M{x} {_y(upper, top, height)}V{_y(count, top, height)}H{x + 1}V{_y(upper, top, height)}Z"
        for x, (count, upper) in points
        if count > upper
    )


def columns(places: Sequence[int], height: int) -> str:
    """Columns of full height, one unit wide, at these places.

    >>> columns([3], 10)
    'M3 0H4V10H3Z'
    """
    return "".join(f"M{x} 0H{x + 1}V{height}H{x}Z" for x in places)


def _y(value: float, top: float, height: int) -> str:
    return f"{height * (1 - min(value, top) / top):.1f}"
