"""``groundswell``: every command, and the plain sentence for every mistake a user can make."""

from __future__ import annotations

import secrets
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from commands.classify import classify as judge_posts
from commands.consoles import err, out, tell_bad_lines
from commands.consoles import refuse as _refuse
from commands.evaluate import foot, measure, pairs_table, report_json, report_table
from commands.explain import NotExplained, check_picture, explained, write_picture
from commands.incident_lines import incident_lines
from commands.labels import labels
from commands.lead import lead_json, lead_report
from commands.listen import read_source
from commands.live import watch_sources
from commands.models import models
from commands.replay import ReplayStalled
from commands.replay import replay as bring
from commands.tables import incident_table
from commands.telling import incidents_of, lead_sentences, spillover_sentences
from commands.train import decision, figure_table, train_the_shipped
from commands.train import train as retrain
from domain.notice import OfficialNotice
from domain.retraining import RetrainingState
from domain.run import LIVE
from ingest.faults import LineRefused, RecordingError
from ingest.notices import read_notices
from models.catalogue import CatalogueError
from models.corpus import CorpusError
from models.gloss import LexiconError
from models.real_posts import RealPostsError
from models.shipped import ModelRefused
from settings import ROOT, Settings, WrongSettings, load_settings
from storage.database import DatabaseUnavailable
from storage.interfaces import Stores
from workers.backtesting import backtest as test_back
from workers.comparing import Narrowed, compare
from workers.house import House
from workers.replaying import Recording, ReplayOvertaken, load_recording
from workers.sources import ALL
from workers.stack import AlreadyRunning, FolderUnusable, PortTaken, is_running, running_stack
from workers.supervisor import StartFailed

DEMO = ROOT / "data" / "demo" / "2012-11-18.jsonl.gz"
DEMO_NOTICES = ROOT / "data" / "demo" / "2012-11-18.notices.jsonl"
DEMO_NOTE = "reconstruction of 18 November 2012, written for this project"
DEMO_SERVICE = "imessage"

MISTAKES = (
    AlreadyRunning, CatalogueError, CorpusError, DatabaseUnavailable, FolderUnusable, LexiconError,
    ModelRefused, NotExplained, PortTaken, RealPostsError, RecordingError, ReplayOvertaken, ReplayStalled,
    StartFailed, WrongSettings,
)  # fmt: skip

app = typer.Typer(
    help="Hears an outage from the people it hits, before the official dashboard admits it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
keys = typer.Typer(help="API keys, which every write needs.", no_args_is_help=True)
app.add_typer(keys, name="key")
app.add_typer(labels, name="labels")
app.add_typer(models, name="models")

STDIN = Path("-")
File = Annotated[Path, typer.Argument(help="JSON lines; plain, .gz or .zst; - for standard input.")]
Json = Annotated[bool, typer.Option("--json", help="One incident a line, as JSON.")]
Strict = Annotated[bool, typer.Option("--strict", help="Stop at the first bad line.")]
Extra = Annotated[
    Path | None, typer.Option("--catalogue", help="A file of services that adds to ours, or overrides them.")
]
Notices = Annotated[
    Path | None, typer.Option("--notices", help="Official notices as JSON lines, for the lead over them.")
]
Budget = Annotated[
    float | None, typer.Option("--budget", help="False alarms accepted, per service and 30 days.")
]


@app.command()
def run(
    once: Annotated[
        bool, typer.Option("--once", help="End after the story; 0 if the incident was found.")
    ] = False,
) -> None:
    """Start everything on this machine, replay the demo recording, and keep serving."""
    settings = load_settings()
    recording = load_recording(DEMO)
    out.print(f"[bold]Groundswell[/] starts: Valkey, {settings.workers} workers, the API")
    with running_stack(settings) as house:
        _welcome(house)
        out.print(f"\n[bold]Demo[/]: a {DEMO_NOTE} ({len(recording.posts):,} posts)\n")
        notices = read_notices(DEMO_NOTICES, recording.name)
        bring(house, recording, note=DEMO_NOTE, notices=notices, console=out)
        found = _conclude(house, recording.name)
        if once:
            raise typer.Exit(0 if found else 1)
        _serve_until_stopped(settings)


@app.command()
def serve() -> None:
    """Start everything on this machine and serve, without the demo."""
    settings = load_settings()
    with running_stack(settings) as house:
        _welcome(house)
        _serve_until_stopped(settings)


@app.command()
def live(
    seconds: Annotated[
        float | None, typer.Option("--seconds", help="End after so long; 0 if a source was heard by then.")
    ] = None,
) -> None:
    """Start everything, listen to every source that is configured, and show how they are doing."""
    settings = load_settings()
    settings = load_settings(sources=settings.sources or (ALL,))
    with running_stack(settings) as house:
        _welcome(house)
        heard = watch_sources(house, out, seconds)
        if seconds is not None:
            raise typer.Exit(0 if heard else 1)


@app.command(hidden=True)
def listen(
    source: Annotated[str, typer.Argument(help="A streaming source, as /v1/sources names it.")],
) -> None:
    """Read one streaming source, or stand by while another process does. The stack starts these itself."""
    house = House(load_settings())
    if source not in house.sources:
        known = ", ".join(house.sources) or "none; see GROUNDSWELL_SOURCES"
        _refuse(f"no source {source} is configured; there are: {known}")
    if house.sources[source].every is not None:
        _refuse(f"{source} is polled: the workers read it")
    read_source(house, source)


@app.command()
def replay(
    file: File,
    as_json: Json = False,
    strict: Strict = False,
    notices: Notices = None,
    workers: Annotated[
        int | None, typer.Option("--workers", help="Worker processes of a stack started just for this.")
    ] = None,
    catalogue: Extra = None,
    budget: Budget = None,
) -> None:
    """Bring a recording through the running stack; without one, start one just for this."""
    settings = load_settings(workers=workers, catalogue=catalogue, budget=budget)
    recording = _recording(file, strict=strict)
    known = _notices(notices, recording.name)
    with _stack_for_replay(settings, own=(workers, catalogue, budget)) as house:
        bring(house, recording, notices=known, console=None if as_json else err)
        _tell(house.stores, recording, house, as_json=as_json)


@app.command()
def backtest(
    file: File,
    as_json: Json = False,
    strict: Strict = False,
    notices: Notices = None,
    which: Annotated[
        str | None, typer.Argument(metavar="[INCIDENT|SERVICE]", help="With --explain: which one to draw.")
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Draw one incident: the highest, or the one that is named.")
    ] = False,
    picture: Annotated[
        Path | None, typer.Option("--out", help="Where to draw it, as SVG; else its id with .svg, here.")
    ] = None,
    catalogue: Extra = None,
    budget: Budget = None,
) -> None:
    """Run a recording through the same steps in one process, without any server."""
    check_picture(picture, which, explain=explain)
    house = House(load_settings(catalogue=catalogue, budget=budget))
    recording = _recording(file, strict=strict)
    classifier = house.shipped_classifier()
    stores = test_back(
        recording,
        house.reader_with(secrets.token_bytes(32)),  # a key for this once: nothing is kept
        classifier,
        names=house.names,
        budget=house.settings.budget,
        model_version=classifier.version,
        notices=_notices(notices, recording.name),
        silent_after=timedelta(minutes=house.settings.silent_after_minutes),
        kin=house.kin,
    )
    _tell(stores, recording, house, as_json=as_json)
    if explain:
        incident = explained(incidents_of(stores, recording.name), which, house.names)
        file = picture or Path(f"{incident.id}.svg")
        name = house.names[incident.service]
        write_picture(stores, incident, file, name=name, budget=house.settings.budget)
        err.print(f"{name}, {incident.id}: drawn in {file}", markup=False, soft_wrap=True)


@app.command()
def classify(
    file: File = STDIN,
    assume: Annotated[
        str | None, typer.Option("--assume", help="The service, by its id, of posts that name none.")
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", help="A version that is kept, instead of the one that ships.")
    ] = None,
    catalogue: Extra = None,
) -> None:
    """Write what the classifier says of each post of a recording, as JSON lines."""
    judge_posts(file, House(load_settings(catalogue=catalogue)), assume=assume, version=model)


@app.command()
def lead(
    run: Annotated[str, typer.Option("--run", help="The run: live, or the name of a replay.")] = LIVE,
    service: Annotated[str | None, typer.Option("--service", help="Only of this service, by its id.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
) -> None:
    """Show who was first with each outage, we or the official side, and what we missed."""
    house = House(load_settings())
    house.prepare()
    asked = house.stores.runs.get(run)
    if asked is None:
        _refuse(f"there is no run {run}; there are: {', '.join(one.name for one in house.stores.runs.all())}")
    if service is not None and service not in house.names:
        _refuse(f"no service {service} in the catalogue")
    record = compare(
        house.stores,
        asked,
        tuple(house.catalogue),
        datetime.now(UTC),
        watched=house.watched,
        narrowed=Narrowed(service=service),
    )
    if as_json:
        sys.stdout.write(lead_json(record, run) + "\n")
    else:
        out.print(lead_report(record, run, house.names))


@app.command()
def train(
    shipped: Annotated[
        bool, typer.Option("--shipped", help="The classifier that comes with Groundswell, from data/corpus.")
    ] = False,
) -> None:
    """Retrain the classifier with the labels, and let the new one count if it is better beyond chance."""
    house = House(load_settings())
    if shipped:
        train_the_shipped(house, out)
        return
    house.prepare()
    settings = house.settings
    ended = retrain(house, err, with_workers=is_running(settings) or not settings.embedded_redis)
    if ended.figures:
        out.print(figure_table(ended))
    out.print(decision(ended))
    raise typer.Exit(1 if ended.state is RetrainingState.FAILED else 0)


@app.command()
def evaluate(
    data: Annotated[
        Path | None, typer.Option("--data", help="A folder of public data sets, to measure on real posts.")
    ] = None,
    test: Annotated[
        bool, typer.Option("--test", help="The test half of the streams: to be looked at once.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
) -> None:
    """Measure how well complaints are told from the rest, beside three baselines. It takes minutes."""
    if test and data is None:
        _refuse("--test is of the streams among the real posts: name their folder with --data")
    house = House(load_settings())
    house.prepare()
    report = measure(house, err, data, "test" if test else "development")
    if as_json:
        sys.stdout.write(report_json(report) + "\n")
        return
    out.print(report_table(report), "", pairs_table(report), "", foot(report), sep="\n")


@app.command()
def api() -> None:
    """Serve the API and the page alone, beside workers that run elsewhere."""
    import uvicorn

    from api.app import create_app

    house = House(load_settings())
    house.prepare()
    _show_webhook_secret(house)
    host, port = house.settings.host, house.settings.port
    uvicorn.run(create_app(house), host=host, port=port, log_level="warning", server_header=False)


@keys.command("new")
def new_key(name: Annotated[str, typer.Argument(help="Whose key it is.")]) -> None:
    """Make an API key, and show it this once."""
    house = House(load_settings())
    house.prepare()
    out.print(house.new_key(name), soft_wrap=True)


@keys.command("revoke")
def revoke_key(name: Annotated[str, typer.Argument(help="Whose keys shall no longer be valid.")]) -> None:
    """Revoke every key of a name."""
    house = House(load_settings())
    house.prepare()
    if not house.revoke_keys(name):
        _refuse(f"no valid key has the name {name}")
    out.print(f"the keys of {name} are no longer valid")


@contextmanager
def _naming(file: Path) -> Iterator[None]:
    """A refused line is told with its file: a command may read two."""
    try:
        yield
    except LineRefused as refused:
        _refuse(f"{file}: {refused}")


def _notices(file: Path | None, run_name: str) -> list[OfficialNotice]:
    if file is None:
        return []
    with _naming(file):
        return read_notices(file, run_name)


def _recording(file: Path, *, strict: bool) -> Recording:
    with _naming(file):
        recording = load_recording(file, strict=strict)
    tell_bad_lines(recording.name, recording.bad)
    return recording


@contextmanager
def _stack_for_replay(settings: Settings, *, own: tuple[object, ...]) -> Iterator[House]:
    if settings.embedded_redis and not is_running(settings):
        deaf = settings.model_copy(update={"sources": ()})  # a replay hears nothing but its recording
        with running_stack(deaf, with_api=False) as house:
            yield house
        return
    if any(choice is not None for choice in own):
        _refuse("--workers, --catalogue and --budget belong to the stack's start, and one runs already")
    house = House(settings)
    for part, fault in house.readiness().items():
        if fault:
            _refuse(f"{part}: {fault}")
    yield house


def _tell(stores: Stores, recording: Recording, house: House, *, as_json: bool) -> None:
    if as_json:
        for line in incident_lines(stores, recording.name):
            sys.stdout.write(line + "\n")
        return
    table = incident_table(stores, recording.name, house.names)
    out.print(f"{len(recording.posts):,} posts, {table.row_count} incidents")
    if table.row_count:
        out.print(table)
    for sentence in spillover_sentences(stores, recording.name, house.names):
        out.print(sentence, markup=False)


def _welcome(house: House) -> None:
    settings = house.settings
    out.print(f"  page and API  [bold]http://{settings.host}:{settings.port}/[/]")
    if key := house.first_key():
        out.print(f"  API key       [bold]{key}[/]")
        out.print("                [dim]shown this once; for another: .venv/bin/groundswell key new NAME[/]")
    _show_webhook_secret(house)


def _show_webhook_secret(house: House) -> None:
    if secret := house.new_webhook_secret:
        out.print(f"  webhook key   [bold]{secret}[/]")
        out.print("                [dim]shown this once; with it your receiver checks the signature[/]")


def _conclude(house: House, run_name: str) -> bool:
    """Print what came of the demo, and say whether its incident was found."""
    out.print()
    for sentence in lead_sentences(house.stores, run_name, house.names):
        out.print(f"  {sentence}", style="bold")
    out.print()
    return any(incident.service == DEMO_SERVICE for incident in incidents_of(house.stores, run_name))


def _serve_until_stopped(settings: Settings) -> None:
    out.print(f"Serving at [bold]http://{settings.host}:{settings.port}/[/]. Ctrl-C ends it.")
    try:
        signal.pause()
    except KeyboardInterrupt:
        out.print("\nEnding every process …")


def _stop(_signal: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def main() -> None:
    """The command's entrance."""
    signal.signal(signal.SIGTERM, _stop)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:  # a closed terminal; nohup asks to ignore it
        signal.signal(signal.SIGHUP, _stop)
    try:
        app()
    except MISTAKES as mistake:
        err.print(f"groundswell: {mistake}", style="red", markup=False, soft_wrap=True)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
