"""What X sends, as posts: a line of the stream, or a page of search results."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import msgspec

from domain.post import Post
from ingest.source import PostId
from ingest.sources.x.cursor import time_of

SOURCE = "x"
POST_FIELDS = ("created_at", "lang", "referenced_tweets", "note_tweet")
EXPANSIONS = ("author_id",)  # a post that is expanded, such as the one replied to, is paid for as well
LONGEST_LINE = 1_000_000  # bytes; the longest posts have 25,000 characters
AHEAD = timedelta(minutes=5)  # a clock may be wrong by so much
_APART = timedelta(minutes=1)  # the id and the time of a post tell the same second

_Id = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,19}$")]
_USERNAME = re.compile(r"[A-Za-z0-9_]{1,15}")
_ESCAPES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))  # in this order, or one would be undone twice


class _Reference(msgspec.Struct):
    type: str
    id: _Id


class _Note(msgspec.Struct):
    text: str


class _Post(msgspec.Struct):
    id: _Id
    text: str
    created_at: Annotated[datetime, msgspec.Meta(tz=True)]
    author_id: _Id | None = None
    lang: Annotated[str, msgspec.Meta(max_length=35)] | None = None
    referenced_tweets: list[_Reference] = []
    note_tweet: _Note | None = None
    edit_history_tweet_ids: list[_Id] = []


class _User(msgspec.Struct):
    id: str
    username: str


class _Includes(msgspec.Struct):
    users: list[_User] = []


class _Named(msgspec.Struct):
    id: _Id = ""


class _Message(msgspec.Struct):
    """A line of the stream; with neither post nor problem in it, it is unknown to us."""

    data: msgspec.Raw = msgspec.Raw()
    includes: msgspec.Raw = msgspec.Raw()
    errors: list[Any] = []  # Any: the problems that X has to tell come in many shapes
    title: str | None = None
    type: str | None = None


class _Meta(msgspec.Struct, frozen=True):
    next_token: str | None = None


class _Results(msgspec.Struct):
    data: list[msgspec.Raw] = []
    includes: msgspec.Raw = msgspec.Raw()
    meta: _Meta = _Meta()


class Found(msgspec.Struct):
    """The posts of a message. ``paid`` has the id of each that X counts, "" for one that it does not name."""

    posts: list[Post] = []
    withdrawn: list[PostId] = []
    unreadable: list[str] = []
    paid: list[str] = []
    next_token: str | None = None

    def __iadd__(self, other: Found) -> Found:
        self.posts += other.posts
        self.withdrawn += other.withdrawn
        self.unreadable += other.unreadable
        self.paid += other.paid
        self.next_token = other.next_token
        return self


class Problem(Exception):
    """A message of the stream tells of a problem instead of a post; ``body`` is the message."""

    def __init__(self, body: bytes) -> None:
        super().__init__("the stream tells of a problem")
        self.body = body


_message = msgspec.json.Decoder(_Message)
_results = msgspec.json.Decoder(_Results)
_includes = msgspec.json.Decoder(_Includes)
_post = msgspec.json.Decoder(_Post)
_named = msgspec.json.Decoder(_Named)
_BROKEN = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def read_line(line: bytes, now: datetime) -> Found:
    """The post in a line of the stream. Raises ``Problem``."""
    if len(line) > LONGEST_LINE:
        return Found(unreadable=[f"a line of {len(line):,} bytes is longer than any post"], paid=[""])
    try:
        message = _message.decode(line)
    except _BROKEN as error:
        why = f"a line of {len(line):,} bytes is no message of X: {_why(error)}"
        return Found(unreadable=[why], paid=[""])
    if bytes(message.data).strip() in (b"", b"null"):
        if message.errors or (message.title and message.type):
            raise Problem(line)
        return Found(unreadable=["a line holds neither a post nor a problem that X has told of"])
    return _read_posts([message.data], message.includes, now)


def read_results(body: bytes, now: datetime) -> Found:
    """The posts of one page of search results. Raises ``ValueError`` when it is no such page."""
    try:
        results = _results.decode(body)
    except _BROKEN as error:
        raise ValueError(f"the results of a search cannot be read: {_why(error)}") from None
    found = _read_posts(results.data, results.includes, now)
    found.next_token = results.meta.next_token
    return found


def _read_posts(posts: Iterable[msgspec.Raw], includes: msgspec.Raw, now: datetime) -> Found:
    found, users = Found(), _usernames(includes)
    for raw in posts:
        found.paid.append(_id_of(raw))
        try:
            post = _post.decode(raw)
            found.posts.append(_as_post(post, users, now))
        except (*_BROKEN, ValueError, OverflowError) as error:
            found.unreadable.append(f"a post cannot be read: {_why(error)}")
        else:
            # An edited post is a new one, and names those that it stands for.
            found.withdrawn += [(SOURCE, old) for old in post.edit_history_tweet_ids if old != post.id]
    return found


def _as_post(post: _Post, users: Mapping[str, str], now: datetime) -> Post:
    written_at = post.created_at.astimezone(UTC)
    named_at = time_of(int(post.id))
    if named_at > now + AHEAD:
        raise ValueError("its id lies in the future")
    if not -_APART < written_at - named_at < _APART:
        raise ValueError("its id and its time do not agree")
    username = users.get(post.author_id or "")
    refers = {reference.type: reference.id for reference in post.referenced_tweets}
    return Post(
        source=SOURCE,
        id=post.id,
        text=_plain(post.note_tweet.text if post.note_tweet else post.text),
        written_at=written_at,
        author=username.lower() if username else post.author_id,
        in_reply_to=refers.get("replied_to"),
        url=f"https://x.com/{username or 'i'}/status/{post.id}",
        lang=post.lang,
        is_repost="retweeted" in refers,
    )


def _plain(text: str) -> str:
    """The text as its author typed it: X escapes three signs."""
    if "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise ValueError("its text holds what is no character")
    for escape, sign in _ESCAPES:
        text = text.replace(escape, sign)
    return text


def _usernames(includes: msgspec.Raw) -> dict[str, str]:
    """Who has which id; nobody, where X does not tell or tells it strangely."""
    try:
        users = _includes.decode(includes).users
    except _BROKEN:
        return {}
    return {user.id: user.username for user in users if _USERNAME.fullmatch(user.username)}


def _id_of(post: msgspec.Raw) -> str:
    try:
        return _named.decode(post).id
    except _BROKEN:
        return ""


def _why(error: Exception) -> str:
    """What is wrong, without the words of the post."""
    if isinstance(error, RecursionError):
        return "too many brackets inside each other"
    if isinstance(error, UnicodeDecodeError):
        return "it is no UTF-8"
    return str(error)[:200]
