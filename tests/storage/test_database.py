"""A database opens, or says clearly why not; and several processes write to one without harm."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from domain.label import Label, Verdict
from domain.run import Run
from storage.database import DatabaseUnavailable, migrate, open_database, writing
from storage.sql import SqlStores
from storage.tables import incidents, runs, timeline

ROOT = Path(__file__).parents[2]

UNREADABLE = [
    "",
    "nonsense",
    "mysql://root:hunter2@db/x",
    "postgresql+asyncpg://root:hunter2@db/x",
    "postgresql://root:hunter2@db:port/x",
    "sqlite://",
    "sqlite:///:memory:",
]


@pytest.mark.parametrize("url", UNREADABLE)
def test_a_url_that_cannot_be_used_is_refused_with_the_mend_and_without_the_password(url):
    with pytest.raises(DatabaseUnavailable, match="write sqlite:///path") as refused:
        open_database(url)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_server_that_is_not_there_is_named_without_the_password(scheme):
    with pytest.raises(DatabaseUnavailable, match=r"database x at 127\.0\.0\.1:1 ") as refused:
        open_database(f"{scheme}://root:hunter2@127.0.0.1:1/x?password=hunter2")
    assert "hunter2" not in str(refused.value)


def test_the_folder_of_a_file_is_made_and_only_its_owner_may_read_the_file(tmp_path):
    file = tmp_path / "new" / "folder" / "groundswell.db"
    open_database(f"sqlite:///{file}").dispose()
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DatabaseUnavailable, match=r"file/x\.db can't be made: .*/file: File exists"):
        open_database(f"sqlite:///{tmp_path}/file/x.db")


def test_a_file_that_is_no_database_is_named(tmp_path):
    (tmp_path / "x.db").write_bytes(b"something else entirely" * 100)
    with pytest.raises(DatabaseUnavailable, match=r"x\.db is not available: file is not a database"):
        open_database(f"sqlite:///{tmp_path}/x.db")


def test_sqlite_waits_for_other_writers_and_keeps_its_promises(tmp_path):
    engine = open_database(f"sqlite:///{tmp_path}/x.db")
    with engine.connect() as connection:
        names = ("journal_mode", "foreign_keys", "synchronous")
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]
        assert found == ["wal", 1, 1]
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() > 0
    engine.dispose()


def test_an_exception_inside_a_transaction_leaves_nothing(engine, make):
    row = {"name": "replay", "started_at": make.noon, "note": ""}

    def fail_halfway():
        with writing(engine) as connection:
            connection.execute(runs.insert(), row)
            connection.execute(runs.insert(), row)

    with pytest.raises(IntegrityError):
        fail_halfway()
    assert SqlStores(engine).runs.all() == []


def test_what_an_error_says_holds_no_values(engine, make):
    twice = [{"name": "live", "started_at": make.noon, "note": "whsec_secret"}] * 2
    with pytest.raises(IntegrityError) as failure, writing(engine) as connection:
        connection.execute(runs.insert(), twice)
    assert "whsec" not in str(failure.value)


def test_a_connection_that_the_server_closed_is_replaced(postgres):
    engine = open_database(postgres("closed"))
    other = open_database(engine.url.render_as_string(hide_password=False))
    with other.connect() as connection:
        ended = text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'closed' AND pid <> "
        )
        connection.execute(text(f"{ended} pg_backend_pid()"))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1
    with pytest.raises(DatabaseUnavailable, match="database closed at"), engine.connect() as connection:
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    engine.dispose()
    other.dispose()


def test_a_time_without_a_zone_is_refused(engine, make):
    with pytest.raises(Exception, match="has no time zone"):
        SqlStores(engine).runs.start(Run(name="replay", started_at=make.noon.replace(tzinfo=None)))


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.text(st.characters(), max_size=50))
def test_any_text_is_kept_save_what_no_database_can_write(engine, make, words):
    labels = SqlStores(engine).labels
    labels.add(Label("l1", "ada", make.noon, Verdict.REAL, source="rss", post="1", text=words))
    writable = "".join("\ufffd" if char == "\0" or "\ud800" <= char <= "\udfff" else char for char in words)
    assert [label.text for label in labels.find()] == [writable]


RACE = """
import sys
from datetime import UTC, datetime
from domain.incident import Change, Incident, Reason, Severity, State, incident_id
from storage.database import open_database
from storage.interfaces import Detection, DetectionStep
from storage.sql import SqlStores

url, last = sys.argv[1], int(sys.argv[2])
incidents = SqlStores(open_database(url)).incidents
print("ready", flush=True)
sys.stdin.readline()
won = 0
at = datetime(2026, 5, 4, tzinfo=UTC)
while True:
    kept = incidents.detection("live")
    minute = kept.next_minute if kept else 0
    if minute >= last:
        break
    name = incident_id("live", f"s{minute}", at)
    figures = (1.0, 2, 1.0, 5, 9.0, 6.0)
    incident = Incident(name, "live", f"s{minute}", State.SUSPECTED, Severity.MINOR, at, at, at, *figures)
    change = Change(incident, None, Reason.SURGE, at)
    step = DetectionStep("live", kept.next_minute if kept else None, Detection(minute + 1, b""), (change,))
    won += incidents.save(step)
print(won)
"""


@pytest.mark.parametrize("backend", ["sqlite", "postgres"])
def test_processes_that_race_save_each_step_once(request, tmp_path, backend):
    url = (
        f"sqlite:///{tmp_path}/race.db"
        if backend == "sqlite"
        else request.getfixturevalue("postgres")("race")
    )
    engine = open_database(url)
    migrate(engine)
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACE, url, "40"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for racer in racers:
        assert racer.stdout.readline() == "ready\n"
    won = [int(racer.communicate("go\n")[0]) for racer in racers]
    assert sum(won) == 40
    with engine.connect() as connection:
        counts = [
            connection.scalar(select(func.count()).select_from(table)) for table in (incidents, timeline)
        ]
    assert counts == [40, 40]
    engine.dispose()
