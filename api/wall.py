"""What the wall shows of one run: first what fails, then what failed, then every service."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup

from api.cards import Card, card_of
from api.headlines import headline_of
from api.house import House
from api.runs import closed_until, now_in
from api.source_rows import SourceRow, blind_warnings, rows_of
from api.sparks import spark
from api.wording import clock, count, figure, span
from domain.busy import Busy
from domain.incident import Incident, State
from domain.moments import MINUTES_PER_HOUR, minute_of
from domain.official import by_service
from domain.run import LIVE, Run
from domain.series import Minute, minutes_in
from domain.service import Service
from domain.source import SourceStatus
from storage.interfaces import IncidentFilter

SHOWN = timedelta(hours=6)
RECENT = 60  # minutes
LATE = timedelta(minutes=5)  # live minutes are closed within two or so
MOST_PAST = 20


@dataclass(frozen=True)
class Tile:
    """One service among all: its last hour against the usual."""

    service: Service
    incident: Incident | None
    complaints: int
    expected: float
    spark: Markup


@dataclass(frozen=True)
class Wall:
    """All that the page needs; ``now`` is the end of the last closed minute of a replay."""

    run: Run
    runs: list[Run]
    now: datetime
    headline: str
    summary: str
    warnings: list[str]
    open: list[Card]
    past: list[Card]
    tiles: list[Tile]
    quiet: list[Service]
    holds_posts: bool
    sources: list[SourceRow]


def wall_of(house: House, run: Run, clock_says: datetime) -> Wall:
    """The wall of one run."""
    now = now_in(house, run, clock_says)
    last = minute_of(closed_until(house, run.name) or now) - 1
    first = last + 1 - int(SHOWN / timedelta(minutes=1))
    minutes = _minutes_by_service(house, run, first, last)
    open_now = _most_urgent_first(house.stores.incidents.open_in(run.name))
    past = _past(house, run)
    said = by_service(house.stores.notices.find(run.name))
    tiles = _tiles(house, minutes, {incident.service: incident for incident in open_now}, first, last)
    statuses = _statuses(house) if run.is_live else []
    return Wall(
        run=run,
        runs=_choices(house, run),
        now=now,
        headline=headline_of(house, run, open_now, past),
        summary=_summary(house, minutes, last),
        warnings=[*_warnings(house, run, clock_says), *blind_warnings(statuses, clock_says)],
        open=[card_of(house, one, said.get(one.service, ()), now, last) for one in open_now],
        past=[card_of(house, one, said.get(one.service, ()), now, last) for one in past],
        tiles=tiles,
        quiet=_quiet(house, tiles),
        holds_posts=bool(minutes or open_now),
        sources=rows_of(statuses, clock_says),
    )


def _statuses(house: House) -> list[SourceStatus]:
    try:
        return house.hearing()
    except Busy:  # without Redis nothing is known of them, and a warning of its own says so
        return []


def _minutes_by_service(house: House, run: Run, first: int, last: int) -> dict[str, list[Minute]]:
    rows = house.stores.incidents.rates(run.name, first // MINUTES_PER_HOUR, last // MINUTES_PER_HOUR)
    by_service = defaultdict(list)
    for row in rows:
        by_service[row.service].append(row)
    return {service: minutes_in(hours, first, last) for service, hours in by_service.items()}


def _most_urgent_first(incidents: Sequence[Incident]) -> list[Incident]:
    """Failing before recovering, then the most severe, then the one that stands out most."""
    severities = ["critical", "major", "minor"]
    return sorted(
        incidents,
        key=lambda one: (one.state is State.RECOVERING, severities.index(one.severity), -one.score, one.id),
    )


def _past(house: House, run: Run) -> list[Incident]:
    """The latest first; in the order of the story, where the run is a recording."""
    wanted = IncidentFilter(run=run.name, states=(State.RESOLVED, State.DISMISSED))
    latest = house.stores.incidents.find(wanted, after=None, most=MOST_PAST)
    return latest if run.is_live else latest[::-1]


def _choices(house: House, shown: Run) -> list[Run]:
    """Live first, then the replays, the latest first; and the one that is shown, whatever it is."""
    runs = house.stores.runs.all()
    live = [run for run in runs if run.is_live] or [Run(LIVE, shown.started_at)]
    return [*live, *(run for run in runs if not run.is_live)]


def _tiles(
    house: House,
    minutes: Mapping[str, Sequence[Minute]],
    failing: Mapping[str, Incident],
    first: int,
    last: int,
) -> list[Tile]:
    """The services that anybody complained of in the last hour: failing first, then by complaints."""
    named = [
        service
        for service in house.catalogue.services.values()
        if service.id in failing
        or any(minute.complaints for minute in minutes.get(service.id, ()) if minute.number > last - RECENT)
    ]
    tiles = [
        _tile(service, minutes.get(service.id, ()), failing.get(service.id), first, last) for service in named
    ]
    return sorted(
        tiles, key=lambda tile: (tile.incident is None, -tile.complaints, tile.service.name.casefold())
    )


def _tile(
    service: Service, minutes: Sequence[Minute], incident: Incident | None, first: int, last: int
) -> Tile:
    recent = [minute for minute in minutes if minute.number > last - RECENT]
    complaints = sum(minute.complaints for minute in recent)
    expected = sum(minute.expected for minute in recent)
    text = f"Complaints in the last 6 hours; in the last one {complaints}, {figure(expected)} expected"
    return Tile(service, incident, complaints, expected, spark(minutes, first, last, text))


def _quiet(house: House, tiles: Sequence[Tile]) -> list[Service]:
    loud = {tile.service.id for tile in tiles}
    quiet = [service for service in house.catalogue.services.values() if service.id not in loud]
    return sorted(quiet, key=lambda service: service.name.casefold())


def _summary(house: House, minutes: Mapping[str, Sequence[Minute]], last: int) -> str:
    mentions = sum(
        minute.mentions for series in minutes.values() for minute in series if minute.number > last - RECENT
    )
    watched = count(len(house.catalogue.services), "service")
    return f"{watched} watched. {count(mentions, 'mention')} in the last hour."


def _warnings(house: House, run: Run, clock_says: datetime) -> list[str]:
    """What makes silence mean nothing: a part that is not well, or counting that lags behind."""
    warnings = [f"{part}: {why}" for part, why in house.readiness().items() if why is not None]
    closed = closed_until(house, run.name)
    if run.is_live and closed and clock_says - closed > LATE:
        warnings.append(
            f"Counting is {span(clock_says - closed)} behind (last closed minute {clock(closed)} UTC)."
        )
    return warnings
