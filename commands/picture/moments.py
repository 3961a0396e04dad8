"""The moments of an incident as labels above its picture, so placed that none covers another or a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from commands.picture.lettering import width_of
from commands.picture.plot import Plot
from commands.picture.subject import Subject
from domain.official import is_of_account

OURS, THEIRS, GOOD = "#b3261e", "#7a4f00", "#1a6b3c"  # raised by us, said officially, well again
LABEL_SIZE, ROW = 12, 18
GAP = 5  # between a line and its label


@dataclass(frozen=True)
class Moment:
    """A moment worth a line down the picture, and its label."""

    at: datetime
    name: str
    colour: str
    is_claim: bool = False  # somebody's word, not what was seen


@dataclass(frozen=True)
class Placed:
    """A moment with the words of its label, the row these stand in, and the side of the line."""

    moment: Moment
    x: float
    words: str
    row: int = 0
    to_the_left: bool = False

    @property
    def extent(self) -> tuple[float, float]:
        length = width_of(self.words, LABEL_SIZE, bold=True) + GAP
        return (self.x - length, self.x) if self.to_the_left else (self.x, self.x + length)


def moments_of(subject: Subject) -> list[Moment]:
    """What happened, the earliest first."""
    return sorted([*_ours(subject), *_theirs(subject)], key=lambda moment: moment.at)


def _ours(subject: Subject) -> Iterator[Moment]:
    incident = subject.incident
    yield Moment(incident.onset_at, "onset", OURS)
    yield Moment(incident.raised_at, "raised", OURS)
    if incident.confirmed_at is not None and incident.confirmed_at != incident.raised_at:
        yield Moment(incident.confirmed_at, "confirmed", OURS)
    if incident.recovering_at is not None:
        yield Moment(incident.recovering_at, "recovering", GOOD)
    if incident.resolved_at is not None:
        yield Moment(incident.resolved_at, incident.state.value, GOOD)


def _theirs(subject: Subject) -> Iterator[Moment]:
    admission, over = subject.admission, subject.over
    if admission is None:
        return
    who = "official account" if is_of_account(admission) else "official page"
    yield Moment(admission.seen_at, f"{who} admits", THEIRS)
    if admission.claimed_at is not None:
        yield Moment(admission.claimed_at, "claimed start", THEIRS, is_claim=True)
    if over is not None and over != admission:
        yield Moment(over.seen_at, f"{who}: all well", THEIRS)


def placed(moments: Sequence[Moment], plot: Plot) -> list[Placed]:
    """Every moment with a row for its label, so that no label covers another and no line crosses one.

    Lines go from their label down to the ground. Labels to the right of their lines stand in a staircase
    that goes down to the right. One that would pass the edge, or the line of another such, stands to the
    left: in a staircase of its own, above the other, that goes down to the left.
    """
    right = [Placed(moment, plot.x(moment.at), _words(moment, plot)) for moment in moments]
    left: list[Placed] = []
    while tight := next((one for one in right if _is_tight(one, left, plot.right)), None):
        right.remove(tight)
        left.append(replace(tight, to_the_left=True))
    left.sort(key=lambda one: -one.x)
    above = [replace(one, row=row) for row, one in enumerate(left)]
    return [*above, *_staircase(sorted(right, key=lambda one: one.x), len(left))]


def _is_tight(one: Placed, left: Sequence[Placed], edge: float) -> bool:
    _, end = one.extent
    return end > edge or any(one.x < other.x < end for other in left)


def _staircase(labels: Sequence[Placed], top: int) -> list[Placed]:
    """Each label in the first row, from ``top`` on, below all that reach as far as its line."""
    taken: list[Placed] = []
    for one in labels:
        above = [other.row for other in taken if other.extent[1] + GAP > one.x]
        taken.append(replace(one, row=max(above, default=top - 1) + 1))
    return taken


def _words(moment: Moment, plot: Plot) -> str:
    if plot.shows(moment.at):
        return f"{moment.name} {moment.at:%H:%M}"
    when = f"{moment.at.day} {moment.at:%b %H:%M}"
    return f"{moment.name} {when} →" if plot.x(moment.at) >= plot.right else f"← {moment.name} {when}"
