"""A folder into which files are dropped while it is read."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from ingest.options import OptionsRefused
from ingest.registry import SOURCES
from ingest.source import Page, SourceFailed, Surroundings
from ingest.sources.folder.source import PAGE, Folder, FolderOptions

LONG_AGO = datetime(2012, 11, 18, 20, 0, tzinfo=UTC)


def lines(*texts: str, **more: str) -> bytes:
    """A recording with a post for each text, whose id is its text."""
    at = "2012-11-18T20:03:11Z"
    posts = [{"id": text, "written_at": at, "text": text, "author": text, **more} for text in texts]
    return "".join(json.dumps(post) + "\n" for post in posts).encode()


def numbered(number: int, start: int = 0) -> list[str]:
    return [f"down {index}" for index in range(start, start + number)]


def drop(folder: Path, name: str, content: bytes, at: datetime = LONG_AGO) -> Path:
    """A file that was written to its end at a time."""
    file = folder / name
    file.write_bytes(content)
    os.utime(file, (at.timestamp(), at.timestamp()))
    return file


class Reader:
    """Polls a folder as the true reader does, with a clock of its own."""

    def __init__(self, folder: Path) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.path = folder
        self.cursor: str | None = None
        self.texts: list[str] = []
        self.unreadable: list[str] = []
        self.source = self.restarted()

    def restarted(self) -> Folder:
        self.source = Folder(self.path, clock=lambda: self.now)
        return self.source

    def take(self, page: Page) -> None:
        self.cursor = page.cursor or self.cursor
        self.texts += [post.text for post in page.posts]
        self.unreadable += page.unreadable
        assert page.heard_until is None

    def poll(self, *, stop_after: int | None = None) -> Reader:
        """Read until there is no more, or so many pages were brought and then the process was killed."""
        with closing(self.source.pages(self.cursor)) as pages:
            for number, page in enumerate(pages, start=1):
                self.take(page)
                if number == stop_after:
                    break
        return self


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    return Reader(tmp_path)


def inside(folder: Path) -> list[str]:
    """All the files below a folder, as paths from there."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


# --- what is read ---


def test_it_is_listed() -> None:
    assert SOURCES["folder"] is Folder
    assert Folder.needs == "GROUNDSWELL_FOLDER_PATH"


def test_a_file_is_read_and_put_aside(reader: Reader) -> None:
    drop(reader.path, "a.jsonl", lines("one", "two"))
    [page, end] = reader.source.pages(None)
    assert [(post.source, post.id, post.text) for post in page.posts] == [
        ("folder", "one", "one"),
        ("folder", "two", "two"),
    ]
    assert end == Page(cursor="{}")
    assert inside(reader.path) == ["finished/a.jsonl"]
    assert list(reader.source.pages(end.cursor)) == []


def test_a_post_may_name_its_source(reader: Reader) -> None:
    drop(reader.path, "a.jsonl", lines("one", source="forum"))
    page = next(reader.source.pages(None))
    assert page.posts[0].source == "forum"


def test_packed_files_are_read_as_well(reader: Reader) -> None:
    drop(reader.path, "a.jsonl.gz", gzip.compress(lines("one")))
    drop(reader.path, "b.jsonl.zst", zstandard.ZstdCompressor().compress(lines("two")))
    assert reader.poll().texts == ["one", "two"]


def test_files_are_read_in_the_order_in_which_they_were_written(reader: Reader) -> None:
    drop(reader.path, "c.jsonl", lines("three"), LONG_AGO + timedelta(seconds=1))
    drop(reader.path, "b.jsonl", lines("two"))
    drop(reader.path, "a.jsonl", lines("one"))
    drop(reader.path, "d.jsonl", lines("zero"), LONG_AGO - timedelta(seconds=1))
    assert reader.poll().texts == ["zero", "one", "two", "three"]


def test_a_file_without_a_line_is_put_aside(reader: Reader) -> None:
    drop(reader.path, "a.jsonl", b"")
    drop(reader.path, "b.jsonl", b"\n\n")
    assert reader.poll().texts == []
    assert inside(reader.path) == ["finished/a.jsonl", "finished/b.jsonl"]


# --- what is left alone ---


def test_what_is_no_recording_or_still_being_written_is_left_alone(reader: Reader) -> None:
    names = [".a.jsonl", "a.jsonl.tmp", "a.jsonl.part", "a.txt", "a.json", "a.jsonl.bz2", "a.zip"]
    for name in names:
        drop(reader.path, name, lines("no"))
    (reader.path / "folder.jsonl").mkdir()
    os.mkfifo(reader.path / "pipe.jsonl")
    assert reader.poll().texts == []
    assert inside(reader.path) == sorted([*names, "pipe.jsonl"])


def test_links_are_not_followed(reader: Reader, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = drop(tmp_path_factory.mktemp("elsewhere"), "x.jsonl", lines("secret"))
    (reader.path / "link.jsonl").symlink_to(elsewhere)
    (reader.path / "dangling.jsonl").symlink_to("nowhere")
    assert reader.poll().texts == []
    assert elsewhere.exists()


def test_a_file_is_read_when_it_has_not_changed_for_two_seconds(reader: Reader) -> None:
    drop(reader.path, "a.jsonl", lines("one"), at=reader.now - timedelta(seconds=1))
    assert reader.poll().texts == []
    reader.now += timedelta(seconds=1.5)
    drop(reader.path, "a.jsonl", lines("one", "two"), at=reader.now)
    assert reader.poll().texts == []
    reader.now += timedelta(seconds=1.5)
    assert reader.poll().texts == []
    reader.now += timedelta(seconds=0.5)
    assert reader.poll().texts == ["one", "two"]


def test_a_file_that_grows_and_keeps_its_time_is_noticed(reader: Reader) -> None:
    at = reader.now - timedelta(seconds=1)
    for texts in (["one"], ["one", "two"], ["one", "two", "three"]):
        drop(reader.path, "a.jsonl", lines(*texts), at=at)
        assert reader.poll().texts == []
        reader.now += timedelta(seconds=1.9)
    reader.now += timedelta(seconds=0.1)
    assert reader.poll().texts == ["one", "two", "three"]


@pytest.mark.parametrize("years", [-100, 50])
def test_a_file_from_another_time_is_read_once_it_is_seen_not_to_change(reader: Reader, years: int) -> None:
    drop(reader.path, "a.jsonl", lines("one"), at=reader.now + timedelta(days=365 * years))
    reader.poll()
    reader.now += timedelta(seconds=2)
    assert reader.poll().texts == ["one"]


# --- nothing twice and nothing lost ---


def test_a_file_is_moved_only_when_the_page_after_its_last_one_is_asked_for(reader: Reader) -> None:
    drop(reader.path, "a.jsonl", lines(*numbered(PAGE + 1)))
    pages = reader.source.pages(None)
    assert [len(next(pages).posts) for _ in range(2)] == [PAGE, 1]
    assert inside(reader.path) == ["a.jsonl"]
    next(pages)
    assert inside(reader.path) == ["finished/a.jsonl"]


@pytest.mark.parametrize("killed_after", [1, 2, 3, 4, 5, 6])
def test_after_a_kill_reading_goes_on_in_the_middle_of_the_file(reader: Reader, killed_after: int) -> None:
    drop(reader.path, "b.jsonl", lines(*numbered(2 * PAGE)))
    drop(reader.path, "c.jsonl", lines(*numbered(PAGE + 7, start=2 * PAGE)), LONG_AGO + timedelta(hours=1))
    reader.poll(stop_after=killed_after)
    drop(reader.path, "a.jsonl", lines("new"), LONG_AGO - timedelta(hours=1))  # older than what is begun
    reader.restarted()
    reader.poll()
    assert sorted(reader.texts) == sorted([*numbered(3 * PAGE + 7), "new"])
    assert inside(reader.path) == ["finished/a.jsonl", "finished/b.jsonl", "finished/c.jsonl"]


def test_a_page_that_was_not_brought_comes_again(reader: Reader) -> None:
    drop(reader.path, "a.jsonl", lines(*numbered(PAGE + 1)))
    pages = reader.source.pages(None)
    reader.take(next(pages))
    next(pages)  # here the reader fails
    pages.close()
    reader.poll()
    assert reader.texts == numbered(PAGE + 1)


def test_a_file_dropped_again_is_read_again(reader: Reader) -> None:
    for _ in range(2):
        drop(reader.path, "a.jsonl", lines("one"))
        reader.poll()
    assert reader.texts == ["one", "one"]


def test_a_file_that_changed_since_it_was_begun_is_another_file(reader: Reader) -> None:
    drop(reader.path, "a.jsonl", lines(*numbered(PAGE + 1)))
    reader.poll(stop_after=1)
    drop(reader.path, "a.jsonl", lines("another"), LONG_AGO + timedelta(hours=1))
    reader.restarted()
    assert reader.poll().texts[PAGE:] == ["another"]


def test_a_file_that_changes_while_it_is_read_is_read_anew(reader: Reader) -> None:
    file = drop(reader.path, "a.jsonl", lines(*numbered(PAGE + 1)))
    pages = reader.source.pages(None)
    reader.take(next(pages))
    with file.open("ab") as out:
        out.write(lines("added"))
    for page in pages:
        reader.take(page)
    assert inside(reader.path) == ["a.jsonl"]
    reader.now = datetime.now(UTC) + timedelta(minutes=1)
    reader.restarted()
    reader.poll()
    assert set(reader.texts) == {*numbered(PAGE + 1), "added"}
    assert inside(reader.path) == ["finished/a.jsonl"]


def test_nothing_that_was_put_aside_is_overwritten(reader: Reader) -> None:
    for text in ("one", "two", "three"):
        drop(reader.path, "a.jsonl.gz", gzip.compress(lines(text)))
        reader.poll()
    finished = reader.path / "finished"
    kept = {path.name: gzip.decompress(path.read_bytes()) for path in finished.iterdir()}
    assert kept == {
        "a.jsonl.gz": lines("one"),
        "a-2.jsonl.gz": lines("two"),
        "a-3.jsonl.gz": lines("three"),
    }


@pytest.mark.parametrize("cursor", ["", "{", "[]", "5", '{"file": 5}', "[" * 100_000, '{"line": -1}'])
def test_a_cursor_of_another_kind_means_from_the_start(reader: Reader, cursor: str) -> None:
    drop(reader.path, "a.jsonl", lines("one"))
    reader.cursor = cursor
    assert reader.poll().texts == ["one"]


# --- what cannot be read ---


def test_bad_lines_are_told_one_by_one_and_written_beside_the_file(reader: Reader) -> None:
    content = lines(*numbered(PAGE)) + b'{"id": "x"}\n' + lines("good") + b"nonsense\n"
    drop(reader.path, "a.jsonl", content)
    reader.poll(stop_after=1)
    reader.restarted()
    reader.poll()
    assert reader.texts == [*numbered(PAGE), "good"]
    written = (reader.path / "finished" / "a.jsonl.bad").read_text().splitlines()
    assert [f"a.jsonl {line}" for line in written] == reader.unreadable
    assert written[0] == f"line {PAGE + 1}: written_at: is missing"
    assert written[1].startswith(f"line {PAGE + 3}: ")


def test_bad_lines_before_a_kill_are_written_too(reader: Reader) -> None:
    drop(reader.path, "a.jsonl", b"nonsense\n" + lines(*numbered(PAGE)))
    reader.poll(stop_after=1)
    reader.restarted()
    reader.poll()
    assert (reader.path / "finished" / "a.jsonl.bad").read_text().startswith("line 1: ")


def test_many_bad_lines_come_in_many_pages(reader: Reader) -> None:
    drop(reader.path, "a.jsonl", b"nonsense\n" * (3 * PAGE))
    assert [len(page.unreadable) for page in reader.source.pages(None)] == [PAGE, PAGE, PAGE, 0]


def test_of_a_file_that_is_cut_off_the_beginning_is_read(reader: Reader) -> None:
    packed = zstandard.ZstdCompressor().compress(lines("one"))
    drop(reader.path, "a.jsonl.zst", packed + packed[:4])
    reader.poll()
    assert reader.texts == ["one"]
    assert reader.unreadable == [
        "a.jsonl.zst line 2: a.jsonl.zst is cut off here: its packed data ends too early"
    ]
    assert inside(reader.path) == ["finished/a.jsonl.zst", "finished/a.jsonl.zst.bad"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"PK\x03\x04zip", "is a zip file; unpack it first"),
        ("{}\n".encode("utf-16"), "is written in UTF-16"),
        (gzip.compress(lines("one"))[:15], "is cut off here"),
        (b"\x1f\x8bgarbage", "is damaged from here on"),
    ],
    ids=["zip", "utf-16", "cut", "damaged"],  # packed bytes hold the time, and a test's name must not
)
def test_a_file_that_cannot_be_read_at_all_is_refused_and_the_others_go_on(
    reader: Reader, content: bytes, why: str
) -> None:
    drop(reader.path, "a.jsonl", content)
    drop(reader.path, "b.jsonl", lines("one"), LONG_AGO + timedelta(seconds=1))
    assert reader.poll().texts == ["one"]
    [sentence] = reader.unreadable
    assert sentence.startswith(f"a.jsonl {why}")
    assert (reader.path / "refused" / "a.jsonl.bad").read_text() == f"{sentence}\n"
    assert inside(reader.path) == ["finished/b.jsonl", "refused/a.jsonl", "refused/a.jsonl.bad"]


def test_a_file_that_is_taken_away_is_no_matter(reader: Reader) -> None:
    drop(reader.path, "a.jsonl", lines(*numbered(PAGE + 1)))
    gone = drop(reader.path, "b.jsonl", lines("gone"), LONG_AGO + timedelta(seconds=1))
    pages = reader.source.pages(None)
    reader.take(next(pages))
    gone.unlink()
    (reader.path / "a.jsonl").unlink()
    for page in pages:
        reader.take(page)
    assert reader.texts == numbered(PAGE + 1)
    assert reader.unreadable == []


@pytest.mark.parametrize("name", ["\n\x1b[31m.jsonl", "\udcff.jsonl", "störung .jsonl", "x" * 249 + ".jsonl"])
def test_a_file_may_be_called_anything(reader: Reader, name: str) -> None:
    drop(reader.path, name, b"nonsense\n" + lines(*numbered(PAGE)))
    reader.poll(stop_after=1)
    reader.restarted()
    reader.poll()
    assert reader.texts == numbered(PAGE)
    assert all(sign.isprintable() for sign in "".join(reader.unreadable))
    assert len(inside(reader.path)) == 2


def test_a_folder_that_is_gone_is_a_failure_with_a_sentence(reader: Reader) -> None:
    reader.path.rmdir()
    with pytest.raises(SourceFailed, match="of GROUNDSWELL_FOLDER_PATH: No such file or directory"):
        reader.poll()


def test_a_file_that_cannot_be_put_aside_is_a_failure_and_not_read_again(reader: Reader) -> None:
    drop(reader.path, "a.jsonl", lines("one"))
    (reader.path / "finished").write_text("this is no folder")
    for _ in range(2):
        with pytest.raises(SourceFailed, match="GROUNDSWELL_FOLDER_PATH"):
            reader.poll()
    (reader.path / "finished").unlink()
    reader.restarted()
    assert reader.poll().texts == ["one"]
    assert inside(reader.path) == ["finished/a.jsonl"]


def test_it_ends_when_it_is_closed_and_leaves_the_file_where_it_is(reader: Reader) -> None:
    drop(reader.path, "a.jsonl", lines(*numbered(3 * PAGE)))
    for page in reader.source.pages(None):
        reader.take(page)
        reader.source.close()
    assert len(reader.texts) == PAGE
    reader.restarted()
    assert reader.poll().texts == numbered(3 * PAGE)


@given(
    st.lists(st.sampled_from([b"", b"nonsense", b"{}", b"\xff", b'"x"', None]), max_size=40),
    st.lists(st.integers(1, 3), max_size=4),
    st.sampled_from(["", "gz"]),
)
def test_whatever_a_file_holds_and_whenever_reading_is_broken_off_each_post_comes_once(
    tmp_path_factory: pytest.TempPathFactory, pieces: Iterable[bytes | None], kills: list[int], packing: str
) -> None:
    reader = Reader(tmp_path_factory.mktemp("drop"))
    content, expected = b"", list[str]()
    for number, piece in enumerate(pieces):
        texts = numbered(200, start=200 * number)
        content += lines(*texts) if piece is None else piece + b"\n"
        expected += texts if piece is None else []
    drop(reader.path, "a.jsonl", gzip.compress(content, compresslevel=1) if packing else content)
    for kill in kills:
        reader.poll(stop_after=kill)
        reader.restarted()
    reader.poll()
    assert reader.texts == expected
    assert not (reader.path / "a.jsonl").exists()


# --- what an operator chooses ---


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.delenv("GROUNDSWELL_FOLDER_PATH", raising=False)
    return monkeypatch


def configured() -> list[Folder]:
    around = Surroundings(services=(), purse=None)  # type: ignore[arg-type]  # a folder costs nothing
    return list(Folder.configured(FolderOptions.load(), around))


def test_without_a_path_nothing_is_read(environment: pytest.MonkeyPatch) -> None:
    assert configured() == []
    environment.setenv("GROUNDSWELL_FOLDER_PATH", "")
    assert configured() == []


def test_a_path_names_the_folder(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    drop(tmp_path, "a.jsonl", lines("one"))
    environment.setenv("GROUNDSWELL_FOLDER_PATH", str(tmp_path))
    [source] = configured()
    assert (source.name, source.every) == ("folder", 2.0)
    assert next(source.pages(None)).posts[0].text == "one"


def test_a_path_that_is_no_folder_is_refused(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for path in (tmp_path / "absent", drop(tmp_path, "file", b"")):
        environment.setenv("GROUNDSWELL_FOLDER_PATH", str(path))
        with pytest.raises(OptionsRefused, match=r"GROUNDSWELL_FOLDER_PATH: .* is no folder; make it first"):
            configured()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_to_is_refused(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tmp_path.chmod(0o500)
    environment.setenv("GROUNDSWELL_FOLDER_PATH", str(tmp_path))
    with pytest.raises(OptionsRefused, match=r"GROUNDSWELL_FOLDER_PATH: .* may not be written to"):
        configured()
