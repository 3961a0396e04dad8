"""Two written recordings in which many services surge and one is to blame: a carrier, and a cloud.

Every sentence is made from the templates below; no post of a real person is in them. The same call gives the
same posts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random

from models.catalogue import SHIPPED, load_catalogue

START = datetime(2026, 3, 3, 18, 0, tzinfo=UTC)  # a Tuesday evening
DAY = 24 * 60  # minutes of usual chatter before anything fails
LASTS = 40  # minutes
AFTERMATH = 150
CARRIERS = {"o2": "o2 network", "ee": "ee network", "vodafone": "vodafone"}

PASSING_BY = ("what a day", "anyone up for coffee?", "the train is full again", "this film is so good")
CHATTER = (
    "got my new {name} bill today",
    "thinking of switching to {name} next month",
    "my brother works for {name}",
    "{name} has a nice offer this week",
    "my sister has been with {name} for years",
)
COMPLAINTS = (
    "{name} is down, nothing works here",
    "{name} not working for me at all",
    "is it just me or is {name} down? can't get anything to load",
    "{name} has been broken for ten minutes now, so annoying",
    "ugh {name} is down again, I can't do anything",
)
NO_SIGNAL = (
    "{name} is down, no signal at all",
    "no service on {name} since ten minutes, can't call anyone",
    "{name} not working, my phone has no signal",
    "my phone is useless, {name} is down",
    "{name} dead here, no data and no calls",
)
CANNOT_REACH = (
    "{name} not working, I can't reach anyone on the o2 network",
    "{name} is broken, every call to my mum on the o2 network fails",
    "{name} is down, my calls do not go through",
    "{name} not working here, texts do not arrive",
)
OUR_CLOUD = (
    "aws is down, our whole site is gone",
    "aws us-east-1 not working, nothing responds",
    "our servers on aws are unreachable, aws is down",
    "aws is broken, every request fails",
)


class Writer:
    """Writes posts at random moments of given minutes, each by an author of its own."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._number = count(1)
        self._posts: list[dict[str, str]] = []

    def write(
        self, templates: Sequence[str], name: str, a_minute: float, start: float, minutes: float
    ) -> None:
        at = start
        while (at := at + self._random.expovariate(a_minute)) < start + minutes:
            number = str(next(self._number))
            self._posts.append(
                {
                    "id": number,
                    "written_at": (START + timedelta(minutes=at)).isoformat(timespec="seconds"),
                    "text": self._random.choice(templates).format(name=name),
                    "author": f"writer{number}",
                }
            )

    def write_usual(self, name: str) -> None:
        """A mention every quarter of an hour, and a complaint every three hours, all the time."""
        self.write(CHATTER, name, 1 / 15, 0, DAY + LASTS + AFTERMATH)
        self.write(COMPLAINTS, name, 1 / 180, 0, DAY + LASTS + AFTERMATH)

    def save(self, path: Path) -> Path:
        # So many that the outage is no large part of all posts: its end would look like a deaf source.
        self.write(PASSING_BY, "", 30, 0, DAY + LASTS + AFTERMATH)
        lines = [json.dumps(post) for post in sorted(self._posts, key=lambda one: one["written_at"])]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path


def failing_carrier(path: Path) -> Path:
    """O2 fails; customers of EE and of Vodafone reach nobody there, and some name their own carrier only."""
    writer = Writer(seed=2026)
    for name in CARRIERS.values():
        writer.write_usual(name)
    writer.write(NO_SIGNAL, CARRIERS["o2"], 5, DAY, LASTS)
    for own in ("ee", "vodafone"):
        writer.write(CANNOT_REACH, CARRIERS[own], 0.7, DAY + 1, LASTS)
    return writer.save(path)


def failing_cloud(path: Path) -> tuple[Path, list[str]]:
    """AWS fails, and forty services with it. Returns their ids as well."""
    writer = Writer(seed=40)
    customers = dict(_customers(40))
    for name in (*customers.values(), "aws"):
        writer.write_usual(name)
    for name in customers.values():
        writer.write(COMPLAINTS, name, 1.5, DAY, LASTS)
    writer.write(OUR_CLOUD, "", 3, DAY, LASTS)
    return writer.save(path), sorted(customers)


def _customers(number: int) -> Iterator[tuple[str, str]]:
    """Services of as many vendors that live on the web, with the name that people write."""
    vendors: set[str] = set()
    for service in load_catalogue(SHIPPED):
        if len(vendors) == number:
            return
        on_the_web = service.category in ("streaming", "games", "developer", "office", "payment", "shopping")
        if on_the_web and service.aliases and service.vendor not in vendors | {"amazon"}:
            vendors.add(service.vendor)
            yield service.id, service.aliases[0]
