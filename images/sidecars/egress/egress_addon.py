"""The mitmproxy addon of egress: maps flows to the records of decisions.py, and carries the verdicts out.

Loaded by egress_entrypoint.sh into a mitmdump that does not listen yet: the port opens when, and only when, the
routes are read and the guards are in place.
"""

from __future__ import annotations

import asyncio
import signal
import weakref
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import echoes
import framing
import guards
import mitmdump
from answers import document, refusal
from budget import BUDGET, REQUEST_COST
from closed_on_error import closed_on_error
from decisions import Request, Verdict, judge, judge_body, judge_connect
from flow_record import bytes_as_text, declared_length, record_of
from json_log import emit, hide
from mitmproxy import ctx, http, tls
from mitmproxy.addonmanager import Loader
from mitmproxy.proxy import server_hooks
from policy import PolicyError
from redaction import Redactor
from table import Credentials, Table, digest_of, read_table
from websocket_guard import REDACTOR

ROUTES_FILE = Path("/etc/egress/routes.yaml")

# Keys in a flow's metadata.
_ANSWERED = "egress-answered"
_WEB_SOCKET = "egress-web-socket"
_VERDICT = "egress-verdict"

# Clients at once: each costs memory before it has said a word.
_CLIENT_CAP = 512


class EgressAddon:
    def __init__(self, routes_file: Path = ROUTES_FILE) -> None:
        self._file = routes_file
        self._credentials = Credentials()
        self._table: Table | None = None
        self._redactor = Redactor(())
        # Reloads that were refused, and requests that grants let through, by id, since this process started.
        self._refusals = 0
        self._used: Counter[str] = Counter()
        self._clients: set[str] = set()
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
            self._refusals += 1
            emit("routes", outcome="rejected", digest=digest_of(self._file), error=str(error))
            return False
        secrets = self._credentials.secrets(table.policy)
        if secrets != self._redactor.secrets:
            self._redactor = Redactor(secrets)
            hide(self._redactor.redact_text)
        self._table = table
        guards.upload_cap = table.policy.max_body_bytes
        BUDGET.fit(guards.upload_cap)
        emit("routes", outcome="applied", digest=table.digest, routes=len(table.policy.routes))
        self._revoke()
        return True

    def _revoke(self) -> None:
        """Hangs up where a running download or WebSocket would not be allowed any more."""
        for flow, request in list(self._admitted.items()):
            if flow.live and self._judge(request).action != "allow":
                emit("revoked", host=flow.request.host)
                mitmdump.hang_up(flow.client_conn)

    def _judge(self, request: Request, used: Mapping[str, int] | None = None) -> Verdict:
        return judge(self.table.policy, request, self._credentials.filled, datetime.now(timezone.utc), used)

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

    def client_connected(self, client: Any) -> None:
        if len(self._clients) < _CLIENT_CAP:
            self._clients.add(client.id)
            return
        client.error = "too many connections"
        emit("refused", rule="busy", detail=f"{_CLIENT_CAP} connections are open already")

    def client_disconnected(self, client: Any) -> None:
        self._clients.discard(client.id)
        self._tunnels.pop(client.id, None)
        BUDGET.forget(client.id)

    def server_connect(self, data: server_hooks.ServerConnectionHookData) -> None:
        if data.server.address != mitmdump.upstream_address():
            data.server.error = "only pipelock may be dialled"
            emit("error", hook="server_connect", error="refused to dial past pipelock")

    def tls_start_server(self, data: tls.TlsData) -> None:
        # mitmproxy passes the client's offers on: a client that speaks nothing but HTTP/2 would not get past pipelock.
        if data.context.client.alpn == b"h2":
            data.conn.alpn_offers = (b"h2", b"http/1.1")

    @closed_on_error
    def http_connect(self, flow: http.HTTPFlow) -> None:
        authority = bytes_as_text(flow.request.data.authority)
        hosts = tuple(bytes_as_text(value) for name, value in flow.request.headers.fields if name.lower() == b"host")
        verdict = judge_connect(self.table.policy, authority, hosts, datetime.now(timezone.utc))
        if verdict.action == "refuse" or flow.client_conn.id in self._tunnels or flow.client_conn.tls_established:
            self._refuse(flow, verdict)
            return
        self._tunnels[flow.client_conn.id] = authority

    # Requests

    @closed_on_error
    def requestheaders(self, flow: http.HTTPFlow) -> None:
        flow.metadata.pop(guards.ALLOWED, None)
        request = record_of(flow, self._tunnels.get(flow.client_conn.id))
        if request is None:
            self._refuse(flow, Verdict("refuse", "malformed", "this HTTP version does not belong on this connection"))
            return
        if not framing.is_readable(flow.request):
            self._refuse(flow, Verdict("refuse", "malformed", "no transfer coding but chunked is understood here"))
            return
        verdict = self._judge(request, self._used)
        if verdict.action == "allow" and declared_length(flow.request) > guards.upload_cap:
            verdict = replace(verdict, action="refuse", rule="body", reason=guards.over_the_cap())
        elif verdict.action == "allow" and not BUDGET.hold(flow.client_conn.id, flow.id, REQUEST_COST):
            verdict = replace(verdict, action="refuse", rule="busy", reason=guards.busy_reason())
        if verdict.action == "allow":
            self._admit(flow, verdict, request)
            self._log(flow, verdict, "allowed")
        elif verdict.action == "local":
            flow.response = self._local(verdict, head=flow.request.method == "HEAD")
            flow.metadata[_ANSWERED] = True
        else:
            self._refuse(flow, verdict)

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
            flow.metadata[REDACTOR] = self._redactor
        if verdict.grant is not None:
            self._used[verdict.grant] += 1
        flow.metadata[_WEB_SOCKET] = verdict.web_socket
        flow.metadata[_VERDICT] = verdict
        self._admitted[flow] = request
        flow.metadata[guards.ALLOWED] = True

    def _local(self, verdict: Verdict, *, head: bool) -> http.Response:
        table = self.table
        if verdict.path == "/health":
            routes = len(table.policy.routes)
            value = {"status": "ok", "digest": table.digest, "routes": routes, "refusals": self._refusals}
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

    @closed_on_error
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

    @closed_on_error
    def responseheaders(self, flow: http.HTTPFlow) -> None:
        if flow.metadata.get(_ANSWERED) or flow.response is None:
            return
        unwanted = self._unwanted(flow)
        if unwanted is not None:
            verdict = replace(flow.metadata[_VERDICT], action="refuse", rule=unwanted[0], reason=unwanted[1])
            status = 502 if unwanted[0] in ("upgrade", "upstream") else 403
            # What it would say next is not to be read, so its connection must not be used again either.
            flow.metadata[guards.KILLED] = refusal(verdict.rule, verdict.reason, status=status)
            self._log(flow, verdict, "refused")
            flow.kill()
            return
        redactor = flow.metadata.get(REDACTOR)
        if redactor is None:
            flow.response.stream = True
            return
        echoes.redact_head(flow.response, redactor)
        flow.response.stream = redactor.stream()

    def _unwanted(self, flow: http.HTTPFlow) -> tuple[str, str] | None:
        """The rule and the reason by which the agent does not get this answer."""
        status = flow.response.status_code
        if status == 101 and not flow.metadata.get(_WEB_SOCKET):
            return "upgrade", "the host switched protocols without being asked"
        if status != 101 and not 200 <= status <= 999:
            return "upstream", "the host answered with a status that is none"
        return echoes.disguise(flow.request, flow.response) if REDACTOR in flow.metadata else None

    @closed_on_error
    def response(self, flow: http.HTTPFlow) -> None:
        redactor = flow.metadata.get(REDACTOR)
        if redactor is not None and flow.response is not None and flow.response.trailers:
            flow.response.trailers = echoes.redacted_fields(flow.response.trailers, redactor)

    def websocket_message(self, flow: http.HTTPFlow) -> None:
        if flow.websocket is None:
            return
        message = flow.websocket.messages[-1]
        flow.websocket.messages.clear()
        redactor = flow.metadata.get(REDACTOR)
        if redactor is not None and not message.from_client:
            # Until it is redacted: an addon that fails does not hold a message up.
            message.dropped = True
            message.content = redactor.redact(message.content)
            message.dropped = False


addons = [EgressAddon()]
