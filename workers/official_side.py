"""The official side during one pass of detection: what it says of each incident, or fails to say."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta

from detector.official import official_change
from domain.incident import Change, Incident, State
from domain.lead import AFTER_END, BEFORE_ONSET
from domain.official import by_service, is_of_account
from domain.run import Run
from storage.interfaces import IncidentFilter, Stores

SILENT_AFTER = timedelta(hours=1)
LONGEST_TOLD = timedelta(days=7)  # from its raising on, an incident that has ended is told of for so long
_ALL = 100_000


class OfficialSide:
    """The notices of a run, and its incidents that ended lately: a vendor may admit one when it is over.

    All is read once, for the minutes from ``start`` on. ``watched`` are the services whose dashboard is
    looked at: only they can be silent. In a replay these are the services of whose dashboard there are
    notices (they were all given beforehand), and those whose official account has spoken by then.
    """

    def __init__(
        self,
        run: Run,
        stores: Stores,
        start: datetime,
        open_now: Iterable[Incident],
        *,
        watched: Collection[str],
        silent_after: timedelta,
    ) -> None:
        self._run = run
        self._watched = watched
        self._silent_after = silent_after
        earliest = min([start - LONGEST_TOLD, *(incident.onset_at for incident in open_now)])
        since = earliest - BEFORE_ONSET if run.is_live else None
        self._said = by_service(stores.notices.find(run.name, since=since))
        self._ended = {incident.id: incident for incident in self._ended_lately(stores, start)}

    def _ended_lately(self, stores: Stores, start: datetime) -> list[Incident]:
        if not self._said:
            return []  # nothing can be told of them
        resolved = IncidentFilter(
            run=self._run.name, states=(State.RESOLVED,), raised_from=start - LONGEST_TOLD
        )
        return stores.incidents.find(resolved, after=None, most=_ALL)

    def ended(self, incident: Incident) -> None:
        """An incident has ended in this pass."""
        self._ended[incident.id] = incident

    def changes(self, open_now: Iterable[Incident], at: datetime) -> Iterator[Change]:
        """All that was said before ``at``, the end of a minute, and was not told yet."""
        self._ended = {name: one for name, one in self._ended.items() if _is_still_told(one, at)}
        concerned = sorted((*open_now, *self._ended.values()), key=lambda one: (one.service, one.raised_at))
        for incident in concerned:
            yield from self._changes_of(incident, at)

    def _changes_of(self, incident: Incident, at: datetime) -> Iterator[Change]:
        said = self._said.get(incident.service, [])
        patience = self._silent_after if self._can_speak(incident.service, at) else None
        while change := official_change(incident, said, at, silent_after=patience):
            incident = change.incident
            if incident.id in self._ended:
                self._ended[incident.id] = incident
            yield change

    def _can_speak(self, service: str, at: datetime) -> bool:
        if not self._silent_after:
            return False  # silence is not to be told
        if self._run.is_live:
            return service in self._watched
        return any(not is_of_account(one) or one.seen_at < at for one in self._said.get(service, ()))


def _is_still_told(incident: Incident, at: datetime) -> bool:
    ended = incident.resolved_at
    return ended is not None and at <= ended + AFTER_END and at <= incident.raised_at + LONGEST_TOLD
