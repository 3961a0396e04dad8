"""``groundswell labels``: bring labels, list them, write them out, and see what is worth a verdict."""

from __future__ import annotations

import gzip
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import cli
from domain.doubt import Doubt
from domain.label import Label, Verdict
from domain.mention import Kind
from settings import load_settings
from tests.storage.servers import running_valkey
from workers.house import House

NOW = datetime.now(UTC)
SAID = [
    {"source": "x", "post": "1", "service": "imessage", "kind": "complaint", "text": "it will not send"},
    {
        "source": "x",
        "post": "2",
        "service": "spotify",
        "kind": "echo",
        "text": "heard it is down",
        "lang": "en",
    },
    {"source": "x", "post": "3", "service": "spotify", "verdict": "wrong_service", "instead_of": "netflix"},
]

Groundswell = Callable[..., tuple[int, str, str]]


@pytest.fixture
def groundswell(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Groundswell:
    """The command in a folder of its own, called with its words: its status, what it says and warns of."""
    monkeypatch.setenv("GROUNDSWELL_VAR", str(tmp_path / "var"))
    monkeypatch.setattr("signal.signal", lambda *_: None)

    def call(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["groundswell", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    return call


@pytest.fixture
def house(groundswell: Groundswell) -> House:
    """A look into the same stores."""
    house = House(load_settings())
    house.prepare()
    return house


def lines(path: Path, *said: object) -> Path:
    path.write_text("".join(one if isinstance(one, str) else json.dumps(one) + "\n" for one in said))
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return lines(tmp_path / "said.jsonl", *SAID)


def test_the_same_file_twice_changes_nothing(groundswell: Groundswell, house: House, file: Path) -> None:
    code, told, _ = groundswell("labels", "import", file, "--by", "ann")
    assert (code, "3 labels read: 3 new or changed, 0 known before" in told) == (0, True)
    before = house.stores.labels.find()
    _, again, _ = groundswell("labels", "import", file, "--by", "ann")
    assert "3 labels read: 0 new or changed, 3 known before" in again
    assert house.stores.labels.find() == before
    assert {label.by for label in before} == {"ann"}


def test_what_teaches_nothing_is_told_and_kept(groundswell: Groundswell, house: House, file: Path) -> None:
    _, told, _ = groundswell("labels", "import", file, "--by", "ann")
    assert "1 of them teach nothing: their words are known nowhere" in told
    assert len(house.stores.labels.find()) == 3
    assert [label.post for label in house.stores.labels.of_posts()] == ["1", "2"]


@pytest.mark.parametrize("packed", [False, True])
def test_a_packed_file_and_a_table_are_read_too(
    groundswell: Groundswell, tmp_path: Path, packed: bool
) -> None:
    table = b"post,service,kind,text\n1,imessage,complaint,it will not send\n"
    file = tmp_path / ("said.csv.gz" if packed else "said.csv")
    file.write_bytes(gzip.compress(table) if packed else table)
    assert "1 label read: 1 new or changed" in groundswell("labels", "import", file, "--by", "ann")[1]


def test_bad_lines_are_told_with_the_mend_and_the_good_ones_kept(
    groundswell: Groundswell, house: House, tmp_path: Path
) -> None:
    file = lines(tmp_path / "mixed.jsonl", SAID[0], SAID[1] | {"kind": "rant"}, "nonsense\n", SAID[2])
    code, told, warned = groundswell("labels", "import", file, "--by", "ann")
    assert (code, "2 labels read" in told) == (0, True)
    flat = " ".join(warned.split())
    assert (
        'line 2: kind: "rant" cannot stand here; write complaint, echo, question, recovery or other' in flat
    )
    assert "2 bad lines were skipped" in flat
    assert len(house.stores.labels.find()) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["mixed.jsonl", "--by", "ann", "--strict"], "mixed.jsonl: line 2: kind: "),
        (["nobody.jsonl"], "line 1: by: is missing; name the person"),
        (["empty.jsonl"], "holds no label that can be read"),
        (["nothing.jsonl"], "there is no such file"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_and_nothing_of_it_kept(
    groundswell: Groundswell, house: House, tmp_path: Path, words: list[str], said: str
) -> None:
    lines(tmp_path / "mixed.jsonl", SAID[0], SAID[1] | {"kind": "rant"})
    lines(tmp_path / "nobody.jsonl", SAID[0])
    lines(tmp_path / "empty.jsonl")
    code, told, warned = groundswell("labels", "import", tmp_path / words[0], *words[1:])
    assert (code, told, warned.startswith("groundswell: ")) == (2, "", True)
    assert said in warned
    assert warned.count("\n") == 1
    assert house.stores.labels.find() == []


def test_labels_are_listed_the_latest_first(groundswell: Groundswell, house: House, file: Path) -> None:
    assert groundswell("labels")[1] == "no labels\n"
    groundswell("labels", "import", file, "--by", "[red]ann")
    house.stores.labels.add(Label("l", "bob", NOW - timedelta(days=1), Verdict.REAL, incident="inc_1"))
    _, told, _ = groundswell("labels")
    assert told.splitlines()[-1].split()[-3:] == ["bob", "real", "inc_1"]
    for words in ("[red]ann", "real: complaint", 'iMessage "it will not send"', "Spotify, not Netflix x 3"):
        assert words in told
    assert "ann" not in groundswell("labels", "--by", "bob")[1]
    assert "bob" not in groundswell("labels", "--most", "3")[1]


def test_what_is_exported_can_be_imported_elsewhere(
    groundswell: Groundswell, house: House, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    groundswell("labels", "import", file, "--by", "ann")
    house.stores.labels.add(Label("l", "bob", NOW, Verdict.REAL, incident="inc_1"))
    exported = tmp_path / "exported.jsonl"
    exported.write_text(groundswell("labels", "export")[1])
    monkeypatch.setenv("GROUNDSWELL_VAR", str(tmp_path / "elsewhere"))
    assert "3 labels read: 3 new" in groundswell("labels", "import", exported)[1]
    elsewhere = House(load_settings())
    elsewhere.prepare()
    assert elsewhere.stores.labels.find() == house.stores.labels.find(source="x")


@pytest.fixture
def with_redis(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with tempfile.TemporaryDirectory(prefix="gs-") as folder, running_valkey(Path(folder)) as url:
        monkeypatch.setenv("GROUNDSWELL_REDIS_URL", url)
        yield


def a_doubt(post: str, service: str = "spotify") -> Doubt:
    return Doubt("x", post, service, f"{post} is odd", NOW, (0.5, 0.3, 0.1, 0.1, 0.0), 0.9, lang="en")


@pytest.mark.usefixtures("with_redis")
def test_from_the_queue_to_labels_and_out_of_the_queue(groundswell: Groundswell, tmp_path: Path) -> None:
    house = House(load_settings())
    house.prepare()
    house.posts(house.live).label_queue.offer([a_doubt("one"), a_doubt("two", "netflix")], NOW)

    _, told, _ = groundswell("labels", "queue")
    assert "Spotify complaint 50%, echo 30% one is odd" in " ".join(told.split())
    assert "groundswell labels import" in told
    assert "one is odd" not in groundswell("labels", "queue", "--service", "netflix")[1]

    waiting = [json.loads(line) for line in groundswell("labels", "queue", "--json")[1].splitlines()]
    assert [one["post"] for one in waiting] == ["one", "two"]
    file = lines(tmp_path / "posts.jsonl", waiting[0] | {"kind": "other"}, waiting[1])
    _, told, warned = groundswell("labels", "import", file, "--by", "ann")
    assert "1 label read: 1 new" in told
    assert "line 2: kind: is missing" in warned
    (label,) = house.stores.labels.of_posts()
    assert (label.post, label.kind, label.text, label.lang) == ("one", Kind.OTHER, "one is odd", "en")
    assert "one is odd" not in groundswell("labels", "queue")[1]


@pytest.mark.usefixtures("with_redis")
def test_an_empty_queue_says_so(groundswell: Groundswell) -> None:
    assert "nothing waits for a verdict" in groundswell("labels", "queue")[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [(["--service", "nobody"], "no service nobody in the catalogue"), ([], "is the stack running?")],
)
def test_a_queue_that_cannot_be_asked_says_why(groundswell: Groundswell, words: list[str], said: str) -> None:
    code, told, warned = groundswell("labels", "queue", *words)
    assert (code, told, said in warned) == (2, "", True)
