"""The hand-written material of the demo recording, read and checked."""

from __future__ import annotations

import random
import re
from bisect import bisect_right
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import msgspec
import yaml

FOLDER = Path(__file__).parent / "material"
Curve = list[tuple[float, float]]  # (minutes after noon, value); straight lines between
T = TypeVar("T")


class Chatter(msgspec.Struct, forbid_unknown_fields=True):
    """How much ordinary talk there is, when, and of what."""

    posts: int
    by_hour: list[float]
    shares: dict[str, float]
    replied_to: float
    reposted: float


class Blame(msgspec.Struct, forbid_unknown_fields=True):
    """The blame that carriers get for the outage; ``from`` and ``until`` in minutes after noon."""

    posts: int
    until: float
    in_turn: list[str]
    since: float = msgspec.field(name="from")


class Outage(msgspec.Struct, forbid_unknown_fields=True):
    """How loud the outage is (posts a minute), and what is said at which time."""

    curve: Curve
    facetime_share: float
    themes: dict[str, Curve]
    carriers: Blame


class Landmark(msgspec.Struct, forbid_unknown_fields=True):
    """A post that stands in the recording as it is, at its second."""

    at: datetime
    text: str
    name: str = ""


class Notice(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What the official page said of one service."""

    service: str
    state: str
    seen_at: datetime
    text: str
    claimed_at: datetime | None = None
    url: str | None = None


class Timeline(msgspec.Struct, forbid_unknown_fields=True):
    """When what happens."""

    starts: datetime
    ends: datetime
    noon: datetime
    chatter: Chatter
    outage: Outage
    landmarks: list[Landmark]
    notices: list[Notice]
    notice_url: str


class Talk(msgspec.Struct, forbid_unknown_fields=True):
    """What people say about one service on any day."""

    weight: float
    names: list[str]
    talk: str
    questions: str
    complaints: str
    is_app: bool = True  # what is said of any app suits it


class Subjects(msgspec.Struct, forbid_unknown_fields=True):
    """The services people talk about, and sentences that suit all of them."""

    any: dict[str, str]
    services: dict[str, Talk]


class Since(msgspec.Struct, forbid_unknown_fields=True):
    """How people say how long it has been, up to so many minutes."""

    until: float
    say: list[str]


class Words(msgspec.Struct, forbid_unknown_fields=True):
    """What fills the slots, and what people put before and behind a sentence."""

    who: str
    openers: str
    happy_openers: str
    calm_openers: str
    calm_tails: str
    sour_closers: str
    happy_closers: str
    calm_closers: str
    since_outage: list[Since]
    since_usual: list[str]
    noon: list[str]
    short_forms: dict[str, str]
    stretched: list[str]
    handle_first: str
    handle_second: str


def load(name: str, shape: type[T]) -> T:
    """One file of the material. Raises ``msgspec.ValidationError`` naming the field that is wrong."""
    try:
        return msgspec.convert(yaml.safe_load((FOLDER / name).read_text("utf-8")), shape, strict=False)
    except msgspec.ValidationError as wrong:
        raise msgspec.ValidationError(f"{name}: {wrong}") from wrong


class Deck:
    """Sentences to draw from; one does not come again before half of the others have."""

    def __init__(self, *texts: str) -> None:
        self.cards = [line for text in texts for line in text.splitlines() if line.strip()]

    def draw(self, rng: random.Random, suits: Callable[[str], bool] = lambda _: True) -> str:
        """A sentence that suits. Raises ``LookupError`` if none does."""
        front = (len(self.cards) + 1) // 2
        fitting = [place for place, card in enumerate(self.cards) if suits(card)]
        if not fitting:
            raise LookupError("no sentence of the deck suits")
        place = rng.choice([place for place in fitting if place < front] or fitting[:1])
        card = self.cards.pop(place)
        self.cards.append(card)
        return card


def at(curve: Curve, minute: float) -> float:
    """The value of a curve at a minute; outside of it, that of its nearer end.

    >>> at([(0, 0), (10, 5)], 4)
    2.0
    """
    after = bisect_right([point[0] for point in curve], minute)
    if after == 0 or after == len(curve):
        return float(curve[min(after, len(curve) - 1)][1])
    (left, low), (right, high) = curve[after - 1], curve[after]
    return low + (high - low) * (minute - left) / (right - left)


def choose(line: str, rng: random.Random) -> str:
    """The line with one of each ``[a|b]`` taken."""
    return re.sub(r"\[([^\]]*)\]", lambda group: rng.choice(group[1].split("|")), line)
