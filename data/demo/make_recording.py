"""Writes the demo recording: 2012-11-18 as it may have sounded. A reconstruction, the same at every run.

python data/demo/make_recording.py [FOLDER]
"""

from __future__ import annotations

import gzip
import io
import math
import random
import re
import string
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import accumulate, cycle
from pathlib import Path

import msgspec
from material import Deck, Landmark, Subjects, Timeline, Words, at, choose, load
from voices import Author, Pen, invent

SEED = "2012-11-18"
LONGEST = 140  # characters; a post could hold no more in 2012
PEOPLE = 5200
PACIFIC = timezone(timedelta(hours=-8))
POSTS, NOTICES = "2012-11-18.jsonl.gz", "2012-11-18.notices.jsonl"

ASIDES = ("lol", "haha", "this", "LOL", "so true", "wow", "yep", "omg", "^")  # before a repost
BROKEN = ("imessage", "facetime")
SOUR, HAPPY, CALM, NEWS = "sour", "happy", "calm", "news"
MOODS = {
    "complaints": SOUR,
    "questions": SOUR,
    "still": SOUR,
    "carriers": SOUR,
    "recovery": HAPPY,
    "recovery_news": NEWS,
    "after_page": NEWS,
    "news": NEWS,
}


@dataclass(slots=True, eq=False)
class Draft:
    """A post before it has its number; ``about`` is the service it speaks of."""

    at: datetime
    author: Author
    text: str
    theme: str
    about: str | None = None
    answers: Draft | None = None
    is_repost: bool = False
    reposts: int = 0  # how often it was reposted so far


class Post(msgspec.Struct, omit_defaults=True):
    """A line of the recording."""

    id: str
    written_at: datetime
    text: str
    source: str = ""
    author: str | None = None
    in_reply_to: str | None = None
    lang: str | None = None
    is_repost: bool = False


class Day:
    """Everything that is said, written down in the order of time."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.timeline = load("timeline.yaml", Timeline)
        self.words = load("words.yaml", Words)
        self.subjects = load("chatter.yaml", Subjects)
        self.decks = _decks(self.subjects, self.words)
        self.people = invent(PEOPLE, self.words, rng)
        # A few people write much and most write little.
        self.loudness = list(accumulate(rng.paretovariate(1.6) for _ in self.people))
        names = {
            word.lower()
            for talk in self.subjects.services.values()
            for name in talk.names
            for word in name.split()
        }
        self.pen = Pen(self.words, frozenset(names | {"imessages", "connection", "delivered"}))
        self.blamed = cycle(self.timeline.outage.carriers.in_turn)
        self.drafts: list[Draft] = []

    # --- when ---

    def moments(self) -> list[tuple[datetime, str | Landmark]]:
        """Every time at which somebody writes, with what it is: chatter, outage, blame, a landmark."""
        found: list[tuple[datetime, str | Landmark]] = [(mark.at, mark) for mark in self.timeline.landmarks]
        found += [(moment, "chatter") for moment in self._chatter_times()]
        found += [(moment, "outage") for moment in self._outage_times()]
        found += [(moment, "blame") for moment in self._blame_times()]
        return sorted(found, key=lambda pair: pair[0])

    def _chatter_times(self) -> list[datetime]:
        start, length = self.timeline.starts, self.timeline.ends - self.timeline.starts
        hours = [start + timedelta(hours=n) for n in range(int(length / timedelta(hours=1)))]
        loud = [self.timeline.chatter.by_hour[hour.astimezone(PACIFIC).hour] for hour in hours]
        drawn = self.rng.choices(hours, loud, k=self.timeline.chatter.posts)
        return [hour + timedelta(seconds=self.rng.randrange(3600)) for hour in drawn]

    def _outage_times(self) -> list[datetime]:
        curve = self.timeline.outage.curve
        return [
            self.timeline.noon + timedelta(minutes=minute, seconds=self.rng.randrange(60))
            for minute in range(int(curve[-1][0]))
            for _ in range(_poisson(at(curve, minute), self.rng))
        ]

    def _blame_times(self) -> list[datetime]:
        """Evenly spread, so that no carrier seems to fail by itself."""
        blame = self.timeline.outage.carriers
        step = (blame.until - blame.since) / blame.posts
        return [
            self.timeline.noon + timedelta(seconds=int(60 * (blame.since + step * (n + self.rng.random()))))
            for n in range(blame.posts)
        ]

    # --- what ---

    def write(self) -> list[Draft]:
        """All posts of the recording, in the order of time."""
        for moment, what in self.moments():
            if isinstance(what, Landmark):
                draft = self._landmark(what)
            else:
                draft = {"chatter": self._chatter, "outage": self._outage, "blame": self._blame}[what](moment)
            self.drafts.append(draft)
        return self.drafts

    def _landmark(self, mark: Landmark) -> Draft:
        about = (
            "facetime"
            if "facetime" in mark.text.lower() and "imessage" not in mark.text.lower()
            else "imessage"
        )
        theme = "after_page" if "{link}" in mark.text else "complaints"
        return Draft(mark.at, self._somebody(about), self._linked(mark.text), theme, about)

    def _chatter(self, moment: datetime) -> Draft:
        plan = self.timeline.chatter
        chance = self.rng.random()
        if chance < plan.replied_to:
            said = self._recent(moment, minutes=40, themes=("talk", "questions", "nobody"))
            if said := [draft for draft in said if not self._breaks(draft.about)]:
                return self._reply(moment, self.rng.choice(said), "small_talk")
        if 1 - chance < plan.reposted and (
            said := self._recent(moment, minutes=180, themes=("talk", "news", "nobody"))
        ):
            return self._repost(moment, said)
        theme = self.rng.choices(list(plan.shares), list(plan.shares.values()))[0]
        if theme == "nobody":
            return self._compose(moment, theme, "nobody", None)
        about = self._subject(moment)
        anybodys = theme == "news" or (theme != "talk" and self.rng.random() < 0.45)
        return self._compose(moment, theme, f"chatter/{'any' if anybodys else about}/{theme}", about)

    def _subject(self, moment: datetime) -> str:
        """The service somebody talks about. What is broken has no ordinary talk."""
        while True:
            services = self.subjects.services
            about = self.rng.choices(list(services), [talk.weight for talk in services.values()])[0]
            if about not in BROKEN or not 3 < self._minutes(moment) < 300:
                return about

    def _outage(self, moment: datetime) -> Draft:
        outage, minute = self.timeline.outage, self._minutes(moment)
        weights = [at(curve, minute) for curve in outage.themes.values()]
        theme = self.rng.choices(list(outage.themes), weights)[0]
        if theme == "replies":
            return self._outage_reply(moment)
        if theme == "reposts" and (
            said := self._recent(moment, minutes=25, themes=("echoes", "after_page", "recovery_news"))
        ):
            return self._repost(moment, said)
        theme = "echoes" if theme == "reposts" else theme
        about = "facetime" if self.rng.random() < outage.facetime_share else "imessage"
        if f"{about}/{theme}" not in self.decks:
            about = "imessage"
        return self._compose(moment, theme, f"{about}/{theme}", about)

    def _outage_reply(self, moment: datetime) -> Draft:
        said = self._recent(
            moment, minutes=15, themes=("complaints", "questions", "recovery", "still"), about=BROKEN
        )
        # The latest is answered most.
        answered = said[-1 - int(len(said) * self.rng.random() ** 2)]
        if answered.theme in ("recovery", "still"):
            return self._reply(moment, answered, "back_again")
        deck = self.rng.choices(
            ["same_trouble", f"same_trouble_{answered.about}", "same_question", "works_for_me"],
            [42, 32, 6, 20],
        )[0]
        return self._reply(moment, answered, deck)

    def _blame(self, moment: datetime) -> Draft:
        return self._compose(moment, "carriers", "carriers", "imessage", carrier=next(self.blamed))

    # --- how ---

    def _compose(
        self, moment: datetime, theme: str, deck: str, about: str | None, carrier: str = ""
    ) -> Draft:
        author = self._somebody(*filter(None, (about, carrier)))
        while True:
            line = self.decks[deck].draw(self.rng, lambda card: self._suits(card, moment))
            plain = self._around(line, theme, about, author)
            text = self._linked(
                self.pen.write(
                    self._filled(plain, moment, about, carrier),
                    author,
                    self.rng,
                    may_shout=theme in MOODS and MOODS[theme] != NEWS,
                )
            )
            if len(text) <= LONGEST:
                return Draft(moment, author, text, theme, about)

    def _around(self, line: str, theme: str, about: str | None, author: Author) -> str:
        """The line with what its author puts before and behind it."""
        mood = MOODS.get(theme, CALM)
        if mood == NEWS or "{link}" in line:
            return line
        rng = self.rng
        text = line
        if theme == "complaints" and self._breaks(about) and len(line) < 85 and rng.random() < 0.33:
            text = _joined(text, self._tail(line, about), author.joins_with)
        if rng.random() < 0.2 and line.split()[0].strip(",.!?") not in _first_words(self.words):
            text = f"{self.decks[f'{mood}/openers'].draw(rng)} {text}"
        if author.ends_with and rng.random() < 0.5:
            closer = self.decks[f"{mood}/closers"].draw(rng, lambda card: _sort_of(card) == author.ends_with)
            text = text.rstrip(".") + closer if closer[0] in "!.?" else f"{text} {closer}"
        return text

    def _breaks(self, about: str | None) -> bool:
        return about in BROKEN and bool(self.drafts) and self.drafts[-1].at >= self.timeline.noon

    def _tail(self, line: str, about: str | None) -> str:
        known = set(re.findall(r"[a-z]{5,}", line))
        return self.decks[f"{about}/tails"].draw(
            self.rng,
            lambda card: (
                not known & set(re.findall(r"[a-z]{5,}", card)) and not ("{" in card and "{" in line[8:])
            ),
        )

    def _filled(self, line: str, moment: datetime, about: str | None, carrier: str) -> str:
        """The line with every slot filled save the link."""
        line = choose(line, self.rng)
        slots = {
            "name": self.rng.choice(self.subjects.services[about].names) if about else "",
            "carrier": self.rng.choice(self.subjects.services[carrier].names) if carrier else "",
            "who": self.decks["who"].draw(self.rng),
            "since": self._since(moment, about),
            "noon": self.rng.choice(self.words.noon),
            "sunday": "",
            "weekday": moment.astimezone(PACIFIC).strftime("%A").lower(),
            **self._times_of_day(moment),
        }
        return re.sub(r"\{(?!link)(\w+)\}", lambda slot: slots[slot[1]], line)

    def _times_of_day(self, moment: datetime) -> dict[str, str]:
        hour = moment.astimezone(PACIFIC).hour
        if hour < 4 or hour >= 17:
            return {"today": self.rng.choice(["tonight", "today", "tonight"]), "tonight": "tonight"}
        return {
            "today": self.rng.choice(["today", "this morning"] if hour < 11 else ["today"]),
            "tonight": "today",
        }

    def _since(self, moment: datetime, about: str | None) -> str:
        minute = self._minutes(moment)
        if minute < 0 or about not in BROKEN:
            return self.rng.choice(self.words.since_usual)
        return self.rng.choice(next(since.say for since in self.words.since_outage if minute < since.until))

    def _reply(self, moment: datetime, said: Draft, deck: str) -> Draft:
        author = self._somebody(*filter(None, [said.about]), other_than=said.author)
        line = self._filled(self.decks[deck].draw(self.rng), moment, said.about, "")
        if author.ends_with and self.rng.random() < 0.3:
            closers = self.decks["calm/closers" if deck == "small_talk" else "sour/closers"]
            line = f"{line} {closers.draw(self.rng, lambda card: _sort_of(card) == author.ends_with)}"
        text = self.pen.write(line, author, self.rng, may_shout=deck.startswith("same"))
        return Draft(moment, author, f"@{said.author.handle} {text}", "reply", said.about, answers=said)

    def _repost(self, moment: datetime, said: list[Draft]) -> Draft:
        # What many passed on, more will.
        source = self.rng.choices(said, [1 + 4 * draft.reposts for draft in said])[0]
        source.reposts += 1
        text = f"RT @{source.author.handle}: {source.text}"
        if self.rng.random() < 0.12:
            text = f"{self.rng.choice(ASIDES)} {text}"
        text = text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"
        return Draft(
            moment, self._somebody(other_than=source.author), text, "repost", source.about, is_repost=True
        )

    # --- who ---

    def _somebody(self, *services: str, other_than: Author | None = None) -> Author:
        while True:
            author = self.rng.choices(self.people, cum_weights=self.loudness)[0]
            if author is not other_than and all(author.uses(service) for service in services):
                return author

    # --- what was said before ---

    def _recent(
        self, moment: datetime, *, minutes: int, themes: tuple[str, ...], about: tuple[str, ...] = ()
    ) -> list[Draft]:
        """Posts of the last minutes, the earliest first."""
        found: list[Draft] = []
        for draft in reversed(self.drafts):
            if moment - draft.at > timedelta(minutes=minutes):
                break
            if draft.theme in themes and (not about or draft.about in about):
                found.append(draft)
        return found[::-1]

    def _minutes(self, moment: datetime) -> float:
        return (moment - self.timeline.noon) / timedelta(minutes=1)

    def _suits(self, card: str, moment: datetime) -> bool:
        """Sunday's sentences are said on Sunday."""
        local = moment.astimezone(PACIFIC)
        return ("sunday" not in card and "november 18" not in card) or local.strftime("%A") == "Sunday"

    def _linked(self, text: str) -> str:
        """The text with a short link of a domain that is reserved for examples."""
        code = "".join(self.rng.choices(string.ascii_letters + string.digits, k=7))
        return text.replace("{link}", f"http://t.example/{code}")


def _first_words(words: Words) -> frozenset[str]:
    return frozenset(line.split()[0].strip(".,!?:") for line in words.openers.splitlines())


def _decks(subjects: Subjects, words: Words) -> dict[str, Deck]:
    """Every deck by name, such as "imessage/complaints" (outage), "chatter/skype/talk", "sour/openers"."""
    decks: dict[str, Deck] = {}
    lines = {service: load(f"{service}.yaml", dict[str, str]) for service in BROKEN}
    for service, themes in lines.items():
        decks |= {f"{service}/{theme}": Deck(text) for theme, text in themes.items()}
    decks["carriers"] = Deck(*(themes["carriers"] for themes in lines.values()))
    decks |= {theme: Deck(text) for theme, text in load("replies.yaml", dict[str, str]).items()}
    decks["nobody"] = Deck(load("nobody.yaml", dict[str, str])["chatter"])
    decks |= {f"chatter/any/{theme}": Deck(text) for theme, text in subjects.any.items()}
    for service, own in subjects.services.items():
        decks[f"chatter/{service}/talk"] = Deck(own.talk)
        decks[f"chatter/{service}/questions"] = Deck(own.questions)
        decks[f"chatter/{service}/complaints"] = Deck(own.complaints)
    decks["who"] = Deck(words.who)
    decks[f"{SOUR}/openers"], decks[f"{SOUR}/closers"] = Deck(words.openers), Deck(words.sour_closers)
    decks[f"{HAPPY}/openers"], decks[f"{HAPPY}/closers"] = (
        Deck(words.happy_openers),
        Deck(words.happy_closers),
    )
    decks[f"{CALM}/openers"], decks[f"{CALM}/closers"] = Deck(words.calm_openers), Deck(words.calm_closers)
    return decks


def _sort_of(closer: str) -> str:
    """Which habit a closer belongs to: "hashtag", "emoji" or "smiley"."""
    if closer[0] == "#":
        return "hashtag"
    return "emoji" if ord(closer[0]) > 0x2000 else "smiley"


def _joined(text: str, tail: str, joiner: str) -> str:
    return f"{text} {tail}" if text[-1] in ".!?" else f"{text}{joiner}{tail}"


def _poisson(mean: float, rng: random.Random) -> int:
    """A random count with this mean (Knuth's way, good for small means)."""
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count


def _posts(drafts: list[Draft]) -> list[Post]:
    """The drafts with their numbers, in the order of time."""
    number = {id(draft): f"r{place:05}" for place, draft in enumerate(drafts, start=1)}
    return [
        Post(
            id=number[id(draft)],
            written_at=draft.at,
            text=draft.text,
            source="x",
            author=draft.author.handle,
            in_reply_to=number[id(draft.answers)] if draft.answers else None,
            lang="en",
            is_repost=draft.is_repost,
        )
        for draft in drafts
    ]


def _zipped(content: bytes) -> bytes:
    """The content gzipped without a time or a name, so that the same content gives the same bytes."""
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=packed, mode="wb", compresslevel=9, mtime=0) as file:
        file.write(content)
    return packed.getvalue()


def main(folder: Path) -> None:
    """Write both files of the recording into a folder."""
    day = Day(random.Random(SEED))
    encode = msgspec.json.Encoder()
    posts = encode.encode_lines(_posts(day.write()))
    notices = encode.encode_lines(
        [msgspec.structs.replace(notice, url=day.timeline.notice_url) for notice in day.timeline.notices]
    )
    (folder / POSTS).write_bytes(_zipped(posts))
    (folder / NOTICES).write_bytes(notices)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
