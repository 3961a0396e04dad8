"""Labels from a file: every line is a label, a bad line with its reason, or blank."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.label import Label, Verdict
from domain.mention import Kind
from ingest.faults import BadLine, LineRefused
from ingest.labels import LabelReader

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
GOOD = {"post": "1", "service": "siri", "kind": "complaint", "text": "siri is stuck"}
READER = LabelReader(source="file", by="ann", now=NOW, services={"siri", "maps"})


def line(**fields: object) -> bytes:
    return json.dumps({**GOOD, **fields}).encode()


def read(
    *lines: bytes, reader: LabelReader = READER, strict: bool = False
) -> tuple[list[Label], list[BadLine]]:
    bad: list[BadLine] = []
    return list(reader.read(lines, bad.append, strict=strict)), bad


def test_a_post_and_its_kind_make_a_label() -> None:
    ([label], bad) = read(b'{"post": "1", "kind": "echo"}')
    assert (label.source, label.post, label.kind, label.verdict) == ("file", "1", Kind.ECHO, Verdict.REAL)
    assert (label.by, label.at, label.service, label.text, bad) == ("ann", NOW, None, None, [])


def test_every_field_is_read() -> None:
    more = {
        "source": "x", "verdict": "wrong_service", "instead_of": "maps", "lang": "en", "by": "bob",
        "at": "2026-05-04T10:00:00+02:00",
    }  # fmt: skip
    [label], _ = read(line(**more))
    assert label == Label(
        id=label.id, by="bob", at=datetime(2026, 5, 4, 8, tzinfo=UTC), verdict=Verdict.WRONG_SERVICE,
        source="x", post="1", service="siri", kind=Kind.COMPLAINT, text="siri is stuck", instead_of="maps",
        lang="en",
    )  # fmt: skip


def test_an_id_names_the_post_as_well_and_may_be_a_whole_number() -> None:
    labels, bad = read(b'{"id": 7, "kind": "echo"}', b'{"id": "7", "post": 7, "kind": "echo"}')
    assert ([label.post for label in labels], bad) == (["7", "7"], [])


def test_null_and_empty_are_as_good_as_absent_and_unknown_fields_are_ignored() -> None:
    optional = ("source", "service", "text", "lang", "by", "at", "verdict", "instead_of")
    bare = b'{"post": "1", "kind": "echo"}'
    nulls = json.dumps({"post": "1", "kind": "echo", **dict.fromkeys(optional)}).encode()
    empty = json.dumps({"post": "1", "kind": "echo", **dict.fromkeys(set(optional) - {"at"}, "")}).encode()
    labels, bad = read(bare, nulls, empty, b'{"post": "1", "kind": "echo", "judged": "other", "unsure": 0.9}')
    assert not bad
    assert len({repr(label) for label in labels}) == 1


def test_the_same_line_is_the_same_label_whenever_it_is_brought() -> None:
    [first, other], _ = read(line(), line(service="maps"))
    [again], _ = read(line(kind="echo"), reader=LabelReader("file", "ann", NOW + timedelta(days=1), {"siri"}))
    assert first.id == again.id != other.id


BAD = {
    "no JSON": (b"nope", None, "is no JSON"),
    "a list": (b"[1]", None, "is a list; write one object a line"),
    "no post": (b'{"kind": "echo"}', "post", "is missing; give the post's id in its source"),
    "empty post": (line(post=""), "post", "is missing"),
    "two posts": (line(id="2"), "id", "names another post than post does"),
    "true post": (line(post=True), "post", "true cannot stand here"),
    "long post": (line(post="x" * 201), "post", "has 201 characters; at most 200 are allowed"),
    "huge post": (line(post=10**200), "post", "has 201 digits; at most 200 are allowed"),
    "no verdict": (
        b'{"post": "1"}',
        "kind",
        "is missing; write one of complaint, echo, question, recovery or other, or a verdict",
    ),
    "strange kind": (
        line(kind="rant"),
        "kind",
        '"rant" cannot stand here; write complaint, echo, question, recovery or other',
    ),
    "strange verdict": (line(verdict="yes"), "verdict", "write real, not_an_outage or wrong_service"),
    "number as kind": (line(kind=3), "kind", "3 cannot stand here; write a text"),
    "instead of": (line(instead_of="maps"), "instead_of", "belongs to the verdict wrong_service"),
    "strange service": (line(service="Siri"), "service", '"Siri" is no service of the catalogue'),
    "strange other": (
        line(verdict="wrong_service", instead_of="x"),
        "instead_of",
        "is no service of the catalogue",
    ),
    "naive time": (line(at="2026-05-04T10:00:00"), "at", "names no time zone; add Z"),
    "word for time": (line(at="today"), "at", '"today" is no time; write it like'),
    "future": (line(at="2026-05-04T12:06:00Z"), "at", "lies in the future"),
    "before all": (line(at="0001-01-01T00:00:00+14:00"), "at", "lies outside the calendar"),
    "long text": (line(text="x" * 10_001), "text", "has 10001 characters; at most 10000 are allowed"),
    "NUL": (line(text="a\0b"), "text", "holds a NUL character"),
    "half a pair": (line(by="\ud83d"), None, "half of a surrogate pair"),
    "no UTF-8": (line().replace(b"stuck", b"\xff"), None, "is no UTF-8"),
    "too long": (line(extra="x" * 1_000_000), None, "is longer than 1,000,000 bytes"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_bad_line_is_named_with_its_number_and_field_and_skipped(case: str) -> None:
    raw, field, why = BAD[case]
    labels, bad = read(line(post="before"), raw, line(post="after"))
    assert [label.post for label in labels] == ["before", "after"]
    assert [(one.number, one.field) for one in bad] == [(2, field)]
    assert why in str(bad[0])
    assert "\n" not in str(bad[0])


def test_a_line_that_names_nobody_needs_a_name_from_elsewhere() -> None:
    nobody = LabelReader("file", None, NOW, {"siri"})
    labels, [bad] = read(line(by="bob"), line(), reader=nobody)
    assert [label.by for label in labels] == ["bob"]
    assert str(bad).startswith("line 2: by: is missing; name")
    assert "--by" in str(bad)


def test_strict_stops_at_the_first_bad_line() -> None:
    with pytest.raises(LineRefused, match="line 2: kind: "):
        read(line(), line(kind="rant"), line(), strict=True)


# --- tables ---


def table(text: str, **more: object) -> tuple[list[Label], list[BadLine]]:
    return read(*text.encode("utf-8", "surrogateescape").split(b"\n"), **more)  # type: ignore[arg-type]  # as given


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_with_a_head_is_read_row_by_row(separator: str) -> None:
    rows = [
        "Post,Service,Kind,Text,At",
        '1,siri,echo,"I heard ""it"" fails",',
        ",,,,",
        "2,,other,,2026-05-04T10:00:00Z",
    ]
    labels, bad = table("\r\n".join(row.replace(",", separator) for row in rows))
    assert not bad
    first, second = labels
    assert (first.post, first.service, first.kind, first.text, first.at) == (
        "1", "siri", Kind.ECHO, 'I heard "it" fails', NOW,
    )  # fmt: skip
    assert (second.post, second.kind, second.at.hour) == ("2", Kind.OTHER, 10)


def test_a_cell_may_hold_lines_and_separators() -> None:
    labels, [bad] = table('post,kind,text\n1,echo,"one,\ntwo\n\nthree"\n2,rant,x\n')
    assert [label.text for label in labels] == ["one,\ntwo\n\nthree"]
    assert (bad.number, bad.field) == (6, "kind")


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("1,echo", "has 2 cells, its head 3"),
        ("1,echo,a,b", "has 4 cells, its head 3"),
        ('1,echo,"a"b', "see to its quotes"),
        ("1,echo,a\udcffb", "is no UTF-8"),
        ("1,,a", "kind: is missing"),
        (",echo,a", "post: is missing"),
    ],
)
def test_a_bad_row_is_named_and_skipped(row: str, why: str) -> None:
    labels, [bad] = table(f"post,kind,text\n1,echo,before\n{row}\n2,echo,after\n")
    assert [label.text for label in labels] == ["before", "after"]
    assert bad.number == 3
    assert why in str(bad)


def test_a_quote_that_is_never_closed_is_named_where_it_opens() -> None:
    labels, [bad] = table('post,kind,text\n1,echo,before\n2,echo,"open\n3,echo,x\n')
    assert [label.post for label in labels] == ["1"]
    assert (bad.number, "see to its quotes" in str(bad)) == (3, True)


def test_strict_holds_for_a_table_too() -> None:
    with pytest.raises(LineRefused, match="line 2: has 1 cells"):
        table("post,kind\n1\n2,echo", strict=True)


def test_what_only_looks_a_little_like_a_head_is_none() -> None:
    labels, bad = read(b"post,ki\rnd", line())
    assert (len(labels), [one.number for one in bad]) == (1, [1])


@pytest.mark.parametrize("empty", ["", "\n \n", "post,kind\n"])
def test_of_nothing_nothing_is_read(empty: str) -> None:
    assert table(empty) == ([], [])


VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text(), max_size=2)
FIELDS = st.sampled_from(["post", "id", "service", "kind", "verdict", "text", "by", "at", "instead_of", "x"])
ODD_LINES = st.dictionaries(FIELDS, VALUES, max_size=3).map(lambda fields: line(**fields))


@given(st.lists(st.binary(max_size=60) | ODD_LINES, max_size=6))
def test_every_line_is_a_label_a_bad_line_or_blank(lines: list[bytes]) -> None:
    labels, bad = read(line(), *lines)
    blank = sum(not raw.strip() for raw in lines)
    assert len(labels) + len(bad) + blank == len(lines) + 1
    for label in labels:
        assert label.post
        assert label.at.tzinfo is UTC
        "".join((label.post, label.by, label.text or "", label.service or "")).encode()
    assert all(str(one).startswith(f"line {one.number}: ") and "\n" not in str(one) for one in bad)


@given(st.lists(st.binary(max_size=200)), st.sampled_from([[], [b"post,kind"], [b"kind;post;text"]]))
def test_no_bytes_at_all_crash_the_reader(lines: list[bytes], head: list[bytes]) -> None:
    labels, bad = read(*head, *lines)
    assert len(labels) + len(bad) <= len(lines)
