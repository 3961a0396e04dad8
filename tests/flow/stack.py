"""The true stack for a test: real processes in a folder and on a port of their own, all gone at the end."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from settings import ROOT, load_settings
from tests.processes import command_of, knowing
from workers.house import House

COMMAND = Path(sys.executable).with_name("groundswell")
DEMO = ROOT / "data" / "demo" / "2012-11-18.jsonl.gz"
DEMO_RUN = "2012-11-18"
PATIENCE = 120.0  # seconds: a busy machine starts Python slowly
LOOK_EVERY = 0.01


@dataclass(frozen=True)
class Stack:
    """One ``var`` folder and port, and the settings that every program started in it reads."""

    var: Path
    port: int
    environment: dict[str, str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def socket(self) -> Path:
        return self.var / "valkey.sock"

    def run(self, *arguments: str | Path, status: int = 0) -> str:
        """What a command printed; it must end with ``status``."""
        done = subprocess.run(
            [COMMAND, *map(str, arguments)],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    @contextmanager
    def started(self, *arguments: str | Path) -> Iterator[Started]:
        """A command at work; it is asked to end with the block, unless it has ended before."""
        printed = self.var.with_name("printed")
        with printed.open("wb") as output:
            process = subprocess.Popen(
                [COMMAND, *map(str, arguments)],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                preexec_fn=_hear_interrupts,
            )
        try:
            yield Started(process, printed)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            process.wait(PATIENCE)

    @contextmanager
    def serving(self) -> Iterator[str]:
        """``groundswell serve`` until the block ends; gives what it printed until it was ready."""
        with self.started("serve") as serve:
            until(lambda: "Serving at" in serve.printed() or serve.process.poll() is not None)
            assert serve.process.poll() is None, serve.printed()
            yield serve.printed()

    def house(self) -> House:
        """The same stores, for a look from outside."""
        return House(load_settings(var=self.var))

    def process_of(self, program: str) -> int | None:
        """The process that the supervisor keeps whose command holds ``program``: it leads its own group."""
        try:
            kept = (self.var / "pids").read_text().split()
        except FileNotFoundError:
            return None
        return next((int(pid) for pid in kept if program in command_of(int(pid))), None)

    def processes(self) -> dict[int, str]:
        """Everything at work that knows this stack's folder, by its command or its environment."""
        return knowing(str(self.var))


@dataclass(frozen=True)
class Started:
    """A command at work, and the file that takes what it prints."""

    process: subprocess.Popen[bytes]
    file: Path

    def printed(self) -> str:
        return self.file.read_text()

    def lines(self) -> str:
        """Its incidents as JSON lines, without the warnings between them."""
        return "".join(line for line in self.printed().splitlines(True) if line.startswith("{"))


@contextmanager
def new_stack(**settings: str) -> Iterator[Stack]:
    """A folder and a port for one stack. At the end nothing of it may be left at work."""
    # A short path: a Unix socket's may not be long.
    folder = Path(tempfile.mkdtemp(prefix="gs-"))
    port = free_port()
    chosen = {"GROUNDSWELL_VAR": str(folder / "var"), "GROUNDSWELL_PORT": str(port), **settings}
    outside = {name: value for name, value in os.environ.items() if not name.startswith("GROUNDSWELL_")}
    stack = Stack(folder / "var", port, {**outside, **chosen})
    try:
        yield stack
        assert stack.processes() == {}
        assert not stack.socket.exists()
    finally:
        _end(stack)
        shutil.rmtree(folder, ignore_errors=True)


def until(true: Callable[[], object], patience: float = PATIENCE) -> None:
    """Wait until something holds; fails when it does not come to hold."""
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(LOOK_EVERY)


def _hear_interrupts() -> None:
    """A test run that was itself started in the background hands on that Ctrl-C is to be ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def kill_group(leader: int) -> None:
    """End a program and its children without any warning."""
    os.killpg(leader, signal.SIGKILL)


def _end(stack: Stack) -> None:
    """A test that failed half-way must not leave its programs at work."""
    for pid in stack.processes():
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
