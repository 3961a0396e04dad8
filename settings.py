"""Every setting, checked at the start: an environment variable ``GROUNDSWELL_...`` for each."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

ROOT = Path(__file__).resolve().parent
_SHORTEST_KEY = 16  # characters
_LONGEST_SOCKET = 100  # bytes; a Unix socket's path may have 104 on macOS and 108 on Linux


class WrongSettings(Exception):
    """A setting does not hold. The text names it, and the mend."""


class Settings(BaseSettings):
    """What an operator may choose. Only the top floor reads it."""

    model_config = SettingsConfigDict(env_prefix="GROUNDSWELL_", extra="ignore")

    var: Path = Field(default=ROOT / "var", description="Folder for all that is kept on this machine.")
    redis_url: str | None = Field(  # it may hold a password, and a chat's webhook address is one
        default=None, repr=False, description="A Redis or Valkey server; without it a private one is started."
    )
    database_url: SecretStr | None = Field(
        default=None, description="A PostgreSQL server (postgresql://...); without it SQLite in `var`."
    )
    host: str = Field(default="127.0.0.1", description="Address on which the API listens.")
    port: int = Field(default=8420, ge=1, le=65535, description="Port on which the API listens.")
    workers: int = Field(default=2, ge=1, le=64, description="Worker processes of the embedded stack.")
    budget: float = Field(
        default=1.0, gt=0, le=100, description="False alarms accepted, per service and 30 days."
    )
    catalogue: Path | None = Field(
        default=None, description="A file of services that adds to the shipped catalogue, or overrides it."
    )
    author_key: SecretStr | None = Field(
        default=None,
        description="Key of the author hashes; without it one is made and kept in `var`.",
    )
    thread_hours: float = Field(
        default=12, gt=0, le=24, description="How long a thread remembers the service it is about."
    )
    grace_seconds: float = Field(
        default=20, ge=0, le=600, description="How long a live minute stays open for late posts."
    )
    claim_after_seconds: float = Field(
        default=30, gt=0, description="How long a batch may rest with a worker before another takes it over."
    )
    batch_tries: int = Field(default=5, ge=1, description="Turns a batch gets before it is put aside.")
    sources: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Sources to read, separated by commas; `auto`: all that are configured (`make live`).",
    )
    dashboard_seconds: int | None = Field(
        default=None,
        ge=0,
        le=3600,
        description="Seconds between two looks at an official dashboard; 0: never. "
        "Without it 60 where sources are read, else never.",
    )
    silent_after_minutes: int = Field(
        default=60,
        ge=0,
        le=10_080,
        description="Minutes unadmitted after which `official.silent` is told of a sure incident; 0: never.",
    )
    text_days: float = Field(
        default=30, gt=0, le=3650, description="Days for which the words of posts are kept as evidence."
    )
    retrain_hours: float = Field(
        default=24,
        ge=0,
        le=8760,
        description="Hours between two retrainings that nobody asked for; 0: never.",
    )
    retrain_labels: int = Field(
        default=200, ge=60, description="New labels without which none is begun by itself."
    )
    webhook_url: str | None = Field(
        default=None,
        repr=False,
        description="One endpoint of the operator's own; it may be a private address.",
    )
    webhook_secret: SecretStr | None = Field(
        default=None, description="Its secret (whsec_...); without it one is made and shown once."
    )
    webhook_allow: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Private hosts and networks (CIDR), separated by commas, to which webhooks may go.",
    )

    @field_validator("webhook_allow", "sources", mode="before")
    @classmethod
    def _separated(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(part.strip() for part in value.split(",") if part.strip())

    @field_validator("redis_url")
    @classmethod
    def _redis_scheme(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("must begin with redis://, rediss:// or unix://")
        try:
            urlsplit(value or "").port  # noqa: B018 - read only for the error it raises
        except ValueError:
            raise ValueError("has a port that is no number from 0 to 65535") from None
        return value

    @field_validator("author_key")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < _SHORTEST_KEY:
            raise ValueError(f"must have at least {_SHORTEST_KEY} characters")
        return value

    @property
    def looks_every(self) -> int:
        """Seconds between two looks at an official dashboard; 0: never."""
        if self.dashboard_seconds is not None:
            return self.dashboard_seconds
        return 60 if self.sources else 0

    @property
    def embedded_redis(self) -> bool:
        return self.redis_url is None

    @property
    def socket(self) -> Path:
        """The Unix socket of the private server. A long ``var`` gets a short path of its own."""
        inside = self.var.resolve() / "valkey.sock"
        if len(os.fsencode(inside)) <= _LONGEST_SOCKET:
            return inside
        digest = hashlib.sha256(os.fsencode(self.var.resolve())).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"groundswell-{os.getuid()}-{digest}" / "valkey.sock"

    @property
    def redis_address(self) -> str:
        """The server's URL, as redis-py reads it."""
        return self.redis_url or f"unix://{self.socket}"

    @property
    def broker_address(self) -> str:
        """The same server, as Celery reads it."""
        address = self.redis_address
        return address.replace("unix://", "redis+socket://", 1)

    @property
    def database_address(self) -> str:
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.var.resolve() / 'groundswell.db'}"


def load_settings(**chosen: object) -> Settings:
    """The settings of the environment; ``chosen`` ones go before it.

    Raises ``WrongSettings`` with a line for each that does not hold; no value is shown, it may be a secret.
    """
    try:
        return Settings(**{name: value for name, value in chosen.items() if value is not None})  # type: ignore[arg-type]  # checked by Pydantic
    except ValidationError as error:
        lines = [
            f"GROUNDSWELL_{str(mistake['loc'][0]).upper()}: {mistake['msg'].removeprefix('Value error, ')}"
            for mistake in error.errors(include_url=False, include_input=False)
        ]
        raise WrongSettings("\n".join(lines)) from None
