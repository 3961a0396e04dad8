"""The day itself: who says what, in the order of time, so that people can answer and repost each other."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate, cycle

from material import Landmark, Subjects, Timeline, Words, at, load
from moments import BLAME, CHATTER, moments
from sentences import BROKEN, LONGEST, Idea, Sentences
from voices import Author, invent

PEOPLE = 5200
ASIDES = ("lol", "haha", "this", "LOL", "so true", "wow", "yep", "omg", "^")  # before a repost


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


class Day:
    """Everything that is said."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.timeline = load("timeline.yaml", Timeline)
        self.subjects = load("chatter.yaml", Subjects)
        words = load("words.yaml", Words)
        self.sentences = Sentences(self.timeline, words, self.subjects, rng)
        self.people = invent(PEOPLE, words, rng)
        # A few people write much and most write little.
        self.loudness = list(accumulate(min(10.0, rng.paretovariate(1.6)) for _ in self.people))
        self.blamed = cycle(self.timeline.outage.carriers.in_turn)
        self.drafts: list[Draft] = []

    def write(self) -> list[Draft]:
        """All posts, the earliest first."""
        for moment, what in moments(self.timeline, self.rng):
            if isinstance(what, Landmark):
                self.drafts.append(self._landmark(what))
            elif what == CHATTER:
                self.drafts.append(self._chatter(moment))
            elif what == BLAME:
                self.drafts.append(self._blame(moment))
            else:
                self.drafts.append(self._outage(moment))
        return self.drafts

    def _landmark(self, mark: Landmark) -> Draft:
        about = "imessage" if "imessage" in mark.text.lower() else "facetime"
        theme = "after_page" if "{link}" in mark.text else "complaints"
        return Draft(mark.at, self._somebody(about), self.sentences.linked(mark.text), theme, about)

    # --- any day's talk ---

    def _chatter(self, moment: datetime) -> Draft:
        plan, chance = self.timeline.chatter, self.rng.random()
        if chance < plan.replied_to and (said := self._overheard(moment, 40, "talk", "questions", "nobody")):
            return self._reply(moment, self.rng.choice(said), "small_talk")
        if chance > 1 - plan.reposted and (said := self._overheard(moment, 180, "talk", "news", "nobody")):
            return self._repost(moment, said)
        theme = self.rng.choices(list(plan.shares), list(plan.shares.values()))[0]
        if theme == "nobody":
            return self._post(Idea(moment, theme, "nobody"))
        about = self._subject(moment)
        return self._post(Idea(moment, theme, self._deck(about, theme), about))

    def _deck(self, about: str, theme: str) -> str:
        """Where the sentence comes from: the service's own ones, or those for any service."""
        is_app = self.subjects.services[about].is_app
        if theme == "news":
            return "chatter/any/news" if is_app and self.rng.random() < 0.55 else "chatter/any/news_of_all"
        anybodys = is_app and self.rng.random() < (0.12 if theme == "talk" else 0.4)
        return f"chatter/any/{theme}" if anybodys else f"chatter/{about}/{theme}"

    def _overheard(self, moment: datetime, minutes: int, *themes: str) -> list[Draft]:
        """Recent posts that have nothing to do with the outage."""
        recent = self._recent(moment, minutes, *themes)
        return [draft for draft in recent if not (draft.about in BROKEN and draft.at > self.timeline.noon)]

    def _subject(self, moment: datetime) -> str:
        """The service somebody talks about. What is broken has no ordinary talk."""
        services = self.subjects.services
        broken = BROKEN if 3 < self._minute(moment) < 300 else ()
        weights = [0 if service in broken else talk.weight for service, talk in services.items()]
        return self.rng.choices(list(services), weights)[0]

    # --- the outage ---

    def _outage(self, moment: datetime) -> Draft:
        outage, minute = self.timeline.outage, self._minute(moment)
        weights = [at(curve, minute) for curve in outage.themes.values()]
        theme = self.rng.choices(list(outage.themes), weights)[0]
        if theme == "replies":
            return self._outage_reply(moment)
        if theme == "reposts":
            said = self._recent(moment, 25, "echoes", "after_page", "recovery", "recovery_news")
            if told := [draft for draft in said if draft.about in BROKEN]:
                return self._repost(moment, told)
            theme = "echoes"
        about = "facetime" if self.rng.random() < outage.facetime_share else "imessage"
        if f"{about}/{theme}" not in self.sentences.decks:
            about = "imessage"
        return self._post(Idea(moment, theme, f"{about}/{theme}", about))

    def _outage_reply(self, moment: datetime) -> Draft:
        said = self._recent(moment, 15, "complaints", "questions", "recovery", "still")
        said = [draft for draft in said if draft.about in BROKEN]
        # The latest is answered most.
        answered = said[-1 - int(len(said) * self.rng.random() ** 2)]
        if answered.theme in ("recovery", "still"):
            return self._reply(moment, answered, "back_again")
        decks = ["same_trouble", f"same_trouble_{answered.about}", "same_question", "works_for_me"]
        return self._reply(moment, answered, self.rng.choices(decks, [40, 35, 6, 19])[0])

    def _blame(self, moment: datetime) -> Draft:
        carrier = next(self.blamed)
        return self._post(Idea(moment, "carriers", "carriers", "imessage", carrier))

    # --- a post, a reply, a repost ---

    def _post(self, idea: Idea) -> Draft:
        author = self._somebody(idea.about, idea.carrier)
        return Draft(idea.moment, author, self.sentences.write(idea, author), idea.theme, idea.about)

    def _reply(self, moment: datetime, said: Draft, deck: str) -> Draft:
        author = self._somebody(said.about, other_than=said.author)
        text = self.sentences.answer(Idea(moment, deck, deck, said.about), author, said.author)
        return Draft(moment, author, text, "reply", said.about, answers=said)

    def _repost(self, moment: datetime, said: list[Draft]) -> Draft:
        # What many passed on, more will.
        source = self.rng.choices(said, [1 + 4 * draft.reposts for draft in said])[0]
        source.reposts += 1
        text = f"RT @{source.author.handle}: {source.text}"
        if self.rng.random() < 0.12:
            text = f"{self.rng.choice(ASIDES)} {text}"
        text = text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"
        author = self._somebody(other_than=source.author)
        return Draft(moment, author, text, "repost", source.about, is_repost=True)

    def _somebody(self, *services: str | None, other_than: Author | None = None) -> Author:
        """Somebody who uses these services."""
        while True:
            author = self.rng.choices(self.people, cum_weights=self.loudness)[0]
            if author is not other_than and all(author.uses(service) for service in services if service):
                return author

    def _recent(self, moment: datetime, minutes: int, *themes: str) -> list[Draft]:
        """Posts of the last minutes, the earliest first."""
        found: list[Draft] = []
        for draft in reversed(self.drafts):
            if moment - draft.at > timedelta(minutes=minutes):
                break
            if draft.theme in themes:
                found.append(draft)
        return found[::-1]

    def _minute(self, moment: datetime) -> float:
        """Minutes since noon, Pacific time."""
        return (moment - self.timeline.noon) / timedelta(minutes=1)
