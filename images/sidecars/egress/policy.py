"""The routes of a bottle: `routes.yaml` as parsed YAML, validated strictly (lib/plan/config-files.ts, RoutesFile).

Standard library only. Every key that is not named here is an error, so that nothing is accepted and then ignored.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from canonical import Malformed, canonical_name, canonical_path, is_canonical_host

MAGIC_HOST = "_egress.local"

_LISTEN = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?):([1-9][0-9]{0,4})", re.ASCII)
_METHOD = re.compile(r"[A-Z][A-Z-]{0,31}", re.ASCII)
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)
_FORBIDDEN_METHODS = frozenset({"CONNECT", "TRACE", "TRACK"})
_SCHEMES = frozenset({"Bearer", "token", "Basic", "header"})
# Names a route may not inject; the list and the reason are in lib/plan/forbidden-headers.ts.
FORBIDDEN_HEADERS = frozenset(
    "a-im accept-charset accept-encoding age alt-svc connection cookie date expect forwarded host http2-settings "
    "if-range keep-alive max-forwards origin range request-range set-cookie te trailer transfer-encoding upgrade via "
    "x-ms-range".split()
)
FORBIDDEN_HEADER_PREFIXES = ("content-", "proxy-", "sec-", "x-forwarded-")


class PolicyError(ValueError):
    """A routes file that may not be applied; the message names the place and never a value of a secret."""


@dataclass(frozen=True)
class Auth:
    scheme: str
    slot: int
    header: str
    user: str | None = None


@dataclass(frozen=True)
class Grant:
    """What an operator granted while the bottle ran, and the bounds of it."""

    id: str
    expires: datetime | None = None
    # Requests that may be let through since this process first read the grant.
    uses: int | None = None


@dataclass(frozen=True)
class Route:
    host: str
    ports: frozenset[int]
    methods: frozenset[str] | None = None
    path_prefixes: tuple[str, ...] | None = None
    auth: Auth | None = None
    web_socket: bool = False
    grant: Grant | None = None


@dataclass(frozen=True)
class Policy:
    listen: str
    routes: Mapping[str, Route]
    # Bytes of a request body that are buffered, and thus scanned behind egress; more is refused.
    max_body_bytes: int = 5 * 1024 * 1024
    # As written in the file, for `GET /allowlist`.
    entries: tuple[Mapping[str, Any], ...] = ()
    # Canonical names that are deleted from every request, whatever its route.
    deleted: frozenset[str] = field(default_factory=frozenset)


def parse_policy(document: Any) -> Policy:
    """The policy that `document` (parsed YAML) describes. Raises PolicyError."""
    required = {"version", "listen", "routes"}
    keys = _mapping("the file", document, required | {"maxBodyBytes"}, required)
    if keys["version"] != 1 or isinstance(keys["version"], bool):
        raise PolicyError("version: must be 1")
    listen = _text("listen", keys["listen"])
    match = _LISTEN.fullmatch(listen)
    if match is None or int(match.group(2)) > 65535 or match.group(1) == "0.0.0.0":
        raise PolicyError("listen: must be host:port, and never 0.0.0.0")
    routes: dict[str, Route] = {}
    entries = _list("routes", keys["routes"])
    for index, entry in enumerate(entries):
        route = _route(f"routes[{index}]", entry)
        if route.host in routes:
            raise PolicyError(f"routes[{index}].host: {route.host} has a route already")
        routes[route.host] = route
    injected = {canonical_name(route.auth.header) for route in routes.values() if route.auth}
    cap = _integer("maxBodyBytes", keys.get("maxBodyBytes", Policy.max_body_bytes), 1, 2**31 - 1)
    return Policy(listen, routes, cap, tuple(entries), frozenset({"authorization", "proxy-authorization"} | injected))


def _route(at: str, value: Any) -> Route:
    allowed = {"host", "ports", "methods", "pathPrefixes", "auth", "webSocket", "grant"}
    entry = _mapping(at, value, allowed, {"host", "ports"})
    host = _text(f"{at}.host", entry["host"])
    if not is_canonical_host(host):
        raise PolicyError(f"{at}.host: must be an exact host name, lower case, ASCII, without port, path or wildcard")
    ports = _distinct(
        f"{at}.ports", [_integer(f"{at}.ports", port, 1, 65535) for port in _list(f"{at}.ports", entry["ports"], 1)]
    )
    if entry.get("webSocket", True) is not True:
        raise PolicyError(f"{at}.webSocket: must be true or absent")
    return Route(
        host=host,
        ports=frozenset(ports),
        methods=_methods(f"{at}.methods", entry["methods"]) if "methods" in entry else None,
        path_prefixes=_prefixes(f"{at}.pathPrefixes", entry["pathPrefixes"]) if "pathPrefixes" in entry else None,
        auth=_auth(f"{at}.auth", entry["auth"]) if "auth" in entry else None,
        web_socket="webSocket" in entry,
        grant=_grant(f"{at}.grant", entry["grant"]) if "grant" in entry else None,
    )


def _methods(at: str, value: Any) -> frozenset[str]:
    methods = [_text(at, method) for method in _list(at, value, 1)]
    for method in methods:
        if _METHOD.fullmatch(method) is None or method in _FORBIDDEN_METHODS:
            raise PolicyError(f"{at}: must be upper-case methods, none of CONNECT, TRACE, TRACK")
    return frozenset(_distinct(at, methods))


def _prefixes(at: str, value: Any) -> tuple[str, ...]:
    prefixes = [_text(at, prefix) for prefix in _list(at, value, 1)]
    try:
        canonical = [canonical_path(prefix) for prefix in prefixes]
    except Malformed as error:
        raise PolicyError(f"{at}: {error}") from None
    if any("?" in prefix or "//" in prefix for prefix in canonical):
        raise PolicyError(f"{at}: must be paths without a query and without empty segments")
    return tuple(_distinct(at, canonical))


def _auth(at: str, value: Any) -> Auth:
    entry = _mapping(at, value, {"scheme", "slot", "header", "user"}, {"scheme", "slot"})
    scheme = _text(f"{at}.scheme", entry["scheme"])
    if scheme not in _SCHEMES:
        raise PolicyError(f"{at}.scheme: must be one of {', '.join(sorted(_SCHEMES))}")
    if ("header" in entry) != (scheme == "header"):
        raise PolicyError(f"{at}.header: goes with scheme header, and only with it")
    if ("user" in entry) != (scheme == "Basic"):
        raise PolicyError(f"{at}.user: goes with scheme Basic, and only with it")
    header = _text(f"{at}.header", entry.get("header", "Authorization"))
    name = canonical_name(header)
    if _TOKEN.fullmatch(header) is None or name in FORBIDDEN_HEADERS or name.startswith(FORBIDDEN_HEADER_PREFIXES):
        raise PolicyError(f"{at}.header: {header!r} may not be injected")
    user = _text(f"{at}.user", entry["user"]) if "user" in entry else None
    if user is not None and (":" in user or not user.isprintable()):
        raise PolicyError(f"{at}.user: must be printable and without a colon")
    return Auth(scheme, _integer(f"{at}.slot", entry["slot"], 0, 9999), header, user)


def _grant(at: str, value: Any) -> Grant:
    entry = _mapping(at, value, {"id", "expires", "usesLeft"}, {"id"})
    uses = _integer(f"{at}.usesLeft", entry["usesLeft"], 0, 2**31 - 1) if "usesLeft" in entry else None
    expires = _instant(f"{at}.expires", entry["expires"]) if "expires" in entry else None
    return Grant(_text(f"{at}.id", entry["id"]), expires, uses)


def _instant(at: str, value: Any) -> datetime:
    # A YAML reader may have made an instant of it already.
    instant = value
    if not isinstance(instant, datetime):
        try:
            instant = datetime.fromisoformat(_text(at, instant).replace("Z", "+00:00"))
        except ValueError:
            raise PolicyError(f"{at}: must be an ISO 8601 instant") from None
    return instant if instant.tzinfo else instant.replace(tzinfo=timezone.utc)


def _mapping(at: str, value: Any, allowed: set, required: set) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise PolicyError(f"{at}: must be a mapping")
    unknown = sorted(str(key) for key in value if key not in allowed)
    if unknown:
        raise PolicyError(f"{at}: unknown key {unknown[0]!r}; allowed are {', '.join(sorted(allowed))}")
    missing = sorted(key for key in required if key not in value)
    if missing:
        raise PolicyError(f"{at}: {missing[0]} is missing")
    return value


def _list(at: str, value: Any, least: int = 0) -> list[Any]:
    if not isinstance(value, list) or len(value) < least:
        raise PolicyError(f"{at}: must be a list" + (", not empty" if least else ""))
    return value


def _text(at: str, value: Any) -> str:
    if not isinstance(value, str) or value == "":
        raise PolicyError(f"{at}: must be a text, not empty")
    return value


def _integer(at: str, value: Any, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise PolicyError(f"{at}: must be a number from {low} to {high}")
    return value


def _distinct(at: str, values: Sequence[Any]) -> Sequence[Any]:
    if len(set(values)) != len(values):
        raise PolicyError(f"{at}: names something twice")
    return values
