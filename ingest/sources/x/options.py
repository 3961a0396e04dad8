"""What an operator may choose about X."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AliasChoices, BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from ingest.options import Options, separated
from ingest.sources.x.budget import Caps

NO_CAP = "none"
_NO_ADDRESS = "GROUNDSWELL_X_API: is no address of a server, such as https://api.x.com"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def _or_none(value: object) -> object:
    """A cap, or none."""
    return None if isinstance(value, str) and value.strip().lower() == NO_CAP else value


Dollars = Annotated[
    Annotated[Decimal, Field(ge=0, le=1_000_000, allow_inf_nan=False)] | None, BeforeValidator(_or_none)
]
Posts = Annotated[Annotated[int, Field(ge=0)] | None, BeforeValidator(_or_none)]


class XOptions(Options):
    """What may be chosen about X. It costs money, so two caps are set from the start.

    Five dollars a day are a thousand posts: enough to see a large outage begin, and what one loud day or one
    wrong name may cost before somebody looks. A hundred dollars a month are less than thirty such days, so
    that a month of them is noticed before it is over.
    """

    model_config = SettingsConfigDict(env_prefix="GROUNDSWELL_X_", extra="ignore", populate_by_name=True)

    bearer_token: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("GROUNDSWELL_X_BEARER_TOKEN", "X_BEARER_TOKEN"),
        description="Bearer token of an app in a project at X; also as `X_BEARER_TOKEN`.",
    )
    mode: Literal["stream", "search"] = Field(
        default="stream",
        description="`stream`: X sends posts within seconds; `search`: X is asked every now and then.",
    )
    services: Annotated[tuple[str, ...], NoDecode, BeforeValidator(separated)] = Field(
        default=(),
        description="Ids of the services that matter, separated by commas, the most important first: half of "
        "each allowance is kept for them. Empty: all alike.",
    )
    dollars_a_day: Dollars = Field(
        default=Decimal(5), description=f"Dollars that reading may cost on one day (UTC); `{NO_CAP}`: no cap."
    )
    dollars_a_month: Dollars = Field(
        default=Decimal(100),
        description=f"Dollars that reading may cost in one month (UTC); `{NO_CAP}`: no cap.",
    )
    posts_a_month: Posts = Field(
        default=None, description=f"Posts that may be read in one month (UTC); `{NO_CAP}`: no cap."
    )
    micro_dollars_a_post: int = Field(
        default=5_000, ge=0, le=1_000_000, description="Price of one post in millionths of a dollar."
    )
    most_rules: int = Field(default=1_000, ge=1, le=1_000, description="Rules that the plan allows.")
    longest_rule: int = Field(
        default=1_024, ge=64, le=4_096, description="Characters that the plan allows in one rule."
    )
    longest_query: int = Field(
        default=512, ge=64, le=4_096, description="Characters that the plan allows in one query of search."
    )
    searches: int = Field(
        default=450, ge=1, le=100_000, description="Searches that the plan allows in 15 minutes."
    )
    poll_seconds: float = Field(
        default=60, ge=1, le=240, description="Seconds between two polls in the mode `search`."
    )
    api: str = Field(
        default="https://api.x.com", description="Address of X's API, or of a proxy that stands for it."
    )

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        token = self.bearer_token.get_secret_value() if self.bearer_token else ""
        # Whatever else is in it would be told in the error of a request.
        if not (token.isascii() and token.isprintable()) or " " in token:
            raise ValueError("X_BEARER_TOKEN: holds a sign that no token has; copy it again, without spaces")
        self.api = self.api.rstrip("/")
        try:
            address = urlsplit(self.api)
        except ValueError:
            raise ValueError(_NO_ADDRESS) from None
        if address.scheme != "https" and address.hostname not in _LOOPBACK:
            raise ValueError(
                "GROUNDSWELL_X_API: does not begin with https://, and the token would travel in the clear"
            )
        if not address.hostname or address.query or address.fragment or address.username:
            raise ValueError(_NO_ADDRESS)
        return self

    @property
    def caps(self) -> Caps:
        """What reading may cost."""
        return Caps(self.posts_a_month, _micro(self.dollars_a_day), _micro(self.dollars_a_month))


def _micro(dollars: Decimal | None) -> int | None:
    return None if dollars is None else int(dollars * 1_000_000)
