"""mitmproxy's proxy core with its gaps closed (written against mitmproxy 12.2).

What the addon hooks cannot reach: which protocol may follow another on a connection, bodies that are buffered
without bound, answers that wait for the end of a body, and errors that come out as an HTML page. `http1_guards.py`,
`http2_guards.py`, `websocket_guard.py`, `backlog.py`, `transports.py` and `finished_connections.py` hold the single
connections.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import backlog
import finished_connections
import transports
from answers import refusal
from budget import BUDGET, REQUEST_COST
from http1_guards import GuardedHttp1Client, GuardedHttp1Server, plain_error
from http2_guards import GuardedHttp2Client, GuardedHttp2Server
from json_log import emit
from mitmproxy import http
from mitmproxy.net.http import http1
from mitmproxy.net.tls import starts_like_tls_record
from mitmproxy.proxy import commands, events, layer, layers, server
from mitmproxy.proxy.layers import http as core
from mitmproxy.proxy.layers import websocket
from mitmproxy.proxy.layers.http import _http1
from mitmproxy.proxy.layers.tls import HTTP_ALPNS
from websocket_guard import GuardedWebSocket

# Key in a flow's metadata, set by the addon alone: this request may go upstream.
ALLOWED = "egress-allowed"
# The answer to give where the addon kills a flow.
KILLED = "egress-killed"
# pipelock's cap for a scanned body; the addon may set another.
upload_cap = 5 * 1024 * 1024

_METHOD_BYTES = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ-"
_CONNECT_REFUSED = "refused HTTP CONNECT request: "
_GREETING_CAP = 128 * 1024
_BUSY = "too much is under way"

Commands = Generator[commands.Command, Any, Any]


def install() -> None:
    """Puts the classes below in place of mitmproxy's. Raises AttributeError where mitmproxy has changed."""
    for module, name, ours in (
        (core, "HttpStream", GuardedStream),
        (core, "Http1Server", GuardedHttp1Server),
        (core, "Http1Client", GuardedHttp1Client),
        (core, "Http2Server", GuardedHttp2Server),
        (core, "Http2Client", GuardedHttp2Client),
        (websocket, "WebsocketLayer", GuardedWebSocket),
        (_http1, "make_error_response", plain_error),
        (core.HttpLayer, "_handle_event", finished_connections.handle_event),
        (core.HttpLayer, "get_connection", finished_connections.get_connection),
        (server.ConnectionHandler, "drain_writers", backlog.drain_writers),
        (server.ConnectionHandler, "handle_connection", transports.handle_connection),
    ):
        getattr(module, name)
        setattr(module, name, ours)


def over_the_cap() -> str:
    return f"the request body is over the scan limit of {upload_cap} bytes"


def busy_reason() -> str:
    return f"requests that are under way hold the {BUDGET.limit} bytes that they may; try again when some have ended"


def _translated(error: core.ResponseProtocolError, host: str) -> http.Response:
    """What the client reads in place of a protocol error; raw bytes from either side never get into it."""
    code = error.code
    if code is core.ErrorCode.REQUEST_TOO_LARGE:
        return refusal("busy", busy_reason()) if error.message == _BUSY else refusal("body", over_the_cap())
    if code is core.ErrorCode.CONNECT_FAILED and _CONNECT_REFUSED in error.message:
        status = error.message.split(_CONNECT_REFUSED, 1)[1][:3]
        if status == "403":
            return refusal("pipelock", f"pipelock refuses connections to {host}", "pipelock-block")
        return refusal("upstream", f"pipelock could not reach {host}", status=502)
    if code in (core.ErrorCode.GENERIC_CLIENT_ERROR, core.ErrorCode.REQUEST_VALIDATION_FAILED):
        return refusal("malformed", "this is not a well-formed HTTP request", status=400)
    if code is core.ErrorCode.DESTINATION_UNKNOWN:
        return refusal("authority", "the request does not name exactly one plain host")
    if code is core.ErrorCode.CONNECT_FAILED:
        return refusal("upstream", f"no connection to {host}: pipelock is down, or TLS to the host failed", status=502)
    return refusal("upstream", f"the answer of {host} broke off or could not be understood", status=502)


class GuardedStream(core.HttpStream):
    """One request and its answer."""

    # Whether egress has had the last word; the client's connection may be on its next request by then.
    answered = False

    def _handle_event(self, event: events.Event) -> Commands:
        yield from self._translating(super()._handle_event(event))
        flow = getattr(self, "flow", None)
        if flow is not None and not flow.live:
            BUDGET.release(flow.client_conn.id, flow.id)
            self.request_body_buf.clear()
            flow.request.data.content = None

    def _translating(self, generator: Commands) -> Commands:
        reply = None
        while True:
            try:
                command = generator.send(reply)
            except StopIteration:
                return
            if isinstance(command, core.SendHttp) and isinstance(command.event, core.ResponseProtocolError):
                reply = None
                if self.answered:
                    continue
                response = self._last_words(command.event)
                if response is not None:
                    if KILLED not in self.flow.metadata:
                        emit(
                            "failed",
                            rule=response.headers["X-Egress-Rule"],
                            host=self.flow.request.host,
                            status=response.status_code,
                            detail=command.event.message,
                        )
                    yield from self._send(response)
                    if KILLED in self.flow.metadata:
                        # Or what is refused would be fetched to its end.
                        cancel = core.RequestProtocolError(self.stream_id, "refused", core.ErrorCode.CANCEL)
                        yield core.SendHttp(cancel, self.context.server)
                    yield core.DropStream(self.stream_id)
                    continue
            reply = yield command

    def _last_words(self, error: core.ResponseProtocolError) -> http.Response | None:
        """What the client reads in place of `error`, or None where it can only be hung up on."""
        if self.server_state in (self.state_stream_response_body, self.state_done):
            return None
        if error.code is core.ErrorCode.KILL:
            answer: http.Response | None = self.flow.metadata.get(KILLED)
            return answer
        return None if error.code.http_status_code() is None else _translated(error, self.flow.request.host)

    def _send(self, response: http.Response) -> Commands:
        self.answered = True
        if self.flow.request.method == "HEAD":
            response.content = b""
        unfinished = self.client_state != self.state_done or KILLED in self.flow.metadata
        if unfinished and not self.flow.request.is_http2:
            response.headers["Connection"] = "close"
        content = response.raw_content or b""
        yield core.SendHttp(core.ResponseHeaders(self.stream_id, response, not content), self.context.client)
        if content:
            yield core.SendHttp(core.ResponseData(self.stream_id, content), self.context.client)
        yield core.SendHttp(core.ResponseEndOfMessage(self.stream_id), self.context.client)

    def state_wait_for_request_headers(self, event: core.RequestHeaders) -> Commands:
        yield from super().state_wait_for_request_headers(event)
        # A refusal does not wait for the end of the body, and keeps nothing of it.
        waits = self.client_state == self.state_consume_request_body
        if waits and self.flow.response is not None and not event.end_stream:
            yield from self._send(self.flow.response)
            self._give_up()
            yield core.DropStream(self.stream_id)

    def check_body_size(self, request: bool) -> Commands:
        # Downloads are streamed and have no limit here.
        if not request:
            return False
        size = len(self.request_body_buf)
        if size == 0:
            return False
        fits = BUDGET.hold(self.flow.client_conn.id, self.flow.id, REQUEST_COST + size)
        if fits and size <= upload_cap:
            return False
        self.request_body_buf.clear()
        message = "body over the cap" if fits else _BUSY
        error = core.ResponseProtocolError(self.stream_id, message, core.ErrorCode.REQUEST_TOO_LARGE)
        yield core.SendHttp(error, self.context.client)
        self._give_up()
        return True

    def _give_up(self) -> None:
        self.client_state = self.server_state = self.state_errored
        self.flow.live = False

    def start_request_stream(self) -> Commands:
        # Framed and judged is only what was buffered whole.
        error = core.ResponseProtocolError(self.stream_id, "not buffered", core.ErrorCode.GENERIC_SERVER_ERROR)
        yield from self.handle_protocol_error(error)
        self.client_state = self.state_errored

    def make_server_connection(self) -> Commands:
        if self.flow.metadata.get(ALLOWED) is not True:
            # Only reached when the addon failed to judge this request.
            error = core.ResponseProtocolError(self.stream_id, "not judged", core.ErrorCode.CONNECT_FAILED)
            yield from self.handle_protocol_error(error)
            return False
        return (yield from super().make_server_connection())


class GuardedClientTls(layers.ClientTLSLayer):
    """The client's TLS, whose greeting may announce 16 MiB and would be kept and parsed again with each piece."""

    def receive_handshake_data(self, data: bytes) -> Commands:
        if not self.client_hello_parsed and len(self.recv_buffer) + len(data) > _GREETING_CAP:
            self.recv_buffer.clear()
            yield commands.CloseConnection(self.context.client)
            return False, "the greeting is over the cap"
        return (yield from super().receive_handshake_data(data))


class RefusedLayer(layer.Layer):
    """Says once that these bytes go nowhere, and hangs up."""

    said = False

    def _handle_event(self, event: events.Event) -> Commands:
        if isinstance(event, events.DataReceived) and not self.said:
            self.said = True
            response = refusal("raw", "only HTTP, over TLS, may be spoken in a tunnel")
            response.headers["Connection"] = "close"
            emit("refused", rule="raw", host=self.context.server.address[0] if self.context.server.address else "")
            yield commands.SendData(self.context.client, http1.assemble_response(response))
            yield commands.CloseConnection(self.context.client)


def next_layer(context: Any, data: bytes) -> layer.Layer | None:
    """The only protocols that may follow each other: HTTP/1 to the proxy; in a tunnel, TLS once, then HTTP.

    None waits for more bytes.
    """
    in_tunnel = any(isinstance(each, core.HttpLayer) for each in context.layers)
    in_tls = any(isinstance(each, layers.ClientTLSLayer) for each in context.layers)
    if not in_tunnel:
        if not data:
            # Asked at the start of each connection, before a byte has arrived.
            return None
        return layers.HttpLayer(context, core.HTTPMode.upstream) if _may_be_http(data) else RefusedLayer(context)
    if not in_tls and starts_like_tls_record(data):
        server_tls = layers.ServerTLSLayer(context)
        server_tls.child_layer = GuardedClientTls(context)
        return server_tls
    if not in_tls and len(data) < 3 and data[:1] == b"\x16":
        return None
    if in_tls and context.client.alpn in HTTP_ALPNS and context.client.alpn != b"http/1.1":
        return layers.HttpLayer(context, core.HTTPMode.transparent)
    return layers.HttpLayer(context, core.HTTPMode.transparent) if _may_be_http(data) else RefusedLayer(context)


def _may_be_http(data: bytes) -> bool:
    """Whether `data` can still become an HTTP/1 request line."""
    method = data.lstrip(b"\r\n").split(b" ", 1)[0]
    return len(method) <= 32 and all(byte in _METHOD_BYTES or 97 <= byte <= 122 for byte in method)
