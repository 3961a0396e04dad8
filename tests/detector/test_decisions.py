"""Decisions: a table of cases, and the life of an incident."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from detector.decisions import Rules, dismissed, next_change
from domain.incident import Reason, Severity, State
from domain.signal import Signal

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
RULES = Rules()


def signal(after=0, score=0.0, *, calm_for=0, observed=20, expected=2.0, window=10, growth=1.0):
    at = NOON + timedelta(minutes=after)
    return Signal(
        service="imessage", at=at, onset=at - timedelta(minutes=window),
        onset_earliest=at - timedelta(minutes=window + 2), onset_latest=at - timedelta(minutes=window - 1),
        expected=expected, observed=observed, spread=1.5, window=window, score=score, threshold=4.6,
        growth=growth, calm=calm_for > 0, calm_for=calm_for, last_high_at=at if score >= 4.6 else None,
    )  # fmt: skip


def changed(incident, now):
    return next_change(incident, now, RULES, run="live", model_version="m1")


def opened():
    return changed(None, signal(score=5.0)).incident


def in_state(state):
    times = {"confirmed_at": NOON} if state is not State.SUSPECTED else {}
    return msgspec.structs.replace(opened(), state=state, **times)


HIGH, FAR_ABOVE, LOW = 5.0, 7.0, 1.0
CASES = [
    # state, the signal, and what it changes
    (None, signal(score=LOW), None),
    (None, signal(score=HIGH), (State.SUSPECTED, Reason.SURGE)),
    (State.RESOLVED, signal(score=HIGH), (State.SUSPECTED, Reason.SURGE)),
    (State.DISMISSED, signal(score=LOW), None),
    (State.SUSPECTED, signal(1, HIGH), None),
    (State.SUSPECTED, signal(1, FAR_ABOVE), (State.CONFIRMED, Reason.SUSTAINED)),
    (State.SUSPECTED, signal(5, HIGH), (State.CONFIRMED, Reason.SUSTAINED)),
    (State.SUSPECTED, signal(5, LOW), None),
    (State.SUSPECTED, signal(20, LOW, calm_for=1), (State.RECOVERING, Reason.EASING)),
    (State.CONFIRMED, signal(9, HIGH), None),
    (State.CONFIRMED, signal(9, HIGH, observed=80), (State.CONFIRMED, Reason.GROWTH)),
    (State.CONFIRMED, signal(60, LOW), None),
    (State.CONFIRMED, signal(60, LOW, calm_for=1), (State.RECOVERING, Reason.EASING)),
    (State.RECOVERING, signal(70, LOW, calm_for=29), None),
    (State.RECOVERING, signal(71, LOW, calm_for=30), (State.RESOLVED, Reason.CALM)),
    (State.RECOVERING, signal(71, LOW, calm_for=30, expected=0.5), None),
    (State.RECOVERING, signal(86, LOW, calm_for=45, expected=0.5), (State.RESOLVED, Reason.CALM)),
    (State.RECOVERING, signal(72, LOW), None),
    (State.RECOVERING, signal(72, HIGH), (State.CONFIRMED, Reason.RELAPSE)),
]


@pytest.mark.parametrize(("state", "now", "outcome"), CASES)
def test_what_a_signal_changes(state, now, outcome):
    change = changed(None if state is None else in_state(state), now)
    assert (change and (change.incident.state, change.reason)) == outcome


@pytest.mark.parametrize(("state", "now", "outcome"), [case for case in CASES if case[2]])
def test_asking_again_with_the_same_signal_soon_gives_nothing(state, now, outcome):
    incident = None if state is None else in_state(state)
    asked = 0
    while change := changed(incident, now):
        incident, asked = change.incident, asked + 1
        if not incident.state.is_open:
            break
    assert asked <= 2


def test_an_incident_carries_what_opened_it():
    incident = opened()
    assert (incident.raised_at, incident.last_high_at) == (NOON, NOON)
    assert (incident.revision, incident.run, incident.model_version) == (0, "live", "m1")
    assert (incident.expected, incident.observed, incident.window) == (2.0, 20, 10)
    assert incident.severity is Severity.MAJOR


def test_every_change_raises_the_revision_by_one():
    incident = opened()
    for now in (signal(5, HIGH), signal(60, LOW, calm_for=1), signal(90, LOW, calm_for=31)):
        change = changed(incident, now)
        assert change.was is incident.state
        assert change.incident.revision == incident.revision + 1
        incident = change.incident
    assert incident.state is State.RESOLVED
    assert incident.resolved_at == NOON + timedelta(minutes=90)
    assert incident.confirmed_at == NOON + timedelta(minutes=5)


def test_a_relapse_joins_the_same_incident():
    eased = changed(in_state(State.CONFIRMED), signal(60, LOW, calm_for=1)).incident
    back = changed(eased, signal(70, HIGH)).incident
    assert (back.id, back.recovering_at) == (eased.id, None)
    assert back.last_high_at == NOON + timedelta(minutes=70)


def resolved():
    """An incident that was resolved at noon."""
    return msgspec.structs.replace(opened(), state=State.RESOLVED, resolved_at=NOON)


@pytest.mark.parametrize(("after", "linked"), [(1, True), (60, True), (61, False)])
def test_a_surge_soon_after_an_incident_was_resolved_is_linked_to_it_as_its_relapse(after, linked):
    last = resolved()
    new = changed(last, signal(after, HIGH)).incident
    assert new.id != last.id
    assert new.relapse_of == (last.id if linked else None)


def test_what_a_person_dismissed_has_no_relapse():
    last = dismissed(resolved(), NOON).incident
    assert changed(last, signal(30, HIGH)).incident.relapse_of is None


def test_an_incident_keeps_the_bounds_of_its_onset_and_the_growth_of_its_highest_score():
    first = changed(None, signal(score=HIGH, growth=3.0)).incident
    assert first.onset_earliest_at <= first.onset_at <= first.onset_latest_at
    surer = changed(first, signal(5, HIGH + 1, growth=1.5)).incident
    assert (first.growth, surer.growth) == (3.0, 1.5)
    assert surer.onset_at == first.onset_at


def test_a_handful_of_posts_is_never_critical():
    change = changed(None, signal(score=HIGH, observed=6, expected=0.05, window=4))
    assert change.incident.severity is Severity.MAJOR or change.incident.severity is Severity.MINOR


def test_growth_keeps_the_highest_score():
    first = changed(None, signal(score=9.0)).incident
    grown = changed(first, signal(9, HIGH, observed=90)).incident
    assert (grown.severity, grown.observed, grown.score) == (Severity.CRITICAL, 90, 9.0)


def test_a_person_may_dismiss_it():
    change = dismissed(opened(), NOON + timedelta(minutes=3))
    assert (change.incident.state, change.reason, change.was) == (
        State.DISMISSED,
        Reason.VERDICT,
        State.SUSPECTED,
    )
    assert change.incident.revision == 1
    assert change.signal is None
