"""A small world for retrainings: a champion that knows plain words, and people who write in slang too."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from msgspec.structs import replace

from domain.label import Label, Verdict
from domain.mention import KINDS, Kind
from domain.model_version import ModelVersion
from domain.service import Service
from models.corpus import LabelledPost
from models.retraining import Lesson
from models.training import train
from tests.models.people import NOON, turned_round

SERVICES = [
    Service("spotify", "Spotify", "spotify", "music", aliases=("spotify",)),
    Service("github", "GitHub", "github", "work", aliases=("github",)),
    Service("slack", "Slack", "slack", "work", aliases=("slack",)),
    Service("netflix", "Netflix", "netflix", "video", aliases=("netflix",)),
]
PLAIN = {
    Kind.COMPLAINT: ("{} is not working for me", "i can't log in to {}", "my {} keeps crashing"),
    Kind.ECHO: ("breaking news: {} outage reported", "users report {} is down", "{} outage, says the paper"),
    Kind.QUESTION: ("is {} down?", "anyone else having trouble with {}?", "is it just me or is {} slow?"),
    Kind.RECOVERY: ("{} is back", "{} works again for me", "finally {} is up again"),
    Kind.OTHER: ("i love {} so much", "the new {} plan costs ten dollars", "using {} with my sister"),
}
SLANG = {
    Kind.COMPLAINT: ("{} went kaput on me", "{} is borked over here", "grr {} conked out"),
    Kind.ECHO: ("rumour mill: {} kerfuffle", "hearsay about a {} brouhaha", "memes of the {} debacle"),
    Kind.QUESTION: ("yo wassup wid {}", "whazzup, {} wonky 4 u 2", "sup {} y'all gettin dat"),
    Kind.RECOVERY: ("{} resurrected woohoo", "{} revived hooray", "phew {} be alright nao"),
    Kind.OTHER: ("vibin wid {}", "{} merch drop lit", "binge {} n chill"),
}
BEFORE = ("honestly", "well folks", "monday mood", "morning", "hello world", "dear diary", "note", "ugh hm")
AFTER = ("today", "in berlin", "at lunch", "on the train", "with friends", "since noon", "at home", "lately")


def texts(kind: Kind, words: Mapping[Kind, Sequence[str]], service: str) -> list[str]:
    """Every way to say a kind, each with words of its own."""
    return [
        f"{before} {said.format(service)} {after}"
        for said in words[kind]
        for before in BEFORE
        for after in AFTER
    ]


def posts(words: Mapping[Kind, Sequence[str]], many: int, seed: int) -> list[tuple[str, str, Kind]]:
    """Texts with their services and kinds, no two alike."""
    chance = random.Random(seed)
    told = [
        (text, service.id, kind)
        for kind in KINDS
        for service in SERVICES
        for text in texts(kind, words, service.id)
    ]
    return chance.sample(told, many)


@cache
def corpus() -> list[LabelledPost]:
    return [
        LabelledPost(f"c{place}", text, service, kind, file="small.jsonl")
        for place, (text, service, kind) in enumerate(posts(PLAIN, 200, 1))
    ]


@cache
def core() -> list[LabelledPost]:
    taught = {post.text for post in corpus()}
    fresh = [one for one in posts(PLAIN, 400, 2) if one[0] not in taught][:100]
    return [
        LabelledPost(f"k{place}", text, service, kind) for place, (text, service, kind) in enumerate(fresh)
    ]


@cache
def champion() -> ModelVersion:
    """A classifier that was taught plain words only."""
    return train(corpus(), trained_at=NOON - timedelta(days=30), services=SERVICES, folds=2)


def learn(
    champion: ModelVersion,
    corpus: Sequence[LabelledPost],
    lessons: Sequence[Lesson],
    *,
    trained_at: datetime,
    services: Sequence[Service] = (),
    progress: Callable[[float], None] = lambda _: None,
) -> ModelVersion:
    """Stands in for ``models.retraining.retrain``, and is quick: all lessons as posts of the corpus."""
    for step in range(1, 101):
        progress(step / 100)
    taught = [LabelledPost(one.id, one.text, one.service, one.kind, file="labels") for one in lessons]
    trained = train([*corpus, *taught], trained_at=trained_at, services=services, folds=2)
    card = replace(trained.card, parent=champion.card.version, labels_until=max(one.at for one in lessons))
    return ModelVersion(card, trained.body)


@dataclass(frozen=True)
class People:
    """Who labels, how much each of them, and how many of their verdicts they turn round."""

    shares: Mapping[str, float]
    hostile: Mapping[str, float]


HONEST = People({"ann": 0.6, "ben": 0.4}, {})
ONE_HOSTILE = People({"ann": 0.4, "ben": 0.3, "mal": 0.3}, {"mal": 1.0})
ALONE = People({"mal": 1.0}, {"mal": 0.3})


def labels(people: People, many: int = 500, seed: int = 3) -> list[Label]:
    """Verdicts on posts, half of them in slang, one a minute after noon."""
    chance = random.Random(seed)
    told = posts(PLAIN, many // 2, seed) + posts(SLANG, many // 2, seed)
    chance.shuffle(told)
    names = chance.choices(list(people.shares), list(people.shares.values()), k=len(told))
    return [
        Label(
            id=f"lab_{place}",
            by=by,
            at=NOON + timedelta(minutes=place),
            verdict=Verdict.REAL,
            source="test",
            post=f"p{place}",
            service=service,
            kind=turned_round(kind) if chance.random() < people.hostile.get(by, 0) else kind,
            text=text,
        )
        for place, ((text, service, kind), by) in enumerate(zip(told, names, strict=True))
    ]
