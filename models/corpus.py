"""The training corpus: posts written for this project, each with its service, kind and symptoms."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from domain.mention import Kind, Symptom

CORPUS = Path(__file__).parent.parent / "data" / "corpus"
CORE = CORPUS.with_name("core")


class CorpusError(ValueError):
    """A corpus that cannot be read; the sentence names the file, the line and the mend."""


class LabelledPost(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One post of the corpus. Posts of one ``pair`` differ in little but their kind, and stay together.

    ``lang`` is the language it is written in, as ISO 639-1 has it.
    """

    id: str
    text: str
    service: str
    kind: Kind
    symptoms: tuple[Symptom, ...] = ()
    pair: str | None = None
    lang: str = "en"
    file: str = ""  # the file it stands in; set by the reader


def read_corpus(folder: Path) -> list[LabelledPost]:
    """Every post of the folder's ``*.jsonl`` files, by file name, then in their order."""
    posts = [post for path in sorted(folder.glob("*.jsonl")) for post in _posts_in(path)]
    if not posts:
        raise CorpusError(
            f"{folder} holds no posts: it must hold *.jsonl files with id, text, service and kind"
        )
    _refuse_twins(posts)
    return posts


def read_core() -> list[LabelledPost]:
    """The frozen core set: posts written like those of the corpus, on which no model is ever trained."""
    return read_corpus(CORE)


def _posts_in(path: Path) -> Iterable[LabelledPost]:
    decoder = msgspec.json.Decoder(LabelledPost)
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        if line.strip():
            try:
                yield msgspec.structs.replace(decoder.decode(line), file=path.name)
            except UnicodeDecodeError as problem:
                raise CorpusError(
                    f"{path.name}, line {number}: is not UTF-8; save the file as UTF-8"
                ) from problem
            except msgspec.DecodeError as problem:
                raise CorpusError(f"{path.name}, line {number}: {problem}") from problem


def _refuse_twins(posts: Iterable[LabelledPost]) -> None:
    seen: dict[str, str] = {}
    for post in posts:
        if post.id in seen:
            raise CorpusError(
                f"{post.file}: the id {post.id!r} stands in {seen[post.id]} too; give one a new id"
            )
        seen[post.id] = post.file
