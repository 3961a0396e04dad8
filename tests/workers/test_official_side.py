"""Which incidents the official side is still told of, and who can be silent."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from domain.incident import Change, Incident, Reason, State
from domain.moments import minute_of
from domain.notice import OfficialNotice
from domain.run import LIVE, Run
from storage.interfaces import Detection, DetectionStep
from storage.memory import MemoryStores
from tests.domain.records import WELL, at, incident, notice
from workers.official_side import OfficialSide

DAY = 24 * 60
HOUR = timedelta(hours=1)


def side(
    outage: Incident, *notices: OfficialNotice, start: float, run: str = LIVE, watched: tuple[str, ...] = ()
) -> OfficialSide:
    """The official side as of a minute, with one incident that is kept."""
    stores = MemoryStores()
    stores.incidents.save(
        DetectionStep(
            run,
            None,
            Detection(minute_of(at(start)), b""),
            changes=(Change(msgspec.structs.replace(outage, run=run), None, Reason.SURGE, outage.raised_at),),
        )
    )
    stores.notices.add(msgspec.structs.replace(one, run=run) for one in notices)
    return OfficialSide(
        Run(run, at(0)),
        stores,
        at(start),
        stores.incidents.open_in(run),
        watched=watched,
        silent_after=HOUR,
    )


@pytest.mark.parametrize(
    ("outage", "seen", "told"),
    [
        (incident(ended=120), 300, True),
        (incident(ended=120), 119 + DAY, True),
        (incident(ended=120), 121 + DAY, False),
        (incident(ended=120, state=State.DISMISSED), 300, False),
        (incident(raised=-6 * DAY, ended=120), 300, True),
        (incident(raised=-7 * DAY, ended=120), 300, False),  # raised more than a week ago
    ],
)
@pytest.mark.parametrize("begun_before", [0, 200])
def test_an_incident_that_ended_is_told_of_for_a_day_and_a_week_after_its_raising(
    outage: Incident, seen: int, told: bool, begun_before: int
) -> None:
    """Whether the pass begins in that very minute, or long before."""
    said = notice(seen - 0.5, began=0, over=100, late=True)
    officials = side(outage, said, start=seen - begun_before - 1)
    reasons = [change.reason for change in officials.changes([], at(seen))]
    assert reasons == ([Reason.ACKNOWLEDGED] if told else [])


def test_all_that_is_new_is_told_at_once_and_nothing_again() -> None:
    officials = side(incident(ended=120), notice(100), notice(110, WELL), start=130)
    assert [change.reason for change in officials.changes([], at(131))] == [
        Reason.ACKNOWLEDGED,
        Reason.OFFICIAL_WELL,
    ]
    assert list(officials.changes([], at(132))) == []


def test_an_incident_that_ends_in_the_pass_is_told_of_from_then_on() -> None:
    officials = side(incident(), notice(150, late=True), start=100)
    officials.ended(incident(ended=120))
    assert list(officials.changes([], at(150))) == []
    [change] = officials.changes([], at(151))
    assert (change.reason, change.was) == (Reason.ACKNOWLEDGED, State.RESOLVED)


@pytest.mark.parametrize(
    ("run", "watched", "said", "silent"),
    [
        (LIVE, ("github",), [], True),
        (LIVE, (), [], False),
        (LIVE, (), [notice(-600, WELL)], False),
        ("demo", ("github",), [], False),  # what is watched now says nothing of a recording
        ("demo", (), [notice(-600, WELL)], True),
        ("demo", (), [notice(600)], True),  # it was given beforehand
        ("demo", (), [notice(-600, WELL, event="account:github:x:1")], True),
        ("demo", (), [notice(600, event="account:github:x:1")], False),  # nobody can know it yet
        ("demo", (), [notice(-600, WELL, service="slack")], False),
    ],
)
def test_only_who_could_have_spoken_is_silent(
    run: str, watched: tuple[str, ...], said: list[OfficialNotice], silent: bool
) -> None:
    outage = msgspec.structs.replace(incident(), run=run)
    officials = side(outage, *said, start=80, run=run, watched=watched)
    assert [change.reason for change in officials.changes([outage], at(81))] == (
        [Reason.SILENT] if silent else []
    )
