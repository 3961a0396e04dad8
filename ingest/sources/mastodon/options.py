"""What an operator chooses about Mastodon: instances, tokens, timelines."""

from __future__ import annotations

import re
from typing import Annotated, Literal, NamedTuple
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from ingest.options import Options, separated
from ingest.sources.mastodon.wire import is_loopback

# A user, or an address without a token, may ask for 300 pages in 15 minutes (Mastodon's rack_attack.rb).
SECONDS_PER_PAGE = 3.0

_INSTANCE = re.compile(r"(?:(https?)://)?([\w.-]+(?::\d+)?|\[[\da-f:]+\](?::\d+)?)/?", re.IGNORECASE)
_TAG = re.compile(r"tag:#?(\w{1,100})")
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{1,500}")  # what RFC 6750 allows; anything else could break a header


class Instance(NamedTuple):
    """One server: its name, as people write it, and its address."""

    host: str
    url: str


class MastodonOptions(Options):
    """Which timelines of which instances are heard."""

    model_config = SettingsConfigDict(env_prefix="GROUNDSWELL_MASTODON_", hide_input_in_errors=True)

    instances: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="Instances to hear, separated by commas: `mastodon.social`."
    )
    tokens: SecretStr | None = Field(
        default=None,
        description="Access tokens of instances that ask for one, as `host=token`, separated by commas.",
    )
    timelines: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("public",),
        description="Timelines of each instance: `public`, `local`, or a hashtag's, like `tag:outage`.",
    )
    mode: Literal["auto", "stream", "poll"] = Field(
        default="auto",
        description="`stream`, `poll`, or `auto`: a stream where there is a token, else polls.",
    )
    poll_seconds: float = Field(default=60, ge=15, le=240, description="Seconds between two polls.")

    @field_validator("instances", "timelines", mode="before")
    @classmethod
    def _separated(cls, value: object) -> object:
        return separated(value)

    @field_validator("instances")
    @classmethod
    def _are_instances(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for entry in value:
            instance_of(entry)
        return value

    @field_validator("tokens")
    @classmethod
    def _are_pairs(cls, value: SecretStr | None) -> SecretStr | None:
        _pairs(value)
        return value

    @field_validator("timelines")
    @classmethod
    def _are_timelines(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise ValueError("names no timeline; write public, local, or a hashtag like tag:outage")
        return tuple(dict.fromkeys(_timeline(entry) for entry in value))

    def wanted(self) -> dict[Instance, SecretStr | None]:
        """The instances to hear, each with its token; a token alone is a wish to hear its instance."""
        tokens = _pairs(self.tokens)
        named = {instance.host: instance for instance in map(instance_of, self.instances)}
        every = {**{instance.host: instance for instance in tokens}, **named}
        by_host = {instance.host: token for instance, token in tokens.items()}
        return {instance: by_host.get(host) for host, instance in every.items()}


def instance_of(entry: str) -> Instance:
    """The instance that an operator named by its host or address. Raises ``ValueError``.

    >>> instance_of("Mastodon.Social")
    Instance(host='mastodon.social', url='https://mastodon.social')
    """
    written = _INSTANCE.fullmatch(entry)
    if written is None:  # it is not repeated, because it may hold a token that belongs elsewhere
        raise ValueError("an entry is no instance; write its host, like mastodon.social")
    scheme, host = (written[1] or "https").lower(), written[2].lower()
    try:
        address = urlsplit(f"{scheme}://{host}")
        address.port  # noqa: B018 - looking at it is what finds a wrong one
    except ValueError:
        raise ValueError(f"{host} is no instance; write its host, like mastodon.social") from None
    if scheme == "http" and not is_loopback(address.hostname):
        raise ValueError(f"{host} would be asked without encryption; write https:// or leave it out")
    return Instance(host, f"{scheme}://{host}")


def _timeline(entry: str) -> str:
    if entry in ("public", "local"):
        return entry
    if tag := _TAG.fullmatch(entry):
        return f"tag:{tag[1].lower()}"
    raise ValueError(f"{entry!r} is no timeline; write public, local, or a hashtag like tag:outage")


def _pairs(tokens: SecretStr | None) -> dict[Instance, SecretStr]:
    """The token of each instance. Raises ``ValueError``, without saying what was written."""
    pairs: dict[Instance, SecretStr] = {}
    text = tokens.get_secret_value() if tokens else ""
    written = [pair.strip() for pair in re.split(r"[,\n]", text) if pair.strip()]
    for number, pair in enumerate(written, start=1):
        host, sign, token = (part.strip() for part in pair.partition("="))
        if not sign or not _TOKEN.fullmatch(token):
            raise ValueError(f"entry {number} is not like mastodon.social=token")
        try:
            pairs[instance_of(host)] = SecretStr(token)
        except ValueError:
            raise ValueError(f"entry {number} does not begin with an instance's host") from None
    return pairs
