"""What the guard changes about incidents, and what it leaves as it is."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from detector.spill_changes import marked, noted, opened_with
from domain.incident import Change, Incident, Reason, Spillover
from tests.domain.records import at, incident

O2 = incident("o2")


def note(service: str, minutes: float = 12) -> Spillover:
    return Spillover(service, since=at(3), noted_at=at(minutes), expected=0.5, observed=9, window=9)


def with_notes(*notes: Spillover, **fields: object) -> Incident:
    return msgspec.structs.replace(O2, spillovers=notes, **fields)


def test_an_opening_carries_its_spillovers_by_name() -> None:
    opening = Change(O2, None, Reason.SURGE, at(10))
    change = opened_with(opening, [note("vodafone"), note("ee")], is_cause=False)
    assert (change.reason, change.incident.blamed_for) == (Reason.SURGE, ("ee", "vodafone"))
    change = opened_with(opening, [note("ee")], is_cause=True)
    assert (change.reason, change.incident.is_common_cause) == (Reason.COMMON_CAUSE, True)


def test_a_spillover_is_noted_once() -> None:
    change = noted(O2, [note("ee")], at(12))
    assert change is not None
    assert (change.reason, change.was, change.incident.revision) == (Reason.SPILLS, O2.state, 1)
    assert change.incident.noted_at(at(12)) == ("ee",)
    assert noted(change.incident, [note("ee", 13)], at(13)) is None


def test_becoming_a_common_cause_is_told_even_of_spillovers_that_were_known() -> None:
    change = noted(with_notes(note("ee")), [note("ee")], at(13), is_cause=True)
    assert change is not None
    assert (change.reason, change.incident.is_common_cause) == (Reason.COMMON_CAUSE, True)
    assert noted(change.incident, [note("ee")], at(14), is_cause=True) is None


def test_a_spillover_that_is_raised_by_itself_is_cleared_and_stays_in_the_list() -> None:
    change = noted(with_notes(note("ee"), note("vodafone")), [], at(40), raised=["ee", "spotify"])
    assert change is not None
    assert (change.reason, change.incident.blamed_for) == (Reason.OWN_OUTAGE, ("vodafone",))
    assert change.incident.cleared_at(at(40)) == ("ee",)
    assert noted(change.incident, [], at(41), raised=["ee"]) is None


def test_an_incident_that_a_later_one_explains_is_marked_once() -> None:
    ee = with_notes(note("o2"), note("giffgaff"), service="ee")
    change = marked(ee, O2, at(20))
    assert change is not None
    assert (change.reason, change.incident.spillover_of) == (Reason.SPILLOVER, O2.id)
    assert change.incident.blamed_for == ("giffgaff",)
    assert marked(change.incident, O2, at(21)) is None


def test_what_was_raised_in_spite_of_the_one_to_blame_is_not_marked_afterwards() -> None:
    cleared = msgspec.structs.replace(note("ee"), raised_at=at(15))
    assert marked(incident("ee", raised=15), with_notes(cleared), at(15) + timedelta(hours=1)) is None


def test_who_hands_a_common_cause_on_stands_for_nobody_any_more() -> None:
    change = marked(with_notes(note("ee"), is_common_cause=True), incident("aws"), at(20))
    assert change is not None
    assert (change.incident.is_common_cause, change.incident.blamed_for) == (False, ())
