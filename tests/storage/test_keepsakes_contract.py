"""Runs, official notices, labels, model versions and keys, on every kind of store."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

import pytest
from msgspec.structs import replace

from domain.label import Label, Verdict
from domain.mention import Kind
from domain.model_version import ModelCard, ModelVersion
from domain.notice import OfficialNotice, OfficialState
from domain.run import Run

HOUR = timedelta(hours=1)


def test_a_run_is_kept_with_its_end(stores, make):
    run = Run(name="replay", started_at=make.noon, note="reconstruction")
    stores.runs.start(run)
    assert stores.runs.get("replay") == run
    stores.runs.finish("replay", make.noon + HOUR)
    stores.runs.finish("unknown", make.noon)
    assert stores.runs.get("replay") == replace(run, finished_at=make.noon + HOUR)
    stores.runs.start(run)
    assert stores.runs.get("replay") == run
    assert stores.runs.get("unknown") is None


def test_runs_come_the_latest_started_first(stores, make):
    for name, hours in (("a", 0), ("c", 1), ("b", 1)):
        stores.runs.start(Run(name=name, started_at=make.noon + hours * HOUR))
    assert [run.name for run in stores.runs.all()] == ["b", "c", "a"]


@pytest.fixture
def notice(make):
    def statement(service="siri", state=OfficialState.TROUBLE, hours=0, run="live", **fields):
        return OfficialNotice(run, service, state, seen_at=make.noon + hours * HOUR, **fields)

    return statement


def test_a_notice_is_kept_once(stores, notice, make):
    first = notice(text="Users may see errors", claimed_at=make.noon - HOUR, url="https://status.example")
    stores.notices.add([first, notice(text="the same, told twice")])
    stores.notices.add([notice(text="and again")])
    stores.notices.add([])
    assert stores.notices.find("live") == [first]


def test_notices_come_the_earliest_seen_first_of_what_is_asked(stores, notice):
    well = notice(state=OfficialState.WELL, hours=2)
    trouble, other, elsewhere = notice(hours=1), notice("maps", hours=1), notice(run="replay")
    stores.notices.add([well, trouble, other, elsewhere])
    assert stores.notices.find("live") == [other, trouble, well]
    assert stores.notices.find("live", "siri") == [trouble, well]
    assert stores.notices.find("replay") == [elsewhere]


def test_a_run_that_starts_again_forgets_its_notices(stores, notice, make):
    stores.notices.add([notice(), notice(run="replay")])
    stores.runs.start(Run(name="replay", started_at=make.noon))
    assert stores.notices.find("replay") == []
    assert stores.notices.find("live") == [notice()]


@pytest.fixture
def label(make):
    def verdict(name="l1", *, by="ada", hours=0, **fields):
        about = fields or {"incident": "inc_1"}
        return Label(id=name, by=by, at=make.noon + hours * HOUR, **({"verdict": Verdict.REAL} | about))

    return verdict


def test_a_label_comes_back_whole(stores, label):
    post = label(
        source="rss", post="7", service="siri", kind=Kind.ECHO, text="I heard", verdict=Verdict.WRONG_SERVICE
    )
    stores.labels.add(post)
    assert stores.labels.find() == [post]


def test_a_later_label_of_one_person_on_one_subject_replaces_the_earlier(stores, label):
    first = label("l1")
    changed = label("l2", hours=1, incident="inc_1", verdict=Verdict.NOT_AN_OUTAGE)
    other = label("l3", by="bob")
    for one in (changed, first, other):
        stores.labels.add(one)
    assert stores.labels.find() == [changed, other]


def test_a_post_has_one_label_of_a_person_for_each_service(stores, label):
    about = [("rss", "1", "siri"), ("rss", "1", "maps"), ("rss", "2", "siri"), ("x", "1", "siri")]
    for place, (source, post, service) in enumerate(about):
        stores.labels.add(label(f"l{place}", source=source, post=post, service=service))
    assert [one.id for one in stores.labels.find()] == ["l0", "l1", "l2", "l3"]


def test_labels_come_the_latest_first_of_what_is_asked(stores, label):
    for hours in range(4):
        stores.labels.add(label(f"l{hours}", by=f"p{hours}", hours=hours, incident=f"inc_{hours % 2}"))
    assert [one.id for one in stores.labels.find(incident="inc_1")] == ["l3", "l1"]
    assert [one.id for one in stores.labels.find(most=3)] == ["l3", "l2", "l1"]


@pytest.fixture
def version(make):
    def trained(name, hours=0, body=b"\x00\xffskops"):
        card = ModelCard(name, make.noon + hours * HOUR, {"a.jsonl": 7}, {"f1": 0.9}, {"scikit-learn": "1"})
        return ModelVersion(card, body)

    return trained


def test_a_model_version_never_changes(stores, version):
    first = version("v1", body=b"x" * 3_000_000)
    stores.models.add(first)
    stores.models.add(version("v1", body=b"another"))
    assert stores.models.get("v1") == first
    assert stores.models.get("v2") is None


def test_the_version_that_was_activated_last_counts(stores, version, make):
    assert stores.models.active() is None
    for name in ("v1", "v2"):
        stores.models.add(version(name))
    for name in ("v1", "v2", "v1"):  # going back included
        stores.models.activate(name, make.noon)
        assert stores.models.active() == name
    with pytest.raises(KeyError, match="v3"):
        stores.models.activate("v3", make.noon)
    assert stores.models.active() == "v1"


def test_cards_come_the_latest_trained_first(stores, version):
    for name, hours in (("a", 0), ("c", 2), ("b", 1)):
        stores.models.add(version(name, hours))
    assert stores.models.cards() == [version("c", 2).card, version("b", 1).card, version("a", 0).card]


def test_a_key_counts_until_it_is_revoked(stores, make):
    digest, other = sha256(b"key").digest(), sha256(b"other").digest()
    assert not stores.keys.any()
    assert stores.keys.name_of(digest) is None
    stores.keys.add("ops", digest, make.noon)
    stores.keys.add("ops", digest, make.noon)
    stores.keys.add("ops", other, make.noon)
    assert stores.keys.name_of(digest) == stores.keys.name_of(other) == "ops"
    assert stores.keys.any()

    assert [stores.keys.revoke(name, make.noon) for name in ("nobody", "ops", "ops")] == [False, True, False]
    stores.keys.add("ops", digest, make.noon)  # a revoked key stays revoked
    assert stores.keys.name_of(digest) is None
    assert not stores.keys.any()


def test_statements_about_different_events_at_one_moment_are_all_kept(stores, notice):
    first, second = notice(event="apple:siri:1"), notice(event="apple:siri:2", after_the_fact=True)
    stores.notices.add([second, first, notice(event="apple:siri:1", text="told twice")])
    assert stores.notices.find("live") == [first, second]


def test_notices_may_be_asked_for_from_a_time_on(stores, notice, make):
    stores.notices.add([notice(hours=1), notice(hours=2)])
    assert stores.notices.find("live", since=make.noon + 2 * HOUR) == [notice(hours=2)]
    assert stores.notices.find("live", "maps", since=make.noon) == []


def test_a_label_may_be_about_an_official_incident(stores, label):
    missed = label("l1", official="apple:siri:1")
    stores.labels.add(missed)
    stores.labels.add(label("l2"))
    stores.labels.add(label("l3", by="bob", official="apple:siri:2"))
    assert stores.labels.find(official="apple:siri:1") == [missed]
