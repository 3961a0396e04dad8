"""What a signal, or a person, changes about an incident: pure decisions, each with its reason.

All that a decision needs is in the incident and in the signal: the running figures (calm since when, last
high when) are kept by the detector, so an incident changes only by a ``Change``. Asking again with the same
signal after a change was taken goes at most one state further (a surge far above the threshold is suspected
and confirmed by one signal) and then gives nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from domain.incident import Change, Incident, Reason, Severity, State, incident_id
from domain.signal import Signal


@dataclass(frozen=True)
class Rules:
    """How long to wait, and how much is much. Times are in minutes, scores in powers of ten."""

    confirm_after: int = 5  # still high this long after it was raised
    sure_above: float = 1.5  # or this far above the threshold: thirty times rarer than the budget
    close_after: int = 30  # of calm, for a busy service
    close_after_most: int = 45  # and for a sparse one
    complaints_missed: float = 6.0  # calm must last until this many usual complaints have been heard
    major_factor: float = 5.0
    critical_factor: float = 20.0
    relapse_within: int = 60  # of the end of one incident, a new one is called its relapse


def next_change(
    incident: Incident | None,
    signal: Signal,
    rules: Rules,
    *,
    run: str,
    model_version: str | None,
    stands_for_many: bool = False,
) -> Change | None:
    """What this signal changes about its service's incident, if anything.

    ``incident`` is the one that is open, or else the last one that ended. With ``stands_for_many`` a new one
    is raised even below the threshold: what is known of others makes up for it.
    """
    high = signal.score >= signal.threshold
    if incident is not None and is_dismissed_surge(incident, signal.onset):
        return None
    if incident is None or not incident.state.is_open:
        raised = high or stands_for_many
        return _opened(signal, rules, run, model_version, incident) if raised else None
    if incident.state is State.RECOVERING:
        return _from_recovering(incident, signal, rules, high)
    if signal.calm and not high:
        return _moved(incident, signal, State.RECOVERING, Reason.EASING)
    if incident.state is State.SUSPECTED and high and _is_sure(incident, signal, rules):
        return _moved(_at_its_highest(incident, signal, rules), signal, State.CONFIRMED, Reason.SUSTAINED)
    if high and _rank(severity(signal, rules)) > _rank(incident.severity):
        return _moved(_at_its_highest(incident, signal, rules), signal, incident.state, Reason.GROWTH)
    return None


def dismissed(incident: Incident, at: datetime) -> Change:
    """A person says that it was no outage."""
    after = msgspec.structs.replace(
        incident, state=State.DISMISSED, resolved_at=at, revision=incident.revision + 1
    )
    return Change(incident=after, was=incident.state, reason=Reason.VERDICT, at=at)


def severity(signal: Signal, rules: Rules) -> Severity:
    """How many times the usual the complaints are, by a cautious count.

    One standard deviation is taken off what was observed and half a complaint put onto what was expected, so
    that a handful of posts about a sparse service is not called critical.
    """
    factor = (signal.observed - math.sqrt(signal.observed)) / (signal.expected + 0.5)
    if factor >= rules.critical_factor:
        return Severity.CRITICAL
    return Severity.MAJOR if factor >= rules.major_factor else Severity.MINOR


def calm_needed(signal: Signal, rules: Rules) -> int:
    """Minutes of calm after which an incident is over: more for a service that is seldom complained about."""
    usual = signal.expected / signal.window
    enough = rules.complaints_missed / max(usual, 1e-9)
    return round(min(max(enough, rules.close_after), rules.close_after_most))


def _opened(
    signal: Signal, rules: Rules, run: str, model_version: str | None, last: Incident | None
) -> Change:
    incident = Incident(
        id=incident_id(run, signal.service, signal.at),
        run=run,
        service=signal.service,
        state=State.SUSPECTED,
        severity=severity(signal, rules),
        onset_at=signal.onset,
        raised_at=signal.at,
        last_high_at=signal.at,
        expected=signal.expected,
        observed=signal.observed,
        spread=signal.spread,
        window=signal.window,
        score=signal.score,
        threshold=signal.threshold,
        model_version=model_version,
        onset_earliest_at=signal.onset_earliest,
        onset_latest_at=signal.onset_latest,
        growth=signal.growth,
        relapse_of=last.id if last is not None and may_relapse(last, signal.at, rules) else None,
    )
    return Change(incident=incident, was=None, reason=Reason.SURGE, at=signal.at, signal=signal)


def _from_recovering(incident: Incident, signal: Signal, rules: Rules, high: bool) -> Change | None:
    if high:
        return _moved(_at_its_highest(incident, signal, rules), signal, State.CONFIRMED, Reason.RELAPSE)
    if signal.calm and signal.calm_for >= calm_needed(signal, rules):
        return _moved(incident, signal, State.RESOLVED, Reason.CALM)
    return None


def may_relapse(ended: Incident, at: datetime, rules: Rules) -> bool:
    """Whether a surge at this time would be a relapse of an incident that was resolved.

    The incident itself stays resolved: that was told, and what it was told to may have closed its own.
    """
    if ended.state is not State.RESOLVED or ended.resolved_at is None:
        return False
    return at - ended.resolved_at <= timedelta(minutes=rules.relapse_within)


def is_dismissed_surge(incident: Incident, onset: datetime) -> bool:
    """Whether a person has said of the surge since ``onset`` that it is no outage; a later one is another.

    Until it is calm, its service is held as in an incident: the evidence is dropped then, and begins anew.
    """
    ended = incident.resolved_at
    return incident.state is State.DISMISSED and ended is not None and onset <= ended


def _is_sure(incident: Incident, signal: Signal, rules: Rules) -> bool:
    lasted = signal.at - incident.raised_at >= timedelta(minutes=rules.confirm_after)
    return lasted or signal.score >= signal.threshold + rules.sure_above


def _at_its_highest(incident: Incident, signal: Signal, rules: Rules) -> Incident:
    """The incident with this signal's figures, if they are the most striking so far."""
    if _rank(severity(signal, rules)) > _rank(incident.severity):
        incident = msgspec.structs.replace(incident, severity=severity(signal, rules))
    elif signal.score < incident.score:
        return incident
    return msgspec.structs.replace(
        incident,
        expected=signal.expected,
        observed=signal.observed,
        spread=signal.spread,
        window=signal.window,
        score=max(signal.score, incident.score),
        threshold=signal.threshold,
        growth=signal.growth,
        **_onset_bounds(incident, signal),
    )


def _onset_bounds(incident: Incident, signal: Signal) -> dict[str, datetime]:
    """Closer bounds of the onset, where more complaints exclude what the first ones did not."""
    earliest = max(incident.onset_earliest_at or signal.onset_earliest, signal.onset_earliest)
    latest = min(incident.onset_latest_at or signal.onset_latest, signal.onset_latest)
    return {
        "onset_earliest_at": min(earliest, incident.onset_at),
        "onset_latest_at": max(latest, incident.onset_at),
    }


def _moved(incident: Incident, signal: Signal, state: State, reason: Reason) -> Change:
    """The incident in its next state, with the times that belong to it."""
    confirmed_at, recovering_at, resolved_at = incident.confirmed_at, incident.recovering_at, None
    if state is State.CONFIRMED:
        confirmed_at, recovering_at = confirmed_at or signal.at, None
    elif state is State.RECOVERING:
        recovering_at = signal.at
    elif state is State.RESOLVED:
        resolved_at = signal.at
    after = msgspec.structs.replace(
        incident,
        state=state,
        last_high_at=max(incident.last_high_at, signal.last_high_at or incident.last_high_at),
        confirmed_at=confirmed_at,
        recovering_at=recovering_at,
        resolved_at=resolved_at,
        revision=incident.revision + 1,
    )
    return Change(incident=after, was=incident.state, reason=reason, at=signal.at, signal=signal)


def _rank(severity: Severity) -> int:
    return tuple(Severity).index(severity)
