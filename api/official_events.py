"""Official events as the API shows them: with what we heard of each, and what people said of that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from api.house import House
from api.schemas_official import OfficialAnswer, StatementAnswer, VerdictAnswer
from domain.incident import Incident
from domain.lead_record import Listening, heard_by, is_missed
from domain.official import OfficialEvent, events_of
from storage.interfaces import IncidentFilter
from workers.comparing import called_none

ALL = 100_000


class OfficialEvents:
    """The official events of one run, or of one service in it, the earliest first seen first."""

    def __init__(self, house: House, run: str, listening: Listening, service: str | None = None) -> None:
        self._house = house
        self._listening = listening
        self._called_none = called_none(house.stores.labels)
        self._incidents: dict[str, list[Incident]] = defaultdict(list)
        for incident in house.stores.incidents.find(
            IncidentFilter(run=run, service=service), after=None, most=ALL
        ):
            self._incidents[incident.service].append(incident)
        self.all: Sequence[OfficialEvent] = events_of(house.stores.notices.find(run, service))

    def is_missed(self, event: OfficialEvent) -> bool:
        """Whether no incident of ours met it, and nobody said that it was no outage."""
        ours = self._incidents[event.service]
        return event.name not in self._called_none and is_missed(event, ours, self._listening)

    def answers(self, events: Iterable[OfficialEvent]) -> list[OfficialAnswer]:
        return [self._answer(event) for event in events]

    def _answer(self, event: OfficialEvent) -> OfficialAnswer:
        heard = heard_by(event, self._incidents[event.service], self._listening.until)
        labels = self._house.stores.labels.find(official=event.name)
        return OfficialAnswer(
            event=event.name,
            run=event.run,
            service=event.service,
            state=event.state,
            first_seen_at=event.first_seen_at,
            claimed_at=event.claimed_at,
            claimed_end_at=event.claimed_end_at,
            after_the_fact=event.after_the_fact,
            text=next((one.text for one in event.statements if one.text), ""),
            url=next((one.url for one in event.statements if one.url), None),
            heard=heard.id if heard else None,
            missed=self.is_missed(event),
            labels=[VerdictAnswer.model_validate(label) for label in labels],
            history=[StatementAnswer.model_validate(one) for one in event.statements],
        )
