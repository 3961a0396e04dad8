"""Where commands print, and how one refuses."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

import typer
from rich.console import Console

from ingest.faults import BadLine

_PIPE_WIDTH = 120  # columns, where no terminal says how many there are
_TOLD = 20  # bad lines of one file that are told in full

out = Console(highlight=False, width=None if sys.stdout.isatty() else _PIPE_WIDTH)
err = Console(highlight=False, width=None if sys.stderr.isatty() else _PIPE_WIDTH, stderr=True)


def refuse(why: str) -> NoReturn:
    """End the command with a plain sentence for a mistake of its user's."""
    err.print(f"groundswell: {why}", style="red", markup=False, soft_wrap=True)
    raise typer.Exit(2)


def tell_bad_lines(name: str, bad: Sequence[BadLine]) -> None:
    """Name the first bad lines of a file, and say how many were skipped."""
    for one in bad[:_TOLD]:
        err.print(f"{name}: {one}", style="yellow", markup=False)
    if bad:
        skipped = "1 bad line was" if len(bad) == 1 else f"{len(bad):,} bad lines were"
        err.print(f"{name}: {skipped} skipped", style="yellow", markup=False)
