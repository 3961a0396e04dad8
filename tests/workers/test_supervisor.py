"""The supervisor with real processes: it restarts what dies, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.processes import is_alive
from workers import supervisor as module
from workers.supervisor import Program, StartFailed, Supervisor, end_leftovers

SLEEP = "import time; time.sleep(600)"
# Writes its number into a file that is named on its command line, and lives on.
SAY_PID = "import os, sys, time; open(sys.argv[1], 'a').write(f'{os.getpid()}\\n'); "
WITH_CHILD = (
    "import subprocess, sys, time; "
    f"child = subprocess.Popen([sys.executable, '-c', {SLEEP!r}]); "
    "open(sys.argv[1], 'a').write(f'{child.pid}\\n'); time.sleep(600)"
)


def eventually(holds: Callable[[], bool]) -> bool:
    """Whether it holds at last; the limit is far beyond what any of this takes."""
    for _ in range(600):
        if holds():
            return True
        time.sleep(0.05)
    return False


def pids_in(file: Path) -> list[int]:
    return [int(line) for line in file.read_text().split()] if file.exists() else []


class Stage:
    """A folder with programs that write their numbers into ``told``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.told = folder / "told"
        self.pids = folder / "pids"

    def program(self, code: str, *, name: str = "player", ready: bool = True, **fields: float) -> Program:
        return Program(
            name=name,
            command=[sys.executable, "-c", code, str(self.told)],
            environment=dict(os.environ),
            log=self.folder / f"{name}.log",
            ready=(lambda: bool(pids_in(self.told))) if ready else (lambda: False),
            **fields,
        )


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path)
    yield stage
    for pid in [*pids_in(stage.told), *pids_in(stage.pids)]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@pytest.fixture
def supervisor(stage: Stage) -> Iterator[Supervisor]:
    supervisor = Supervisor(stage.pids)
    yield supervisor
    supervisor.stop()


def test_what_dies_is_started_again(stage: Stage, supervisor: Supervisor) -> None:
    supervisor.start(stage.program(SAY_PID + "time.sleep(600)"))
    os.kill(pids_in(stage.told)[0], signal.SIGKILL)
    assert eventually(lambda: len(pids_in(stage.told)) == 2)
    first, second = pids_in(stage.told)
    assert is_alive(second)
    assert not is_alive(first)
    assert eventually(lambda: pids_in(stage.pids) == [second])


def test_the_pauses_before_a_restart_grow_up_to_a_limit(
    stage: Stage, supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "LONGEST_PAUSE", 1.0)
    supervisor.start(stage.program(SAY_PID + "time.sleep(0.5)"))
    assert eventually(lambda: caplog.text.count("starts again") >= 4)
    pauses = [record.args[2] for record in caplog.records if isinstance(record.args, tuple)]
    assert pauses[:4] == [0.5, 1.0, 1.0, 1.0]
    assert "player ended with status 0" in caplog.text


def test_a_program_that_stayed_up_is_forgiven(
    stage: Stage, supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "STEADY_AFTER", 0.1)
    supervisor.start(stage.program(SAY_PID + "time.sleep(1.5)"))
    assert eventually(lambda: caplog.text.count("starts again") >= 2)
    pauses = [record.args[2] for record in caplog.records if isinstance(record.args, tuple)]
    assert pauses[:2] == [0.5, 0.5]


def test_the_children_of_a_killed_program_do_not_outlive_it(stage: Stage, supervisor: Supervisor) -> None:
    supervisor.start(stage.program(WITH_CHILD))
    (child,) = pids_in(stage.told)
    os.kill(pids_in(stage.pids)[0], signal.SIGKILL)
    assert eventually(lambda: not is_alive(child))


def test_stopping_ends_programs_and_their_children(stage: Stage) -> None:
    supervisor = Supervisor(stage.pids)
    supervisor.start(stage.program(WITH_CHILD))
    programs, children = pids_in(stage.pids), pids_in(stage.told)
    supervisor.stop()
    assert not any(is_alive(pid) for pid in programs)
    assert eventually(lambda: not any(is_alive(pid) for pid in children))
    assert not stage.pids.exists()


def test_a_program_that_will_not_go_is_killed(stage: Stage) -> None:
    supervisor = Supervisor(stage.pids)
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    supervisor.start(stage.program(deaf + SAY_PID + "time.sleep(600)", farewell=0.2))
    (pid,) = pids_in(stage.told)
    supervisor.stop()
    assert not is_alive(pid)


def test_the_last_started_ends_first(stage: Stage, tmp_path: Path) -> None:
    supervisor = Supervisor(stage.pids)
    diary = tmp_path / "diary"
    for name in ("first", "second"):
        goodbye = (
            f"import signal; bye = lambda *_: (open({str(diary)!r}, 'a').write('{name} '), sys.exit()); "
            "signal.signal(signal.SIGTERM, bye); "
        )
        stage.told.unlink(missing_ok=True)
        supervisor.start(stage.program("import sys; " + goodbye + SAY_PID + "time.sleep(600)", name=name))
    supervisor.stop()
    assert diary.read_text() == "second first "


def test_a_second_interrupt_while_stopping_leaves_nothing_behind(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    supervisor = Supervisor(stage.pids)
    supervisor.start(stage.program(SAY_PID + "time.sleep(600)"))
    (pid,) = pids_in(stage.told)

    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "_end", interrupted)
    with pytest.raises(KeyboardInterrupt):
        supervisor.stop()
    os.waitpid(pid, 0)
    assert not is_alive(pid)


def test_a_program_that_ends_at_once_did_not_come_up(stage: Stage, supervisor: Supervisor) -> None:
    with pytest.raises(StartFailed, match=r"player did not come up; .*player\.log"):
        supervisor.start(stage.program("print('my last words')", ready=False))
    assert "my last words" in (stage.folder / "player.log").read_text()


def test_a_program_that_never_gets_ready_did_not_come_up(stage: Stage, supervisor: Supervisor) -> None:
    with pytest.raises(StartFailed, match="player"):
        supervisor.start(stage.program(SLEEP, ready=False, patience=0.2))


# --- what an earlier supervisor left behind ---

SUPERVISE = """
import os, sys, time
from pathlib import Path
from workers.supervisor import Program, Supervisor
folder = Path(sys.argv[1])
told = folder / "told"
command = [sys.executable, "-c", sys.argv[2], str(told)]
Supervisor(folder / "pids").start(Program("player", command, dict(os.environ), folder / "log", told.exists))
print("up", flush=True)
time.sleep(600)
"""


@pytest.fixture
def killed(stage: Stage) -> list[int]:
    """A supervisor was killed without warning; its programs live on."""
    first = subprocess.Popen(
        [sys.executable, "-c", SUPERVISE, str(stage.folder), SAY_PID + "time.sleep(600)"],
        stdout=subprocess.PIPE,
    )
    assert first.stdout is not None
    assert first.stdout.readline() == b"up\n"
    first.kill()
    first.wait()
    first.stdout.close()
    return pids_in(stage.pids)


def test_what_a_killed_supervisor_left_is_ended_by_the_next_start(stage: Stage, killed: list[int]) -> None:
    assert all(is_alive(pid) for pid in killed)
    assert end_leftovers(stage.pids, str(stage.folder)) == 1
    assert not any(is_alive(pid) for pid in killed)
    assert not stage.pids.exists()


def test_a_number_that_now_belongs_to_another_program_is_let_be(stage: Stage) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", SLEEP])
    try:
        stage.pids.write_text(f"{stranger.pid}\n")
        assert end_leftovers(stage.pids, str(stage.folder)) == 0
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.parametrize("noted", ["", "999999999\n", "12 thirteen\n-4\n", "\0\0\0\xff"])
def test_notes_that_mean_nothing_any_more_do_no_harm(stage: Stage, noted: str) -> None:
    stage.pids.write_text(noted)
    assert end_leftovers(stage.pids, str(stage.folder)) == 0
    assert not stage.pids.exists()


def test_without_notes_nothing_was_left(stage: Stage) -> None:
    assert end_leftovers(stage.pids, str(stage.folder)) == 0
