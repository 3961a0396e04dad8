"""What X must look for to find the posts that name a service: the pieces of which its rules are made.

X compares words. It splits a text at every sign that is no letter or digit, # and @ included, and knows no
difference of case: the word ``spotify`` finds "@Spotify" and "#spotify" too. A text in quotes is a phrase.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from domain.service import NeedsCompany, Service

_NAME = "~"  # stands for the name itself in the company of an everyday word: "is ~ down"
_FAILING = ("", "down", "isdown", "outage")  # what people add to a name to make a hashtag of it
_USERNAME = re.compile(r"[a-z0-9_]{1,15}")
_OPERATORS = ("and", "not", "or")
_SPOILS_QUOTES = re.compile(r'["\u201c\u201d\u201e\u201f\\\x00-\x1f]+')
_WORDS = re.compile(r"[^\W_]+")
_SHORTENED = re.compile(r"\b(ai|are|ca|could|did|do|does|had|has|have|is|should|was|were|wo|would)nt\b")


def clauses_of(service: Service, longest: int) -> tuple[list[str], list[str]]:
    """The clauses that find a service, each of at most ``longest`` characters; and those that are longer.

    A clause is a word, a phrase, a hashtag, an account, or an everyday word with its company.
    """
    names = _without_longer(_term_text(alias) for alias in service.aliases)
    clauses = [_quoted(name) for name in names]
    # A reply holds the accounts that it answers, so @ finds what to: would. What an account that speaks for
    # the service says is of the service, whether it names it or not.
    clauses += [_account(handle) for handle in (*service.handles, *service.handles_official)]
    clauses += [f"from:{handle}" for handle in service.handles_official if _USERNAME.fullmatch(handle)]
    clauses += [tag for written in service.hashtags for tag in _tags(written)]
    clauses += [tag for alias in service.aliases for ending in _FAILING for tag in _tags(alias, ending)]
    for needy in service.needs_company:
        clauses += _in_company(needy, names, longest)
    found = frozenset(clauses)
    wanted = [
        clause
        for clause in dict.fromkeys(clauses)
        # The word alone finds the hashtag and the account.
        if clause and not (clause[0] in "@#" and clause[1:] in found)
    ]
    return [one for one in wanted if len(one) <= longest], [one for one in wanted if len(one) > longest]


def _term_text(name: str) -> str:
    """A name without the signs that would end a quotation."""
    return " ".join(_SPOILS_QUOTES.sub(" ", name).split())


def _quoted(text: str) -> str:
    """A word as it is, and anything else as a phrase.

    >>> [_quoted(text) for text in ("spotify", "apple music", "t-mobile", "or", "!")]
    ['spotify', '"apple music"', '"t-mobile"', '"or"', '']
    """
    if not _WORDS.search(text):
        return ""
    return text if text.isalnum() and text not in _OPERATORS else f'"{text}"'


def _account(handle: str) -> str:
    """Those who speak to an account; of a name that X does not allow, those who say it."""
    return f"@{handle}" if _USERNAME.fullmatch(handle) else _quoted(_term_text(handle))


def _tags(name: str, ending: str = "") -> list[str]:
    """The hashtag that is made of a name, if there can be one: X has none without a letter.

    >>> _tags("apple music", "down"), _tags("1.1.1.1")
    (['#applemusicdown'], [])
    """
    tag = re.sub(r"\W", "", name) + ending
    return [f"#{tag}"] if any(sign.isalpha() for sign in tag) else []


def _in_company(needy: NeedsCompany, names: Sequence[str], longest: int) -> Iterator[str]:
    """An everyday word beside its company, and the phrases that hold it and are company enough."""
    word = _term_text(needy.word)
    if not _WORDS.search(word) or any(_holds(word, name) for name in names):
        return
    beside, phrases = _company(needy.company, word)
    alone = {text for text in beside if text.isalnum()}
    own = set(_WORDS.findall(word))
    told = [text for text in phrases if alone.isdisjoint(set(_WORDS.findall(text)) - own)]
    yield from (_quoted(text) for text in _without_longer(told, found_already=names))
    heads = [_quoted(word), *(tag for tag in _tags(word) if tag[1:] not in (word, *names))]
    head = heads[0] if len(heads) == 1 else f"({' OR '.join(heads)})"
    for some in _in_reach([_quoted(text) for text in _without_longer(beside)], longest - len(head) - 5):
        yield f"({head} {some[0]})" if len(some) == 1 else f"({head} ({' OR '.join(some)}))"


def _company(company: Iterable[str], word: str) -> tuple[list[str], list[str]]:
    """Of a company what may stand anywhere beside the word, and what holds the word itself."""
    beside: list[str] = []
    phrases: list[str] = []
    for written in company:
        for spelling in _spellings(_term_text(written.replace(_NAME, word))):
            if _holds(spelling, word) and spelling != word:
                phrases.append(spelling)
            elif _WORDS.search(spelling) and not _holds(word, spelling):  # no name is company to itself
                beside.append(spelling)
    return beside, phrases


def _spellings(text: str) -> list[str]:
    """A phrase with and without the apostrophes that many leave out: X takes "won't" for two words.

    >>> [_spellings(text) for text in ("it won't load", "cant reach", "target's app")]
    [["it won't load", 'it wont load'], ["can't reach", 'cant reach'], ["target's app"]]
    """
    without = text.replace("n't", "nt")
    return list(dict.fromkeys([_SHORTENED.sub(r"\1n't", without), without]))


def _without_longer(texts: Iterable[str], found_already: Iterable[str] = ()) -> list[str]:
    """The texts that hold none of the others: who is found by "icloud" is not looked for by "icloud drive".

    >>> _without_longer(["icloud drive", "icloud", "icloudy", "icloud"])
    ['icloud', 'icloudy']
    """
    shorter = {_run(text) for text in found_already}
    kept: list[str] = []
    for text in sorted(dict.fromkeys(texts), key=len):
        if shorter.isdisjoint(_runs(text)):
            shorter.add(_run(text))
            kept.append(text)
    return kept


def _holds(text: str, part: str) -> bool:
    """Whether a text holds another that neither begins nor ends inside of a word."""
    return _run(part) in _runs(text)


_Run = tuple[str, ...]


def _run(text: str) -> _Run:
    """A text as its words and the signs between them.

    >>> _run("at&t u-verse")
    ('at', '&', 't', ' ', 'u', '-', 'verse')
    """
    return tuple(re.findall(r"\w+|\s+|[^\w\s]", text))


def _runs(text: str) -> set[_Run]:
    """Every run of words and signs within a text, itself included."""
    parts = _run(text)
    return {parts[start:end] for start in range(len(parts)) for end in range(start + 1, len(parts) + 1)}


def _in_reach(terms: Sequence[str], longest: int) -> Iterator[list[str]]:
    """The terms in as few groups as possible that, joined by OR, are no longer than ``longest``."""
    some: list[str] = []
    length = 0
    for term in terms:
        if some and length + len(" OR ") + len(term) > longest:
            yield some
            some, length = [], 0
        length += len(term) + (len(" OR ") if some else 0)
        some.append(term)
    if some:
        yield some
