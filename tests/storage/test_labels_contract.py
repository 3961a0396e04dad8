"""Labels, and the words of posts they speak of, on every kind of store."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.label import Label, Verdict
from domain.mention import Kind
from storage.interfaces import KnownPost
from tests.storage.conftest import NOON

HOUR = timedelta(hours=1)


def label(name="l1", *, by="ada", hours=0, **fields):
    about = fields or {"source": "x", "post": "1", "service": "siri", "kind": Kind.ECHO, "text": "I heard"}
    return Label(id=name, by=by, at=NOON + hours * HOUR, **({"verdict": Verdict.REAL} | about))


def on_post(name, post="1", **fields):
    return label(name, **({"source": "x", "post": post, "service": "siri", "text": "it fails"} | fields))


def test_labels_are_paged_the_latest_first(stores):
    kept = [label(f"l{hours}", by=f"p{hours}", hours=hours // 2, incident="inc") for hours in range(5)]
    stores.labels.add_all(kept)
    ordered = ["l4", "l2", "l3", "l0", "l1"]
    assert [one.id for one in stores.labels.find(after="l2")] == ordered[2:]
    assert [one.id for one in stores.labels.find(after="l4", most=2)] == ordered[1:3]
    assert stores.labels.find(after="l1") == []
    with pytest.raises(KeyError, match="l9"):
        stores.labels.find(after="l9")


def test_labels_of_a_person_or_a_post_can_be_asked_for(stores):
    mine, hers, elsewhere = on_post("l1"), on_post("l2", by="bob"), on_post("l3", source="rss")
    stores.labels.add_all([mine, hers, elsewhere])
    assert stores.labels.find(by="bob") == [hers]
    assert stores.labels.find(source="x", post="1", by="ada") == [mine]
    assert stores.labels.find(source="rss") == [elsewhere]


def test_the_same_labels_twice_change_nothing(stores):
    first = [on_post("l1"), on_post("l2", by="bob", kind=Kind.OTHER)]
    again = [replace(one, id=f"{one.id}-again", at=one.at + HOUR) for one in first]
    assert (stores.labels.add_all(first), stores.labels.add_all(again), stores.labels.add_all([])) == (
        2,
        0,
        0,
    )
    assert stores.labels.of_posts() == first


def test_a_later_verdict_among_many_replaces_the_earlier_and_never_the_other_way(stores):
    stores.labels.add(on_post("l1", kind=Kind.ECHO, hours=2))
    early, late = on_post("l0", kind=Kind.OTHER, hours=1), on_post("l2", kind=Kind.QUESTION, hours=3)
    assert stores.labels.add_all([early]) == 0
    assert stores.labels.add_all([late, early]) == 1
    assert stores.labels.find() == [late]


def test_of_two_verdicts_at_one_moment_the_last_one_said_counts(stores):
    said = [on_post("l1", kind=Kind.ECHO), on_post("l2", kind=Kind.OTHER)]
    assert stores.labels.add_all(said) == 1
    assert stores.labels.find() == said[1:]


def test_many_labels_at_once_are_all_kept(stores):
    many = [on_post(f"l{number:04}", str(number)) for number in range(1_203)]
    assert stores.labels.add_all(many) == len(many)
    assert stores.labels.of_posts() == many
    assert len(stores.labels.known_posts([("x", str(number)) for number in range(1_203)])) == len(many)


def test_who_took_a_post_for_the_wrong_services_says_it_of_the_same_tag(stores):
    tagged = on_post("l1", service="siri", kind=Kind.COMPLAINT)
    moved = on_post("l2", service="maps", instead_of="siri", verdict=Verdict.WRONG_SERVICE, hours=1)
    other = on_post("l3", service="maps", kind=Kind.ECHO)
    for one in (tagged, other, moved):
        stores.labels.add(one)
    assert stores.labels.find() == [moved, other]


def test_a_person_may_take_back_their_own_label(stores):
    stores.labels.add(on_post("l1"))
    assert not stores.labels.remove("l1", "bob")
    assert stores.labels.remove("l1", "ada")
    assert not stores.labels.remove("l1", "ada")
    assert stores.labels.find() == []


def test_the_labels_that_teach_are_those_of_posts_with_words_the_earliest_first(stores):
    whole = label("l0", incident="inc_1")
    official = label("l1", official="apple:siri:1")
    silent, early, late = on_post("l2", "2", text=None), on_post("l3", hours=1), on_post("l4", "4", hours=2)
    stores.labels.add_all([late, whole, official, silent, early])
    assert stores.labels.of_posts() == [early, late]
    assert stores.labels.of_posts(since=early.at) == [late]
    assert stores.labels.of_posts(since=late.at) == []
    assert stores.labels.of_incidents() == [whole, official]


def test_a_withdrawn_post_leaves_its_labels_and_no_words(stores):
    kept, gone = on_post("l1"), on_post("l2", "2", lang="en")
    stores.labels.add_all([kept, gone])
    for _ in range(2):
        stores.labels.withdraw([("x", "2"), ("x", "3")])
    stores.labels.withdraw([])
    assert stores.labels.find() == [kept, replace(gone, text=None)]
    assert stores.labels.known_posts([("x", "1"), ("x", "2")]) == {
        ("x", "1"): KnownPost("it fails", ("siri",))
    }


def test_what_labels_know_of_a_post_is_put_together(stores):
    stores.labels.add_all(
        [
            on_post("l1", text="the old words"),
            on_post("l2", by="bob", service="maps", lang="en", text="the words", hours=1),
            on_post("l3", by="eve", service=None, verdict=Verdict.REAL, text="the words", hours=2),
        ]
    )
    assert stores.labels.known_posts([("x", "1")]) == {
        ("x", "1"): KnownPost("the words", ("maps", "siri"), "en")
    }
    assert stores.labels.known_posts([("rss", "1")]) == {}


def test_the_words_of_evidence_are_known_with_the_services_it_was_for(stores, make):
    siri, maps = make.incident("siri"), make.incident("maps", minutes=5)
    stores.incidents.save(
        make.step(
            make.opened(siri),
            make.opened(maps),
            evidence={
                siri.id: (make.evidence("1"), make.evidence("2")),
                maps.id: (make.evidence("1"), make.evidence("3", text="")),
            },
        )
    )
    asked = [("mastodon", post) for post in "1239"]
    assert stores.incidents.known_posts(asked) == {
        ("mastodon", "1"): KnownPost("it fails for me", ("maps", "siri")),
        ("mastodon", "2"): KnownPost("it fails for me", ("siri",)),
    }
    assert stores.incidents.known_posts([]) == {}


SAID = st.builds(
    on_post,
    st.sampled_from([f"l{number}" for number in range(6)]),
    post=st.sampled_from("12"),
    by=st.sampled_from(["ada", "bob"]),
    hours=st.integers(0, 3),
    kind=st.sampled_from(list(Kind)),
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.lists(SAID, max_size=8), cut=st.integers(0, 8))
def test_all_at_once_or_one_by_one_the_same_verdicts_stand(stores, said, cut):
    said = sorted(said, key=lambda one: one.at)
    for one in stores.labels.find():
        stores.labels.remove(one.id, one.by)
    stores.labels.add_all(said[:cut])
    stores.labels.add_all(said[cut:])
    latest = {}
    for one in said:
        key = (one.by, one.post)
        if key not in latest or latest[key].at <= one.at:
            latest[key] = one
    stand = {(one.by, one.post): one.kind for one in stores.labels.find()}
    assert stand == {key: one.kind for key, one in latest.items()}
