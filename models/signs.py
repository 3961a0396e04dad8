"""Signs: what a mention shows beside its words (who speaks, when, in what tone), one number for each.

Each is 0 or 1, or a share between them, so that no sign outweighs the words by its scale.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

# A sign, and the words that show it; a sign may go on over several lines.
_WORDS = """
first person: i my me mine we our us myself
third person: they them people everyone users customers he she his her their some many somebody someone
second person: you your yours
failure: down broken broke crash crashes crashed crashing fail fails failing failed failure error
failure: errors stuck frozen freezes freezing lag lags lagging buffering glitch glitching glitchy
failure: dead bugged unusable offline timeout timing slow blank spinning dropped drops dropping hangs
failure: hanging hung unavailable borked busted acting trouble issue issues problem problems outage
failure: wonky rejected declined refuses kicked missing forever loop
refusal: not no never nothing none neither without nobody
now: now today currently tonight rn atm still keeps keep since suddenly again morning afternoon
now: anymore all
past: yesterday ago last earlier week month year years remember used was were had 2012 days once
future: will going gonna soon tomorrow next if when would should might
news: report reports reported reportedly users outage according breaking via confirms confirmed
news: says said announced investigating statement shares stock million status page hears hear
news: heard apparently news worldwide statuspage downdetector incident cause engineers company
news: trending article
joke: lol lmao lmfao haha hahaha imagine meanwhile rip 😂 🤣 💀 😭 meme memes rofl everybody remember
back: back fixed resolved solved sorted restored finally phew fine works working recovered normal
back: loads
thanks: thanks thank cheers appreciated appreciate love great awesome happy glad
message sent: dm dmed sent done emailed email mailed replied
wish: wish please add feature want wants would could want need bring love hope
how: how where what which who why
asking: anyone is does who why has are else just
same: same also too likewise ditto +1
device: xdevice wifi lte 4g 5g browser chrome safari firefox version update updated reinstalled
device: restarted rebooted restart reinstall app desktop web
sad: 😡 😤 😠 🙄 😩 😫 😢 😞 😑 😒 ugh wtf argh annoying ridiculous :( :/ fix come
glad: 😊 🙂 😍 ❤ 💚 🎉 👍 👏 🙏 :) ;) :d yay nice cool best
"""
_SETS: dict[str, set[str]] = {}
for _line in _WORDS.strip().split("\n"):
    _sign, _, _shown = _line.partition(": ")
    _SETS.setdefault(_sign, set()).update(_shown.split())
_MARKS = ("xurl", "xother", "xuser", "xto", "xreply", "xnum", "xcode", "?", "!", '"', "#")
# Each with the words without which it cannot stand there: asking for them first is far quicker.
_PHRASES: dict[str, tuple[str, tuple[str, ...]]] = {
    "not able": (
        "not unable",
        (
            r"\b(?:can|will|does|do|is|are|did|would|has|have) not\b",
            r"\bunable to\b",
            r"\bnot (?:working|loading|sending)\b",
        ),
    ),
    "same here": (
        "same me also too",
        (
            r"\bsame (?:problem|issue|here|thing|error)\b",
            r"\bme too\b",
            r"\b(?:also|too) (?:here|not)\b",
            r"\bhere too\b",
            r"\bsame (?:for|with) me\b",
            r"\bfor me too\b",
            r"^(?:x\w+ )*same\b",
        ),
    ),
    "is it down": (
        "is anyone just only what",
        (
            r"\bis (?:\w+ ){1,3}(?:down|broken|working|up|ok|okay)\b.*\?",
            r"\banyone else\b",
            r"\bis it (?:just|only) me\b",
            r"\bjust me\b",
            r"\bonly me\b",
            r"\bwhat is (?:going on|up|happening) with\b",
        ),
    ),
    "for me": (
        "me my",
        (
            r"\bfor me\b",
            r"\bon my\b",
            r"\bin my\b",
            r"\bmy (?:\w+ )?(?:app|account|phone|xdevice)\b",
        ),
    ),
    "back again": (
        "back again now me running solved fixed",
        (
            r"\b(?:is|are|am|and|finally|now|all) (?:\w+ )?back\b",
            r"\bback (?:up|online|to normal|again|now|in business)\b",
            r"\b(?:working|works|loads|loading|fine|fixed|normal) (?:again|now|for me)\b",
            r"\bup and running\b",
            r"\bproblem solved\b",
            r"\bfixed it\b",
        ),
    ),
    "working before": (
        "used worked working",
        (
            r"\bused to\b",
            r"\bit worked\b",
            r"\bhas been working\b",
            r"\bwas working\b",
        ),
    ),
    "how to": (
        "how way can",
        (
            r"\bhow (?:do|can|to|would|does|come)\b",
            r"\bis there (?:a|any) way\b",
            r"\bcan (?:i|you|we)\b",
        ),
    ),
    "still not": (
        "still again",
        (
            r"\bstill (?:not|down|no|is|can|broken|having|does|waiting|getting)\b",
            r"\bagain\?*$",
        ),
    ),
    "news line": (
        "breaking update report new just users customers hit",
        (
            r"^(?:breaking|update|report|new|just in)\b",
            r"\b(?:users|customers) (?:report|are|across|unable|say)\w*\b",
            r"\bhit by\b",
        ),
    ),
}
_PATTERNS = {
    sign: (frozenset(needed.split()), re.compile("|".join(patterns)))
    for sign, (needed, patterns) in _PHRASES.items()
}

SIGNS: tuple[str, ...] = (
    *_SETS,
    *_MARKS,
    *_PHRASES,
    "ends asking",
    "shouted",
    "long",
    "very short",
    "only a link",
)

_back = _PATTERNS["back again"][1]
_places: dict[str, list[int]] = {}
for _place, _of in enumerate([*_SETS.values(), *({mark} for mark in _MARKS)]):
    for _word in _of:
        _places.setdefault(_word, []).append(_place)
_marks = frozenset(_MARKS)


def signs(raw: str, words: Sequence[str]) -> list[float]:
    """The signs of one text, in the order of ``SIGNS``."""
    present = set(words)
    line = " ".join(words)
    found = [0.0] * (len(_SETS) + len(_MARKS))
    for word in present:
        for place in _places.get(word, ()):
            found[place] = 1.0
    for needed, pattern in _PATTERNS.values():
        found.append(0.0 if present.isdisjoint(needed) or not pattern.search(line) else 1.0)
    plain = len(words) - sum(map(_marks.__contains__, words))
    return [
        *found,
        1.0 if line.endswith(("?", "? xurl")) else 0.0,
        _shouted(raw),
        min(math.log1p(len(words)) / 4.0, 1.0),  # 54 words and more count as 1
        1.0 if plain <= 3 else 0.0,
        1.0 if plain == 0 and "xurl" in present else 0.0,
    ]


def says_back(words: Sequence[str]) -> bool:
    """Whether a text says in so many words that it works again."""
    return _back.search(" ".join(words)) is not None


def _shouted(raw: str) -> float:
    """The share of capitals among the letters, in its first 300 characters."""
    raw = raw[:300]
    if raw.islower():
        return 0.0
    letters = sum(map(str.isalpha, raw))
    return sum(map(str.isupper, raw)) / letters if letters > 8 else 0.0
