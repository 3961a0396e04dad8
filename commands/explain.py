"""``groundswell backtest --explain``: one incident of a recording, drawn for a post-mortem."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from commands.picture.drawing import draw
from commands.picture.subject import Subject, span_of
from domain.incident import Incident
from domain.moments import MINUTES_PER_HOUR, start_of_minute
from domain.series import minutes_in
from storage.interfaces import Stores

SUFFIX = ".svg"
_NEAR = 5  # incidents that are named when the one that was asked for is not there


class NotExplained(Exception):
    """There is no such incident, or no picture can be written; the text says what to do instead."""


def check_picture(path: Path | None, which: str | None, *, explain: bool) -> None:
    """Raise ``NotExplained`` for what was asked for in vain, before any work is done."""
    if not explain and (path or which):
        asked = "--out says where to draw" if path else f"{which} is named as what to draw"
        raise NotExplained(f"{asked}, and nothing is to be drawn: add --explain")
    if path is None:
        return
    if path.suffix.lower() != SUFFIX:
        raise NotExplained(f"--out {path}: pictures are drawn as SVG: end the name in {SUFFIX}")
    if path.is_dir():
        raise NotExplained(f"--out {path}: is a folder: name a file in it")
    if not path.parent.is_dir():
        raise NotExplained(f"--out {path}: there is no folder {path.parent}")


def explained(incidents: Sequence[Incident], which: str | None, names: Mapping[str, str]) -> Incident:
    """The incident of this id, or the highest one of this service (its id or name), or of all.

    Of two as high, the first. Raises ``NotExplained``, which names the near ones.
    """
    if not incidents:
        raise NotExplained("the recording holds no incident, so there is nothing to explain")
    told = (which or "").casefold()
    for incident in incidents:
        if incident.id == which:
            return incident
    wanted = [one for one in incidents if which is None or told in _names_of(one, names)]
    if not wanted:
        near = ", ".join(_near(incidents, told, names))
        raise NotExplained(f"there is no incident {which}, and none of a service {which}; there are: {near}")
    return max(wanted, key=lambda incident: incident.score)


def write_picture(stores: Stores, incident: Incident, path: Path, *, name: str, budget: float) -> None:
    """Draw an incident into a file. Raises ``NotExplained`` when it cannot be written."""
    picture = draw(subject_of(stores, incident, name=name, budget=budget))
    try:
        path.write_text(picture, encoding="utf-8")
    except OSError as error:
        raise NotExplained(f"--out {path}: cannot be written: {error.strerror}") from error


def subject_of(stores: Stores, incident: Incident, *, name: str, budget: float) -> Subject:
    """All that is kept of an incident, for its picture."""
    notices = stores.notices.find(incident.run, incident.service)
    detection = stores.incidents.detection(incident.run)
    until = incident.raised_at if detection is None else start_of_minute(detection.next_minute)
    first, last = span_of(incident, notices, until)
    hours = stores.incidents.rates(
        incident.run, first // MINUTES_PER_HOUR, last // MINUTES_PER_HOUR, incident.service
    )
    return Subject(incident, name, budget, (first, last), minutes_in(hours, first, last), notices)


def _names_of(incident: Incident, names: Mapping[str, str]) -> set[str]:
    return {incident.service.casefold(), names.get(incident.service, incident.service).casefold()}


def _near(incidents: Sequence[Incident], told: str, names: Mapping[str, str]) -> Iterator[str]:
    """The incidents whose ids or services are most like what was asked for, or else the first ones."""
    like = {word: one for one in incidents for word in (one.id.casefold(), *sorted(_names_of(one, names)))}
    close = [like[word] for word in get_close_matches(told, like, n=_NEAR)]
    near = {incident.id: incident for incident in [*close, *incidents]}
    for incident in list(near.values())[:_NEAR]:
        yield f"{incident.id} ({names.get(incident.service, incident.service)})"
    if len(incidents) > _NEAR:
        yield f"and {len(incidents) - _NEAR} more"
