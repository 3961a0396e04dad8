"""Events in a stream of bytes, whole or broken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sources.mastodon.events import LONGEST, Event, Garbled, Heartbeat, Told, events_in

GOOD = b'event: update\ndata: {"id": "1"}\n\n'
UPDATE = Event("update", b'{"id": "1"}')


def heard(*chunks: bytes) -> list[Told]:
    return list(events_in(chunks))


CASES: list[tuple[bytes, list[Told]]] = [
    (GOOD, [UPDATE]),
    (b":)\n:thump\n" + GOOD, [Heartbeat(), Heartbeat(), UPDATE]),
    (GOOD.replace(b"\n", b"\r\n"), [UPDATE]),
    (b"event:delete\ndata:5\n\n", [Event("delete", b"5")]),
    (b"id: 3\nretry: 5\nevent: x\ndata: 1\ndata: 2\nstream: []\n\n", [Event("x", b"1\n2")]),
    (b"\n\n\n" + GOOD, [UPDATE]),
    (b"event: filters_changed\n\n", [Event("filters_changed", b"")]),
    (b"data: 5\n\n", [Garbled("an event has no name")]),
    (b"nonsense\n\n" + GOOD, [Garbled("a line has no meaning"), UPDATE]),
    (b"nonsense\n" + GOOD, [Garbled("a line has no meaning"), UPDATE]),
    (b"event: update\ndata: {\n" + GOOD, [Event("update", b"{"), UPDATE]),
    (b"event: update\n:thump\ndata: {}\n\n", [Heartbeat(), Event("update", b"{}")]),
    (b"event: up\xff\ndata: {}\n\n", [Event("up\\xff", b"{}")]),
    (GOOD[:-1], []),
    (GOOD[:-5], []),
]


@pytest.mark.parametrize(("stream", "events"), CASES)
def test_events_are_told_apart_and_what_is_broken_costs_nothing_else(
    stream: bytes, events: list[Told]
) -> None:
    assert heard(stream) == events


@given(st.data())
def test_it_does_not_matter_in_which_pieces_a_stream_comes(data: st.DataObject) -> None:
    stream, events = (
        b"".join(case for case, _ in CASES[:8]),
        [event for _, told in CASES[:8] for event in told],
    )
    cuts = sorted(data.draw(st.sets(st.integers(0, len(stream)))))
    pieces = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert heard(*pieces) == events


@given(st.lists(st.binary() | st.sampled_from([b"event: ", b"data: ", b"\n", b":", b"\r\n", b"update"])))
def test_no_bytes_end_a_stream_and_what_comes_after_them_is_heard(garbage: list[bytes]) -> None:
    assert heard(*garbage, b"\n\n", GOOD)[-1] == UPDATE


def test_a_line_or_an_event_without_end_does_not_fill_the_memory() -> None:
    long = [b"data: ", *[b"x" * 100_000] * 50, b"\n\n"]
    assert heard(*long, GOOD) == [Garbled(f"a line is longer than {LONGEST:,} bytes"), UPDATE]
    many = [b"data: " + b"x" * 100_000 + b"\n"] * 50
    assert heard(*many, b"\n", GOOD) == [Garbled(f"an event is longer than {LONGEST:,} bytes"), UPDATE]
