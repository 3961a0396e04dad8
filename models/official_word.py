"""What an official account's post says of its service: that it fails, that it is well again, or nothing.

Only a broadcast counts: most posts of such an account answer one customer. Rules and no classifier: a false
admission is a false lead, and there are too few such posts to learn from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from domain.notice import OfficialState
from domain.post import Post
from models.encodings import mended
from models.folding import fold
from models.text import LONGEST, is_repost

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")

# Phrases, one a line, as patterns whose words in capitals stand for these.
_MEANT = {
    "FAILURE": r"(issues?|problems?|troubles?|outages?|errors?|difficult(y|ies)|disruptions?|incidents?"
    r"|failures?|downtime|interruptions?|delays?|slowness|degraded performance|glitch(es)?|reports)",
    "WORDS": r"([\w'-]+ ){0,4}",
    "FAILING": r"(down|unavailable|offline|not (working|loading)|(isn't|aren't) (working|loading))",
    "DONE": r"(resolved|fixed|restored|sorted|solved|repaired)",
}
_TROUBLE = r"""
looking into (it|this|that|these|things|what('s)?|why)
(still|currently|actively) (looking into|investigating)
(looking into|investigating|aware of|seeing|experiencing|having|facing) WORDSFAILURE
investigating (it|this|that|these|why)
aware (that|some|many)
(there is|there's|there are|identified|found) WORDSFAILURE
(something|things|everything)('s not| is not| isn't| are not| aren't)( quite| working)* (right|normal)
something('s gone| went| has gone) wrong
technical FAILURE
(is|are|we're) ((currently|temporarily|partially|mostly) )+FAILING
(users|customers|people|members|some|many|of you) ((may|might|are|be|currently) )*(unable|not able)
(users|customers|people|members|some|many|of you) (can't|cannot)
we know (that )?WORDSFAILING
working (hard |quickly )?on a fix
working (hard |quickly )?to (fix|resolve|restore|correct|bring|get (it|this|things|everything|you))
"""
_WELL = r"""
all clear
(back|returned|return) to normal
back (up|online|in action|in business)
up and running
(we're|it's|everything's|everything is|services are|all) back( again| now)?($|[.!,])
(working|running|operating|loading|playing) (again|normally|properly|as (normal|usual|expected))
(is|are|was|were|been|now|that's|it's|everything's|we've|have|has)( all| now| fully| just| been)* DONE
(update:? )?(resolved|fixed|solved|restored)($|[.!:,])
fix (has been|is|was|is now) (deployed|released|live|out|in place|implemented|rolled out|applied)
"""
# What makes a wish, a promise or a denial of a "fixed" behind it ...
_NOT_YET = r"""
(not|isn't|aren't|hasn't|haven't|wasn't|won't|can't|cannot|until|till|once|when|if|before|as soon as)
(will|we'll|it'll|hope|hoping|hopefully|expect|expected|trying)
to (get|have|be|bring|make|see|return|restore|fix|resolve)
(get|getting|bring|bringing) WORDSback
"""
# ... or before it.
_SHORTLY = r"""
(soon|shortly|asap|in a (few|bit|moment|while))
"""
# What denies a trouble, or makes it a condition; and what puts it into the past.
_NOT_SO = r"""
(if|whether|unless|in case|not aware|no longer|are you|is your|anyone|any of you)
(you're|you are) (having|experiencing|seeing|facing)
no (known |new |current |further )*FAILURE
"""
_PAST = r"""
(was|were|had|earlier|yesterday|last (night|week|month))
"""
_ADVICE = r"""
(having|experiencing|seeing|facing|got|need)
"""


def _any_of(lines: str, *, at_start: bool = False) -> re.Pattern[str]:
    whole = "|".join(line for line in lines.split("\n") if line)
    for name, meant in _MEANT.items():
        whole = whole.replace(name, meant)
    return re.compile(rf"{'^' if at_start else ''}(?<![\w'])({whole})(?![\w'])")


_trouble, _well = _any_of(_TROUBLE), _any_of(_WELL)
_not_yet, _shortly, _not_so, _past = map(_any_of, (_NOT_YET, _SHORTLY, _NOT_SO, _PAST))
_advice, _still = _any_of(_ADVICE, at_start=True), _any_of("(still|continue|continuing|remaining)")


def official_word(post: Post) -> OfficialState | None:
    """What a post of an official account says of its service; ``None`` for all that is no such word.

    >>> from datetime import UTC, datetime
    >>> official_word(Post("x", "1", "We are looking into it.", datetime(2026, 3, 1, tzinfo=UTC)))
    <OfficialState.TROUBLE: 'trouble'>
    """
    if post.in_reply_to is not None or post.is_repost or is_repost(post.text):
        return None
    text = mended(post.text[:LONGEST]).strip()
    if text.startswith(("@", ".@")):
        return None
    return _last_word(fold(sentence) for sentence in _SENTENCE_END.split(text))


def _last_word(sentences: Iterable[str]) -> OfficialState | None:
    """What is said last counts: who writes "fixed" below an older text has fixed it."""
    said = None
    for sentence in sentences:
        said = _word_of(sentence) or said
    return said


def _word_of(sentence: str) -> OfficialState | None:
    if sentence.endswith("?"):
        return None  # that is asked of the reader
    goes_on = _still.search(sentence) is not None
    if not goes_on and _says_well(sentence):
        return OfficialState.WELL
    if _advice.search(sentence) or _not_so.search(sentence) or (not goes_on and _past.search(sentence)):
        return None
    return OfficialState.TROUBLE if _trouble.search(sentence) else None


def _says_well(sentence: str) -> bool:
    found = _well.search(sentence)
    if found is None or _shortly.search(sentence):
        return False
    return _not_yet.search(sentence, 0, found.end()) is None
