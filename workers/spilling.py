"""The guard before the alarm in a pass of detection: who surges, who is to blame, and what changes for it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from detector.recent import RECENT_MINUTES
from detector.scores import Scores
from detector.spill_changes import marked, note_of, noted, opened_with
from detector.spill_guard import NEAR, STIRRING, Judgement, judge
from detector.spillover import LINGERS
from detector.surging import Surging
from domain.incident import Change, Incident, Spillover
from domain.kinship import Kinship
from domain.moments import minute_of, start_of_minute
from storage.interfaces import Posts

_NAMING_MINUTES = 30  # of complaints that are looked through for other services' names
_ALL = 100_000


@dataclass(frozen=True)
class SpillGuard:
    """One minute as the guard sees it: its ``scores``, the incidents that are open, and those to open.

    ``ignored`` are services whose surge a person has dismissed.
    """

    kin: Kinship
    posts: Posts
    minute: int
    scores: Scores
    open_now: Mapping[str, Incident]
    openings: Mapping[str, Change]
    ignored: Collection[str] = ()

    def judgement(self) -> Judgement:
        if not self.openings and len(self.open_now) < 2:
            return Judgement()
        return judge(self.minute, list(self._surging()), self.kin, self._named)

    def changes(self, judgement: Judgement, raise_anyway: Callable[[int], Change | None]) -> Iterator[Change]:
        """The openings that are to be, with their notes; what open ones learn; and the marks on spillovers.

        ``raise_anyway`` gives the opening of a service that has none, as the common cause is raised even
        below the threshold.
        """
        cause, notes = judgement.cause, self._notes(judgement)
        openings = {name: self.openings[name] for name in self.openings if not _is_held(name, judgement)}
        if (opening := self._of_cause(cause, raise_anyway)) is not None:
            openings[opening.incident.service] = opening
        told = dict(self.open_now)
        for name in sorted(openings):
            change = opened_with(openings[name], notes[name], is_cause=name == cause)
            told[name] = change.incident
            yield change
        at = start_of_minute(self.minute + 1)
        for name in sorted(self.open_now):
            if change_of := noted(
                told[name], notes[name], at, raised=openings.keys(), is_cause=name == cause
            ):
                told[name] = change_of.incident
                yield change_of
        for name in sorted(judgement.blamed.keys() & self.open_now.keys()):
            if change_of := marked(told[name], told[judgement.blamed[name]], at):
                yield change_of

    def _of_cause(self, cause: str | None, raise_anyway: Callable[[int], Change | None]) -> Change | None:
        """The opening of a common cause that would not be raised by itself."""
        if cause is None or cause in self.openings or cause in self.open_now:
            return None
        return raise_anyway(self.scores.services.index(cause))

    def _notes(self, judgement: Judgement) -> dict[str, list[Spillover]]:
        """The spillovers of each service that is to blame."""
        notes: dict[str, list[Spillover]] = defaultdict(list)
        for name, blamed in judgement.blamed.items():
            notes[blamed].append(note_of(self.scores.signal(self.scores.services.index(name))))
        return notes

    def _surging(self) -> Iterator[Surging]:
        stirring = self.scores.score >= self.scores.threshold * STIRRING
        for index, service in enumerate(self.scores.services):
            if service in self.open_now or (stirring[index] and service not in self.ignored):
                yield self._one(index, service)

    def _one(self, index: int, service: str) -> Surging:
        """A service as the latest minutes of its surge show it.

        Its counts since the last minute that may be the onset: earlier ones would water down the pace.
        """
        scores, latest = self.scores, int(self.scores.onset_interval[1][index])
        window = min(self.minute + 1 - latest, RECENT_MINUTES)
        surging = Surging(
            service=service,
            onset=int(scores.onset[index]),
            latest=latest,
            expected=float(scores.expected_minute[index]) * window,
            observed=scores.recent.complaints(index, window),
            window=window,
            score=float(scores.score[index]),
            is_near=bool(scores.score[index] >= scores.threshold - NEAR),
            is_opening=service in self.openings,
        )
        incident = self.open_now.get(service)
        return surging if incident is None else self._with_incident(surging, incident)

    def _with_incident(self, surging: Surging, incident: Incident) -> Surging:
        """The same of one with an open incident: as it stood at its highest, if that was more."""
        eased = incident.recovering_at
        is_high = surging.score >= self.scores.threshold
        surging = replace(
            surging,
            onset=minute_of(incident.onset_at),
            latest=surging.latest if is_high else minute_of(incident.onset_at),
            is_open=True,
            is_common_cause=incident.is_common_cause,
            is_confirmed=incident.confirmed_at is not None,
            eased_for=None if eased is None else self.minute + 1 - minute_of(eased),
        )
        highest = replace(
            surging, expected=incident.expected, observed=incident.observed, window=incident.window
        )
        return max(surging, highest, key=lambda one: one.pace)

    def _named(self, service: str) -> dict[str, float]:
        """Of a service's complaints since its onset that are kept, the share that names each other one."""
        index = self.scores.services.index(service)
        first = max(int(self.scores.onset[index]), self.minute + 1 - _NAMING_MINUTES)
        told = self.posts.evidence(service, first, self.minute, _ALL)
        names = Counter(name for one in told for name in one.also_names)
        return {name: number / len(told) for name, number in names.items()}


def noted_at(open_now: Mapping[str, Incident]) -> set[str]:
    """The services that are noted as spillovers of incidents that are open, and have none themselves."""
    return {name for incident in open_now.values() for name in incident.blamed_for} - open_now.keys()


def unexplained_from(at: datetime, open_now: Mapping[str, Incident]) -> set[str]:
    """The spillovers of incidents that have eased for so long, at this time, that they explain no more.

    What these services did until then was explained: only what they do from now on may raise them.
    """
    eased_at = at - timedelta(minutes=LINGERS)
    eased = {name: one for name, one in open_now.items() if one.recovering_at == eased_at}
    return noted_at(eased) - open_now.keys()


def _is_held(service: str, judgement: Judgement) -> bool:
    return service in judgement.blamed or service in judgement.waiting
