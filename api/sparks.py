"""Sparklines: a service's last hours in the space of a word."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from api.shapes import area, excess
from domain.series import Minute

SPARK_BIN = 5  # minutes


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
        area(uppers, top, 30),
        area([float(peak) for peak in peaks], top, 30),
        excess(list(enumerate(zip(peaks, uppers, strict=True))), top, 30),
    )
