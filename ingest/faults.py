"""What is wrong with a line, said so that its writer can mend it."""

from __future__ import annotations

import json
import re

import msgspec

LONGEST_LINE = 1_000_000  # bytes

_SHOWN = 40  # characters of a wrong value that are repeated
_TIME = "write it like 2012-11-18T20:03:11Z"
_PATH = re.compile(r" - at `\$\.(\w+)`$")
_MISSING = re.compile(r"Object missing required field `(\w+)`")
_GOT = re.compile(r"Expected `([^`]+)`, got `(\w+)`")
_BOUND = re.compile(r"Expected `str` of length (>=|<=) (\d+)")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_WORDS = {
    "str": "a text",
    "int": "a whole number",
    "float": "a number with a fraction",
    "bool": "true or false",
    "datetime": "a time",
    "null": "null",
    "array": "a list",
    "object": "an object",
}


class BadLine(msgspec.Struct, frozen=True):
    """One line that could not be used: its number (from 1), the field at fault if it is one, and why.

    >>> str(BadLine(17, "text", "is missing"))
    'line 17: text: is missing'
    """

    number: int
    field: str | None
    why: str

    def __str__(self) -> str:
        place = f"line {self.number}: " + (f"{self.field}: " if self.field else "")
        return place + " ".join(self.why.split())


class RecordingError(Exception):
    """A recording cannot be used. The message is a sentence for whoever named it."""


class LineRefused(RecordingError):
    """A line cannot be used; ``bad`` says which, where and why."""

    def __init__(self, bad: BadLine) -> None:
        super().__init__(str(bad))
        self.bad = bad


def refuse(number: int, field: str | None, why: str) -> LineRefused:
    """The exception to raise for a line that is at fault."""
    return LineRefused(BadLine(number, field, why))


def refuse_undecoded(number: int, raw: bytes, error: Exception) -> LineRefused:
    """The exception to raise for a line that msgspec could not decode."""
    if isinstance(error, msgspec.ValidationError):
        return refuse(number, *_misfit(raw, str(error)))
    return refuse(number, None, _no_json(raw, error))


def refuse_unstorable(number: int, line: msgspec.Struct) -> None:
    """Raise for what JSON can spell, but no database or UTF-8 text can hold."""
    for field in line.__struct_fields__:
        value = getattr(line, field)
        if not isinstance(value, str):
            continue
        if "\0" in value:
            raise refuse(number, field, "holds a NUL character (\\u0000); leave it out")
        if any("\ud800" <= sign <= "\udfff" for sign in value):
            raise refuse(number, field, "holds half of a surrogate pair; write the character itself")


def shown(value: object) -> str:
    """A wrong value as JSON, on one line, its tail cut off.

    >>> shown("yesterday")
    '"yesterday"'
    """
    text = json.dumps(value, ensure_ascii=False)
    text = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text[: _SHOWN + 1])
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."


def _no_json(raw: bytes, error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "is no UTF-8; save the recording as UTF-8"
    if isinstance(error, RecursionError):
        return "has too many brackets inside each other"
    if _SURROGATE.search(raw):
        return "holds half of a surrogate pair (\\ud800 to \\udfff); write the character itself"
    start = shown(raw[: 2 * _SHOWN].decode("utf-8", "replace"))
    detail = str(error).removeprefix("JSON is malformed: ")
    return f"{start} is no JSON ({detail}); write one object a line"


def _misfit(raw: bytes, message: str) -> tuple[str | None, str]:
    """The field at fault, and why, from msgspec's message and the line itself."""
    if missing := _MISSING.match(message):
        return missing[1], "is missing"
    path = _PATH.search(message)
    if path is None:
        got = _GOT.match(message)
        kind = _WORDS.get(got[2], got[2]) if got else "something else"
        return None, f"is {kind}; write one object a line, in curly brackets"
    return path[1], _wrong_value(_value(raw, path[1]), message[: path.start()])


def _value(raw: bytes, field: str) -> object:
    try:
        return msgspec.json.decode(msgspec.json.decode(raw, type=dict[str, msgspec.Raw])[field])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, KeyError):
        return msgspec.UNSET  # a value that cannot be shown is described by msgspec's message alone


def _wrong_value(value: object, message: str) -> str:
    if bound := _BOUND.match(message):
        if bound[1] == ">=":
            return "is empty"
        length = len(value) if isinstance(value, str) else "more"
        return f"has {length} characters; at most {bound[2]} are allowed"
    if "timezone" in message:
        return f"{_shown(value)} names no time zone; add Z for UTC, or an offset like +01:00"
    if "RFC3339" in message:
        return f"{_shown(value)} is no time; {_TIME}"
    if got := _GOT.match(message):
        if "datetime" in got[1]:
            return f"{_shown(value)} is no time; {_TIME}"
        return f"{_shown(value)} cannot stand here; write {_choice(got[1])}"
    if "enum value" in message:
        return f"{_shown(value)} is not one of the words that may stand here"
    return f"{_shown(value)} cannot be used ({message[:100]})"


def _shown(value: object) -> str:
    return "this" if value is msgspec.UNSET else shown(value)


def _choice(types: str) -> str:
    """Msgspec's name for a type, in words.

    >>> _choice("int | str")
    'a text or a whole number'
    """
    names = types.split(" | ")
    return " or ".join(words for name, words in _WORDS.items() if name in names) or types
