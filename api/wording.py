"""Figures and times as a person says them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from markupsafe import Markup, escape


def span(length: timedelta) -> str:
    """A length of time in its two largest units.

    >>> [span(timedelta(minutes=m)) for m in (0.4, 1, 57, 60, 161, 4600)]
    ['under 1 min', '1 min', '57 min', '1 h', '2 h 41 min', '3 d 4 h']
    """
    minutes = int(abs(length) / timedelta(minutes=1))
    if minutes < 1:
        return "under 1 min"
    parts = [(minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "min")]
    first = next(index for index, (number, _) in enumerate(parts) if number)
    return " ".join(f"{number} {unit}" for number, unit in parts[first : first + 2] if number)


def figure(value: float) -> str:
    """A number as short as it may be without misleading.

    >>> [figure(value) for value in (0, 0.04, 1.27, 9.96, 142, 1204.4)]
    ['0', '< 0.1', '1.3', '10', '142', '1,204']
    """
    if 0 < value < 0.05:
        return "< 0.1"
    short = f"{value:,.1f}" if value < 9.95 else f"{value:,.0f}"
    return short.removesuffix(".0")


def count(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun.

    >>> count(1, "post"), count(2_000, "post"), count(2, "has", "have")
    ('1 post', '2,000 posts', '2 have')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(names: Sequence[str]) -> str:
    """Names in a sentence.

    >>> listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])
    ('a', 'a and b', 'a, b and c')
    """
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part) if names else ""


def clock(at: datetime) -> str:
    """The time of day in UTC, without saying so.

    >>> from datetime import UTC
    >>> clock(datetime(2012, 11, 18, 20, 5, 59, tzinfo=UTC))
    '20:05'
    """
    return f"{at:%H:%M}"


def day(at: datetime) -> str:
    """The day.

    >>> from datetime import UTC
    >>> day(datetime(2012, 11, 8, 20, 5, tzinfo=UTC))
    '8 November 2012'
    """
    return f"{at.day} {at:%B %Y}"


def with_code(text: str) -> Markup:
    """A text whose `words in backticks` are set as code.

    >>> with_code("not `<open>`")
    Markup('not <code>&lt;open&gt;</code>')
    """
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped before
