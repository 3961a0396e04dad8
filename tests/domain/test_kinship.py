"""Kinship is what the catalogue says, read both ways."""

from __future__ import annotations

from domain.kinship import Kinship
from domain.service import Service

KIN = Kinship.of(
    [
        Service("o2", "O2", "telefonica", "carrier", siblings=("ee",)),
        Service("ee", "EE", "bt", "carrier"),
        Service("aws", "AWS", "amazon", "cloud"),
        Service("netflix", "Netflix", "netflix", "streaming"),
    ]
)


def test_siblings_are_siblings_of_each_other() -> None:
    assert KIN.are_siblings("o2", "ee")
    assert KIN.are_siblings("ee", "o2")
    assert not KIN.are_siblings("o2", "aws")


def test_clouds_and_networks_carry_others_and_clouds_come_first() -> None:
    assert [name for name in ("aws", "o2", "netflix") if KIN.carries_others(name)] == ["aws", "o2"]
    assert KIN.carriers["aws"] < KIN.carriers["o2"]


def test_a_service_that_left_the_catalogue_is_its_own_vendor() -> None:
    assert (KIN.vendor_of("ee"), KIN.vendor_of("gone")) == ("bt", "gone")
