"""Every mistake of a user ends in a plain sentence and exit code 2; what a command prints is what it says."""

from __future__ import annotations

import gzip
import io
import json
import re
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import cli
from settings import ROOT

GOOD = {"id": "1", "written_at": "2026-03-01T10:00:00Z", "text": "iMessage is stuck at sending"}


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


Groundswell = Callable[..., Outcome]


@pytest.fixture
def groundswell(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Iterator[Groundswell]:
    """The command, in a folder of its own; it is called with its words."""
    monkeypatch.setenv("GROUNDSWELL_VAR", str(tmp_path / "var"))
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}

    def call(*words: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["groundswell", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        told = capsys.readouterr()
        return Outcome(int(ended.value.code or 0), told.out, told.err)

    yield call
    for number, handler in handlers.items():
        signal.signal(number, handler)


def lines(path: Path, *posts: object) -> Path:
    path.write_text("".join(post if isinstance(post, str) else json.dumps(post) + "\n" for post in posts))
    return path


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return lines(tmp_path / "good.jsonl", GOOD)


def assert_refused(outcome: Outcome, *said: str) -> None:
    assert outcome.code == 2
    assert outcome.out == ""
    assert outcome.err.startswith("groundswell: ")
    assert outcome.err.count("\n") == 1, outcome.err
    for word in said:
        assert word in outcome.err


# --- the recording ---


@pytest.mark.parametrize("command", ["backtest", "replay"])
def test_a_missing_file_is_named(command: str, groundswell: Groundswell, tmp_path: Path) -> None:
    assert_refused(groundswell(command, tmp_path / "nothing.jsonl"), "nothing.jsonl", "no such file")


def test_a_folder_is_no_recording(groundswell: Groundswell, tmp_path: Path) -> None:
    assert_refused(groundswell("backtest", tmp_path), str(tmp_path), "is a folder")


@pytest.mark.parametrize("command", ["backtest", "replay"])
def test_an_empty_recording_is_refused(command: str, groundswell: Groundswell, tmp_path: Path) -> None:
    empty = lines(tmp_path / "empty.jsonl", "\n\n")
    assert_refused(groundswell(command, empty), "empty: holds no post")


def test_a_file_of_something_else_is_refused_with_its_first_bad_line(
    groundswell: Groundswell, tmp_path: Path
) -> None:
    letter = lines(tmp_path / "letter.txt", "Dear Sir,\n", "or Madam\n")
    assert_refused(groundswell("backtest", letter), "no post", "line 1", "is no JSON", "bad lines: 2")


def test_bad_lines_are_told_counted_and_skipped(groundswell: Groundswell, tmp_path: Path) -> None:
    file = lines(tmp_path / "mixed.jsonl", GOOD, '{"id": "2", "text": "no time"}\n', "nonsense\n")
    outcome = groundswell("backtest", file)
    assert outcome.code == 0
    assert "mixed: line 2: written_at: is missing" in outcome.err
    assert "mixed: 2 bad lines were skipped" in outcome.err
    assert outcome.out.startswith("1 posts, 0 incidents")


def test_strict_stops_at_the_first_bad_line(groundswell: Groundswell, tmp_path: Path) -> None:
    file = lines(tmp_path / "mixed.jsonl", GOOD, '{"id": "2", "text": "no time"}\n', "nonsense\n")
    assert_refused(groundswell("backtest", "--strict", file), "mixed.jsonl: line 2: written_at: is missing")


def test_a_recording_that_is_cut_off_is_told_and_used_as_far_as_it_goes(
    groundswell: Groundswell, tmp_path: Path
) -> None:
    posts = [GOOD | {"id": str(number)} for number in range(3000)]
    whole = gzip.compress(lines(tmp_path / "whole.jsonl", *posts).read_bytes())
    cut = tmp_path / "cut.jsonl.gz"
    cut.write_bytes(whole[: len(whole) // 2])
    outcome = groundswell("backtest", cut)
    assert outcome.code == 0
    assert "is cut off here" in outcome.err


# --- catalogue, notices, options, settings ---


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("services: [{id: a", "extra.yaml:"),
        ("- id: a\n", "extra.yaml:1"),
        ("services:\n  - {id: a, name: A, vendor: a, category: c, aliases: [x]}\n", "field 'aliases'"),
    ],
)
def test_a_bad_catalogue_is_told_with_file_and_line(
    text: str, said: str, groundswell: Groundswell, tmp_path: Path, good: Path
) -> None:
    extra = tmp_path / "extra.yaml"
    extra.write_text(text)
    assert_refused(groundswell("backtest", "--catalogue", extra, good), str(extra), said)


def test_a_missing_catalogue_is_named(groundswell: Groundswell, tmp_path: Path, good: Path) -> None:
    missing = tmp_path / "nothing.yaml"
    assert_refused(groundswell("backtest", "--catalogue", missing, good), str(missing), "cannot be read")


@pytest.mark.parametrize("command", ["backtest", "replay"])
def test_bad_notices_are_told_with_file_and_line(
    command: str, groundswell: Groundswell, tmp_path: Path, good: Path
) -> None:
    notice = {"service": "imessage", "state": "broken", "seen_at": "2026-03-01T10:00:00Z"}
    file = lines(tmp_path / "notices.jsonl", notice)
    assert_refused(groundswell(command, "--notices", file, good), f"{file}: line 1: state")


def test_missing_notices_are_named(groundswell: Groundswell, tmp_path: Path, good: Path) -> None:
    assert_refused(groundswell("backtest", "--notices", tmp_path / "no.jsonl", good), "no.jsonl")


@pytest.mark.parametrize(("option", "value"), [("--budget", "0"), ("--budget", "1000"), ("--workers", "0")])
def test_an_option_out_of_bounds_is_named(
    option: str, value: str, groundswell: Groundswell, good: Path
) -> None:
    assert_refused(groundswell("replay", option, value, good), option.removeprefix("--").upper())


@pytest.mark.parametrize("words", [("backtest",), ("nothing",), ("backtest", "--wrong", "x"), ("key", "new")])
def test_wrong_usage_says_how_it_is_meant(words: tuple[str, ...], groundswell: Groundswell) -> None:
    outcome = groundswell(*words)
    assert outcome.code == 2
    assert outcome.out == ""
    assert outcome.err.startswith("Usage: ")
    assert "Traceback" not in outcome.err


def test_a_number_that_is_none_names_its_option(groundswell: Groundswell, good: Path) -> None:
    outcome = groundswell("backtest", "--budget", "little", good)
    assert outcome.code == 2
    assert "--budget" in outcome.err


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PORT", "eighty", ("backtest", "x")),
        ("REDIS_URL", "redis://somewhere:port", ("backtest", "x")),
        ("WEBHOOK_ALLOW", "10.0.0.0/99", ("key", "new", "me")),
        ("WEBHOOK_URL", "ftp://somewhere", ("key", "new", "me")),
        ("HOST", "no.such.host.invalid", ("serve",)),
    ],
)
def test_a_wrong_setting_is_named(
    name: str,
    value: str,
    words: tuple[str, ...],
    groundswell: Groundswell,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(f"GROUNDSWELL_{name}", value)
    assert_refused(groundswell(*words), f"GROUNDSWELL_{name}")


@pytest.mark.parametrize("words", [("serve",), ("key", "new", "me")])
def test_a_folder_that_cannot_be_made_is_named(
    words: tuple[str, ...], groundswell: Groundswell, monkeypatch: pytest.MonkeyPatch, good: Path
) -> None:
    monkeypatch.setenv("GROUNDSWELL_VAR", str(good / "var"))
    assert_refused(groundswell(*words), str(good / "var"))


def test_a_server_elsewhere_that_does_not_answer_is_told(
    groundswell: Groundswell, monkeypatch: pytest.MonkeyPatch, good: Path, tmp_path: Path
) -> None:
    monkeypatch.setenv("GROUNDSWELL_REDIS_URL", f"unix://:hushhush@{tmp_path}/nothing.sock")
    outcome = groundswell("replay", good)
    assert_refused(outcome, "redis: does not answer")
    assert "hushhush" not in outcome.err


def test_a_database_that_does_not_answer_is_told_without_its_password(
    groundswell: Groundswell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROUNDSWELL_DATABASE_URL", "postgresql://me:hushhush@127.0.0.1:1/db")
    outcome = groundswell("key", "new", "me")
    assert outcome.code == 2
    assert outcome.err.startswith("groundswell: the database db at 127.0.0.1:1 is not available")
    assert "hushhush" not in outcome.err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_command_that_is_asked_to_end_goes_the_way_of_an_interrupt(
    number: signal.Signals, groundswell: Groundswell
) -> None:
    signal.signal(number, signal.SIG_DFL)
    assert groundswell("--help").code == 0
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(number)


def test_nohup_is_respected(groundswell: Groundswell) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    groundswell("--help")
    signal.raise_signal(signal.SIGHUP)


# --- keys ---


def test_a_key_is_shown_once_and_ends_with_its_revocation(groundswell: Groundswell) -> None:
    made = groundswell("key", "new", "me")
    assert made.code == 0
    assert re.fullmatch(r"gsk_[\w-]{43}\n", made.out)
    assert groundswell("key", "revoke", "me").code == 0
    assert_refused(groundswell("key", "revoke", "me"), "no valid key has the name me")


# --- the lead ---


def test_the_lead_of_a_house_that_heard_nothing_yet_is_empty(groundswell: Groundswell) -> None:
    outcome = groundswell("lead")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith("The lead in run live: 0 incidents\n")
    told = json.loads(groundswell("lead", "--json", "--service", "imessage").out)
    assert (told["run"], told["total"]["incidents"], told["misses"]) == ("live", 0, [])


def test_a_lead_of_a_run_or_service_that_nobody_knows_is_refused(groundswell: Groundswell) -> None:
    assert_refused(groundswell("lead", "--run", "never"), "no run never", "live")
    assert_refused(groundswell("lead", "--service", "nobody"), "no service nobody")


# --- what a backtest says ---


@pytest.fixture
def outage(tmp_path: Path) -> Path:
    """A day of calm about iMessage, then half an hour in which many cannot send."""
    posts = [post(hour * 60, f"calm{hour}", "lovely evening, sent her an iMessage") for hour in range(24)]
    broken = "iMessage is down, my texts won't send"
    posts += [post(1440 + number // 4, f"hit{number}", broken) for number in range(120)]
    posts.append(post(1480, "end", "good night everyone"))
    return lines(tmp_path / "outage.jsonl", *posts)


def post(minute: int, author: str, text: str) -> dict[str, str]:
    at = f"2026-03-{1 + minute // 1440:02}T{minute // 60 % 24:02}:{minute % 60:02}:00Z"
    return {"id": author, "author": author, "written_at": at, "text": text}


def test_a_backtest_shows_its_incidents_as_a_table(groundswell: Groundswell, outage: Path) -> None:
    notice = {"service": "imessage", "state": "trouble", "seen_at": "2026-03-02T01:00:00Z"}
    notices = lines(outage.with_name("notices.jsonl"), notice)
    outcome = groundswell("backtest", outage, "--notices", notices)
    assert outcome.code == 0
    assert outcome.err == ""
    assert outcome.out.startswith("145 posts, 1 incidents\n")
    heading, row = outcome.out.splitlines()[1:3]
    assert heading.split() == ["service", "onset", "raised", "resolved", "severity", "complaints", "lead"]
    assert re.match(r"iMessage +02 Mar 00:\d\dZ 00:\d\dZ ", row)
    assert re.search(r"\+\d+ min$", row.rstrip())
    assert max(map(len, outcome.out.splitlines())) <= 100


FIELDS = {
    "service", "onset_at", "onset_earliest_at", "onset_latest_at", "raised_at", "resolved_at", "severity",
    "expected", "observed", "spread", "window", "growth", "score", "threshold", "chance_per_month",
    "relapse_of", "evidence",
}  # fmt: skip


def test_json_is_all_that_a_program_reads(groundswell: Groundswell, outage: Path) -> None:
    with outage.open("a") as file:
        file.write("nonsense\n")
    outcome = groundswell("backtest", "--json", outage)
    assert outcome.code == 0
    incidents = [json.loads(line) for line in outcome.out.splitlines()]
    assert [incident["service"] for incident in incidents] == ["imessage"]
    assert incidents[0].keys() >= FIELDS
    assert incidents[0]["evidence"][0]["text"] == "iMessage is down, my texts won't send"
    assert "1 bad line was skipped" in outcome.err


def test_a_dash_stands_for_standard_input(
    groundswell: Groundswell, outage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_name = groundswell("backtest", "--json", outage)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(outage.read_bytes())))
    piped = groundswell("backtest", "--json", "-")
    assert piped.code == 0

    def seen(outcome: Outcome) -> list[tuple[str, str]]:
        told = [json.loads(line) for line in outcome.out.splitlines()]
        return [(incident["run"], incident["raised_at"]) for incident in told]

    assert seen(piped) == [("stdin", raised) for _, raised in seen(by_name)]


def test_a_catalogue_of_ones_own_adds_a_service(
    groundswell: Groundswell, outage: Path, tmp_path: Path
) -> None:
    extra = tmp_path / "extra.yaml"
    extra.write_text(
        "services:\n  - {id: frobnia, name: Frobnia, vendor: frobnia, category: chat, aliases: [frobnia]}\n"
    )
    text = outage.read_text().replace("iMessage", "Frobnia")
    outcome = groundswell("backtest", "--json", "--catalogue", extra, lines(tmp_path / "frobnia.jsonl", text))
    assert [json.loads(line)["service"] for line in outcome.out.splitlines()] == ["frobnia"]


# --- the picture of an incident ---


def test_the_demo_is_explained_by_a_picture(groundswell: Groundswell, tmp_path: Path) -> None:
    picture = tmp_path / "imessage.svg"
    asked = ("--explain", "imessage", "--out", picture, "--notices", cli.DEMO_NOTICES)
    outcome = groundswell("backtest", cli.DEMO, *asked)
    assert outcome.code == 0
    assert f"drawn in {picture}" in outcome.err
    words = {element.text for element in ET.parse(picture).iter() if element.text}
    assert "iMessage: outage of 18 November 2012" in words
    assert any(text.startswith("official page admits 22:57") for text in words)
    assert any(text.startswith("lead 2 h") for text in words)


def test_without_a_name_the_picture_lies_here_under_the_incidents_id(
    groundswell: Groundswell, outage: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = groundswell("backtest", outage, "--json", "--explain")
    (incident,) = map(json.loads, outcome.out.splitlines())
    assert (tmp_path / f"{incident['id']}.svg").is_file()


def test_a_picture_of_nothing_is_refused(groundswell: Groundswell, good: Path, tmp_path: Path) -> None:
    outcome = groundswell("backtest", good, "--explain", "--out", tmp_path / "a.svg")
    assert outcome.code == 2
    assert "holds no incident, so there is nothing to explain" in outcome.err


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--explain", "--out", "a.png"), "end the name in .svg"),
        (("--out", "a.svg"), "add --explain"),
        (("imessage",), "add --explain"),
    ],
)
def test_a_picture_that_cannot_be_is_refused_at_once(
    words: tuple[str, ...], why: str, groundswell: Groundswell, good: Path
) -> None:
    assert_refused(groundswell("backtest", good, *words), why)


def test_the_demo_is_where_the_command_looks_for_it() -> None:
    assert cli.DEMO.is_relative_to(ROOT)
    assert cli.DEMO.is_file()
    assert cli.DEMO_NOTICES.is_file()
