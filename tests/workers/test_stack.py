"""The embedded stack: it starts on whatever an earlier one left, refuses in plain words, and ends whole."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from settings import ROOT, Settings
from tests.processes import command_of, is_alive, of_groups
from workers.stack import AlreadyRunning, FolderUnusable, PortTaken, is_running, running_stack
from workers.supervisor import StartFailed

SLEEP = "import time; time.sleep(600)"


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("GROUNDSWELL_"):
            monkeypatch.delenv(name)


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_a_taken_port_is_named_with_the_mend(tmp_path: Path, taken_port: int) -> None:
    settings = Settings(var=tmp_path, port=taken_port)
    with (
        pytest.raises(PortTaken, match=rf"port {taken_port} .*_PORT=\d+"),
        running_stack(settings),
    ):
        pass
    assert not (tmp_path / "pids").exists()


def test_an_address_of_another_machine_is_named_with_the_mend(tmp_path: Path) -> None:
    settings = Settings(var=tmp_path, host="192.0.2.1")  # reserved for documentation (RFC 5737)
    with pytest.raises(PortTaken, match=r"192\.0\.2\.1.*GROUNDSWELL_HOST"), running_stack(settings):
        pass


def test_a_second_stack_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("w") as lock:
        lock.write("4242\n")
        lock.flush()
        fcntl.flock(lock, fcntl.LOCK_EX)
        settings = Settings(var=tmp_path)
        assert is_running(settings)
        with pytest.raises(AlreadyRunning, match=r"process 4242.*GROUNDSWELL_VAR"), running_stack(settings):
            pass
    assert not is_running(settings)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings = Settings(var=tmp_path / "file" / "var")
    with pytest.raises(FolderUnusable, match=r"file.*GROUNDSWELL_VAR"), running_stack(settings):
        pass


def test_a_short_socket_is_not_trusted_to_a_folder_of_someone_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 4242)
    settings = Settings(var=tmp_path / ("v" * 120))
    try:
        with (
            pytest.raises(FolderUnusable, match="belongs to someone else"),
            running_stack(settings, with_api=False),
        ):
            pass
    finally:
        shutil.rmtree(settings.socket.parent)


def test_a_redis_elsewhere_that_is_silent_is_named_without_its_password(tmp_path: Path) -> None:
    settings = Settings(var=tmp_path, redis_url=f"unix://:hushhush@{tmp_path}/nothing.sock")
    with (
        pytest.raises(StartFailed, match="GROUNDSWELL_REDIS_URL") as failed,
        running_stack(settings, with_api=False),
    ):
        pass
    assert "hushhush" not in str(failed.value)


@pytest.fixture
def stale(tmp_path: Path) -> Iterator[tuple[Settings, int]]:
    """A folder with a long path, as a stack leaves it that was killed: and one of its programs lives on."""
    settings = Settings(var=tmp_path / ("v" * 120), workers=1, port=free_port())
    settings.var.mkdir()
    left = subprocess.Popen([sys.executable, "-c", SLEEP, str(ROOT)], start_new_session=True)
    while str(ROOT) not in command_of(left.pid):  # a program just started has no command for a moment
        time.sleep(0.01)
    (settings.var / "lock").write_text("999999\n")
    (settings.var / "pids").write_text(f"{left.pid}\n999999999\n")
    settings.socket.parent.mkdir(mode=0o700, parents=True)
    with socket.socket(socket.AF_UNIX) as old:
        old.bind(str(settings.socket))
    yield settings, left.pid
    left.kill()
    left.wait()
    shutil.rmtree(settings.socket.parent)


def test_a_stack_starts_on_what_a_killed_one_left_and_ends_every_process(
    stale: tuple[Settings, int],
) -> None:
    settings, left = stale
    with running_stack(settings) as house:
        assert not is_alive(left)
        assert is_running(settings)
        assert len(os.fsencode(settings.socket)) <= 100
        assert set(house.readiness().values()) == {None}
        assert httpx.get(f"http://127.0.0.1:{settings.port}/readyz", timeout=10).status_code == 200
        leaders = [int(pid) for pid in (settings.var / "pids").read_text().split()]
        assert len(leaders) == 4
        assert len(of_groups(leaders)) > 3  # the worker has a child for each core
    assert of_groups(leaders) == []
    assert not is_running(settings)
    assert not (settings.var / "pids").exists()


def test_a_stack_that_cannot_come_up_leaves_nothing_running(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "valkey").mkdir()
    (tmp_path / "valkey" / "appendonlydir").touch()  # the server wants a folder there
    with (
        pytest.raises(StartFailed, match=r"valkey did not come up.*valkey\.log"),
        running_stack(Settings(var=tmp_path), with_api=False),
    ):
        pass
    assert not (tmp_path / "pids").exists()
    assert not is_running(Settings(var=tmp_path))
