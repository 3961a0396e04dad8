"""The story of a run tells what the official side said, each thing once."""

from __future__ import annotations

import msgspec
import pytest

from commands.telling import lead_sentences, spillover_sentences, story
from domain.incident import Change, Incident, Reason, Spillover
from domain.moments import minute_of
from domain.notice import OfficialNotice
from storage.interfaces import Detection, DetectionStep
from storage.memory import MemoryStores
from tests.domain.records import MAINTENANCE, WELL, at, incident, notice

NAMES = {"github": "GitHub"}


def stores_with(outage: Incident, *notices: OfficialNotice) -> MemoryStores:
    """An incident that was raised, told to be silent, and told to be admitted."""
    stores = MemoryStores()
    changes = [Change(outage, None, Reason.SURGE, outage.raised_at)]
    for minute, reason in ((70, Reason.SILENT), (90, Reason.ACKNOWLEDGED)):
        before = changes[-1].incident
        after = msgspec.structs.replace(before, revision=before.revision + 1)
        changes.append(Change(after, before.state, reason, at(minute)))
    stores.incidents.save(
        DetectionStep("live", None, Detection(minute_of(at(999)), b""), changes=tuple(changes))
    )
    stores.notices.add(notices)
    return stores


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ([], []),
        ([notice(80)], [("official page admits", "1 h 10 min after us")]),
        ([notice(-20)], [("official page admits", "30 min before us")]),
        ([notice(30, MAINTENANCE)], []),
        (
            [notice(80), notice(85, MAINTENANCE, event="b"), notice(99, WELL)],
            [
                ("official page admits", "1 h 10 min after us"),
                ("official page: all well", "Some users are affected."),
            ],
        ),
        (
            [notice(80, late=True), notice(80, WELL)],
            [("official page admits", "1 h 10 min after us, when it was over")],
        ),
    ],
)
def test_the_official_side_is_told_from_its_notices(
    said: list[OfficialNotice], told: list[tuple[str, str]]
) -> None:
    lines = story(stores_with(incident(), *said), "live", NAMES)
    assert [
        (line.what, line.detail)
        for line in lines
        if "official page" in line.what and "silent" not in line.what
    ] == told


def test_silence_is_told_with_how_long_it_lasted() -> None:
    [line] = [line for line in story(stores_with(incident()), "live", NAMES) if "silent" in line.what]
    assert (line.at, line.what, line.detail) == (
        at(70),
        "official page silent",
        "1 h after it was raised",
    )


def test_who_was_first_is_told_in_a_sentence() -> None:
    [sentence] = lead_sentences(stores_with(incident(), notice(80)), "live", NAMES)
    assert sentence == "GitHub: raised 1 h 10 min before the official page admitted it."


NOTES = tuple(
    Spillover(service, at(0), at(noted), 0.5, 9, 5)
    for service, noted in [("a", 10), ("b", 12), ("c", 12), ("d", 12), ("e", 12)]
)


def stores_with_spillovers(opened: Reason) -> MemoryStores:
    """An incident that was raised with one spillover, and learned of four more."""
    first = msgspec.structs.replace(
        incident(), spillovers=NOTES[:1], is_common_cause=opened is Reason.COMMON_CAUSE
    )
    then = msgspec.structs.replace(first, spillovers=NOTES, revision=1)
    changes = (Change(first, None, opened, at(10)), Change(then, first.state, Reason.SPILLS, at(12)))
    stores = MemoryStores()
    stores.incidents.save(DetectionStep("live", None, Detection(minute_of(at(999)), b""), changes=changes))
    return stores


def test_spillovers_are_told_with_the_change_that_noted_them_a_few_by_name() -> None:
    lines = story(stores_with_spillovers(Reason.SURGE), "live", {**NAMES, "a": "Alpha"})
    assert [(line.at, line.what, line.detail) for line in lines if line.detail[:1] in "Ab"] == [
        (at(10), "possible spillover to", "Alpha"),
        (at(12), "possible spillover to", "b, c, d and 1 more"),
    ]


def test_a_common_cause_is_told_as_one() -> None:
    lines = story(stores_with_spillovers(Reason.COMMON_CAUSE), "live", NAMES)
    assert [(line.what, line.detail) for line in lines][:1] == [("COMMON CAUSE of", "a")]


@pytest.mark.parametrize(
    ("opened", "sentence"),
    [
        (Reason.SURGE, "GitHub: possible spillover to a, b, c, d, e."),
        (Reason.COMMON_CAUSE, "GitHub: common cause, 6 services at once; with it a, b, c, d, e."),
    ],
)
def test_all_that_surged_with_an_incident_is_told_in_a_sentence(opened: Reason, sentence: str) -> None:
    assert list(spillover_sentences(stores_with_spillovers(opened), "live", NAMES)) == [sentence]
