"""Texts, names, times and addresses, as dashboards write them."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.notice import OfficialState
from ingest.dashboard import Claim, Reading, Unreadable
from ingest.dashboards.entries import (
    EARLIEST,
    LATEST,
    LONGEST_TEXT,
    MOST_ENTRIES,
    Strange,
    from_epoch,
    latest,
    moment,
    named,
    plain,
    read_each,
    web_address,
    word,
)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("<p>Some <b>users</b> can&#39;t<br/>log in.</p>", "Some users can't log in."),
        ("**Title:**\nMail is late\n\n# Description\n\\# it is", "Title: Mail is late Description it is"),
        ("waits of 5 < 6 and 7 > 6 seconds", "waits of 5 < 6 and 7 > 6 seconds"),
        ("&lt;script&gt; stays a text", "<script> stays a text"),
        ("<!-- a note --> ok", "ok"),
        ("half a tag <a href=", "half a tag <a href="),
        ("a\x00b\u202ec\ud7ff", "abc"),
    ],
)
def test_a_text_loses_its_markup_and_what_cannot_be_shown(text: str, read: str) -> None:
    assert plain(text) == read


@given(st.lists(st.none() | st.text() | st.text("<>&#*_ ab!-/\n").map(lambda text: text * 40), max_size=3))
def test_any_text_becomes_one_line_that_can_be_shown_and_is_not_too_long(texts: list[str | None]) -> None:
    line = plain(*texts)
    assert line.isprintable()
    assert len(line) <= LONGEST_TEXT
    assert line == line.strip()


def test_a_long_text_says_that_it_was_cut() -> None:
    assert plain("so " * 10_000).endswith("so…")


def test_a_text_full_of_tags_does_not_take_long() -> None:
    begun = time.monotonic()
    for text in ("<a", "<!--", "**", "\n#", "&#x", "<!-- <"):
        plain(text * 1_000_000)
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("text", ["", " ", "\x00", "&nbsp;", "a" * 201])
def test_a_name_has_something_to_read_and_not_too_much(text: str) -> None:
    with pytest.raises(Strange, match="is no name of 1 to 200 characters"):
        named(text, "name")


@given(st.datetimes(timezones=st.timezones()))
def test_a_time_is_plausible_and_in_utc_or_strange(at: datetime) -> None:
    try:
        read = moment(at.isoformat(), "begin")
    except Strange:
        return
    assert read is not None
    assert read.tzinfo is UTC
    assert EARLIEST <= read < LATEST


def test_times_are_read_with_their_offset() -> None:
    summer = timezone(timedelta(hours=-7))
    assert moment("2018-09-07T18:34:15-07:00", "") == datetime(2018, 9, 7, 18, 34, 15, tzinfo=summer)
    assert moment("2019-02-20T13:40:58.572Z", "") == datetime(2019, 2, 20, 13, 40, 58, 572000, UTC)
    assert moment(None, "") is moment("", "") is from_epoch(None, "") is None


@pytest.mark.parametrize("text", ["2018-09-07T18:34:15", "2018-09-07", "soon", "0001-01-01T00:00:00+14:00"])
def test_a_time_without_a_zone_or_out_of_all_reason_is_strange(text: str) -> None:
    with pytest.raises(Strange, match="begin"):
        moment(text, "begin")


@given(st.integers())
def test_milliseconds_are_a_plausible_time_or_strange(number: int) -> None:
    try:
        read = from_epoch(number, "epochStartDate")
    except Strange:
        return
    assert read is not None
    assert EARLIEST <= read < LATEST


@pytest.mark.parametrize(
    "address",
    [
        "",
        "javascript:alert(1)",
        "//stspg.io/a",
        "https://",
        "https://a b.example/",
        "https://[",
        "ftp://a.example/",
    ],
)
def test_an_address_that_a_page_of_ours_may_not_show_is_none(address: str) -> None:
    assert web_address(address) is None
    assert web_address(None) is None


def test_a_word_is_known_in_any_case_and_any_other_is_strange() -> None:
    assert word(" Ongoing ", ("ongoing",), "eventStatus") == "ongoing"
    with pytest.raises(Strange, match='eventStatus: "paused" is not known'):
        word("paused", ("ongoing",), "eventStatus")


def test_the_text_told_last_counts_and_of_several_the_first() -> None:
    early, late = datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 1, 2, tzinfo=UTC)
    assert latest([(early, "a"), (late, "b"), (late, "c"), (None, "d")]) == "b"
    assert latest([(None, "a"), (None, "b")]) == "a"
    assert latest([]) is None


class _Numbered(msgspec.Struct):
    id: int


def _read(raw: msgspec.Raw) -> Reading:
    number = msgspec.json.decode(raw, type=_Numbered).id
    if number < 0:
        raise Strange("it is less than nothing")
    return Reading((Claim("x", OfficialState.TROUBLE, str(number)),))


def test_one_strange_entry_costs_none_of_the_others() -> None:
    raws = msgspec.json.decode(b'[{"id": 1}, {"id": -2}, {"id": 3}]', type=list[msgspec.Raw])
    reading = read_each(raws, _read, "event", named_by="id", by_numbers=True, component="iMessage")
    assert [claim.id for claim in reading.claims] == ["1", "3"]
    [out] = reading.left_out
    assert (out.id, out.component) == ("-2", "iMessage")
    assert out.why == 'event "-2" of "iMessage" is left out: it is less than nothing'


def test_a_flood_of_entries_is_refused() -> None:
    raws = msgspec.json.decode(b'[{"id": 1}]', type=list[msgspec.Raw]) * (MOST_ENTRIES + 1)
    with pytest.raises(Unreadable, match="says more than 5,000 things"):
        read_each(raws, _read, "event")
