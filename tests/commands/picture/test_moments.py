"""Labels above the picture: each readable, wherever the moments lie."""

from __future__ import annotations

from datetime import timedelta
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from commands.picture.moments import Moment, moments_of, placed
from commands.picture.plot import Plot
from domain.moments import minute_of
from tests.commands.picture.scenes import a_subject, an_incident
from tests.domain.records import NOON, WELL, at, notice

LENGTH = 300
PLOT = Plot(56, 976, 100, 400, minute_of(NOON), minute_of(NOON) + LENGTH - 1, most=10)
NAMES = st.sampled_from(["onset", "raised", "confirmed", "official account: all well"])
MOMENTS = st.lists(
    st.builds(Moment, st.integers(-50, LENGTH + 50).map(at), NAMES, st.just("#000000")), max_size=9
)


@settings(max_examples=300, deadline=None)
@given(MOMENTS)
def test_no_label_covers_another_and_none_leaves_the_picture(moments):
    labels = placed(moments, PLOT)
    assert len(labels) == len(moments)
    for label in labels:
        assert label.extent[0] >= 0
        assert label.extent[1] <= PLOT.right
    for one, other in combinations(labels, 2):
        apart = one.extent[1] <= other.extent[0] or other.extent[1] <= one.extent[0]
        assert one.row != other.row or apart


@settings(max_examples=300, deadline=None)
@given(MOMENTS)
def test_no_line_crosses_a_label(moments):
    labels = placed(moments, PLOT)
    for line in labels:
        for label in labels:
            is_under = label.row > line.row
            assert not (is_under and label.extent[0] < line.x < label.extent[1])


def test_the_moments_come_in_their_order_with_what_was_claimed_among_them():
    subject = a_subject(an_incident(90), notices=(notice(40, began=3), notice(80, WELL)))
    assert [moment.name for moment in moments_of(subject)] == [
        "onset", "claimed start", "raised", "confirmed", "official page admits", "recovering",
        "official page: all well", "resolved",
    ]  # fmt: skip


def test_what_was_said_long_after_stands_at_the_edge_with_its_day():
    late = Moment(NOON + timedelta(days=1), "official page admits", "#000000")
    (label,) = placed([late], PLOT)
    assert (label.x, label.to_the_left) == (PLOT.right, True)
    assert label.words == "official page admits 2 Mar 12:00 →"
