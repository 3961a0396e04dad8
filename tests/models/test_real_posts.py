"""Real posts are read where they lie, and joined with the labels of ours that name them."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from domain.mention import Kind
from models.real_posts import (
    DATA_SETS,
    LABELS,
    RATED,
    STREAMS,
    TALKS,
    RealPost,
    RealPostsError,
    labelled_posts,
    rated_posts,
    read_texts,
)
from tests.models.public_data import MANY, pack, public_data, text_of, use_labels

SHARED = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    use_labels(monkeypatch, tmp_path / "ours")
    return public_data(tmp_path / "data")


@pytest.mark.parametrize("name", [name for name in DATA_SETS if name != TALKS])
def test_a_post_without_an_id_has_its_place(data: Path, name: str) -> None:
    posts = read_texts(data, name)
    assert posts[7] == RealPost(name, "7", text_of(7))
    assert len(posts) == MANY


@pytest.mark.parametrize("name", STREAMS)
def test_a_post_of_a_stream_has_its_own_id_and_what_it_answers(data: Path, name: str) -> None:
    pack(data / "streams" / f"{name}.jsonl.gz", [{"id": "88", "text": "same here", "in_reply_to": "87"}])
    assert read_texts(data, name) == [RealPost(name, "88", "same here", "87")]


def test_of_a_conversation_the_customer_alone_is_read(data: Path) -> None:
    assert read_texts(data, TALKS)[:3] == [
        RealPost(TALKS, "0", text_of(0)),
        RealPost(TALKS, "0.2", "thanks"),
        RealPost(TALKS, "1", text_of(1)),
    ]


@pytest.mark.parametrize("name", [*DATA_SETS, *STREAMS])
def test_labels_find_their_posts(data: Path, name: str) -> None:
    labels = labelled_posts(data, [name])
    assert [one.post.text for one in labels] == [text_of(place) for place in range(MANY)]
    assert [one.kind for one in labels[:2]] == [Kind.COMPLAINT, Kind.OTHER]
    assert [one.service for one in labels[::2][:4]] == ["spotify", "github", None, "corner_shop"]
    assert [one.unsure for one in labels[:6]] == [True, False, False, False, False, True]
    assert {one.lang for one in labels} == {"en"}


def test_the_halves_of_a_stream_have_no_post_in_common(data: Path) -> None:
    development, test = (
        {one.post.id for one in labelled_posts(data, STREAMS, half=half)} for half in ("development", "test")
    )
    assert len(development) == len(test) == MANY
    assert not development & test


def test_ratings_say_whether_it_complains_and_of_which_trade(data: Path) -> None:
    rated = rated_posts(data)
    assert [one.complains for one in rated[:4]] == [True, False, True, False]
    assert Counter(one.domain for one in rated).keys() == {"retail", "food", "random_tweet"}


# --- what may be wrong ---


def test_a_folder_without_the_data_is_told_what_belongs_there(tmp_path: Path) -> None:
    with pytest.raises(RealPostsError, match=r"semeval2017\.jsonl\.gz: No such file.*labels/ and streams/"):
        read_texts(tmp_path, "semeval2017")


@pytest.mark.parametrize("broken", [b"not packed", b"\x1f\x8b\x08\x00", b""])
def test_a_file_that_came_in_part_is_to_be_fetched_again(data: Path, broken: bytes) -> None:
    file = data / "labels" / "sanders_2011.jsonl.gz"
    file.write_bytes(broken or file.read_bytes()[:-9])
    with pytest.raises(RealPostsError, match=r"sanders_2011.jsonl.gz is no whole gzip file: fetch it again"):
        read_texts(data, "sanders_2011")


def test_a_line_of_another_layout_is_named(data: Path) -> None:
    pack(
        data / "labels" / f"{RATED}.jsonl.gz", [{"text": "a", "complaint": 1, "domain": "food"}, {"tex": "b"}]
    )
    with pytest.raises(RealPostsError, match=rf"{RATED}\.jsonl\.gz, line 2: .*`text`"):
        rated_posts(data)


def test_a_label_without_its_post_says_that_the_edition_is_another(data: Path) -> None:
    pack(data / "labels" / "semeval2017.jsonl.gz", [{"text": text_of(0)}])
    with pytest.raises(RealPostsError, match=r"has no post 1, which is labelled.*another edition"):
        labelled_posts(data, ["semeval2017"])


# --- our labels ---


def test_no_post_is_labelled_twice_and_every_set_is_known() -> None:
    lines = [
        json.loads(line)
        for name in ("datasets", "streams")
        for line in (LABELS / f"{name}.jsonl").read_text().splitlines()
    ]
    twice = [post for post, many in Counter((one["set"], one["id"]) for one in lines).items() if many > 1]
    assert not twice
    assert {one["set"] for one in lines} == {*DATA_SETS, *STREAMS}
    assert {one.get("half") for one in lines if one["set"] in STREAMS} == {"development", "test"}


@pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared/data")
def test_every_label_of_ours_has_its_post_in_the_real_data() -> None:
    assert len(labelled_posts(SHARED, [*DATA_SETS, *STREAMS])) == 6_829
