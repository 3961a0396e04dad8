"""What the picture says in words."""

from __future__ import annotations

import pytest

from commands.picture.words import footer, lead, title, verdict
from domain.incident import Severity
from tests.commands.picture.scenes import a_subject, an_incident
from tests.domain.records import at, notice


def test_the_verdict_tells_what_was_seen_how_rare_it_is_and_how_it_went():
    one = an_incident(
        90, observed=142, expected=1.3, spread=1.16, window=10, score=9.0, severity=Severity.CRITICAL
    )
    seen, rarity, course = verdict(a_subject(one))
    assert seen == "Critical: 142 complaints in 10 min, expected: 1.3 (one standard deviation: 1.2)."
    assert rarity == (
        "By chance alone a service sees this once in 1,900 years; "
        "the budget of false alarms allows once in 30 days."
    )
    assert course == (
        "Began at 12:00 (between 11:57 and 12:02); "
        "at its highest 2.4 times as much as 10 min before; over after 1 h 30 min."
    )
    assert title(a_subject(one)) == "GitHub: outage of 1 March 2026"


def test_an_incident_of_an_earlier_version_says_what_it_knows():
    plain = an_incident(still_open=True, onset_earliest_at=None, onset_latest_at=None, growth=None)
    assert verdict(a_subject(plain))[-1] == "Began at 12:00; not over yet."


def test_a_relapse_is_called_one():
    assert verdict(a_subject(an_incident(relapse_of="inc_before")))[-1].startswith("A relapse. Began at")


def test_a_sure_onset_has_no_bounds():
    sure = an_incident(onset_earliest_at=at(0), onset_latest_at=at(0))
    assert verdict(a_subject(sure))[-1].startswith("Began at 12:00;")


def test_the_footer_names_the_classifier_and_the_budget():
    scale, origin = footer(a_subject(an_incident()))
    assert "budget of 1 false alarm per service and 30 days" in scale
    assert "classifier words-1" in scale
    assert "run live" in origin


@pytest.mark.parametrize(
    ("seen", "told"), [(None, ""), (66, "lead 1 h"), (6, "lead 0 min"), (1, "5 min behind")]
)
def test_the_lead_is_told_in_words(seen, told):
    assert lead(a_subject(notices=() if seen is None else (notice(seen),))) == told
