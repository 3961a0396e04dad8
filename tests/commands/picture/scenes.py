"""Incidents to draw: of any rate and length, with and without an official side."""

from __future__ import annotations

import random
from datetime import timedelta

import msgspec
import numpy as np

from commands.picture.subject import Subject, span_of
from detector.band import rarity, upper
from domain.incident import Incident, Severity, State
from domain.notice import OfficialNotice
from domain.series import Minute
from tests.domain.records import NOON, WELL, at, incident, notice


def an_incident(lasting: float = 90, *, still_open: bool = False, raised: float = 6, **fields) -> Incident:
    """One whose surge begins at noon; times in minutes."""
    plain = incident(raised=raised, ended=None if still_open else lasting)
    times = {
        "onset_at": NOON,
        "onset_earliest_at": at(-3),
        "onset_latest_at": at(2),
        "confirmed_at": at(raised + 5),
        "recovering_at": None if still_open else at(max(lasting * 0.8, raised)),
    }
    figures = {"severity": Severity.CRITICAL, "growth": 2.4, "threshold": 4.635, "model_version": "words-1"}
    return msgspec.structs.replace(plain, **(times | figures | fields))


def a_subject(
    one: Incident | None = None,
    *,
    rate: float = 0.5,
    height: float = 20,
    name: str = "GitHub",
    notices: tuple[OfficialNotice, ...] = (),
    blind: range = range(0),
) -> Subject:
    """A picture's subject: chatter at ``rate`` a minute, ``height`` times as much while it fails."""
    one = one or an_incident()
    until = (one.resolved_at or one.raised_at + timedelta(hours=2)) + timedelta(minutes=60)
    first, last = span_of(one, notices, until)
    return Subject(one, name, 1.0, (first, last), minutes_of(one, rate, height, first, last, blind), notices)


def minutes_of(
    one: Incident, rate: float, height: float, first: int, last: int, blind: range
) -> list[Minute]:
    chance = random.Random(4)
    limit = float(upper(np.array([rate]), np.array([0.3]), rarity(1.0))[0])
    starts, ends = one.onset_at.timestamp() // 60, (one.recovering_at or at(10_000)).timestamp() // 60
    minutes = []
    for number in range(first, last + 1):
        usual = rate * height if starts <= number < ends else rate
        complaints = max(round(chance.gauss(usual, usual**0.5)), 0) if usual > 5 else _few(chance, usual)
        minutes.append(
            Minute(number, complaints, 0, 0, 0, complaints, rate, limit, number - starts in blind, "words-1")
        )
    return minutes


def _few(chance: random.Random, usual: float) -> int:
    return sum(chance.random() < usual / 20 for _ in range(20))


SCENES = {
    "half an hour at 200 a minute": lambda: a_subject(
        an_incident(30), rate=200, height=4, notices=(notice(40), notice(75, WELL))
    ),
    "twelve hours of a seldom named service": lambda: a_subject(
        an_incident(720, raised=12), rate=0.05, height=15, notices=(notice(150, began=20), notice(640, WELL))
    ),
    "twelve hours at 200 a minute, partly blind": lambda: a_subject(
        an_incident(720), rate=200, height=6, blind=range(200, 260), notices=(notice(-20), notice(700, WELL))
    ),
    "half an hour of a seldom named service": lambda: a_subject(an_incident(30), rate=0.05, height=60),
    "admitted a day later, after the fact": lambda: a_subject(
        notices=(notice(1200, WELL, began=-10, over=80, late=True),)
    ),
    "they were a minute ahead": lambda: a_subject(notices=(notice(5),)),
    "still going on": lambda: a_subject(an_incident(still_open=True, relapse_of="inc_before"), rate=5),
    "kept by an earlier version": lambda: a_subject(
        msgspec.structs.replace(an_incident(), onset_earliest_at=None, onset_latest_at=None, growth=None)
    ),
    "a name that no line can hold": lambda: a_subject(name="Überlänge " * 30, notices=(notice(30),)),
    "dismissed": lambda: a_subject(an_incident(state=State.DISMISSED)),
}
