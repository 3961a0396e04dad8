"""The training corpus and the frozen core are well-formed, large enough, and say nothing twice."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path

import msgspec
import pytest

from domain.mention import KINDS, Kind
from models.catalogue import SHIPPED, Catalogue, load_catalogue
from models.corpus import CORE, LabelledPost, read_core, read_corpus
from models.languages import READ

CORPUS = Path(__file__).parents[2] / "data" / "corpus"
FILES = sorted([*CORPUS.glob("*.jsonl"), *CORE.glob("*.jsonl")])
# The core measures models of years apart with one yardstick: whoever must change it changes what every
# figure of the past was measured by, and says so in docs/decisions/.
FROZEN = "649b4b0e80c1950817919354199c6cadde93ab80c9a50e5f9f1e4e0ee6095beb"
FIELDS = {"id", "text", "service", "kind", "symptoms", "pair", "lang"}
ALIKE = 0.7  # share of common pieces from which two texts count as one

_TOKEN = re.compile(r"\w+|\?")
_ADDRESS = re.compile(r"https?://\S+|@\w+")


@cache
def posts() -> tuple[LabelledPost, ...]:
    return tuple(read_corpus(CORPUS))


@cache
def core() -> tuple[LabelledPost, ...]:
    return tuple(read_core())


@cache
def catalogue() -> Catalogue:
    return load_catalogue(SHIPPED)


@cache
def names_of(service: str) -> re.Pattern[str]:
    known = catalogue().services[service]
    names = {known.name.casefold(), *known.aliases, *(needed.word for needed in known.needs_company)}
    either = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{either})(?!\w)")


def pieces(post: LabelledPost) -> frozenset[str]:
    """The five-letter pieces of a text without its service's names, handles, links and punctuation but "?".

    Letters, because half of the posts have under nine words: one changed word would hide a copy from
    sets of three words.
    """
    masked = names_of(post.service).sub("x", _ADDRESS.sub("x", post.text.casefold()))
    line = f" {' '.join(_TOKEN.findall(masked))} "
    return frozenset(line[at : at + 5] for at in range(max(1, len(line) - 4)))


def near_duplicates(
    all_posts: tuple[LabelledPost, ...],
) -> Iterator[tuple[LabelledPost, LabelledPost, float]]:
    holders: dict[str, list[int]] = defaultdict(list)
    texts = [pieces(post) for post in all_posts]
    for here, mine in enumerate(texts):
        common = Counter(chain.from_iterable(holders[piece] for piece in mine))
        for there, shared in common.items():
            likeness = shared / (len(mine) + len(texts[there]) - shared)
            pair = all_posts[here].pair
            if likeness >= ALIKE and (pair is None or pair != all_posts[there].pair):
                yield all_posts[there], all_posts[here], likeness
        for piece in mine:
            holders[piece].append(here)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_line_is_an_object_with_known_fields(path: Path) -> None:
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        fields = msgspec.json.decode(line, type=dict[str, object]).keys()
        assert fields <= FIELDS, f"{path.name}:{number} has unknown fields {fields - FIELDS}"
        assert {"id", "text", "service", "kind"} <= fields, f"{path.name}:{number} lacks a field"


def test_every_post_has_an_id_of_its_own() -> None:
    twice = [name for name, count in Counter(post.id for post in posts() + core()).items() if count > 1]
    assert not twice


def test_every_post_is_about_a_service_of_the_catalogue() -> None:
    unknown = {post.service for post in posts() + core()} - catalogue().services.keys()
    assert not unknown


def test_no_text_is_empty_or_longer_than_a_long_post() -> None:
    assert not [post.id for post in posts() + core() if not 3 <= len(post.text.strip()) <= 1_000]


def test_only_complaints_carry_symptoms_and_each_once() -> None:
    wrong = [
        post.id
        for post in posts() + core()
        if (post.symptoms and post.kind is not Kind.COMPLAINT) or len(set(post.symptoms)) < len(post.symptoms)
    ]
    assert not wrong


def test_there_are_enough_posts_of_each_kind_about_enough_services() -> None:
    counts = Counter(post.kind for post in posts())
    assert len(posts()) >= 6_000
    assert len({post.service for post in posts()}) >= 40
    assert {kind: count for kind, count in counts.items() if count < 150} == {}
    assert set(counts) == set(KINDS)


def test_each_language_has_enough_posts_of_each_kind_about_enough_services() -> None:
    assert {post.lang for post in posts()} == READ
    for lang in sorted(READ):
        of_it = [post for post in posts() if post.lang == lang]
        counts = Counter(post.kind for post in of_it)
        assert len(of_it) >= 400, lang
        assert len({post.service for post in of_it}) >= 30, lang
        assert all(counts[kind] >= 50 for kind in KINDS), lang


def test_a_pair_sets_posts_of_differing_kinds_side_by_side() -> None:
    pairs: dict[str, list[Kind]] = defaultdict(list)
    for post in posts():
        if post.pair is not None:
            pairs[post.pair].append(post.kind)
    assert len(pairs) >= 120
    assert {pair: kinds for pair, kinds in pairs.items() if len(kinds) < 2 or len(set(kinds)) < 2} == {}


def test_no_post_says_nearly_what_another_says_be_it_of_the_core() -> None:
    everything = posts() + core()
    alike = [f"{one.id} and {other.id} ({share:.2f})" for one, other, share in near_duplicates(everything)]
    assert not alike, f"reword or drop one of each: {', '.join(alike[:20])}"


def test_a_changed_name_does_not_hide_a_copy() -> None:
    one = LabelledPost(
        id="a", text="ugh whatsapp is not loading again", service="whatsapp", kind=Kind.COMPLAINT
    )
    copy = LabelledPost(
        id="b", text="ugh Netflix is not loading again!", service="netflix", kind=Kind.COMPLAINT
    )
    other = LabelledPost(
        id="c", text="netflix plays, the sound doesn't", service="netflix", kind=Kind.COMPLAINT
    )
    assert [(a.id, b.id) for a, b, _ in near_duplicates((one, copy, other))] == [("a", "b")]


# --- the frozen core ---


def test_the_core_is_what_it_always_was() -> None:
    assert hashlib.sha256((CORE / "core.jsonl").read_bytes()).hexdigest() == FROZEN
    assert [path.name for path in CORE.iterdir()] == ["core.jsonl"]


def test_the_core_asks_for_every_kind_in_every_language() -> None:
    assert len(core()) == 570
    for lang in READ:
        assert {post.kind for post in core() if post.lang == lang} == set(KINDS), lang
    assert min(Counter(post.lang for post in core()).values()) == 30
    assert len({post.service for post in core()}) >= 150


def test_no_pair_has_one_post_in_the_corpus_and_one_in_the_core() -> None:
    assert {post.pair for post in posts() if post.pair}.isdisjoint(post.pair for post in core())
