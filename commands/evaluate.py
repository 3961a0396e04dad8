"""``groundswell evaluate``: how well the classifier does on every kind of post there is, beside baselines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from commands.consoles import refuse
from models.real_posts import Half
from workers.house import House

if TYPE_CHECKING:  # whoever asks for another command does not wait for scikit-learn and spaCy
    from models.evaluating.folds import Tell
    from models.evaluating.measures import Measured, Row
    from models.evaluating.report import Report

_COLUMNS = {"keyword": "keyword", "tfidf": "TF-IDF", "fasttext": "fastText"}
_LANGUAGES = {
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "ja": "Japanese",
    "nl": "Dutch",
    "pt": "Portuguese",
}
_NONE = "-"
_WIDTH = 110  # columns
# What stands under the tables, by its term.
_FOOT = {
    "figures": """
        AUC, AP (average precision), macro-F1 of both sides and ECE (calibration error; less is better)
        of: is it a complaint? By kind: is it of that kind, the number of those, and F1 of that kind. Of
        the baselines: AUC. The words alone are judged, without the rules for official accounts, reposts
        and blame.
    """,
    "corpus": """
        written for this project; in ten folds, with no service and no pair on both sides. Of the ground,
        the models have the vectors alone.
    """,
    "core set": "frozen posts, never trained on; judged by the model {report.model}.",
    "complaints_acl19": """
        complaints of anything, as its authors judged them (Preotiuc-Pietro et al. 2019). The classifier's
        features, vectors and learner, taught by these posts alone: in ten folds, and with each of nine
        trades held out.
    """,
    "labelled": """
        by us, as complaints of a failure. Each set is judged by a model that the corpus and the labels of
        the other sets taught; the ground's vectors have seen the texts of all sets, without labels. Sure:
        without the posts of which the labeller was not.
    """,
    "streams": """
        what support accounts heard, the {report.half} half (the development half guided how the classifier
        was made); judged by the model {report.model}. Nothing was ever trained on them. Some have few
        complaints: their second digit may be chance.
    """,
    "test half": "it is there to be looked at once: what is chosen after a look, it can no longer judge.",
    "left out": "{report.unread} labelled posts in languages of which there is no lexicon.",
    "keyword": 'counts "is down" and the like.',
    "TF-IDF": """
        logistic regression, taught by complaints_acl19 alone; on posts of that set, in its ten folds.
    """,
    "fastText": """
        taught by what taught our model of the row; on the core set by the corpus, on the streams by the
        corpus and our labels of the data sets.
    """,
    "no fastText": "it is not installed here; for its column: {install} (Python 3.11 or 3.12)",
    "real posts": """
        are not measured here: they are public, but not ours to pass on. --data FOLDER names a folder that
        holds labels/NAME.jsonl.gz and streams/NAME.jsonl.gz; data/labels/README.md says which.
    """,
}


def measure(house: House, console: Console, data: Path | None, half: Half) -> Report:
    """Everything that can be measured here. Raises ``CorpusError`` or ``RealPostsError``."""
    from models import corpus
    from models.evaluating.report import evaluate, read_real
    from models.ground import GroundError, load_ground

    real = read_real(data, half) if data is not None else None  # its mistakes are told before any waiting
    try:
        ground = load_ground()
    except GroundError as why:
        refuse(str(why))
    with _telling(console) as tell:
        return evaluate(
            house.classifier(),
            corpus.read_corpus(corpus.CORPUS),
            corpus.read_core(),
            real,
            services=tuple(house.catalogue),
            ground=ground,
            tell=tell,
        )


def report_json(report: Report) -> str:
    """A report for machines."""
    return msgspec.json.encode(report).decode()


def report_table(report: Report) -> Table:
    """A row for each sort of posts; the baselines have their AUC, and F1 where others published theirs."""
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    table.add_column("on", no_wrap=True)
    for heading in ("posts", "complaints", "AUC", "AP", "F1", "ECE"):
        table.add_column(heading, justify="right", no_wrap=True)
    for heading in _COLUMNS.values():
        table.add_column(heading, justify="right")
    for block, rows in groupby(report.rows, key=lambda row: row.block):
        table.add_row(f"[bold]{block}[/]")
        for row in rows:
            table.add_row(*_cells(row, report))
    return table


def pairs_table(report: Report) -> Table:
    """The hard pairs of the corpus."""
    pairs = report.pairs
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for heading in ("hard pairs", "number", "ours", *_COLUMNS.values()):
        table.add_column(heading, justify="left" if heading == "hard pairs" else "right", no_wrap=True)
    table.add_row("posts of the right kind", f"{pairs.posts:,}", f"{pairs.posts_right:.3f}", *[_NONE] * 3)
    others = (f"{pairs.baselines[name]:.3f}" if name in pairs.baselines else _NONE for name in _COLUMNS)
    table.add_row("complaint ranked above twin", f"{pairs.twins:,}", f"{pairs.ranked_right:.3f}", *others)
    return table


def foot(report: Report) -> Table:
    """What the rows and columns mean, and what is missing here."""
    from models.evaluating.baselines import INSTALL_FASTTEXT

    table = Table.grid(padding=(0, 2, 0, 0))
    table.width = _WIDTH
    table.add_column(no_wrap=True, style="dim")
    table.add_column()
    for term in _terms(report):
        said = _FOOT[term].format(report=report, install=INSTALL_FASTTEXT)
        table.add_row(term, " ".join(said.split()))
    return table


def _terms(report: Report) -> Iterator[str]:
    """Those of the foot that this report needs."""
    yield from ("figures", "corpus", "core set")
    if report.half is not None:
        yield from ("complaints_acl19", "labelled", "streams")
    if report.half == "test":
        yield "test half"
    if report.unread:
        yield "left out"
    yield "keyword"
    if report.half is not None:
        yield "TF-IDF"
    yield "fastText" if report.with_fasttext else "no fastText"
    if report.half is None:
        yield "real posts"


def _cells(row: Row, report: Report) -> Iterator[str]:
    from models.evaluating.real import RATED_ROWS

    yield f"  {_LANGUAGES.get(row.of, row.of)}"
    yield f"{row.posts:,}"
    yield f"{row.hits:,}"
    yield from _figures(row.ours)
    without = {} if report.with_fasttext or not row.baselines else {"fasttext": "not installed"}
    for name in _COLUMNS:
        found = row.baselines.get(name)
        if found is None:
            yield without.get(name, _NONE)
        else:
            yield f"{found.auc:.3f}" + (f"\nF1 {found.f1:.3f}" if row.block == RATED_ROWS else "")


def _figures(found: Measured | None) -> Iterator[str]:
    if found is None:
        yield from [_NONE] * 4
        return
    for figure in (found.auc, found.average_precision, found.f1, found.calibration_error):
        yield f"{figure:.3f}"


@contextmanager
def _telling(console: Console) -> Iterator[Tell]:
    """What is under way: a bar in a terminal, and a line for each part elsewhere."""
    bar = Progress(
        BarColumn(24),
        TaskProgressColumn(),
        TextColumn("{task.description}", markup=False),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    told = ""
    with bar:
        task = bar.add_task("reading the posts", total=1)

        def tell(what: str, done: int, of: int) -> None:
            nonlocal told
            bar.update(task, completed=done, total=of, description=what)
            if what != told and not console.is_terminal:
                console.print(what, markup=False)
            told = what

        yield tell
