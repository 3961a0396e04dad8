"""The address guard: which addresses a webhook may lead to.

A stranger who may register an address must not be able to make this machine call its own neighbours:
databases, the metadata service of a cloud, a router's page. A check of the name alone is worthless, since
the name may lead elsewhere a moment later: ``delivery/connection.py`` looks a name up once, and calls only
an address that was checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from urllib.parse import quote, urlsplit

from ssrfguard import (
    DEFAULT_DENIED,
    AddressTable,
    BlockedAddressError,
    BlockedURLError,
    Policy,
    Resolver,
    Target,
)
from ssrfguard import Block as AddressBlock
from ssrfguard import Reach as AddressReach

from delivery.errors import AddressRefused

LONGEST_URL = 2000  # characters

# Below 1024 live mail, file and login servers that can be misled by what looks like a web request.
_PORTS = frozenset({80, 443, *range(1024, 65536)})
_ATTEMPTS = 2  # addresses of one name that are tried
_PRIVATE_NAMES = ("localhost", "local", "internal", "intranet", "lan", "home.arpa")
# "0x7f.1" and "0177.0.0.1" are addresses to the C library: whatever ends in a number is one, or is nothing.
_ENDS_IN_A_NUMBER = re.compile(r"(^|\.)([0-9]+|0x[0-9a-f]*)$")
# What a path and a query may hold as they are; the rest is percent-encoded, and "%" is left alone.
_AS_IT_IS = "/?:@!$&'()*+,;=-._~%[]"


def _more_denied() -> AddressTable:
    """Ssrfguard's table of reserved addresses, with what we refuse besides."""
    more = (
        # Azure's host answers each virtual machine under this public address.
        ("168.63.129.16/32", "Cloud metadata (Azure wire server)", "no RFC", AddressReach.DENIED),
        # Only 2000::/3 is handed out for use on the internet; the more exact entries of the table still hold.
        ("::/0", "Not in use on the internet", "RFC4291", AddressReach.DENIED),
        ("2000::/3", "Global Unicast", "RFC4291", AddressReach.PERMITTED),
    )
    blocks = (AddressBlock(ip_network(net), name, rfc, reach) for net, name, rfc, reach in more)
    return AddressTable((*DEFAULT_DENIED.blocks, *blocks), snapshot=DEFAULT_DENIED.snapshot)


@dataclass(frozen=True)
class Route:
    """A checked way to an endpoint: the origin, what to ask for there, and which addresses will do."""

    target: Target
    path: str
    policy: Policy


class Guard:
    """Tells which webhook addresses may be called.

    ``allow`` names hosts ("hooks.corp.example"), addresses and networks ("10.1.0.0/16") that may be private.
    ``resolver`` stands in for ``socket.getaddrinfo``.
    Raises ``ValueError`` for an entry of ``allow`` that is neither a network nor a host.
    """

    def __init__(self, allow: Iterable[str] = (), *, resolver: Resolver | None = None) -> None:
        networks, self._hosts = _networks_and_hosts(allow)
        self.resolver = resolver
        self._strangers = Policy(
            denied_networks=_more_denied(),
            allowed_networks=networks,
            allowed_ports=_PORTS,
            max_connection_attempts=_ATTEMPTS,
            max_url_length=LONGEST_URL,
        )
        self._operators = Policy(
            denied_networks=AddressTable(()),
            allowed_ports=frozenset(range(1, 65536)),
            max_connection_attempts=_ATTEMPTS,
            max_url_length=LONGEST_URL,
        )

    def check_url(self, url: str, *, by_operator: bool = False) -> None:
        """Raise ``AddressRefused`` for an address that can be seen to be of no use, without looking it up.

        A name that passes may still lead to a private address: that is found out when it is called.
        """
        self.route(url, by_operator=by_operator)

    def route(self, url: str, *, by_operator: bool = False) -> Route:
        """The way to a URL. Raises ``AddressRefused``."""
        trusted = by_operator or _host_of(url) in self._hosts
        policy = self._operators if trusted else self._strangers
        if not trusted:
            _check_port(url)
        try:
            target = policy.check_url(url)
        except (BlockedURLError, BlockedAddressError) as blocked:
            raise AddressRefused(_in_our_words(blocked.reason)) from None
        if target.address is None and not trusted:
            _check_name(target.host, private_too=bool(policy.allowed_networks))
        return Route(target, _path_of(url), policy)


def _networks_and_hosts(
    allow: Iterable[str],
) -> tuple[tuple[IPv4Network | IPv6Network, ...], frozenset[str]]:
    networks, hosts = [], set()
    for entry in allow:
        try:
            networks.append(ip_network(entry.strip()))
        except ValueError:
            host = entry.strip().rstrip(".").lower()
            if not re.fullmatch(r"[a-z0-9_.-]*[a-z][a-z0-9_.-]*", host):
                raise ValueError(
                    f'"{entry}" is neither a host (hooks.corp.example) nor a network (10.1.0.0/16)'
                ) from None
            hosts.add(host)
    return tuple(networks), frozenset(hosts)


def _host_of(url: str) -> str | None:
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return None  # the policy says what is wrong with it


def _check_port(url: str) -> None:
    """Refuse a port with one sentence, where ssrfguard would list all those that are allowed."""
    try:
        port = urlsplit(url).port
    except ValueError:
        raise AddressRefused("the port has to be a number from 1 to 65535") from None
    if port is not None and port not in _PORTS:
        raise AddressRefused(f"port {port} is not allowed; use 80, 443, or one from 1024 on")


def _check_name(host: str, *, private_too: bool) -> None:
    name = host.rstrip(".")
    if _ENDS_IN_A_NUMBER.search(name):
        raise AddressRefused(f'"{name}" is an address in disguise; write it out, or use a name')
    private = "." not in name or any(name == own or name.endswith("." + own) for own in _PRIVATE_NAMES)
    if private and not private_too:
        raise AddressRefused(f'"{name}" is a name of a private network')


def _path_of(url: str) -> str:
    parts = urlsplit(url)
    path = quote(parts.path or "/", safe=_AS_IT_IS)
    return f"{path}?{quote(parts.query, safe=_AS_IT_IS)}" if parts.query else path


def _in_our_words(reason: str) -> str:
    """Ssrfguard's reason for somebody who does not know its settings."""
    if "allowed_schemes" in reason or "no scheme" in reason:
        return "the address has to begin with https:// or http://"
    if "credentials" in reason:
        return "the address must not hold a user name or a password"
    if "max_url_length" in reason:
        return f"the address is longer than {LONGEST_URL} characters"
    if "digits and dots" in reason:
        return "the host is an address in disguise; write it out, or use a name"
    return f"the address cannot be used: {reason}"
