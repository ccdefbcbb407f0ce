"""The verdict of egress on one request: the ordered rules of docs/reference/egress.md, over plain records.

Standard library only (Python 3.9 and later), and no I/O: the tests, and readers in other languages, share the
vectors in `vectors.json`. The caller supplies what is true of the connection; nothing here resolves a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from canonical import (
    Malformed,
    canonical_authority,
    canonical_name,
    canonical_path,
    is_below,
    is_git_push,
    split_target,
)
from overrides import body_methods, is_forwarding, is_method_header, is_path_header, query_methods
from policy import MAGIC_HOST, Auth, Policy, Route

ASK_EGRESS = "egress-block"

_METHOD = re.compile(r"[A-Z][A-Z-]{0,31}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_FORWARDED_HOST = re.compile(r"host\s*=\s*\"?([^\";,\s]*)", re.IGNORECASE)
_TRACES = frozenset({"TRACE", "TRACK"})
# Other spellings of the host that some servers prefer to the real one.
_HOST_HEADERS = frozenset(
    {"x-forwarded-host", "x-host", "x-original-host", "x-http-host-override", "x-forwarded-server"}
)
_PUSH_HEADERS = frozenset({"content-type", "accept"})
# What asks for an answer in parts, packed or in another character set, in which a credential could not be found:
# deleted where there is one. Request-Range and x-ms-range are read as Range by some servers.
_DISGUISES = frozenset(
    "range if-range request-range x-ms-range accept-charset a-im te sec-websocket-extensions".split()
)


@dataclass(frozen=True)
class Request:
    """What arrived, unchanged; one character a byte."""

    method: str
    # Path and query as sent; never a whole URL.
    target: str
    headers: tuple[tuple[str, str], ...]
    # `https` where the client spoke TLS, or asked for an https URL; else `http`.
    scheme: str
    # Authority of the CONNECT that made the tunnel, if there is one.
    connect: str | None = None
    sni: str | None = None
    # `:authority` of HTTP/2, or the authority of an absolute-form target.
    authority: str | None = None
    http2: bool = False


@dataclass(frozen=True)
class Verdict:
    # `allow`, `refuse`, or `local`: answered by egress itself.
    action: str
    rule: str
    reason: str = ""
    # The supervise tool to ask with, where asking can help.
    tool: str | None = None
    host: str = ""
    port: int = 0
    # Canonical path, or the one that was sent where it was not judged. What is forwarded is what was sent.
    path: str = ""
    # Names, as sent, of the headers to delete.
    deleted: tuple[str, ...] = ()
    inject: Auth | None = None
    # Id of the grant that this request uses up a part of.
    grant: str | None = None
    web_socket: bool = False


@dataclass
class _Refusal(Exception):
    rule: str
    reason: str
    tool: str | None = None
    known: dict[str, Any] = field(default_factory=dict)


def judge_connect(policy: Policy, authority: str, hosts: tuple[str, ...], now: datetime) -> Verdict:
    """The verdict on opening a tunnel; `hosts` are the Host headers that came with it.

    An unlisted host on 443 gets its tunnel, which leads nowhere: its requests are refused inside TLS, where the client
    shows the reason.
    """
    target = canonical_authority(authority)
    if target is None or target[1] is None:
        return Verdict("refuse", "authority", "CONNECT needs a plain host:port")
    host, port = target[0], target[1]
    known: dict[str, Any] = {"host": host, "port": port}
    if len(hosts) > 1 or any(not _agrees(text, host, port) for text in hosts):
        return Verdict("refuse", "authority", f"CONNECT {host}:{port} and its Host header disagree", **known)
    if host == MAGIC_HOST or port == 443:
        return Verdict("allow", "tunnel", **known)
    try:
        _listed(policy, host, port, now)
    except _Refusal as refusal:
        return Verdict("refuse", refusal.rule, refusal.reason, refusal.tool, **known)
    return Verdict("allow", "tunnel", **known)


def judge(
    policy: Policy, request: Request, filled: frozenset[int], now: datetime, used: Mapping[str, int] | None = None
) -> Verdict:
    """The verdict on a request.

    `filled` are the token slots that hold a usable value; `used`, by id of the grant, the requests that were let
    through already, and nothing for one that was itself let through before.
    """
    known: dict[str, Any] = {}
    try:
        return _judge(policy, request, filled, now, used or {}, known)
    except _Refusal as refusal:
        return Verdict("refuse", refusal.rule, refusal.reason, refusal.tool, **known)


def judge_body(policy: Policy, request: Request, body: bytes, now: datetime) -> Verdict:
    """The verdict on the body of a request that `judge` allowed: where methods are limited, its fields name none else."""
    known: dict[str, Any] = {"path": split_target(request.target)[0]}
    try:
        known["host"], known["port"] = _agreed(request, _destination(request))
        route = _listed(policy, known["host"], known["port"], now)
        if route.methods is not None:
            types, encodings = _values(request, {"content-type"}), _values(request, {"content-encoding"})
            _refuse_methods(route, body_methods(types, encodings, body))
    except _Refusal as refusal:
        return Verdict("refuse", refusal.rule, refusal.reason, refusal.tool, **known)
    return Verdict("allow", "route", **known)


def _judge(
    policy: Policy,
    request: Request,
    filled: frozenset[int],
    now: datetime,
    used: Mapping[str, int],
    known: dict[str, Any],
) -> Verdict:
    raw_path, query = split_target(request.target)
    known["path"] = raw_path
    destination = _destination(request)
    if destination is not None:
        known["host"], known["port"] = destination
        if destination[0] == MAGIC_HOST:
            return _local(request, raw_path, known)
    if is_git_push(request.target) or any(
        "x-git-receive-pack" in value.lower() for value in _values(request, _PUSH_HEADERS)
    ):
        raise _Refusal("git-push", "git push over HTTPS is not allowed; push to the git-gate remote instead")
    host, port = _agreed(request, destination)
    route = _listed(policy, host, port, now)
    known["deleted"] = tuple(name for name, _ in request.headers if _is_deleted(policy, route, name))
    if route.grant is not None and route.grant.uses is not None:
        known["grant"] = route.grant.id
        if used.get(route.grant.id, 0) >= route.grant.uses:
            raise _Refusal("route", f"the grant for {host} is used up", ASK_EGRESS)
    known["path"] = _policed_path(route, request, raw_path, query)
    _refuse_unsafe(route, request)
    if route.auth is not None and route.auth.slot not in filled:
        raise _Refusal(
            "token", f"the credential of {host} is empty, too short or unusable (EGRESS_TOKEN_{route.auth.slot})"
        )
    return Verdict("allow", "route", inject=route.auth, web_socket=bool(_values(request, {"upgrade"})), **known)


def _is_deleted(policy: Policy, route: Route, name: str) -> bool:
    canonical = canonical_name(name)
    disguise = canonical in _DISGUISES or canonical.endswith("accept-encoding")
    return canonical in policy.deleted or is_forwarding(name) or (route.auth is not None and disguise)


def _local(request: Request, raw_path: str, known: dict[str, Any]) -> Verdict:
    if request.method in ("GET", "HEAD") and raw_path in ("/allowlist", "/health"):
        return Verdict("local", "magic-host", **known)
    raise _Refusal("magic-host", f"{MAGIC_HOST} answers GET /allowlist and GET /health")


def _values(request: Request, names: Any) -> list[str]:
    return [value for name, value in request.headers if canonical_name(name) in names]


def _destination(request: Request) -> tuple[str, int] | None:
    hosts = _values(request, {"host"})
    for text in (request.connect, request.authority, hosts[0] if len(hosts) == 1 else None):
        if text is not None:
            parsed = canonical_authority(text)
            return None if parsed is None else (parsed[0], parsed[1] or (443 if request.scheme == "https" else 80))
    return None


def _agrees(text: str, host: str, port: int) -> bool:
    parsed = canonical_authority(text)
    return parsed is not None and parsed[0] == host and parsed[1] in (None, port)


def _agreed(request: Request, destination: tuple[str, int] | None) -> tuple[str, int]:
    for name, value in request.headers:
        if _CONTROL.search(name) or _CONTROL.search(value):
            raise _Refusal("authority", "a header has a control character or is folded over lines")
    hosts = _values(request, {"host"})
    if destination is None or len(hosts) > 1:
        raise _Refusal("authority", "the request does not name exactly one plain host")
    host, port = destination
    if request.connect is not None and request.authority is not None and not request.http2:
        raise _Refusal("authority", "a whole URL inside a tunnel is not allowed")
    if not hosts and request.authority is None:
        raise _Refusal("authority", "the request has no Host header")
    named = [text for text in (request.connect, request.authority, *hosts) if text is not None]
    if any(not _agrees(text, host, port) for text in named):
        raise _Refusal("authority", f"the request's Host, authority and URL disagree with {host}:{port}")
    if request.sni is not None and request.sni.lower() != host:
        raise _Refusal("authority", f"the TLS server name disagrees with {host}")
    forwarded = [match for text in _values(request, {"forwarded"}) for match in _FORWARDED_HOST.findall(text)]
    if any(not _agrees(text.strip(), host, port) for text in _values(request, _HOST_HEADERS) + forwarded):
        raise _Refusal("authority", f"a forwarding header disagrees with {host}")
    return host, port


def _listed(policy: Policy, host: str, port: int, now: datetime) -> Route:
    route = policy.routes.get(host)
    expires = route and route.grant and route.grant.expires
    if route is None or (expires and expires <= now):
        raise _Refusal("route", f"{host} is not on this bottle's allowlist", ASK_EGRESS)
    if port not in route.ports:
        raise _Refusal("route", f"port {port} of {host} is not on this bottle's allowlist", ASK_EGRESS)
    return route


def _policed_path(route: Route, request: Request, raw_path: str, query: str) -> str:
    if _METHOD.fullmatch(request.method) is None or request.method == "CONNECT":
        raise _Refusal("method", f"this method is not allowed for {route.host}", ASK_EGRESS)
    overrides = [value.strip().upper() for name, value in request.headers if is_method_header(name)]
    _refuse_methods(route, [request.method, *overrides, *query_methods(query)])
    if any(method in _TRACES | {"CONNECT"} for method in overrides):
        raise _Refusal("method", f"this method is not allowed for {route.host}")
    try:
        path = canonical_path(raw_path)
    except Malformed as error:
        raise _Refusal("path", str(error)) from None
    if _CONTROL.search(query) or not query.isascii() or " " in query or "#" in query:
        raise _Refusal("path", "the query has a space, a control character, a fragment or a byte outside ASCII")
    if route.path_prefixes is not None:
        if not any(is_below(path, prefix) for prefix in route.path_prefixes):
            raise _Refusal("path", f"this path of {route.host} is not on this bottle's allowlist", ASK_EGRESS)
        if any(is_path_header(name) for name, _ in request.headers):
            raise _Refusal("path", "a header that rewrites the path is not allowed here")
    return path


def _refuse_methods(route: Route, methods: Iterable[str]) -> None:
    if route.methods is not None and any(method not in route.methods for method in methods):
        raise _Refusal("method", f"this method is not allowed for {route.host}", ASK_EGRESS)


def _refuse_unsafe(route: Route, request: Request) -> None:
    if request.scheme != "https":
        if route.auth is not None:
            raise _Refusal("plain-http", f"{route.host} has a credential, so it must be asked over https")
        if request.connect is not None:
            # The next hop intercepts TLS in tunnels and could not read this.
            raise _Refusal("plain-http", "plain HTTP inside a tunnel is not allowed; ask the proxy for the http URL")
    if request.method in _TRACES:
        raise _Refusal("trace", f"{request.method} is not allowed: it would echo the credential")
    upgrades = _values(request, {"upgrade"})
    declared = (
        route.web_socket and request.method == "GET" and [text.strip().lower() for text in upgrades] == ["websocket"]
    )
    if (upgrades and not declared) or _values(request, {"http2-settings"}):
        raise _Refusal("upgrade", f"this protocol upgrade is not declared for {route.host}")
