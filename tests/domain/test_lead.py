"""Which notices speak of an outage, which one admits it, and which one calls it over."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.lead import called_over, first_admission, is_about, lead_over, notices_about
from domain.notice import OfficialNotice
from tests.domain.records import MAINTENANCE, TROUBLE, WELL, any_notices, at, incident, notice, spoken

DAY = 24 * 60
ENDED = incident(ended=120)  # its onset was at noon


@pytest.mark.parametrize(
    ("said", "about"),
    [
        (notice(-59), True),
        (notice(-61), False),  # too long before the onset
        (notice(30, began=-600), True),
        (notice(30, began=-600, over=-59), True),
        (notice(30, began=-600, over=-61), False),  # what it speaks of was over before
        (notice(121, began=120), True),
        (notice(121, began=121), False),  # what it speaks of began afterwards
        (notice(120 + DAY, began=30), True),
        (notice(121 + DAY, began=30), False),  # too late
        (notice(180), True),
        (notice(181), False),  # it claims no time, so it speaks of the present
        (notice(181, late=True), True),
        (notice(600, WELL), True),
        (notice(30, service="slack"), False),
        (msgspec.structs.replace(notice(30), run="demo"), False),
    ],
)
def test_a_notice_is_held_to_the_times_that_it_claims(said: OfficialNotice, about: bool) -> None:
    assert is_about(ENDED, said) is about


def test_what_is_said_while_an_incident_is_open_is_about_it() -> None:
    assert is_about(incident(), notice(10 * DAY, began=9 * DAY))


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        ([], None),
        ([notice(30)], 30),
        ([notice(40, event="b"), notice(30)], 30),
        ([notice(30, WELL)], None),
        ([notice(30, MAINTENANCE)], None),
        ([notice(30, MAINTENANCE), notice(40)], 40),
        ([notice(150, late=True, began=5, over=100), notice(150, WELL, began=5, over=100)], 150),
        ([notice(150, WELL, late=True)], 150),
        ([notice(150, MAINTENANCE, late=True)], None),
        ([notice(-600), notice(30)], None),  # an update about a trouble that goes on since the night
        ([notice(-600), notice(-300, WELL), notice(30)], 30),
        ([spoken(-600), spoken(30)], 30),
    ],
)
def test_an_outage_is_admitted_by_the_first_word_of_a_failure(
    said: list[OfficialNotice], seen: int | None
) -> None:
    admission = first_admission(ENDED, said)
    assert (admission.seen_at if admission else None) == (None if seen is None else at(seen))


def test_the_lead_is_positive_when_we_were_first() -> None:
    assert lead_over(notice(30), ENDED) == timedelta(minutes=20)
    assert lead_over(notice(-30), ENDED) == timedelta(minutes=-40)


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        ([notice(30)], None),
        ([notice(60, WELL)], None),  # it admitted nothing
        ([notice(30), notice(60, WELL)], 60),
        ([notice(30), notice(60, WELL, event="b")], None),
        ([notice(30), notice(40, event="b"), notice(60, WELL)], None),
        ([notice(30), notice(40, event="b"), notice(60, WELL), notice(70, WELL, event="b")], 70),
        ([spoken(30), spoken(60, WELL)], 60),
        ([spoken(30), notice(40), notice(60, WELL)], 60),  # the account need not say so as well
        ([notice(30), spoken(40), spoken(60, WELL)], None),  # the dashboard must
        ([notice(150, late=True, began=5, over=100), notice(150, WELL, began=5, over=100)], 150),
        ([notice(30), notice(60, WELL), notice(70), notice(80, WELL)], 60),
    ],
)
def test_it_is_called_over_when_nothing_that_was_admitted_goes_on(
    said: list[OfficialNotice], seen: int | None
) -> None:
    over = called_over(ENDED, said)
    assert (over.seen_at if over else None) == (None if seen is None else at(seen))


INCIDENTS = st.builds(
    lambda raised, lasted: incident(raised=raised, ended=None if lasted is None else raised + lasted),
    st.integers(-300, 300),
    st.none() | st.integers(1, 400),
)


@given(any_notices(), INCIDENTS, st.randoms())
def test_the_order_in_which_notices_come_changes_nothing(notices, outage, chance) -> None:
    shuffled = list(notices)
    chance.shuffle(shuffled)
    assert first_admission(outage, shuffled) == first_admission(outage, notices)
    assert called_over(outage, shuffled) == called_over(outage, notices)


@given(any_notices(), INCIDENTS)
def test_what_is_said_later_never_changes_who_was_first(notices, outage) -> None:
    """So what was told of a minute that is closed stays true, whatever comes."""
    for now in sorted({one.seen_at for one in notices}):
        by_then = [one for one in notices if one.seen_at <= now]
        if admission := first_admission(outage, by_then):
            assert first_admission(outage, notices) == admission
        if over := called_over(outage, by_then):
            assert called_over(outage, notices) == over


@given(any_notices(), INCIDENTS)
def test_an_admission_is_about_the_outage_and_comes_before_its_end_is_told(notices, outage) -> None:
    admission, over = first_admission(outage, notices), called_over(outage, notices)
    assert admission is None or admission in notices_about(outage, notices)
    if over is not None:
        assert admission is not None
        assert admission.seen_at <= over.seen_at
    if admission is not None:
        assert admission.state is not MAINTENANCE
        assert admission.state is TROUBLE or admission.after_the_fact
