"""Which posts a person might be asked about."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.doubt import LONGEST_TEXT, UNSURE
from domain.mention import KINDS, Kind, Mention, Naming, Tag, TaggedMention, Via
from domain.post import Post
from tests.workers.records import START
from workers.doubting import MOST, doubts_in

UNSURE_OF = (0.45, 0.4, 0.1, 0.05, 0.0)
SURE = (0.97, 0.01, 0.01, 0.01, 0.0)


def tagged(
    number: int,
    *odds: tuple[float, ...],
    text: str = "siri is odd",
    services: tuple[str, ...] = ("siri", "maps"),
    speaks_for: str | None = None,
    **more: object,
) -> TaggedMention:
    written = Post("x", str(number), text, START + timedelta(minutes=number), author="00" * 8, **more)  # type: ignore[arg-type]  # as given
    tags = [
        Tag(service, KINDS[max(range(5), key=one.__getitem__)], one)  # type: ignore[arg-type]  # five of them
        for service, one in zip(services, odds, strict=False)
    ]
    namings = tuple(Naming(tag.service, Via.NAME) for tag in tags)
    return TaggedMention(Mention(written, namings, speaks_for), tuple(tags))


def test_a_doubt_is_an_unsure_post_for_the_service_of_its_least_sure_tag() -> None:
    (doubt,) = doubts_in([tagged(1, SURE, UNSURE_OF, lang="en", url="https://x.example/1"), tagged(2, SURE)])
    assert (doubt.post, doubt.service, doubt.kind, doubt.lang) == ("1", "maps", Kind.COMPLAINT, "en")
    assert doubt.probabilities == UNSURE_OF
    assert doubt.unsure >= UNSURE
    assert "author" not in doubt.__struct_fields__


@pytest.mark.parametrize(
    "other",
    [
        tagged(1, UNSURE_OF, is_repost=True),
        tagged(1, UNSURE_OF, text="RT @ann siri is odd"),
        tagged(1, UNSURE_OF, speaks_for="siri"),
        tagged(1, SURE),
        tagged(1),
    ],
    ids=["a repost", "a repost by its words", "an official account", "a sure one", "one without a tag"],
)
def test_of_what_rules_or_the_model_are_sure_nobody_is_asked(other: TaggedMention) -> None:
    assert doubts_in([other]) == []


def test_a_long_post_is_shown_as_far_as_the_classifier_reads() -> None:
    (doubt,) = doubts_in([tagged(1, UNSURE_OF, text="siri " * 1000)])
    assert len(doubt.text) == LONGEST_TEXT


@given(st.lists(st.sampled_from(["loud", "loud", "loud", "quiet"]), max_size=60))
def test_no_batch_brings_too_many_and_a_quiet_service_keeps_its_turn(services: list[str]) -> None:
    found = doubts_in(tagged(number, UNSURE_OF, services=(name,)) for number, name in enumerate(services))
    assert len(found) == min(len(services), MOST)
    quiet = services.count("quiet")
    assert sum(doubt.service == "quiet" for doubt in found) >= min(quiet, MOST // 2)
