"""``groundswell models``: the versions of the classifier, and which of them counts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from commands.consoles import out, refuse
from domain.activation import Activation, NothingBefore
from domain.model_version import ModelCard
from models.shipped import ModelRefused, read
from settings import load_settings
from workers.house import House

models = typer.Typer(help="Versions of the classifier: which there are, and which counts.")

BY = "groundswell models"  # whoever has this machine has a key as well

Version = Annotated[str, typer.Argument(help="A version, as the list names it.")]


@models.callback(invoke_without_command=True)
def list_versions(context: typer.Context) -> None:
    """List every version, the latest trained first; a star marks the one that counts."""
    if context.invoked_subcommand is None:
        store = _house().stores.models
        out.print(version_table(store.cards(), store.activations()))


@models.command()
def activate(version: Version) -> None:
    """Let a version count, if it can be loaded here. Workers take it up within a second."""
    house = _house()
    try:
        _tell(house.versions.activate(version, BY, datetime.now(UTC)))
    except KeyError:
        refuse(f"no version {version} is kept; groundswell models lists them")


@models.command()
def rollback() -> None:
    """Let the version count again that did before; going back again goes further back."""
    house = _house()
    try:
        _tell(house.versions.roll_back(BY, datetime.now(UTC)))
    except NothingBefore as nothing:
        refuse(f"there is nothing to go back to: {nothing}")


@models.command("import")
def import_version(
    file: Annotated[Path, typer.Argument(help="A skops file, beside which stands its card.json.")],
) -> None:
    """Keep a version that was trained elsewhere. It counts when it is activated."""
    house = _house()
    try:
        card = house.versions.take_in(read(file))
    except ModelRefused as refused:
        refuse(f"{file}: {refused}")
    out.print(f"{card.version} is kept; it counts after: groundswell models activate {card.version}")


def version_table(cards: Iterable[ModelCard], activations: list[Activation]) -> Table:
    """Versions for a person."""
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for heading in ("", "version", "trained", "from", "labels until"):
        table.add_column(heading, no_wrap=True)
    for heading in ("macro-F1", "complaints"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("last counted", no_wrap=True)
    active = activations[-1].version if activations else None
    last = {one.version: one for one in activations}
    for card in cards:
        counted = last.get(card.version)
        table.add_row(
            "*" if card.version == active else "",
            card.version,
            f"{card.trained_at:%d %b %Y}",
            card.parent or "the corpus",
            "" if card.labels_until is None else f"{card.labels_until:%d %b %H:%M}Z",
            _figure(card, "macro_f1", "core_macro_f1_all"),
            _figure(card, "complaint_average_precision", "core_average_precision_complaint"),
            "never" if counted is None else f"{counted.at:%d %b %H:%M}Z, {counted.why.replace('_', ' ')}",
        )
    return table


def _figure(card: ModelCard, *names: str) -> str:
    """The first of these figures that a card has: a retrained version is measured elsewhere than a first."""
    known = [card.figures[name] for name in names if name in card.figures]
    return f"{known[0]:.3f}" if known else ""


def _tell(activation: Activation) -> None:
    out.print(f"{activation.version} counts now")


def _house() -> House:
    house = House(load_settings())
    house.prepare()
    return house
