"""spaCy's tokens of a masked text, and the plain words they stand for."""

from __future__ import annotations

from functools import lru_cache

import spacy
from spacy.tokens import Doc

# Ways of writing one thing, so that a small corpus teaches about all of them.
_MEANT = {
    "n't": "not", "nt": "not", "ca": "can", "wo": "will", "ai": "is", "'m": "am", "'s": "is", "'ve": "have", "'re": "are", "'ll": "will",
    "cannot": "can not", "cant": "can not", "wont": "will not", "dont": "do not", "doesnt": "does not",
    "isnt": "is not", "wasnt": "was not", "didnt": "did not", "havent": "have not", "hasnt": "has not", "aint": "is not",
    "couldnt": "could not", "wouldnt": "would not", "arent": "are not", "im": "i am", "ive": "i have", "its": "it is",
    "u": "you", "ur": "your", "r": "are", "y": "why", "thx": "thanks", "thnx": "thanks", "ty": "thanks", "tyvm": "thanks",
    "thankyou": "thanks", "pls": "please", "plz": "please", "wtf": "wtf", "rn": "right now", "msg": "message",
    "msgs": "messages", "txt": "text", "txts": "texts", "app's": "app", "w/o": "without", "anybody": "anyone",
    "everybody": "everyone", "prob": "problem", "probs": "problems", "tho": "though", "cuz": "because", "bc": "because",
    "gonna": "going to", "wanna": "want to", "yall": "you all", "y'all": "you all", "ppl": "people", "hrs": "hours",
    "mins": "minutes", "min": "minutes", "omg": "omg", "2day": "today", "ios": "xdevice", "iphone": "xdevice",
    "ipad": "xdevice", "android": "xdevice", "macbook": "xdevice", "samsung": "xdevice", "pixel": "xdevice", "ps4": "xdevice",
    "ps5": "xdevice", "xbox": "xdevice", "laptop": "xdevice", "pc": "xdevice", "mac": "xdevice", "wifi": "wifi",
}  # fmt: skip
_MOST_STRINGS = 300_000  # about 60 MB; spaCy keeps every word it ever saw


class Tokenizer:
    """spaCy's tokenizer, made anew when it has seen so many words that it takes too much room.

    ``generation`` tells the users of its vocabulary when that happened. (spaCy's own ``memory_zone`` empties the
    cache of words with every batch, which makes tokenizing three times slower.)
    """

    def __init__(self, most_strings: int = _MOST_STRINGS) -> None:
        self._most_strings = most_strings
        self._nlp = spacy.blank("en")
        self.generation = 0

    def read(self, masked: str) -> Doc:
        if len(self._nlp.vocab.strings) > self._most_strings:
            self._nlp = spacy.blank("en")
            self.generation += 1
        return self._nlp.tokenizer(masked)


def words(doc: Doc) -> list[str]:
    """The words of a text, contractions opened ("can't" is "can not"), one for each way of writing it.

    >>> words(Tokenizer().read("i can't log in, its dead"))
    ['i', 'can', 'not', 'log', 'in', ',', 'it', 'is', 'dead']
    """
    found: list[str] = []
    for token in doc:
        word = token.text
        meant = _MEANT.get(word)
        if meant is not None:
            found.extend(meant.split())
        elif not word.isspace():
            found.append(word)
    return found


@lru_cache(maxsize=100_000)
def pieces(word: str) -> str:
    """The parts of a word of three to five letters, its edges marked, with a space between.

    >>> pieces("load")
    '<lo <loa <load loa load load> oad oad> ad>'
    """
    if len(word) < 4 or word[0] == "x" or not word[0].isalpha():
        return ""
    edged = f"<{word[:24]}>"
    return " ".join(
        edged[start : start + size] for start in range(len(edged) - 2) for size in (3, 4, 5) if start + size <= len(edged)
    )
