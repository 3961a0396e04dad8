"""``groundswell train``: a retraining from the asking to its decision, watched as it goes on."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from domain.retraining import Figure, Measure, Retraining, RetrainingState, Trial
from settings import ROOT
from workers.asking import ask, is_free
from workers.house import House

ASKED_BY = "groundswell train"
LOOK_EVERY = 0.2  # seconds
PATIENCE = 10.0  # seconds that the running workers have to take it up; then it is done here

_STYLES = {
    RetrainingState.PROMOTED: "bold green",
    RetrainingState.REFUSED: "bold",
    RetrainingState.HELD: "bold yellow",
    RetrainingState.FAILED: "bold red",
}
_TRIALS = {Trial.NEW_LABELS: "newest labels", Trial.CORE: "core set"}
_MEASURES = {
    Measure.SURPRISE: "surprise (less is better)",
    Measure.MACRO_F1: "macro-F1",
    Measure.AVERAGE_PRECISION: "average precision",
    Measure.KIND: "F1",
    Measure.GROUP: "judged right",
}

Tell = Callable[[Retraining], None]


def train(house: House, console: Console, *, with_workers: bool) -> Retraining:
    """A retraining as it ended.

    The running workers carry it out; without any, or if none takes it up, this process does. One that is
    under way already is watched instead.
    """
    now = datetime.now(UTC)
    asked = ask(house.stores, ASKED_BY, now) or house.stores.retrainings.under_way()
    if asked is None:  # another's has ended between the two looks
        return train(house, console, with_workers=with_workers)
    if asked.asked_by != ASKED_BY:
        console.print(f"a retraining that {asked.asked_by} asked for is under way", markup=False)
    with _bar(console) as bar:
        task = bar.add_task(asked.step, total=1.0)

        def tell(one: Retraining) -> None:
            bar.update(task, completed=one.progress, description=one.step)

        return _until_ended(house, asked, tell, with_workers=with_workers)


def train_the_shipped(house: House, console: Console) -> None:
    """Train the classifier that comes with Groundswell anew from the corpus, and print its figures."""
    from models.training import train_shipped

    version = train_shipped(ROOT / "data" / "corpus", services=house.catalogue)
    console.print(f"classifier {version.card.version}")
    for name, figure in sorted(version.card.figures.items()):
        console.print(f"  {name.ljust(32)} {figure:.3f}")


def decision(one: Retraining) -> Text:
    """How a retraining ended and why, in a sentence or two."""
    told = Text.assemble((one.state.value, _STYLES.get(one.state, "")), f": {one.reason}")
    if one.challenger is not None:
        told.append(f"\n{one.challenger} was held against {one.champion}")
    if one.new_labels:
        told.append(f"; {one.labels:,} labels, {one.new_labels:,} of them new")
    for person, why in one.set_aside.items():
        told.append(f"\nset aside: {person} ({why})")
    return told


def figure_table(one: Retraining) -> Table:
    """Every figure of a decision, the worst gain of each measure where one would look for it."""
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for heading in ("on", "measure", "of"):
        table.add_column(heading, no_wrap=True)
    for heading in ("posts", "champion", "challenger", "gain", "with 90% between"):
        table.add_column(heading, justify="right", no_wrap=True)
    for figure in one.figures:
        table.add_row(
            _TRIALS[figure.trial],
            _MEASURES[figure.measure],
            figure.of,
            f"{figure.posts:,}",
            f"{figure.champion:.3f}",
            f"{figure.challenger:.3f}",
            Text(f"{figure.gain:+.3f}", _style(figure)),
            f"{figure.low:+.3f} {figure.high:+.3f}",
        )
    return table


def _style(figure: Figure) -> str:
    if figure.low > 0:
        return "green"
    return "red" if figure.high < 0 else ""


def _bar(console: Console) -> Progress:
    return Progress(
        BarColumn(24),
        TaskProgressColumn(),
        TextColumn("{task.description}", markup=False),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


def _until_ended(house: House, asked: Retraining, tell: Tell, *, with_workers: bool) -> Retraining:
    """Watch the workers, and do what none of them does."""
    if with_workers:
        house.nudge_retraining(asked)
    here_from = time.monotonic() + (PATIENCE if with_workers else 0.0)
    retrainer = house.retrainer(tell)
    holder = f"{socket.gethostname()}:{os.getpid()}"
    while True:
        one = house.stores.retrainings.get(asked.id) or asked
        tell(one)
        if one.state.is_over:
            return one
        if time.monotonic() >= here_from and is_free(one, datetime.now(UTC)):
            ended = retrainer.carry_out(one.id, holder)
            if ended is not None:
                return ended
        time.sleep(LOOK_EVERY)
