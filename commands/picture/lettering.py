"""How much room words take. Nobody knows the reader's font, so the widths are generous guesses."""

from __future__ import annotations

import unicodedata

NARROW, PLAIN, CAPITAL, WIDE = 0.36, 0.6, 0.74, 1.1  # of the size, as in the widest of the fonts we name
BOLD = 1.1


def width_of(words: str, size: int, *, bold: bool = False) -> float:
    """The pixels that words take on a line, rather too many than too few.

    >>> width_of("ill", 10) < width_of("oxx", 10) < width_of("WWW", 10) < width_of("日本語", 10)
    True
    """
    return size * sum(map(_share, words)) * (BOLD if bold else 1.0)


def fitting(words: str, size: int, room: float, *, bold: bool = False) -> str:
    """The words, cut short to fit into so many pixels.

    >>> fitting("spotify", 10, 30), fitting("ok", 10, 30)
    ('sp…', 'ok')
    """
    if width_of(words, size, bold=bold) <= room:
        return words
    while words and width_of(words + "…", size, bold=bold) > room:
        words = words[:-1]
    return words.rstrip() + "…"


def _share(letter: str) -> float:
    if letter in " .,:;'|!()[]ijlftrI-":
        return NARROW + 0.06 if letter in "ftr-()" else NARROW
    if letter.isascii():
        return CAPITAL + 0.2 * (letter in "MWm%@") if letter.isupper() or letter in "mw%@" else PLAIN + 0.04
    return WIDE if unicodedata.east_asian_width(letter) in "WF" or not letter.isalpha() else CAPITAL
