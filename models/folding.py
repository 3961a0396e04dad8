"""Text in the one form in which names are looked for."""

from __future__ import annotations

import re
import unicodedata

# Thai, Lao, Khmer, Kana, Han and Hangul run on without spaces: "iMessageが送れない" names iMessage.
RUN_ON = "\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uac00-\ud7af"
_FIRST_RUN_ON = RUN_ON[0]
_RUNS_ON = re.compile(f"[{RUN_ON}]")
_WORDS = re.compile(rf"[^\W{RUN_ON}]+")
# Apostrophes as people's devices write them; marks that NFKC would write as letters ("SpotifyTM"); and
# characters without width. One replace each is several times as fast as one str.translate.
_REPLACED = (
    *((apostrophe, "'") for apostrophe in "\u2018\u2019\u02bc"),
    *((mark, " ") for mark in "\u2120\u2122"),
    *((unseen, "") for unseen in "\u00ad\u200b"),
)


def fold(text: str) -> str:
    """The text without differences of case, width, apostrophes or white space.

    >>> fold("\\uff29Message isn\\u2019t\\u00a0 sending")
    "imessage isn't sending"
    """
    folded = text.lower() if text.isascii() else _fold_wide(text)
    # Splitting every post would cost more than looking for the names does.
    if "  " in folded or "\n" in folded or "\t" in folded:
        return " ".join(folded.split())
    return folded


def _fold_wide(text: str) -> str:
    for char, instead in _REPLACED:
        text = text.replace(char, instead)
    return unicodedata.normalize("NFKC", text).casefold()


def goes_on(char: str) -> bool:
    """Whether a word that stands beside this character goes on in it.

    >>> [goes_on(char) for char in "aé_9'-が "]
    [True, True, True, True, False, False, False, False]
    """
    if char < _FIRST_RUN_ON:
        return char.isalnum() or char == "_"
    return char.isalnum() and _RUNS_ON.match(char) is None


def runs_on(text: str) -> bool:
    """Whether any of it is in a script that runs on without spaces.

    >>> [runs_on(text) for text in ("LINE down", "LINE落ちてる")]
    [False, True]
    """
    return not text.isascii() and _RUNS_ON.search(text) is not None


def words(folded: str) -> frozenset[str]:
    """All words of a folded text; a handle's and a hashtag's word is one of them."""
    return frozenset(_WORDS.findall(folded))
