"""The record of the lead, for a person at 80 columns and for a program."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from commands.lead import lead_json, lead_report
from domain.lead_record import LeadRecord, Listening, lead_record
from domain.official import account_event
from tests.domain.records import WELL, at, incident, notice

DAY = 24 * 60
NAMES = {"github": "GitHub", "slack": "A service with quite a long name"}
VENDORS = {"github": "microsoft", "slack": "salesforce"}


def a_record(misses: int = 2) -> LeadRecord:
    """One incident of ours that was admitted, one that never was, and some that we missed."""
    missed = [
        [
            notice(5000 + 300 * number, service="slack", event=f"slack:slack:{number}"),
            notice(5060 + 300 * number, WELL, service="slack", event=f"slack:slack:{number}"),
        ]
        for number in range(misses)
    ]
    return lead_record(
        [incident(ended=120), incident(raised=900, ended=960)],
        [notice(34.5), notice(110, WELL), *(one for both in missed for one in both)],
        Listening(None, at(30 * DAY)),
        watched=("github",),
        vendors=VENDORS,
        called_none=("slack:slack:0",),
    )


def shown(record: LeadRecord) -> list[str]:
    console = Console(width=80, file=io.StringIO(), highlight=False)
    console.print(lead_report(record, "live", NAMES))
    printed: str = console.file.getvalue()  # type: ignore[attr-defined]  # a StringIO
    return [line.rstrip() for line in printed.splitlines()]


def test_a_person_reads_who_was_first_and_by_how_much() -> None:
    lines = shown(a_record())
    assert lines[0] == "The lead in run live: 2 incidents"
    assert lines[1:7] == [
        "      1  first heard by us",
        "      0  first told by them",
        "      1  never admitted",
        "      0  not admitted yet",
        "      0  no dashboard watched",
        "      1  missed by us",
    ]
    assert "  lead  median +24 min, half of them from +24 min to +24 min" in lines
    assert "10 to 30 █ 1" in [" ".join(line.split()) for line in lines]
    [github] = [line for line in lines if line.startswith("  GitHub")]
    assert github.split() == ["GitHub", "1", "·", "1", "·", "·", "·", "+24", "min"]


def test_a_person_reads_what_was_missed_and_under_which_name_to_label_it() -> None:
    lines = shown(a_record())
    assert "  04 Mar 23:20Z  A service with quite a long name  a person says: no outage" in lines
    assert "                 Some users are affected." in lines
    assert [line.strip() for line in lines if "slack:slack" in line] == ["slack:slack:0", "slack:slack:1"]
    assert sum("a person says: no outage" in line for line in lines) == 1


def test_of_many_misses_the_latest_are_shown() -> None:
    lines = shown(a_record(misses=14))
    assert sum("slack:slack" in line for line in lines) == 10
    assert lines[-1] == "  and 4 before them; --json tells all"
    assert any("slack:slack:13" in line for line in lines)


@pytest.mark.parametrize(
    "record",
    [a_record(), a_record(misses=14), lead_record([], [], Listening(None, at(0)), watched=(), vendors={})],
)
def test_it_is_read_at_80_columns(record: LeadRecord) -> None:
    assert max(map(len, shown(record))) <= 80


def test_a_strangers_words_move_no_cursor() -> None:
    name = account_event("slack", "x", "\x1b[2J")
    record = lead_record(
        [],
        [notice(0, service="slack", event=name)],
        Listening(None, at(DAY)),
        watched=(),
        vendors=VENDORS,
    )
    assert not any("\x1b" in line for line in shown(record))


def test_a_program_reads_the_same_and_more() -> None:
    told = json.loads(lead_json(a_record(), "live"))
    assert (told["run"], told["total"]["incidents"], told["total"]["median_minutes"]) == ("live", 2, 24.5)
    assert told["by_service"]["github"]["us"] == told["by_vendor"]["microsoft"]["us"] == 1
    assert told["by_service"]["slack"]["quantiles"] is None
    assert [(one["event"], one["missed"]) for one in told["misses"]] == [
        ("slack:slack:0", False),
        ("slack:slack:1", True),
    ]
    assert told["misses"][0]["history"][0]["state"] == "trouble"
