"""A deleted post leaves no words anywhere, and old words are dropped."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from msgspec.structs import replace

from delivery.redaction import without_texts
from domain.delivery import DeliveryState
from domain.doubt import Doubt
from domain.incident import Evidence
from domain.label import Label, Verdict
from domain.mention import Kind
from storage.memory import MemoryStores
from storage.memory_posts import MemoryPosts
from tests.delivery.incidents import AT, INCIDENT, OPENED, endpoint
from workers.announcing import deliveries_of
from workers.tidying import tidy
from workers.withdrawing import withdraw

ENDPOINT = endpoint("https://ops.example/hook")


def witness(number: int) -> Evidence:
    return Evidence("x", str(number), AT, f"it fails {number}", Kind.COMPLAINT, 0.9, url="https://x.example")


@pytest.fixture
def stores() -> MemoryStores:
    """An incident with two posts, and the delivery that tells of it."""
    stores = MemoryStores()
    told = [witness(1), witness(2)]
    deliveries = deliveries_of(OPENED, told, [ENDPOINT], run_note="", names={}, now=AT)
    stores.deliveries.add_endpoint(ENDPOINT)
    stores.incidents.change(OPENED, deliveries)
    stores.incidents._evidence[INCIDENT.id] = tuple(told)  # as a step of detection would
    return stores


def test_a_withdrawn_post_is_gone_from_evidence_and_from_what_is_still_to_be_told(
    stores: MemoryStores,
) -> None:
    for _ in range(2):  # twice does no harm
        withdraw([("x", "1"), ("x", "unknown")], MemoryPosts(), stores, AT)
    assert [one.text for one in stores.incidents.evidence(INCIDENT.id)] == ["", "it fails 2"]
    (delivery,) = stores.deliveries.find()
    told = json.loads(delivery.event.body)["data"]["evidence"]
    assert [(one["text"], one["url"]) for one in told] == [("", None), ("it fails 2", "https://x.example")]


def test_a_withdrawn_post_leaves_the_label_queue_and_its_labels_without_words(stores: MemoryStores) -> None:
    posts = MemoryPosts()
    unsure = Doubt("x", "1", "imessage", "it fails 1", AT, (0.5, 0.5, 0.0, 0.0, 0.0), 1.0)
    posts.label_queue.offer([unsure], AT)
    said = Label("l1", "ann", AT, Verdict.REAL, source="x", post="1", service="imessage", text="it fails 1")
    stores.labels.add(said)
    for _ in range(2):
        withdraw([("x", "1")], posts, stores, AT)
    assert posts.label_queue.find(AT, most=9) == []
    assert stores.labels.find() == [replace(said, text=None)]
    assert stores.labels.of_posts() == []


def test_an_event_that_tells_of_other_posts_stays_as_it_was_to_the_letter(stores: MemoryStores) -> None:
    (delivery,) = stores.deliveries.find()
    assert without_texts(delivery.event.body, [("bluesky", "1")]) == delivery.event.body
    assert without_texts('{"type": "other"}', [("x", "1")]) == '{"type": "other"}'


def test_old_words_are_dropped_and_so_is_what_was_delivered(stores: MemoryStores) -> None:
    keep = timedelta(days=30)
    assert tidy(stores, AT + keep, keep) == (0, 0)
    (delivery,) = stores.deliveries.find()
    assert tidy(stores, AT + 2 * keep, keep) == (2, 0)  # a delivery that waits is brought first
    stores.deliveries.record_success(delivery, 204, AT)
    assert stores.deliveries.find(state=DeliveryState.DELIVERED)
    assert tidy(stores, AT + 2 * keep, keep) == (0, 1)
    assert stores.incidents.get(INCIDENT.id) == INCIDENT
