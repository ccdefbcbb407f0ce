"""The mitmproxy addon of egress: maps flows to the records of decisions.py, and carries the verdicts out.

Loaded by egress_entrypoint.sh into a mitmdump that does not listen yet: the port opens when, and only when, the
routes are read and the guards are in place.
"""

from __future__ import annotations

import asyncio
import functools
import signal
import weakref
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import framing
import guards
import mitmdump
from answers import document, refusal
from decisions import Request, Verdict, judge, judge_body, judge_connect
from json_log import emit, hide
from mitmproxy import ctx, http
from mitmproxy.addonmanager import Loader
from mitmproxy.proxy import server_hooks
from policy import PolicyError
from table import Credentials, Table, digest_of, read_table

ROUTES_FILE = Path("/etc/egress/routes.yaml")

# Keys in a flow's metadata.
_ANSWERED = "egress-answered"
_WEB_SOCKET = "egress-web-socket"


def _closed_on_error(hook: Callable[..., None]) -> Callable[..., None]:
    """mitmproxy logs an addon's exception and goes on; here a request that could not be judged is refused."""

    @functools.wraps(hook)
    def guarded(self: EgressAddon, flow: http.HTTPFlow) -> None:
        try:
            hook(self, flow)
        except Exception as error:  # noqa: BLE001
            emit("error", hook=hook.__name__, error=type(error).__name__)
            flow.metadata.pop(guards.ALLOWED, None)
            if flow.response is None:
                flow.response = refusal("error", "egress failed to judge this request")
            else:
                flow.kill()

    return guarded


def _declared_length(request: http.Request) -> int:
    text = request.headers.get("Content-Length", "0")
    return int(text) if text.isascii() and text.isdigit() else 0


def _bytes_as_text(value: bytes) -> str:
    return value.decode("latin-1")


class EgressAddon:
    def __init__(self, routes_file: Path = ROUTES_FILE) -> None:
        self._file = routes_file
        self._credentials = Credentials()
        self._table: Table | None = None
        # Authority of the CONNECT by client connection.
        self._tunnels: dict[str, str] = {}
        # What was allowed and may still run.
        self._admitted: weakref.WeakKeyDictionary[http.HTTPFlow, Request] = weakref.WeakKeyDictionary()

    # Start and reload

    def load(self, _: Loader) -> None:
        # Ignored until here (egress_entrypoint.sh); before the first read, so that no change of the file is missed.
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self.reload)
        if not self.reload():
            mitmdump.stop("there are no valid routes to start with")
        mitmdump.strip()

    def reload(self) -> bool:
        """Reads the routes again; a file that is not a valid policy changes nothing."""
        try:
            table = read_table(self._file)
            if self._table is not None and table.policy.listen != self._table.policy.listen:
                raise PolicyError("listen: cannot change while running")
        except PolicyError as error:
            emit("routes", outcome="rejected", digest=digest_of(self._file), error=str(error))
            return False
        hide(self._credentials.spellings(table.policy))
        self._table = table
        guards.upload_cap = table.policy.max_body_bytes
        emit("routes", outcome="applied", digest=table.digest, routes=len(table.policy.routes))
        self._revoke()
        return True

    def _revoke(self) -> None:
        """Hangs up where a running download or WebSocket would not be allowed any more."""
        for flow, request in list(self._admitted.items()):
            if flow.live and self._judge(request).action != "allow":
                emit("revoked", host=flow.request.host)
                mitmdump.hang_up(flow.client_conn)

    def _judge(self, request: Request) -> Verdict:
        return judge(self.table.policy, request, self._credentials.filled, datetime.now(timezone.utc))

    async def running(self) -> None:
        await mitmdump.open_port(self.table.policy.listen)

    def done(self) -> None:
        if not ctx.master.should_exit.is_set():
            mitmdump.stop("the addon was unloaded")

    @property
    def table(self) -> Table:
        if self._table is None:
            raise RuntimeError("no routes")
        return self._table

    # Connections

    def next_layer(self, nextlayer: Any) -> None:
        nextlayer.layer = guards.next_layer(nextlayer.context, nextlayer.data_client())

    def client_disconnected(self, client: Any) -> None:
        self._tunnels.pop(client.id, None)

    def server_connect(self, data: server_hooks.ServerConnectionHookData) -> None:
        if data.server.address != mitmdump.upstream_address():
            data.server.error = "only pipelock may be dialled"
            emit("error", hook="server_connect", error="refused to dial past pipelock")

    @_closed_on_error
    def http_connect(self, flow: http.HTTPFlow) -> None:
        authority = _bytes_as_text(flow.request.data.authority)
        hosts = tuple(_bytes_as_text(value) for name, value in flow.request.headers.fields if name.lower() == b"host")
        verdict = judge_connect(self.table.policy, authority, hosts, datetime.now(timezone.utc))
        if verdict.action == "refuse" or flow.client_conn.id in self._tunnels or flow.client_conn.tls_established:
            self._refuse(flow, verdict)
            return
        self._tunnels[flow.client_conn.id] = authority

    # Requests

    @_closed_on_error
    def requestheaders(self, flow: http.HTTPFlow) -> None:
        flow.metadata.pop(guards.ALLOWED, None)
        request = self._record(flow)
        if request is None:
            self._refuse(flow, Verdict("refuse", "malformed", "this HTTP version does not belong on this connection"))
            return
        if not framing.is_readable(flow.request):
            self._refuse(flow, Verdict("refuse", "malformed", "no transfer coding but chunked is understood here"))
            return
        verdict = self._judge(request)
        if verdict.action == "allow" and _declared_length(flow.request) > guards.upload_cap:
            reason = f"the request body is over the scan limit of {guards.upload_cap} bytes"
            verdict = replace(verdict, action="refuse", rule="body", reason=reason)
        if verdict.action == "allow":
            self._admit(flow, verdict, request)
            self._log(flow, verdict, "allowed")
        elif verdict.action == "local":
            flow.response = self._local(verdict, head=flow.request.method == "HEAD")
            flow.metadata[_ANSWERED] = True
        else:
            self._refuse(flow, verdict)

    def _record(self, flow: http.HTTPFlow) -> Request | None:
        data = flow.request.data
        connect = self._tunnels.get(flow.client_conn.id)
        # The framing decides, not the version that an HTTP/1 request line may claim.
        http2 = flow.client_conn.alpn == b"h2"
        if data.http_version not in ((b"HTTP/2.0",) if http2 else (b"HTTP/1.1", b"HTTP/1.0")):
            return None
        encrypted = flow.client_conn.tls_established if connect is not None else data.scheme.lower() == b"https"
        return Request(
            method=_bytes_as_text(data.method),
            target=_bytes_as_text(data.path),
            headers=tuple((_bytes_as_text(name), _bytes_as_text(value)) for name, value in data.headers.fields),
            scheme="https" if encrypted else "http",
            connect=connect,
            sni=flow.client_conn.sni,
            authority=_bytes_as_text(data.authority) or None,
            http2=http2,
        )

    def _admit(self, flow: http.HTTPFlow, verdict: Verdict, request: Request) -> None:
        """Makes the request say exactly what was judged, and adds the credential."""
        for name in verdict.deleted:
            flow.request.headers.pop(name, None)
        flow.request.data.scheme = request.scheme.encode()
        flow.request.data.port = verdict.port
        # Also sets Host and authority.
        flow.request.host = verdict.host
        if request.scheme == "https" and not request.http2:
            flow.request.data.authority = b""
        # Upstream's TLS must name the judged host, whatever else this connection does meanwhile.
        flow.server_conn.sni = verdict.host
        if verdict.inject is not None:
            flow.request.headers[verdict.inject.header] = self._credentials.header_value(verdict.inject)
            # So that what comes back can be searched for the credential.
            flow.request.headers["Accept-Encoding"] = "identity"
        flow.metadata[_WEB_SOCKET] = verdict.web_socket
        self._admitted[flow] = request
        flow.metadata[guards.ALLOWED] = True

    def _local(self, verdict: Verdict, *, head: bool) -> http.Response:
        table = self.table
        if verdict.path == "/health":
            value = {"status": "ok", "digest": table.digest, "routes": len(table.policy.routes)}
        else:
            value = {"digest": table.digest, "routes": list(table.policy.entries)}
        return document(value, head=head)

    def _refuse(self, flow: http.HTTPFlow, verdict: Verdict) -> None:
        if verdict.action != "refuse":
            verdict = Verdict("refuse", "authority", "a tunnel inside a tunnel or over TLS is not allowed")
        flow.response = refusal(verdict.rule, verdict.reason, verdict.tool, head=flow.request.method == "HEAD")
        flow.metadata[_ANSWERED] = True
        # Else the client would be told to go on sending.
        flow.request.headers.pop("Expect", None)
        self._log(flow, verdict, "refused")

    def _log(self, flow: http.HTTPFlow, verdict: Verdict, outcome: str) -> None:
        emit(
            "request",
            verdict=outcome,
            rule=verdict.rule,
            method=flow.request.data.method.decode("ascii", "replace")[:32],
            host=verdict.host,
            port=verdict.port,
            path=verdict.path,
            policy=self.table.digest,
        )

    @_closed_on_error
    def request(self, flow: http.HTTPFlow) -> None:
        if flow.response is not None:
            return
        body = flow.request.raw_content
        if body is None:
            raise ValueError("a body that was not buffered cannot be judged")
        verdict = judge_body(self.table.policy, self._admitted[flow], body, datetime.now(timezone.utc))
        if verdict.action != "allow":
            flow.metadata.pop(guards.ALLOWED, None)
            self._admitted.pop(flow)
            self._refuse(flow, verdict)
            return
        framing.frame(flow.request, body)

    @_closed_on_error
    def responseheaders(self, flow: http.HTTPFlow) -> None:
        if flow.metadata.get(_ANSWERED) or flow.response is None:
            return
        if flow.response.status_code == 101 and not flow.metadata.get(_WEB_SOCKET):
            # What it would say next is not HTTP, so its connection must not be used again either.
            flow.metadata[guards.KILLED] = refusal(
                "upgrade", "the host switched protocols without being asked", status=502
            )
            flow.kill()
            return
        # The place of the filter that keeps the credential from coming back; until then chunks pass unchanged.
        flow.response.stream = True

    def websocket_message(self, flow: http.HTTPFlow) -> None:
        if flow.websocket is not None:
            flow.websocket.messages.clear()


addons = [EgressAddon()]
