"""Options of a source: environment variables that it declares beside its code."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from pydantic import AliasChoices, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict


class OptionsRefused(Exception):
    """An option does not hold. The text names its environment variable, and the mend."""


class Options(BaseSettings):
    """What an operator may choose about one kind of source or dashboard.

    A subclass sets ``env_prefix`` and describes each field. A field of type ``SecretStr`` may be given in a
    file as well, named by the same variable with ``_FILE`` behind it.
    """

    model_config = SettingsConfigDict(extra="ignore", populate_by_name=True)

    @classmethod
    def variable(cls, field: str) -> str:
        """The environment variable of a field.

        >>> Options.variable("hosts")
        'HOSTS'
        """
        return f"{cls.model_config.get('env_prefix', '')}{field}".upper()

    @classmethod
    def load(cls, **chosen: object) -> Self:
        """The options of the environment; ``chosen`` ones go before it. Raises ``OptionsRefused``."""
        given: dict[str, Any] = {**_secrets_in_files(cls), **chosen}
        try:
            return cls(**given)
        except ValidationError as error:
            lines = [
                f"{cls.variable(str(mistake['loc'][0]))}: {mistake['msg'].removeprefix('Value error, ')}"
                if mistake["loc"]
                else mistake["msg"].removeprefix("Value error, ")
                for mistake in error.errors(include_url=False, include_input=False)
            ]
            raise OptionsRefused("\n".join(lines)) from None


def separated(value: object) -> object:
    """A text as its parts between commas, for a field that holds several.

    >>> separated("a, b,"), separated(("a",))
    (('a', 'b'), ('a',))
    """
    if not isinstance(value, str):
        return value
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _secrets_in_files(options: type[Options]) -> dict[str, str]:
    """The secrets whose variable with ``_FILE`` behind it names a file."""
    found = {}
    for variable, name in _variables_of_secrets(options):
        path = os.environ.get(variable)
        if not path:
            continue
        try:
            found[name] = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "is no UTF-8"
            raise OptionsRefused(f"{variable}: {path} cannot be read ({why})") from None
    return found


def _variables_of_secrets(options: type[Options]) -> Iterator[tuple[str, str]]:
    """Every variable that may name the file of a secret, and its field; a field may have an alias or more."""
    for name, field in options.model_fields.items():
        if SecretStr not in (field.annotation, *getattr(field.annotation, "__args__", ())):
            continue
        alias = field.validation_alias
        aliases = alias.choices if isinstance(alias, AliasChoices) else []
        for variable in dict.fromkeys([options.variable(name), *map(str, aliases)]):
            yield f"{variable}_FILE", name
