from datetime import timedelta
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from api.charts import rate_chart
from api.markers import Marker
from api.sparks import spark
from domain.moments import minute_of
from domain.series import Minute
from tests.api.house import NOW

FIRST = minute_of(NOW)

counts = st.integers(0, 100_000)
levels = st.floats(0, 100_000)
minutes = st.lists(
    st.builds(
        lambda offset, count, expected, upper, blind: Minute(
            FIRST + offset, count, 0, 0, 0, count, expected, upper, blind
        ),
        st.integers(0, 359),
        counts,
        levels,
        levels,
        st.booleans(),
    ),
    max_size=40,
    unique_by=lambda minute: minute.number,
).map(sorted)


@given(
    minutes,
    st.lists(st.integers(-60, 420), max_size=5),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20),
)
def test_any_rates_and_words_make_sound_svg_that_stays_within_its_height(series, moments, name):
    markers = [Marker(NOW + timedelta(minutes=at), name, "raised", "o") for at in moments]
    svg = ElementTree.fromstring(rate_chart(series, FIRST, FIRST + 359, markers, title=name, text="words"))
    height = float(svg.attrib["height"])
    assert svg.attrib["aria-label"] == f"{name}. words"
    assert all(0 <= float(text.attrib["y"]) <= height for text in svg.iter("text"))
    assert ("blind-minutes" in {element.get("class") for element in svg.iter()}) == any(
        minute.blind for minute in series
    )
    assert not any("style" in element.attrib for element in svg.iter())


@given(minutes)
def test_any_rates_make_a_sound_sparkline(series):
    ElementTree.fromstring(spark(series, FIRST, FIRST + 359, "words"))
