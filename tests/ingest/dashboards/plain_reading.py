"""What a payload says, worked out a second time: slowly, from the tree of its JSON, and without our readers.

It says of each entry whose it is and what it claims, in so far as that is clear. A test holds notices
against it, so it may take as clear what a reader leaves out, but never the other way round.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from domain.notice import OfficialState

Json = Any  # of no one type
TROUBLE, MAINTENANCE, WELL = OfficialState.TROUBLE, OfficialState.MAINTENANCE, OfficialState.WELL


@dataclass(frozen=True)
class Entry:
    """One entry.

    ``components``: of whom it speaks; empty for all of them, or where that is not clear. ``state``: ``None``
    where that is not clear, or nothing has ``begun``. ``is_mark``: it is only the mark beside a component.
    """

    components: frozenset[str]
    id: str | None
    state: OfficialState | None
    started_at: datetime | None
    ended_at: datetime | None
    begun: bool = True
    is_mark: bool = False

    def is_about(self, name: str | None) -> bool:
        return name is None or not self.components or name in self.components

    def may_be(self, event: str) -> bool:
        """Whether it is, or may be, what a page has to say just now of an event of this id."""
        if self.is_mark and not event.startswith("@"):
            return False
        if self.state is None:
            return self.begun and self.id in (None, event)
        return self.id == event and self.state is not WELL


def entries_of(kind: str, body: bytes) -> list[Entry]:
    """The entries in a body of a kind of dashboard; none where it holds no JSON."""
    readings = {"apple": _apple, "statuspage": _statuspage, "slack": _slack, "google": _google}
    return list(readings[kind](payload_of(body)))


def payload_of(body: bytes) -> Json:
    """The JSON in a body, in a call or not; ``None`` where there is none."""
    text = body.decode("utf-8", "replace").strip()
    if text.startswith("jsonCallback("):
        text = text.removeprefix("jsonCallback(").rstrip("; ").removesuffix(")")
    try:
        return json.loads(text, strict=False)
    except ValueError:
        return None


def words_of(tree: Json) -> set[str]:
    """Every word in every text of a tree, without marks and HTML's signs."""
    if isinstance(tree, str):
        text = _shown(html.unescape(tree.replace("**", "").replace("__", "")))
        return set("".join(sign if sign.isalnum() else " " for sign in text).split())
    nodes = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    return {word for node in nodes for word in words_of(node)}


def _apple(feed: Json) -> Iterator[Entry]:
    for one in _list(feed, "services"):
        if not isinstance(_in(one, "events"), list):
            yield Entry(frozenset(), None, None, None, None)
        for event in _list(one, "events"):
            yield _entry(
                event,
                [_in(one, "serviceName")],
                word=_in(event, "eventStatus"),
                going_on=("ongoing",),
                over=("resolved", "completed"),
                fields=("messageId", "epochStartDate", "epochEndDate"),
                planned=_word(_in(event, "statusType")) == "maintenance",
            )


def _statuspage(page: Json) -> Iterator[Entry]:
    for list_ in ("incidents", "scheduled_maintenances"):
        for found in _list(page, list_):
            names = [_in(one, "name") for one in _list(found, "components")]
            for update in _list(found, "incident_updates"):
                affected = [str(_in(one, "name")) for one in _list(update, "affected_components")]
                parts = [name.rpartition(" - ") for name in affected]
                names += [group for group, _, name in parts if group and name in names]
            word = _word(_in(found, "status"))
            starts = ("scheduled_for", "started_at", "created_at")
            start = next((field for field in starts if _in(found, field)), None)
            yield _entry(
                found,
                names,
                word=word,
                going_on=("investigating", "identified", "monitoring", "in_progress", "verifying"),
                over=("resolved", "postmortem", "completed"),
                fields=("id", start, "resolved_at"),
                planned=word in ("in_progress", "verifying", "completed")
                or _in(found, "impact") == "maintenance"
                or _in(found, "scheduled_for") is not None,
            )
    for found in _list(page, "components"):
        group = [
            _in(one, "name") for one in _list(page, "components") if _in(one, "id") == _in(found, "group_id")
        ]
        yield _entry(
            found,
            [_in(found, "name"), *group],
            word=_in(found, "status"),
            going_on=("degraded_performance", "partial_outage", "major_outage", "under_maintenance"),
            over=(),
            fields=(None, None, None),
            planned=_word(_in(found, "status")) == "under_maintenance",
            not_begun=("operational",),
            is_mark=True,
        )


def _slack(answer: Json) -> Iterator[Entry]:
    for found in answer if isinstance(answer, list) else _list(answer, "active_incidents"):
        word = _word(_in(found, "status"))
        yield _entry(
            found,
            _list(found, "services"),
            word=word,
            going_on=("active",),
            over=("resolved", "completed"),
            fields=("id", "date_created", "date_updated"),
            planned=_word(_in(found, "type")) == "maintenance" or word == "completed",
        )


def _google(incidents: Json) -> Iterator[Entry]:
    for found in incidents if isinstance(incidents, list) else ():
        products = [_in(one, "title") for one in _list(found, "affected_products")]
        status = _word(_in(_in(found, "most_recent_update"), "status")) or ""
        yield _entry(
            found,
            products or [name for name in [_in(found, "service_name")] if name != "Multiple Products"],
            word="over" if _in(found, "end") or status.startswith("available") else "going on",
            going_on=("going on",),
            over=("over",),
            fields=("id", "begin", "end"),
            planned=False,
        )


def _entry(
    found: Json,
    components: list[Json],
    *,
    word: Json,
    going_on: tuple[str, ...],
    over: tuple[str, ...],
    fields: tuple[str | None, str | None, str | None],
    planned: bool,
    not_begun: tuple[str, ...] = ("upcoming", "scheduled", "cancelled"),
    is_mark: bool = False,
) -> Entry:
    id_, start, end = (_in(found, field) for field in fields)
    names = [_shown(html.unescape(name)) for name in components if isinstance(name, str)]
    state = None
    if _word(word) in over:
        state = WELL
    elif _word(word) in going_on:
        state = MAINTENANCE if planned else TROUBLE
    return Entry(
        frozenset(names if len(names) == len(components) else ()),
        str(id_).strip() or None if type(id_) in (str, int) else None,
        state,
        _time(start),
        _time(end),
        begun=_word(word) not in not_begun,
        is_mark=is_mark,
    )


def _shown(text: str) -> str:
    return " ".join("".join(sign for sign in text if sign.isprintable() or sign.isspace()).split())


def _in(tree: Json, field: str | None) -> Json:
    return tree.get(field) if isinstance(tree, dict) else None


def _list(tree: Json, field: str) -> list[Json]:
    found = _in(tree, field)
    return found if isinstance(found, list) else []


def _word(value: Json) -> str | None:
    return value.strip().lower() if isinstance(value, str) else None


def _time(value: Json) -> datetime | None:
    try:
        if isinstance(value, int) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000, UTC)
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except (ValueError, OverflowError, OSError):
        return None
