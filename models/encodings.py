"""Texts that were encoded twice on their way: UTF-8 that was read as Windows-1252 and written as UTF-8."""

from __future__ import annotations

import re

# The letters of Windows-1252 beyond ASCII, and their bytes; five bytes have none and stand for themselves.
_BYTES = {bytes([byte]).decode("cp1252", "ignore") or chr(byte): byte for byte in range(0x80, 0x100)}


def _letters(low: int, high: int) -> str:
    return "[" + "".join(re.escape(letter) for letter, byte in _BYTES.items() if low <= byte < high) + "]"


_LATER = _letters(0x80, 0xC0)
_DOUBLED = re.compile(
    f"{_letters(0xC2, 0xE0)}{_LATER}|{_letters(0xE0, 0xF0)}{_LATER}{{2}}|{_letters(0xF0, 0xF5)}{_LATER}{{3}}"
)


def mended(text: str) -> str:
    """A text as it was meant; one that was encoded once stays as it is.

    >>> mended("na\\u00c3\\u00afve, caf\\u00e9")
    'naïve, café'
    """
    return text if text.isascii() else _DOUBLED.sub(_decoded, text)


def _decoded(found: re.Match[str]) -> str:
    try:
        return bytes(_BYTES[letter] for letter in found.group()).decode()
    except UnicodeDecodeError:  # it only looks like it
        return found.group()
