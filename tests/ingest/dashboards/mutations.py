"""Payloads with something wrong in them: in the tree of their JSON, or in its bytes."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

# Values that stand where others should: of other types, out of all bounds, or nearly right.
TIMES = [
    *("2025-06-20T10:00:00+00:00", "2025-06-20T14:00:00Z"),
    *("2025-06-20T11:59:00+00:00", "2025-06-20T12:00:00", "2025-02-30T00:00:00Z"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"),
]
WORDS = [
    *("ongoing", "resolved", "upcoming", "completed", "Maintenance", "Outage", "Available"),
    *("active", "scheduled", "cancelled", "notice", "monitoring", "in_progress", "postmortem"),
    *("operational", "major_outage", "under_maintenance", "AVAILABLE", "SERVICE_OUTAGE", "?"),
]
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([10**30, -1, 0, 1619291760000, 1750435200000, 1.5, 1e300]),
    st.text(max_size=20),
    st.sampled_from(["", " ", "\x00", "<b>", "&amp;"]),
    st.sampled_from(TIMES),
    st.sampled_from(WORDS),
    st.lists(st.integers() | st.text(max_size=5), max_size=3),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=3),
)
# What decides whether, when and of whom a page claims something: most of the harm is done there.
DECISIVE = {
    *("eventStatus", "statusType", "epochStartDate", "epochEndDate", "messageId", "serviceName", "events"),
    *("status", "id", "started_at", "resolved_at", "scheduled_for", "components", "name", "incidents"),
    *("type", "date_created", "date_updated", "services", "active_incidents"),
    *("begin", "end", "affected_products", "title", "most_recent_update"),
}
JUNK = st.binary(max_size=8) | st.sampled_from([b"NaN", b"\xff", b"\xed\xa0\x80", b"}", b"[", b'"', b"\\ud8"])


@st.composite
def mutated(draw: st.DrawFn, payload: Any) -> bytes:  # Any: JSON is of no one type
    """The payload with up to four things wrong in its tree, and perhaps one in its bytes."""
    tree = copy.deepcopy(payload)
    for _ in range(draw(st.integers(1, 4))):
        tree = _mutate(draw, tree)
    body = json.dumps(tree, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")
    place = draw(st.integers(0, len(body)))
    match draw(st.sampled_from([*6 * ["none"], "cut", "junk", "lost", "call", "other"])):
        case "cut":
            return body[:place]
        case "junk":
            return body[:place] + draw(JUNK) + body[place:]
        case "lost":
            return body[:place] + body[place + draw(st.integers(1, 40)) :]
        case "call":
            return b"jsonCallback(" + body + draw(st.sampled_from([b");", b")", b"", b"));"]))
        case "other":
            return draw(st.binary(max_size=60))
        case _:
            return body


def _mutate(draw: st.DrawFn, tree: Any) -> Any:
    places = list(_places(tree))
    decisive = [(parent, key) for parent, key in places if key in DECISIVE]
    if not places:
        return draw(VALUES)
    parent, key = draw(
        st.sampled_from(draw(st.sampled_from([places, decisive or places, decisive or places])))
    )
    match draw(st.sampled_from(["delete", "replace", "replace", "copy", "rename"])):
        case "delete":
            del parent[key]
        case "replace":
            parent[key] = draw(VALUES)
        case "copy" if isinstance(parent, list):
            parent.append(copy.deepcopy(parent[key]))
        case "rename" if isinstance(parent, dict):
            parent[draw(st.text(max_size=8))] = parent.pop(key)
    return tree


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a tree that something else may take: its parent, and the key or index there."""
    if isinstance(tree, dict | list):
        for key in tree if isinstance(tree, dict) else range(len(tree)):
            yield tree, key
            yield from _places(tree[key])
