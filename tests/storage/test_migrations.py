"""The migrations lead to the tables, from anywhere, however many take them at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from domain.activation import Why
from storage.database import DatabaseUnavailable, migrate, open_database
from storage.sql_incidents import SqlIncidents
from storage.sql_models import SqlModels
from storage.tables import metadata

ROOT = Path(__file__).parents[2]
MIGRATE = (
    "import sys; from storage.database import migrate, open_database; migrate(open_database(sys.argv[1]))"
)


@pytest.fixture(params=["sqlite", "postgres"])
def new_database(request, tmp_path):
    """Gives the URL of an empty database of a name."""
    if request.param == "sqlite":
        return lambda name: f"sqlite:///{tmp_path}/{name}.db"
    return request.getfixturevalue("postgres")


def shape(engine):
    """Everything the database says of its tables."""
    found = inspect(engine)
    names = sorted(set(found.get_table_names()) - {"alembic_version"})
    return {
        name: (
            [str(sorted(column.items(), key=str)) for column in found.get_columns(name)],
            [getattr(column["type"], "collation", None) for column in found.get_columns(name)],
            found.get_pk_constraint(name),
            sorted(map(str, found.get_foreign_keys(name))),
            sorted(str(sorted(index.items())) for index in found.get_indexes(name)),
        )
        for name in names
    }


def test_the_migrations_give_the_tables_and_nothing_else(new_database):
    migrated, made = (open_database(new_database(name)) for name in ("migrated", "made"))
    migrate(migrated)
    metadata.create_all(made)
    with migrated.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, metadata) == []
    assert shape(migrated) == shape(made)
    assert set(shape(migrated)) == set(metadata.tables)
    migrated.dispose()
    made.dispose()


def test_migrating_again_changes_nothing_and_works_from_anywhere(new_database, tmp_path, monkeypatch):
    engine = open_database(new_database("again"))
    migrate(engine)
    before = shape(engine)
    monkeypatch.chdir(tmp_path)
    migrate(engine)
    assert shape(engine) == before
    engine.dispose()


def test_processes_that_migrate_at_once_do_no_harm(new_database):
    url = new_database("at_once")
    together = [
        subprocess.Popen([sys.executable, "-c", MIGRATE, url], cwd=ROOT, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    complaints = [process.communicate()[1].decode() for process in together]
    assert [process.returncode for process in together] == [0, 0, 0], complaints
    engine = open_database(url)
    assert set(shape(engine)) == set(metadata.tables)
    engine.dispose()


def migrate_to(revision, engine):
    config = Config()
    config.set_main_option("script_location", str(ROOT / "storage" / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def test_classifiers_that_were_kept_before_retraining_came_stay_readable(new_database):
    engine = open_database(new_database("older"))
    migrate_to("0003", engine)
    card = "'v1', '2026-05-04 12:00:00', '{}', '{}', '{}'"
    body = "decode('00', 'hex')" if engine.dialect.name == "postgresql" else "x'00'"
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO model_versions (version, trained_at, data, figures, libraries, body) "
                f"VALUES ({card}, {body})"
            )
        )
        connection.execute(text("INSERT INTO activations (version, at) VALUES ('v1', '2026-05-04 12:00:00')"))
    migrate(engine)
    models = SqlModels(engine)
    assert [(one.version, one.kinds, one.scores, one.parent) for one in models.cards()] == [
        ("v1", {}, (), None)
    ]
    assert [(one.version, one.why) for one in models.activations()] == [("v1", Why.SHIPPED)]
    engine.dispose()


def test_incidents_that_were_kept_before_they_explained_themselves_stay_readable(new_database):
    engine = open_database(new_database("unexplained"))
    migrate_to("0004", engine)
    noon = "'2026-05-04 12:00:00'"
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO incidents (id, run, service, state, severity, onset_at, raised_at, last_high_at,"
                ' expected, observed, spread, "window", score, threshold, revision)'
                " VALUES ('inc_1', 'live', 'imessage', 'resolved',"
                f" 'minor', {noon}, {noon}, {noon}, 1.0, 9, 1.0, 5, 6.0, 4.6, 3)"
            )
        )
    migrate(engine)
    incident = SqlIncidents(engine).get("inc_1")
    assert (incident.onset_earliest_at, incident.growth, incident.relapse_of) == (None, None, None)
    assert incident.chance_per_month == pytest.approx(0.0432)
    engine.dispose()


def test_a_database_of_a_newer_version_is_left_alone(new_database):
    engine = open_database(new_database("newer"))
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseUnavailable, match="another version of Groundswell"):
        migrate(engine)
    engine.dispose()
