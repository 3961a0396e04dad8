"""An event's text without the words of some posts, which their authors deleted."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec


def without_texts(body: str, posts: Collection[tuple[str, str]]) -> str:
    """The event with the texts and addresses of these posts (source and id) blanked; else as it was.

    >>> body = '{"data":{"evidence":[{"source":"x","post_id":"7","text":"hi","url":null}]}}'
    >>> without_texts(body, [("x", "7")])
    '{"data":{"evidence":[{"source":"x","post_id":"7","text":"","url":null}]}}'
    """
    # Every format of an event ever sent may still be kept, so it is read as plain JSON: hence Any.
    event: dict[str, Any] = msgspec.json.decode(body)
    told = event.get("data", {}).get("evidence", ())
    theirs = [one for one in told if (one.get("source"), one.get("post_id")) in posts]
    for one in theirs:
        one.update(text="", url=None)
    return msgspec.json.encode(event).decode() if theirs else body
