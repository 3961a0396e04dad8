"""The attack list: every way we know to make a webhook lead where it should not."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.errors import AddressRefused, DeliveryFailed
from delivery.guard import Guard
from delivery.sender import Sender
from tests.delivery.incidents import AT, delivery, endpoint
from tests.delivery.receiver import receiving

STRICT = Guard()

PRIVATE_V4 = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "100.100.100.200",
    "169.254.169.254",
    "169.254.170.2",
    "168.63.129.16",
    "192.0.0.192",
    "192.0.2.1",
    "198.18.0.1",
    "203.0.113.7",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
]
PRIVATE_V6 = [
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "::ffff:10.0.0.1",
    "::ffff:0:127.0.0.1",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::7f00:1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2002:a83f:8110::1",
    "2001:0:7f00:1::",
    "2001:db8::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "100::1",
    "1000::1",
    "4000::1",
    "5f00::1",
]
DISGUISED = [
    "2130706433",
    "017700000001",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "127.1",
    "127.0.1",
    "127.0x0.0.1",
    "0",
    "0x",
    "①②⑦.0.0.1",
    "127。0。0。1",
    "localhost",
    "localhost.",
    "LOCALHOST",
    "app.localhost",
    "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
    "redis",
    "printer.local",
    "metadata.google.internal",
    "router.home.arpa",
    "[fe80::1%25eth0]",
    "127.0.0.1%2eexample.com",
]
ODD = [
    "",
    "hooks.example/1",
    "//hooks.example/1",
    "ftp://hooks.example/1",
    "file:///etc/passwd",
    "gopher://hooks.example:6379/_x",
    "javascript:alert(1)",
    "http://",
    "http:///hook",
    "https://user@hooks.example/1",
    "https://user:pass@hooks.example/1",
    "https://hooks.example@127.0.0.1/",
    "https://hooks.example:pass@127.0.0.1:80/",
    "https://hooks.example:0/1",
    "https://hooks.example:22/1",
    "https://hooks.example:25/1",
    "https://hooks.example:65536/1",
    "https://hooks.example:http/1",
    "https://hooks.example:-1/1",
    "https://hooks.exa mple/1",
    "https://hooks.example/\r\nHost: 127.0.0.1",
    "https://hooks.example\t/1",
    "https://hooks..example/1",
    "https://-/1",
    "https://[::1/1",
    "https://127.0.0.1\\@hooks.example/",
    "https://hooks.example/" + "x" * 2000,
    "https://" + "x" * 300 + ".example/",
]


@pytest.mark.parametrize(
    "url",
    [
        *(f"http://{host}/hook" for host in PRIVATE_V4 + DISGUISED),
        *(f"http://[{host}]/hook" for host in PRIVATE_V6),
        *ODD,
    ],
)
def test_a_stranger_cannot_register_it(url: str) -> None:
    with pytest.raises(AddressRefused) as refused:
        STRICT.check_url(url)
    assert len(refused.value.why) < 400
    assert "\n" not in refused.value.why


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example/1?a=b&c=%20d",
        "http://hooks.example",
        "https://hooks.example:8443/",
        "https://hooks.example:443/",
        "https://bücher.example/haken/ü?q=ß",
        "https://8.8.8.8/hook",
        "https://[2606:4700::1111]/hook",
        "https://hooks.example./hook",
        "https://0x.hooks.example/hook",
    ],
)
def test_a_public_address_passes(url: str) -> None:
    STRICT.check_url(url)


def answering(*addresses: str) -> Any:  # Any: what getaddrinfo gives is as loose as that
    """A name server that gives each look-up the next of some answers, and counts."""
    left = list(addresses)

    def look_up(host: str, port: int, *rest: object) -> Iterable[tuple[Any, ...]]:
        look_up.asked += 1  # type: ignore[attr-defined]  # a counter on a function
        rows = []
        for address in left.pop(0).split():
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            sockaddr = (address, port, 0, 0) if ":" in address else (address, port)
            rows.append((family, socket.SOCK_STREAM, 6, "", sockaddr))
        return rows

    look_up.asked = 0  # type: ignore[attr-defined]  # as above
    return look_up


@pytest.mark.parametrize("address", [*PRIVATE_V4, *PRIVATE_V6, "8.8.8.8 127.0.0.1", "::1 2606:4700::1111"])
def test_a_public_name_that_leads_to_a_private_address_is_not_called(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", answering(address))
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("it was called"))
    stranger = endpoint("https://hooks.example/1")
    with pytest.raises(DeliveryFailed) as failed:
        Sender(STRICT).send(delivery(stranger), stranger, AT)
    assert failed.value.why == "the name leads to an address that is private or reserved"
    assert not failed.value.permanent


def test_a_name_is_looked_up_once_so_that_it_cannot_move_after_the_check() -> None:
    with receiving() as receiver:
        port = receiver.url.split(":")[2].split("/")[0]
        moving = answering("127.0.0.1", "10.255.255.1")
        guard = Guard(["127.0.0.1"], resolver=moving)
        stranger = endpoint(f"http://hooks.example:{port}/1")
        assert Sender(guard).send(delivery(stranger), stranger, AT) == 200
        assert moving.asked == 1
        with pytest.raises(DeliveryFailed, match="private or reserved"):
            Sender(guard).send(delivery(stranger), stranger, AT)
        assert len(receiver.requests) == 1


def test_a_literal_private_address_is_refused_for_good_when_sending() -> None:
    with receiving() as receiver:
        stranger = endpoint(receiver.url)
        with pytest.raises(DeliveryFailed) as failed:
            Sender(STRICT).send(delivery(stranger), stranger, AT)
        assert failed.value.permanent
        assert receiver.requests == []


def test_the_operator_may_call_any_address_but_only_by_http_and_without_a_password() -> None:
    for url in ("http://127.0.0.1:22/", "http://redis:6379/", "https://[::1]/", "http://10.0.0.1/hook"):
        STRICT.check_url(url, by_operator=True)
    for url in ("file:///etc/passwd", "http://user:pass@10.0.0.1/", "http://hooks.example:0/"):
        with pytest.raises(AddressRefused):
            STRICT.check_url(url, by_operator=True)


def test_what_the_operator_allows_may_be_private() -> None:
    guard = Guard(["Hooks.Corp.Example.", "10.1.0.0/16", "fd12::/16", " 192.168.7.7 "])
    for url in (
        "http://hooks.corp.example:99/",
        "http://10.1.2.3/",
        "http://[fd12::1]/",
        "http://192.168.7.7:8080/",
        "http://hooks.internal/",  # may lead into a network that is allowed
    ):
        guard.check_url(url)
    for url in ("http://10.2.0.1/", "http://192.168.7.8/", "http://127.0.0.1/", "http://2130706433/"):
        with pytest.raises(AddressRefused):
            guard.check_url(url)


def test_a_name_beside_an_allowed_one_is_not_allowed() -> None:
    guard = Guard(["corp"])
    guard.check_url("http://corp/")
    for host in ("evilcorp", "corp@127.0.0.1", "x.corp.localhost"):
        with pytest.raises(AddressRefused):
            guard.check_url(f"http://{host}/")


@pytest.mark.parametrize(
    "entry", ["", "10.0.0.1/8", "https://hooks.example", "*", "127.1", "a b", "64:ff9b::/96"]
)
def test_an_entry_that_is_neither_a_host_nor_a_network_is_refused_at_the_start(entry: str) -> None:
    with pytest.raises(ValueError, match=r"neither a host|overlaps"):
        Guard([entry])


@given(st.text(max_size=80) | st.text(max_size=40).map("http://".__add__))
def test_no_text_does_more_than_to_be_refused(url: str) -> None:
    try:
        route = STRICT.route(url)
    except AddressRefused:
        return
    assert route.path.startswith("/")
    assert route.path.isascii()
    assert route.path.isprintable()
    assert " " not in route.path
