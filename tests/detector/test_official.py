"""The official word is told once: admitted, silent for too long, called over."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.official import official_change
from domain.incident import Change, Incident, Reason, State
from domain.notice import OfficialNotice
from tests.domain.records import MAINTENANCE, WELL, any_notices, at, incident, notice, spoken

HOUR = timedelta(hours=1)


def change(
    outage: Incident, said: list[OfficialNotice], minute: float, silent_after: timedelta | None = HOUR
) -> Change | None:
    return official_change(outage, said, at(minute), silent_after=silent_after)


def test_an_admission_is_told_with_its_notice_and_moves_no_state() -> None:
    outage = incident()
    told = change(outage, [notice(30.5)], 31)
    assert told is not None
    assert (told.reason, told.was, told.at, told.official) == (
        Reason.ACKNOWLEDGED, outage.state, at(31), notice(30.5),
    )  # fmt: skip
    assert told.incident == msgspec.structs.replace(outage, official_at=at(30.5), revision=1)


def test_what_is_seen_later_is_told_later() -> None:
    assert change(incident(), [notice(31)], 31) is None


def test_a_page_that_was_first_is_told_as_well() -> None:
    told = change(incident(), [notice(-20)], 10)
    assert told is not None
    assert told.incident.official_at == at(-20)


def test_the_end_is_told_after_the_admission() -> None:
    said = [notice(30), notice(90, WELL)]
    admitted = change(incident(), said, 91)
    assert admitted is not None
    over = change(admitted.incident, said, 91)
    assert over is not None
    assert (over.reason, over.official, over.incident.official_well_at) == (
        Reason.OFFICIAL_WELL, notice(90, WELL), at(90),
    )  # fmt: skip
    assert change(over.incident, said, 91) is None


def test_an_end_without_an_admission_is_told_to_nobody() -> None:
    assert change(incident(), [notice(30, WELL)], 40) is None


@pytest.mark.parametrize(("minute", "told"), [(120, True), (100 + 24 * 60, True), (101 + 24 * 60, False)])
def test_a_resolved_incident_may_yet_be_admitted(minute: int, told: bool) -> None:
    said = [notice(minute, late=True, began=0, over=50)]
    assert (change(incident(ended=100), said, minute + 1) is not None) is told


def test_a_dismissed_incident_is_told_nothing_of() -> None:
    assert change(incident(ended=100, state=State.DISMISSED), [notice(30)], 40) is None


@pytest.mark.parametrize(
    ("outage", "said", "minute", "silent"),
    [
        (incident(), [], 69, False),
        (incident(), [], 70, True),  # it was raised at 10
        (incident(), [notice(-90, WELL)], 70, True),
        (incident(), [notice(30, WELL)], 70, True),  # the page says that all is well
        (incident(), [notice(30, service="slack")], 70, True),
        (incident(), [notice(30, MAINTENANCE)], 70, False),
        (incident(), [notice(-600)], 70, False),  # a trouble is listed since the night
        (incident(), [notice(-600), notice(-300, WELL)], 70, True),
        (incident(), [spoken(-600)], 70, True),  # what an account said in the night is forgotten
        (incident(ended=60), [], 70, False),
        (msgspec.structs.replace(incident(), state=State.RECOVERING), [], 70, True),
        (msgspec.structs.replace(incident(), state=State.SUSPECTED, confirmed_at=None), [], 70, False),
        (msgspec.structs.replace(incident(), state=State.RECOVERING, confirmed_at=None), [], 70, False),
    ],
)
def test_silence_is_told_of_a_sure_and_open_incident(
    outage: Incident, said: list[OfficialNotice], minute: int, silent: bool
) -> None:
    told = change(outage, said, minute)
    assert (told is not None and told.reason is Reason.SILENT) is silent
    assert not silent or (told and told.incident.silent_at) == at(minute)


def test_silence_is_told_once_and_an_admission_after_it() -> None:
    silent = change(incident(), [], 70)
    assert silent is not None
    assert change(silent.incident, [], 200) is None
    admitted = change(silent.incident, [notice(300)], 301)
    assert admitted is not None
    assert (admitted.reason, admitted.incident.revision) == (Reason.ACKNOWLEDGED, 2)


def test_who_cannot_speak_is_not_silent() -> None:
    assert change(incident(), [], 500, silent_after=None) is None


@given(any_notices(services=("github",)), st.none() | st.integers(11, 300), st.sampled_from([1, 7, 60, 2000]))
def test_each_thing_is_told_once_whatever_is_said_and_however_seldom_we_ask(notices, ended, every) -> None:
    outage, told = incident(ended=ended), []
    for minute in range(11, 2012, every):
        while found := change(outage, notices, minute):
            assert found.incident.revision == outage.revision + 1
            assert found.was is found.incident.state is outage.state
            assert found.official is None or found.official.seen_at < found.at
            outage = found.incident
            told.append(found.reason)
    assert len(told) == len(set(told)) <= 3
    assert Reason.OFFICIAL_WELL not in told or Reason.ACKNOWLEDGED in told
    assert (outage.official_at is not None) == (Reason.ACKNOWLEDGED in told)
