"""Signs: what a mention shows beside its words (who speaks, when, in what tone), one number for each.

Each is 0 or 1, or a share between them, so that no sign outweighs the words by its scale.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

_WORDS = {
    "first person": "i my me mine we our us myself",
    "third person": "they them people everyone users customers he she his her their some many somebody someone",
    "second person": "you your yours",
    "failure": "down broken broke crash crashes crashed crashing fail fails failing failed failure error errors stuck "
    "frozen freezes freezing lag lags lagging buffering glitch glitching glitchy dead bugged unusable offline timeout "
    "timing slow blank spinning dropped drops dropping hangs hanging hung unavailable borked busted acting trouble "
    "issue issues problem problems outage wonky rejected declined refuses kicked missing forever loop",
    "refusal": "not no never nothing none neither without nobody",
    "now": "now today currently tonight rn atm still keeps keep since suddenly again morning afternoon anymore all",
    "past": "yesterday ago last earlier week month year years remember used was were had 2012 days once",
    "future": "will going gonna soon tomorrow next if when would should might",
    "news": "report reports reported reportedly users outage according breaking via confirms confirmed says said "
    "announced investigating statement shares stock million status page hears hear heard apparently news worldwide "
    "statuspage downdetector incident cause engineers company trending article",
    "joke": "lol lmao lmfao haha hahaha imagine meanwhile rip 😂 🤣 💀 😭 meme memes rofl everybody remember",
    "back": "back fixed resolved solved sorted restored finally phew fine works working recovered normal loads",
    "thanks": "thanks thank cheers appreciated appreciate love great awesome happy glad",
    "message sent": "dm dmed sent done emailed email mailed replied",
    "wish": "wish please add feature want wants would could want need bring love hope",
    "how": "how where what which who why",
    "asking": "anyone is does who why has are else just",
    "same": "same also too likewise ditto +1",
    "device": "xdevice wifi lte 4g 5g browser chrome safari firefox version update updated reinstalled restarted "
    "rebooted restart reinstall app desktop web",
    "sad": "😡 😤 😠 🙄 😩 😫 😢 😞 😑 😒 ugh wtf argh annoying ridiculous :( :/ fix come",
    "glad": "😊 🙂 😍 ❤ 💚 🎉 👍 👏 🙏 :) ;) :d yay nice cool best",
}
_SETS = {sign: frozenset(words.split()) for sign, words in _WORDS.items()}
_MARKS = ("xurl", "xother", "xuser", "xto", "xreply", "xnum", "xcode", "?", "!", '"', "#")
_PHRASES = {
    "not able": r"\b(?:can|will|does|do|is|are|did|would|has|have) not\b|\bunable to\b|\bnot (?:working|loading|sending)\b",
    "same here": r"\bsame (?:problem|issue|here|thing|error)\b|\bme too\b|\b(?:also|too) (?:here|not)\b|\bhere too\b|"
    r"\bsame (?:for|with) me\b|\bfor me too\b|^(?:x\w+ )*same\b",
    "is it down": r"\bis (?:\w+ ){1,3}(?:down|broken|working|up|ok|okay)\b.*\?|\banyone else\b|\bis it (?:just|only) me\b|"
    r"\bjust me\b|\bonly me\b|\bwhat is (?:going on|up|happening) with\b",
    "for me": r"\bfor me\b|\bon my\b|\bin my\b|\bmy (?:\w+ )?(?:app|account|phone|xdevice)\b",
    "back again": r"\b(?:is|are|am|and|finally|now|all) (?:\w+ )?back\b|\bback (?:up|online|to normal|again|now|in business)\b|"
    r"\b(?:working|works|loads|loading|fine|fixed|normal) (?:again|now|for me)\b|\bup and running\b|\bproblem solved\b|\bfixed it\b",
    "working before": r"\bused to\b|\bit worked\b|\bhas been working\b|\bwas working\b",
    "how to": r"\bhow (?:do|can|to|would|does|come)\b|\bis there (?:a|any) way\b|\bcan (?:i|you|we)\b",
    "still not": r"\bstill (?:not|down|no|is|can|broken|having|does|waiting|getting)\b|\bagain\?*$",
    "news line": r"^(?:breaking|update|report|new|just in)\b|\b(?:users|customers) (?:report|are|across|unable|say)\w*\b|\bhit by\b",
}
_PHRASE_PATTERNS = {sign: re.compile(pattern) for sign, pattern in _PHRASES.items()}

SIGNS: tuple[str, ...] = (*_SETS, *_MARKS, *_PHRASES, "ends asking", "shouted", "long", "very short", "only a link")

_back = _PHRASE_PATTERNS["back again"]
_marks = frozenset(_MARKS)


def signs(raw: str, words: Sequence[str]) -> list[float]:
    """The signs of one text, in the order of ``SIGNS``."""
    present = set(words)
    line = " ".join(words)
    found = [0.0 if present.isdisjoint(chosen) else 1.0 for chosen in _SETS.values()]
    found += [1.0 if mark in present else 0.0 for mark in _MARKS]
    found += [1.0 if pattern.search(line) else 0.0 for pattern in _PHRASE_PATTERNS.values()]
    plain = len(words) - sum(word in _marks for word in words)
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
    letters = [letter for letter in raw[:300] if letter.isalpha()]
    return sum(letter.isupper() for letter in letters) / len(letters) if len(letters) > 8 else 0.0
