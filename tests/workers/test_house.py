"""The joined collaborators of one process, on a real Valkey and a real SQLite."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from delivery.errors import AddressRefused
from domain.busy import Busy
from domain.delivery import Endpoint, EventType
from domain.incident import Change, Incident, Reason, Severity, State
from domain.label import Label, Verdict
from domain.model_version import ModelVersion
from domain.run import LIVE, Run
from domain.source import SourceState, SourceStatus
from ingest.registry import DASHBOARDS
from settings import Settings, WrongSettings
from storage.interfaces import IncidentFilter
from tests.storage.servers import running_valkey
from workers.house import House
from workers.intake import MOST_BACKLOG
from workers.operators_endpoint import OPERATOR
from workers.readiness import leave_canary

NOW = datetime.now(UTC)


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="gs-") as name:
        yield Path(name)


@pytest.fixture
def house(folder: Path) -> Iterator[House]:
    with running_valkey(folder) as url:
        house = House(Settings(var=folder / "var", redis_url=url))
        house.prepare()
        yield house


def line(number: int, text: str = "imessage is broken", at: datetime = NOW) -> bytes:
    return json.dumps(
        {"id": f"p{number}", "written_at": at.isoformat(), "text": text, "author": f"a{number}"}
    ).encode()


def live_incident(house: House) -> Incident:
    incident = Incident(
        id="inc_1", run=LIVE, service="imessage", state=State.SUSPECTED, severity=Severity.MAJOR,
        onset_at=NOW, raised_at=NOW, last_high_at=NOW, expected=1.0, observed=20, spread=1.0, window=5,
        score=9.0, threshold=5.0,
    )  # fmt: skip
    assert house.stores.incidents.change(Change(incident, None, Reason.SURGE, NOW), [])
    return incident


def test_the_services_on_pages_that_are_looked_at_are_watched(folder: Path) -> None:
    house = House(Settings(var=folder, dashboard_seconds=60))
    kinds = {service.id: service.dashboard and service.dashboard.kind for service in house.catalogue}
    assert "imessage" in house.watched
    assert house.watched == {service for service, kind in kinds.items() if kind in DASHBOARDS}
    assert House(Settings(var=folder)).watched == frozenset()  # nothing is listened to, nothing looked at


def test_detection_knows_who_is_watched_and_when_silence_is_told(house: House) -> None:
    detecting = house.detecting(house.live)
    assert detecting.watched == house.watched
    assert detecting.silent_after == timedelta(minutes=house.settings.silent_after_minutes)


def test_posts_that_come_in_are_on_their_way_to_the_live_run(house: House) -> None:
    intake = house.take_in([line(1), line(2, "what a day"), b"{}", line(3)])
    assert (intake.accepted, intake.mentions) == (3, 2)
    assert [(bad.number, bad.field) for bad in intake.rejected] == [(3, "id")]
    run = house.stores.runs.get(LIVE)
    assert run is not None
    assert house.posts(run).backlog() == 1


def test_a_post_from_the_future_is_refused_by_its_line(house: House) -> None:
    intake = house.take_in([line(1, at=NOW + timedelta(hours=1))])
    assert [(bad.number, bad.field) for bad in intake.rejected] == [(1, "written_at")]
    assert intake.accepted == 0


def test_the_intake_says_busy_when_the_workers_are_behind(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.redis_posts.RedisPosts.backlog", lambda _: MOST_BACKLOG + 1)
    with pytest.raises(Busy) as busy:
        house.take_in([line(1)])
    assert busy.value.retry_after > 0


def test_the_intake_says_busy_when_redis_is_away(folder: Path) -> None:
    house = House(Settings(var=folder / "var", redis_url=f"unix://{folder}/nothing.sock"))
    house.prepare()
    with pytest.raises(Busy):
        house.take_in([line(1)])


def test_readiness_names_what_is_wrong(house: House) -> None:
    faults = house.readiness()
    assert (faults["redis"], faults["database"]) == (None, None)
    assert "no worker" in str(faults["worker"])
    leave_canary(house.redis)
    assert house.readiness()["worker"] is None


def test_not_an_outage_dismisses_an_open_incident_and_keeps_the_label(house: House) -> None:
    incident = live_incident(house)
    label = Label(id="l1", by="ann", at=NOW, verdict=Verdict.NOT_AN_OUTAGE, incident=incident.id)
    dismissed = house.label(label)
    assert dismissed is not None
    assert dismissed.state is State.DISMISSED
    assert [kept.by for kept in house.stores.labels.find(incident=incident.id)] == ["ann"]
    assert house.stores.incidents.timeline(incident.id)[-1].reason is Reason.VERDICT


def test_a_verdict_that_agrees_changes_nothing(house: House) -> None:
    incident = live_incident(house)
    label = Label(id="l1", by="ann", at=NOW, verdict=Verdict.REAL, incident=incident.id)
    assert house.label(label) == incident
    (found,) = house.stores.incidents.find(IncidentFilter(), after=None, most=9)
    assert found == incident


def test_the_first_key_is_given_once(house: House) -> None:
    key = house.first_key()
    assert key is not None
    assert key.startswith("gsk_")
    assert house.first_key() is None


def test_preparing_twice_changes_nothing(house: House) -> None:
    before = (house.stores.runs.all(), house.stores.models.active(), house.stores.incidents.detection(LIVE))
    house.prepare()
    assert before == (
        house.stores.runs.all(),
        house.stores.models.active(),
        house.stores.incidents.detection(LIVE),
    )


def test_a_damaged_model_version_is_refused_and_the_one_before_stays(house: House) -> None:
    champion = house.classifier()
    card = champion.card
    body = house.stores.models.get(champion.version)
    assert body is not None
    damaged = ModelVersion(type(card)(**{**_fields(card), "version": "2026-01-01-damaged0"}), body.body[:-9])
    house.stores.models.add(damaged)
    house.stores.models.activate("2026-01-01-damaged0", NOW)
    assert house.classifier().version == champion.version


def _fields(card: object) -> dict[str, object]:
    return {name: getattr(card, name) for name in card.__struct_fields__}  # type: ignore[attr-defined]  # a Struct


def test_the_operators_endpoint_follows_the_settings(house: House, folder: Path) -> None:
    url = house.settings.redis_url
    chosen = {"var": folder / "var", "redis_url": url}
    House(Settings(**chosen, webhook_url="http://127.0.0.1:9/hook")).prepare()
    first = house.stores.deliveries.endpoint(OPERATOR)
    assert first is not None
    assert (first.by_operator, first.replays) == (True, True)
    House(Settings(**chosen, webhook_url="http://127.0.0.1:9/other")).prepare()
    second = house.stores.deliveries.endpoint(OPERATOR)
    assert second is not None
    assert (second.url, second.secret) == ("http://127.0.0.1:9/other", first.secret)
    House(Settings(**chosen)).prepare()
    assert house.stores.deliveries.endpoint(OPERATOR) is None


def test_a_webhook_secret_that_was_made_is_shown_once(house: House, folder: Path) -> None:
    settings = Settings(
        var=folder / "var", redis_url=house.settings.redis_url, webhook_url="http://127.0.0.1:9/hook"
    )
    first, second = House(settings), House(settings)
    first.prepare()
    second.prepare()
    kept = house.stores.deliveries.endpoint(OPERATOR)
    assert kept is not None
    assert (first.new_webhook_secret, second.new_webhook_secret) == (kept.secret, None)


def test_a_replay_whose_reader_has_gone_is_ended(house: House) -> None:
    run = Run(name="half", started_at=NOW)
    house.begin(run, 0)
    house.abandon(Run(name="half", started_at=NOW - timedelta(hours=1)))  # an older one of this name
    assert "half" in {one.name for one in house.active_runs()}
    house.abandon(run)
    assert "half" not in {one.name for one in house.active_runs()}


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("webhook_url", "ftp://example.com"),
        ("webhook_secret", SecretStr("no secret by the standard")),
        ("webhook_allow", ("10.0.0.0/99",)),
    ],
)
def test_a_wrong_webhook_setting_is_named(folder: Path, setting: str, value: object) -> None:
    settings = Settings(**{"var": folder, "webhook_url": "http://127.0.0.1:9/", setting: value})
    with pytest.raises(WrongSettings, match=f"GROUNDSWELL_{setting.upper()}"):
        House(settings).prepare()


def test_a_strangers_endpoint_may_not_be_private(house: House) -> None:
    with pytest.raises(AddressRefused):
        house.check_endpoint("http://127.0.0.1:8080/")


@pytest.fixture
def listening(house: House, folder: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    """A house that reads a drop folder and Bluesky."""
    (folder / "drop").mkdir()
    monkeypatch.setenv("GROUNDSWELL_FOLDER_PATH", str(folder / "drop"))
    settings = house.settings.model_copy(update={"sources": ("folder", "bluesky")})
    return House(settings)


def test_what_is_configured_and_never_spoke_is_blind_and_what_is_brought_is_counted(
    listening: House,
) -> None:
    listening.take_in([line(1), line(2, "a nice day"), b"no json"])
    bluesky, folder, http = listening.hearing()
    assert [one.name for one in (bluesky, folder, http)] == ["bluesky", "folder", "http"]
    assert bluesky.is_blind(NOW)
    assert (http.posts, http.mentions, http.unreadable) == (2, 1, 1)
    assert not http.is_blind(NOW)


def test_a_source_that_is_read_no_longer_is_shown_no_longer(listening: House, house: House) -> None:
    for name in ("bluesky", "x"):
        listening.source_statuses.say(SourceStatus(name, SourceState.LISTENING, NOW, reader="here:1"))
    assert [one.name for one in listening.hearing()] == ["bluesky", "folder"]
    assert house.hearing() == []


def test_a_source_is_read_by_a_listener_of_the_house(listening: House, folder: Path) -> None:
    (folder / "drop" / "a.jsonl").write_bytes(line(7) + b"\n")
    os.utime(folder / "drop" / "a.jsonl", (0, 0))  # long ago: nobody writes into it any more
    source = listening.sources["folder"]
    lease = listening.source_statuses.lease("folder")
    assert lease.take()
    status = listening.listener(source).turn(lease)
    assert (status.posts, status.mentions, status.state) == (1, 1, SourceState.LISTENING)
    assert listening.posts(listening.live).backlog() == 1
    assert (folder / "drop" / "finished" / "a.jsonl").exists()


def test_a_polled_source_that_was_refused_is_asked_again_after_a_start(listening: House) -> None:
    for name in ("folder", "bluesky"):
        listening.source_statuses.say(SourceStatus(name, SourceState.STOPPED, NOW, reader="here:1"))
    listening.wake_polled()
    bluesky, folder = listening.hearing()
    assert bluesky.state is SourceState.STOPPED  # its own process asks again as it starts
    assert (folder.state, folder.again_at is not None) == (SourceState.WAITING, True)


def test_a_source_that_stopped_is_told_to_every_endpoint(listening: House) -> None:
    listening.stores.deliveries.add_endpoint(
        Endpoint(id="ops", url="https://ops.example/hook", secret="whsec_c2VjcmV0", created_at=NOW)
    )
    stopped = SourceStatus("x", SourceState.STOPPED, NOW, last_error="the token is not valid")
    listening.announce(stopped)
    listening.announce(stopped)
    (delivery,) = listening.stores.deliveries.find(endpoint="ops")
    assert delivery.event.type is EventType.SOURCE_STOPPED


def test_official_pages_are_watched_where_sources_are_read_or_it_was_asked_for(
    house: House, listening: House
) -> None:
    assert house.watching is None
    assert not house.asks_outside
    assert listening.watching is not None
    asked = House(house.settings.model_copy(update={"dashboard_seconds": 30}))
    assert asked.watching is not None
    assert {page.kind for page in asked.watching.pages} == DASHBOARDS.keys()
    never = House(listening.settings.model_copy(update={"dashboard_seconds": 0}))
    assert never.watching is None
