"""spaCy's tokens of a masked text, and the plain words they stand for."""

from __future__ import annotations

import spacy
from spacy.attrs import ORTH
from spacy.tokens import Doc

from models.folding import runs_on

# Ways of writing one thing, so that a small corpus teaches about all of them. What is meant stands first.
_SPELLINGS = """
not: n't nt
can: ca
will: wo 'll
is: ai 's
am: 'm
have: 've
are: 're r
can not: cannot cant
will not: wont
do not: dont
does not: doesnt
is not: isnt aint
was not: wasnt
did not: didnt
have not: havent
has not: hasnt
could not: couldnt
would not: wouldnt
are not: arent
i am: im
i have: ive
it is: its
you: u
your: ur
why: y
thanks: thx thnx ty tyvm thankyou
please: pls plz
right now: rn
message: msg
messages: msgs
text: txt
texts: txts
app: app's
without: w/o
anyone: anybody
everyone: everybody
problem: prob
problems: probs
though: tho
because: cuz bc
going to: gonna
want to: wanna
you all: yall y'all
people: ppl
hours: hrs
minutes: mins min
today: 2day
xdevice: ios iphone ipad android macbook samsung pixel ps4 ps5 xbox laptop pc mac
"""
_MEANT = {
    spelling: meant.split()
    for meant, _, spellings in (line.partition(": ") for line in _SPELLINGS.split("\n"))
    for spelling in spellings.split()
}
_LONGEST_RUN = 200  # signs of a script without spaces that are looked at
_MOST_WORDS = 300_000  # about 60 MB; spaCy keeps every word it ever saw


class Tokenizer:
    """spaCy's tokenizer, made anew when it has seen so many words that it takes too much room.

    ``generation`` tells the users of its vocabulary when that happened. (spaCy's own ``memory_zone`` empties
    the cache of words with every batch, which makes tokenizing three times slower.)
    """

    def __init__(self, most_words: int = _MOST_WORDS) -> None:
        self._most_words = most_words
        self.generation = -1
        self._begin()

    def read(self, masked: str) -> Doc:
        if len(self._nlp.vocab.strings) > self._full_at:
            self._begin()
        return self._nlp.tokenizer(masked)

    def words(self, doc: Doc) -> list[str]:
        """The words of a text, contractions opened ("can't" is "can not"), one for each way of writing it.

        >>> tokenizer = Tokenizer()
        >>> tokenizer.words(tokenizer.read("i can't log in, its dead"))
        ['i', 'can', 'not', 'log', 'in', ',', 'it', 'is', 'dead']
        """
        found: list[str] = []
        for key in doc.to_array(ORTH).tolist():
            opened = self._opened.get(key)
            if opened is None:
                opened = self._opened[key] = _open(doc.vocab.strings[key])
            found += opened
        return found

    def _begin(self) -> None:
        self._nlp = spacy.blank("en")
        self._opened: dict[int, list[str]] = {}  # by spaCy's key of the word
        self._full_at = len(self._nlp.vocab.strings) + self._most_words
        self.generation += 1


def _open(word: str) -> list[str]:
    return _MEANT.get(word) or word.split()


def pieces(word: str) -> list[str]:
    """The parts of a word of three to five letters, its edges marked.

    Where a script runs on without spaces, a word is half a sentence, and its parts are of one to four signs.

    >>> pieces("load")
    ['<lo', '<loa', '<load', 'loa', 'load', 'load>', 'oad', 'oad>', 'ad>']
    >>> pieces("重い")
    ['重', '重い', 'い']
    """
    if runs_on(word):
        return [
            word[start : start + size]
            for start in range(min(len(word), _LONGEST_RUN))
            for size in (1, 2, 3, 4)
            if start + size <= len(word)
        ]
    if len(word) < 4 or word[0] == "x" or not word[0].isalpha():
        return []
    edged = f"<{word[:24]}>"
    return [
        edged[start : start + size]
        for start in range(len(edged) - 2)
        for size in (3, 4, 5)
        if start + size <= len(edged)
    ]
