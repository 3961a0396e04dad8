"""A drawing of SVG elements, each at places that are numbers and with words that are text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET

FONT = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2

Point = tuple[float, float]


class Drawing:
    """A white sheet; what is drawn later lies above what was drawn before."""

    def __init__(self, width: int, height: int, title: str, description: str) -> None:
        self._root = ET.Element(
            "svg",
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "viewBox": f"0 0 {width} {height}",
                "width": str(width),
                "height": str(height),
                "role": "img",
                "font-family": FONT,
            },
        )
        self._words("title", title)
        self._words("desc", description)
        self.rectangle(0, 0, width, height, fill="#ffffff")

    def rectangle(self, x: float, y: float, width: float, height: float, *, fill: str) -> None:
        self._add("rect", x=x, y=y, width=width, height=height, fill=fill)

    def line(self, start: Point, end: Point, *, stroke: str, width: float = 1.0, dash: str = "") -> None:
        (x1, y1), (x2, y2) = start, end
        self._add(
            "line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=stroke, stroke_width=width, stroke_dasharray=dash
        )

    def shape(self, outlines: Sequence[Sequence[Point]], *, fill: str) -> None:
        """Closed outlines, filled."""
        if outlines:
            self._add("path", d="".join(f"{_way(outline)}Z" for outline in outlines), fill=fill)

    def curve(self, runs: Sequence[Sequence[Point]], *, stroke: str, width: float, dash: str = "") -> None:
        """Open lines through points."""
        if runs:
            self._add(
                "path",
                d="".join(map(_way, runs)),
                fill="none",
                stroke=stroke,
                stroke_width=width,
                stroke_dasharray=dash,
                stroke_linejoin="round",
            )

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: int,
        fill: str,
        anchor: str = "start",
        bold: bool = False,
    ) -> None:
        """Words on the base line ``y``; their ``anchor`` (start, middle, end) stands at ``x``."""
        element = self._add(
            "text",
            x=x,
            y=y,
            font_size=size,
            fill=fill,
            text_anchor=anchor,
            font_weight="bold" if bold else "",
        )
        element.text = _printable(words)

    def written(self) -> str:
        """The whole as a file's text."""
        return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(self._root, encoding="unicode") + "\n"

    def _add(self, tag: str, **attributes: float | str) -> ET.Element:
        """An element; attributes without a value are left out."""
        told = {
            name.replace("_", "-"): value if isinstance(value, str) else _short(value)
            for name, value in attributes.items()
            if value != ""
        }
        return ET.SubElement(self._root, tag, told)

    def _words(self, tag: str, words: str) -> None:
        ET.SubElement(self._root, tag).text = _printable(words)


def _way(points: Sequence[Point]) -> str:
    return "M" + "L".join(f"{_short(x)} {_short(y)}" for x, y in points)


def _short(value: float) -> str:
    """A number with two decimals at the most.

    >>> _short(3.0), _short(2.005), _short(-0.001)
    ('3', '2', '0')
    """
    return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")


def _printable(words: str) -> str:
    """What XML can hold of a text, and what a line can."""
    return " ".join(_FORBIDDEN.sub(" ", words).split())
