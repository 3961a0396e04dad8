"""The guard before the alarm: of all services that surge in one minute, which are raised, which only noted.

Nothing is remembered but the incidents themselves: whoever was noted is judged anew each minute, and raised
as soon as the one to blame no longer explains it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from detector.common_cause import bearer, belongs_to, is_many, standing, together
from detector.spillover import explains, is_unclear, to_blame
from detector.surging import Named, Surging, strongest_first
from domain.kinship import Kinship

NEAR = 1.0  # below the threshold: what chance reaches ten times as often as an alarm
STIRRING = 0.5  # of the threshold: not rare, but all that it can do is to make an alarm wait
PATIENCE = 3  # minutes from the latest likely onset: so long an alarm waits until it is clear who is to blame


@dataclass(slots=True)
class Judgement:
    """``blamed``: for each service that is only noted, or whose incident is marked, the one to blame.

    ``waiting`` are the openings for which it is too early to say. ``cause`` is the service whose incident
    stands for many, if there is one; it may be none of the openings.
    """

    blamed: dict[str, str] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    cause: str | None = None


def judge(minute: int, surging: Sequence[Surging], kin: Kinship, named: Named) -> Judgement:
    """What becomes of the services that surge in this minute, whatever the order in which they are given."""
    judgement = Judgement()
    ordered = sorted(surging, key=strongest_first)
    _look_for_siblings(ordered, kin, named, judgement)
    _look_for_common_cause(minute, ordered, kin, named, judgement)
    return _settled(judgement)


def _settled(judgement: Judgement) -> Judgement:
    """A spillover's own spillover is that of the first; and whoever is blamed on one that waits, waits."""
    blamed = {name: judgement.blamed.get(to, to) for name, to in judgement.blamed.items()}
    early = {name for name, to in blamed.items() if to in judgement.waiting}
    return Judgement(
        blamed={name: to for name, to in blamed.items() if name not in early},
        waiting=judgement.waiting | early,
        cause=judgement.cause,
    )


def _look_for_siblings(ordered: Sequence[Surging], kin: Kinship, named: Named, judgement: Judgement) -> None:
    with_incident = [one for one in ordered if one.is_open]
    _blame_for_open(with_incident, kin, named, judgement)
    openings = [one for one in ordered if one.is_opening]
    near = [one for one in ordered if one.is_near and not one.is_open and not one.is_opening]
    for place, one in enumerate(openings):
        if blamed := to_blame(one, with_incident, kin, named):
            judgement.blamed[one.service] = blamed.service
        elif one.window <= PATIENCE and is_unclear(one, [*near, *openings[place + 1 :]], kin):
            judgement.waiting.add(one.service)
        else:
            with_incident.append(one)


def _blame_for_open(
    with_incident: Sequence[Surging], kin: Kinship, named: Named, judgement: Judgement
) -> None:
    """Mark the suspicion that a stronger sibling's incident explains, and that does not explain it.

    Once it is confirmed, people were told of an outage; it is not taken back because another grows larger.
    """
    for one in with_incident:
        stronger = [other for other in with_incident if other is not one and not explains(one, other)]
        blamed = None if one.is_common_cause or one.is_confirmed else to_blame(one, stronger, kin, named)
        if blamed and blamed.service not in judgement.blamed:
            judgement.blamed[one.service] = blamed.service


def _look_for_common_cause(
    minute: int, ordered: Sequence[Surging], kin: Kinship, named: Named, judgement: Judgement
) -> None:
    if known := standing(ordered):
        _join(known, ordered, kin, judgement)
    recent = together(minute, ordered)
    own = [one for one in recent if one.service not in judgement.blamed]
    group = [one for one in own if one.is_opening or one.is_open]
    if not any(one.is_opening for one in group):
        return
    # A cloud that is also some member's sibling may have been taken for that one's spillover.
    less = [one for one in recent if one.is_near and one not in group and not one.is_open]
    if is_many(group, kin):
        _give_to(bearer(group, less, kin, named), group, judgement)
    elif is_many(own, kin):
        judgement.waiting |= {one.service for one in group if one.is_opening and one.window <= PATIENCE}


def _join(known: Surging, ordered: Sequence[Surging], kin: Kinship, judgement: Judgement) -> None:
    """What begins with a common cause is noted at it, or at the carrier of others that surges only now."""
    late = [one for one in ordered if one.is_opening and belongs_to(known, one)]
    carriers = [one for one in late if kin.carries_others(one.service)]
    if kin.carries_others(known.service):
        carriers = []
    cause = min(carriers, key=lambda one: (kin.carriers[one.service], *strongest_first(one)), default=known)
    _give_to(cause, [known, *late], judgement)


def _give_to(cause: Surging, group: Collection[Surging], judgement: Judgement) -> None:
    members = {one.service for one in group} - {cause.service}
    judgement.cause = cause.service
    judgement.blamed.pop(cause.service, None)
    judgement.blamed |= dict.fromkeys(sorted(members), cause.service)
    judgement.waiting -= members | {cause.service}
