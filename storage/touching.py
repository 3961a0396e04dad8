"""Gaps that touch, as one."""

from __future__ import annotations

from collections.abc import Iterable

from domain.source import Gap


def joined(gap: Gap, others: Iterable[Gap]) -> tuple[Gap, list[Gap]]:
    """A gap with all the gaps of its source and reason that it touches, and which those were.

    >>> from datetime import UTC, datetime
    >>> noon, one, two = (datetime(2026, 5, 4, hour, tzinfo=UTC) for hour in (12, 13, 14))
    >>> whole, replaced = joined(Gap("x", one, two, "lost"), [Gap("x", noon, one, "lost")])
    >>> whole.since == noon, whole.until == two, len(replaced)
    (True, True, 1)
    """
    touching = [
        one
        for one in others
        if (one.source, one.why) == (gap.source, gap.why)
        and one.since <= gap.until
        and one.until >= gap.since
    ]
    # A gap of another reason that begins at the same instant gives way to the longer one.
    since = min(one.since for one in (gap, *touching))
    until = max(one.until for one in (gap, *touching))
    return Gap(gap.source, since, until, gap.why), touching
