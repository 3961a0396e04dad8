"""Holding out: the newest lessons are kept from training, so that both classifiers can be judged by them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from domain.doubt import gist
from models.retraining import Lesson

SHARE, LEAST = 5, 60  # one lesson in five, and never fewer than sixty: of fewer, chance decides
CLEAR = 0.5  # the weight from which a lesson is clear enough to judge by
_NO_GROUP = "uncatalogued"


class Split(msgspec.Struct, frozen=True):
    """Lessons to train with and lessons to judge by; the latter are empty when there are too few."""

    training: tuple[Lesson, ...]
    judging: tuple[Lesson, ...]


def hold_out(
    lessons: Sequence[Lesson],
    *,
    since: datetime | None,
    groups: Mapping[str, str],
    frozen: Iterable[str] = (),
) -> Split:
    """Hold out the newest fifth of the clear lessons after ``since``, of each group of services alike.

    ``groups`` maps services to their groups. Nothing is trained on that nearly says what a held-out post
    says, or one of the ``frozen`` texts: that would be to ask what was just told.
    """
    fresh = [one for one in lessons if (since is None or one.at > since) and one.weight >= CLEAR]
    wanted = max(LEAST, math.ceil(len(fresh) / SHARE))
    judging = _newest_of_each_group(fresh, groups)[:wanted] if len(fresh) >= LEAST else []
    told = {gist(one.text) for one in judging} | {gist(text) for text in frozen}
    held = {one.id for one in judging}
    training = [one for one in lessons if one.id not in held and gist(one.text) not in told]
    return Split(tuple(training), tuple(sorted(judging, key=_age)))


def group_of(service: str, groups: Mapping[str, str]) -> str:
    """The group of a service; those that the catalogue no longer knows are one of their own."""
    return groups.get(service, _NO_GROUP)


def _newest_of_each_group(lessons: Sequence[Lesson], groups: Mapping[str, str]) -> list[Lesson]:
    """All lessons, those first that are the newest for the size of their group."""
    of_group: dict[str, list[Lesson]] = defaultdict(list)
    for lesson in sorted(lessons, key=_age, reverse=True):
        of_group[group_of(lesson.service, groups)].append(lesson)
    placed = [
        ((place + 1) / len(members), group, lesson)
        for group, members in of_group.items()
        for place, lesson in enumerate(members)
    ]
    return [lesson for _, _, lesson in sorted(placed, key=lambda one: one[:2])]


def _age(lesson: Lesson) -> tuple[datetime, str]:
    return lesson.at, lesson.id
