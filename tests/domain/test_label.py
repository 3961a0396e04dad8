"""What a label judges, and whether it teaches."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from domain.label import Label, Untaught, Verdict
from domain.mention import Kind

AT = datetime(2026, 1, 1, tzinfo=UTC)


def label(verdict: Verdict = Verdict.REAL, **about: object) -> Label:
    return Label("l1", "ann", AT, verdict, **about)  # type: ignore[arg-type]  # as given


def on_post(verdict: Verdict = Verdict.REAL, **about: object) -> Label:
    fields = {"source": "x", "post": "1", "service": "siri", "text": "hm"} | about
    return label(verdict, **fields)


@pytest.mark.parametrize(
    ("said", "judged_for"),
    [
        (on_post(), "siri"),
        (on_post(Verdict.WRONG_SERVICE, instead_of="maps"), "maps"),
        (on_post(Verdict.WRONG_SERVICE), "siri"),  # whom it was taken for is not known
        (on_post(service=None), None),
    ],
)
def test_a_label_judges_the_tag_of_one_service(said: Label, judged_for: str | None) -> None:
    assert said.judged_for == judged_for


@pytest.mark.parametrize(
    ("said", "why_not"),
    [
        (on_post(), None),
        (on_post(Verdict.NOT_AN_OUTAGE), None),
        (on_post(Verdict.WRONG_SERVICE, service=None, instead_of="maps"), None),
        (on_post(text=None), Untaught.NO_WORDS),
        (on_post(text=" \n"), Untaught.NO_WORDS),
        (on_post(service=None), Untaught.NO_SERVICE),
        (label(incident="inc_1"), None),
        (label(Verdict.WRONG_SERVICE, incident="inc_1", service="maps"), None),
        (label(Verdict.WRONG_SERVICE, incident="inc_1"), Untaught.NO_POST),
        (label(Verdict.NOT_AN_OUTAGE, incident="inc_1"), Untaught.NO_POST),
        (label(official="apple:siri:1"), Untaught.NO_POST),
    ],
)
def test_a_label_teaches_or_says_why_not(said: Label, why_not: Untaught | None) -> None:
    assert said.untaught is why_not
    assert said.teaches is (why_not is None)


def test_what_was_said_of_a_whole_incident_weighs_less_than_what_was_said_of_the_post() -> None:
    assert on_post(incident="inc_1").weight < on_post().weight == 1


def test_a_label_that_says_the_same_at_another_time_repeats() -> None:
    later = replace(on_post(), id="l2", at=AT + timedelta(hours=1))
    assert later.repeats(on_post())
    assert not replace(later, kind=Kind.ECHO).repeats(on_post())
    assert not replace(later, by="bob").repeats(on_post())
