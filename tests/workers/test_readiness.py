"""Whether the parts of the house do their work, and in which words they say that they do not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from storage.database import migrate, open_database
from storage.sql import SqlStores
from tests.storage.servers import running_valkey
from workers.readiness import CANARY, CANARY_STALE, database_fault, leave_canary, redis_fault, worker_fault


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    with running_valkey(tmp_path_factory.mktemp("v")) as url:
        yield Redis.from_url(url)


def test_a_server_that_answers_is_well(redis: Redis) -> None:
    assert redis_fault(redis) is None


def test_a_server_that_is_away_is_told_and_the_workers_are_unknown(tmp_path: Path) -> None:
    away = Redis(unix_socket_path=str(tmp_path / "nothing.sock"))
    assert "does not answer" in str(redis_fault(away))
    assert "unknown" in str(worker_fault(away))


def test_a_worker_is_well_as_long_as_it_leaves_word(redis: Redis) -> None:
    redis.flushall()
    assert "no worker" in str(worker_fault(redis))
    leave_canary(redis)
    assert worker_fault(redis) is None
    redis.set(CANARY, time.time() - CANARY_STALE - 1)
    assert "no worker" in str(worker_fault(redis))


def test_a_database_without_tables_or_without_a_classifier_says_so(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/groundswell.db")
    models = SqlStores(engine).models
    assert "no such table" in str(database_fault(models))
    migrate(engine)
    assert database_fault(models) == "no classifier is active"
