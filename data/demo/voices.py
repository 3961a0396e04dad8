"""The invented people of the demo recording: who they are and how each of them writes."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from material import Words

# What a service takes: only people with such a phone, or with that carrier, use it.
PHONES = {
    "imessage": "iphone",
    "facetime": "iphone",
    "siri": "iphone",
    "icloud": "iphone",
    "bbm": "blackberry",
}
CARRIERS = {"att": 34, "verizon": 36, "sprint": 18, "tmobile": 12}

SMILEYS = (":D", ":P", "xD", "D:")  # the same in every hand

# A handle of that network had 15 characters at most. Ours have more, so none of them can be anybody's.
LONGER_THAN_REAL = 16


@dataclass(frozen=True, slots=True, eq=False)
class Author:
    """One invented person and their habits; numbers are chances from 0 to 1."""

    handle: str
    phone: str
    carrier: str
    case: str  # "lower", "tidy" or "as written"
    ends_with: str  # "hashtag", "emoji", "smiley" or "" for none
    joins_with: str
    short_forms: frozenset[str]
    no_apostrophes: bool
    no_full_stop: bool
    typos: float
    stretches: float
    shouts: float

    def uses(self, service: str) -> bool:
        """Whether this person could have something to say of a service."""
        if service in CARRIERS:
            return self.carrier == service
        return PHONES.get(service, self.phone) == self.phone


def invent(number: int, words: Words, rng: random.Random) -> list[Author]:
    """So many people, no two of one handle."""
    handles: dict[str, None] = {}
    first, second = words.handle_first.split(), words.handle_second.split()
    while len(handles) < number:
        handles[_handle(rng.choice(first), rng.choice(second), rng)] = None
    return [_author(handle, words, rng) for handle in handles]


def _handle(first: str, second: str, rng: random.Random) -> str:
    handle = rng.choice(
        [f"{first}_{second}", f"{first}{second}", f"{first.title()}{second.title()}", f"the_{first}{second}"]
    )
    if rng.random() < 0.4:
        handle += rng.choice(
            ["_", "x", "xo", "_tx", "_nyc", "_la", "88", "91", "_95", "07", "23", "_13", "4ever"]
        )
    while len(handle) < LONGER_THAN_REAL:
        handle += str(rng.randrange(10))
    return handle


def _author(handle: str, words: Words, rng: random.Random) -> Author:
    texter = rng.random()
    forms = int(texter * 7) if texter > 0.6 else 0
    phone = rng.choices(["iphone", "android", "blackberry"], [60, 31, 9])[0]
    ends = rng.choices(["hashtag", "emoji", "smiley", ""], [16, 16 if phone == "iphone" else 0, 30, 38])[0]
    return Author(
        handle=handle,
        phone=phone,
        carrier=rng.choices(list(CARRIERS), list(CARRIERS.values()))[0],
        case=rng.choices(["lower", "tidy", "as written"], [34, 42, 24])[0],
        ends_with=ends,
        joins_with=rng.choice([". ", ". ", ", ", ", ", "... ", " - ", "! ", ".. "]),
        short_forms=frozenset(rng.sample(list(words.short_forms), forms)),
        no_apostrophes=rng.random() < 0.4,
        no_full_stop=rng.random() < 0.65,
        typos=rng.choice([0.0, 0.01, 0.03, 0.1]),
        stretches=rng.choice([0.0, 0.0, 0.05, 0.3]),
        shouts=rng.choice([0.0, 0.0, 0.02, 0.1]),
    )


class Pen:
    """Writes a plain sentence down the way one author would."""

    def __init__(self, words: Words, spared: frozenset[str]) -> None:
        """``spared`` are lower-case words in which nobody slips: the names of services."""
        self.short_forms = {form: re.compile(rf"\b{re.escape(form)}\b", re.I) for form in words.short_forms}
        self.shorter = words.short_forms
        self.stretched = frozenset(words.stretched)
        self.spared = spared

    def write(self, text: str, author: Author, rng: random.Random, *, may_shout: bool) -> str:
        for form in sorted(author.short_forms):
            text = self.short_forms[form].sub(self.shorter[form], text)
        text = " ".join(self._word(word, author, rng) for word in text.split())
        if rng.random() < author.typos * 2:
            text = self._slip(text, rng)
        if author.no_apostrophes:
            text = re.sub(r"(?<=\w)'(?=\w)", "", text)
        if may_shout and rng.random() < author.shouts:
            return text.upper().replace("{LINK}", "{link}")
        return _cased(text, author)

    def _word(self, word: str, author: Author, rng: random.Random) -> str:
        if word.lower() in self.stretched and rng.random() < author.stretches:
            return word + word[-1] * rng.randint(1, 4)
        return word

    def _slip(self, text: str, rng: random.Random) -> str:
        """The text with one slip of the finger."""
        words = text.split()
        long = [
            n
            for n, word in enumerate(words)
            if len(word) > 4 and word.isalpha() and word.lower() not in self.spared
        ]
        if not long:
            return text
        n = rng.choice(long)
        spot = rng.randrange(1, len(words[n]) - 2)
        head, one, two, tail = words[n][:spot], words[n][spot], words[n][spot + 1], words[n][spot + 2 :]
        words[n] = head + rng.choice([two + one, two + one, two, one + one + two]) + tail
        return " ".join(words)


def _cased(text: str, author: Author) -> str:
    if author.case == "lower":
        return " ".join(word if word in SMILEYS else word.lower() for word in text.split())
    if author.case == "as written":
        return text
    text = re.sub(r"\bi\b(?!\.)", "I", text)
    text = re.sub(r"(?:^|(?<=[.?!] ))([a-z])(?![A-Z])", lambda letter: letter[1].upper(), text)
    ends_in_word = text.split()[-1].replace("'", "").isalpha() and text.split()[-1] not in SMILEYS
    return text if author.no_full_stop or not ends_in_word else text + "."
