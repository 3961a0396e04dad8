"""What a picture says in words: the title, the verdict with its figures, and where they come from."""

from __future__ import annotations

from datetime import datetime, timedelta

from commands.picture.subject import Subject
from commands.telling import span
from domain.incident import Incident, State
from domain.signal import GROWTH_MINUTES, chance_per_month

_YEAR_OF_MONTHS = 365.25 / 30
_MOST_YEARS = 1_000_000  # the scale was measured far below; beyond, a number would only pretend


def title(subject: Subject) -> str:
    """What failed, and on which day."""
    return f"{subject.service_name}: outage of {_day(subject.incident.onset_at)}"


def verdict(subject: Subject) -> list[str]:
    """The lines below the title: what was seen, how rare that is, and how it went."""
    return [_seen(subject.incident), _rarity(subject), _course(subject)]


def footer(subject: Subject) -> list[str]:
    """What the figures come from."""
    incident = subject.incident
    scale = f"score {incident.score:.1f}, threshold {incident.threshold:.2f}"
    budget = f"budget of {_number(subject.budget, 'false alarm')} per service and 30 days"
    return [
        f"{scale} ({budget}) · classifier {incident.model_version or 'unknown'}",
        f"{incident.id} · run {incident.run} · all times UTC · Groundswell",
    ]


def lead(subject: Subject) -> str:
    """Who was first, and by how much; empty where nothing was said officially."""
    ahead = subject.lead
    if ahead is None:
        return ""
    minutes = span(int(abs(ahead) / timedelta(minutes=1)))
    return f"lead {minutes}" if ahead >= timedelta(0) else f"{minutes} behind"


def chance(per_month: float) -> str:
    """How often chance alone does this to one service.

    >>> chance(3.0), chance(1.0), chance(0.5), chance(0.0001)
    ('3 times in 30 days', 'once in 30 days', 'once in 2 months', 'once in 820 years')
    >>> chance(1e-20)
    'less than once in a million years'
    """
    if per_month >= 0.95:
        times = _number(per_month, "time")
        return f"{'once' if times == '1 time' else times} in 30 days"
    months = 1.0 / per_month
    if months < 2 * _YEAR_OF_MONTHS:
        return f"once in {_figure(months)} months"
    years = months / _YEAR_OF_MONTHS
    return "less than once in a million years" if years > _MOST_YEARS else f"once in {_rounded(years)} years"


def _seen(incident: Incident) -> str:
    seen = f"{_number(incident.observed, 'complaint')} in {span(incident.window)}"
    return (
        f"{incident.severity.capitalize()}: {seen}, "
        f"expected: {_figure(incident.expected)} (one standard deviation: {_figure(incident.spread)})."
    )


def _rarity(subject: Subject) -> str:
    here = chance(subject.incident.chance_per_month)
    limit = chance(chance_per_month(subject.incident.threshold))
    return f"By chance alone a service sees this {here}; the budget of false alarms allows {limit}."


def _course(subject: Subject) -> str:
    incident = subject.incident
    parts = [_onset(incident)]
    if incident.growth is not None:
        parts.append(
            f"at its highest {_figure(incident.growth)} times as much as {GROWTH_MINUTES} min before"
        )
    if incident.state is State.RESOLVED and incident.resolved_at is not None:
        lasted = (incident.resolved_at - incident.onset_at) / timedelta(minutes=1)
        parts.append(f"over after {span(int(lasted))}")
    elif incident.state.is_open:
        parts.append("not over yet")
    told = "; ".join(parts) + "."
    return f"A relapse. {told}" if incident.relapse_of is not None else told


def _onset(incident: Incident) -> str:
    likely = f"{incident.onset_at:%H:%M}"
    earliest, latest = incident.onset_earliest_at, incident.onset_latest_at
    if earliest is None or latest is None or earliest == latest:
        return f"Began at {likely}"
    return f"Began at {likely} (between {earliest:%H:%M} and {latest:%H:%M})"


def _number(value: float, noun: str) -> str:
    """A number with its noun.

    >>> _number(1.0, "time"), _number(1200, "complaint"), _number(0.5, "false alarm")
    ('1 time', '1,200 complaints', '0.5 false alarms')
    """
    figure = _figure(value)
    return f"{figure} {noun}" if figure == "1" else f"{figure} {noun}s"


def _figure(value: float) -> str:
    """A number as short as it may be.

    >>> _figure(0.034), _figure(1.27), _figure(12.6), _figure(1204.4)
    ('0.034', '1.3', '13', '1,204')
    """
    if value < 0.095:
        return f"{value:.2g}"
    return f"{value:.1f}".removesuffix(".0") if value < 9.95 else f"{value:,.0f}"


def _rounded(value: float) -> str:
    """Two figures of a large number.

    >>> _rounded(821.3), _rounded(45_678)
    ('820', '46,000')
    """
    return f"{float(f'{value:.2g}'):,.0f}"


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"
