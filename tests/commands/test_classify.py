"""``groundswell classify``: one JSON line for each post, and a plain sentence for every mistake."""

from __future__ import annotations

import gc
import gzip
import io
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import zstandard

import cli
from domain.mention import Kind
from models.shipped import shipped_version
from settings import ROOT

COMMAND = Path(sys.executable).with_name("groundswell")
DEMO = ROOT / "data" / "demo" / "2012-11-18.jsonl.gz"
KINDS = ["complaint", "echo", "question", "recovery", "other"]


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def kinds(self) -> list[dict[str, str]]:
        """For each post its services with their kinds."""
        return [
            {one["id"]: one["kind"] for one in json.loads(line)["services"]} for line in self.out.splitlines()
        ]


Classify = Callable[..., Outcome]


@pytest.fixture
def classify(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Iterator[Classify]:
    """The command, in a folder of its own; it is called with its words."""
    monkeypatch.setenv("GROUNDSWELL_VAR", str(tmp_path / "var"))
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}

    def call(*words: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["groundswell", "classify", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        told = capsys.readouterr()
        return Outcome(int(ended.value.code or 0), told.out, told.err)

    yield call
    for number, handler in handlers.items():
        signal.signal(number, handler)


def post(number: int, text: str, **more: object) -> str:
    return json.dumps({"id": str(number), "written_at": "2026-03-01T10:00:00Z", "text": text, **more}) + "\n"


@pytest.fixture
def recording(tmp_path: Path) -> Callable[..., Path]:
    def written(*lines: str) -> Path:
        path = tmp_path / "posts.jsonl"
        path.write_text("".join(lines), "utf-8")
        return path

    return written


Recording = Callable[..., Path]


def assert_refused(outcome: Outcome, *said: str) -> None:
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("groundswell: ")
    assert outcome.err.count("\n") == 1, outcome.err
    for words in said:
        assert words in outcome.err


def test_a_line_has_the_post_its_language_and_what_it_is_for_each_service(
    classify: Classify, recording: Recording
) -> None:
    outcome = classify(recording(post(7, "my iMessages won't send and it keeps crashing, no idea why")))
    assert (outcome.code, outcome.err) == (0, "")
    (line,) = outcome.lines
    assert (line["id"], line["lang"], list(line)) == ("7", "en", ["id", "lang", "services"])
    (service,) = json.loads(outcome.out)["services"]
    assert (service["id"], service["kind"], service["symptoms"]) == (
        "imessage",
        "complaint",
        ["sending", "crash"],
    )
    assert list(service["p"]) == KINDS
    assert sum(service["p"].values()) == pytest.approx(1, abs=0.0003)
    assert all(p == round(p, 4) for p in service["p"].values())


def test_there_is_a_line_for_each_post_in_the_order_of_the_file(
    classify: Classify, recording: Recording
) -> None:
    file = recording(
        post(3, "netflix won't load", written_at="2026-03-02T10:00:00Z"),
        post(1, "good morning"),
        post(2, "netflix!"),
    )
    outcome = classify(file)
    assert [line["id"] for line in outcome.lines] == ["3", "1", "2"]
    assert [list(kinds) for kinds in outcome.kinds] == [["netflix"], [], ["netflix"]]


def test_a_language_that_is_not_read_is_told(classify: Classify, recording: Recording) -> None:
    outcome = classify(
        recording(post(1, "netflix znowu nie działa, od godziny nie mogę się zalogować na konto"))
    )
    assert [(line["lang"], line["read"]) for line in outcome.lines] == [("pl", False)]


def test_a_reply_is_judged_as_its_thread_says(classify: Classify, recording: Recording) -> None:
    file = recording(
        post(1, "spotify keeps crashing, nothing will play"),
        post(2, "bei mir auch", in_reply_to="1"),
        post(3, "what a lovely spotify playlist"),
        post(4, "+1", in_reply_to="3"),
        post(5, "+1"),
    )
    assert classify(file).kinds == [
        {"spotify": Kind.COMPLAINT},
        {"spotify": Kind.COMPLAINT},
        {"spotify": Kind.OTHER},
        {"spotify": Kind.OTHER},
        {},
    ]


def test_an_official_account_never_complains(classify: Classify, recording: Recording) -> None:
    file = recording(post(1, "We know that nothing plays and can't log in", author="SpotifyCares"))
    assert classify(file).kinds == [{"spotify": Kind.ECHO}]


def test_what_names_nobody_is_judged_for_the_assumed_service(
    classify: Classify, recording: Recording
) -> None:
    file = recording(
        post(1, "won't load for me, keeps crashing"), post(2, "slack won't load, keeps crashing")
    )
    assert classify(file, "--assume", "netflix").kinds == [{"netflix": "complaint"}, {"slack": "complaint"}]


@pytest.mark.parametrize("near", ["netflx", "Netflix Inc", "NETFLIX"])
def test_an_unknown_service_is_refused_with_those_near_it(
    near: str, classify: Classify, recording: Recording
) -> None:
    assert_refused(
        classify(recording(post(1, "hi")), "--assume", near), f"no service {near}", "near it: ", "netflix"
    )


def test_a_service_that_is_near_none_is_refused_too(classify: Classify, recording: Recording) -> None:
    assert_refused(
        classify(recording(post(1, "hi")), "--assume", "qqqqqqqq"), "no service qqqqqqqq in the catalogue"
    )


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.ZstdCompressor().compress], ids=["gzip", "zstd"])
def test_a_packed_recording_is_read(
    pack: Callable[[bytes], bytes], classify: Classify, tmp_path: Path
) -> None:
    packed = tmp_path / "packed"
    packed.write_bytes(pack(post(1, "is netflix down?").encode()))
    assert classify(packed).kinds == [{"netflix": "question"}]


@pytest.mark.parametrize("words", [["-"], []])
def test_a_dash_or_nothing_is_standard_input(
    words: list[str], classify: Classify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(post(1, "is netflix down?").encode())))
    assert classify(*words).kinds == [{"netflix": "question"}]


def test_bad_lines_are_told_counted_and_skipped(classify: Classify, recording: Recording) -> None:
    outcome = classify(
        recording(post(1, "netflix"), '{"id": "2", "text": "no time"}\n', "nonsense\n", post(3, "hi"))
    )
    assert outcome.code == 0
    assert [line["id"] for line in outcome.lines] == ["1", "3"]
    assert "posts: line 2: written_at: is missing" in outcome.err
    assert "posts: line 3: " in outcome.err
    assert outcome.err.endswith("posts: 2 bad lines were skipped\n")


def test_of_very_many_bad_lines_the_first_are_told(classify: Classify, recording: Recording) -> None:
    outcome = classify(recording(post(1, "netflix"), *["nonsense\n"] * 50))
    assert outcome.err.count("\n") == 21
    assert outcome.err.endswith("posts: 50 bad lines were skipped\n")


def test_a_recording_that_is_cut_off_is_judged_as_far_as_it_goes(classify: Classify, tmp_path: Path) -> None:
    packed = gzip.compress("".join(post(number, f"netflix {number}") for number in range(3000)).encode())
    cut = tmp_path / "cut.jsonl.gz"
    cut.write_bytes(packed[: len(packed) // 2])
    outcome = classify(cut)
    assert outcome.code == 0
    assert 0 < len(outcome.lines) < 3000
    assert "is cut off here" in outcome.err
    assert "cut: 1 bad line was skipped" in outcome.err


def test_a_file_without_any_post_is_refused(classify: Classify, recording: Recording) -> None:
    assert_refused(classify(recording("\n\n")), "posts: holds no post that can be read (bad lines: 0)")
    outcome = classify(recording("Dear Sir,\n"))
    assert (outcome.code, outcome.out) == (2, "")
    assert "holds no post that can be read (bad lines: 1; the first bad one: line 1: " in " ".join(
        outcome.err.split()
    )


def test_a_missing_file_is_named(classify: Classify, tmp_path: Path) -> None:
    assert_refused(classify(tmp_path / "nothing.jsonl"), "nothing.jsonl", "no such file")


def test_a_kept_version_can_judge_and_an_unknown_one_is_refused(
    classify: Classify, recording: Recording
) -> None:
    file = recording(post(1, "is netflix down?"))
    shipped = shipped_version().card.version
    assert classify(file, "--model", shipped).out == classify(file).out
    assert_refused(classify(file, "--model", "2012-01-01-00000000"), "no version 2012-01-01-00000000 is kept")


def test_a_service_of_ones_own_is_known(classify: Classify, recording: Recording, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(
        "services:\n  - {id: teapot, name: Teapot, vendor: me, category: home, aliases: [teapot]}\n"
    )
    file = recording(post(1, "teapot won't load, keeps crashing"))
    assert classify(file, "--catalogue", own).kinds == [{"teapot": "complaint"}]


def test_the_garbage_collector_is_left_as_it_was(classify: Classify, recording: Recording) -> None:
    usual = gc.get_threshold()
    classify(recording(post(1, "netflix")))
    assert gc.get_threshold() == usual


def test_whoever_reads_the_lines_may_go_away() -> None:
    with subprocess.Popen(
        [COMMAND, "classify", DEMO], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert json.loads(first)["services"]
    assert process.returncode == 0
