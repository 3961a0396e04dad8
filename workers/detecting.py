"""From counts to incidents: close the minutes that the watermark has passed, once, and save what changed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np

from detector.blindness import Blindness
from detector.decisions import Rules, is_dismissed_surge, may_relapse, next_change
from detector.detector import Detector, Scores
from detector.season import Flags
from domain.delivery import Delivery
from domain.incident import Change, Evidence, Incident, Reason, State, incident_id
from domain.kinship import Kinship
from domain.moments import MINUTES_PER_HOUR, milliseconds, minute_of, start_of_minute
from domain.rate import MEASURES, Measure, RateHour
from domain.run import Run
from domain.source import Gap
from storage.evidence import surest
from storage.interfaces import Detection, DetectionStep, IncidentFilter, Posts, Stores
from workers.announcing import deliveries_of
from workers.hearing import behind, closable_until, late_gaps, within
from workers.official_side import SILENT_AFTER, OfficialSide
from workers.pass_rates import PassRates
from workers.spilling import SpillGuard, noted_at, unexplained_from

DISMISSAL_HOLDS = timedelta(days=1)  # by then the detector has learned what it was told is usual
MOST_OPEN = 15  # minutes that may be open at once before looking ahead waits for them to be closed
MOST_MINUTES = 360  # closed in one transaction: a quarter of a day
# How many posts speak for an incident: the first of all, the surest until it was raised, and of later ones.
FIRST_POSTS, RAISING_POSTS, LATER_POSTS = 3, 9, 8
_ALL = 100_000
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

_COMPLAINTS, _MENTIONS, _RECOVERIES = (
    MEASURES.index(measure) for measure in (Measure.COMPLAINTS, Measure.MENTIONS, Measure.RECOVERIES)
)


class _State(msgspec.Struct, frozen=True):
    """What detection keeps between two calls, as one body of bytes."""

    detector: bytes
    blindness: bytes
    ended: tuple[str, ...] = ()  # incidents that were resolved so shortly ago that they may relapse


@dataclass(frozen=True)
class Detecting:
    """The collaborators of detection in one run.

    ``names`` maps service ids to the names people read; ``grace`` (milliseconds) is how long a live minute
    stays open for late posts; ``listening`` are the sources that the live run is to hear, and ``began`` is
    when this process did: from then on they get a while to catch up. ``watched`` are the services whose
    official dashboard is looked at; ``silent_after`` is how long a confirmed incident of theirs may go
    unadmitted before that is told (zero: it never is). ``model_version`` is named for what no count names.
    ``kin`` is what the catalogue says of services that surge together.
    """

    run: Run
    posts: Posts
    stores: Stores
    names: Mapping[str, str]
    budget: float
    grace: int
    model_version: str | None = None
    rules: Rules = field(default_factory=Rules)
    listening: Collection[str] = ()
    began: datetime = _LONG_AGO
    watched: Collection[str] = ()
    silent_after: timedelta = SILENT_AFTER
    kin: Kinship = field(default_factory=Kinship)

    def close_minutes(self, now: datetime) -> int | None:
        """Close the minutes that may be closed, ``MOST_MINUTES`` at the most, and say how many were.

        ``None`` says that another worker was first: nothing of ours was saved.
        """
        before = self.stores.incidents.detection(self.run.name)
        if before is None:
            return 0
        # The order of reading matters: a hand-over moves the progress and fills the in-flight table at once,
        # so a batch behind the progress that was read is either still in flight or already counted.
        end, heard = self.posts.ended(), self.heard()
        until = self._closed_until(now, end, heard)
        if until <= before.next_minute:
            self._finish(before.next_minute, end, now)
            return 0
        closing = _Closing(self, before, min(until, before.next_minute + MOST_MINUTES), now, heard)
        if not self.stores.incidents.save(closing.step()):
            return None
        self._finish(closing.until, end, now)
        return closing.until - before.next_minute

    def look_ahead(self, now: datetime) -> int | None:
        """Look at the minutes of a live run that are still open, and raise what is already certain.

        Counts of an open minute can only grow, so what they raise now the closed minute would raise as
        well. Nothing is learned, no minute is closed. Returns how many incidents were raised; ``None`` as
        above.
        """
        before = self.stores.incidents.detection(self.run.name)
        until = minute_of(now) + 1
        if before is None or until - before.next_minute > MOST_OPEN:
            return 0
        looking = _Closing(self, before, until, now, self.heard())
        step = looking.openings()
        if not step.changes:
            return 0
        return len(step.changes) if self.stores.incidents.save(step) else None

    def heard(self) -> dict[str, int]:
        """Until when (milliseconds) each source of a live run was heard; a replay awaits none."""
        if not self.run.is_live:
            return {}
        progress = self.posts.progress()
        return {source: progress[source] for source in self.listening if source in progress}

    def _closed_until(self, now: datetime, end: int | None, heard: Mapping[str, int]) -> int:
        """The first minute that may not be closed yet."""
        if self.run.is_live:
            bound = closable_until(milliseconds(now), self.grace, heard, milliseconds(self.began))
        else:
            bound = min(self.posts.progress().values(), default=0)
        if end is not None:
            bound = end
        in_flight = self.posts.in_flight_since()
        return min(bound, bound if in_flight is None else in_flight) // 60_000

    def _finish(self, next_minute: int, end: int | None, now: datetime) -> None:
        if end is not None and next_minute >= end // 60_000 and self.run.finished_at is None:
            self.stores.runs.finish(self.run.name, now)


class _Closing:
    """One pass over successive minutes: what it finds out becomes one ``DetectionStep``."""

    def __init__(
        self, about: Detecting, before: Detection, until: int, now: datetime, heard: Mapping[str, int]
    ) -> None:
        self._about = about
        self._before = before
        self._now = now
        self.until = until
        self._minutes = range(before.next_minute, until)
        if before.state:
            state = msgspec.msgpack.decode(before.state, type=_State)
            self._detector = Detector.from_bytes(state.detector, budget=about.budget)
            self._blindness = Blindness.from_bytes(state.blindness)
            self._ended = dict(self._resolved(state.ended))
        else:
            self._detector = Detector(budget=about.budget)
            self._blindness = Blindness()
            self._ended = {}
        self._open = {
            incident.service: incident for incident in about.stores.incidents.open_in(about.run.name)
        }
        dismissed = IncidentFilter(
            run=about.run.name,
            states=(State.DISMISSED,),
            raised_from=start_of_minute(before.next_minute) - DISMISSAL_HOLDS,
        )
        # The latest first, so that it is the latest of a service that stays.
        self._dismissed = {
            service: incident
            for incident in reversed(about.stores.incidents.find(dismissed, after=None, most=_ALL))
            for service in _stood_for(incident)
        }
        self._heard = heard
        self._gaps = self._known_gaps() if about.run.is_live else []
        self._officials: OfficialSide | None = None
        self._changes: list[Change] = []
        self._evidence: dict[str, tuple[Evidence, ...]] = {}

    def step(self) -> DetectionStep:
        """Everything that these minutes change."""
        self._officials = self._official_side()
        rates = self._pass()
        state = _State(
            detector=self._detector.to_bytes(),
            blindness=self._blindness.to_bytes(),
            ended=tuple(
                sorted(incident.id for incident in self._ended.values() if self._may_relapse(incident))
            ),
        )
        return DetectionStep(
            run=self._about.run.name,
            expected_minute=self._before.next_minute,
            detection=Detection(next_minute=self.until, state=msgspec.msgpack.encode(state)),
            changes=tuple(self._changes),
            evidence=self._evidence,
            rates=tuple(rates.hours(self._kept_hour(), self._about.model_version)),
            deliveries=tuple(self._deliveries()),
            cursors=self._cursors(),
            gaps=tuple(late_gaps(self._minutes, self._heard)),
        )

    def openings(self) -> DetectionStep:
        """Only the incidents that these minutes raise, as of now; fence and state stay as they were."""
        self._pass()
        opened = [change for change in self._changes if change.was is None]
        self._changes = [_as_of(self._now, change) for change in opened]
        self._evidence = {
            new.incident.id: self._evidence[old.incident.id]
            for old, new in zip(opened, self._changes, strict=True)
        }
        return DetectionStep(
            run=self._about.run.name,
            expected_minute=self._before.next_minute,
            detection=self._before,
            changes=tuple(self._changes),
            evidence=self._evidence,
            deliveries=tuple(self._deliveries()),
        )

    def _pass(self) -> PassRates:
        block = self._about.posts.rates(self._minutes.start, len(self._minutes))
        rates = PassRates(block, self._detector.services)
        volume = self._about.posts.volume(self._minutes.start, len(self._minutes))
        for offset, minute in enumerate(self._minutes):
            self._close(minute, rates, offset, volume[offset])
            self._hear_officials(start_of_minute(minute + 1))
        return rates

    def _close(self, minute: int, rates: PassRates, offset: int, volume: int) -> None:
        self._detector.include(rates.joining(offset, len(self._detector.services)))
        blind = self._blindness.judge(minute, volume)
        self._blindness.learn(minute, volume)
        # A source less is not silence: what is heard may open an incident, but calm means nothing.
        deaf = within(minute, self._gaps) or bool(behind(minute, self._heard))
        if blind or deaf:
            rates.blind(offset)
        services = self._detector.services
        if not services:
            return
        counts = rates.at(offset, len(services))
        scores = self._detector.score(minute, counts[_COMPLAINTS], counts[_MENTIONS], counts[_RECOVERIES])
        rates.expect(offset, scores)
        failing = self._ignored(scores)
        if not blind:  # silence that nobody heard opens nothing, and resolves nothing
            version = rates.version_at(offset) or self._about.model_version
            failing |= self._change(minute, scores, failing, deaf=deaf, version=version)
        failing |= self._open.keys()
        skip = _those_of(failing, services)
        if noted := noted_at(self._open):
            skip |= _those_of(noted, services) & ~scores.calm
        self._detector.learn(minute, counts[_COMPLAINTS], counts[_MENTIONS], skip, blind=blind or deaf)
        if unexplained := unexplained_from(start_of_minute(minute + 1), self._open):
            self._detector.forget(_those_of(unexplained, services))

    def _ignored(self, scores: Scores) -> set[str]:
        """The services whose surge a person has dismissed."""
        return {
            service
            for index, service in enumerate(scores.services if self._dismissed else ())
            if (incident := self._dismissed.get(service))
            and is_dismissed_surge(incident, start_of_minute(int(scores.onset[index])))
        }

    def _change(
        self, minute: int, scores: Scores, ignored: Collection[str], *, deaf: bool, version: str | None
    ) -> set[str]:
        """Take what the minute changes. Returns the services that surge and are not raised for it."""
        told = set(scores.raised().tolist())
        if self._open:
            told.update(index for index, service in enumerate(scores.services) if service in self._open)
        openings: dict[str, Change] = {}
        for index in sorted(told):
            change = self._next_change(index, scores, version)
            if change is not None and change.was is None:
                openings[change.incident.service] = change
            elif change is not None and not (deaf and change.reason in (Reason.EASING, Reason.CALM)):
                self._take(change, minute)
        guard = SpillGuard(
            self._about.kin, self._about.posts, minute, scores, dict(self._open), openings, ignored
        )
        judgement = guard.judgement()
        for change in guard.changes(judgement, lambda index: self._next_change(index, scores, version, True)):
            self._take(change, minute)
        return {service for service in openings if service not in self._open}

    def _next_change(
        self, index: int, scores: Scores, version: str | None, stands_for_many: bool = False
    ) -> Change | None:
        service = scores.services[index]
        return next_change(
            self._open.get(service) or self._last_of(service),
            scores.signal(index),
            self._about.rules,
            run=self._about.run.name,
            model_version=version,
            stands_for_many=stands_for_many,
        )

    def _take(self, change: Change, minute: int) -> None:
        incident = change.incident
        if incident.state.is_open:
            self._open[incident.service] = incident
        else:
            del self._open[incident.service]
            self._ended[incident.service] = incident
            if self._officials:
                self._officials.ended(incident)
        self._changes.append(change)
        self._evidence[incident.id] = self._posts_for(incident, minute)

    def _last_of(self, service: str) -> Incident | None:
        """The incident of a service that ended last, as far as it still matters."""
        ended = [kept[service] for kept in (self._dismissed, self._ended) if service in kept]
        return max(ended, key=lambda incident: incident.resolved_at or incident.raised_at, default=None)

    def _resolved(self, ids: Collection[str]) -> Iterator[tuple[str, Incident]]:
        """Incidents by their service; one that a person has dismissed since is not among them."""
        for incident in map(self._about.stores.incidents.get, ids):
            if incident is not None and incident.state is State.RESOLVED:
                yield incident.service, incident

    def _may_relapse(self, incident: Incident) -> bool:
        return may_relapse(incident, start_of_minute(self.until), self._about.rules)

    def _official_side(self) -> OfficialSide:
        return OfficialSide(
            self._about.run,
            self._about.stores,
            start_of_minute(self._minutes.start),
            self._open.values(),
            watched=self._about.watched,
            silent_after=self._about.silent_after,
        )

    def _hear_officials(self, at: datetime) -> None:
        """Take what was said officially before the end of a minute. A look ahead leaves it to the closing."""
        if self._officials is None:
            return
        for change in self._officials.changes(list(self._open.values()), at):
            if change.incident.state.is_open:
                self._open[change.incident.service] = change.incident
            self._changes.append(change)

    def _posts_for(self, incident: Incident, minute: int) -> tuple[Evidence, ...]:
        """How it began, what raised it, and what came after."""
        onset, raised = minute_of(incident.onset_at), minute_of(incident.raised_at)
        posts, service = self._about.posts, incident.service
        before = posts.evidence(service, onset, raised - 1, _ALL)
        after = posts.evidence(service, raised, minute, LATER_POSTS) if minute >= raised else []
        return (*before[:FIRST_POSTS], *surest(before[FIRST_POSTS:], RAISING_POSTS), *after)

    def _deliveries(self) -> Iterator[Delivery]:
        endpoints = self._about.stores.deliveries.endpoints() if self._changes else []
        for change in self._changes if endpoints else ():
            yield from deliveries_of(
                change,
                self._posts_to_tell(change.incident.id),
                endpoints,
                run_note=self._about.run.note,
                names=self._about.names,
                now=self._now,
            )

    def _posts_to_tell(self, incident: str) -> Sequence[Evidence]:
        """The evidence of an incident; that of one of which only the official side spoke is kept already."""
        if incident in self._evidence:
            return self._evidence[incident]
        return [one for one in self._about.stores.incidents.evidence(incident) if one.text]

    def _known_gaps(self) -> list[Gap]:
        start, end = start_of_minute(self._minutes.start), start_of_minute(self._minutes.stop)
        gaps = self._about.stores.sources.gaps(start, end)
        return [gap for gap in gaps if gap.source in self._about.listening]

    def _cursors(self) -> dict[str, str]:
        """Where the readers go on if Redis is lost: behind all posts of the minutes that are still open."""
        return self._about.posts.cursors_before(self.until) if self._about.run.is_live else {}

    def _kept_hour(self) -> dict[str, RateHour]:
        """The rows of the hour that an earlier pass began."""
        hour, begun = divmod(self._minutes.start, MINUTES_PER_HOUR)
        rows = self._about.stores.incidents.rates(self._about.run.name, hour, hour) if begun else []
        return {row.service: row for row in rows}


def _those_of(some: Collection[str], services: Sequence[str]) -> Flags:
    """Which of the services are among some."""
    return np.fromiter((service in some for service in services), bool, len(services))


def _stood_for(incident: Incident) -> Iterator[str]:
    """The service of an incident, and those that it stands for as their common cause."""
    yield incident.service
    if incident.is_common_cause:
        yield from incident.blamed_for


def _as_of(now: datetime, change: Change) -> Change:
    """An opening told before its minute has ended: nothing of it may lie in the future."""
    at = min(now, change.at)
    incident = change.incident
    bounds = (incident.onset_earliest_at, incident.onset_latest_at)
    earliest, latest = (bound and min(bound, at) for bound in bounds)
    return msgspec.structs.replace(
        change,
        at=at,
        incident=msgspec.structs.replace(
            incident,
            id=incident_id(incident.run, incident.service, at),
            onset_at=min(incident.onset_at, at),
            onset_earliest_at=earliest,
            onset_latest_at=latest,
            raised_at=at,
            last_high_at=at,
            spillovers=tuple(
                msgspec.structs.replace(note, since=min(note.since, at), noted_at=at)
                for note in incident.spillovers
            ),
        ),
    )
