"""Which incident is drawn, and what is said when none can be."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec
import pytest

from commands.explain import NotExplained, check_picture, explained, subject_of, write_picture
from domain.incident import Change, Reason
from domain.moments import minute_of
from storage.interfaces import Detection, DetectionStep
from storage.memory import MemoryStores
from tests.commands.picture.scenes import a_subject, an_incident
from tests.domain.records import at, incident, notice

NAMES = {"github": "GitHub", "slack": "Slack Chat"}
FIRST = msgspec.structs.replace(incident("github", raised=10), score=9.0)
HIGHEST = msgspec.structs.replace(incident("slack", raised=20), score=12.0)
AGAIN = msgspec.structs.replace(incident("github", raised=90), score=9.0)
ALL = [FIRST, HIGHEST, AGAIN]


@pytest.mark.parametrize(
    ("which", "found"),
    [
        (None, HIGHEST),
        ("github", FIRST),
        ("GitHub", FIRST),
        ("slack chat", HIGHEST),
        (AGAIN.id, AGAIN),
    ],
)
def test_the_highest_is_drawn_unless_another_is_named(which, found):
    assert explained(ALL, which, NAMES) == found


def test_an_unknown_one_is_refused_with_the_near_ones_first():
    with pytest.raises(NotExplained) as refused:
        explained(ALL, "slak", NAMES)
    assert "there is no incident slak, and none of a service slak" in str(refused.value)
    assert f"there are: {HIGHEST.id} (Slack Chat), {FIRST.id} (GitHub)" in str(refused.value)


def test_of_many_incidents_only_some_are_named():
    many = [incident("github", raised=10 + number) for number in range(8)]
    with pytest.raises(NotExplained, match="and 3 more"):
        explained(many, "nothing like it", NAMES)


def test_without_incidents_there_is_nothing_to_explain():
    with pytest.raises(NotExplained, match="no incident, so there is nothing to explain"):
        explained([], None, NAMES)


@pytest.mark.parametrize(
    ("path", "which", "explain", "why"),
    [
        ("a.png", None, True, "end the name in .svg"),
        ("nowhere/a.svg", None, True, "there is no folder nowhere"),
        ("a.svg", None, False, "add --explain"),
        (None, "github", False, "github is named .* add --explain"),
    ],
)
def test_what_was_asked_for_in_vain_is_refused_before_any_work(path, which, explain, why):
    with pytest.raises(NotExplained, match=why):
        check_picture(path and Path(path), which, explain=explain)


def test_a_folder_is_no_picture(tmp_path):
    (tmp_path / "here.svg").mkdir()
    with pytest.raises(NotExplained, match="is a folder"):
        check_picture(tmp_path / "here.svg", None, explain=True)


def test_the_picture_holds_what_is_kept_of_the_incident(tmp_path):
    stores, one = kept()
    write_picture(stores, one, tmp_path / "a.svg", name="GitHub", budget=1.0)
    words = [element.text for element in ET.parse(tmp_path / "a.svg").iter() if element.text]
    assert "official page admits 12:40" in words
    assert "lead 34 min" in words


def test_its_minutes_reach_from_some_calm_to_some_calm():
    stores, one = kept()
    subject = subject_of(stores, one, name="GitHub", budget=1.0)
    first, last = subject.span
    assert first <= minute_of(one.onset_at - timedelta(minutes=20))
    assert last >= minute_of(one.resolved_at + timedelta(minutes=20))
    assert subject.notices == [notice(40)]


def test_a_picture_that_cannot_be_written_is_refused(tmp_path):
    stores, one = kept()
    with pytest.raises(NotExplained, match="cannot be written: No such file or directory"):
        write_picture(stores, one, tmp_path / "gone" / "a.svg", name="GitHub", budget=1.0)


def kept():
    """A live run with one incident from noon on, and what was said of it."""
    stores, one = MemoryStores(), a_subject(an_incident(90)).incident
    stores.notices.add([notice(40), notice(40, service="slack")])
    opened = Change(one, None, Reason.SURGE, one.raised_at)
    stores.incidents.save(DetectionStep("live", None, Detection(minute_of(at(300)), b""), (opened,)))
    return stores, one
