"""Official notices from a file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.notice import OfficialNotice, OfficialState
from ingest.notices import read_notices
from ingest.recordings import RecordingError


def test_notices_are_read_in_the_order_in_which_they_were_seen(tmp_path: Path) -> None:
    file = tmp_path / "notices.jsonl"
    file.write_text(
        '{"service": "imessage", "state": "well", "seen_at": "2012-11-19T00:41:00Z"}\n\n'
        '{"service": "imessage", "state": "trouble", "seen_at": "2012-11-18T14:57:48-08:00",'
        ' "claimed_at": "2012-11-18T21:30:00Z", "text": "Some users", "url": null}\r\n'
    )
    trouble = datetime(2012, 11, 18, 22, 57, 48, tzinfo=UTC)
    claimed = datetime(2012, 11, 18, 21, 30, tzinfo=UTC)
    well = datetime(2012, 11, 19, 0, 41, tzinfo=UTC)
    assert read_notices(file, "demo") == [
        OfficialNotice("demo", "imessage", OfficialState.TROUBLE, trouble, "Some users", claimed),
        OfficialNotice("demo", "imessage", OfficialState.WELL, well),
    ]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('{"state": "well", "seen_at": "2012-11-19T00:41:00Z"}', "line 1: service: is missing"),
        (
            '{"service": "x", "state": "down", "seen_at": "2012-11-19T00:41:00Z"}',
            'state: "down" is not one of',
        ),
        (
            '{"service": "x", "state": "well", "seen_at": "2012-11-19T00:41:00"}',
            "seen_at: .* names no time zone",
        ),
        ('{"service": "x", "state": "well", "seen_at": "0001-01-01T00:00:00+09:00"}', "outside the calendar"),
        ("nope", "is no JSON"),
    ],
)
def test_the_first_bad_line_is_named(tmp_path: Path, line: str, why: str) -> None:
    file = tmp_path / "notices.jsonl"
    file.write_text(line)
    with pytest.raises(RecordingError, match=why):
        read_notices(file, "demo")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="no such file"):
        read_notices(tmp_path / "absent", "demo")
