"""mitmproxy's proxy core with its gaps closed (written against mitmproxy 12.2).

What the addon hooks cannot reach: which protocol may follow another on a connection, bodies that are buffered
without bound, answers that wait for the end of a body, and errors that come out as an HTML page.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from answers import refusal
from framing import framed_length
from json_log import emit
from mitmproxy import http
from mitmproxy.net.http import http1
from mitmproxy.net.tls import starts_like_tls_record
from mitmproxy.proxy import commands, events, layer, layers
from mitmproxy.proxy.layers import http as core
from mitmproxy.proxy.layers import websocket
from mitmproxy.proxy.layers.http import _http1
from mitmproxy.proxy.layers.http._base import ReceiveHttp
from mitmproxy.proxy.layers.tls import HTTP_ALPNS

# Key in a flow's metadata, set by the addon alone: this request may go upstream.
ALLOWED = "egress-allowed"
# The answer to give where the addon kills a flow.
KILLED = "egress-killed"
# pipelock's cap for a scanned body; the addon may set another.
upload_cap = 5 * 1024 * 1024

_HEAD_CAP = 128 * 1024
_PIPELINE_CAP = 1024 * 1024
_MESSAGE_CAP = 32 * 1024 * 1024
_METHOD_BYTES = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ-"
_CONNECT_REFUSED = "refused HTTP CONNECT request: "

Commands = Generator[commands.Command, Any, Any]


def install() -> None:
    """Puts the classes below in place of mitmproxy's. Raises AttributeError where mitmproxy has changed."""
    for module, name, ours in (
        (core, "HttpStream", GuardedStream),
        (core, "Http1Server", GuardedHttp1Server),
        (core, "Http1Client", GuardedHttp1Client),
        (websocket, "WebsocketLayer", GuardedWebSocket),
        (_http1, "make_error_response", _plain_error),
    ):
        getattr(module, name)
        setattr(module, name, ours)


def _plain_error(status_code: int, message: str = "") -> bytes:
    response = refusal("malformed", "this is not a well-formed HTTP request", status=status_code)
    response.headers["Connection"] = "close"
    emit("refused", rule="malformed", status=status_code)
    return http1.assemble_response(response)


def _translated(error: core.ResponseProtocolError, host: str) -> http.Response:
    """What the client reads in place of a protocol error; raw bytes from either side never get into it."""
    code = error.code
    if code is core.ErrorCode.REQUEST_TOO_LARGE:
        return refusal("body", f"the request body is over the scan limit of {upload_cap} bytes")
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
        generator = super()._handle_event(event)
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
                    emit(
                        "failed",
                        rule=response.headers["X-Egress-Rule"],
                        host=self.flow.request.host,
                        status=response.status_code,
                        detail=command.event.message,
                    )
                    yield from self._send(response)
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
        if len(self.request_body_buf) <= upload_cap:
            return False
        self.request_body_buf.clear()
        error = core.ResponseProtocolError(self.stream_id, "body over the cap", core.ErrorCode.REQUEST_TOO_LARGE)
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


class GuardedHttp1Client(_http1.Http1Client):
    """Upstream's side of HTTP/1: writes no byte beyond what the head announced, and drops trailers."""

    # Bytes of body that are still to come, and whether the connection was cut for want of framing.
    owed = 0
    cut = False

    def send(self, event: core.HttpEvent) -> Commands:
        if self.cut:
            return
        if self.state == self.passthrough or self._keeps_framing(event):
            yield from super().send(event)
            return
        self.cut = True
        emit("error", hook="send", error="a request without our framing was held back")
        yield commands.CloseConnection(self.conn)
        message = "the request is not framed"
        code = core.ErrorCode.GENERIC_SERVER_ERROR
        yield ReceiveHttp(core.ResponseProtocolError(event.stream_id, message, code))

    def _keeps_framing(self, event: core.HttpEvent) -> bool:
        if isinstance(event, core.RequestHeaders):
            length = framed_length(event.request, ends=event.end_stream)
            self.owed = length or 0
            return length is not None
        if isinstance(event, core.RequestData):
            self.owed -= len(event.data)
            return self.owed >= 0
        return not isinstance(event, core.RequestEndOfMessage) or self.owed == 0

    def read_body(self, event: events.Event) -> Commands:
        try:
            yield from super().read_body(event)
        except NotImplementedError:
            yield ReceiveHttp(core.ResponseEndOfMessage(self.stream_id))
            yield from self.mark_done(response=True)


class GuardedHttp1Server(_http1.Http1Server):
    """The client's side of HTTP/1: no trailers, and a limit on what it keeps of a client that only sends."""

    def read_body(self, event: events.Event) -> Commands:
        try:
            yield from super().read_body(event)
        except NotImplementedError:
            yield ReceiveHttp(core.RequestEndOfMessage(self.stream_id))
            yield from self.mark_done(request=True)

    def read_headers(self, event: events.ConnectionEvent) -> Commands:
        yield from super().read_headers(event)
        if self.state == self.read_headers and len(self.buf) > _HEAD_CAP:
            yield commands.SendData(self.conn, _plain_error(431))
            yield commands.CloseConnection(self.conn)
            self.state = self.done

    def wait(self, event: events.Event) -> Commands:
        yield from super().wait(event)
        if len(self.buf) > _PIPELINE_CAP:
            self.buf.maybe_extract_at_most(len(self.buf))
            yield commands.CloseConnection(self.conn)


class GuardedWebSocket(websocket.WebsocketLayer):
    """A WebSocket, which mitmproxy relays message by message: one without end is cut."""

    def relay_messages(self, event: events.Event) -> Commands:
        yield from super().relay_messages(event)
        for side in (self.client_ws, self.server_ws):
            if sum(map(len, side.frame_buf)) > _MESSAGE_CAP:
                side.frame_buf = [b""]
                emit("failed", rule="body", host=self.flow.request.host, detail="WebSocket message over the cap")
                yield commands.CloseConnection(self.context.client)
                yield commands.CloseConnection(self.context.server)


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
        server_tls.child_layer = layers.ClientTLSLayer(context)
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
