"""What the wall shows of one run: first what fails, then what failed, then every service."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup

from api.cards import Card, card_of
from api.charts import spark
from api.house import House
from api.series import Minute, minutes_in
from api.wording import clock, count, figure, listed, span
from domain.incident import Incident, State
from domain.moments import MINUTES_PER_HOUR, minute_of, start_of_minute
from domain.run import LIVE, Run
from domain.service import Service
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


def choose_run(house: House, asked: str | None, now: datetime) -> Run | None:
    """The run to show: the one asked for, else live if anything was counted there, else the latest replay."""
    if asked is not None:
        return house.stores.runs.get(asked) or (Run(LIVE, now) if asked == LIVE else None)
    runs = house.stores.runs.all()
    live = next((run for run in runs if run.is_live), Run(LIVE, now))
    replays = [run for run in runs if not run.is_live]
    return live if _is_lively(house, now) or not replays else replays[0]


def _is_lively(house: House, now: datetime) -> bool:
    """Whether the live run counted any mention in the last day."""
    incidents = house.stores.incidents
    if incidents.detection(LIVE) is None:
        return False
    hour = minute_of(now) // MINUTES_PER_HOUR
    return any(any(row.mentions) for row in incidents.rates(LIVE, hour - 24, hour))


def now_in(house: House, run: Run, clock_says: datetime) -> datetime:
    """The present as a run knows it: the clock when live, else the end of the last closed minute."""
    closed = _closed_until(house, run)
    return closed if closed and not run.is_live else clock_says


def wall_of(house: House, run: Run, clock_says: datetime) -> Wall:
    """The wall of one run."""
    now = now_in(house, run, clock_says)
    last = minute_of(_closed_until(house, run) or now) - 1
    first = last + 1 - int(SHOWN / timedelta(minutes=1))
    minutes = _minutes_by_service(house, run, first, last)
    open_now = _most_urgent_first(house.stores.incidents.open_in(run.name))
    past = _past(house, run)
    notices = house.stores.notices.find(run.name)
    tiles = _tiles(house, minutes, {incident.service: incident for incident in open_now}, first, last)
    return Wall(
        run=run,
        runs=_choices(house, run),
        now=now,
        headline=_headline(house, run, open_now, past),
        summary=_summary(house, minutes, last),
        warnings=_warnings(house, run, clock_says),
        open=[card_of(house, incident, notices, now, last) for incident in open_now],
        past=[card_of(house, incident, notices, now, last) for incident in past],
        tiles=tiles,
        quiet=_quiet(house, tiles),
        holds_posts=bool(minutes or open_now),
    )


def _closed_until(house: House, run: Run) -> datetime | None:
    detection = house.stores.incidents.detection(run.name)
    return start_of_minute(detection.next_minute) if detection else None


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


def _headline(house: House, run: Run, open_now: Sequence[Incident], past: Sequence[Incident]) -> str:
    """The one sentence that is read from across the room."""
    failing = [one for one in open_now if one.state is not State.RECOVERING]
    if failing:
        sure = any(one.state is State.CONFIRMED for one in failing)
        one = len(failing) == 1
        verb = ("is failing" if one else "are failing") if sure else "may be failing"
        return f"{_named(house, failing)} {verb}"
    if open_now:
        return f"{_named(house, open_now)} {'is' if len(open_now) == 1 else 'are'} recovering"
    failed = [one for one in past if one.state is State.RESOLVED]
    if failed and run.finished_at is not None:
        return f"{_named(house, failed)} failed, and came back"
    return "No open incidents"


def _named(house: House, incidents: Sequence[Incident]) -> str:
    names = list(dict.fromkeys(name_of(house, incident.service) for incident in incidents))
    return listed(names if len(names) <= 3 else [*names[:2], f"{len(names) - 2} more"])


def name_of(house: House, service: str) -> str:
    """What people call a service; its id, if the catalogue no longer knows it."""
    known = house.catalogue.services.get(service)
    return known.name if known else service


def _summary(house: House, minutes: Mapping[str, Sequence[Minute]], last: int) -> str:
    mentions = sum(
        minute.mentions for series in minutes.values() for minute in series if minute.number > last - RECENT
    )
    watched = count(len(house.catalogue.services), "service")
    return f"{watched} watched. {count(mentions, 'mention')} in the last hour."


def _warnings(house: House, run: Run, clock_says: datetime) -> list[str]:
    """What makes silence mean nothing: a part that is not well, or counting that lags behind."""
    warnings = [f"{part}: {why}" for part, why in house.readiness().items() if why is not None]
    closed = _closed_until(house, run)
    if run.is_live and closed and clock_says - closed > LATE:
        warnings.append(
            f"Counting is {span(clock_says - closed)} behind (last closed minute {clock(closed)} UTC)."
        )
    return warnings
