"""Authors by a keyed hash: the same author is known again, and nobody learns who it is."""

from __future__ import annotations

from hashlib import blake2b

from domain.post import Post

_SIZE = 8  # bytes: among a million authors, two share a pseudonym with a chance of 1 in 37 million
_SHORTEST_KEY, _LONGEST_KEY = 16, 64


class Pseudonyms:
    """Pseudonyms under one secret key of 16 to 64 bytes. Another key gives others.

    >>> names = Pseudonyms(b"0123456789abcdef")
    >>> names.hide("mastodon", "ann") == names.hide("mastodon", "ann")
    True
    """

    def __init__(self, key: bytes) -> None:
        if not _SHORTEST_KEY <= len(key) <= _LONGEST_KEY:
            raise ValueError(f"the key for pseudonyms has {len(key)} bytes; 16 to 64 are needed")
        self._author = blake2b(key=key, digest_size=_SIZE, person=b"author")
        self._post = blake2b(key=key, digest_size=_SIZE, person=b"post")

    def hide(self, source: str, author: str) -> str:
        """The pseudonym of an author of a source: 16 hexadecimal digits."""
        return _digest(self._author, source, author).hex()

    def of(self, post: Post) -> bytes:
        """Eight bytes for a post's author; a post without one counts as its own author."""
        if post.author is None:
            return _digest(self._post, post.source, post.id)
        return _digest(self._author, post.source, post.author)


def _digest(keyed: blake2b, source: str, name: str) -> bytes:
    hashed = keyed.copy()
    first = source.encode("utf-8", "surrogatepass")
    # The length keeps "ab" + "c" apart from "a" + "bc".
    hashed.update(len(first).to_bytes(4, "big") + first + name.encode("utf-8", "surrogatepass"))
    return hashed.digest()
