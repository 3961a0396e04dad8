"""Incidents with their evidence, the rates they came from, and how far detection has come: in SQL."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Select,
    and_,
    delete,
    insert,
    or_,
    select,
    tuple_,
    update,
)

from domain.delivery import Delivery
from domain.incident import Change, Evidence, Incident, State, TimelineEntry
from domain.rate import RateHour
from storage.database import reading, writing
from storage.interfaces import Detection, DetectionStep, IncidentFilter, KnownPost, ThreadId
from storage.known_posts import known_posts
from storage.rows import Row, in_chunks, insert_or_replace, inserted, record_of, row_of
from storage.sql_deliveries import insert_deliveries
from storage.sql_sources import insert_gaps, save_cursors
from storage.tables import detections, evidence, incidents, rates, timeline
from storage.timelines import entry_of

_BLANK = {"text": "", "url": None}  # what a withdrawn or old post leaves
_OPEN = [state.value for state in State if state.is_open]


class _Stale(Exception):
    """What a step was decided from is no longer so; raised to roll its transaction back."""


class SqlIncidents:
    """Every incident, changed one whole step at a time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def detection(self, run: str) -> Detection | None:
        with reading(self._engine) as connection:
            row = connection.execute(select(detections).where(detections.c.run == run)).mappings().first()
        return None if row is None else record_of(Detection, row)

    def save(self, step: DetectionStep) -> bool:
        try:
            with writing(self._engine) as connection:
                _advance(connection, step)
                for change in step.changes:
                    _apply(connection, change)
                for incident, shown in step.evidence.items():
                    _replace_evidence(connection, incident, shown)
                insert_or_replace(connection, rates, [_rate_row(step.run, rate) for rate in step.rates])
                insert_deliveries(connection, step.deliveries)
                save_cursors(connection, step.cursors)
                insert_gaps(connection, step.gaps)
        except _Stale:
            return False
        return True

    def change(self, change: Change, deliveries: Sequence[Delivery]) -> bool:
        try:
            with writing(self._engine) as connection:
                _apply(connection, change)
                insert_deliveries(connection, deliveries)
        except _Stale:
            return False
        return True

    def get(self, incident: str) -> Incident | None:
        with reading(self._engine) as connection:
            row = connection.execute(select(incidents).where(incidents.c.id == incident)).mappings().first()
        return None if row is None else record_of(Incident, row)

    def find(self, wanted: IncidentFilter, *, after: str | None, most: int) -> list[Incident]:
        page = select(incidents).where(*_conditions(wanted)).limit(most)
        with reading(self._engine) as connection:
            if after is not None:
                page = page.where(_comes_after(connection, after))
            return _incidents(connection, page)

    def open_in(self, run: str) -> list[Incident]:
        with reading(self._engine) as connection:
            return _incidents(
                connection, select(incidents).where(incidents.c.run == run, incidents.c.state.in_(_OPEN))
            )

    def timeline(self, incident: str) -> list[TimelineEntry]:
        story = select(timeline).where(timeline.c.incident == incident).order_by(timeline.c.revision)
        with reading(self._engine) as connection:
            return [record_of(TimelineEntry, row) for row in connection.execute(story).mappings()]

    def evidence(self, incident: str) -> list[Evidence]:
        shown = select(evidence).where(evidence.c.incident == incident).order_by(evidence.c.place)
        with reading(self._engine) as connection:
            return [record_of(Evidence, row) for row in connection.execute(shown).mappings()]

    def rates(self, run: str, first_hour: int, last_hour: int, service: str | None = None) -> list[RateHour]:
        hours = (
            select(rates.c.body)
            .where(rates.c.run == run, rates.c.hour.between(first_hour, last_hour))
            .order_by(rates.c.service, rates.c.hour)
        )
        if service is not None:
            hours = hours.where(rates.c.service == service)
        with reading(self._engine) as connection:
            bodies = connection.execute(hours).scalars()
            return [msgspec.msgpack.decode(body, type=RateHour) for body in bodies]

    def withdraw(self, posts: Collection[tuple[str, str]]) -> list[str]:
        if not posts:
            return []
        theirs = tuple_(evidence.c.source, evidence.c.post_id).in_(list(posts))
        with reading(
            self._engine
        ) as connection:  # most deleted posts spoke for nothing: that needs no writer
            found = connection.execute(select(evidence.c.incident).where(theirs).distinct()).scalars().all()
        if found:
            with writing(self._engine) as connection:
                connection.execute(update(evidence).where(theirs).values(_BLANK))
        return sorted(found)

    def blank_texts(self, before: datetime) -> int:
        old = and_(evidence.c.written_at < before, evidence.c.text != "")
        with writing(self._engine) as connection:
            return connection.execute(update(evidence).where(old).values(_BLANK)).rowcount

    def known_posts(self, posts: Collection[ThreadId]) -> dict[ThreadId, KnownPost]:
        told = (
            select(evidence.c.source, evidence.c.post_id, evidence.c.text, incidents.c.service)
            .join(incidents, incidents.c.id == evidence.c.incident)
            .where(evidence.c.text != "")
            .order_by(incidents.c.raised_at, incidents.c.id)
        )
        rows: list[Row] = []
        with reading(self._engine) as connection:
            for some in in_chunks(list(posts)):
                theirs = told.where(tuple_(evidence.c.source, evidence.c.post_id).in_(some))
                rows += map(dict, connection.execute(theirs).mappings())
        return known_posts(
            ((row["source"], row["post_id"]), row["text"], row["service"], None) for row in rows
        )


def _advance(connection: Connection, step: DetectionStep) -> None:
    """Move the run's detection on, if it still stands where the step expects it."""
    row = {"run": step.run, **row_of(step.detection)}
    if step.expected_minute is None:
        moved = inserted(connection, detections, row)
    else:
        here = and_(detections.c.run == step.run, detections.c.next_minute == step.expected_minute)
        moved = connection.execute(update(detections).where(here).values(row)).rowcount == 1
    if not moved:
        raise _Stale


def _apply(connection: Connection, change: Change) -> None:
    """Save an incident's next revision onto the one before, with its line in the timeline."""
    incident = change.incident
    row = row_of(incident)
    if incident.revision == 0:
        saved = inserted(connection, incidents, row)
    else:
        before = and_(incidents.c.id == incident.id, incidents.c.revision == incident.revision - 1)
        saved = connection.execute(update(incidents).where(before).values(row)).rowcount == 1
    if not saved:
        raise _Stale
    line = {"incident": incident.id, "revision": incident.revision, **row_of(entry_of(change))}
    connection.execute(insert(timeline), line)


def _replace_evidence(connection: Connection, incident: str, shown: Sequence[Evidence]) -> None:
    if connection.execute(select(incidents.c.id).where(incidents.c.id == incident)).first() is None:
        raise _Stale  # the incident was forgotten
    connection.execute(delete(evidence).where(evidence.c.incident == incident))
    rows = [{"incident": incident, "place": place, **row_of(one)} for place, one in enumerate(shown)]
    if rows:
        connection.execute(insert(evidence), rows)


def _rate_row(run: str, rate: RateHour) -> Row:
    return {"run": run, "service": rate.service, "hour": rate.hour, "body": msgspec.msgpack.encode(rate)}


def _conditions(wanted: IncidentFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.run is not None:
        conditions.append(incidents.c.run == wanted.run)
    if wanted.service is not None:
        conditions.append(incidents.c.service == wanted.service)
    if wanted.states:
        conditions.append(incidents.c.state.in_([state.value for state in wanted.states]))
    if wanted.raised_from is not None:
        conditions.append(incidents.c.raised_at >= wanted.raised_from)
    if wanted.raised_until is not None:
        conditions.append(incidents.c.raised_at < wanted.raised_until)
    return conditions


def _comes_after(connection: Connection, incident: str) -> ColumnElement[bool]:
    raised_at = connection.execute(
        select(incidents.c.raised_at).where(incidents.c.id == incident)
    ).scalar_one_or_none()
    if raised_at is None:
        raise KeyError(incident)
    return or_(
        incidents.c.raised_at < raised_at,
        and_(incidents.c.raised_at == raised_at, incidents.c.id > incident),
    )


def _incidents(connection: Connection, page: Select[*tuple[object, ...]]) -> list[Incident]:
    latest_first = page.order_by(incidents.c.raised_at.desc(), incidents.c.id)
    return [record_of(Incident, row) for row in connection.execute(latest_first).mappings()]
