"""Recordings: every line is a post, a bad line with its reason, or blank."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.post import Post
from ingest.recordings import BadLine, LineRefused, RecordingError, open_recording, parse_line, read_posts

GOOD = {"id": "1", "written_at": "2012-11-18T20:03:11Z", "text": "imessage is stuck at sending"}
SHARED = Path(__file__).parents[3] / "shared" / "data" / "streams"


def line(**fields: object) -> bytes:
    return json.dumps({**GOOD, **fields}).encode()


def read(*lines: bytes, strict: bool = False) -> tuple[list[Post], list[BadLine]]:
    bad: list[BadLine] = []
    return list(read_posts(lines, default_source="file", on_bad=bad.append, strict=strict)), bad


def test_three_fields_make_a_post() -> None:
    posts, bad = read(line())
    at = datetime(2012, 11, 18, 20, 3, 11, tzinfo=UTC)
    assert (posts, bad) == ([Post("file", "1", "imessage is stuck at sending", at)], [])


def test_every_field_is_read() -> None:
    more = {"source": "x", "author": "ann", "in_reply_to": "0", "url": "https://x.example/1", "lang": "en"}
    [post], _ = read(line(**more, is_repost=True))
    assert post == Post("x", "1", post.text, post.written_at, "ann", "0", "https://x.example/1", "en", True)


def test_null_and_empty_are_as_good_as_absent_and_unknown_fields_are_ignored() -> None:
    optional = ("source", "author", "in_reply_to", "url", "lang")
    nulls = line(**dict.fromkeys(optional), is_repost=None)
    empty = line(**dict.fromkeys(optional, ""))
    posts, bad = read(line(), nulls, empty, line(likes={"n": [1, None]}))
    assert not bad
    assert len(set(posts)) == 1


def test_ids_may_be_whole_numbers() -> None:
    [post], _ = read(line(id=10**20, author=7, in_reply_to=8))
    assert (post.id, post.author, post.in_reply_to) == ("1" + 20 * "0", "7", "8")


@pytest.mark.parametrize(
    "written",
    ["2012-11-18T20:03:11Z", "2012-11-18T20:03:11.000Z", "2012-11-18T12:03:11-08:00", "2012-11-18 20:03:11z"],
)
def test_a_time_is_turned_to_utc(written: str) -> None:
    [post], _ = read(line(written_at=written))
    assert post.written_at == datetime(2012, 11, 18, 20, 3, 11, tzinfo=UTC)
    assert post.written_at.tzinfo is UTC


BAD = {
    "no JSON": (b"nope", None, '"nope" is no JSON'),
    "half an object": (line()[:-5], None, "is no JSON"),
    "two objects": (line() + line(), None, "is no JSON"),
    "a list": (b"[" + line() + b"]", None, "is a list; write one object a line"),
    "a number": (b"3", None, "is a whole number; write one object a line"),
    "no id": (b'{"text": "a"}', "id", "is missing"),
    "no time": (b'{"id": "1", "text": "a"}', "written_at", "is missing"),
    "no text": (b'{"id": "1", "written_at": "2012-11-18T20:03:11Z"}', "text", "is missing"),
    "empty id": (line(id=""), "id", "is empty"),
    "null id": (line(id=None), "id", "null cannot stand here; write a text or a whole number"),
    "true id": (line(id=True), "id", "true cannot stand here; write a text or a whole number"),
    "broken id": (line(id=1.5), "id", "1.5 cannot stand here; write a text or a whole number"),
    "long id": (line(id="x" * 201), "id", "has 201 characters; at most 200 are allowed"),
    "huge id": (line(id=10**200), "id", "has 201 digits; at most 200 are allowed"),
    "monstrous id": (b'{"id": ' + b"1" * 5000 + line()[10:], "id", "cannot be used"),
    "naive time": (
        line(written_at="2012-11-18T20:03:11"),
        "written_at",
        '"2012-11-18T20:03:11" names no time zone; add Z for UTC, or an offset like +01:00',
    ),
    "word for time": (
        line(written_at="yesterday"),
        "written_at",
        '"yesterday" is no time; write it like 2012-11-18T20:03:11Z',
    ),
    "seconds for time": (line(written_at=1353268991), "written_at", "1353268991 is no time"),
    "early": (line(written_at="1969-12-31T23:59:59Z"), "written_at", "outside the years 1970 to 2100"),
    "late": (line(written_at="2100-12-31T23:59:59-01:00"), "written_at", "outside the years 1970 to 2100"),
    "first of all": (line(written_at="0001-01-01T00:00:00+14:00"), "written_at", "outside the years"),
    "last of all": (line(written_at="9999-12-31T23:59:59-14:00"), "written_at", "outside the years"),
    "text a number": (line(text=5), "text", "5 cannot stand here; write a text"),
    "text too long": (line(text="x" * 100_001), "text", "has 100001 characters; at most 100000"),
    "repost a word": (
        line(is_repost="no"),
        "is_repost",
        '"no" cannot stand here; write true or false or null',
    ),
    "author a list": (line(author=["ann"]), "author", '["ann"] cannot stand here'),
    "url too long": (line(url="u" * 2001), "url", "has 2001 characters; at most 2000"),
    "no UTF-8": (line().replace(b"stuck", b"st\xffck"), None, "is no UTF-8; save the recording as UTF-8"),
    "UTF-8 of a surrogate": (line().replace(b"stuck", b"\xed\xa0\x80"), None, "is no UTF-8"),
    "half a pair": (line(text="\ud83d falls"), None, "half of a surrogate pair"),
    "other half": (line(text="falls \ude00"), None, "half of a surrogate pair"),
    "NUL in text": (line(text="a\0b"), "text", "holds a NUL character"),
    "NUL in author": (line(author="a\0b"), "author", "holds a NUL character"),
    "raw NUL": (line().replace(b"stuck", b"\0"), None, "is no JSON"),
    "too long": (line(extra="x" * 1_000_000), None, "is longer than 1,000,000 bytes"),
    "deep": (b'{"x": ' + b"[" * 100_000, None, "too many brackets"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_line_is_named_with_its_number_and_field_and_skipped(case: str) -> None:
    raw, field, why = BAD[case]
    posts, bad = read(line(id="before"), raw, line(id="after"))
    assert [post.id for post in posts] == ["before", "after"]
    assert [(one.number, one.field) for one in bad] == [(2, field)]
    assert why in str(bad[0])
    assert "\n" not in str(bad[0])


def test_a_bad_line_reads_as_a_sentence() -> None:
    _, [bad] = read(line(written_at="yesterday"))
    assert str(bad) == 'line 1: written_at: "yesterday" is no time; write it like 2012-11-18T20:03:11Z'


def test_what_a_bad_line_holds_cannot_disturb_a_terminal_or_a_log() -> None:
    _, [bad] = read(line(written_at="\x1b[2J\r\n\u202efake"))
    assert str(bad).isprintable()


def test_an_escaped_pair_is_one_character() -> None:
    posts, _ = read(line(text="\N{CRYING FACE}"), line(text="back \\u0000 slash"))
    assert [post.text for post in posts] == ["\N{CRYING FACE}", "back \\u0000 slash"]


def test_blank_lines_count_as_lines_but_are_not_bad() -> None:
    posts, [bad] = read(b"", b"  \r", line() + b"\r", b"\t", b"nope")
    assert len(posts) == 1
    assert bad.number == 5


def test_strict_stops_at_the_first_bad_line() -> None:
    with pytest.raises(LineRefused, match="line 2: id: is empty"):
        read(line(), line(id=""), line(), strict=True)


def test_a_cut_recording_keeps_its_posts_and_ends_with_a_bad_line(tmp_path: Path) -> None:
    file = tmp_path / "cut.jsonl.gz"
    file.write_bytes(gzip.compress(line() + b"\n") + gzip.compress(line())[:20])
    bad: list[BadLine] = []
    with open_recording(file) as lines:
        posts = list(read_posts(lines, default_source="file", on_bad=bad.append))
    assert len(posts) == 1
    assert [one.number for one in bad] == [2]
    assert "cut off here" in str(bad[0])
    with open_recording(file) as lines, pytest.raises(RecordingError, match="cut off here"):
        list(read_posts(lines, default_source="file", on_bad=bad.append, strict=True))


def test_one_line_alone_is_parsed_under_its_number() -> None:
    assert parse_line(9, line(), default_source="api").source == "api"
    with pytest.raises(LineRefused) as refused:
        parse_line(9, b"{}", default_source="api")
    assert refused.value.bad == BadLine(9, "id", "is missing")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.datetimes().map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
FIELDS = st.sampled_from(
    ["id", "written_at", "text", "source", "author", "in_reply_to", "url", "lang", "is_repost", "x"]
)
ODD_LINES = st.dictionaries(FIELDS, VALUES, max_size=3).map(lambda fields: line(**fields))


@given(st.lists(st.binary(max_size=60) | ODD_LINES, max_size=6))
def test_every_line_is_a_post_a_bad_line_or_blank(lines: list[bytes]) -> None:
    posts, bad = read(*lines)
    blank = sum(not raw.strip() for raw in lines)
    assert len(posts) + len(bad) + blank == len(lines)
    for post in posts:
        assert 0 < len(post.id) <= 200
        assert post.source
        assert post.written_at.tzinfo is UTC
        "".join((post.id, post.text, post.source, post.author or "", post.url or "")).encode()
    assert all(str(one).startswith(f"line {one.number}: ") and "\n" not in str(one) for one in bad)


@given(st.lists(st.binary(max_size=200)))
def test_no_bytes_at_all_crash_the_reader(lines: list[bytes]) -> None:
    posts, bad = read(*lines)
    assert len(posts) + len(bad) <= len(lines)


def test_the_real_streams_have_no_bad_line() -> None:
    if not SHARED.exists():
        pytest.skip("the real streams (../shared) are not on this machine")
    for name, posts in {"spotify_2017.jsonl.gz": 25_807, "apple_quiet_2018.jsonl.gz": 11_289}.items():
        bad: list[BadLine] = []
        with open_recording(SHARED / name) as lines:
            assert sum(1 for _ in read_posts(lines, default_source="x", on_bad=bad.append)) == posts
        assert not bad


def test_a_post_written_after_the_latest_time_allowed_is_refused_by_its_field() -> None:
    bad: list[BadLine] = []
    latest = datetime(2012, 11, 18, 20, 3, 10, tzinfo=UTC)
    assert list(read_posts([line()], default_source="file", on_bad=bad.append, latest=latest)) == []
    assert [(one.number, one.field) for one in bad] == [(1, "written_at")]
    assert "future" in bad[0].why
