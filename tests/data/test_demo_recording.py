"""The demo recording is what its material says, reads like many people, and keeps to the day's timeline."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
import yaml

from domain.notice import OfficialNotice, OfficialState
from domain.post import Post
from models.catalogue import SHIPPED, load_catalogue

DATA = Path(__file__).parents[2] / "data"
DEMO = DATA / "demo"
POSTS, NOTICES = "2012-11-18.jsonl.gz", "2012-11-18.notices.jsonl"

FAILING = datetime(2012, 11, 18, 20, 0, tzinfo=UTC)
ADMITTED = datetime(2012, 11, 18, 22, 57, 48, tzinfo=UTC)
WORKING = datetime(2012, 11, 19, 0, 41, tzinfo=UTC)

# Signs of trouble with what failed, as the material words them.
TROUBLE = re.compile(r"send|deliver|stuck|connect|not working|isn'?t working|down|broke|won'?t", re.I)
BROKEN = re.compile(r"i ?message|imsg|face ?time", re.I)
ADMISSION = re.compile(r"apple (finally )?(admits|confirms|acknowledges)|\"some users\"", re.I)


@pytest.fixture(scope="module")
def posts() -> list[Post]:
    return msgspec.json.Decoder(Post).decode_lines(gzip.decompress((DEMO / POSTS).read_bytes()))


@pytest.fixture(scope="module")
def notices() -> list[OfficialNotice]:
    lines = (DEMO / NOTICES).read_bytes().splitlines()
    return [msgspec.convert({"run": "demo", **msgspec.json.decode(line)}, OfficialNotice) for line in lines]


def own(posts: list[Post]) -> list[str]:
    return [post.text for post in posts if not post.is_repost]


def about_what_broke(posts: list[Post]) -> list[Post]:
    return [post for post in posts if BROKEN.search(post.text)]


def test_the_script_writes_the_committed_files_again(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-B", str(DEMO / "make_recording.py"), str(tmp_path)], check=True)
    assert (tmp_path / NOTICES).read_bytes() == (DEMO / NOTICES).read_bytes()
    # What gzip makes of it differs between builds of zlib, so the content is compared.
    assert gzip.decompress((tmp_path / POSTS).read_bytes()) == gzip.decompress((DEMO / POSTS).read_bytes())


def test_it_is_large_sorted_and_every_post_has_its_own_id(posts: list[Post]) -> None:
    assert len(posts) >= 6500
    assert posts == sorted(posts, key=lambda post: (post.written_at, post.id))
    assert len({post.id for post in posts}) == len(posts)
    assert posts[0].written_at >= datetime(2012, 11, 17, tzinfo=UTC)
    assert posts[-1].written_at <= datetime(2012, 11, 19, 5, tzinfo=UTC)


def test_every_post_fits_its_year(posts: list[Post]) -> None:
    assert max(len(post.text) for post in posts) <= 140
    # Characters from U+1F900 on came with Unicode 8, in 2015.
    assert max(ord(sign) for post in posts for sign in post.text) < 0x1F900


def test_no_slot_or_choice_is_left_open(posts: list[Post]) -> None:
    assert [post.text for post in posts if re.search(r"[{}\[\]|]", post.text)] == []


def test_nobody_can_be_taken_for_a_real_person(posts: list[Post]) -> None:
    assert min(len(post.author or "") for post in posts) > 15


def test_hardly_any_text_comes_twice(posts: list[Post]) -> None:
    texts = own(posts)
    assert len(set(texts)) / len(texts) >= 0.95
    assert Counter(texts).most_common(1)[0][1] <= 6


def test_many_people_write_and_none_too_much(posts: list[Post]) -> None:
    written = Counter(post.author for post in posts)
    assert len(written) >= 2500
    assert written.most_common(1)[0][1] <= 30


def test_replies_point_to_an_earlier_post_and_reposts_repeat_one(posts: list[Post]) -> None:
    seen: dict[str, Post] = {}
    for post in posts:
        if post.in_reply_to is not None:
            assert post.text.startswith(f"@{seen[post.in_reply_to].author} ")
        if post.is_repost:
            assert "RT @" in post.text
        seen[post.id] = post
    assert sum(post.in_reply_to is not None for post in posts) > 500
    assert sum(post.is_repost for post in posts) > 200


def test_nights_are_quieter_than_evenings(posts: list[Post]) -> None:
    hours = Counter(
        (post.written_at - timedelta(hours=8)).hour for post in posts if post.written_at < FAILING
    )
    assert hours[3] * 3 < hours[19]


def test_the_first_complaint_stands_where_the_story_wants_it(posts: list[Post]) -> None:
    after = [
        post for post in about_what_broke(posts) if post.written_at >= FAILING and TROUBLE.search(post.text)
    ]
    assert after[0].written_at == datetime(2012, 11, 18, 20, 1, 52, tzinfo=UTC)


def test_the_outage_grows_within_minutes_and_fades_after_the_all_clear(posts: list[Post]) -> None:
    def loudness(start: datetime, minutes: int) -> float:
        end = start + timedelta(minutes=minutes)
        return sum(start <= post.written_at < end for post in about_what_broke(posts)) / minutes

    usual = loudness(FAILING - timedelta(hours=24), 300)
    assert usual < 0.5
    assert loudness(FAILING + timedelta(minutes=15), 30) > 10 * usual
    assert loudness(FAILING + timedelta(minutes=15), 30) > 2 * loudness(FAILING, 10)
    assert loudness(WORKING + timedelta(minutes=90), 45) < 2


def test_nobody_tells_of_an_admission_before_the_page_changed(posts: list[Post]) -> None:
    told = [post.written_at for post in posts if ADMISSION.search(post.text)]
    assert min(told) >= ADMITTED


def test_recovery_is_told_around_the_all_clear_and_some_still_have_trouble(posts: list[Post]) -> None:
    back = re.compile(
        r"^[^?]*i ?(message|msg|imsg)s? (is back(?! except)|works again|is alive|back up)", re.I
    )
    told = [post.written_at for post in posts if back.search(post.text) and "till" not in post.text]
    assert len(told) >= 30
    assert min(told) > WORKING - timedelta(minutes=20)
    still = [post for post in posts if post.written_at > WORKING and re.search(r"\bstill\b", post.text, re.I)]
    assert len(about_what_broke(still)) >= 10


@pytest.mark.parametrize("name", ["at&t|@att|att", "verizon|vzw", "sprint", "t-?mobile"])
def test_no_carrier_shows_a_surge(posts: list[Post], name: str) -> None:
    named = re.compile(rf"(?<!\w)({name})\b", re.I)
    hours = Counter(
        (post.written_at - FAILING) // timedelta(hours=1)
        for post in posts
        if named.search(post.text) and not post.is_repost
    )
    assert max(hours[hour] for hour in range(5)) <= 2 * max(hours[hour] for hour in range(-44, 0))


def test_the_notices_say_what_the_official_page_said(notices: list[OfficialNotice]) -> None:
    for service in ("imessage", "facetime"):
        trouble, well = [notice for notice in notices if notice.service == service]
        assert (trouble.state, trouble.seen_at) == (OfficialState.TROUBLE, ADMITTED)
        assert trouble.claimed_at == datetime(2012, 11, 18, 21, 30, tzinfo=UTC)
        assert (well.state, well.seen_at) == (OfficialState.WELL, WORKING)


def test_every_service_of_the_material_stands_in_the_catalogue() -> None:
    known = load_catalogue(SHIPPED).services.keys()
    talked_of = yaml.safe_load((DEMO / "material" / "chatter.yaml").read_text("utf-8"))["services"]
    assert set(talked_of) <= known


def test_there_are_at_least_nine_hundred_base_sentences() -> None:
    files = [yaml.safe_load(path.read_text("utf-8")) for path in (DEMO / "material").glob("*.yaml")]
    assert sum(len(text.splitlines()) for file in files for text in sentences(file)) >= 900


def sentences(node: object) -> list[str]:
    """Every block of sentences of a file, however deep."""
    if isinstance(node, dict):
        return [text for value in node.values() for text in sentences(value)]
    return [node] if isinstance(node, str) and "\n" in node else []
