"""A small supervisor: starts programs, restarts what dies, and ends all that it started."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

log = logging.getLogger(__name__)

LOOK_EVERY = 0.2  # seconds
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0  # seconds before a restart: doubled each time, until it stays up
LEFTOVERS_PATIENCE = 5.0  # seconds for killed leftovers to be gone
_PROC = Path("/proc")
STEADY_AFTER = 30.0  # seconds of life after which the pauses begin anew


class StartFailed(Exception):
    """A program did not come up. The text names it and says where its last words are."""


@dataclass(frozen=True)
class Program:
    """One program of the stack.

    ``ready`` tells whether it does its work yet; ``patience`` is how long (seconds) it may take to come up,
    and ``farewell`` how long it may take to end after it was asked to.
    """

    name: str
    command: Sequence[str]
    environment: dict[str, str]
    log: Path
    ready: Callable[[], bool]
    patience: float = 60.0
    farewell: float = 8.0


@dataclass
class _Running:
    program: Program
    process: subprocess.Popen[bytes]
    since: float
    pause: float = FIRST_PAUSE
    again_at: float | None = None


@dataclass
class Supervisor:
    """Keeps programs alive, each in a process group of its own.

    ``pids`` is a file in which it notes what it started, so that a next start can end what an earlier
    supervisor, killed without warning, left behind.
    """

    pids: Path
    _running: list[_Running] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _watcher: threading.Thread | None = None

    def start(self, *programs: Program) -> None:
        """Start programs side by side and wait until each is ready. Raises ``StartFailed``."""
        started = [_Running(program, _launched(program), time.monotonic()) for program in programs]
        with self._lock:
            self._running += started
            self._note()
        for running in started:
            _wait_for(running)
        if self._watcher is None:
            self._watcher = threading.Thread(target=self._watch, name="supervisor", daemon=True)
            self._watcher.start()

    def _watch(self) -> None:
        while not self._stopping.wait(LOOK_EVERY):
            with self._lock:
                for running in self._running:
                    self._look_after(running)

    def _look_after(self, running: _Running) -> None:
        now = time.monotonic()
        if running.process.poll() is None:
            if now - running.since > STEADY_AFTER:
                running.pause = FIRST_PAUSE
            return
        if running.again_at is None:
            log.warning(
                "%s ended with status %s and starts again in %.1f s",
                running.program.name,
                running.process.returncode,
                running.pause,
            )
            _signal_group(running.process.pid, signal.SIGKILL)  # children of a killed parent live on
            running.again_at = now + running.pause
            running.pause = min(2 * running.pause, LONGEST_PAUSE)
        elif now >= running.again_at:
            running.process, running.since, running.again_at = _launched(running.program), now, None
            self._note()

    def _note(self) -> None:
        self.pids.write_text("".join(f"{running.process.pid}\n" for running in self._running))

    def stop(self) -> None:
        """End every program, the last started first."""
        self._stopping.set()
        if self._watcher is not None:
            self._watcher.join()
        with self._lock:
            try:
                for running in reversed(self._running):
                    _end(running)
            finally:  # a second Ctrl-C ends the waiting, not the promise
                for running in self._running:
                    _signal_group(running.process.pid, signal.SIGKILL)
            self._running.clear()
            self.pids.unlink(missing_ok=True)


def _launched(program: Program) -> subprocess.Popen[bytes]:
    with program.log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603 - the stack's own commands, no shell
            list(program.command),
            env=program.environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C at the terminal is for the supervisor alone
        )


def _wait_for(running: _Running) -> None:
    program = running.program
    while not program.ready():
        if running.process.poll() is not None or time.monotonic() > running.since + program.patience:
            raise StartFailed(f"{program.name} did not come up; its last words stand in {program.log}")
        time.sleep(0.05)


def _end(running: _Running) -> None:
    process = running.process
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(running.program.farewell)
    _signal_group(process.pid, signal.SIGKILL)
    process.wait()


def _signal_group(group: int, what: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, what)


def end_leftovers(pids: Path, mark: str) -> int:
    """End what an earlier supervisor left running, and say how many programs that were.

    A process counts as ours only if ``mark`` stands in its command: numbers are used again.
    """
    if not pids.exists():
        return 0
    noted = [int(pid) for pid in pids.read_bytes().split() if pid.isdigit()]  # a power cut may garble it
    ours = [pid for pid in noted if mark in _command_of(pid)]
    for pid in ours:
        _signal_group(pid, signal.SIGKILL)
    # Its successor uses the same files: it must be gone, not only about to go.
    deadline = time.monotonic() + LEFTOVERS_PATIENCE
    while any(_is_alive(pid) for pid in ours) and time.monotonic() < deadline:
        time.sleep(0.05)
    pids.unlink()
    return len(ours)


def _command_of(pid: int) -> str:
    """A process's whole command; empty when there is no such process."""
    if (_PROC / "self").exists():  # Linux, where a small machine may have no ps
        try:
            return (_PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    return _ps("command", pid)


def _is_alive(pid: int) -> bool:
    """Whether a process still holds its files: one that waits to be buried does not."""
    if (_PROC / "self").exists():
        try:
            # The state follows the name, which may hold anything, in parentheses (proc(5)).
            state = (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()[0]
        except OSError:
            return False
    else:
        state = _ps("stat", pid)
    return bool(state) and state[0] not in "ZX"


def _ps(what: str, pid: int) -> str:
    return subprocess.run(  # noqa: S603 - a fixed command with a number
        ["ps", "-ww", "-o", f"{what}=", "-p", str(pid)],  # noqa: S607 - in every Unix's path
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
