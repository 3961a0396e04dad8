"""Real posts: public data sets that lie beside the repository, joined with our labels of them.

The posts are not ours to pass on. Whoever has them names their folder, which holds ``labels/NAME.jsonl.gz``
for the data sets and ``streams/NAME.jsonl.gz`` for the streams; what each post is stands in ``data/labels``.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from domain.mention import Kind

LABELS = Path(__file__).parent.parent / "data" / "labels"
DATA_SETS = (
    "airline_dfe_2015", "apple_dfe_2014", "complaints_acl19", "ibm_care_2020", "sanders_2011", "semeval2017",
)  # fmt: skip
STREAMS = ("spotify_2017", "apple_quiet_2018")
RATED = "complaints_acl19"  # whose authors say of each post whether it complains
TALKS = "ibm_care_2020"  # conversations with support accounts

Half = Literal["development", "test"]


class RealPostsError(ValueError):
    """Real posts or labels that cannot be read; the sentence names the file, the line and the mend."""


class RealPost(msgspec.Struct, frozen=True):
    """One post of a data set. ``id`` is its own, or its place in the file, from 0.

    In conversations it is a customer's turn; the first has the conversation's place, later ones theirs in it
    too (``12.2``).
    """

    set: str
    id: str
    text: str
    in_reply_to: str | None = None


class RealLabel(msgspec.Struct, frozen=True):
    """What a real post is, for the service it speaks about.

    ``service`` need not be in the catalogue; ``None`` says that it speaks about none. ``unsure``: two honest
    people could differ.
    """

    post: RealPost
    kind: Kind
    service: str | None
    lang: str = "en"
    unsure: bool = False


class RatedPost(msgspec.Struct, frozen=True):
    """A post whose data set says whether it complains (of anything), and about which trade."""

    post: RealPost
    complains: bool
    domain: str


class _Post(msgspec.Struct):
    text: str
    id: str | None = None
    in_reply_to: str | None = None


class _Turn(msgspec.Struct):
    role: str
    text: str


class _Talk(msgspec.Struct):
    turns: tuple[_Turn, ...]


class _Rated(msgspec.Struct):
    text: str
    complaint: Literal[0, 1]
    domain: str


class _Verdict(msgspec.Struct):
    set: str
    id: str
    kind: Kind
    service: str | None
    lang: str = "en"
    unsure: bool = False
    half: Half | None = None


Line = TypeVar("Line")


def read_texts(data: Path, name: str) -> list[RealPost]:
    """Every post of a data set or a stream, in the file's order."""
    file = _file_of(data, name)
    if name == TALKS:
        return [
            RealPost(name, f"{place}.{turn}" if turn else str(place), said.text)
            for place, talk in enumerate(_lines(file, _Talk))
            for turn, said in enumerate(talk.turns)
            if said.role == "client"
        ]
    return [
        RealPost(name, one.id if one.id is not None else str(place), one.text, one.in_reply_to)
        for place, one in enumerate(_lines(file, _Post))
    ]


def labelled_posts(data: Path, names: Collection[str], *, half: Half | None = None) -> list[RealLabel]:
    """The posts of these data sets and streams that we labelled; ``half`` is of streams."""
    posts = {(post.set, post.id): post for name in names for post in read_texts(data, name)}
    wanted = [one for one in _verdicts() if one.set in names and half in (None, one.half)]
    if lost := [one for one in wanted if (one.set, one.id) not in posts]:
        raise RealPostsError(
            f"{_file_of(data, lost[0].set)} has no post {lost[0].id}, which is labelled (nor {len(lost) - 1} "
            "others): it is another edition of the data set than the one that was labelled"
        )
    return [RealLabel(posts[one.set, one.id], one.kind, one.service, one.lang, one.unsure) for one in wanted]


def rated_posts(data: Path) -> list[RatedPost]:
    """Every post of ``complaints_acl19`` with its authors' verdict (Preotiuc-Pietro et al., ACL 2019)."""
    return [
        RatedPost(RealPost(RATED, str(place), one.text), one.complaint == 1, one.domain)
        for place, one in enumerate(_lines(_file_of(data, RATED), _Rated))
    ]


def _file_of(data: Path, name: str) -> Path:
    return data / ("streams" if name in STREAMS else "labels") / f"{name}.jsonl.gz"


def _verdicts() -> Iterator[_Verdict]:
    for name in ("datasets.jsonl", "streams.jsonl"):
        yield from _lines(LABELS / name, _Verdict)


def _lines(file: Path, sort: type[Line]) -> Iterator[Line]:
    decoder = msgspec.json.Decoder(sort)
    for number, line in enumerate(_unpacked(file).splitlines(), start=1):
        try:
            yield decoder.decode(line)
        except msgspec.DecodeError as problem:
            raise RealPostsError(f"{file}, line {number}: {problem}") from problem


def _unpacked(file: Path) -> bytes:
    try:
        packed = file.read_bytes()
        return gzip.decompress(packed) if file.suffix == ".gz" else packed
    except (gzip.BadGzipFile, EOFError, zlib.error) as problem:
        raise RealPostsError(f"{file} is no whole gzip file: fetch it again") from problem
    except OSError as problem:
        raise RealPostsError(
            f"cannot read {file}: {problem.strerror}; the folder of the data must hold labels/ and streams/, "
            "with a NAME.jsonl.gz for each data set"
        ) from problem
