"""A folder of public data sets as it may lie beside the repository, every post in it made up, with labels."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from domain.mention import Kind
from models.real_posts import DATA_SETS, RATED, STREAMS, TALKS
from tests.models.slang import PLAIN

MANY = 20  # posts of each set
TRADES = ("retail", "food", "random_tweet")
SERVICES = ("spotify", "github", None, "corner_shop")  # the last is in no catalogue
_KINDS = (Kind.COMPLAINT, Kind.OTHER)

Fields = dict[str, object]


def text_of(place: int) -> str:
    """Complaints and other posts in turns."""
    said = PLAIN[kind_of(place)]
    service = SERVICES[place // 2 % len(SERVICES)] or "my bike"
    return f"day {place}: {said[place % len(said)].format(service.replace('_', ' '))}"


def kind_of(place: int) -> Kind:
    return _KINDS[place % 2]


def pack(file: Path, lines: Sequence[Fields]) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(gzip.compress("".join(json.dumps(line) + "\n" for line in lines).encode()))
    return file


def public_data(folder: Path) -> Path:
    """Every data set and stream, in their own layouts."""
    for name in DATA_SETS:
        pack(folder / "labels" / f"{name}.jsonl.gz", [_line(name, place) for place in range(MANY)])
    for name in STREAMS:
        posts = [{"id": f"{name}-{at}", "text": text_of(at), "in_reply_to": None} for at in range(MANY)]
        pack(folder / "streams" / f"{name}.jsonl.gz", posts)
    return folder


def use_labels(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Path:
    """Let labels of the made-up posts stand in for ours; every fifth is unsure."""
    folder.mkdir()
    of_sets = [_label(name, str(place), place) for name in DATA_SETS for place in range(MANY)]
    of_streams = [
        _label(name, f"{name}-{place}", place, half="development" if place < MANY // 2 else "test")
        for name in STREAMS
        for place in range(MANY)
    ]
    for name, labels in (("datasets", of_sets), ("streams", of_streams)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(label) + "\n" for label in labels))
    monkeypatch.setattr("models.real_posts.LABELS", folder)
    return folder


def _line(name: str, place: int) -> Fields:
    if name == TALKS:
        said = [{"role": "client", "text": text_of(place)}, {"role": "agent", "text": "sorry to hear"}]
        return {"company": "shop", "turns": [*said, {"role": "client", "text": "thanks"}]}
    if name == RATED:
        complains = int(kind_of(place) is Kind.COMPLAINT)
        return {"text": text_of(place), "complaint": complains, "domain": TRADES[place // 2 % len(TRADES)]}
    return {"text": text_of(place), "sentiment": "neutral"}


def _label(name: str, post: str, place: int, **more: object) -> Fields:
    unsure = {"unsure": True} if place % 5 == 0 else {}
    service = SERVICES[place // 2 % len(SERVICES)]
    return {"set": name, "id": post, "kind": kind_of(place), "service": service, **unsure, **more}
