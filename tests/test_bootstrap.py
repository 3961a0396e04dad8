"""``bootstrap.py`` makes the environment once, and says in one line why it cannot."""

from __future__ import annotations

import runpy
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import pytest

ROOT = Path(__file__).resolve().parent.parent


class Tree:
    """A copy of the repository's root in which every program that is called is an actor."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.calls: list[list[str]] = []
        self.failing: dict[str, str] = {}  # a word of a command, and what it says while it fails
        self._patch = patch
        self._capsys = capsys
        for name in ("bootstrap.py", "requirements.txt", "requirements-dev.txt", "pyproject.toml"):
            shutil.copy(ROOT / name, folder)

    def call(self, command: Sequence[str], *, stdout: IO[bytes], **_: object) -> int:
        self.calls.append(list(command))
        for word, said in self.failing.items():
            if word in command:
                stdout.write(said.encode())
                return 1
        if "venv" in command:
            python = self.folder / ".venv" / "bin" / "python"
            shutil.rmtree(self.folder / ".venv", ignore_errors=True)
            python.parent.mkdir(parents=True)
            python.touch()
        return 0

    def bootstrap(self, requirements: str = "requirements.txt") -> tuple[int, str]:
        """Exit code, and what stands on standard error."""
        self.calls.clear()
        self._patch.setattr(sys, "argv", ["bootstrap.py", requirements])
        code = 0
        try:
            runpy.run_path(str(self.folder / "bootstrap.py"))
        except SystemExit as ended:
            code = int(ended.code or 0)
        return code, self._capsys.readouterr().err


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Tree:
    tree = Tree(tmp_path, monkeypatch, capsys)
    monkeypatch.setattr(subprocess, "call", tree.call)
    return tree


def why(told: str) -> str:
    """The one line of a failure, after the line that says what is going on."""
    lines = told.splitlines()
    assert len(lines) <= 2, told
    assert lines[-1].startswith("groundswell: ")
    return lines[-1]


def test_the_environment_is_made_and_filled(tree: Tree) -> None:
    code, told = tree.bootstrap()
    assert code == 0
    assert told.count("\n") == 1
    made, packages, ourselves = tree.calls
    assert made[1:3] == ["-m", "venv"]
    assert packages[-2:] == ["-r", "requirements.txt"]
    assert ourselves[-2:] == ["-e", "."]


def test_a_second_call_does_nothing_and_says_nothing(tree: Tree) -> None:
    tree.bootstrap()
    assert tree.bootstrap() == (0, "")
    assert tree.calls == []


def test_the_larger_set_holds_the_smaller(tree: Tree) -> None:
    tree.bootstrap("requirements-dev.txt")
    assert tree.bootstrap() == (0, "")
    assert tree.calls == []


def test_the_smaller_set_does_not_hold_the_larger(tree: Tree) -> None:
    tree.bootstrap()
    tree.bootstrap("requirements-dev.txt")
    assert any("requirements-dev.txt" in call for call in tree.calls)


@pytest.mark.parametrize("name", ["requirements.txt", "pyproject.toml"])
def test_a_change_of_what_it_holds_makes_it_anew(name: str, tree: Tree) -> None:
    tree.bootstrap()
    with (tree.folder / name).open("a") as file:
        file.write("\n# another line\n")
    tree.bootstrap()
    assert len(tree.calls) == 3


def test_an_environment_that_was_moved_is_made_anew(tree: Tree, tmp_path: Path) -> None:
    tree.bootstrap()
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    for part in list(tree.folder.iterdir()):
        if part != moved:
            part.rename(moved / part.name)
    tree.folder = moved
    tree.bootstrap()
    assert len(tree.calls) == 3


def test_a_python_that_is_too_old_is_told_in_one_line(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 18, "final", 0))
    code, told = tree.bootstrap()
    assert code == 1
    assert told == (
        "groundswell: Python 3.9 is too old, 3.11 or newer is needed: "
        "name one, as in make PYTHON=python3.12\n"
    )
    assert tree.calls == []


FAILURES = [
    ("error: command 'gcc' failed: No such file or directory", "no compiler"),
    ("error: command 'x86_64-linux-gnu-gcc' failed: No such file or directory", "no compiler"),
    ("xcrun: error: invalid active developer path (/Library/Developer/CommandLineTools)", "xcode-select"),
    ("error: can't find Rust compiler", "no compiler"),
    ("OSError: [Errno 28] No space left on device", "disk is full"),
    ("ERROR: No matching distribution found for numpy==2.4.6", "no release for this Python"),
    ("NewConnectionError: Temporary failure in name resolution", "is there a network?"),
    ("something that nobody foresaw", "the last words are in"),
]


@pytest.mark.parametrize(("said", "mend"), FAILURES)
def test_a_failed_installation_is_told_in_one_line(said: str, mend: str, tree: Tree) -> None:
    tree.failing = {"-r": said}
    code, told = tree.bootstrap()
    assert code == 1
    assert "installing the packages failed" in why(told)
    assert mend in why(told)
    log = tree.folder / "var" / "log" / "install.log"
    assert str(log) in why(told)
    assert said in log.read_text()


def test_after_a_failure_the_next_call_tries_again(tree: Tree) -> None:
    tree.failing = {"-r": "no network"}
    tree.bootstrap()
    tree.failing = {}
    code, _ = tree.bootstrap()
    assert code == 0
    assert len(tree.calls) == 3


def test_a_python_without_venv_is_told_what_to_install(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)  # importing it now fails
    code, told = tree.bootstrap()
    assert code == 1
    assert "python3-venv" in why(told)


def test_an_interrupted_installation_is_no_traceback(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess, "call", interrupted)
    code, told = tree.bootstrap()
    assert code == 1
    assert "interrupted" in why(told)


def test_a_folder_that_may_not_be_written_is_named(tree: Tree) -> None:
    (tree.folder / "var").touch()  # a file where a folder should be
    code, told = tree.bootstrap()
    assert code == 1
    assert str(tree.folder / "var") in why(told)
