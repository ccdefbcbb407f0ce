"""The routes that egress runs by, and the credentials they name."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from policy import Auth, Policy, PolicyError, parse_policy
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

_TOKEN_NAME = re.compile(r"EGRESS_TOKEN_(0|[1-9][0-9]{0,3})")
_USABLE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
# Shorter ones could be found out by letting a host repeat guesses, and would be taken out of texts by mere chance.
_SHORTEST = 8
_FILE_MAX = 4 * 1024 * 1024


@dataclass(frozen=True)
class Table:
    policy: Policy
    # SHA-256 of the file, in hex.
    digest: str


def read_table(path: Path) -> Table:
    """The table in the file. Raises PolicyError, also where it cannot be read."""
    return parse_table(_bytes_of(path))


def digest_of(path: Path) -> str:
    """SHA-256 of the file as it is now, empty where it cannot be read."""
    try:
        return hashlib.sha256(_bytes_of(path)).hexdigest()
    except PolicyError:
        return ""


def parse_table(data: bytes) -> Table:
    try:
        document = YAML(typ="safe", pure=True).load(data.decode("utf-8"))
    except (YAMLError, ValueError, RecursionError) as error:
        raise PolicyError(f"not YAML: {type(error).__name__}") from None
    return Table(parse_policy(document), hashlib.sha256(data).hexdigest())


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_FILE_MAX + 1)
    except OSError as error:
        raise PolicyError(f"cannot be read: {error.strerror}") from None
    if len(data) > _FILE_MAX:
        raise PolicyError("is over 4 MiB")
    return data


class Credentials:
    """The values of the token slots, taken out of the environment of this process."""

    def __init__(self, environ: Any = os.environ) -> None:
        self._values: dict[int, str] = {}
        for name in [name for name in environ if _TOKEN_NAME.fullmatch(name)]:
            value = environ.pop(name).strip()
            # A control character or a byte outside ASCII cannot be part of a header.
            if _USABLE.fullmatch(value) and len(value) >= _SHORTEST:
                self._values[int(name.rsplit("_", 1)[1])] = value

    @property
    def filled(self) -> frozenset[int]:
        return frozenset(self._values)

    def secrets(self, policy: Policy) -> frozenset[str]:
        """Every text that is, or holds, a credential as it is sent."""
        encoded = {_encoded(route.auth, self._values) for route in policy.routes.values() if route.auth}
        return frozenset(self._values.values()) | (encoded - {""})

    def header_value(self, auth: Auth) -> str:
        value = self._values[auth.slot]
        if auth.scheme == "Basic":
            return "Basic " + _encoded(auth, self._values)
        return value if auth.scheme == "header" else f"{auth.scheme} {value}"


def _encoded(auth: Auth, values: Mapping[int, str]) -> str:
    if auth.scheme != "Basic" or auth.slot not in values:
        return ""
    return base64.b64encode(f"{auth.user}:{values[auth.slot]}".encode()).decode()
