"""Imports run downward only, and never in a circle."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# From the ground up. A room may import from the floors below its own, and from itself.
FLOORS = [
    {"domain", "settings"},
    {"ingest", "models", "detector", "delivery", "storage"},
    {"workers"},
    {"api", "commands"},
    {"cli"},
]
FLOOR_OF = {room: height for height, rooms in enumerate(FLOORS) for room in rooms}
MIDDLE = 1


def modules() -> Iterator[tuple[str, Path]]:
    for room in FLOOR_OF:
        for path in [ROOT / f"{room}.py", *(ROOT / room).rglob("*.py")]:
            if path.exists():
                parts = path.relative_to(ROOT).with_suffix("").parts
                yield ".".join(part for part in parts if part != "__init__"), path


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def ours(path: Path) -> set[str]:
    return {name for name in imports_of(path) if name.split(".")[0] in FLOOR_OF}


MODULES = dict(sorted(modules()))  # sorted: every process of a test run must see the same order


def test_every_package_is_installed() -> None:
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    packages = {
        ".".join(file.relative_to(ROOT).parent.parts)
        for room in FLOOR_OF
        for file in (ROOT / room).rglob("__init__.py")
    }
    assert set(listed) == packages


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_from_its_own_room_and_from_floors_below(module: str) -> None:
    room = module.split(".")[0]
    wrong = {
        name
        for name in ours(MODULES[module])
        if name.split(".")[0] != room and FLOOR_OF[name.split(".")[0]] >= FLOOR_OF[room]
    }
    assert not wrong, f"{module} reaches up or sideways: {', '.join(sorted(wrong))}"


@pytest.mark.parametrize("module", [name for name in MODULES if FLOOR_OF[name.split(".")[0]] == MIDDLE])
def test_the_middle_rooms_take_their_settings_as_arguments(module: str) -> None:
    assert "settings" not in ours(MODULES[module])


def test_no_module_imports_itself_in_a_circle() -> None:
    graph = {name: ours(path) & MODULES.keys() - {name} for name, path in MODULES.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"a circle of imports: {' -> '.join(error.args[1])}")
