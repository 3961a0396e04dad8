"""From a base sentence to a post's text: slots filled, something before and behind, in its author's hand."""

from __future__ import annotations

import random
import re
import string
from dataclasses import dataclass
from datetime import datetime, timedelta

from material import Deck, Subjects, Timeline, Words, choose, load
from moments import PACIFIC
from voices import Author, Pen

LONGEST = 140  # characters; a post could hold no more in 2012
RETRIES = 2  # until a text that was written before is written again; real people repeat each other too

BROKEN = ("imessage", "facetime")
SOUR, HAPPY, CALM, NEWS = "sour", "happy", "calm", "news"
MOODS = {
    "complaints": SOUR,
    "still": SOUR,
    "carriers": SOUR,
    "recovery": HAPPY,
    "recovery_news": NEWS,
    "after_page": NEWS,
    "news": NEWS,
}


@dataclass(frozen=True, slots=True)
class Idea:
    """What somebody is about to say. ``deck`` holds the base sentences, ``about`` is the service meant."""

    moment: datetime
    theme: str
    deck: str
    about: str | None = None
    carrier: str | None = None

    @property
    def mood(self) -> str:
        if self.deck in ("imessage/questions", "facetime/questions"):
            return SOUR
        return MOODS.get(self.theme, CALM)


class Sentences:
    """Puts ideas into words. No text comes twice if it can be helped."""

    def __init__(self, timeline: Timeline, words: Words, subjects: Subjects, rng: random.Random) -> None:
        self.rng = rng
        self.noon = timeline.noon
        self.words = words
        self.subjects = subjects
        self.decks = _decks(subjects, words)
        self.first_words = frozenset(line.split()[0].strip(",.!?:") for line in words.openers.splitlines())
        names = [word for talk in subjects.services.values() for name in talk.names for word in name.split()]
        spared = {word.lower() for word in names} | {"imessages", "connection", "delivered"}
        self.pen = Pen(words, frozenset(spared))
        self.written: set[str] = set()

    def write(self, idea: Idea, author: Author) -> str:
        """A whole post."""
        tries = 0
        while True:
            tries += 1
            line = self.decks[idea.deck].draw(self.rng, lambda card: _suits(card, idea.moment))
            plain = self._filled(self._surrounded(line, idea, author), idea)
            text = self.linked(self.pen.write(plain, author, self.rng, may_shout=idea.mood in (SOUR, HAPPY)))
            bare = re.sub(r"\W+", " ", text).strip().lower()
            if len(text) <= LONGEST and (bare not in self.written or tries > RETRIES):
                self.written.add(bare)
                return text

    def answer(self, idea: Idea, author: Author, answered: Author) -> str:
        """A reply to somebody's post; it names no service."""
        while True:
            line = self._filled(self.decks[idea.deck].draw(self.rng), idea)
            if author.ends_with and self.rng.random() < 0.3:
                mood = CALM if idea.theme == "small_talk" else SOUR
                line = self._closed(line, mood, author, idea.moment)
            said = self.pen.write(line, author, self.rng, may_shout=idea.theme != "small_talk")
            text = f"@{answered.handle} {said}"
            if len(text) <= LONGEST:
                return text

    def linked(self, text: str) -> str:
        """The text with short links of a domain that is reserved for examples."""
        code = "".join(self.rng.choices(string.ascii_letters + string.digits, k=7))
        return text.replace("{link}", f"http://t.example/{code}")

    # --- around the base sentence ---

    def _surrounded(self, line: str, idea: Idea, author: Author) -> str:
        if idea.mood == NEWS or "{link}" in line:
            return line
        text = self._continued(line, idea, author)
        if self.rng.random() < 0.18 and line.split()[0].strip(",.!?") not in self.first_words:
            text = f"{self.decks[f'{idea.mood}/openers'].draw(self.rng)} {text}"
        if author.ends_with and self.rng.random() < (0.12 if idea.theme == "questions" else 0.5):
            text = self._closed(text, idea.mood, author, idea.moment)
        return text

    def _continued(self, line: str, idea: Idea, author: Author) -> str:
        """The line, and sometimes a second sentence."""
        if len(line) > 85 or self.rng.random() > 0.33:
            return line
        if idea.deck in ("imessage/complaints", "facetime/complaints"):
            tails = self.decks[f"{idea.about}/tails"]
        elif idea.theme in ("talk", "nobody") and self.rng.random() < 0.55:
            tails = self.decks["tails"]
        else:
            return line
        known = set(re.findall(r"[a-z]{5,}", line))
        slotted = "{who}" in line or "{since}" in line
        tail = tails.draw(
            self.rng,
            lambda card: (
                known.isdisjoint(re.findall(r"[a-z]{5,}", card))
                and not (slotted and "{" in card)
                and _suits(card, idea.moment)
            ),
        )
        return f"{line} {tail}" if line[-1] in ".!?" else f"{line}{author.joins_with}{tail}"

    def _closed(self, text: str, mood: str, author: Author, moment: datetime) -> str:
        closer = self.decks[f"{mood}/closers"].draw(
            self.rng, lambda card: _sort_of(card) == author.ends_with and _suits(card, moment)
        )
        return text.rstrip(".") + closer if closer[0] in "!.?" else f"{text} {closer}"

    # --- slots ---

    def _filled(self, line: str, idea: Idea) -> str:
        """The line with every slot filled save the link."""
        slots = {
            "name": self._name(idea.about, proper="{link}" in line),
            "carrier": self._name(idea.carrier),
            "who": self.decks["who"].draw(self.rng),
            "since": self._since(idea),
            "noon": self.rng.choice(self.words.noon),
            "sunday": "",
            "weekday": idea.moment.astimezone(PACIFIC).strftime("%A").lower(),
            **self._times_of_day(idea.moment),
        }
        return re.sub(r"\{(?!link)(\w+)\}", lambda slot: slots[slot[1]], choose(line, self.rng))

    def _name(self, service: str | None, *, proper: bool = False) -> str:
        if service is None:
            return ""
        names = self.subjects.services[service].names
        return names[0] if proper else self.rng.choice(names)

    def _times_of_day(self, moment: datetime) -> dict[str, str]:
        hour = moment.astimezone(PACIFIC).hour
        if hour < 4 or hour >= 17:
            return {"today": self.rng.choice(["tonight", "today", "tonight"]), "tonight": "tonight"}
        today = self.rng.choice(["today", "this morning"]) if hour < 11 else "today"
        return {"today": today, "tonight": "today"}

    def _since(self, idea: Idea) -> str:
        minute = (idea.moment - self.noon) / timedelta(minutes=1)
        if minute < 0 or idea.about not in BROKEN:
            return self.rng.choice(self.words.since_usual)
        return self.rng.choice(next(since.say for since in self.words.since_outage if minute < since.until))


def _suits(card: str, moment: datetime) -> bool:
    """Whether the sentence may be said on this day: Sunday's sentences are said on Sunday."""
    sundays = "sunday" in card or "november 18" in card
    return not sundays or moment.astimezone(PACIFIC).strftime("%A") == "Sunday"


def _sort_of(closer: str) -> str:
    """Which habit a closer belongs to: "hashtag", "emoji" or "smiley"."""
    if closer[0] == "#":
        return "hashtag"
    return "emoji" if ord(closer[0]) > 0x2000 else "smiley"


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
    decks["who"], decks["tails"] = Deck(words.who), Deck(words.calm_tails)
    decks[f"{SOUR}/openers"], decks[f"{SOUR}/closers"] = Deck(words.openers), Deck(words.sour_closers)
    decks[f"{HAPPY}/openers"], decks[f"{HAPPY}/closers"] = (
        Deck(words.happy_openers),
        Deck(words.happy_closers),
    )
    decks[f"{CALM}/openers"], decks[f"{CALM}/closers"] = Deck(words.calm_openers), Deck(words.calm_closers)
    return decks
