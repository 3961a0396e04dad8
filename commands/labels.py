"""``groundswell labels``: what people said, as a list and as files, and what to ask them next."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.table import Table
from rich.text import Text

from commands.consoles import out, refuse, tell_bad_lines
from commands.telling import quoted
from domain.busy import Busy
from domain.doubt import Doubt
from domain.label import Label, Untaught, Verdict
from domain.mention import KINDS
from ingest.faults import BadLine, LineRefused, RecordingError
from ingest.labels import LabelReader
from ingest.lines import open_recording
from settings import load_settings
from workers.house import House
from workers.replaying import recording_name

labels = typer.Typer(help="What people say of posts and incidents, from which the classifier learns.")

_ALL = 1_000_000
_QUOTE = 60  # characters
_WHY = {
    Untaught.NO_WORDS: "their words are known nowhere: give them as text",
    Untaught.NO_SERVICE: "it is not known for which service: name it",
}
_HINT = """\
To teach: [bold]groundswell labels queue --json > posts.jsonl[/], add to each line its [bold]"kind"[/] \
({kinds}), and [bold]groundswell labels import posts.jsonl --by YOU[/]. \
Lines without one are skipped."""

AsLines = Annotated[bool, typer.Option("--json", help="One JSON object a line, as import reads it.")]
Service = Annotated[str | None, typer.Option("--service", help="Only of this service, by its id.")]


@labels.callback(invoke_without_command=True)
def list_labels(
    context: typer.Context,
    by: Annotated[str | None, typer.Option("--by", help="Only this person's.")] = None,
    incident: Annotated[str | None, typer.Option("--incident", help="Only of this incident.")] = None,
    most: Annotated[int, typer.Option("--most", min=1, help="At most so many.")] = 20,
) -> None:
    """List what people said, the latest first."""
    if context.invoked_subcommand is not None:
        return
    house = _house()
    found = house.stores.labels.find(by=by, incident=incident, most=most)
    if found:
        out.print(label_table(found, house.names))
    else:
        out.print("no labels")


@labels.command("import")
def import_labels(
    file: Annotated[
        Path,
        typer.Argument(help="JSON lines, or a table with a head (CSV); plain, .gz or .zst; - for input."),
    ],
    by: Annotated[str | None, typer.Option("--by", help="Who labelled, where a line does not say.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Stop at the first bad line; keep none.")] = False,
) -> None:
    """Keep the labels of a file; the same file twice changes nothing."""
    house = _house()
    read, bad = _read(file, house, by, strict=strict)
    tell_bad_lines(str(file), bad)
    kept = house.completed(read)
    changed = house.label_all(kept)
    labels_read = "1 label" if len(kept) == 1 else f"{len(kept):,} labels"
    out.print(f"{labels_read} read: {changed:,} new or changed, {len(kept) - changed:,} known before")
    for why, number in Counter(label.untaught for label in kept).items():
        if why is not None:
            out.print(f"{number:,} of them teach nothing: {_WHY[why]}")


@labels.command("export")
def export_labels() -> None:
    """Write every label of a post as JSON lines, as import reads them: the earliest first."""
    for line in label_lines(reversed(_house().stores.labels.find(most=_ALL))):
        sys.stdout.write(line + "\n")


@labels.command("queue")
def show_queue(
    service: Service = None,
    most: Annotated[int, typer.Option("--most", min=1, max=500, help="At most so many.")] = 20,
    as_lines: AsLines = False,
) -> None:
    """Show the posts on which a verdict would teach most, the most doubtful first."""
    house = _house()
    if service is not None and service not in house.names:
        refuse(f"no service {service} in the catalogue")
    try:
        doubts = house.doubts(service, most)
    except Busy as busy:
        refuse(f"{busy.why}: is the stack running?")
    if as_lines:
        for line in doubt_lines(doubts):
            sys.stdout.write(line + "\n")
    elif doubts:
        out.print(doubt_table(doubts, house.names))
        out.print(_HINT.format(kinds=", ".join(KINDS)), style="dim")
    else:
        out.print("nothing waits for a verdict: no doubtful post of the last day was counted")


def label_table(found: Iterable[Label], names: Mapping[str, str]) -> Table:
    """Labels for a person."""
    table = _table("said", "by", "verdict", "about")
    for label in found:
        verdict = label.verdict.value.replace("_", " ")
        said = f"{verdict}: {label.kind}" if label.kind else verdict
        table.add_row(f"{label.at:%d %b %H:%M}Z", Text(label.by), said, _subject(label, names))
    return table


def doubt_table(doubts: Iterable[Doubt], names: Mapping[str, str]) -> Table:
    """Doubts for a person."""
    table = _table("service", "taken for", "post")
    for doubt in doubts:
        likely = sorted(zip(doubt.probabilities, KINDS, strict=True), reverse=True)[:2]
        guesses = ", ".join(f"{kind} {probability:.0%}" for probability, kind in likely)
        table.add_row(names.get(doubt.service, doubt.service), guesses, Text(quoted(doubt.text, _QUOTE)))
    return table


def label_lines(found: Iterable[Label]) -> Iterator[str]:
    """Labels of posts for a program, a JSON object each."""
    for label in found:
        if label.post is not None:
            fields = {name: getattr(label, name) for name in label.__struct_fields__ if name != "id"}
            yield _line({name: value for name, value in fields.items() if value is not None})


def doubt_lines(doubts: Iterable[Doubt]) -> Iterator[str]:
    """Doubts for a program, a JSON object each; ``kind`` is left for a person to say."""
    for doubt in doubts:
        fields = {
            "source": doubt.source,
            "post": doubt.post,
            "service": doubt.service,
            "text": doubt.text,
            "lang": doubt.lang,
            "taken_for": doubt.kind,
            "unsure": doubt.unsure,
        }
        yield _line({name: value for name, value in fields.items() if value is not None})


def _house() -> House:
    house = House(load_settings())
    house.prepare()
    return house


def _read(
    file: Path, house: House, by: str | None, *, strict: bool
) -> tuple[Sequence[Label], Sequence[BadLine]]:
    bad: list[BadLine] = []
    source = recording_name(file).removesuffix(".csv")
    reader = LabelReader(source, by, datetime.now(UTC), frozenset(house.names))
    try:
        with open_recording(file) as lines:
            read = list(reader.read(lines, bad.append, strict=strict))
    except LineRefused as refused:
        raise RecordingError(f"{file}: {refused}") from None
    if not read:
        first = f"; the first bad one: {bad[0]}" if bad else ""
        raise RecordingError(f"{file}: holds no label that can be read (bad lines: {len(bad)}{first})")
    return read, bad


def _subject(label: Label, names: Mapping[str, str]) -> Text:
    if label.post is None:
        return Text(label.incident or label.official or "")
    service = names.get(label.service or "", label.service or "?")
    if label.verdict is Verdict.WRONG_SERVICE and label.instead_of:
        service = f"{service}, not {names.get(label.instead_of, label.instead_of)}"
    words = f' "{quoted(label.text, _QUOTE)}"' if label.text else f" {quoted(f'{label.source} {label.post}')}"
    return Text(service + words)


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 1, 0, 0))
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _line(fields: Mapping[str, object]) -> str:
    return msgspec.json.encode(fields).decode()
