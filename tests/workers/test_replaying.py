"""A recording, before it is brought through the house."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.faults import RecordingError
from workers.replaying import load_recording

LINE = '{"id": "%d", "written_at": "2012-11-18T20:0%d:00Z", "text": "imessage"}\n'


def test_posts_are_sorted_by_their_writing(tmp_path: Path) -> None:
    path = tmp_path / "day.jsonl"
    path.write_text(LINE % (1, 5) + LINE % (2, 3))
    recording = load_recording(path)
    assert (recording.name, [post.id for post in recording.posts]) == ("day", ["2", "1"])


@pytest.mark.parametrize("name", ["live", "live.jsonl", "live.jsonl.gz"])
def test_a_recording_may_not_take_the_place_of_the_live_run(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(LINE % (1, 5))
    with pytest.raises(RecordingError, match="rename"):
        load_recording(path)
