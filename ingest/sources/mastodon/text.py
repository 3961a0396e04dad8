"""The text that a person reads in the HTML of a status."""

from __future__ import annotations

import html
import re

LONGEST_HTML = 100_000  # characters; the longest status that any known instance allows has 100,000

# The parser of the standard library raises on "<![x]>" and takes seconds for a text of many "<a ". This one
# never fails, and looks at each character once.
_TAG = re.compile(r"<(?P<end>/?)(?P<name>[a-zA-Z][a-zA-Z0-9]*)[^<>]*>|<[!?][^<>]*>")
_BREAKS = frozenset(
    {"blockquote", "br", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p"}
    | {"pre", "section", "table", "tr", "ul"}
)
_UNREAD = frozenset({"script", "style"})
_LONG_NUMBER = re.compile(r"&#\d{8,}")  # html.unescape raises on one of more than 4,300 digits
_CONTROLS = re.compile("[\0-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_BLANKS = re.compile(r"[^\S\n]+")
_LINES = re.compile(r" ?\n[ \n]*")


def text_of(content: str) -> str:
    """The text of some HTML: a line for each paragraph and line break, and links as their whole address.

    >>> text_of("<p>Is <b>it</b> down?</p><p>Here&#39;s<br>the news</p>")
    "Is it down?\\nHere's\\nthe news"
    """
    pieces: list[str] = []
    unread: str | None = None
    at = 0
    for tag in _TAG.finditer(content[:LONGEST_HTML]):
        name = (tag["name"] or "").lower()
        if unread is None:
            pieces.append(_unescaped(content[at : tag.start()]))
            pieces.append("\n" if name in _BREAKS else "")
            unread = name if name in _UNREAD and not tag["end"] else None
        elif name == unread and tag["end"]:
            unread = None
        at = tag.end()
    if unread is None:
        pieces.append(_unescaped(content[at:LONGEST_HTML]))
    return plain("".join(pieces))


def plain(text: str) -> str:
    """A text with neither control characters nor blanks without end.

    >>> plain(" a \\0  b\\r\\n\\n c ")
    'a b\\nc'
    """
    return _LINES.sub("\n", _BLANKS.sub(" ", _CONTROLS.sub("", text))).strip()


def _unescaped(piece: str) -> str:
    return html.unescape(_LONG_NUMBER.sub("\N{REPLACEMENT CHARACTER}", piece))
