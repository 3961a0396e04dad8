"""Several services surge in one run: one alarm, with its notes, whatever the cut into passes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import workers.detecting
from domain.delivery import Endpoint, EventType
from domain.incident import Incident, Reason, State
from domain.kinship import Kinship
from domain.label import Label, Verdict
from domain.moments import milliseconds, minute_of, start_of_minute
from domain.post import Post
from domain.run import LIVE, Run
from domain.service import Service
from ingest.pseudonyms import Pseudonyms
from models.catalogue import Catalogue
from models.matcher import Matcher
from storage.interfaces import Detection, DetectionStep, IncidentFilter, Step
from storage.memory import MemoryStores
from storage.memory_posts import MemoryPosts
from tests.workers.records import START, PlainTagger, post
from workers.counting import count_waiting
from workers.detecting import Detecting
from workers.judging import judge
from workers.reading import Reader

FIRST = minute_of(START)
DAY = 24 * 60
BEGIN = DAY  # of the outages below
NOW = datetime(2026, 1, 1, tzinfo=UTC)
CARRIERS = ("alpha", "bravo", "charly")
GAMES = tuple(f"game{number:02}" for number in range(12))


def service(name: str, category: str, siblings: Iterable[str] = ()) -> Service:
    return Service(
        id=name, name=name, vendor=name, category=category, aliases=(name,), siblings=tuple(siblings)
    )


CATALOGUE = Catalogue(
    {
        one.id: one
        for one in (
            service("alpha", "carrier", ("bravo", "charly")),
            *(service(name, "carrier") for name in CARRIERS[1:]),
            service("nimbus", "cloud"),
            *(service(name, "games") for name in GAMES),
        )
    }
)


def posts_about(name: str, text: str, start: int, minutes: int, every: float, *, seed: int = 0) -> list[Post]:
    """A post of another author every so many minutes."""
    number = round(minutes / every)
    base = (seed * 100 + list(CATALOGUE.services).index(name)) * 100_000 + start
    return [
        post(base + place, f"{name} {text}", minutes=start + place * every + 0.01) for place in range(number)
    ]


def chatter(names: Iterable[str], minutes: int) -> list[Post]:
    """Of each service a mention every ten minutes, and a complaint every two hours."""
    talk = [one for name in names for one in posts_about(name, "is nice", 0, minutes, 10, seed=1)]
    return talk + [one for name in names for one in posts_about(name, "broken", 7, minutes - 7, 120, seed=2)]


def passing_by(minutes: int) -> list[Post]:
    """Posts that name nobody, so many that an outage is not most of what is heard."""
    return [post(90_000_000 + n, "a nice day", minutes=n / 5) for n in range(minutes * 5)]


def complaints(name: str, a_minute: float, start: int = BEGIN, minutes: int = 40) -> list[Post]:
    return posts_about(name, "broken", start, minutes, 1 / a_minute, seed=3)


class Told:
    """One run on the memory twins, brought to its end."""

    def __init__(self, posts: Sequence[Post], *, minutes: int = 2 * DAY, run: str = "recording") -> None:
        self.run = Run(name=run, started_at=NOW)
        self.posts, self.stores = MemoryPosts(), MemoryStores()
        self.stores.runs.start(self.run)
        self.stores.incidents.save(DetectionStep(run, None, Detection(next_minute=FIRST, state=b"")))
        ordered = sorted(posts, key=lambda one: (one.written_at, one.id))
        reader = Reader(
            matcher=Matcher(CATALOGUE),
            accounts=CATALOGUE,
            pseudonyms=Pseudonyms(b"a key that is only for the tests"),
            thread_limit=12 * 3_600_000,
        )
        reader.hand_over(ordered, "x", self.posts, Step("1", None, milliseconds(ordered[-1].written_at)))
        if not self.run.is_live:
            self.posts.end(milliseconds(start_of_minute(FIRST + minutes)))
        while count_waiting(self.posts, PlainTagger, "worker", notices=self.stores.notices, run=run):
            pass

    def close(self, now: datetime = NOW) -> int | None:
        return self.detecting().close_minutes(now)

    def detecting(self) -> Detecting:
        return Detecting(
            run=self.run,
            posts=self.posts,
            stores=self.stores,
            names={},
            budget=1.0,
            grace=0,
            kin=Kinship.of(CATALOGUE),
        )

    def to_its_end(self) -> Told:
        while self.close():
            pass
        return self

    def incidents(self) -> list[Incident]:
        found = self.stores.incidents.find(IncidentFilter(), after=None, most=1000)
        return sorted(found, key=lambda one: (one.raised_at, one.service))

    def raised(self) -> list[str]:
        return [one.service for one in self.incidents()]


def told(*posts: Sequence[Post], names: Sequence[str] = CARRIERS, asked: Sequence[str] = ()) -> Told:
    """A run of two days with these posts; each of the ``asked`` services has an endpoint of its own."""
    everything = [*passing_by(2 * DAY), *chatter(names, 2 * DAY), *(one for some in posts for one in some)]
    run = Told(everything)
    for name in asked:
        endpoint = Endpoint(name, "https://a.example", "whsec_", NOW, services=(name,), replays=True)
        run.stores.deliveries.add_endpoint(endpoint)
    return run.to_its_end()


def noted(incident: Incident) -> list[str]:
    return [note.service for note in incident.spillovers]


def test_a_carriers_outage_is_one_incident_with_its_siblings_as_spillovers() -> None:
    run = told(complaints("alpha", 4), complaints("bravo", 0.5), complaints("charly", 0.5))
    (incident,) = run.incidents()
    assert incident.service == "alpha"
    assert sorted(noted(incident)) == ["bravo", "charly"]
    assert incident.resolved_at is not None
    for note in incident.spillovers:
        assert incident.onset_at <= note.since < note.noted_at
        assert note.observed > note.expected
    story = run.stores.incidents.timeline(incident.id)
    assert Reason.SPILLS in [entry.reason for entry in story]


def told_to(run: Told, asked: str) -> set[tuple[str, EventType]]:
    """The services and types of the events that went to the endpoint of one service."""
    sent = run.stores.deliveries.find(endpoint=asked, most=1000)
    return {(one.event.service, one.event.type) for one in sent}


def test_who_asked_only_for_a_sibling_is_not_called_for_its_spillover() -> None:
    run = told(complaints("alpha", 4), complaints("bravo", 0.5), asked=("alpha", "bravo"))
    assert ("alpha", EventType.OPENED) in told_to(run, "alpha")
    assert told_to(run, "bravo") == set()


def test_who_asked_only_for_one_of_many_is_told_of_their_common_cause() -> None:
    names = (*GAMES, "nimbus")
    run = told(outage_of_all(), complaints("nimbus", 2), names=names, asked=("game03",))
    events = told_to(run, "game03")
    assert {service for service, _ in events} == {"nimbus"}
    assert EventType.RESOLVED in {type_ for _, type_ in events}


def test_a_second_carrier_that_fails_as_much_is_raised_too() -> None:
    run = told(complaints("alpha", 4), complaints("bravo", 4))
    assert sorted(run.raised()) == ["alpha", "bravo"]


def test_a_small_sibling_that_goes_on_after_the_other_eased_is_raised_then() -> None:
    run = told(complaints("alpha", 4), complaints("bravo", 0.7, minutes=180))
    first, second = run.incidents()
    assert (first.service, noted(first), second.service) == ("alpha", ["bravo"], "bravo")
    assert first.recovering_at is not None
    assert first.recovering_at < second.raised_at < first.recovering_at + timedelta(minutes=30)
    assert first.spillovers[0].raised_at == second.raised_at
    assert first.blamed_for == ()


def test_two_unrelated_outages_at_the_same_time_are_both_raised() -> None:
    run = told(complaints("alpha", 8), complaints("game01", 0.5), names=(*CARRIERS, "game01"))
    assert sorted(run.raised()) == ["alpha", "game01"]
    assert [noted(one) for one in run.incidents()] == [[], []]


def test_a_spillover_is_not_learned_as_usual() -> None:
    """An hour of it, and the same again a day later: the second is as striking as the first."""
    posts = [
        complaints(name, rate, start=at, minutes=60)
        for at in (BEGIN, BEGIN + 600)
        for name, rate in (("alpha", 4), ("bravo", 0.6))
    ]
    first, second = told(*posts).incidents()
    assert noted(first) == noted(second) == ["bravo"]
    assert second.spillovers[0].expected / second.spillovers[0].window < 0.1


def outage_of_all(minutes: int = 40) -> list[Post]:
    return [one for name in GAMES for one in complaints(name, 2, minutes=minutes)]


def test_many_services_that_fail_with_a_cloud_are_its_one_incident() -> None:
    run = told(outage_of_all(), complaints("nimbus", 2), names=(*GAMES, "nimbus"))
    (incident,) = run.incidents()
    assert (incident.service, incident.is_common_cause) == ("nimbus", True)
    assert sorted(noted(incident)) == list(GAMES)
    assert run.stores.incidents.timeline(incident.id)[0].reason is Reason.COMMON_CAUSE


def test_services_that_go_on_failing_after_their_cloud_are_one_more_incident_and_not_many() -> None:
    run = told(outage_of_all(180), complaints("nimbus", 2), names=(*GAMES, "nimbus"))
    first, second = run.incidents()
    assert first.service == "nimbus"
    assert second.is_common_cause
    assert sorted([second.service, *noted(second)]) == list(GAMES)


def test_many_services_that_fail_without_a_cloud_are_one_incident_as_well() -> None:
    run = told(outage_of_all(), names=GAMES)
    (incident,) = run.incidents()
    assert incident.is_common_cause
    assert sorted([incident.service, *noted(incident)]) == list(GAMES)


def test_who_dismisses_a_common_cause_has_dismissed_all_that_it_stands_for() -> None:
    run = Told([*chatter(GAMES, 2 * DAY), *outage_of_all()], run=LIVE)
    at = START
    while not run.incidents():
        at += timedelta(minutes=1)
        while run.close(at):
            pass
    (raised,) = run.incidents()
    judge(Label("l", "ann", at, Verdict.NOT_AN_OUTAGE, incident=raised.id), run.stores, {})
    while run.close(START + timedelta(minutes=BEGIN + 120)):
        pass
    assert [one.state for one in run.incidents()] == [State.DISMISSED]


def test_live_what_is_still_open_is_looked_at_with_the_same_guard() -> None:
    run = Told([*chatter(GAMES, BEGIN), *outage_of_all(2)], run=LIVE)
    while run.close(START + timedelta(minutes=BEGIN)):
        pass
    now = START + timedelta(minutes=BEGIN + 1, seconds=50)
    assert run.detecting().look_ahead(now) == 1
    (incident,) = run.incidents()
    assert len(incident.spillovers) >= 8
    assert all(note.since <= note.noted_at <= now for note in incident.spillovers)


@settings(max_examples=5, deadline=None)
@given(
    most=st.sampled_from([1, 7, 59, 61, 500]),
    alpha=st.sampled_from([0.5, 4.0]),
    bravo=st.sampled_from([0.5, 1.5, 4.0]),
    games=st.sampled_from([0, 3, 12]),
)
def test_the_passes_into_which_a_run_is_cut_change_nothing(
    most: int, alpha: float, bravo: float, games: int
) -> None:
    begin, minutes = 600, 800
    posts = [*chatter([*CARRIERS, *GAMES], minutes), *complaints("alpha", alpha, begin)]
    posts += complaints("bravo", bravo, begin + 2, 90)
    posts += [one for name in GAMES[:games] for one in complaints(name, 2, begin + 10)]

    def outcome(passes: int) -> tuple[object, ...]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(workers.detecting, "MOST_MINUTES", passes)
            run = Told(posts, minutes=minutes).to_its_end()
        hours = run.stores.incidents.rates("recording", FIRST // 60, FIRST // 60 + 24)
        return run.incidents(), [run.stores.incidents.timeline(one.id) for one in run.incidents()], hours

    assert outcome(most) == outcome(1440)
