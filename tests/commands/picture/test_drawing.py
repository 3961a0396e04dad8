"""The picture: a whole SVG with nothing outside of the sheet, whatever the incident."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commands.picture.drawing import BLIND, DOUBT, HIGH_BAR, WIDTH, draw
from commands.picture.lettering import width_of
from tests.commands.picture.scenes import SCENES, a_subject, an_incident
from tests.domain.records import WELL, any_notices, notice

SVG = "{http://www.w3.org/2000/svg}"
SHIFTS = {"start": 0.0, "middle": 0.5, "end": 1.0}


def parsed(picture: str) -> ET.Element:
    return ET.fromstring(picture.encode())


def words(picture: str) -> str:
    return "\n".join(element.text or "" for element in parsed(picture).iter(f"{SVG}text"))


def places(element: ET.Element) -> list[tuple[float, float]]:
    """The corners of an element's box; words are as wide as we guess them."""
    got = element.attrib
    if element.tag == f"{SVG}path":
        return [(float(x), float(y)) for x, y in re.findall(r"([-\d.]+) ([-\d.]+)", got["d"])]
    if element.tag == f"{SVG}line":
        return [(float(got["x1"]), float(got["y1"])), (float(got["x2"]), float(got["y2"]))]
    if element.tag == f"{SVG}rect":
        x, y = float(got["x"]), float(got["y"])
        return [(x, y), (x + float(got["width"]), y + float(got["height"]))]
    if element.tag == f"{SVG}text":
        size = int(got["font-size"])
        length = width_of(element.text or "", size, bold="font-weight" in got)
        x, y = float(got["x"]) - SHIFTS[got["text-anchor"]] * length, float(got["y"])
        return [(x, y - 0.8 * size), (x + length, y + 0.25 * size)]
    return []


def assert_inside(picture: str) -> None:
    root = parsed(picture)
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    assert width == WIDTH
    for element in root.iter():
        for x, y in places(element):
            assert -0.01 <= x <= width + 0.01, ET.tostring(element)[:200]
            assert -0.01 <= y <= height + 0.01, ET.tostring(element)[:200]


@pytest.mark.parametrize("scene", SCENES)
def test_nothing_lies_outside_of_the_sheet(scene):
    assert_inside(draw(SCENES[scene]()))


@settings(max_examples=40, deadline=None)
@given(
    lasting=st.integers(5, 3000),
    still_open=st.booleans(),
    raised=st.integers(0, 60),
    rate=st.floats(0.01, 300),
    height=st.floats(1, 60),
    name=st.text(max_size=60),
    notices=any_notices(("github",)),
    version=st.none() | st.text(max_size=300),
)
def test_any_incident_makes_a_whole_picture(
    lasting, still_open, raised, rate, height, name, notices, version
):
    one = an_incident(max(lasting, raised + 1), still_open=still_open, raised=raised, model_version=version)
    assert_inside(draw(a_subject(one, rate=rate, height=height, name=name, notices=tuple(notices))))


def test_minutes_without_anything_known_make_a_picture_as_well():
    subject = a_subject()
    empty = type(subject)(subject.incident, "GitHub", 1.0, subject.span, ())
    assert_inside(draw(empty))


def test_words_are_words_and_never_markup():
    picture = draw(a_subject(name='<script>alert("1")</script> & \x00\ud800co'))
    assert "<script" not in picture
    assert '<script>alert("1")</script> &' in words(picture)


def test_all_that_a_post_mortem_asks_for_is_in_the_picture():
    picture = draw(a_subject(an_incident(90), notices=(notice(63, began=10), notice(80, WELL))))
    told = words(picture)
    for asked in (
        "onset 12:00", "raised 12:06", "confirmed 12:11", "recovering 13:12", "resolved 13:30",
        "official page admits 13:03", "claimed start 12:10", "official page: all well 13:20", "lead 57 min",
        "expected", "threshold of one minute", "± one st. dev.", "1 Mar UTC", "classifier words-1",
        "budget of 1 false alarm", "GitHub: outage of 1 March 2026",
    ):  # fmt: skip
        assert asked in told


def test_what_is_not_there_is_not_explained():
    plain = draw(a_subject(msgspec.structs.replace(an_incident(), onset_earliest_at=None)))
    assert f'fill="{DOUBT}"' not in plain
    assert f'fill="{BLIND}"' not in plain
    assert "lead" not in words(plain)
    assert f'fill="{HIGH_BAR}"' not in draw(a_subject(height=1.0, rate=0.01))


def test_blind_minutes_are_shaded():
    assert "blind" in words(draw(a_subject(blind=range(10, 20))))


def test_the_same_incident_makes_the_same_picture():
    assert draw(SCENES["still going on"]()) == draw(SCENES["still going on"]())
