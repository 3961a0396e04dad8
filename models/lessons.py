"""Lessons: what people's labels say of posts when all is weighed, and whose labels are set aside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import msgspec
import numpy as np
from scipy.special import softmax

from domain.label import Label
from domain.mention import KINDS
from models.examining import Question
from models.opinions import Opinion, Subject, opinions_of
from models.reliability import Floats, Places, Votes, heard, reliabilities
from models.retraining import Lesson
from models.suspicion import Flags, suspects, tested

Name = TypeVar("Name", str, Subject)
Ask = Callable[
    [Sequence[Question]], Floats
]  # the champion: one row for each text, zeros if it cannot read it

# Where the champion gives a kind so much, it is right 96 times out of 100 (cross-validated on the corpus):
# it counts as a witness, whom two people who agree outvote.
SURE, TRUSTED = 0.9, 0.96
GUESSED = 0.5  # the weight of a kind that nobody named
_LEAST = 0.05  # the weight under which a lesson would teach nothing


class Voice(msgspec.Struct, frozen=True):
    """One person's record.

    ``reliability`` is the chance that a verdict of theirs is right. ``set_aside`` is the reason why none of
    their verdicts is used; ``None`` for people who are heard.
    """

    person: str
    verdicts: int
    new: int  # verdicts later than what taught the champion
    reliability: float | None = None  # of who is set aside, none is found out
    set_aside: str | None = None


class Teaching(msgspec.Struct, frozen=True):
    """The lessons, the earliest first, and the record of everyone who spoke, by name."""

    lessons: tuple[Lesson, ...] = ()
    voices: tuple[Voice, ...] = ()

    @property
    def set_aside(self) -> dict[str, str]:
        """The people whose verdicts are not used, each with the reason."""
        return {voice.person: voice.set_aside for voice in self.voices if voice.set_aside is not None}

    @property
    def share_set_aside(self) -> float:
        """How much of what is new comes from people who are set aside, from 0 to 1."""
        left_out = sum(voice.new for voice in self.voices if voice.set_aside is not None)
        return left_out / max(sum(voice.new for voice in self.voices), 1)


def lessons_from(labels: Iterable[Label], ask: Ask, *, since: datetime | None = None) -> Teaching:
    """What these labels teach. ``ask`` is the champion, which labels up to ``since`` have taught.

    A conflict is weighed and kept: a lesson's weight is how far its kind stands above the next likely one,
    so that a post on which two people of equal reliability differ teaches nothing. People are set aside who
    contradict what is known beyond chance, in all of their verdicts or in the new ones.
    """
    opinions = opinions_of(labels)
    if not opinions:
        return Teaching()
    table = _Table(opinions, since)
    believed = ask([table.question(subject) for subject in table.subjects])
    hearing = _hear(table, _known(believed))
    lessons = sorted(_lessons(table, hearing, believed), key=lambda lesson: (lesson.at, lesson.id))
    return Teaching(tuple(lessons), tuple(_voices(table, hearing)))


class _Table:
    """Opinions, the earliest first, with their people and subjects numbered."""

    def __init__(self, opinions: Sequence[Opinion], since: datetime | None) -> None:
        self.people = sorted({opinion.by for opinion in opinions})
        self.subjects = sorted({opinion.subject for opinion in opinions})
        self.is_new: Flags = np.array([since is None or one.at > since for one in opinions])
        self.votes = Votes(
            open_kinds=np.array([[kind in one.kinds for kind in KINDS] for one in opinions]),
            person=_places([one.by for one in opinions], self.people),
            subject=_places([one.subject for one in opinions], self.subjects),
            weight=np.array([one.weight for one in opinions], dtype=np.float64),
        )
        self.about: dict[Subject, list[Opinion]] = {subject: [] for subject in self.subjects}
        for opinion in opinions:
            self.about[opinion.subject].append(opinion)

    def question(self, subject: Subject) -> Question:
        latest = self.about[subject][-1]
        return Question(latest.text, latest.service, latest.lang)


@dataclass(frozen=True)
class _Hearing:
    """The votes, how reliable each person is, and who is not heard, with the reason."""

    votes: Votes
    right: Floats
    out: dict[int, str]


def _hear(table: _Table, known: Floats) -> _Hearing:
    """Weigh everyone, set aside whom that shows to be hostile, and weigh the others anew."""
    out: dict[int, str] = {}
    people = len(table.people)
    while True:
        votes = table.votes.silencing(set(out))
        right = reliabilities(votes, known, people)
        # A verdict on an incident speaks of many posts at once, and none of them was looked at.
        test = tested(votes, right, known).among(table.votes.weight >= 1)
        found = suspects(test.among(table.is_new), people) | suspects(test, people)
        if found.keys() <= out.keys():
            return _Hearing(votes, right, out)
        out = found | out


def _known(believed: Floats) -> Floats:
    """What the champion's sure verdicts say of each subject; of which it is unsure, nothing."""
    rest = (1 - TRUSTED) / (len(KINDS) - 1)
    sure = np.where(believed == believed.max(axis=1, keepdims=True), TRUSTED, rest)
    return np.log(np.where(believed.max(axis=1, keepdims=True) >= SURE, sure, 1 / len(KINDS)))


def _lessons(table: _Table, hearing: _Hearing, believed: Floats) -> Iterator[Lesson]:
    out = {table.people[place] for place in hearing.out}
    said = heard(hearing.votes, hearing.right, len(table.subjects))
    for subject, row, belief in zip(table.subjects, said, believed, strict=True):
        opinions = [one for one in table.about[subject] if one.by not in out]
        # Of a text that nobody can read the champion believes nothing, and a challenger could learn nothing.
        lesson = _lesson(subject, opinions, row, belief) if opinions and belief.any() else None
        if lesson is not None:
            yield lesson


def _lesson(subject: Subject, opinions: Sequence[Opinion], said: Floats, belief: Floats) -> Lesson | None:
    """What people say of one subject together. Where nobody names a kind, the champion's guess fills in."""
    named = any(len(one.kinds) == 1 for one in opinions)
    likely = softmax(said if named else said + np.log(np.maximum(belief, 1e-6)))
    first, second = np.argsort(-likely, kind="stable")[:2].tolist()
    weight = float(likely[first] - likely[second]) * (1.0 if named else GUESSED)
    if weight < _LEAST:
        return None
    kind, latest = KINDS[first], opinions[-1]
    return Lesson(
        id=":".join(subject),
        text=latest.text,
        service=latest.service,
        kind=kind,
        at=latest.at,
        by=tuple(sorted(one.by for one in opinions if kind in one.kinds)),
        weight=round(weight, 4),
        lang=latest.lang or "en",
    )


def _voices(table: _Table, hearing: _Hearing) -> Iterator[Voice]:
    people = len(table.people)
    verdicts = np.bincount(table.votes.person, minlength=people)
    new = np.bincount(table.votes.person[table.is_new], minlength=people)
    for place, person in enumerate(table.people):
        yield Voice(
            person=person,
            verdicts=int(verdicts[place]),
            new=int(new[place]),
            reliability=None if place in hearing.out else round(float(hearing.right[place]), 4),
            set_aside=hearing.out.get(place),
        )


def _places(names: Sequence[Name], among: Sequence[Name]) -> Places:
    place_of = {name: place for place, name in enumerate(among)}
    return np.array([place_of[name] for name in names], dtype=np.int64)
