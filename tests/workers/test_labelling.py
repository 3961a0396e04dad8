"""From what people say to labels that teach."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.incident import Change, Evidence, Incident, Reason, Severity, State
from domain.label import THROUGH_INCIDENT, Label, Untaught, Verdict
from domain.mention import Kind
from storage.interfaces import Detection, DetectionStep, KnownPost
from storage.memory import MemoryStores
from tests.workers.records import START
from workers.labelling import completed, labels_that_teach, posts_of

MINUTE = timedelta(minutes=1)


def label(name: str = "l1", by: str = "ann", minutes: int = 0, **fields: object) -> Label:
    about = {"verdict": Verdict.REAL} | fields
    return Label(id=name, by=by, at=START + minutes * MINUTE, **about)  # type: ignore[arg-type]  # as given


def on_post(name: str = "l1", post: str = "1", **fields: object) -> Label:
    return label(name, **({"source": "x", "post": post} | fields))  # type: ignore[arg-type]  # as given


def incident(name: str, service: str) -> Incident:
    return Incident(
        id=name, run="live", service=service, state=State.SUSPECTED, severity=Severity.MAJOR, onset_at=START,
        raised_at=START, last_high_at=START, expected=1.0, observed=20, spread=1.0, window=5, score=9.0,
        threshold=5.0,
    )  # fmt: skip


@pytest.fixture
def stores() -> MemoryStores:
    """Two incidents; the first post speaks for both, and the words of the last are no longer kept."""
    stores = MemoryStores()
    told = [
        Evidence("x", post, START, f"{post} is stuck" if post != "3" else "", Kind.COMPLAINT, 0.9)
        for post in "123"
    ]
    incidents = {"inc_1": incident("inc_1", "siri"), "inc_2": incident("inc_2", "maps")}
    stores.incidents.save(
        DetectionStep(
            run="live",
            expected_minute=None,
            detection=Detection(1, b""),
            changes=tuple(Change(one, None, Reason.SURGE, START) for one in incidents.values()),
            evidence={"inc_1": tuple(told), "inc_2": (told[0],)},
        )
    )
    return stores


def complete(stores: MemoryStores, asked: Label, **waiting: KnownPost) -> Label:
    (found,) = completed([asked], stores, {("x", post): one for post, one in waiting.items()})
    return found


def test_the_words_and_the_service_are_found_in_the_evidence(stores: MemoryStores) -> None:
    found = complete(stores, on_post(post="2"))
    assert (found.text, found.service) == ("2 is stuck", "siri")


def test_or_in_the_queue_with_the_language(stores: MemoryStores) -> None:
    found = complete(stores, on_post(post="p9"), p9=KnownPost("it is odd", ("maps",), "en"))
    assert (found.text, found.service, found.lang) == ("it is odd", "maps", "en")


def test_or_with_an_earlier_label_of_anybody(stores: MemoryStores) -> None:
    stores.labels.add(on_post(post="9", by="bob", text="so odd", service="siri"))
    found = complete(stores, on_post(post="9", kind=Kind.ECHO))
    assert (found.text, found.service, found.kind) == ("so odd", "siri", Kind.ECHO)


def test_what_a_label_says_itself_stands(stores: MemoryStores) -> None:
    said = on_post(post="2", text="my words", service="maps", lang="nl")
    assert complete(stores, said) == said


def test_of_two_services_none_is_guessed(stores: MemoryStores) -> None:
    found = complete(stores, on_post(post="1"))
    assert (found.text, found.service, found.untaught) == ("1 is stuck", None, Untaught.NO_SERVICE)


@pytest.mark.parametrize(
    ("post", "right", "instead_of"), [("2", "maps", "siri"), ("1", "maps", "siri"), ("1", "music", None)]
)
def test_whom_a_post_was_taken_for_is_filled_in_where_it_is_sure(
    stores: MemoryStores, post: str, right: str, instead_of: str | None
) -> None:
    wrong = on_post(post=post, verdict=Verdict.WRONG_SERVICE, service=right)
    assert complete(stores, wrong).instead_of == instead_of


@pytest.mark.parametrize("asked", [on_post(post="9"), on_post(post="3"), label(incident="inc_1")])
def test_a_label_of_which_nothing_is_known_stays_as_it_was(stores: MemoryStores, asked: Label) -> None:
    assert complete(stores, asked) == asked


def test_the_posts_of_labels_are_named_once_each() -> None:
    labels = [on_post(), label(incident="inc_1"), on_post("l2", by="bob"), on_post("l3", "2")]
    assert posts_of(labels) == [("x", "1"), ("x", "2")]


def teaching(stores: MemoryStores) -> list[tuple[str | None, str | None, Kind | None, float]]:
    return [(one.post, one.service, one.kind, one.weight) for one in labels_that_teach(stores)]


def test_a_real_incident_teaches_a_little_that_its_posts_complain(stores: MemoryStores) -> None:
    stores.labels.add(label(incident="inc_1"))
    assert teaching(stores) == [
        ("1", "siri", Kind.COMPLAINT, THROUGH_INCIDENT),
        ("2", "siri", Kind.COMPLAINT, THROUGH_INCIDENT),
    ]


def test_an_incident_of_the_wrong_service_moves_its_posts_to_the_right_one(stores: MemoryStores) -> None:
    stores.labels.add(label(incident="inc_2", verdict=Verdict.WRONG_SERVICE, service="music"))
    (moved,) = labels_that_teach(stores)
    assert (moved.verdict, moved.service, moved.instead_of) == (Verdict.WRONG_SERVICE, "music", "maps")
    assert (moved.kind, moved.text, moved.incident) == (Kind.COMPLAINT, "1 is stuck", "inc_2")


def test_not_an_outage_says_nothing_of_its_posts(stores: MemoryStores) -> None:
    stores.labels.add(label("l1", incident="inc_1", verdict=Verdict.NOT_AN_OUTAGE))
    stores.labels.add(label("l2", official="apple:siri:1"))
    stores.labels.add(label("l3", incident="inc_unknown"))
    assert teaching(stores) == []


def test_what_a_person_said_of_the_post_itself_goes_before(stores: MemoryStores) -> None:
    stores.labels.add(label("l1", incident="inc_1"))
    stores.labels.add(on_post("l2", "2", service="siri", kind=Kind.ECHO, text="2 is stuck"))
    stores.labels.add(on_post("l3", "1", by="bob", service="siri", kind=Kind.OTHER, text="1 is stuck"))
    assert sorted(teaching(stores)) == [
        ("1", "siri", Kind.COMPLAINT, THROUGH_INCIDENT),  # another person's verdict stands beside it
        ("1", "siri", Kind.OTHER, 1.0),
        ("2", "siri", Kind.ECHO, 1.0),
    ]


def test_only_later_labels_may_be_asked_for(stores: MemoryStores) -> None:
    stores.labels.add(label("l1", incident="inc_2", minutes=2))
    stores.labels.add(on_post("l2", "9", service="siri", text="hm", minutes=1))
    stores.labels.add(on_post("l3", "8", service=None, text="for nobody", minutes=3))
    assert [one.id for one in labels_that_teach(stores)] == ["l2", "l1/x/1"]
    assert [one.id for one in labels_that_teach(stores, START + MINUTE)] == ["l1/x/1"]
    assert labels_that_teach(stores, START + 2 * MINUTE) == []
